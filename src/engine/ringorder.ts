/**
 * RING and UNRING: a customer's order comes to the ring venue, and is taken back. What needs keys
 * (whose signature it is, whether the sealed auth key is the order's) was looked at before the
 * letter was journaled and comes with it as a `Vetting`.
 */
import { assert } from "../codec/assert.ts";
import { type Address, type Hash, noAddress } from "../codec/ethereum.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import type { Line, RingCommand, RingName } from "../letter/command.ts";
import { isEnded, standingOf } from "../pool/pool.ts";
import { orderHash } from "../ring/digest.ts";
import type { Vetting } from "./input.ts";
import { ringOrdersMax, ringOrdersOfAccountMax, ringOrdersUnprovenMax } from "./limits.ts";
import { labelsOf, rejectEntry } from "./records.ts";
import type { EngineRefusal, RingOrderRefusal } from "./refusals.ts";
import { enterOffer, proveOffer, type RingBook, type RingOffer } from "./ringbook.ts";
import type { RingConfiguration } from "./ringconfiguration.ts";
import { endOffer, noteAuthored } from "./ringfates.ts";
import { offerEntry } from "./ringrecords.ts";
import { forgetTakenBack } from "./ringtakenback.ts";
import { engineNow, ringView } from "./rings.ts";
import type { Account, State } from "./state.ts";
import { note, type Turn } from "./turn.ts";

/** A RING line with what was found of it. */
export type VettedRing = { readonly command: RingCommand; readonly vetting: Vetting };

/** Takes a ring order in. */
export function ring(turn: Turn, account: Account, line: Line, vetted: VettedRing): void {
  const { state } = turn;
  const checked = check(state, account, line, vetted);
  if (!checked.ok) return note(turn, account.fingerprint, rejectEntry(line, checked));

  // From here on the order stands.
  const { rings } = state;
  makeRoom(turn);
  const { order, signature, auth } = vetted.command;
  const hash = checked.value;
  forgetTakenBack(rings.takenBack, hash);
  const byWallet = vetted.vetting === "by_wallet";
  if (line.id !== undefined) account.ids.add(line.id);
  rings.lastOffer += 1;
  const offer: RingOffer = {
    pooled: { hash, order, signature, byWallet, failures: 0, restsUntil: 0n },
    account: account.fingerprint,
    number: rings.lastOffer,
    auth,
    sold: 0n,
    received: 0n,
    shown: { sell: 0n, buy: 0n },
    told: "waiting",
    proven: false,
    submission: undefined,
    alarm: undefined,
    ...labelsOf(line),
  };
  enterOffer(rings, offer);
  rings.untold.set(`order ${hash}`, "watch");
  const standing = standingOf(offer.pooled, ringView(state), engineNow(state));
  // What has ended before it began is told so when this letter has been read.
  if (!isEnded(standing)) offer.told = standing;
  if (standing === "live") proveOffer(rings, offer);
  const status = offer.told;
  note(turn, account.fingerprint, offerEntry(state, offer, { status, line: line.number }));
  turn.touched.offers.add(offer);
}

/** The order's hash, if it may come in. */
function check(
  state: State,
  account: Account,
  line: Line,
  { command, vetting }: VettedRing,
): Verdict<Hash, RingOrderRefusal> {
  const { rings, configuration } = state;
  const venue = configuration.ring;
  if (venue === undefined) return refuse("ring_not_offered", "There is no ring venue here.");
  const { order, auth } = command;
  if (order.validUntil <= engineNow(state)) {
    return refuse("ring_order_expired", `Its last second was ${order.validUntil}.`);
  }
  const unknown = unknownToken(venue, command);
  if (unknown !== undefined) {
    return refuse("ring_token_unknown", `The token ${unknown} is not listed here.`);
  }
  const impossible = impossibleParty(venue, command);
  if (impossible !== undefined) {
    const [field, address] = impossible;
    return refuse("ring_order_impossible", `No ring settles with ${address} as ${field}.`);
  }
  if (auth === undefined && order.authAddress !== venue.miner) {
    const detail = `Only an order of auth address ${venue.miner} comes without an auth key.`;
    return refuse("ring_auth_missing", detail);
  }
  if (vetting === "ring_auth_unreadable") {
    return refuse(vetting, "The auth key is not sealed to the miner of the card, or is no key.");
  }
  if (vetting === "ring_auth_wrong") {
    return refuse(vetting, `The auth key is not that of ${order.authAddress}.`);
  }
  const hash = orderHash(venue.domain, order);
  if (rings.offers.has(hash)) {
    return refuse("ring_order_repeated", `${hash} is here, or in a ring on its way.`);
  }
  const takenBack = rings.takenBack.orders.get(hash);
  if (takenBack !== undefined && takenBack.account !== account.fingerprint) {
    const sentence = "was taken back by the account that had offered it; no other may offer it.";
    return refuse("ring_order_repeated", `${hash} ${sentence}`);
  }
  if (line.id !== undefined && account.ids.has(line.id)) {
    return refuse("id_reused", `The id ${line.id} was used before.`);
  }
  const most = mostReached(rings, account);
  if (most !== undefined) return refuse("ring_orders_too_many", `At most ${most} are here.`);
  return accept(hash);
}

