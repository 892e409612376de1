/**
 * The relays of the card, as seen from this browser: how quickly each answers, how far it is
 * behind, whether it contradicts what was verified. Times are measured here and are the only
 * numbers of the page that nobody signed.
 *
 * Only a relay that shows what the page has come to confirms it: the same checkpoint, or one that
 * the page was at a moment ago. One that shows a *newer* one confirms nothing. For a moment that is
 * nothing special, news does not reach all relays at once; if the page does not come to it within
 * seconds, the relay that is read from is late, or keeps something back.
 */
import type { CardRelay } from "../../letter/card.ts";
import { printFork } from "../../log/fork.ts";
import type { Verifier } from "../../log/note.ts";
import { continues } from "./continues.ts";
import type { Heads } from "./heads.ts";
import { askCheckpoint } from "./source.ts";
import { openHead, type SignedHead } from "./verify.ts";

/** `no relay`: what answers at its address is none, a web page for instance. */
export type RelayState = "not asked" | "good" | "behind" | "ahead" | "silent" | "no relay" | "lied";

/** A stable name, and a sentence that begins with a verb. */
export type Lied = {
  readonly code: string;
  readonly detail: string;
  /** It was its answer to the question for the newest checkpoint: a good one ends it. */
  readonly isAsked?: boolean | undefined;
  /** It has answered well since; that it lied is remembered. */
  readonly isOver?: boolean | undefined;
};

/** A checkpoint that a relay showed before the page came to it, and when. */
export type Claim = { readonly head: SignedHead; readonly seenAt: number };

export type RelayWeather = {
  readonly name: string;
  readonly url: string;
  readonly state: RelayState;
  /** How long its last answer took, milliseconds. */
  readonly ms: number | undefined;
  /** How often it was asked since the page was opened, and how often it answered. */
  readonly asked: number;
  readonly answered: number;
  /** How long the page has had something newer; `undefined`: not known. */
  readonly behindMs: number | undefined;
  /** Since when it is silent, on the page's steady clock. */
  readonly silentSince: number | undefined;
  /** The first that it showed and to which the page has not come. */
  readonly claim: Claim | undefined;
  /** What it said last that was not so. */
  readonly lie: Lied | undefined;
};

/** Two checkpoints that the exchange signed and that cannot both be true. */
export type ForkFound = {
  /** Who showed one of them. */
  readonly relay: string;
  /** Of the shorter history. */
  readonly size: number;
  /** docs/spec/log.md §10: whoever has the log's key checks it offline. */
  readonly proof: string;
};

/** What a look needs to know of the page. */
export type Around = {
  readonly log: Verifier;
  readonly heads: Heads;
  /** The relay that is read from. */
  readonly source: string;
  /** How long the page may take to come to what another relay shows, milliseconds. */
  readonly lagMs: number;
};

export type Look = { readonly weather: RelayWeather; readonly fork?: ForkFound };

/** Less is the time between two looks. */
const inStepMs = 4000;

/** A relay of the card that was not asked yet. */
export function unasked({ name, url }: Pick<CardRelay, "name" | "url">): RelayWeather {
  const nothing = { ms: undefined, behindMs: undefined, silentSince: undefined, lie: undefined };
  const counts = { asked: 0, answered: 0 };
  const address = url.replace(/\/+$/, "");
  return { name, url: address, state: "not asked", ...counts, ...nothing, claim: undefined };
}

