/**
 * The messages and certificates that are made to cost: floods of hidden session keys, of
 * signatures, of self-signatures, and a zlib bomb. For the test that bounds the work on them and
 * for the benchmark that weighs it.
 */
import { ed25519Of, randomBytes } from "#primitives";
import { deflateSync } from "node:zlib";
import { concat } from "../../codec/bytes.ts";
import { hashed, keyFlags } from "../certify.ts";
import { readPackets, tags, writeNumber, writePacket } from "../packets.ts";
import { letterSealedMax, sessionKeysMax, signaturesMax } from "../policy.ts";
import { makeSignature, signatureTypes, subpackets, writeSubpacket } from "../signature.ts";
import {
  content,
  days,
  forge,
  literal,
  now,
  seedOf,
  text,
  type Customer,
  type Exchange,
} from "./forge.ts";
import { message, seal1, targetOf, wrap } from "./wire.ts";

/** A letter for hidden recipients, none of whom is the exchange. */
export function sessionKeyFlood(exchange: Exchange, by: Customer, count: number): Uint8Array {
  const target = targetOf(exchange.certificate.key);
  const key = randomBytes(32);
  const keyId = "0000000000000000";
  const wrapped = (bytes: Uint8Array): Uint8Array => bytes.with(0, (bytes[0] ?? 0) ^ 1);
  const others = Array.from({ length: count }, () => wrap(key, target, { keyId, wrapped }));
  return concat([...others, writePacket(tags.sealed, seal1(content({ by: by.key }), key))]);
}

/** A good letter of so many MiB of one character, which deflates to nearly nothing. */
export function bomb(exchange: Exchange, by: Customer, mebibytes: number): Uint8Array {
  const good = content({ by: by.key, over: "a".repeat(mebibytes * 1_048_576) });
  const body = concat([new Uint8Array([2]), deflateSync(good)]);
  return message(writePacket(tags.compressed, body), targetOf(exchange.certificate.key));
}

/** A letter with so many signatures, all but the last of them wrong. */
export function signatureFlood(exchange: Exchange, by: Customer, count: number): Uint8Array {
  const { head, signature } = forge({ by: by.key });
  // Right in everything that is cheap to see, the first octets of its hash included.
  const other = signature.with(signature.length - 1, (signature.at(-1) ?? 0) ^ 1);
  const wrong = Array.from({ length: count - 1 }, () => other);
  const heads = Array.from({ length: count }, () => head);
  const inside = concat([...heads, literal(text), ...wrong, signature]);
  return message(inside, targetOf(exchange.certificate.key));
}

/**
 * A certificate with so many self-signatures, each right, and each denying the key to sign; a
 * hundred of them differ.
 */
export function selfSignatureFlood({ key, certificate }: Customer, count: number): Uint8Array {
  const [primary, userId, ...rest] = readPackets(certificate.binary, 100) ?? [];
  if (primary === undefined || userId === undefined) throw new Error("couldn't read a certificate");
  const id = userId.body;
  const signer = { fingerprint: key.fingerprint, sign: ed25519Of(seedOf(key.key)).sign };
  const data = concat([
    hashed(primary.body),
    new Uint8Array([0xb4]),
    writeNumber(id.length, 4),
    id,
  ]);
  const flags = writeSubpacket(subpackets.keyFlags, new Uint8Array([keyFlags.certify]), true);
  const some = Array.from({ length: Math.min(count, 100) }, (_, i) =>
    writePacket(
      tags.signature,
      makeSignature({
        signer,
        type: signatureTypes.positiveCertification,
        created: now - days - i * 1000,
        hashed: [flags],
        data,
      }),
    ),
  );
  const many = Array.from({ length: count }, (_, i) => some[i % some.length] ?? userId.body);
  return concat([
    writePacket(primary.tag, primary.body),
    writePacket(userId.tag, userId.body),
    ...many,
    ...rest.map(({ tag, body }) => writePacket(tag, body)),
  ]);
}

/** The worst of each kind that is looked at, and a flood that is not. */
export function hostileLetters(exchange: Exchange, by: Customer): ReadonlyMap<string, Uint8Array> {
  return new Map([
    ["an ordinary letter", message(content({ by: by.key }), targetOf(exchange.certificate.key))],
    [`${sessionKeysMax} hidden session keys`, sessionKeyFlood(exchange, by, sessionKeysMax)],
    ["1,000 hidden session keys", sessionKeyFlood(exchange, by, 1000)],
    ["a zlib bomb of 64 MiB", bomb(exchange, by, 64)],
    [`${signaturesMax} signatures`, signatureFlood(exchange, by, signaturesMax)],
    ["1,000 signatures", signatureFlood(exchange, by, 1000)],
    ["as long as may be, of nothing", filled(exchange)],
  ]);
}

function filled(exchange: Exchange): Uint8Array {
  const inside = new Uint8Array(letterSealedMax - 200);
  return message(inside, targetOf(exchange.certificate.key));
}
