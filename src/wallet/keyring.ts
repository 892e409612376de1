/**
 * The keys of a home over the years (docs/spec/keys.md). The account is called by its first key for
 * ever; which key signs is what the exchange said last.
 *
 *   key.asc        the key of the words that the home was made from
 *   keys/KEY.asc   keys that came later; none is thrown away: what was sealed to it opens with it
 *   keys.json      {"account", "inForce", "coming": {"key", "at", "since"}, "revoked", "at"}: as
 *   the reports and statements say, the newest of them at "at"
 *
 * A rotation takes effect by the exchange's clock, and a letter may be on its way for a minute. So
 * the new key, which signs from the beginning, signs a little early.
 */
import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";
import type { Report } from "../letter/report.ts";
import { lockedCustomerKey, readCustomerKey, type CustomerKey } from "../seal/keys.ts";
import type { Account } from "./account.ts";
import { trouble, type Outcome } from "./errors.ts";
import { keep, namesIn, readJson, readText, type Home } from "./home.ts";
import { objectOf, textOf } from "./json.ts";

/** What an account's keys lie in. */
type Keys = Pick<Account, "home" | "key" | "keys">;

/** A rotation that waits. */
type Coming = { readonly key: Fingerprint; readonly at: Time; readonly since: Time };

/** What the exchange said of the account's keys. */
type KeysSaid = {
  readonly account: Fingerprint;
  /** `undefined`: the first, or it was not told yet. */
  readonly inForce: Fingerprint | undefined;
  readonly coming: Coming | undefined;
  /** The last that was revoked: it signs nothing more. */
  readonly revoked: Fingerprint | undefined;
  readonly at: Time;
};

/** The new key signs so long before it is the only one, or for a quarter of the delay. */
const earlyMs = 60_000;

/** The account's name, if another key's words made this home. */
export function nameIn(home: Home): Fingerprint | undefined {
  return saidIn(home)?.account;
}

function saidIn(home: Home): KeysSaid | undefined {
  const fields = objectOf(readJson(home, "keys.json"));
  const account = textOf(fields["account"]) ?? "";
  const at = parseTime(textOf(fields["at"]) ?? "");
  if (!isFingerprint(account) || at === undefined) return undefined;
  const inForce = textOf(fields["inForce"]) ?? "";
  const coming = readComing(objectOf(fields["coming"]));
  const revoked = textOf(fields["revoked"]) ?? "";
  return {
    account,
    inForce: isFingerprint(inForce) ? inForce : undefined,
    coming,
    revoked: isFingerprint(revoked) ? revoked : undefined,
    at,
  };
}

function readComing(fields: ReturnType<typeof objectOf>): Coming | undefined {
  const key = textOf(fields["key"]) ?? "";
  const at = parseTime(textOf(fields["at"]) ?? "");
  const since = parseTime(textOf(fields["since"]) ?? "");
  if (!isFingerprint(key) || at === undefined || since === undefined) return undefined;
  return { key, at, since };
}

const unknown = { inForce: undefined, coming: undefined, revoked: undefined };

/** Learns from a verified report, or a statement, how the account's keys stand. */
export function learnKeys(home: Home, report: Report): void {
  const told = report.records.flatMap((record) => (record.kind === "key" ? [record] : []));
  const known = saidIn(home);
  if (told.length === 0) return;
  // An older report that came later, of a gap: the newer one knew more.
  if (known !== undefined && report.at < known.at) return;
  let { inForce, coming, revoked } = known ?? unknown;
  for (const { state, key, at } of told) {
    if (state === "in_force") [inForce, coming] = [key, undefined];
    if (state === "coming" && at !== undefined) coming = { key, at, since: report.at };
    if (state === "vetoed" || state === "dismissed") coming = undefined;
    if (state === "revoked") revoked = key;
    if (state === "revoked" && coming?.key === key) coming = undefined;
  }
  const waits = coming && {
    key: coming.key,
    at: printTime(coming.at),
    since: printTime(coming.since),
  };
  const fields = { account: report.to, inForce, coming: waits, revoked, at: printTime(report.at) };
  keep(home, `${JSON.stringify(fields, undefined, 2)}\n`, "keys.json");
}

/** The key that letters are signed with at a moment. */
export function signingKey(account: Keys, at: Time): Outcome<CustomerKey> {
  const said = saidIn(account.home);
  const next = said?.coming;
  if (next !== undefined) {
    const early = Math.min(earlyMs, (next.at - next.since) / 4);
    const key = at < next.at - early ? undefined : keyOf(account, next.key);
    if (key !== undefined) return { ok: true, value: key };
  }
  const inForce = said?.inForce ?? account.key.fingerprint;
  if (said?.revoked === inForce) return trouble("E714", `Your key ${inForce} is revoked.`);
  const key = keyOf(account, inForce);
  if (key !== undefined) return { ok: true, value: key };
  const what = `The account's key is ${inForce} now, which is not in ${account.home.name}.`;
  return trouble("E712", what);
}

/** The key that the customer's own rotation, which waits, goes to. */
export function comingKey(home: Home): Fingerprint | undefined {
  return saidIn(home)?.coming?.key;
}

/** The key in force, as far as it is known and here; what others may know of it is public. */
export function keyInForce(account: Keys): CustomerKey {
  const inForce = saidIn(account.home)?.inForce;
  return (inForce && keyOf(account, inForce)) ?? account.key;
}

function keyOf(account: Keys, key: Fingerprint): CustomerKey | undefined {
  return account.keys.find(({ fingerprint }) => fingerprint === key);
}

/** Every key of the home, the likeliest first: what a report may be sealed to. */
export function keysToOpen(account: Keys): readonly [CustomerKey, ...CustomerKey[]] {
  const first = keyInForce(account);
  return [first, ...account.keys.filter((key) => key !== first)];
}

/** Keeps one more secret key, locked as the others are. It lasts when this returns. */
export async function keepKey(home: Home, key: CustomerKey, passphrase: string): Promise<void> {
  keep(home, await lockedCustomerKey(key, passphrase), "keys", `${key.fingerprint}.asc`);
  await home.settled();
}

/** The keys that came later, opened. Throws if the passphrase is another. */
export async function laterKeys(
  home: Home,
  passphrase: () => Promise<Outcome<string>>,
): Promise<Outcome<readonly CustomerKey[]>> {
  const keys: CustomerKey[] = [];
  for (const name of [...namesIn(home, "keys")].sort()) {
    const armored = /^[0-9a-f]{40}\.asc$/.test(name) ? readText(home, "keys", name) : undefined;
    if (armored === undefined) continue;
    const opened = await opensWith(armored, passphrase);
    if (!opened.ok) return opened;
    keys.push(opened.value);
  }
  return { ok: true, value: keys };
}

/** A secret key of a home, its passphrase asked for if it is locked. */
export async function opensWith(
  armored: string,
  passphrase: () => Promise<Outcome<string>>,
): Promise<Outcome<CustomerKey>> {
  const key = await readCustomerKey(armored);
  if (key.key.isDecrypted()) return { ok: true, value: key };
  const asked = await passphrase();
  if (!asked.ok) return asked;
  try {
    return { ok: true, value: await readCustomerKey(armored, asked.value) };
  } catch {
    return trouble("E702");
  }
}
