/** The segment store on a disk that lies: every cut, every flipped bit, every failing step. */
import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { AssertionFailed } from "../codec/assert.ts";
import { concat, sha256 } from "../codec/bytes.ts";
import { type Fault, SimulatedDisk } from "../testing/disk.ts";
import { runs } from "../testing/runs.ts";
import { chainStart, encodeFrame } from "./frame.ts";
import { openSegments, type Segments, StoreDamaged } from "./segments.ts";

const dir = "store";
const first = "store/00000001.seg";
const segmentBytes = 512;

function record(number: number, length = 5): Uint8Array {
  return new Uint8Array(length).fill(number % 251).with(0, number % 256);
}

function open(disk: SimulatedDisk, readOnly = false): Promise<Segments> {
  return openSegments(dir, { segmentBytes, files: disk.files, readOnly });
}

function contents(store: Segments): Uint8Array[] {
  return [...store.read(1)].map(({ bytes }) => Uint8Array.from(bytes));
}

/**
 * Frames of these record counts, each record numbered and of a length that makes pads of all sizes.
 */
async function fill(disk: SimulatedDisk, counts: readonly number[]): Promise<Uint8Array[]> {
  const store = await open(disk);
  const all: Uint8Array[] = [];
  for (const count of counts) {
    const frame = Array.from({ length: count }, (_, i) => {
      return record(all.length + i + 1, 1 + ((all.length + i) % 9));
    });
    all.push(...frame);
    equal(await store.append(frame), all.length);
  }
  await store.close();
  return all;
}

/**
 * Opens, checks that the records are a prefix of `all`, that it goes on, and that it opens again.
 */
async function checkGoesOn(disk: SimulatedDisk, all: readonly Uint8Array[]): Promise<number> {
  const store = await open(disk);
  const { last } = store;
  deepEqual(contents(store), all.slice(0, last));
  const more = record(200, 11);
  equal(await store.append([more]), last + 1);
  deepEqual(Uint8Array.from(store.get(last + 1)), more);
  await store.close();
  const again = await open(disk);
  deepEqual(contents(again), [...all.slice(0, last), more]);
  equal(again.tornBytes, 0);
  await again.close();
  return last;
}

function copyOf(disk: SimulatedDisk): SimulatedDisk {
  const copy = new SimulatedDisk();
  for (const name of disk.files.names(dir))
    copy.place(`${dir}/${name}`, disk.bytesOf(`${dir}/${name}`));
  return copy;
}

test("records come back by number, over many segments and after reopening", async () => {
  const disk = new SimulatedDisk();
  const all = await fill(disk, [1, 3, 1, 9, 2, 20, 1, 1, 30, 12, 5, 1]);
  ok(disk.files.names(dir).length > 2);
  const store = await open(disk);
  equal(store.last, all.length);
  deepEqual(contents(store), all);
  for (const [i, bytes] of all.entries()) deepEqual(Uint8Array.from(store.get(i + 1)), bytes);
  const tail = [...store.read(17)].map(({ number }) => number);
  deepEqual(tail, all.map((_, i) => i + 1).slice(16));
  deepEqual([...store.read(all.length + 1)], []);
  throws(() => store.get(all.length + 1), AssertionFailed);
  await store.close();
});

test("overlapping appends take effect in order, and a running reader sees them", async () => {
  const store = await open(new SimulatedDisk());
  const numbers = await Promise.all([1, 2, 3, 4].map((n) => store.append([record(n), record(n)])));
  deepEqual(numbers, [2, 4, 6, 8]);
  const seen: number[] = [];
  for (const { number } of store.read(7)) {
    seen.push(number);
    if (number === 7) await store.append([record(9)]);
  }
  deepEqual(seen, [7, 8, 9]);
});

test("a frame larger than a segment is our mistake and leaves the store alive", async () => {
  const store = await open(new SimulatedDisk());
  throws(() => store.append([new Uint8Array(segmentBytes - 55)]), AssertionFailed);
  equal(await store.append([new Uint8Array(segmentBytes - 56)]), 1);
  equal(await store.append([record(2)]), 2);
});

test("cut at any byte, zeros behind or nothing, a store opens and goes on", async () => {
  const disk = new SimulatedDisk();
  const all = await fill(disk, [1, 3, 2, 1]);
  const whole = disk.bytesOf(first);
  let before = 0;
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const torn = copyOf(disk);
    torn.bytesOf(first).fill(0, cut);
    const last = await checkGoesOn(torn, all);
    ok(last >= before, `cut at ${cut}`);
    before = last;
    const short = copyOf(disk);
    short.place(first, whole.subarray(0, cut));
    await checkGoesOn(short, all);
  }
  equal(before, all.length);
});

