/**
 * An account as its owner has it: the secret key of this home and the exchange it is pinned to. The
 * key comes from 24 words and nothing else; what the words are never leaves memory.
 */
import { toBase64 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import { printCommand } from "../letter/print.ts";
import {
  customerKeyFromSeed,
  readCustomerKey,
  wipeCustomerKey,
  type CustomerKey,
} from "../seal/keys.ts";
import { trouble, type Outcome } from "./errors.ts";
import { loadExchange, type Exchange } from "./exchange.ts";
import { hasKey, keep, readText, type Home } from "./home.ts";
import { keyInForce, laterKeys, nameIn, opensWith } from "./keyring.ts";
import { ethereumKeyOf, keepEthereumKey } from "./ringkey.ts";

/**
 * The name in every customer's certificate: the same for all, so that it says nothing of anybody.
 */
const userId = "Signet customer";

/** A home whose keys are open. */
export type Account = {
  readonly home: Home;
  /** The account's name: the fingerprint of its first key. */
  readonly fingerprint: Fingerprint;
  /** The key of the words that the home was made from. Which one signs: keyring.ts. */
  readonly key: CustomerKey;
  /** That one, and those that came later. */
  readonly keys: readonly CustomerKey[];
  readonly exchange: Exchange;
};

/** Asks for the passphrase; `undefined` if there is nobody to ask and no file. */
export type AskPassphrase = () => Promise<Outcome<string> | undefined>;

/** Writes the keys of a seed into an empty home, and gives the account's fingerprint. */
export async function makeKey(
  home: Home,
  seed: Uint8Array,
  passphrase: string,
): Promise<Outcome<Fingerprint>> {
  if (hasKey(home)) return trouble("E705", `There is an account in ${home.name} already.`);
  const made = await customerKeyFromSeed(seed, {
    userId,
    ...(passphrase === "" ? {} : { passphrase }),
  });
  const ethereum = ethereumKeyOf(seed);
  await keepEthereumKey(home, await readCustomerKey(made.secret, passphrase), ethereum);
  ethereum.fill(0);
  // Last: a home with this file is an account.
  keep(home, made.secret, "key.asc");
  await home.settled();
  return { ok: true, value: made.fingerprint };
}

/** The fingerprint that a seed's account has. */
export async function fingerprintOf(seed: Uint8Array): Promise<Fingerprint> {
  return (await customerKeyFromSeed(seed, { userId })).fingerprint;
}

/** The key of a seed, for an account that is there already. */
export async function keyOfSeed(seed: Uint8Array): Promise<CustomerKey> {
  return readCustomerKey((await customerKeyFromSeed(seed, { userId })).secret);
}

/** Opens the account of a home, asking for its passphrase, once, if it is locked. */
export async function openAccount(
  home: Home,
  options: { readonly ask: AskPassphrase; readonly relays: readonly string[] },
): Promise<Outcome<Account>> {
  const armored = readText(home, "key.asc");
  if (armored === undefined) return trouble("E701", `There is no account in ${home.name}.`);
  let asked: Promise<Outcome<string> | undefined> | undefined;
  const passphrase = async (): Promise<Outcome<string>> =>
    (await (asked ??= options.ask())) ?? trouble("E707");
  const key = await opensWith(armored, passphrase);
  if (!key.ok) return key;
  const later = await laterKeys(home, passphrase);
  if (!later.ok) return later;
  const exchange = await loadExchange(home, options.relays);
  if (!exchange.ok) return exchange;
  const fingerprint = nameIn(home) ?? key.value.fingerprint;
  const keys = [key.value, ...later.value];
  return { ok: true, value: { home, fingerprint, key: key.value, keys, exchange: exchange.value } };
}

/** Overwrites the secrets of an open account. */
export function wipeAccount({ keys }: Account): void {
  for (const key of keys) wipeCustomerKey(key);
}

/** The account's certificate in force, binary: what others may know of the key. */
export function certificateOf(account: Account): Uint8Array {
  return keyInForce(account).key.toPublic().write();
}

/** The command that opens the account at the exchange. */
export function registration(account: Account): string {
  return printCommand({
    kind: "register",
    certificate: toBase64(account.key.key.toPublic().write()),
  });
}

/** The account's certificate as gpg --import takes it. */
export function armorCertificate(account: Account): string {
  return keyInForce(account).key.toPublic().armor().replaceAll("\r\n", "\n");
}

/** Whether an account's key lies in the home, without opening it. */
export function homeHasKey(home: Home): Outcome<undefined> {
  return hasKey(home)
    ? { ok: true, value: undefined }
    : trouble("E701", `There is no account in ${home.name}.`);
}
