/**
 * RingSettlement on a real EVM against its mirror in src/ring: random transactions, good and bad,
 * and both sides agree on counters, balances and logs, or on the refusal and all that it names.
 */
import { deepEqual, ok } from "node:assert/strict";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { toHex } from "viem";

import { at } from "../../src/codec/assert.ts";
import { concat } from "../../src/codec/bytes.ts";
import type { Address } from "../../src/codec/ethereum.ts";
import { encodeSubmission } from "../../src/ring/calldata.ts";
import type { Effects } from "../../src/ring/chain.ts";
import { cancelAllHash, cancelHash, orderHash } from "../../src/ring/digest.ts";
import type { RingVerdict } from "../../src/ring/refusals.ts";
import { signDigest } from "../../src/ring/signature.ts";
import { logsOf } from "../../src/testing/ringabi.ts";
import {
  compose,
  far,
  type Offer,
  type Plan,
  type PlannedPart,
} from "../../src/testing/ringminer.ts";
import {
  type Act,
  acts,
  type Answer,
  type Call,
  play,
  type Scene,
  type Step,
} from "../../src/testing/ringscene.ts";
import { runs } from "../../src/testing/runs.ts";
import { faultyOffer, pick, plannedRing, type RandomCase, randomCases } from "./randomrings.ts";
import { faultyHeader, faultyRing, faultySignature, flipBit, tampered } from "./ringfaults.ts";
import { openStage, type Stage } from "./ringstage.ts";

type Parts = readonly PlannedPart[];

/** How often each came out, over all runs. */
const outcomes = new Map<string, number>();

/** The rings of the case, with the faults that come before any signature. */
function ringsOf({ world, venue }: Stage, one: RandomCase): readonly Parts[] {
  const { fault, where, how } = one;
  let rings: readonly Parts[] = one.rings.map((ring, i) => plannedRing(world, ring, 10 * i));
  const parts = rings.flat();
  const spoiled = at(parts, where % parts.length);
  if (fault === "order" || fault === "signature") {
    const { offer, fill } = spoiled;
    const good =
      offer.signature ?? signDigest(orderHash(venue.domain, offer.order), offer.owner.key);
    const bad =
      fault === "order"
        ? faultyOffer(world, { offer, fill, how })
        : { ...offer, signature: faultySignature(good, { where: how, how }) };
    rings = rings.map((ring) =>
      ring.map((part) => (part === spoiled ? { ...part, offer: bad } : part)),
    );
  }
  if (one.isFirstRingTwice) rings = [...rings, ...rings.slice(0, 1)];
  if (fault !== "ring") return rings;
  const k = how % rings.length;
  return rings.map((ring, i) => (i === k ? faultyRing(ring, { where, how }) : ring));
}

/** What is sent, with the faults that come after the signatures. */
function bytesOf(
  { world }: Stage,
  { domain, ledger }: Scene,
  one: RandomCase,
  plan: Plan,
): Uint8Array {
  const { fault, where, how } = one;
  const good = compose(domain, ledger.counter, plan);
  const submission =
    fault === "authors"
      ? tampered(good, { where, how })
      : fault === "header"
        ? faultyHeader(good, world, how)
        : good;
  const bytes = encodeSubmission(submission);
  if (fault === "truncate") return bytes.slice(0, where % bytes.length);
  if (fault === "flip") return flipBit(bytes, where);
  if (fault === "append") return concat([bytes, Uint8Array.of(where % 256)]);
  if (fault === "noise")
    return bytes.map((byte, i) => (i > how % bytes.length ? (byte * where) & 255 : byte));
  return bytes;
}

function planOf({ world }: Stage, one: RandomCase, rings: readonly Parts[]): Plan {
  const miner = at(world.miners, one.miner);
  const { address: feeRecipient } = one.isFeeMiners ? miner : at(world.senders, 3);
  const { address: sender } = at(world.senders, one.sender);
  return { rings, miner, feeRecipient, sender, deadline: one.how % 2 === 0 ? far : world.now + 9n };
}

