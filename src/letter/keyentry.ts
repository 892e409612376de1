/**
 * The records about an account's keys (docs/spec/report.md §3): KEY and FROZEN to its customer,
 * REKEY to the operators, printed and read.
 */
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import type { Fields } from "./fields.ts";
import type { Labels, Printed } from "./row.ts";

const keyStates = [
  "in_force",
  "renewed",
  "coming",
  "replacing",
  "vetoed",
  "dismissed",
  "revoked",
] as const;
/** What became of a key. `coming`: the customer's own rotation; `replacing`: by the operators. */
export type KeyState = (typeof keyStates)[number];

/** KEY: how a key of the account stands. */
export type KeyEntry = Labels & {
  readonly kind: "key";
  /** 0: others or the clock did it, or a statement tells it. */
  readonly line: number;
  readonly state: KeyState;
  readonly key: Fingerprint;
  /** When it takes effect, of one that does not yet. */
  readonly at: Time | undefined;
};

const frozenCauses = ["letter", "revocation", "no"] as const;
/** Why an account is frozen; `no`: it is not any more. */
export type FrozenCause = (typeof frozenCauses)[number];

/** FROZEN: the account is frozen, or is not any more. */
export type FrozenEntry = Labels & {
  readonly kind: "frozen";
  readonly line: number;
  readonly why: FrozenCause;
};

const rekeyStates = ["begun", "done", "vetoed", "dismissed"] as const;
/** How the replacement of a lost key by the operators stands. */
export type RekeyState = (typeof rekeyStates)[number];

/** REKEY: the same to the operators, as the public log says it. */
export type RekeyEntry = {
  readonly kind: "rekey";
  readonly account: Fingerprint;
  readonly key: Fingerprint;
  readonly state: RekeyState;
  /** When it takes, or took, effect. */
  readonly at: Time;
};

/** Any of them. */
export type KeysEntry = KeyEntry | FrozenEntry | RekeyEntry;

function seconds(at: Time | undefined): number | undefined {
  return at === undefined ? undefined : Math.floor(at / 1000);
}

/** The record's name, fields and labels. */
export function printKeysEntry(entry: KeysEntry): Printed {
  switch (entry.kind) {
    case "key": {
      const { line, state, key, at } = entry;
      return { name: "KEY", fields: [line, state, key, seconds(at)], labels: entry };
    }
    case "frozen":
      return { name: "FROZEN", fields: [entry.line, entry.why], labels: entry };
    case "rekey": {
      const { account, key, state, at } = entry;
      return { name: "REKEY", fields: [account, key, state, seconds(at)] };
    }
  }
}

/** Readers of what `printKeysEntry` prints, by record name. */
export const keysReaders: readonly (readonly [string, (f: Fields) => KeysEntry])[] = [
  ["KEY", readKey],
  ["FROZEN", (f) => ({ kind: "frozen", line: f.line(), why: f.word(frozenCauses), ...f.labels() })],
  [
    "REKEY",
    (f) => ({
      kind: "rekey",
      account: f.fingerprint(),
      key: f.fingerprint(),
      state: f.word(rekeyStates),
      at: f.seconds(),
    }),
  ],
];

function readKey(f: Fields): KeyEntry {
  return {
    kind: "key",
    line: f.line(),
    state: f.word(keyStates),
    key: f.fingerprint(),
    at: f.maybe(() => f.seconds()),
    ...f.labels(),
  };
}
