/**
 * Letters by grammar: a whole letter is a tree (packets, in them fields, numbers, subpackets), made
 * well at first and then bent in a few places on any level. What is bent inside is sealed again
 * with the real session key, and signed again where the bend belongs to what was said: so that no
 * level hides the ones below it.
 *
 * Every signature that was really made is written down with what it says: whatever opens must be
 * among them.
 */
import { deflateRawSync, deflateSync } from "node:zlib";
import { concat, fromAscii, toLatin1 } from "../../codec/bytes.ts";
import { days, hex, minutes, now } from "../../seal/attacks/forge.ts";
import {
  seal1,
  seal2,
  targetOf,
  wrap,
  type Target,
  type WrapLies,
} from "../../seal/attacks/wire.ts";
import { tags, writeLength, writeNumber, writePacket } from "../../seal/packets.ts";
import { clockAheadMax, hashes } from "../../seal/policy.ts";
import { subpackets, writeSubpacket } from "../../seal/signature.ts";
import { digest, type Cast, type Writer } from "./cast.ts";
import { bend, type Chance } from "./chance.ts";

/** What is said of bytes behind compressed data, inside its packet: legal here. */
export const paddedCompression = "bytes behind compressed data";

/** A letter, what was bent in it, and what may come of it at most. */
export type Made = {
  readonly sealed: Uint8Array;
  readonly bent: readonly string[];
  /** Signer and text of every signature made within the policy. */
  readonly mayOpen: readonly { readonly signer: string; readonly text: string }[];
};

/** A packet on its way to bytes. */
type Node = { readonly tag: number; readonly body: Uint8Array };

/** A letter in the making: how much may still be bent, and what was. */
type Making = {
  readonly chance: Chance;
  readonly cast: Cast;
  readonly bent: string[];
  readonly mayOpen: { signer: string; text: string }[];
  left: number;
};

const texts = [
  "signet/1\n",
  "a\nb\n",
  "a\r\nb\r\n",
  "a\rb\n",
  "a\r\r\nb",
  "no end",
  "",
  " \t \n",
  "\u00ff\u0080\n",
  `${"0123456789".repeat(70)}\n`,
];

/** The letter of a chance. */
export function makeLetter(cast: Cast, chance: Chance): Made {
  const left = chance.pick([0, 1, 1, 1, 2, 2, 3, 6]);
  const making: Making = { chance, cast, bent: [], mayOpen: [], left };
  const content = compress(making, frameAll(making, contentNodes(making), "inner"));
  const { nodes } = sealedNodes(making, content);
  let sealed = frameAll(making, nodes, "outer");
  if (happens(making, 12, "octets")) sealed = bend(sealed, chance);
  return { sealed, bent: making.bent, mayOpen: making.mayOpen };
}

/** Whether one of the bends that are left happens here. */
function happens(making: Making, times: number, what: string): boolean {
  if (making.left === 0 || !making.chance.once(times)) return false;
  making.left -= 1;
  making.bent.push(what);
  return true;
}

/** One-pass headers, a literal, signatures. */
function contentNodes(making: Making): readonly Node[] {
  const { chance, cast } = making;
  const text = chance.pick(texts);
  const count = happens(making, 8, "two signatures") ? 2 : 1;
  const literal = literalNode(making, text);
  const over = happens(making, 12, "signed another text") ? chance.pick(texts) : text;
  const pairs = Array.from({ length: count }, () => {
    const writer = chance.once(2) ? cast.writers[0] : undefined;
    return signatureNodes(making, writer ?? chance.pick(cast.writers), over);
  });
  const heads = pairs.map(({ head }, i) => {
    const last = i === 0 || chance.once(5) ? 1 : 0;
    return { ...head, body: concat([head.body.subarray(0, -1), new Uint8Array([last])]) };
  });
  return [...heads.toReversed(), literal, ...pairs.map(({ signature }) => signature)];
}

