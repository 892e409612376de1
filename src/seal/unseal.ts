/**
 * From a sealed message to what was signed: framing, session key, modification detection, content.
 *
 * Order (docs/decisions/0003): bounds and framing first, then one private-key operation per
 * session-key packet, then the whole content is authenticated, and only then is anything inside it
 * parsed. The content is at most one compressed packet around, or plainly: one-pass headers, one
 * literal, and as many signatures. Refusals have names for the log; whoever sent a letter is told
 * none of them.
 */
import { inflate } from "#primitives";
import {
  CompressedDataPacket,
  decryptSessionKeys,
  PacketList,
  readMessage,
  type AnyPacket,
  type PrivateKey,
} from "openpgp";
import { concat, toHex } from "../codec/bytes.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { hasBearableChunks, isWellAddressed, recipientOf } from "./addressed.ts";
import { newestIn } from "./certificate.ts";
import { readPackets, tags, writePacket } from "./packets.ts";
import { openpgpConfig, sessionKeysMax, signaturesMax } from "./policy.ts";
import { openSealed, type SessionKey } from "./seipd.ts";
import { readSignatureFacts, type SignatureFacts } from "./signature.ts";

/**
 * Why a message does not open. In order of precedence: when several apply, the first is the answer.
 */
export const unsealRefusals = [
  "sealed_too_large",
  "sealed_malformed",
  "sealed_to_another",
  "sealed_damaged",
  "content_compressed",
  "content_malformed",
  "content_unsigned",
  "signature_malformed",
] as const;
export type UnsealRefusal = (typeof unsealRefusals)[number];

/** A signature as it stood beside the literal. */
export type FoundSignature = { readonly body: Uint8Array; readonly facts: SignatureFacts };

/** The signed bytes and the signatures that claim to be over them; none is verified yet. */
export type Content = {
  readonly bytes: Uint8Array;
  readonly signatures: readonly FoundSignature[];
};

/** A key of ours, and what a message and its content may have, bytes. */
export type Unsealing = {
  readonly key: PrivateKey;
  /** The same owner's version 6 key. */
  readonly v6?: PrivateKey | undefined;
  readonly bytesMax: number;
  readonly contentMax: number;
};

/** Opens a signed binary message with a key of ours. Never throws, whatever the bytes. */
export async function unseal(
  sealed: Uint8Array,
  options: Unsealing,
): Promise<Verdict<Content, UnsealRefusal>> {
  const outside = readOutside(sealed, options.bytesMax);
  if (!outside.ok) return outside;
  const content = await unsealed(outside.value, options);
  if (!content.ok) return content;
  return readContent(content.value, options.contentMax, outside.value.sealed[0] === 2);
}

/** Opens a binary message that nobody signed: exactly one literal. Never throws. */
export async function unsealLiteral(
  sealed: Uint8Array,
  options: Unsealing,
): Promise<Verdict<Uint8Array, UnsealRefusal>> {
  const outside = readOutside(sealed, options.bytesMax);
  if (!outside.ok) return outside;
  const content = await unsealed(outside.value, options);
  if (!content.ok) return content;
  const plain = inflated(content.value, options.contentMax);
  if (!plain.ok) return plain;
  const only = readPackets(plain.value, 1)?.[0];
  const bytes = only?.tag === tags.literal ? literalBytes(only.body) : undefined;
  return bytes === undefined
    ? refuse("content_malformed", "The content is not one literal.")
    : accept(bytes);
}

/** A message's outside: its session-key packets, and the sealed packet's body. */
export type Outside = {
  readonly sessionKeys: readonly Uint8Array[];
  readonly sealed: Uint8Array;
};

/** Bounds and framing, before any cryptography. */
export function readOutside(
  bytes: Uint8Array,
  bytesMax: number,
): Verdict<Outside, "sealed_too_large" | "sealed_malformed"> {
  if (bytes.length > bytesMax) {
    return refuse("sealed_too_large", `A message has at most ${bytesMax} bytes.`);
  }
  const packets = readPackets(bytes, sessionKeysMax + 1);
  const last = packets?.at(-1);
  const keys = packets?.slice(0, -1) ?? [];
  // Session keys of version 3 belong to version 1 of the sealed packet, 6 to 2.
  const version = last?.body[0] === 2 ? 6 : 3;
  const isAddressed = keys.every(
    ({ tag, body }) => tag === tags.sessionKey && isWellAddressed(body, version),
  );
  const isSealed = last?.tag === tags.sealed && hasBearableChunks(last.body);
  if (!isSealed || keys.length === 0 || !isAddressed) {
    return refuse(
      "sealed_malformed",
      `Not one to ${sessionKeysMax} session keys and one sealed packet.`,
    );
  }
  return accept({ sessionKeys: keys.map(({ body }) => body), sealed: last.body });
}

