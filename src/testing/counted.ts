/**
 * What a piece of work cost in operations that do not depend on the machine: private-key
 * operations, signatures verified, bytes inflated. The functions of Node that do them are counted
 * where everybody gets them, `node:crypto`, `node:zlib` and WebCrypto, and do their work as ever.
 */
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import zlib from "node:zlib";

/** What was done. */
export type Work = { secrets: number; verified: number; inflated: number };

/**
 * Runs it and counts. Nothing else may run meanwhile: everything in this process is counted.
 */
export async function counted<T>(
  run: () => T | Promise<T>,
): Promise<{ readonly result: T; readonly work: Work }> {
  const work: Work = { secrets: 0, verified: 0, inflated: 0 };
  const undo = [
    ...["diffieHellman", "privateDecrypt"].map((name) => count(crypto, name, work, "secrets")),
    ...["verify", "publicDecrypt"].map((name) => count(crypto, name, work, "verified")),
    ...["deriveBits", "deriveKey", "decrypt"].map((name) => countAsked(name, work)),
    count(SubtleCrypto.prototype, "verify", work, "verified"),
    ...["inflateSync", "inflateRawSync"].map((name) => countInflated(name, work)),
  ];
  syncBuiltinESMExports();
  try {
    return { result: await run(), work };
  } finally {
    for (const back of undo) back();
    syncBuiltinESMExports();
  }
}

type Call = (...words: readonly unknown[]) => unknown;

/** Puts another function in place; what is returned puts it back. */
function replace(on: object, name: string, by: (call: Call) => Call): () => void {
  const real: unknown = Reflect.get(on, name);
  if (typeof real !== "function") throw new Error(`couldn't find ${name}`);
  const own = function (this: unknown, ...words: readonly unknown[]): unknown {
    return by((...all) => Reflect.apply(real, this, all))(...words);
  };
  Reflect.set(on, name, own);
  return () => void Reflect.set(on, name, real);
}

function count(on: object, name: string, work: Work, what: "secrets" | "verified"): () => void {
  return replace(on, name, (call) => (...words) => {
    work[what] += 1;
    return call(...words);
  });
}

/** WebCrypto's `decrypt` is also for symmetric keys, and `deriveBits` for HKDF: not counted. */
function countAsked(name: string, work: Work): () => void {
  return replace(SubtleCrypto.prototype, name, (call) => (...words) => {
    const [how] = words;
    const algorithm = Object(how).name ?? how;
    if (/^(?:X25519|ECDH|RSA-OAEP)$/.test(String(algorithm))) work.secrets += 1;
    return call(...words);
  });
}

/** What is cut off at the bound counts as the bound. */
function countInflated(name: string, work: Work): () => void {
  return replace(zlib, name, (call) => (...words) => {
    try {
      const made: unknown = call(...words);
      work.inflated += made instanceof Uint8Array ? made.length : 0;
      return made;
    } catch (error) {
      const { maxOutputLength = Infinity }: { maxOutputLength?: number } = Object(words[1]);
      work.inflated += maxOutputLength;
      throw error;
    }
  });
}