function literalNode(making: Making, text: string): Node {
  const { chance } = making;
  const format = chance.pick([0x62, 0x62, 0x62, 0x74, 0x75, 0x6d, 0x31]);
  const name = chance.once(4) ? chance.bytes(chance.below(20)) : new Uint8Array(0);
  const said = happens(making, 20, "literal's name length") ? chance.below(256) : name.length;
  const head = [new Uint8Array([format, said]), name, writeNumber(chance.below(2 ** 31), 4)];
  return { tag: tags.literal, body: concat([...head, Buffer.from(text, "latin1")]) };
}

/** A signature that was really made, and its header. */
function signatureNodes(making: Making, writer: Writer, over: string) {
  const { chance } = making;
  const type = happens(making, 8, "type")
    ? chance.pick([2, 0x10, 0x13, 0x40, 0xff])
    : chance.below(2);
  const hash = happens(making, 8, "hash")
    ? chance.pick([1, 2, 3, 11, 13, 100])
    : chance.pick([8, 9, 10, 10, 12, 14]);
  const times = [now, now - days, now - 90 * days, now + 9 * minutes];
  const created = happens(making, 10, "time") ? now + 30 * days : chance.pick(times);
  const more = bentSubpackets(making, chance.pick([0, 0, 1, 3]));
  const made = subpacketsOf(making, writer, created);
  const area = concat([...made.signed, ...more]);
  const start = concat([
    new Uint8Array([4, type, writer.algorithm, hash]),
    writeNumber(area.length, 2),
    area,
  ]);
  const data = Buffer.from(type === 1 ? over.replaceAll(/(?<!\r)\n/g, "\r\n") : over, "latin1");
  const trailer = concat([new Uint8Array([4, 0xff]), writeNumber(start.length, 4)]);
  const signed = concat([data, start, trailer]);
  const beside = concat([...made.beside, ...bentSubpackets(making, chance.pick([0, 0, 0, 2]))]);
  const start16 = digest(signed, hash).subarray(0, 2);
  const left = happens(making, 20, "left 16 bits") ? bend(start16, chance) : start16;
  let numbers: Uint8Array = writer.sign(signed, hash);
  if (happens(making, 10, "numbers")) numbers = bend(numbers, chance);
  let body: Uint8Array = concat([start, writeNumber(beside.length, 2), beside, left, numbers]);
  if (happens(making, 15, "signature")) body = bend(body, chance);
  const isWithin = created <= now + clockAheadMax && hashes.has(hash) && type <= 1;
  if (isWithin && writer.isAlive && writer.isKnown) {
    const text = toLatin1(Buffer.from(over, "latin1"));
    const signer = writer.customer.certificate.fingerprint;
    making.mayOpen.push({ signer, text: type === 1 ? text.replaceAll("\r\n", "\n") : text });
  }
  const issuer = hex(writer.fingerprint.slice(24));
  let head: Uint8Array = concat([
    new Uint8Array([3, type, hash, writer.algorithm]),
    issuer,
    new Uint8Array(1),
  ]);
  if (happens(making, 15, "header")) head = bend(head, chance);
  return { head: { tag: tags.onePass, body: head }, signature: { tag: tags.signature, body } };
}

/** Time and issuer, here or there. */
function subpacketsOf(making: Making, writer: Writer, created: number) {
  const { chance } = making;
  const time = writeSubpacket(subpackets.created, writeNumber(Math.floor(created / 1000), 4), true);
  const print = happens(making, 15, "fingerprint")
    ? hex(`04${chance.pick(making.cast.writers).fingerprint}`)
    : hex(`04${writer.fingerprint}`);
  const keyId = happens(making, 15, "issuer")
    ? hex(chance.pick(making.cast.writers).fingerprint.slice(24))
    : hex(writer.fingerprint.slice(24));
  const named = [
    writeSubpacket(subpackets.issuerFingerprint, print),
    writeSubpacket(subpackets.issuer, keyId),
  ];
  const signed = [time];
  const beside: Uint8Array[] = [];
  for (const name of named) {
    if (chance.once(5)) continue;
    (chance.once(2) ? signed : beside).push(name);
  }
  return { signed, beside };
}