/** No session key is for a key of ours. */
export function toAnother(): Refused<"sealed_to_another"> {
  return refuse("sealed_to_another", "No session key is for this key.");
}

/** A session key did not open the sealed packet. */
export function damaged(): Refused<"sealed_damaged"> {
  return refuse(
    "sealed_damaged",
    "The sealed packet was changed, or its key is not the one given.",
  );
}

/** The content as it was authenticated, not yet parsed: by OpenPGP.js. */
async function unsealed(
  outside: Outside,
  { key, v6 }: Unsealing,
): Promise<Verdict<Uint8Array, UnsealRefusal>> {
  const { sealed } = outside;
  const ours = v6 === undefined ? [key] : [key, v6];
  const message = await readWhole(addressedTo(outside, ours));
  if (message === undefined) return toAnother();
  const keys = await sessionKeysFor(message, ours);
  if (keys.length === 0) return toAnother();
  if (sealed[0] === 2) {
    const content = await openAead(message, keys, sealed[1] === 7 ? "aes128" : "aes256");
    return content === undefined ? damaged() : accept(content);
  }
  for (const sessionKey of keys) {
    const content = openSealed(sealed, sessionKey);
    if (content !== undefined) return accept(content);
  }
  return damaged();
}

/**
 * The message with the session keys alone that name a key of ours, or nobody. OpenPGP.js goes by
 * the key id even where a whole fingerprint stands.
 */
function addressedTo({ sessionKeys, sealed }: Outside, keys: readonly PrivateKey[]): Uint8Array {
  const names = new Set([""]);
  for (const part of keys.flatMap((key) => key.getKeys())) {
    names.add(part.getKeyID().toHex());
    names.add(part.getFingerprint());
  }
  const ours = sessionKeys.filter((body) => names.has(recipientOf(body)));
  const packets = ours.map((body) => writePacket(tags.sessionKey, body));
  return concat([...packets, writePacket(tags.sealed, sealed)]);
}

type Whole = Awaited<ReturnType<typeof readWhole>> & {};

async function readWhole(sealed: Uint8Array) {
  try {
    return await readMessage({ binaryMessage: sealed, config: openpgpConfig });
  } catch {
    return undefined;
  }
}

async function sessionKeysFor(
  message: Whole,
  keys: readonly PrivateKey[],
): Promise<readonly SessionKey[]> {
  try {
    // The date only chooses whose preferences are read; expiry of our own keys is not judged here.
    const date = keys[0] === undefined ? undefined : newestIn(keys[0]);
    const whose = { decryptionKeys: [...keys], ...(date === undefined ? {} : { date }) };
    // All keys at once: OpenPGP.js forgets the packets that it has looked at.
    return await decryptSessionKeys({ message, ...whose, config: openpgpConfig });
  } catch {
    return [];
  }
}

/** How OpenPGP.js hands out the packets that it has not yet put into a list. */
type PacketStream = {
  getReader(): {
    read(): Promise<{ readonly done: false; readonly value: AnyPacket } | { readonly done: true }>;
  };
};

/** OpenPGP.js stops at a literal; what stands behind that is there to be read. */
async function readToEnd(packets: PacketList<AnyPacket>): Promise<void> {
  const { stream }: { readonly stream?: PacketStream | null } = Object(packets);
  const reader = stream?.getReader();
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    packets.push(next.value);
  }
}

function written(packets: PacketList<AnyPacket>): Uint8Array | undefined {
  const content: unknown = packets.write();
  return content instanceof Uint8Array ? content : undefined;
}

/**
 * Version 2 of the sealed packet (RFC 9580 §5.13.2). OpenPGP.js reads what is inside as soon as it
 * is authenticated, and gives it back written anew.
 */