/** The scene before the first transaction, on both sides. */
async function setScene(stage: Stage, one: RandomCase, parts: Parts): Promise<Scene> {
  const { world } = stage;
  const { evm, domain } = stage.venue;
  const answers = new Map<Offer, Answer>();
  for (const { offer } of parts) {
    const { order, owner } = offer;
    // Some orders of a wallet it does not accept.
    if (world.owners.indexOf(owner) < 10 || order.nonce % 20n === 9n) continue;
    const digest = orderHash(domain, order);
    const signature = offer.signature ?? signDigest(digest, owner.key);
    answers.set(offer, { owner: owner.address, digest, signature });
  }
  for (const { owner, digest, signature } of answers.values()) {
    const args = [digest, toHex(signature)];
    await evm.send({ to: stage.contract(owner), name: "accept", args });
  }
  const ledger = stage.ledger.copy();
  const acting = new Map<Address, Act>();
  const scene = { domain, ledger, acts: acting, answers: [...answers.values()] };
  if (one.fault !== "state") return scene;
  const { offer, fill, take } = pick(parts, one.where);
  const { owner, sellToken, feeToken } = offer.order;
  const token = take === 1n && one.where % 2 === 0 ? feeToken : sellToken;
  const to = stage.contract(world.tokens.includes(token) ? token : sellToken);
  const amount = pick([0n, 1n, fill - 1n, fill, fill + 1n], one.where);
  const act = at(acts, one.how % acts.length);
  if (act !== "plain") {
    acting.set(to.address, act);
    await evm.send({ to, name: "play", args: [acts.indexOf(act), "0x"] });
  } else if (one.where % 2 === 0) {
    ledger.setBalance(to.address, owner, amount);
    await evm.send({ to, name: "set", args: [owner, amount] });
  } else {
    ledger.setAllowance(to.address, owner, amount);
    const args = [owner, stage.venue.settlement.address, amount];
    await evm.send({ to, name: "setAllowance", args });
  }
  return scene;
}

/** The owner's change of mind between two transactions. */
function cancelCall({ domain, ledger }: Scene, one: RandomCase, { offer }: PlannedPart): Call {
  const { owner, order } = offer;
  const nonces = [order.nonce, order.nonce + 1n].slice(0, 1 + (one.how % 2));
  const deadline = one.where % 5 === 0 ? 1n : far;
  const epoch = ledger.epoch(owner.address);
  const request = { owner: owner.address, nonces, deadline, epoch };
  const signer = one.where % 7 === 0 ? offer.auth : owner;
  switch (one.cancels) {
    case "cancel":
    case "cancelAll":
      return { kind: one.cancels, nonces };
    case "cancelFor":
      return {
        kind: "cancelFor",
        ...request,
        signature: signDigest(cancelHash(domain, request), signer.key),
      };
    default:
      return {
        kind: "cancelAllFor",
        ...request,
        signature: signDigest(cancelAllHash(domain, request), signer.key),
      };
  }
}

/** One call on both sides; the scene after it. */
async function agree(stage: Stage, scene: Scene, step: Step): Promise<Scene> {
  const { outcome, ledger } = play(scene, step);
  deepEqual(await stage.send(step), expected(stage, outcome));
  const name = outcome.ok ? step.call.kind : outcome.name;
  outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
  if (outcome.ok) {
    for (const { owner, nonce, value } of outcome.value.counters) {
      deepEqual(await stage.venue.filled(owner, nonce), value, "the counter");
    }
  }
  return { ...scene, ledger };
}

function expected({ venue }: Stage, outcome: RingVerdict<Effects>): unknown {
  if (outcome.ok) return logsOf(venue.settlement.address, outcome.value.log);
  return { name: outcome.name, args: outcome.args.map(String) };
}

async function agreeOn(stage: Stage, one: RandomCase): Promise<void> {
  const { world } = stage;
  const rings = ringsOf(stage, one);
  const plan = planOf(stage, one, rings);
  let scene = await setScene(stage, one, rings.flat());
  const submit = async (now: bigint): Promise<void> => {
    const call: Call = { kind: "submit", bytes: bytesOf(stage, scene, one, plan) };
    scene = await agree(stage, scene, { sender: plan.sender, now, call });
  };
  await submit(world.now);
  if (one.isSentTwice) {
    const part = at(rings.flat(), one.where % rings.flat().length);
    if (one.cancels !== "none") {
      const call = cancelCall(scene, one, part);
      const sender = call.kind.endsWith("For") ? plan.sender : part.offer.owner.address;
      scene = await agree(stage, scene, { sender, now: world.now + 1n, call });
    }
    await submit(world.now + 2n);
  }
  const accounts = [
    ...new Set([
      ...stage.holders,
      plan.feeRecipient,
      ...rings.flat().flatMap(({ offer }) => [offer.order.wallet, offer.order.recipient]),
      world.settlement,
    ]),
  ];
  const balances = world.tokens.flatMap((token) =>
    accounts.map((account) => scene.ledger.balance(token, account)),
  );
  deepEqual(await stage.balances(accounts), balances, "the balances");
}

test("random transactions: the contract and its mirror agree", async () => {
  const stage = await openStage();
  const { evm } = stage.venue;
  const property = fc.asyncProperty(randomCases, async (one) => {
    const start = await evm.request("evm_snapshot");
    try {
      await agreeOn(stage, one);
    } finally {
      await evm.request("evm_revert", [start]);
    }
  });
  await fc.assert(property, { numRuns: runs(60) });
  ok((outcomes.get("submit") ?? 0) > 0 && outcomes.size > 5, "good and bad ones were tried");
});

after(() => {
  const sorted = [...outcomes].toSorted(([, a], [, b]) => b - a);
  console.log(sorted.map(([name, count]) => `${name} ${count}`).join(" · "));
});
