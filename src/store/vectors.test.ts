/** The published stores (vectors/journal.json) open, or refuse to, as is said there. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SimulatedDisk } from "../testing/disk.ts";
import { openSegments, StoreDamaged } from "./segments.ts";

type Case = {
  readonly what: string;
  readonly segments: readonly string[];
  readonly records?: readonly string[];
  readonly torn?: boolean;
  readonly damaged?: string;
  readonly offset?: number;
};

const vectors: { readonly stores: readonly Case[] } = JSON.parse(
  readFileSync(new URL("../../vectors/journal.json", import.meta.url), "utf8"),
);

for (const { what, segments, records, torn, damaged, offset } of vectors.stores) {
  test(`a store: ${what}`, async () => {
    const disk = new SimulatedDisk();
    for (const [i, segment] of segments.entries()) {
      disk.place(`s/0000000${i + 1}.seg`, Buffer.from(segment, "hex"));
    }
    const opening = openSegments("s", { files: disk.files, readOnly: true });
    if (records === undefined) {
      await rejects(opening, (error) => {
        ok(error instanceof StoreDamaged);
        deepEqual([error.segment, error.offset], [`s/${damaged}`, offset]);
        return true;
      });
      return;
    }
    const store = await opening;
    deepEqual(
      [...store.read(1)].map(({ bytes }) => Buffer.from(bytes).toString("hex")),
      records,
    );
    equal(store.tornBytes > 0, torn);
  });
}

test("records written again give the published bytes", async () => {
  const [written] = vectors.stores;
  ok(written?.records !== undefined);
  const disk = new SimulatedDisk();
  const store = await openSegments("s", { files: disk.files, segmentBytes: 192 });
  for (const [from, to] of [
    [0, 1],
    [1, 3],
    [3, 4],
    [4, 5],
  ]) {
    await store.append(written.records.slice(from, to).map((hex) => Buffer.from(hex, "hex")));
  }
  for (const [i, segment] of written.segments.entries()) {
    equal(Buffer.from(disk.bytesOf(`s/0000000${i + 1}.seg`)).toString("hex"), segment);
  }
});