async function openAead(
  message: Whole,
  keys: readonly SessionKey[],
  algorithm: "aes128" | "aes256",
): Promise<Uint8Array | undefined> {
  try {
    // The packet itself says the cipher: OpenPGP.js only compares.
    const named = keys.map(({ data }) => ({ data, algorithm }));
    const opened = await message.decrypt(undefined, undefined, named, undefined, openpgpConfig);
    await readToEnd(opened.packets);
    const [only, ...others] = opened.packets;
    if (!(only instanceof CompressedDataPacket)) return written(opened.packets);
    // It was inflated already, within the bound, and cannot be written again.
    const { algorithm: form, packets: inner }: { algorithm?: unknown; packets?: unknown } =
      Object(only);
    const isKnown = form === 0 || form === 1 || form === 2;
    if (!isKnown || others.length > 0 || !(inner instanceof PacketList)) return undefined;
    await readToEnd(inner);
    return written(inner);
  } catch {
    return undefined;
  }
}

/**
 * What was authenticated, parsed: the signed bytes and their signatures. `padded`: a last packet of
 * padding is passed over, which only version 2 of the sealed packet allows (RFC 9580 §10.3).
 */
export function readContent(
  content: Uint8Array,
  contentMax: number,
  padded: boolean,
): Verdict<Content, UnsealRefusal> {
  const plain = inflated(content, contentMax);
  if (!plain.ok) return plain;
  const found = readPackets(plain.value, 2 * signaturesMax + 2);
  if (found === undefined) return tooMuch(contentMax);
  const packets = padded && found.at(-1)?.tag === tags.padding ? found.slice(0, -1) : found;
  const middle = packets.findIndex(({ tag }) => tag === tags.literal);
  const literal = packets[middle];
  const heads = packets.slice(0, Math.max(middle, 0));
  const behind = packets.slice(middle + 1);
  if (
    literal === undefined ||
    heads.some(({ tag }) => tag !== tags.onePass) ||
    behind.some(({ tag }) => tag !== tags.signature) ||
    heads.length !== behind.length
  ) {
    return refuse("content_malformed", "Not one-pass headers, one literal and their signatures.");
  }
  if (heads.length === 0) return refuse("content_unsigned", "Nothing signs it.");
  const bytes = literalBytes(literal.body);
  if (bytes === undefined) return refuse("content_malformed", "The literal is malformed.");
  const signatures: FoundSignature[] = [];
  for (const { body } of behind) {
    const facts = readSignatureFacts(body);
    // The last head belongs to the first signature.
    const head = heads[heads.length - 1 - signatures.length];
    if (facts === undefined || head === undefined || !isHeadOf(head.body, body, facts.issuer)) {
      return refuse("signature_malformed", "A signature is malformed or not the one announced.");
    }
    signatures.push({ body, facts });
  }
  return accept({ bytes, signatures });
}

/**
 * The content of one compressed packet, or the content as it is. Inflation stops at the bound, and
 * what comes out is not inflated again. Bytes behind the end of the compressed data, but inside its
 * packet, are padding: `sq` hides a message's size that way. BZip2 is not read: our certificate
 * asks for no compression at all, and tools use it only when told to. Where the machine does not
 * inflate (a browser, which opens only what the exchange sealed), nothing compressed is read.
 */
function inflated(
  content: Uint8Array,
  contentMax: number,
): Verdict<Uint8Array, "content_compressed" | "content_malformed"> {
  if (content.length > contentMax) return tooMuch(contentMax);
  const packets = readPackets(content, 1);
  const only = packets?.[0];
  if (only?.tag !== tags.compressed) return accept(content);
  const data = only.body.subarray(1);
  const form = only.body[0];
  if (form === 0) return accept(data);
  if (inflate === undefined || (form !== 1 && form !== 2)) {
    return refuse("content_compressed", "The content is compressed in a way not read here.");
  }
  const plain = inflate(data, form === 1 ? "raw" : "zlib", contentMax);
  return plain === undefined ? tooMuch(contentMax) : accept(plain);
}

function tooMuch(contentMax: number): Refused<"content_malformed"> {
  return refuse("content_malformed", `Not packets of at most ${contentMax} bytes.`);
}

/**
 * The data of a literal packet. Its format, file name and date are not signed and not looked at.
 */
function literalBytes(body: Uint8Array): Uint8Array | undefined {
  const dataAt = 2 + (body[1] ?? 0) + 4;
  return dataAt <= body.length ? body.subarray(dataAt) : undefined;
}

/** A one-pass header says the same type, hash, algorithm and issuer as its signature. */
function isHeadOf(head: Uint8Array, signature: Uint8Array, issuer: string): boolean {
  if (head.length !== 13 || head[0] !== 3) return false;
  const same = [1, 3, 2].every((field, i) => head[i + 1] === signature[field]);
  return same && toHex(head.subarray(4, 12)) === issuer;
}