test("the chain is what the page says, for small frames and large ones", async () => {
  const disk = new SimulatedDisk();
  const store = await openSegments(dir, { segmentBytes: 65_536, files: disk.files });
  for (const length of [10, 5000, 9000, 10]) await store.append([record(7, length), record(8)]);
  const bytes = disk.bytesOf(first);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let chain: Uint8Array = new Uint8Array(32);
  let offset = 0;
  for (let frame = 0; frame < 4; frame += 1) {
    const end = offset + 8 + view.getUint32(offset);
    chain = sha256(
      concat([chain, bytes.slice(offset + 8, offset + 16), bytes.slice(offset + 48, end)]),
    );
    deepEqual(bytes.slice(offset + 16, offset + 48), chain);
    offset = Math.ceil(end / 8) * 8;
  }
  equal(view.getUint32(offset), 0);
});

test("a single flipped bit is never undetected and never gives a wrong record", async () => {
  const disk = new SimulatedDisk();
  const all = await fill(disk, [1, 3, 2, 20, 1, 2]);
  const names = disk.files.names(dir);
  equal(names.length, 2);
  let damaged = 0;
  let torn = 0;
  for (const name of names) {
    const bytes = disk.bytesOf(`${dir}/${name}`);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const mask = 1 << (bit % 8);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ mask;
      try {
        const store = await open(disk, true);
        deepEqual(contents(store), all.slice(0, store.last));
        ok(store.tornBytes > 0, `bit ${bit} of ${name} went unnoticed`);
        ok(store.last >= all.length - 2, "only the last frame can be taken for a torn one");
        torn += 1;
      } catch (error) {
        ok(error instanceof StoreDamaged, String(error));
        equal(error.code, "journal_damaged");
        ok(error.message.includes(error.segment) && error.offset <= bit >> 3);
        damaged += 1;
      }
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ mask;
    }
  }
  ok(damaged > 0 && torn > 0);
  const store = await open(disk);
  deepEqual(contents(store), all);
});

test("damage refuses to open, says where, and changes nothing", async () => {
  const disk = new SimulatedDisk();
  await fill(disk, [2, 2, 30, 30, 30, 2]);
  const names = disk.files.names(dir);
  const last = "store/00000003.seg";
  const lastEnd = (disk.bytesOf(last).findLastIndex((byte) => byte !== 0) + 8) & ~7;
  const cases: readonly (readonly [string, (copy: SimulatedDisk) => void, string, number])[] = [
    ["a byte of the first frame", (copy) => copy.bytesOf(first).fill(9, 60, 61), first, 0],
    ["the first frame zeroed", (copy) => copy.bytesOf(first).fill(0, 0, 64), first, 0],
    ["the second frame twice", (copy) => copy.bytesOf(first).copyWithin(136, 64, 136), first, 136],
    [
      "an old frame again, behind the last one",
      (copy) => copy.bytesOf(last).set(copy.bytesOf(first).subarray(64, 136), lastEnd),
      last,
      lastEnd,
    ],
    [
      "a first frame with another number, its chain in order",
      (copy) => copy.bytesOf(first).set(encodeFrame(2, chainStart, [record(1)]).bytes),
      first,
      0,
    ],
    ["the first segment gone", (copy) => copy.files.remove(first), first, 0],
    [
      "a middle segment empty",
      (copy) => copy.bytesOf("store/00000002.seg").fill(0),
      "store/00000003.seg",
      0,
    ],
    [
      "the end of a full segment",
      (copy) => copy.bytesOf("store/00000002.seg").fill(1, 511),
      "store/00000002.seg",
      328,
    ],
  ];
  for (const [what, harm, segment, offset] of cases) {
    const copy = copyOf(disk);
    harm(copy);
    const before = names.filter((name) => copy.files.names(dir).includes(name));
    const bytes = before.map((name) => copy.bytesOf(`${dir}/${name}`).slice());
    await rejects(open(copy), (error) => {
      ok(error instanceof StoreDamaged, what);
      deepEqual([error.segment, error.offset], [segment, offset], what);
      return true;
    });
    deepEqual(
      before.map((name) => copy.bytesOf(`${dir}/${name}`)),
      bytes,
      what,
    );
    equal(copy.steps, what.includes("gone") ? 1 : 0, what);
  }
});

test("after a failed step the next opening finds all that was acknowledged", async () => {
  const faults: readonly Fault[] = ["failed", "persisted", "torn", "short", "cut"];
  for (const fault of faults) {
    for (let index = 0; ; index += 1) {
      const disk = new SimulatedDisk();
      disk.faultAt = (_, at) => (at === index ? fault : undefined);
      const { acknowledged, attempted, failed } = await appendUntilFailure(disk);
      if (!failed && fault !== "short") {
        ok(index > 20, "every step was broken once");
        break;
      }
      if (fault === "short" && index > 40) break;
      if (fault === "cut") disk.cutPower(() => index % 3 === 0);
      else disk.killProcess();
      const last = await checkGoesOn(disk, attempted);
      ok(last >= acknowledged, `${fault} at step ${index}: ${last} of ${acknowledged}`);
      if (fault === "short") equal(last, attempted.length);
    }
  }
});

