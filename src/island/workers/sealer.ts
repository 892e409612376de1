/**
 * The script of a thread that seals by the fast path. It was given the signing key and nothing that
 * opens. A document whose recipient it does not know, or whose key is of a rare kind, it leaves to
 * the slow sealer: its place among the sealed ones is empty then.
 */
import { workerData } from "node:worker_threads";

import { toLatin1 } from "../../codec/bytes.ts";
import type { Fingerprint } from "../../codec/names.ts";
import type { Time } from "../../codec/time.ts";
import { fastSealer, type SigningData } from "./fast.ts";
import { KnownCustomers, type Known } from "./known.ts";
import { pack, unpack } from "./packed.ts";
import { serve } from "./post.ts";

/** A batch: packed texts, one character a byte, and to whom each goes. */
export type ToSeal = {
  readonly at: Time;
  readonly texts: ArrayBuffer;
  readonly to: readonly Fingerprint[];
};

const data: SigningData = workerData;
const seal = fastSealer(data);
const known = new KnownCustomers();
const nothing = new Uint8Array(0);

serve(
  ({ at, texts, to }: ToSeal) => {
    const sealed = unpack(texts).map((text, i) => {
      const account = to[i];
      const recipient = account && known.of(account)?.digest;
      return (recipient && seal(toLatin1(text), recipient, at)) ?? nothing;
    });
    const done = pack(sealed);
    return { done, transfer: [done] };
  },
  (told: Known) => known.hear(told),
);