/** The limit, in words, that one more order of the account would pass. */
function mostReached(
  { ofAccount, unproven, pool }: RingBook,
  { fingerprint }: Account,
): string | undefined {
  if ((ofAccount.get(fingerprint)?.size ?? 0) >= ringOrdersOfAccountMax) {
    return `${ringOrdersOfAccountMax} ring orders of an account`;
  }
  if ((unproven.counts.get(fingerprint) ?? 0) >= ringOrdersUnprovenMax) {
    return `${ringOrdersUnprovenMax} ring orders of an account that were never live`;
  }
  if (pool.orders.size < ringOrdersMax || unproven.offers.size > 0) return undefined;
  return `${ringOrdersMax} ring orders of all accounts`;
}

/** If all places are taken, the order that has waited longest, and was never live, leaves. */
function makeRoom(turn: Turn): void {
  const { pool, unproven } = turn.state.rings;
  if (pool.orders.size < ringOrdersMax) return;
  const [oldest] = unproven.offers;
  assert(oldest !== undefined, "there is room, or an order that makes some");
  endOffer(turn, oldest, { status: "crowded_out", line: 0 });
}

function unknownToken(
  { names }: RingConfiguration,
  { order: { sellToken, buyToken, feeToken, feeAmount } }: RingCommand,
): string | undefined {
  const hasFee = feeAmount !== 0n || feeToken !== noAddress;
  const tokens = [sellToken, buyToken, ...(hasFee ? [feeToken] : [])];
  return tokens.find((token) => !names.has(token));
}

/** Who cannot pay or be paid as the order says, whatever the chain holds, and as what. */
function impossibleParty(
  { domain: { contract } }: RingConfiguration,
  { order: { owner, wallet, recipient } }: RingCommand,
): readonly ["owner" | "wallet" | "recipient", Address] | undefined {
  if (owner === contract || owner === noAddress) return ["owner", owner];
  // The contract pays nothing to itself.
  if (wallet === contract) return ["wallet", wallet];
  return recipient === contract ? ["recipient", recipient] : undefined;
}

/**
 * Takes a ring order back. What is on its way cannot be called back: the report says which ring may
 * still settle it, and until when.
 */
export function unring(turn: Turn, account: Account, line: Line, name: RingName): void {
  const { rings } = turn.state;
  const offer = find(turn.state, account, name);
  if (offer === undefined) {
    const named = name.kind === "own" ? name.id : name.hash;
    const refusal = refuse<EngineRefusal>(
      "ring_order_unknown",
      `No live ring order of this account is named ${named}.`,
    );
    return note(turn, account.fingerprint, rejectEntry(line, refusal));
  }
  endOffer(turn, offer, { status: "taken_back", line: line.number });
  noteAuthored(turn, rings, offer);
}

/** Takes all of an account's back: it is frozen. */
export function unringAll(turn: Turn, account: Account, line: number): void {
  const { rings } = turn.state;
  for (const offer of rings.ofAccount.get(account.fingerprint) ?? []) {
    endOffer(turn, offer, { status: "taken_back", line });
    noteAuthored(turn, rings, offer);
  }
}

function find({ rings }: State, account: Account, name: RingName): RingOffer | undefined {
  const own = rings.ofAccount.get(account.fingerprint) ?? new Set();
  if (name.kind === "own") return [...own].find(({ id }) => id === name.id);
  const offer = rings.offers.get(name.hash);
  return offer !== undefined && own.has(offer) ? offer : undefined;
}
