/**
 * Runs `vectors/ring/`: each case says what the mirror says, each refusal of docs/spec/ring.md §6
 * is reached, and the files are those that src/testing/ringvectors.ts makes.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fromHex } from "../codec/bytes.ts";
import { type Address, type Hash, noAddress, parseAddress, parseHash } from "../codec/ethereum.ts";
import { type Act, type Call, play, type Scene } from "../testing/ringscene.ts";
import { answerInside, outcomeOf, ringVectors } from "../testing/ringvectors.ts";
import { cancelHash, type Domain, orderHash } from "./digest.ts";
import { orderJsonRefusals, parseOrder, printOrder } from "./json.ts";
import { infinite, RingLedger } from "./ledger.ts";
import { cancelRefusals, submitRefusals } from "./refusals.ts";
import { recoverSigner } from "./signature.ts";

type Amount = { readonly token: string; readonly owner: string; readonly amount: string };
type Fields = Readonly<Record<string, string>> & { readonly nonces: readonly string[] };
type RingCase = {
  readonly name: string;
  readonly acts: readonly Readonly<Record<"token" | "act" | "question" | "answer", string>>[];
  readonly balances: readonly Amount[];
  readonly allowances: readonly Amount[];
  readonly answers: readonly Fields[];
  readonly steps: readonly (Fields & { readonly call: Fields })[];
};

function textOf(name: string): string {
  return readFileSync(new URL(`../../vectors/ring/${name}`, import.meta.url), "utf8");
}

function read<T>(name: string): T {
  return JSON.parse(textOf(name)) as T;
}

function address(text: string | undefined): Address {
  const parsed = parseAddress(text ?? "");
  ok(parsed !== undefined, `${text} is an address`);
  return parsed;
}

function hash(text: string | undefined): Hash {
  const parsed = parseHash(text ?? "");
  ok(parsed !== undefined, `${text} is a hash`);
  return parsed;
}

function bytes(text: string | undefined): Uint8Array {
  const parsed = fromHex((text ?? "").slice(2));
  ok(parsed !== undefined && text?.startsWith("0x"), "bytes are hex");
  return parsed;
}

const world = read<{
  readonly domain: { readonly chainId: string; readonly contract: string };
  readonly tokens: readonly string[];
  readonly holders: readonly string[];
  readonly endowment: string;
}>("world.json");
const domain: Domain = {
  chainId: BigInt(world.domain.chainId),
  contract: address(world.domain.contract),
};

function sceneOf({ acts, balances, allowances, answers }: RingCase): Scene {
  const ledger = new RingLedger();
  for (const token of world.tokens.map(address)) {
    for (const holder of world.holders.map(address)) {
      ledger.setBalance(token, holder, BigInt(world.endowment));
      ledger.setAllowance(token, holder, infinite);
    }
  }
  for (const { token, owner, amount } of balances) {
    ledger.setBalance(address(token), address(owner), BigInt(amount));
  }
  for (const { token, owner, amount } of allowances) {
    ledger.setAllowance(address(token), address(owner), BigInt(amount));
  }
  return {
    domain,
    ledger,
    acts: new Map(
      acts.map(({ token, act }) => [
        address(token),
        act === "without code" ? undefined : (act as Act),
      ]),
    ),
    answers: answers.map(({ owner, digest, signature }) => {
      return { owner: address(owner), digest: hash(digest), signature: bytes(signature) };
    }),
  };
}

function callOf(call: Fields): Call {
  const nonces = (call.nonces ?? []).map(BigInt);
  const { kind } = call;
  if (kind === "submit") return { kind, bytes: bytes(call["bytes"]) };
  if (kind === "cancel") return { kind, nonces };
  if (kind === "cancelAll") return { kind };
  ok(kind === "cancelFor" || kind === "cancelAllFor");
  const signature = bytes(call["signature"]);
  const deadline = BigInt(call["deadline"] ?? "");
  return { kind, owner: address(call["owner"]), nonces, deadline, signature };
}

const settled = read<readonly RingCase[]>("settled.json");
const refused = read<readonly RingCase[]>("refused.json");

test("each ring and each cancellation comes out as the vectors say", () => {
  for (const one of [...settled, ...refused]) {
    const scene = sceneOf(one);
    let { ledger } = scene;
    for (const { call, sender, now, ...told } of one.steps) {
      const step = { sender: address(sender), now: BigInt(now ?? ""), call: callOf(call) };
      const played = play({ ...scene, ledger }, step);
      ({ ledger } = played);
      deepEqual(outcomeOf(played), told, one.name);
    }
    for (const { act, question, answer } of one.acts) {
      if (act === "calls back") equal(answerInside(scene, bytes(question)), answer, one.name);
    }
  }
});

test("what is in settled.json is accepted, what is in refused.json is refused, by every name", () => {
  const last = ({ steps }: RingCase): string => steps.at(-1)?.["expect"] ?? "";
  deepEqual(new Set(settled.map(last)), new Set(["accepted"]));
  const inside = refused.filter(({ acts }) => acts.some(({ answer }) => answer !== "0x"));
  deepEqual(
    inside.map(last),
    inside.map(() => "accepted"),
  );
  const names = new Set(refused.filter((one) => !inside.includes(one)).map(last));
  ok(inside.length > 0);
  deepEqual(
    names,
    new Set([...submitRefusals, ...cancelRefusals].filter((name) => name !== "Reentrant")),
  );
  ok(refused.length > settled.length);
});

test("each order is read as the vectors say, by every name", () => {
  type Case = Fields & { readonly order?: unknown };
  const cases = read<readonly Case[]>("orders.json");
  for (const { name, expect, text, order, hash: told } of cases) {
    const parsed = parseOrder(text ?? "");
    equal(parsed.ok ? "accepted" : parsed.name, expect, name);
    if (!parsed.ok) continue;
    deepEqual(JSON.parse(printOrder(parsed.value)), order, name);
    equal(orderHash(domain, parsed.value), told, name);
  }
  const names = new Set(cases.map(({ expect }) => expect));
  deepEqual(names, new Set(["accepted", ...orderJsonRefusals]));
});

test("each signature is the signer's that the vectors name, or nobody's", () => {
  const cases = read<readonly Fields[]>("signatures.json");
  for (const { name, owner, nonces, deadline, digest, signature, signer, expect } of cases) {
    const request = {
      owner: address(owner),
      nonces: nonces.map(BigInt),
      deadline: BigInt(deadline ?? ""),
    };
    equal(cancelHash(domain, request), digest, name);
    equal(recoverSigner(hash(digest), bytes(signature)) ?? noAddress, signer, name);
    equal(signer === owner, expect === "accepted", name);
  }
});

test("the files are as they are made", () => {
  const writer = "src/testing/writeringvectors.ts";
  for (const [name, text] of ringVectors()) ok(textOf(name) === text, `${name}: run ${writer}`);
});
