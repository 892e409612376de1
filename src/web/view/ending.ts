/**
 * Why a session with a relay ended, and what that makes of the relays: who is named a liar, from
 * whom is read next. Pure.
 *
 * Only signatures and hashes that contradict are a lie. What cannot be read at all, a web page in
 * place of an answer, is somebody else at that address: no relay answers there.
 */
import type { Failed } from "./catchup.ts";
import type { Lied, RelayWeather } from "./weather.ts";

/** `late`: another relay is further on, and is read from next. */
export type End =
  | { readonly kind: "silent"; readonly detail: string; readonly isStrange?: true }
  | (Lied & { readonly kind: "lied" })
  | { readonly kind: "late"; readonly detail: string; readonly to: string };

export function silent(detail: string): End {
  return { kind: "silent", detail };
}

/** It answers, and not as a relay does. */
export function strange(): End {
  return { kind: "silent", detail: "is gone: no relay answers there", isStrange: true };
}

/** `isAsked`: it was its answer to the question for the newest checkpoint. */
export function lied(code: string, detail: string, isAsked = false): End {
  return { kind: "lied", code, detail, isAsked };
}

/** The end that a failure to get leaves is. */
export function ended({ name, detail }: Failed): End {
  if (name === "no_relay") return strange();
  return name === "silent" ? silent(detail) : lied(name, detail);
}

/** Why a relay that a look around judged so is not read from any more; `undefined`: it may be. */
export function lostBy({ state, lie }: RelayWeather): End | undefined {
  if (state === "no relay") return strange();
  const isCaught = state === "lied" && lie?.isAsked === true;
  return isCaught ? { kind: "lied", ...lie } : undefined;
}

/** The relays after one of them lied. */
export function convicted(
  relays: readonly RelayWeather[],
  source: string,
  { code, detail, isAsked }: Lied,
): readonly RelayWeather[] {
  const lie = { code, detail, isAsked };
  return relays.map((each) => (each.url === source ? { ...each, state: "lied", lie } : each));
}

/** The relays after one of them told what is true: a lie of its is remembered as past. */
export function acquitted(
  relays: readonly RelayWeather[],
  source: string,
): readonly RelayWeather[] {
  const isAccused = relays.some(({ url, state }) => url === source && state === "lied");
  if (!isAccused) return relays;
  return relays.map((each) =>
    each.url === source && each.lie !== undefined
      ? { ...each, state: "not asked", lie: { ...each.lie, isOver: true } }
      : each,
  );
}

/** What a look around saw, and what a session found out meanwhile, since `before`. */
export function merged(
  looks: readonly RelayWeather[],
  before: readonly RelayWeather[],
  now: readonly RelayWeather[],
): readonly RelayWeather[] {
  return looks.map((each) => {
    const was = before.find(({ url }) => url === each.url)?.lie;
    const current = now.find(({ url }) => url === each.url);
    if (current === undefined || current.lie === was) return each;
    return { ...each, lie: current.lie, state: current.state };
  });
}

/**
 * The address to read from after `source`: never one that lied once, rather one that is in step;
 * `undefined`: there is no other.
 */
export function nextSource(
  origin: string,
  source: string,
  relays: readonly RelayWeather[],
): string | undefined {
  const all = [...new Set([origin, ...relays.map(({ url }) => url)])];
  const at = all.indexOf(source);
  const of = (address: string): RelayWeather | undefined =>
    relays.find(({ url }) => url === address);
  const honest = [...all.slice(at + 1), ...all.slice(0, Math.max(at, 0))].filter(
    (address) => of(address)?.lie === undefined,
  );
  return honest.find((address) => of(address)?.state === "good") ?? honest[0];
}
