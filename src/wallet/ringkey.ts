/**
 * The account's Ethereum key, which owns its ring orders: derived from the 24 words as every other
 * wallet does (BIP-39 seed without a passphrase, BIP-44 path m/44'/60'/0'/0/0), so that the words
 * bring it back there as well as here; or any key that the owner brings.
 *
 *   ethereum.pgp   64 lower-case hex digits and LF, signed by the home's own OpenPGP key and sealed
 *                  to it: locked whenever that one is, and nobody else can put another in its place
 */
import { HDKey } from "@scure/bip32";
import { mnemonicToSeedSync } from "@scure/bip39";

import { assert } from "../codec/assert.ts";
import { fromHex, toHex } from "../codec/bytes.ts";
import type { Address } from "../codec/ethereum.ts";
import { addressOfKey } from "../ring/signature.ts";
import { readRegisteredCertificate } from "../seal/certificate.ts";
import { openReport, sealLetter } from "../seal/customer.ts";
import type { CustomerKey } from "../seal/keys.ts";
import type { Account } from "./account.ts";
import { trouble, type Outcome } from "./errors.ts";
import { keep, type Home } from "./home.ts";
import { now } from "./times.ts";
import { wordsOf } from "./words.ts";

const file = "ethereum.pgp";
const path = "m/44'/60'/0'/0/0";

/** The Ethereum key of an account's seed, 32 bytes. */
export function ethereumKeyOf(seed: Uint8Array): Uint8Array {
  const root = mnemonicToSeedSync(wordsOf(seed));
  const { privateKey } = HDKey.fromMasterSeed(root).derive(path);
  root.fill(0);
  assert(privateKey !== null, "a path from the root has a private key");
  return privateKey;
}

/** Keeps an Ethereum key in a home, sealed to the home's own key. */
export async function keepEthereumKey(
  home: Home,
  own: CustomerKey,
  secret: Uint8Array,
): Promise<void> {
  const exchange = await readRegisteredCertificate(own.key.toPublic().write());
  // The same message as a letter: one signature, sealed; only that it is to oneself.
  const sealed = await sealLetter(`${toHex(secret)}\n`, { key: own, exchange, at: now() });
  keep(home, sealed, file);
}

/** Whether an Ethereum key lies in the home. */
export function hasEthereumKey(home: Home): boolean {
  return home.read(file) !== undefined;
}

/** The account's Ethereum key, opened. */
export async function ethereumKeyIn(account: Account): Promise<Outcome<Uint8Array>> {
  const { home, key } = account;
  const sealed = home.read(file);
  if (sealed === undefined) return trouble("E709");
  const exchange = await readRegisteredCertificate(key.key.toPublic().write());
  const opened = await openReport(sealed, { key, exchange, at: now() });
  if (!opened.ok) return trouble("E710", `The Ethereum key does not open: ${opened.detail}`);
  const secret = readSecret(opened.value);
  return secret === undefined
    ? trouble("E710", "What ethereum.pgp holds is no Ethereum key.")
    : { ok: true, value: secret };
}

/** A private key as people keep it in a file: 64 hex digits, with or without `0x`. */
export function readEthereumKey(text: string): Outcome<Uint8Array> {
  const secret = readSecret(text.trim().replace(/^0x/i, "").toLowerCase());
  return secret === undefined
    ? trouble("E115", "The file holds no Ethereum key: 64 hex digits, with or without 0x.")
    : { ok: true, value: secret };
}

function readSecret(text: string): Uint8Array | undefined {
  const bytes = fromHex(text.replace(/\n$/, ""));
  return bytes?.length === 32 && addressOrNone(bytes) !== undefined ? bytes : undefined;
}

/** The address of a private key; none, if the number is not one of the curve's. */
function addressOrNone(secret: Uint8Array): Address | undefined {
  try {
    return addressOfKey(secret);
  } catch {
    return undefined;
  }
}