async function appendUntilFailure(
  disk: SimulatedDisk,
): Promise<{ acknowledged: number; attempted: Uint8Array[]; failed: boolean }> {
  const attempted: Uint8Array[] = [];
  let store: Segments;
  try {
    store = await open(disk);
  } catch {
    return { acknowledged: 0, attempted, failed: true };
  }
  let acknowledged = 0;
  for (let i = 0; i < 8; i += 1) {
    const frame = [record(2 * i + 1, 60), record(2 * i + 2, 61)];
    attempted.push(...frame);
    try {
      acknowledged = await store.append(frame);
    } catch {
      await rejects(store.append([record(1)]), /an earlier write failed/);
      equal(store.last, acknowledged);
      return { acknowledged, attempted, failed: true };
    }
  }
  return { acknowledged, attempted, failed: false };
}

test("a frame whose sync failed is synced anew before anything follows it", async () => {
  const disk = new SimulatedDisk();
  let syncs = 0;
  disk.faultAt = (step) => (step === "sync" && (syncs += 1) === 3 ? "failed" : undefined);
  const dying = await open(disk);
  await dying.append([record(1)]);
  await rejects(dying.append([record(2)]), /not known/);
  // The machine lives on, and with it the page that the kernel believes to be clean.
  disk.killProcess();
  const store = await open(disk);
  equal(store.last, 2);
  equal(await store.append([record(3)]), 3);
  disk.cutPower(() => false);
  const after = await open(disk);
  deepEqual(contents(after), [record(1), record(2), record(3)]);
});

test("wherever the power goes, what was acknowledged is there", async () => {
  const lives = fc.array(
    fc.record({
      frames: fc.array(fc.array(fc.nat({ max: 120 }), { minLength: 1, maxLength: 3 })),
      cutAt: fc.nat({ max: 60 }),
      coins: fc.infiniteStream(fc.boolean()),
    }),
    { minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(lives, async (plan) => {
      const disk = new SimulatedDisk();
      let sure: Uint8Array[] = [];
      let hoped: Uint8Array[] = [];
      for (const { frames, cutAt, coins } of plan) {
        disk.faultAt = (_, at) => (at === cutAt ? "cut" : undefined);
        try {
          const store = await open(disk);
          const found = contents(store);
          deepEqual(found.slice(0, sure.length), sure);
          deepEqual(found, hoped.slice(0, found.length));
          sure = found;
          for (const lengths of frames) {
            const frame = lengths.map((length) => record(sure.length + length, length + 1));
            hoped = [...sure, ...frame];
            await store.append(frame);
            sure = hoped;
          }
          await store.close();
        } catch (error) {
          ok(error instanceof Error && error.message.startsWith("couldn't"), String(error));
        }
        disk.cutPower(() => coins.next().value === true);
      }
      const store = await open(disk);
      deepEqual(contents(store).slice(0, sure.length), sure);
    }),
    { numRuns: runs(300) },
  );
});

test("an opening shows every record that it has found sound, in order", async () => {
  const disk = new SimulatedDisk();
  const all = await fill(disk, [3, 1, 20, 2, 20, 20]);
  ok(disk.files.names(dir).length > 1, "they fill several segments");
  const shown: Uint8Array[] = [];
  const onRecord = ({ number, bytes }: { number: number; bytes: Uint8Array }): void => {
    equal(number, shown.length + 1);
    shown.push(Uint8Array.from(bytes));
  };
  const store = await openSegments(dir, { segmentBytes, files: disk.files, onRecord });
  deepEqual(shown, all);
  deepEqual(shown, contents(store));
  await store.close();
});

test("a second opening is locked out; one for reading is not, and repairs nothing", async () => {
  const disk = new SimulatedDisk();
  const store = await open(disk);
  await store.append([record(1)]);
  await rejects(open(disk), /couldn't lock/);
  disk.bytesOf(first).fill(7, 300, 310);
  const reader = await open(disk, true);
  deepEqual(contents(reader), [record(1)]);
  throws(() => reader.append([record(2)]), AssertionFailed);
  await reader.close();
  equal(disk.bytesOf(first)[305], 7);
  await store.close();
  await rejects(store.append([record(2)]), /closed/);
  const next = await open(disk);
  equal(next.tornBytes > 0, true);
  equal(disk.bytesOf(first)[305], 0);
});
