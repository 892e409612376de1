/**
 * Publications: nothing is said twice after a crash, and the order of what is sealed tells nothing.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { sha256Hex } from "../codec/bytes.ts";
import { orderId, ref } from "../codec/names.ts";
import type { Document } from "../engine/input.ts";
import { decodeSaid } from "../journal/said.ts";
import { decodePublication, type Publication } from "../log/publication.ts";
import { parseLeaf } from "../log/leaf.ts";
import { appendLeaf, emptyFrontier, type Frontier } from "../log/tree.ts";
import { PublicView } from "../market/publicview.ts";
import { SnapshotPrinter } from "../market/snapshot.ts";
import { openSegments, type Segments } from "../store/segments.ts";
import { correspondent, islandNow, testIsland } from "../testing/island.ts";
import { Archive } from "./archive.ts";
import { Certificates } from "./certificates.ts";
import { ReferenceOffice } from "./office.ts";
import { Publisher, type Batch } from "./publish.ts";
import { foldPublished, loadView, saveView } from "./savedview.ts";

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
  const certificates = new Certificates(island.certificate, () => undefined);
  await certificates.take({
    account: alice.fingerprint,
    certificate: alice.certificate.binary,
    signs: true,
  });
  const office = new ReferenceOffice(island.settings.operating, certificates);
  const said = await openSegments(join(dir, name));
  const archive = new Archive(said);
  const note = (): void => undefined;
  const parts = { settings: island.settings, said, archive, office, note };
  return { parts, alice };
}

function nothingSaid() {
  return { frontier: emptyFrontier(), view: new PublicView(), already: 0 };
}

/** The fold of everything said, in one go. */
function folded(said: Segments): { readonly view: PublicView; readonly frontier: Frontier } {
  const view = new PublicView();
  let frontier = emptyFrontier();
  for (const line of publications(said).flatMap(({ leaves }) => leaves)) {
    const leaf = parseLeaf(line);
    assert.ok(leaf);
    view.apply(leaf);
    frontier = appendLeaf(frontier, line);
  }
  return { view, frontier };
}

