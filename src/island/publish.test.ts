/**
 * Publications: nothing is said twice after a crash, and the order of what is sealed tells nothing.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { toBase64 } from "../codec/bytes.ts";
import { sha256Hex } from "../codec/bytes.ts";
import { orderId, ref } from "../codec/names.ts";
import type { Document } from "../engine/input.ts";
import { decodeSaid } from "../journal/said.ts";
import { decodePublication, type Publication } from "../log/publication.ts";
import { emptyFrontier } from "../log/tree.ts";
import { openSegments, type Segments } from "../store/segments.ts";
import { correspondent, islandNow, testIsland } from "../testing/island.ts";
import { Archive } from "./archive.ts";
import { Certificates } from "./certificates.ts";
import { Publisher, type Batch } from "./publish.ts";

let dir: string;
before(() => {
  dir = mkdtempSync(join(tmpdir(), "signet-said-"));
});
after(() => rmSync(dir, { recursive: true, force: true }));

function publications(said: Segments): readonly Publication[] {
  return [...said.read(1)].map(({ bytes }) => {
    const record = decodeSaid(bytes);
    assert.ok(record.ok);
    const publication = decodePublication(record.value.publication);
    assert.ok(publication.ok);
    return publication.value;
  });
}

async function stage(name: string) {
  const island = await testIsland(dir);
  const alice = await correspondent(1);
  const certificates = new Certificates(island.certificate);
  await certificates.add(alice.fingerprint, toBase64(alice.certificate.binary));
  const said = await openSegments(join(dir, name));
  const archive = new Archive(said);
  const note = (): void => undefined;
  const parts = { settings: island.settings, said, archive, certificates, note };
  return { parts, alice };
}

function documents(to: Document["to"], count: number, size: number): readonly Document[] {
  return Array.from({ length: count }, (_, i) => ({
    to,
    report: i + 1,
    text: `report ${i + 1} ${"x".repeat(size)}\n`,
    delivery: {
      kind: "reply" as const,
      ref: ref(sha256Hex(`ref ${i}`)),
      orderId: orderId(sha256Hex(`order ${i}`)),
      stands: true,
    },
  }));
}

test("a long input that a crash cut short is finished, and nothing of it is said twice", async () => {
  const { parts, alice } = await stage("long");
  const output = {
    leaves: ["TICK|2026-11-21T00:00:00.000Z"],
    documents: documents(alice.fingerprint, 8, 2_000_000),
    archive: [],
    submissions: [],
    reads: [],
  };
  const decided = [{ number: 7, output }];
  const batch: Batch = { decided, upTo: 8, unopenable: [], card: undefined, at: islandNow };
  let appends = 0;
  const dying = new Proxy(parts.said, {
    get(target, name) {
      if (name === "append") {
        return (records: readonly Uint8Array[]) => {
          appends += 1;
          if (appends > 1) throw new Error("power cut");
          return target.append(records);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const start = { frontier: emptyFrontier(), already: 0 };
  const first = new Publisher({ ...parts, said: dying }, start);
  await assert.rejects(first.publish(batch), /power cut/);
  const last = decodeSaid(parts.said.get(parts.said.last));
  assert.ok(last.ok && last.value.upTo === 0, "the input is not answered yet");
  const { frontier } = last.value;
  assert.ok(frontier.size > 0 && frontier.size < 9);

  const second = new Publisher(parts, { frontier, already: frontier.size });
  await second.publish(batch);
  const all = publications(parts.said);
  assert.equal(second.size, 9);
  assert.equal(all.flatMap(({ leaves }) => leaves).length, 9);
  const replied = all.flatMap(({ replies }) => replies.map((reply) => reply.ref)).sort();
  assert.deepEqual(
    replied,
    output.documents
      .flatMap(({ delivery }) => (delivery.kind === "reply" ? [delivery.ref] : []))
      .sort(),
  );
  for (let report = 1; report <= 8; report += 1) {
    const text = parts.archive.report(alice.fingerprint, report);
    assert.ok(text.startsWith(`report ${report} `));
  }
  await parts.said.close();
});

test("in a publication market leaves come first and what is sealed is sorted by its hash", async () => {
  const { parts, alice } = await stage("sorted");
  const publisher = new Publisher(parts, { frontier: emptyFrontier(), already: 0 });
  const decided = documents(alice.fingerprint, 12, 10).map((document, i) => ({
    number: i + 1,
    output: {
      leaves: [`LEVEL|GLD/BTC|buy|${i + 1}|5`],
      documents: [document],
      archive: [],
      submissions: [],
      reads: [],
    },
  }));
  const rest = { upTo: 12, unopenable: [], card: undefined, at: islandNow };
  await publisher.publish({ decided, ...rest });
  const [publication, ...more] = publications(parts.said);
  assert.ok(publication !== undefined && more.length === 0);
  const { leaves, replies } = publication;
  const levels = decided.map(({ output }) => output.leaves[0]);
  assert.deepEqual(leaves.slice(0, 12), levels);
  assert.deepEqual(leaves.slice(12), leaves.slice(12).toSorted());
  const asked = decided.map(({ number }) => ref(sha256Hex(`ref ${number - 1}`)));
  assert.notDeepEqual(
    replies.map((reply) => reply.ref),
    asked,
  );
  await parts.said.close();
});
