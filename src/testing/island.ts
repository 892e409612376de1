/** An island's keys and customers in memory, for tests that need real seals and no processes. */
import { generateKeyPairSync, sign } from "node:crypto";

import { reformatKey } from "openpgp";
import { toBase64 } from "../codec/bytes.ts";
import { ref, type Fingerprint } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { apply } from "../engine/apply.ts";
import type { Input } from "../engine/input.ts";
import { newState, type State } from "../engine/state.ts";
import type { Settings } from "../island/settings.ts";
import { printLetter } from "../letter/print.ts";
import { readCertificate, type Certificate } from "../seal/certificate.ts";
import { makeSecretKey, type KeySecrets } from "../seal/certify.ts";
import { sealLetter } from "../seal/customer.ts";
import {
  customerKeyFromSeed,
  makeExchangeKeys,
  readCustomerKey,
  readOperatingKeys,
  type CustomerKey,
} from "../seal/keys.ts";
import { openpgpConfig } from "../seal/policy.ts";

export const islandNow: Time = time(Date.UTC(2026, 10, 21));

export type TestIsland = {
  readonly settings: Settings;
  readonly certificate: Certificate;
};

/** Fresh keys of an exchange; its folder is only named. */
export async function testIsland(dir: string): Promise<TestIsland> {
  const made = await makeExchangeKeys({ at: islandNow });
  const read = await readCertificate(made.certificate, islandNow);
  if (!read.ok) throw new Error(`couldn't read the exchange's certificate: ${read.detail}`);
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const settings: Settings = {
    dir,
    exchange: made.fingerprint,
    operating: await readOperatingKeys(made.operatingSecret),
    log: {
      name: `signet.log/${made.fingerprint}`,
      publicKey: new Uint8Array(raw),
      sign: (message) => new Uint8Array(sign(null, message, privateKey)),
    },
    airlockKey: privateKey,
    lanes: [],
    relays: [],
    configuration: "",
    miner: undefined,
  };
  return { settings, certificate: read.value };
}

export type Correspondent = {
  readonly fingerprint: Fingerprint;
  readonly key: CustomerKey;
  readonly certificate: Certificate;
};

/** A customer whose key comes from a number. */
export async function correspondent(number: number): Promise<Correspondent> {
  const seed = new Uint8Array(32).fill(number);
  const { secret, certificate } = await customerKeyFromSeed(seed, { userId: "customer" });
  const read = await readCertificate(certificate, islandNow);
  if (!read.ok) throw new Error(`couldn't read a customer's certificate: ${read.detail}`);
  const key = await readCustomerKey(secret);
  return { fingerprint: key.fingerprint, key, certificate: read.value };
}

/** Somebody with a certificate of those secrets, made some seconds before. */
export async function holderOf(secrets: KeySecrets, secondsAgo = 60): Promise<Correspondent> {
  const created = islandNow - secondsAgo * 1000;
  const { binary } = makeSecretKey({ secrets, userId: "customer", created });
  const key = await readCustomerKey(binary);
  const read = await readCertificate(key.key.toPublic().write(), islandNow);
  if (!read.ok) throw new Error(`couldn't read a customer's certificate: ${read.detail}`);
  return { fingerprint: key.fingerprint, key, certificate: read.value };
}

/** The same key, its certificate signed anew then. */
export async function signedAnew(who: Correspondent, at: Time): Promise<Correspondent> {
  const { key: privateKey } = who.key;
  const userIDs = [{ name: "customer" }];
  const date = new Date(at);
  const how = { format: "object", config: openpgpConfig } as const;
  const { publicKey } = await reformatKey({ privateKey, userIDs, date, ...how });
  const read = await readCertificate(publicKey.write(), islandNow);
  if (!read.ok) throw new Error(`couldn't read a customer's certificate: ${read.detail}`);
  return { ...who, certificate: read.value };
}

/** An engine of that exchange in which they are customers. */
export function stateWith({ settings }: TestIsland, people: readonly Correspondent[]): State {
  const state = newState(settings.exchange);
  for (const each of people) say(state, each, `REGISTER|${toBase64(each.certificate.binary)}`);
  return state;
}

/** A customer's next letter, as the engine is told it. */
export function say(
  state: State,
  { fingerprint: signer }: Correspondent,
  command: string,
  vetted: Extract<Input, { kind: "letter" }>["vetted"] = [],
): void {
  const { exchange, logSize } = state;
  const seq = (state.keys.get(signer)?.account.threads.get(0)?.high ?? 0) + 1;
  const by = time(islandNow + 60_000);
  const text = printLetter({ exchange, seq, by, commands: [command] });
  const [id, random] = [ref(logSize.toString(16).padStart(64, "0")), "0".repeat(64)];
  apply(state, { kind: "letter", at: islandNow, ref: id, signer, text, random, vetted });
}

/** A letter's text, signed by a customer and sealed to the exchange. */
export function sealedBy(by: Correspondent, island: TestIsland, text: string): Promise<Uint8Array> {
  return sealLetter(text, { key: by.key, exchange: island.certificate, at: islandNow });
}
