/**
 * The leaf about a lost key (docs/spec/log.md §3, keys.md §5): the operators replace an account's
 * key, which is public from its beginning, so that its owner and everybody else can object.
 */
import { assert } from "../codec/assert.ts";
import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { printTime, type Time } from "../codec/time.ts";
import { exactTime } from "./leaffields.ts";

const states = ["begun", "done", "vetoed", "dismissed"] as const;

/** REKEY: how the replacement of an account's key stands. */
export type RekeyLeaf = {
  readonly kind: "rekey";
  readonly account: Fingerprint;
  readonly key: Fingerprint;
  readonly state: (typeof states)[number];
  /** Of one that has begun, when it takes effect; else when it ended. */
  readonly at: Time;
};

/** The leaf's line, without LF. */
export function printRekeyLeaf({ account, key, state, at }: RekeyLeaf): string {
  const line = `REKEY|${account}|${key}|${state}|${printTime(at)}`;
  assert(parseRekeyLeaf(line.split("|")) !== undefined, "a replacement's leaf is well-formed");
  return line;
}

/** The leaf that these fields say, the name first; `undefined` for anything else. */
export function parseRekeyLeaf(fields: readonly string[]): RekeyLeaf | undefined {
  const [name, account = "", key = "", word, text] = fields;
  const state = states.find((each) => each === word);
  const at = exactTime(text);
  if (name !== "REKEY" || fields.length !== 5 || state === undefined || at === undefined) {
    return undefined;
  }
  if (!isFingerprint(account) || !isFingerprint(key)) return undefined;
  return { kind: "rekey", account, key, state, at };
}