/** Subpackets of any type, well or badly made. */
function bentSubpackets(making: Making, count: number): readonly Uint8Array[] {
  const { chance, cast } = making;
  const us = cast.exchange.keys.fingerprint;
  return Array.from({ length: count }, () => {
    const type = chance.pick([3, 4, 9, 20, 22, 24, 26, 27, 28, 30, 35, 37, 60, 100]);
    const bodies: Readonly<Record<number, Uint8Array>> = {
      3: writeNumber(chance.pick([0, 1, 3600, 2 ** 31]), 4),
      27: chance.bytes(1),
      28: fromAscii("Alice"),
      35: hex(`04${chance.once(2) ? us : "0".repeat(40)}`),
    };
    let body = bodies[type] ?? chance.bytes(chance.below(40));
    if (happens(making, 6, `subpacket ${type}`)) body = bend(body, chance);
    const strange = happens(making, 12, "strange subpacket");
    const made = writeSubpacket(strange ? chance.below(128) : type, body, chance.once(4));
    return happens(making, 12, "subpacket's length") ? bend(made, chance) : made;
  });
}

/** As it is, or in one compressed packet; or in something that is not one. */
function compress(making: Making, content: Uint8Array): Uint8Array {
  const { chance } = making;
  if (!chance.once(3)) return content;
  const form = happens(making, 8, "form of compression") ? chance.below(5) : chance.below(3);
  const ways = [content, deflateRawSync(content), deflateSync(content)];
  let data: Uint8Array = new Uint8Array(ways[form] ?? content);
  if (happens(making, 8, "compressed data")) data = new Uint8Array(bend(data, chance));
  if (chance.once(5)) {
    data = concat([data, chance.bytes(1 + chance.below(30))]);
    making.bent.push(paddedCompression);
  }
  const body = concat([new Uint8Array([form]), data]);
  const packet = frameAll(making, [{ tag: tags.compressed, body }], "compressed");
  return happens(making, 10, "compressed twice") ? compress(making, packet) : packet;
}

/** One to a few session keys and the sealed data. */
function sealedNodes(making: Making, content: Uint8Array) {
  const { chance, cast } = making;
  const version = chance.pick([3, 3, 6]);
  const first = targetOf(cast.exchange.certificate.key);
  const second = targetOf(cast.exchange.second);
  const target = chance.pick(version === 6 ? [second, second, first] : [first, first, second]);
  const key = chance.bytes(chance.pick([16, 32, 32]));
  const nodes: Node[] = [];
  if (happens(making, 8, "another's session key")) {
    const stranger: Target = { ...target, point: second.point };
    nodes.push(nodeOf(wrap(key, stranger, {}, version === 6 ? 6 : 3)));
  }
  nodes.push(sessionKeyNode(making, { key, target, version: version === 6 ? 6 : 3 }));
  let body =
    version === 6
      ? seal2(content, key, { aead: chance.pick([2, 3]), chunk: chance.pick([0, 1, 6, 16]) })
      : seal1(content, key);
  if (happens(making, 8, "sealed data")) body = bend(body, chance);
  if (happens(making, 20, "head of sealed data")) {
    body = concat([bend(body.subarray(0, 4), chance), body.subarray(4)]);
  }
  nodes.push({ tag: tags.sealed, body });
  return { nodes };
}

function sessionKeyNode(
  making: Making,
  { key, target, version }: { key: Uint8Array; target: Target; version: 3 | 6 },
): Node {
  const { chance } = making;
  const cipher = key.length === 16 ? 7 : 9;
  const hidden = chance.once(10) ? { keyId: version === 6 ? "" : "0".repeat(16) } : {};
  const lies = happens(making, 4, "session key") ? chance.pick(liesOf(chance)) : {};
  return nodeOf(wrap(key, target, { cipher, ...hidden, ...lies }, version));
}

