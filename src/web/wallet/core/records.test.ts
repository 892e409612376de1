/** Records and wrapped keys: what was put in comes out, and nothing else does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { openRecord, recordKeys, sealRecord, type RecordKeys } from "./records.ts";
import { passkeyRequest, unwrapKey, wrapKey } from "./waystoopen.ts";

const dataKey = Uint8Array.from({ length: 32 }, (_, i) => i);

async function keys(fill = 0): Promise<RecordKeys> {
  return recordKeys(dataKey.map((byte) => byte ^ fill));
}

test("a file comes back as it was, and its record tells neither name nor size", async () => {
  const own = await keys();
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.uint8Array({ maxLength: 5000 }),
      async (path, bytes) => {
        const record = await sealRecord(own, { path, bytes });
        assert.deepEqual(await openRecord(own, record), { path, bytes: Uint8Array.from(bytes) });
        assert.equal((record.box.length - 28) % 1024, 0);
        assert.match(record.id, /^[0-9a-f]{64}$/);
      },
    ),
    { numRuns: 40 },
  );
});

test("one name has one place, and every writing is another box", async () => {
  const own = await keys();
  const file = { path: "key.asc", bytes: new Uint8Array(10) };
  const [one, two] = [await sealRecord(own, file), await sealRecord(own, file)];
  assert.equal(one.id, two.id);
  assert.notDeepEqual(one.box, two.box);
  assert.notEqual(one.id, (await sealRecord(await keys(1), file)).id);
});

test("a record that is changed, cut, moved or another's does not open", async () => {
  const own = await keys();
  const record = await sealRecord(own, { path: "a", bytes: Uint8Array.of(1, 2, 3) });
  const other = await sealRecord(own, { path: "b", bytes: Uint8Array.of(4) });
  const flipped = record.box.slice();
  flipped[20] = (flipped[20] ?? 0) ^ 1;
  assert.equal(await openRecord(own, { ...record, box: flipped }), undefined);
  assert.equal(await openRecord(own, { ...record, box: record.box.slice(0, 100) }), undefined);
  assert.equal(await openRecord(own, { id: other.id, box: record.box }), undefined);
  assert.equal(await openRecord(await keys(1), record), undefined);
});

test("a passphrase opens what it locked, however its accents are written", async () => {
  const lock = { kind: "passphrase", passphrase: "caf\u00e9 au lait" } as const;
  const wrapped = await wrapKey(dataKey, lock);
  const same = { kind: "passphrase", passphrase: "cafe\u0301 au lait" } as const;
  assert.deepEqual(await unwrapKey(wrapped, same), dataKey);
  assert.equal(await unwrapKey(wrapped, { ...same, passphrase: "cafe au lait" }), undefined);
});

test("a passkey's secret opens what it locked, and the request says how to ask for it", async () => {
  const request = { credential: Uint8Array.of(9, 9), salt: new Uint8Array(32) };
  const secret = new Uint8Array(32).fill(5);
  const wrapped = await wrapKey(dataKey, { kind: "passkey", request, secret });
  assert.deepEqual(await unwrapKey(wrapped, { kind: "passkey", secret }), dataKey);
  assert.equal(await unwrapKey(wrapped, { kind: "passkey", secret: dataKey }), undefined);
  assert.deepEqual(passkeyRequest([wrapped]), request);
  assert.equal(passkeyRequest([]), undefined);
});
