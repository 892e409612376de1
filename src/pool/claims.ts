/**
 * What watchers say of the chain, and what counts of it: a number counts as the highest that at
 * least `need` of them put it at or above, a text as what `need` of them agree on. Each watcher's
 * newest word about a thing replaces the one before, so that a reorganisation is told by saying it
 * anew.
 *
 * With fewer than `need` liars, an honest watcher vouches for every number that counts: at least so
 * high. Once `need` honest ones have spoken it is no lower than the lowest they say; before that a
 * liar can make it lower, which costs time and nothing else.
 */
import { at } from "../codec/assert.ts";
import { parseHash, type Hash } from "../codec/ethereum.ts";
import { type Fact, factKey } from "../ring/fact.ts";
import type { View } from "./view.ts";

/** By `factKey`: each watcher's newest word. */
export type Claims = Map<string, Map<string, string>>;

/** Notes what a watcher says. */
export function claim(claims: Claims, watcher: string, fact: Fact): void {
  const key = factKey(fact);
  const said = claims.get(key) ?? new Map<string, string>();
  claims.set(key, said);
  said.set(watcher, wordOf(fact));
}

/** Forgets whatever watchers said that count no more. */
export function forgetWatchers(claims: Claims, gone: readonly string[]): void {
  for (const [key, said] of claims) {
    for (const watcher of gone) said.delete(watcher);
    if (said.size === 0) claims.delete(key);
  }
}

function wordOf(fact: Fact): string {
  if (fact.kind === "settled") return fact.transaction;
  return fact.kind === "fails" ? fact.name : fact.value.toString();
}

/** The number that counts; `undefined` while fewer than `need` have spoken. */
function agreedNumber(claims: Claims, key: string, need: number): bigint | undefined {
  const values = [...(claims.get(key)?.values() ?? [])].map(BigInt);
  if (values.length < need) return undefined;
  values.sort((a, b) => (a > b ? -1 : a < b ? 1 : 0));
  return at(values, need - 1);
}

/** The text that counts; `undefined` unless `need` say the same. Of several, the first by order. */
function agreedText(claims: Claims, key: string, need: number): string | undefined {
  const counts = new Map<string, number>();
  for (const word of claims.get(key)?.values() ?? []) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const agreed = [...counts].filter(([, count]) => count >= need).map(([word]) => word);
  return agreed.sort()[0];
}

/** The transaction in which a ring was settled, as far as agreed. */
export function settledIn(claims: Claims, ring: Hash, need: number): Hash | undefined {
  const text = agreedText(claims, `settled ${ring}`, need);
  return text === undefined ? undefined : parseHash(text);
}

/** The chain as the watchers agree on it. */
export function viewOf(claims: Claims, need: number): View {
  const number = (key: string): bigint | undefined => agreedNumber(claims, key, need);
  return {
    counter: (owner, nonce) => number(`counter ${owner}/${nonce}`),
    epoch: (owner) => number(`epoch ${owner}`),
    funds: (owner, token) => number(`funds ${owner}/${token}`),
    // A no is for good: so many must say the same.
    accepts: (order) => {
      const word = agreedText(claims, `accepts ${order}`, need);
      return word === undefined ? undefined : word === "1";
    },
    clock: () => number("clock -"),
    settled: (ring) => settledIn(claims, ring, need),
    fails: (submission) => agreedText(claims, `fails ${submission}`, need),
  };
}