function liesOf(chance: Chance): readonly WrapLies[] {
  return [
    { cipher: chance.pick([0, 1, 2, 7, 8, 9, 10, 11]) },
    { checksum: (sum) => sum + 1 + chance.below(65_535) },
    { padded: (plain) => toBlocks(bend(plain, chance)) },
    { wrapped: (bytes) => bend(bytes, chance) },
    { bits: chance.below(600) },
    { form: chance.below(256) },
    { count: chance.below(256) },
    { algorithm: chance.pick([0, 1, 16, 18, 19, 22, 25, 26, 27]) },
    { ephemeral: chance.bytes(32) },
    { derivedFor: "00".repeat(20) },
    { body: (body) => bend(body, chance) },
  ];
}

/** Key wrapping takes whole blocks, two at least. */
function toBlocks(bent: Uint8Array): Uint8Array {
  const blocks = Math.max(2, Math.floor(bent.length / 8));
  return Uint8Array.from({ length: 8 * blocks }, (_, i) => bent[i] ?? 0);
}

function nodeOf(packet: Uint8Array): Node {
  const first = packet[1] ?? 0;
  return { tag: (packet[0] ?? 0) & 63, body: packet.subarray(first < 192 ? 2 : 3) };
}

/** The packets in their frames, perhaps with one left out, doubled, moved or put in. */
function frameAll(making: Making, given: readonly Node[], where: string): Uint8Array {
  const { chance } = making;
  const nodes = [...given];
  if (happens(making, 8, `${where} packets`)) {
    const at = chance.below(nodes.length);
    const [one] = nodes.slice(at, at + 1);
    const other = { tag: chance.below(64), body: chance.bytes(chance.below(40)) };
    const place = chance.below(nodes.length + 1);
    switch (chance.below(5)) {
      case 0:
        nodes.splice(at, 1);
        break;
      case 1:
        nodes.splice(place, 0, ...(one === undefined ? [] : [one]));
        break;
      case 2:
        nodes.splice(place, 0, other);
        break;
      case 3:
        nodes.splice(place, 0, ...nodes.splice(at, 1));
        break;
      default:
        nodes.splice(at, 1, { tag: chance.below(64), body: one?.body ?? other.body });
    }
  }
  return concat(nodes.map((node) => frame(making, node)));
}

/** One packet: as we write it, or in another frame that means the same, or in one that lies. */
function frame(making: Making, { tag, body }: Node): Uint8Array {
  const { chance } = making;
  const lies = happens(making, 15, "length");
  const length = lies
    ? chance.pick([body.length + 1, body.length - 1, 0, 2 ** 31, 511])
    : body.length;
  const new4 = (): Uint8Array =>
    concat([new Uint8Array([0xc0 | tag, 255]), writeNumber(Math.max(0, length), 4), body]);
  if (lies) return new4();
  switch (chance.below(8)) {
    case 0:
      return new4();
    case 1:
      if (tag > 15) return writePacket(tag, body);
      return concat([new Uint8Array([0x82 | (tag << 2)]), writeNumber(length, 4), body]);
    case 2:
      if (tag > 15 || length > 65_535) return writePacket(tag, body);
      return concat([new Uint8Array([0x81 | (tag << 2)]), writeNumber(length, 2), body]);
    case 3:
      return inParts(making, { tag, body });
    case 4:
      if (tag !== tags.compressed) return writePacket(tag, body);
      return concat([new Uint8Array([0xa3]), body]);
    default:
      return writePacket(tag, body);
  }
}

function inParts(making: Making, { tag, body }: Node): Uint8Array {
  const { chance } = making;
  const mayBe =
    body.length >= 512 && [tags.literal, tags.sealed, tags.compressed].some((t) => t === tag);
  if (!mayBe && !happens(making, 6, "parts")) return writePacket(tag, body);
  const parts: Uint8Array[] = [new Uint8Array([0xc0 | tag])];
  let at = 0;
  for (const exponent of [mayBe ? 9 : chance.below(10), chance.below(8)]) {
    if (at + 2 ** exponent > body.length) break;
    parts.push(new Uint8Array([0xe0 | exponent]), body.subarray(at, at + 2 ** exponent));
    at += 2 ** exponent;
  }
  return concat([...parts, writeLength(body.length - at), body.subarray(at)]);
}
