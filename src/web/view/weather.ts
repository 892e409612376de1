/**
 * The relays of the card, as seen from this browser: how quickly each answers, how far it is
 * behind, whether it contradicts what was verified. Times are measured here and are the only
 * numbers of the page that nobody signed.
 */
import type { CardRelay } from "../../letter/card.ts";
import { printFork } from "../../log/fork.ts";
import type { Verifier } from "../../log/note.ts";
import type { Heads } from "./heads.ts";
import { askCheckpoint } from "./source.ts";
import { openHead } from "./verify.ts";

export type RelayState = "not asked" | "good" | "behind" | "silent" | "lied";

export type Lied = { readonly code: string; readonly detail: string };

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
  /** What it said that was not so: a stable name, and a sentence that begins with a verb. */
  readonly lie: Lied | undefined;
};

/** Two checkpoints of one size. */
export type ForkFound = {
  readonly relay: string;
  readonly size: number;
  /** docs/spec/log.md §10: whoever has the log's key checks it offline. */
  readonly proof: string;
};

/** Less is the time between two looks. */
const inStepMs = 4000;

/** A relay of the card that was not asked yet. */
export function unasked({ name, url }: Pick<CardRelay, "name" | "url">): RelayWeather {
  const nothing = { ms: undefined, behindMs: undefined, silentSince: undefined, lie: undefined };
  const counts = { asked: 0, answered: 0 };
  return { name, url: url.replace(/\/+$/, ""), state: "not asked", ...counts, ...nothing };
}

/** Asks one relay for its checkpoint and compares it with what was verified. */
export async function look(
  before: RelayWeather,
  log: Verifier,
  heads: Heads,
): Promise<{ readonly weather: RelayWeather; readonly fork?: ForkFound }> {
  const answer = await askCheckpoint(before.url);
  const steady = performance.now();
  const asked = before.asked + 1;
  if (answer.kind === "unanswered") {
    const silentSince = before.silentSince ?? steady;
    return { weather: { ...before, asked, state: "silent", ms: undefined, silentSince } };
  }
  const seen = { ...before, asked, answered: before.answered + 1, silentSince: undefined };
  const liar = (code: string, detail: string): RelayWeather => {
    return { ...seen, state: "lied", lie: { code, detail } };
  };
  if (answer.kind === "nonsense") return { weather: liar("answer_malformed", answer.what) };
  const head = openHead(answer.note, log);
  if (!head.ok) return { weather: liar(head.name, head.detail) };
  const { ms } = answer;
  const compared = heads.compare(head.value.checkpoint, steady);
  if (compared.kind === "forked") {
    const { size } = head.value.checkpoint;
    const proof = printFork({ first: compared.ours.note, second: head.value.note });
    return {
      weather: liar("log_forked", "another history"),
      fork: { relay: before.name, size, proof },
    };
  }
  const behindMs = compared.kind === "behind" ? compared.ms : 0;
  const isBehind = behindMs === undefined || behindMs > inStepMs;
  // What it said once it has said: a lie is not forgotten because the next answer is good.
  const state = before.lie === undefined ? (isBehind ? "behind" : "good") : "lied";
  return { weather: { ...seen, state, ms, behindMs } };
}
