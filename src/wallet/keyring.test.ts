/** Which key of a home signs, by reports in and out of order; keys that lie there locked. */
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { fingerprint, orderId, ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import type { KeyState } from "../letter/keyentry.ts";
import { noReport, type Report } from "../letter/report.ts";
import { customerKeyFromSeed, readCustomerKey, type CustomerKey } from "../seal/keys.ts";
import { readText, type Home } from "./home.ts";
import { keepKey, keyInForce, keysToOpen, laterKeys, learnKeys } from "./keyring.ts";
import { nameIn, signingKey } from "./keyring.ts";
import { memoryHome } from "./memoryhome.ts";

const start = Date.parse("2026-11-21T12:00:00Z");
const minute = 60_000;
const day = 24 * 60 * minute;

let first: CustomerKey;
let second: CustomerKey;
let third: CustomerKey;

before(async () => {
  [first, second, third] = await Promise.all([keyOf(1), keyOf(2), keyOf(3)]);
});

async function keyOf(byte: number): Promise<CustomerKey> {
  const made = await customerKeyFromSeed(new Uint8Array(32).fill(byte), { userId: "customer" });
  return readCustomerKey(made.secret);
}

type Told = readonly [state: KeyState, key: CustomerKey, at?: number];

/** A report of `after` milliseconds, or a statement. */
function said(after: number, told: readonly Told[], kind: "report" | "answer" = "report"): Report {
  const common = {
    exchange: fingerprint("12".repeat(20)),
    to: first.fingerprint,
    log: 7,
    at: time(start + after),
    records: told.map(([state, { fingerprint: key }, at]) => ({
      kind: "key" as const,
      line: 0,
      state,
      key,
      at: at === undefined ? undefined : time(start + at),
      id: undefined,
      tag: undefined,
    })),
  };
  if (kind === "report") return { ...common, kind, report: 3, previous: noReport };
  const answers = { orderId: orderId("a".repeat(64)), ref: ref("b".repeat(64)) };
  return { ...common, kind, answers };
}

/** Who signs, so many milliseconds after the start. */
function signer(home: Home, keys: readonly CustomerKey[], after: number): string {
  const [key = first] = keys;
  const found = signingKey({ home, key, keys }, time(start + after));
  if (!found.ok) return found.code;
  const names = [first, second, third].map((each) => each.fingerprint);
  return ["first", "second", "third"][names.indexOf(found.value.fingerprint)] ?? "another";
}

test("the old key signs until a minute before the rotation takes effect, the new one from then", () => {
  const home = memoryHome({ name: "a test" });
  const both = [first, second];
  assert.equal(signer(home, both, 0), "first");
  learnKeys(home, said(0, [["coming", second, day]]));
  assert.equal(signer(home, both, day - minute - 1), "first");
  assert.equal(signer(home, both, day - minute), "second");
  learnKeys(home, said(day, [["in_force", second]]));
  assert.equal(signer(home, both, day), "second");
  assert.equal(signer(home, [first], day), "E712");
  assert.equal(nameIn(home), first.fingerprint);
  const [best] = keysToOpen({ home, key: first, keys: both });
  assert.equal(best, second);
});

test("of a short delay the last quarter is the new key's; a key kept elsewhere waits for its day", () => {
  const home = memoryHome({ name: "a test" });
  learnKeys(home, said(0, [["coming", second, 4000]]));
  assert.equal(signer(home, [first, second], 2999), "first");
  assert.equal(signer(home, [first, second], 3000), "second");
  assert.equal(signer(home, [first], day), "first");
});

test("a veto ends it, a statement tells it all, and an older report that comes late tells nothing", () => {
  const home = memoryHome({ name: "a test" });
  const all = [first, second, third];
  learnKeys(home, said(0, [["coming", second, day]]));
  learnKeys(home, said(minute, [["vetoed", second]]));
  assert.equal(signer(home, all, 2 * day), "first");
  const statement: readonly Told[] = [
    ["in_force", second],
    ["coming", third, 9 * day],
  ];
  learnKeys(home, said(8 * day, statement, "answer"));
  learnKeys(home, said(minute + 1, [["in_force", first]]));
  learnKeys(home, said(8 * day + 1, []));
  assert.equal(signer(home, all, 8 * day), "second");
  assert.equal(keyInForce({ home, key: first, keys: all }), second);
  assert.equal(signer(home, all, 9 * day), "third");
});

test("a key that is revoked signs nothing more, until another is in force", () => {
  const home = memoryHome({ name: "a test" });
  const both = [first, second];
  learnKeys(home, said(0, [["in_force", first]]));
  learnKeys(home, said(1000, [["revoked", third]]));
  assert.equal(signer(home, both, 1000), "first");
  learnKeys(home, said(2000, [["revoked", first]]));
  assert.equal(signer(home, both, 2000), "E714");
  learnKeys(home, said(3000, [["in_force", second]]));
  assert.equal(signer(home, both, 3000), "second");
});

test("a key lies in the home as locked as the others, and opens with their passphrase", async () => {
  const home = memoryHome({ name: "a test" });
  await keepKey(home, second, "correct horse");
  const armored = readText(home, "keys", `${second.fingerprint}.asc`) ?? "";
  assert.equal((await readCustomerKey(armored)).key.isDecrypted(), false);
  const open = (value: string) => laterKeys(home, () => Promise.resolve({ ok: true, value }));
  const wrong = await open("correct horsf");
  assert.equal(wrong.ok ? "opened" : wrong.code, "E702");
  const right = await open("correct horse");
  assert.ok(right.ok);
  assert.deepEqual(
    right.value.map((key) => [key.fingerprint, key.key.isDecrypted()]),
    [[second.fingerprint, true]],
  );
});
