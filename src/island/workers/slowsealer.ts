/**
 * The script of the thread that seals what the fast path leaves: to keys of rare kinds, by
 * OpenPGP.js. It was given the signing key and nothing that opens.
 */
import { setPriority } from "node:os";
import { workerData } from "node:worker_threads";

import type { Time } from "../../codec/time.ts";
import { readRegisteredCertificate } from "../../seal/certificate.ts";
import { signingKey, type SigningKeyData } from "../../seal/fast/keys.ts";
import { sealReport } from "../../seal/seal.ts";
import { serve, type Made } from "./post.ts";

/** A document, and the certificate of who it goes to. */
export type ToSealSlowly = {
  readonly text: string;
  readonly at: Time;
  readonly to: Uint8Array;
};

const niceness = 10;
const data: SigningKeyData = workerData;
const keys = { signer: signingKey(data) };

async function work({ text, at, to }: ToSealSlowly): Promise<Made<Uint8Array | undefined>> {
  const certificate = await readRegisteredCertificate(to);
  const done = await sealReport(text, { keys, to: certificate, at }).catch(() => undefined);
  return { done, transfer: [] };
}

// On Linux the priority is the calling thread's own.
setPriority(0, niceness);
serve(work, () => undefined);