/** A store that dies at the append after so many. */
function dyingAfter(said: Segments, appendsMax: number): Segments {
  let appends = 0;
  return new Proxy(said, {
    get(target, name) {
      if (name === "append") {
        return (records: readonly Uint8Array[]) => {
          appends += 1;
          if (appends > appendsMax) throw new Error("power cut");
          return target.append(records);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
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
  const dying = dyingAfter(parts.said, 1);
  const first = new Publisher({ ...parts, said: dying }, nothingSaid());
  await assert.rejects(first.publish(batch), /power cut/);
  const last = decodeSaid(parts.said.get(parts.said.last));
  assert.ok(last.ok && last.value.upTo === 0, "the input is not answered yet");
  const { frontier } = last.value;
  assert.ok(frontier.size > 0 && frontier.size < 9);

  const { view } = folded(parts.said);
  const second = new Publisher(parts, { frontier, view, already: frontier.size });
  await second.publish(batch);
  const all = publications(parts.said);
  assert.equal(second.engineLeaves, 9);
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
  const publisher = new Publisher(parts, nothingSaid());
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

/** Inputs that only move levels: what they publish has no randomness in it. */
function movesOf(batch: number, inputs: number): Batch {
  const decided = Array.from({ length: inputs }, (_, i) => ({
    number: batch * 100 + i + 1,
    output: {
      leaves: Array.from(
        { length: 1000 },
        (_, k) => `LEVEL|GLD/BTC|buy|${1 + ((i * 1000 + k * 7) % 977)}|${1 + batch + i}`,
      ),
      documents: [],
      archive: [],
      submissions: [],
      reads: [],
    },
  }));
  const upTo = batch * 100 + inputs;
  return { decided, upTo, unopenable: [], card: undefined, at: islandNow };
}

test("snapshots are leaves of the log: the same ones, wherever a crash fell", async () => {
  const { parts: first } = await stage("straight");
  const market = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8";
  const batches = [3, 5, 1, 6, 1].map((inputs, batch) => movesOf(batch, inputs));
  const opening = batches[0]?.decided[0];
  assert.ok(opening);
  batches[0] = {
    ...movesOf(0, 3),
    decided: [{ number: 1, output: { ...opening.output, leaves: [market] } }],
  };
  const straight = new Publisher(first, nothingSaid());
  for (const batch of batches) await straight.publish(batch);
  const wanted = publications(first.said);
  const snapshots = wanted.flatMap(({ leaves }) =>
    leaves.filter((line) => line.startsWith("SNAPSHOT")),
  );
  assert.equal(snapshots.length, 2);
  // Each is the snapshot that anybody makes of the leaves before it.
  const again = { view: new PublicView(), frontier: emptyFrontier() };
  const { exchange } = first.settings;
  for (const line of wanted.flatMap(({ leaves }) => leaves)) {
    const leaf = parseLeaf(line);
    assert.ok(leaf);
    if (leaf.kind === "snapshot") {
      assert.equal(leaf.size, again.frontier.size);
      const { digest } = new SnapshotPrinter(again.view).print(exchange, again.frontier);
      assert.equal(leaf.digest, digest);
    }
    again.view.apply(leaf);
    again.frontier = appendLeaf(again.frontier, line);
  }
  for (let crash = 0; crash < wanted.length; crash += 1) {
    const said = await openSegments(join(dir, `crash-${crash}`));
    const parts = { ...first, said, archive: new Archive(said) };
    const dying = new Publisher({ ...parts, said: dyingAfter(said, crash) }, nothingSaid());
    let done = 0;
    for (; done < batches.length; done += 1) {
      const batch = batches[done];
      assert.ok(batch);
      const died = await dying.publish(batch).then(
        () => false,
        () => true,
      );
      if (died) break;
    }
    // A start reads what was said, from a view that was kept or from the beginning.
    const kept = loadView(dir, exchange, said);
    assert.equal(kept.said, 0);
    const log = folded(said);
    const next = new Publisher(parts, { ...log, already: 0 });
    for (const batch of batches.slice(done)) await next.publish(batch);
    assert.deepEqual(publications(said), wanted, `after a crash at append ${crash + 1}`);
    await said.close();
  }
  await first.said.close();
});

test("a view of more than a snapshot may hold is saved and read, and no snapshot is signed", async () => {
  const { parts } = await stage("large");
  const { settings, said } = parts;
  const publisher = new Publisher(parts, nothingSaid());
  const home = join(dir, "large-home");
  const markets = Array.from({ length: 700 }, (_, i) => {
    return `MARKET|ABCDEFGHI${100 + i}/ABCDEFGHIJKL|1|100|1|5|10000000|1|1000000|0|2000|1|8`;
  });
  const output = { leaves: markets, documents: [], archive: [], submissions: [], reads: [] };
  const opening = { ...movesOf(0, 1), decided: [{ number: 1, output }] };
  for (const batch of [opening, movesOf(1, 3), movesOf(2, 3)]) await publisher.publish(batch);
  const leaves = publications(said).flatMap((publication) => publication.leaves);
  assert.equal(leaves.length, 6700);
  assert.ok(!leaves.some((line) => line.startsWith("SNAPSHOT")));
  await saveView(home, settings.exchange, { ...publisher.log, said: said.last });
  const kept = loadView(home, settings.exchange, said);
  assert.deepEqual([kept.said, kept.view.size], [said.last, 6700]);
  await said.close();
});

test("a saved view holds, or is passed over: torn, or of another history", async () => {
  const { parts } = await stage("saved");
  const { settings, said } = parts;
  const { exchange } = settings;
  const publisher = new Publisher(parts, nothingSaid());
  const home = join(dir, "saved-home");
  for (const batch of [movesOf(0, 1), movesOf(1, 2), movesOf(2, 1)]) {
    await publisher.publish(batch);
    await saveView(home, exchange, { ...publisher.log, said: said.last });
  }
  const path = (number: number): string => join(home, `snapshots/public-${number}.txt`);
  assert.deepEqual(readdirSync(join(home, "snapshots")), ["public-2.txt", "public-3.txt"]);
  const newest = loadView(home, exchange, said);
  assert.equal(newest.said, 3);
  assert.equal(newest.view.size, 4000);
  const whole = readFileSync(path(3));
  for (const torn of [whole.subarray(0, 700), whole.fill(0xfc, 400, 500), Buffer.alloc(0)]) {
    writeFileSync(path(3), torn);
    assert.equal(loadView(home, exchange, said).said, 2);
  }
  // As good as the one that was torn, after folding what came behind it.
  const older = loadView(home, exchange, said);
  const record = decodeSaid(said.get(3));
  assert.ok(record.ok);
  foldPublished(older.view, record.value.publication);
  const { frontier } = publisher.log;
  assert.deepEqual(
    new SnapshotPrinter(older.view).print(exchange, frontier),
    new SnapshotPrinter(publisher.log.view).print(exchange, frontier),
  );
  renameSync(path(2), path(1));
  assert.equal(loadView(home, exchange, said).said, 0, "the number is not the name's");
  await said.close();
});
