/**
 * `npm run bench -- seal`: what a letter and a report cost in cryptography, on one core, in
 * processor time of the whole process: the fast path beside OpenPGP.js on the same messages and
 * keys, and beside the bare operations that it cannot do without. Then workers, the island, and
 * gpg for scale.
 *
 * A figure is the least disturbed of its rounds; the paths take turns, so that what else the
 * machine does meets all of them.
 */
import {
  createMessage,
  decrypt,
  encrypt,
  generateKey,
  readMessage,
  type PrivateKey,
} from "openpgp";
import { assert } from "../src/codec/assert.ts";
import { time, type Time } from "../src/codec/time.ts";
import { readRegisteredCertificate, type Certificate } from "../src/seal/certificate.ts";
import { sealLetter } from "../src/seal/customer.ts";
import { untraced } from "../src/seal/fast/curves.ts";
import { digestCertificate, type DigestedCertificate } from "../src/seal/fast/digest.ts";
import { openingKey, openingKeysOf, signingKey, signingKeyOf } from "../src/seal/fast/keys.ts";
import { openFast } from "../src/seal/fast/open.ts";
import { sealFast } from "../src/seal/fast/seal.ts";
import {
  customerKeyFromSeed,
  makeExchangeKeys,
  readCustomerKey,
  readExchangeCertificate,
  readOperatingKeys,
  type CustomerKey,
  type ExchangeCertificate,
  type OperatingKeys,
} from "../src/seal/keys.ts";
import type { Stage } from "./figure.ts";
import { processSeconds } from "./gauge.ts";
import { sealByGpg } from "./sealgpg.ts";
import { sealIsland } from "./sealisland.ts";
import { curveOperations, rsaOperations, type Operations } from "./sealoperations.ts";
import { sealWorkers } from "./sealworkers.ts";

const bench = "seal";
const rounds = 12;
const counts = { fast: 400, peer: 60, operation: 400 } as const;
const orderBytes = 300;
const ordersInHundred = 100;

/** The exchange and one customer of it. */
export type Pair = {
  readonly name: string;
  readonly keys: OperatingKeys;
  readonly exchange: ExchangeCertificate;
  readonly key: CustomerKey;
  readonly certificate: Certificate;
  readonly digest: DigestedCertificate;
  readonly at: Time;
};

export async function seal(stage: Stage): Promise<void> {
  const at = time(Date.now());
  const [curve, rsa] = [await curvePair(at), await rsaPair(at)];
  for (const [pair, operations, musts] of [
    [curve, curveOperations, { open: 4, seal: 4 }],
    [rsa, rsaOperations, { open: 7, seal: 5 }],
  ] as const) {
    if (stage.over.aborted) return;
    await compare(stage, pair, operations(), musts);
  }
  if (stage.over.aborted) return;
  await hundred(stage, curve);
  await sealWorkers(stage, curve);
  if (stage.over.aborted) return;
  await sealIsland(stage);
  if (!stage.over.aborted) await sealByGpg(stage, curve);
}

async function makePair(
  name: string,
  key: CustomerKey,
  binary: Uint8Array,
  at: Time,
): Promise<Pair> {
  const made = await makeExchangeKeys({ at: time(at - 60_000) });
  const keys = await readOperatingKeys(made.operatingSecret);
  const exchange = await readExchangeCertificate(made.certificate, made.fingerprint, at);
  assert(exchange.ok, "our own certificate is read");
  const certificate = await readRegisteredCertificate(binary);
  const digest = await digestCertificate(certificate);
  return { name, keys, exchange: exchange.value, key, certificate, digest, at };
}

/** The keys that everybody has who makes his by `signet key new`. */
async function curvePair(at: Time): Promise<Pair> {
  const made = await customerKeyFromSeed(new Uint8Array(32).fill(7), { userId: "Alice" });
  const key = await readCustomerKey(made.secret);
  return makePair("Cv25519", key, made.certificate, at);
}

async function rsaPair(at: Time): Promise<Pair> {
  const { privateKey } = await generateKey({
    type: "rsa",
    rsaBits: 2048,
    userIDs: [{ name: "Alice" }],
    date: new Date(at - 60_000),
    format: "object",
  });
  const binary = privateKey.toPublic().write();
  const certificate = await readRegisteredCertificate(binary);
  const key = { fingerprint: certificate.fingerprint, key: privateKey };
  return makePair("RSA-2048 customer", key, binary, at);
}

/** An order of so many bytes, as far as cryptography cares. */
function orderText(bytes: number): string {
  return "BUY|GLD/BTC|10|0.0042|tag=a-rather-long-one\n".repeat(bytes).slice(0, bytes);
}

