/** A relay's mirror where no request can bring it in time: between two steps of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";
import { time } from "../codec/time.ts";
import { rootFrom } from "../log/proof.ts";
import { checkPublication, decodePublication } from "../log/publication.ts";
import { rootHash, type Frontier } from "../log/tree.ts";
import { restoreSnapshot, type Snapshot } from "../market/snapshot.ts";
import { Past } from "../testing/past.ts";
import { verifyEd25519 } from "../testing/publisher.ts";
import { openDatabase } from "./database.ts";
import { Mirror, type Checked } from "./mirror.ts";

test("a second snapshot while a filled gap is on its way into the tree: the tree stays true", () => {
  const dir = mkdtempSync(join(tmpdir(), "signet-mirror-"));
  const past = new Past();
  const { exchange, log } = past.publisher;
  const mirror = new Mirror(openDatabase(dir), exchange);
  const checked = (number: number, before: Frontier): Checked => {
    const bytes = past.get(number);
    const decoded = decodePublication(bytes);
    ok(decoded.ok);
    const publication = decoded.value;
    const after = checkPublication(publication, { number, before, log, verify: verifyEd25519 });
    ok(after.ok);
    return { publication, bytes, after: after.value };
  };
  const one = (number: number, before: Frontier): readonly Checked[] => [checked(number, before)];
  type Signed = { readonly number: number; readonly base: Frontier; readonly snapshot: Snapshot };
  /** The next publication signs a snapshot; `leaves` follow behind it. */
  const sign = (leaves: number): Signed => {
    const signed = { number: past.last + 1, base: past.frontier, snapshot: past.snapshot() };
    past.grow(1, { signs: true });
    past.grow(1, { leaves });
    return signed;
  };
  const adopt = ({ number, base, snapshot }: Signed): void => {
    const restored = restoreSnapshot(exchange, snapshot);
    ok(restored.ok);
    const { view } = restored.value;
    mirror.adopt({ ...checked(number, base), base, view, snapshot, card: undefined }, time(1));
  };
  const fillUpTo = (end: number): void => {
    for (let { gap } = mirror; gap !== undefined && gap.publication < end; { gap } = mirror) {
      mirror.fill(one(gap.publication + 1, gap.filled));
    }
  };
  past.grow(3);
  const first = sign(9000);
  const behind = past.last;
  past.grow(2);
  const second = sign(3);
  adopt(first);
  for (let number = first.number + 1; number <= behind; number += 1) {
    mirror.apply(checked(number, mirror.frontier), time(1));
  }
  fillUpTo(first.number - 1);
  ok(mirror.digest(), "one step, and there are more");
  adopt(second);
  fillUpTo(second.number - 1);
  while (mirror.digest());
  const { digest } = mirror.snapshots.newest() ?? {};
  ok(digest !== undefined);
  const [here, again] = [mirror.snapshots.text(digest), mirror.snapshots.text(digest)];
  ok(here !== undefined && here === again, "whoever asks, its bytes are there once");
  equal(mirror.gap, undefined);
  const { size } = mirror.frontier;
  equal(mirror.tree.size, size);
  deepEqual(rootFrom(size, mirror.tree.reader()), rootHash(mirror.frontier));
  rmSync(dir, { recursive: true });
});
