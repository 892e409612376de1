/** What is met on the way, step by step (met.ts): each time a new value, for views to hold. */
import type { Step } from "../../../wallet/follow.ts";
import { payingWords } from "../../../wallet/postage.ts";
import { nothingMet, type LetterMet, type Met, type RelayMet } from "./met.ts";
import type { Weather } from "./weather.ts";
import { now } from "../../../wallet/times.ts";

/** A letter after one more step of its way. */
export function afterStep(before: LetterMet | undefined, step: Step): LetterMet {
  const met = before ?? nothingMet;
  switch (step.kind) {
    case "carried": {
      const silent = new Map(met.silent);
      silent.delete(step.relay);
      return { ...met, silent, carried: new Map(met.carried).set(step.relay, step.ms) };
    }
    case "again": {
      const silent = new Map(met.silent);
      silent.delete(step.relay);
      return { ...met, silent };
    }
    case "refused":
      return { ...met, refused: new Map(met.refused).set(step.relay, `refused: ${step.why}`) };
    case "dropped": {
      const why = `dropped, ${step.trouble.code}`;
      return { ...met, refused: new Map(met.refused).set(step.relay, why) };
    }
    case "silent":
      return { ...met, silent: new Map(met.silent).set(step.relay, step.why) };
    case "paying": {
      const words = payingWords(step.paying);
      return { ...met, silent: new Map(met.silent).set(step.relay, words) };
    }
    case "unopenable":
    case "read":
      return met;
  }
}

/** How the relay of a step behaved; `undefined`: the step says nothing of it. */
export function relayOfStep(step: Step): RelayMet | undefined {
  const at = now();
  switch (step.kind) {
    case "carried":
      return { state: "good", ms: step.ms, why: undefined, at };
    case "again":
    case "read":
      return { state: "good", ms: undefined, why: undefined, at };
    case "refused":
      return { state: "refused", ms: undefined, why: step.why, at };
    case "silent":
      return { state: "silent", ms: undefined, why: step.why, at };
    // A lie is in the home (relays.ts); a copy that did not open is nobody's fault yet.
    case "dropped":
    case "paying":
    case "unopenable":
      return undefined;
  }
}

/** With what a relay said of itself. */
export function afterWeather(met: Met, { url, ms, why }: Weather): Met {
  const at = now();
  const isHeard = why === undefined;
  // A relay that refuses letters may well say how it is.
  const isRefusing = isHeard && met.relays.get(url)?.state === "refused";
  const state = isHeard ? "good" : "silent";
  const relays = isRefusing ? met.relays : new Map(met.relays).set(url, { state, ms, why, at });
  return { ...met, relays, lastHeard: isHeard ? at : met.lastHeard };
}
