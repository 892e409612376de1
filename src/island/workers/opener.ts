/**
 * The script of a thread that opens letters by the fast path. It was given the decryption keys and
 * nothing that signs. What is not of a common form, registers a certificate, or is signed by a
 * customer whose certificate is not digested yet, it leaves to the slow opener.
 */
import { workerData } from "node:worker_threads";

import type { Time } from "../../codec/time.ts";
import { fastOpener, type OpeningData } from "./fast.ts";
import { KnownCustomers, type Known } from "./known.ts";
import { packOpenings } from "./opening.ts";
import { unpack } from "./packed.ts";
import { serve } from "./post.ts";

/** A batch: packed letters, and the instant at which they are judged. */
export type ToOpen = { readonly at: Time; readonly letters: ArrayBuffer };

const data: OpeningData = workerData;
const known = new KnownCustomers();
const open = fastOpener(data, (keyId) => known.byKeyId(keyId));

serve(
  ({ at, letters }: ToOpen) => {
    const done = packOpenings(unpack(letters).map((letter) => open(letter, at)));
    return { done, transfer: [done] };
  },
  (told: Known) => known.hear(told),
);
