/**
 * Letters as stock GnuPG makes them, plain, compressed, as text, by RSA, with every octet changed
 * and every end cut off. `npm run soak` does it with other bits each time.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as fc from "fast-check";
import { time } from "../../codec/time.ts";
import { GpgCustomer } from "../../testing/gpg.ts";
import { runs } from "../../testing/runs.ts";
import { readCertificate } from "../certificate.ts";
import { newExchange, open, text, type Exchange } from "./forge.ts";
import { sweepBytes, sweepEnds, type Opening } from "./sweep.ts";

let exchange: Exchange;
const gpgs: GpgCustomer[] = [];
const letters: {
  readonly label: string;
  readonly sealed: Uint8Array;
  readonly opening: Opening;
}[] = [];

before(async () => {
  // gpg has no other clock than the machine's.
  exchange = await newExchange(time(Date.now() - 60_000));
  for (const algorithm of ["ed25519", "rsa2048"] as const) {
    const gpg = GpgCustomer.create(algorithm);
    gpgs.push(gpg);
    gpg.import(exchange.certificate.key.armor());
    const at = time(Date.now());
    const read = await readCertificate(Buffer.from(gpg.certificate(), "base64"), at);
    assert.ok(read.ok);
    const registered = [{ certificate: read.value }];
    const opening: Opening = (sealed) =>
      open(sealed, exchange, { registered, at: time(at + 5000) });
    for (const options of algorithm === "ed25519" ? [[], ["-z", "6"], ["--textmode"]] : [[]]) {
      const sealed = gpg.seal(text, exchange.keys.fingerprint, ["-z", "0", ...options]);
      letters.push({
        label: `${algorithm} ${options.join(" ")}`,
        sealed: new Uint8Array(sealed),
        opening,
      });
    }
  }
});

after(() => {
  for (const gpg of gpgs) gpg.remove();
});

const bits = fc.array(fc.nat(7), { minLength: 64, maxLength: 64 });

test("no changed octet of gpg's letters says anything else", async () => {
  await fc.assert(
    fc.asyncProperty(bits, async (chosen) => {
      for (const { label, sealed, opening } of letters) {
        const { same } = await sweepBytes(sealed, opening, (i) => 1 << (chosen[i % 64] ?? 0));
        assert.ok(same <= 8, `${label}: ${same} changes made no difference`);
      }
    }),
    { numRuns: runs(1), endOnFailure: true },
  );
});

test("what is cut off of gpg's letters does not open", async () => {
  for (const { sealed, opening } of letters) await sweepEnds(sealed, opening);
});