/** Opening and sealing one order, by both paths and by the bare operations. */
async function compare(
  stage: Stage,
  pair: Pair,
  operations: Operations,
  musts: { readonly open: number; readonly seal: number },
): Promise<void> {
  stage.say(`${pair.name}: one order, both paths in turns`);
  const text = orderText(orderBytes);
  const { key, exchange, at } = pair;
  const sealed = await sealLetter(text, { key, exchange, at });
  const works = {
    open: [fastOpening(pair, sealed), peerOpening(pair, sealed)],
    seal: [fastSealing(pair, text), peerSealing(pair, text)],
  } as const;
  for (const what of ["open", "seal"] as const) {
    const [ours, theirs] = works[what];
    let [fast, peer, bare] = [Infinity, Infinity, Infinity];
    for (let round = 0; round < rounds && !stage.over.aborted; round += 1) {
      fast = Math.min(fast, await micros(counts.fast, ours));
      bare = Math.min(bare, await sumOf(operations[what]));
      if (round % 2 === 0) peer = Math.min(peer, await micros(counts.peer, theirs));
    }
    const figure = `${pair.name}: ${what}`;
    const us = (value: number, against: string, ratio: number): void =>
      stage.tell({ bench, figure, value, unit: "µs", against, ratio });
    us(fast, `OpenPGP.js, ${peer.toFixed(0)} µs (must: ${musts[what]})`, peer / fast);
    us(fast, `its operations alone, ${bare.toFixed(0)} µs (must: 0.85)`, bare / fast);
  }
}

type Work = () => unknown;

/** Processor time of one of them, µs. */
async function micros(count: number, work: Work): Promise<number> {
  const started = processSeconds();
  for (let i = 0; i < count; i += 1) {
    const pending = work();
    if (pending instanceof Promise) await pending;
  }
  return ((processSeconds() - started) / count) * 1e6;
}

/** The operations one after the other, without the traces that the fast path does without too. */
async function sumOf(operations: readonly Work[]): Promise<number> {
  return micros(counts.operation, () =>
    untraced(() => {
      for (const operation of operations) operation();
    }),
  );
}

function fastOpening({ keys, digest, at }: Pair, sealed: Uint8Array): Work {
  const options = {
    keys: openingKeysOf(keys).map(openingKey),
    at,
    us: [keys.fingerprint],
    certificateOf: (keyId: string) => (digest.keyIds.includes(keyId) ? digest : undefined),
    isRegistration: () => false,
  };
  return () => {
    const opened = openFast(sealed, options);
    assert(opened.kind === "opened", "the letter opens");
  };
}

function fastSealing({ keys, digest, at }: Pair, text: string): Work {
  const signer = signingKey(signingKeyOf(keys));
  return () => {
    const sealed = sealFast(text, { signer, to: digest, at });
    assert(sealed !== undefined, "the report is sealed");
  };
}

/** As whoever uses OpenPGP.js would: keys parsed once. */
function peerOpening({ keys, certificate, at }: Pair, sealed: Uint8Array): Work {
  return async () => {
    const opened = await decrypt({
      message: await readMessage({ binaryMessage: sealed }),
      decryptionKeys: keys.key,
      verificationKeys: certificate.key,
      expectSigned: true,
      format: "binary",
      date: new Date(at + 1000),
    });
    assert(opened.signatures.length === 1, "the letter opens there, too");
  };
}

function peerSealing({ keys, certificate, at }: Pair, text: string): Work {
  const signingKeys: PrivateKey = keys.key;
  return async () => {
    await encrypt({
      message: await createMessage({ binary: Buffer.from(text, "latin1") }),
      encryptionKeys: certificate.key,
      signingKeys,
      format: "binary",
      date: new Date(at + 1000),
    });
  };
}

/** A hundred orders in one letter. */
async function hundred(stage: Stage, pair: Pair): Promise<void> {
  const { key, exchange, at } = pair;
  const text = orderText(ordersInHundred * orderBytes);
  const opening = fastOpening(pair, await sealLetter(text, { key, exchange, at }));
  const sealing = fastSealing(pair, text);
  for (const [what, work] of [
    ["open", opening],
    ["seal", sealing],
  ] as const) {
    let least = Infinity;
    for (let round = 0; round < rounds; round += 1) {
      least = Math.min(least, await micros(counts.fast / 4, work));
    }
    const value = least / ordersInHundred;
    const figure = `a hundred orders in a letter: ${what}, an order`;
    const against = what === "open" ? { against: "the goal, 5 µs", ratio: value / 5 } : {};
    stage.tell({ bench, figure, value, unit: "µs", ...against });
  }
}