/** Asks one relay for its checkpoint and compares it with what was verified. */
export async function look(before: RelayWeather, around: Around): Promise<Look> {
  const answer = await askCheckpoint(before.url);
  const asked = before.asked + 1;
  if (answer.kind === "unanswered") {
    const silentSince = before.silentSince ?? performance.now();
    return { weather: { ...before, asked, state: "silent", ms: undefined, silentSince } };
  }
  const seen = { ...before, asked, answered: before.answered + 1, silentSince: undefined };
  if (answer.kind === "nonsense") {
    return { weather: { ...seen, answered: before.answered, state: "no relay", ms: undefined } };
  }
  const head = openHead(answer.note, around.log);
  if (!head.ok) return { weather: liar(seen, head.name, head.detail) };
  const judged = await judge(seen, head.value, around);
  if (judged.kind === "forked") {
    const fork = { relay: before.name, size: judged.size, proof: judged.proof };
    return { weather: liar(seen, "log_forked", "another history"), fork };
  }
  const { ms } = answer;
  const { behindMs, claim } = judged;
  const lie = before.lie && { ...before.lie, isOver: before.lie.isOver ?? before.lie.isAsked };
  // A false leaf is not undone by a good checkpoint.
  const isLying = lie !== undefined && lie.isOver !== true;
  return { weather: { ...seen, lie, state: isLying ? "lied" : judged.state, ms, behindMs, claim } };
}

function liar(seen: RelayWeather, code: string, detail: string): RelayWeather {
  return { ...seen, state: "lied", lie: { code, detail, isAsked: true } };
}

type Forked = { readonly kind: "forked"; readonly size: number; readonly proof: string };
type Judged =
  | Forked
  | {
      readonly kind: "judged";
      readonly state: RelayState;
      readonly behindMs: number | undefined;
      readonly claim: Claim | undefined;
    };

async function judge(seen: RelayWeather, head: SignedHead, around: Around): Promise<Judged> {
  const { heads } = around;
  const size = heads.newest?.checkpoint.size ?? -1;
  const isReached = seen.claim !== undefined && seen.claim.head.checkpoint.size <= size;
  // What it showed too early has its turn now.
  const reached = isReached ? await onTheWay(seen.claim.head, around) : undefined;
  if (reached?.kind === "forked") return reached;
  const compared = heads.compare(head.checkpoint, performance.now());
  if (compared.kind === "ahead") {
    const before = { claim: isReached ? undefined : seen.claim, isGood: reached?.kind === "ours" };
    return judgeAhead(seen, head, before, around);
  }
  const way = await onTheWay(head, around);
  if (way.kind === "forked") return way;
  const behindMs = compared.kind === "behind" ? compared.ms : 0;
  const isBehind = behindMs === undefined || behindMs > inStepMs;
  return { kind: "judged", state: isBehind ? "behind" : "good", behindMs, claim: undefined };
}

/** One that is further on than the page: since when, and is it the same log? */
async function judgeAhead(
  seen: RelayWeather,
  head: SignedHead,
  before: { readonly claim: Claim | undefined; readonly isGood: boolean },
  { heads, lagMs }: Around,
): Promise<Judged> {
  const steady = performance.now();
  const claim = before.claim ?? { head, seenAt: steady };
  const judged = { kind: "judged", behindMs: 0, claim } as const;
  if (steady - claim.seenAt <= lagMs) {
    const isGood = before.isGood || seen.state === "good";
    return { ...judged, state: isGood ? "good" : "not asked" };
  }
  const { newest } = heads;
  if (newest !== undefined && newest.checkpoint.size <= head.checkpoint.size) {
    const found = await continues(newest, head, seen.url);
    if (found.kind === "forked") return { ...found, size: newest.checkpoint.size };
  }
  return { ...judged, state: "ahead" };
}

/** Whether a checkpoint no larger than ours lies on our way; tiles tell if we never were at it. */
async function onTheWay(
  head: SignedHead,
  { heads, source }: Around,
): Promise<Forked | { readonly kind: "ours" | "unproved" }> {
  const { size } = head.checkpoint;
  const compared = heads.compare(head.checkpoint, performance.now());
  const { newest } = heads;
  if (compared.kind === "forked") {
    const proof = printFork({ first: compared.ours.note, second: head.note });
    return { kind: "forked", size, proof };
  }
  const isKnown = compared.kind === "same" || (compared.kind === "behind" && compared.isOurs);
  if (isKnown) return { kind: "ours" };
  if (newest === undefined || compared.kind === "ahead") return { kind: "unproved" };
  const found = await continues(head, newest, source);
  if (found.kind === "forked") return { ...found, size };
  if (found.kind === "unproved") return found;
  heads.prove(head.checkpoint);
  return { kind: "ours" };
}
