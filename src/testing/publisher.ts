/**
 * An exchange as far as a relay can see it: a log key that signs checkpoints over the leaves it
 * is given, and publications made of them. The keys are fixed, so that what it publishes is the
 * same in every run; it can also be told to lie, for the tests of those who must notice.
 */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { sha256, toHex } from "../codec/bytes.ts";
import { digest, fingerprint, type Fingerprint, type Ref } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { logOrigin, printCheckpoint } from "../log/checkpoint.ts";
import { printLeaf } from "../log/leaf.ts";
import { printNote, type Signer, type Verify } from "../log/note.ts";
import { printNotice } from "../log/notice.ts";
import { encodePublication, type Mail, type Publication, type Reply } from "../log/publication.ts";
import { appendLeaf, emptyFrontier, rootHash, type Frontier } from "../log/tree.ts";

/** The Ed25519 private key (RFC 8032) whose seed is 32 times `byte`: for tests only. */
export function testKey(byte: number): KeyObject {
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  const der = Buffer.concat([prefix, Buffer.alloc(32, byte)]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

/** The raw public key of a private key. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return new Uint8Array(Buffer.from(x ?? "", "base64url"));
}

/** A signer of notes. */
export function testSigner(name: string, key: KeyObject): Signer {
  const publicKey = rawPublicKey(key);
  return { name, publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) };
}

/** Ed25519 by the machine's own library. */
export const verifyEd25519: Verify = (publicKey, message, signature) => {
  const x = Buffer.from(publicKey).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, message, key, signature);
};

/** What one batch says, before REPORT leaves and checkpoint are added. */
export type Batch = {
  readonly leaves?: readonly string[];
  readonly replies?: readonly Reply[];
  readonly mail?: readonly Mail[];
  readonly unopenable?: { readonly at: Time; readonly refs: readonly Ref[] };
  readonly card?: string;
};

/** Publishes batch after batch. */
export class Publisher {
  readonly exchange: Fingerprint;
  readonly log: Signer;
  #number = 0;
  #frontier: Frontier = emptyFrontier();

  constructor(exchange: string, key: KeyObject) {
    this.exchange = fingerprint(exchange);
    this.log = testSigner(logOrigin(this.exchange), key);
  }

  get size(): number {
    return this.#frontier.size;
  }

  /** The next publication, honest. `edit` may change it before its checkpoint is signed. */
  next(batch: Batch, edit?: (honest: Publication) => Publication): Publication {
    const replies = batch.replies ?? [];
    const mail = batch.mail ?? [];
    const reports = [...replies, ...mail].map(({ sealed }) =>
      printLeaf({ kind: "report", digest: digest(toHex(sha256(sealed))) }),
    );
    this.#number += 1;
    const draft = {
      number: this.#number,
      leaves: [...(batch.leaves ?? []), ...reports],
      replies,
      mail,
      unopenable: batch.unopenable && this.#notice(batch.unopenable),
      card: batch.card,
      checkpoint: "",
    };
    const edited = edit?.(draft) ?? draft;
    for (const line of edited.leaves) this.#frontier = appendLeaf(this.#frontier, line);
    return { ...edited, checkpoint: this.checkpoint(this.#frontier) };
  }

  /** The next publication's bytes. */
  publish(batch: Batch): Uint8Array {
    return encodePublication(this.next(batch));
  }

  /** A signed checkpoint over any tree. */
  checkpoint(frontier: Frontier): string {
    const root = rootHash(frontier);
    const { size } = frontier;
    return printNote(printCheckpoint({ origin: this.log.name, size, root }), this.log);
  }

  #notice(listed: { readonly at: Time; readonly refs: readonly Ref[] }): string {
    return printNote(printNotice({ exchange: this.exchange, ...listed }), this.log);
  }
}
