/**
 * The script of the thread that reads registered certificates, and digests them for the fast path,
 * by OpenPGP.js: a stranger can make a certificate on which that takes long, and then it is killed.
 * It was given no key at all.
 */
import { setPriority } from "node:os";

import { readRegisteredCertificate } from "../../seal/certificate.ts";
import { digestCertificate, type DigestedCertificate } from "../../seal/fast/digest.ts";
import { serve, type Made } from "./post.ts";

/** Certificates whose key ids are wanted, or one that is to be digested. */
export type ToRead =
  | { readonly kind: "read"; readonly binaries: readonly Uint8Array[] }
  | { readonly kind: "digest"; readonly binary: Uint8Array };

/** What it gives. */
export type Read =
  | { readonly kind: "read"; readonly keyIds: readonly (readonly string[])[] }
  | { readonly kind: "digest"; readonly digest: DigestedCertificate };

const niceness = 10;

async function work(given: ToRead): Promise<Read> {
  if (given.kind === "digest") {
    const digest = await digestCertificate(await readRegisteredCertificate(given.binary));
    return { kind: "digest", digest };
  }
  const read = await Promise.all(given.binaries.map(readRegisteredCertificate));
  return { kind: "read", keyIds: read.map(({ keyIds }) => keyIds) };
}

// On Linux the priority is the calling thread's own.
setPriority(0, niceness);
serve(
  async (given: ToRead): Promise<Made<Read>> => ({ done: await work(given), transfer: [] }),
  () => undefined,
);
