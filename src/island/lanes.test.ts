/** What lies in the airlock at start: only our own signature proves an older copy of the island. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { printCheckpoint } from "../log/checkpoint.ts";
import { encodeNote, printNote } from "../log/note.ts";
import { appendLeaf, emptyFrontier, rootHash } from "../log/tree.ts";
import { testIsland } from "../testing/island.ts";
import { refuseOlderCopy } from "./lanes.ts";

test("a checkpoint of ours that is ahead refuses; junk, a link or a stranger's does not", async () => {
  const airlock = mkdtempSync(join(tmpdir(), "signet-airlock-"));
  const path = join(airlock, "in/dock-1-out.checkpoint");
  mkdirSync(join(airlock, "in"));
  const lanes = [{ name: "dock-1", dockKey: new Uint8Array(32) }];
  const [ours, theirs] = await Promise.all([testIsland(airlock), testIsland(airlock)]);
  const settings = { ...ours.settings, lanes };
  const ahead = appendLeaf(emptyFrontier(), "NOTICE|ahead");
  const start = (): void => refuseOlderCopy(settings, airlock, emptyFrontier());
  const signed = ({ log }: typeof settings): Uint8Array => {
    const text = printCheckpoint({ origin: settings.log.name, size: 1, root: rootHash(ahead) });
    return encodeNote(printNote(text, { ...log, name: settings.log.name }));
  };
  try {
    start();
    writeFileSync(path, "junk");
    start();
    writeFileSync(path, signed({ ...theirs.settings, lanes }));
    start();
    rmSync(path);
    symlinkSync("/dev/zero", path);
    start();
    rmSync(path);
    writeFileSync(path, signed(settings));
    assert.throws(start, /backup_restored/);
    refuseOlderCopy(settings, airlock, ahead);
  } finally {
    rmSync(airlock, { recursive: true });
  }
});
