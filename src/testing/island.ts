/** An island's keys and customers in memory, for tests that need real seals and no processes. */
import { generateKeyPairSync, sign } from "node:crypto";

import type { Fingerprint } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import type { Settings } from "../island/settings.ts";
import { readCertificate, type Certificate } from "../seal/certificate.ts";
import { sealLetter } from "../seal/customer.ts";
import {
  customerKeyFromSeed,
  makeExchangeKeys,
  readCustomerKey,
  readOperatingKeys,
  type CustomerKey,
} from "../seal/keys.ts";

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

/** A letter's text, signed by a customer and sealed to the exchange. */
export function sealedBy(by: Correspondent, island: TestIsland, text: string): Promise<Uint8Array> {
  return sealLetter(text, { key: by.key, exchange: island.certificate, at: islandNow });
}
