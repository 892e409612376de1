/**
 * The log as a relay serves it, checked by a verifier that we did not write: Go's sumdb/tlog and
 * sumdb/note (Debian: golang-go, golang-golang-x-mod-dev). Without them it is skipped, and says so.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { deepEqual, equal, match } from "node:assert/strict";
import { toBase64 } from "../codec/bytes.ts";
import { printCosignature } from "../log/cosignature.ts";
import { encodeNote, verifierKey } from "../log/note.ts";
import { consistencyProof, consistencySubtrees, rootFrom, rootSubtrees } from "../log/proof.ts";
import { tilePath, widthIn, type Tile } from "../log/tiles.ts";
import { testKey, testSigner } from "../testing/publisher.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { LogSource } from "./source.ts";

const gopath = "/usr/share/gocode";
const dir = mkdtempSync(join(tmpdir(), "signet-sumdb-"));
after(() => rmSync(dir, { recursive: true, force: true }));

function missing(): string | false {
  if (spawnSync("go", ["version"]).error !== undefined)
    return "SKIPPED: golang-go is not installed";
  const tlog = join(gopath, "src/golang.org/x/mod/sumdb/tlog");
  return existsSync(tlog) ? false : "SKIPPED: golang-golang-x-mod-dev is not installed";
}

/** Builds sumdb.go in the folder, with nothing but what Debian installed. */
function build(): string {
  copyFileSync(join(import.meta.dirname, "sumdb.go"), join(dir, "main.go"));
  const env = {
    ...process.env,
    GO111MODULE: "off",
    GOPATH: gopath,
    GOCACHE: join(dir, "cache"),
    GOFLAGS: "",
  };
  const built = spawnSync("go", ["build", "-o", "sumdb", "main.go"], { cwd: dir, env });
  equal(built.status, 0, built.stderr.toString());
  return join(dir, "sumdb");
}

/** Every tile and bundle of a tree. */
function tilesOf(size: number): readonly Tile[] {
  return [0, 1, 2, "entries" as const].flatMap((level) => {
    const tiles: Tile[] = [];
    for (let index = 0; ; index += 1) {
      const width = widthIn({ level, index }, size);
      if (width === 0) return tiles;
      tiles.push({ level, index, width });
    }
  });
}

const [old, size] = [1500, 66_000];
const leaves = [0, 255, 256, 1499, 1500, 65_535, 65_536, 65_999];

/** A static copy of what the relay serves, and one proof for each of `leaves`. */
async function copyLog(world: RelayWorld, into: string): Promise<void> {
  const store = async (path: string, name: string): Promise<void> => {
    const answer = await world.get(path);
    equal(answer.status, 200, path);
    mkdirSync(dirname(join(into, name)), { recursive: true });
    writeFileSync(join(into, name), new Uint8Array(await answer.arrayBuffer()));
  };
  await store("/checkpoint", "checkpoint");
  for (const tile of tilesOf(size)) await store(`/${tilePath(tile)}`, tilePath(tile));
  for (const leaf of leaves) await store(`/v1/proof?leaf=${leaf}`, `proof-${leaf}`);
}

test(
  "Go's sumdb reads our tiles, proofs and notes, and finds the same",
  { skip: missing() },
  async () => {
    const world = await RelayWorld.start();
    try {
      const all = Array.from({ length: size }, (_, n) => `NOTICE|sentence ${n}`);
      equal(
        (await world.put(1, world.publisher.publish({ leaves: all.slice(0, old) }))).status,
        200,
      );
      equal((await world.put(2, world.publisher.publish({ leaves: all.slice(old) }))).status, 200);
      const copy = join(dir, "log");
      await copyLog(world, copy);
      const { log } = world.publisher;
      const sumdb = build();
      const words = [copy, verifierKey(log.name, log.publicKey), String(old)];
      const run = (): { status: number | null; lines: readonly string[] } => {
        const { status, stdout } = spawnSync(sumdb, words);
        return { status, lines: stdout.toString().trimEnd().split("\n") };
      };
      const source = new LogSource(world.relay.address, log);
      const head = await source.head();
      if (!head.ok) throw new Error(`couldn't read the relay: ${head.detail}`);
      const subtrees = [...rootSubtrees(old), ...consistencySubtrees(old, size)];
      const read = await source.reader(subtrees, size);
      if (!read.ok) throw new Error(`couldn't read the tiles: ${read.detail}`);
      const hashes = consistencyProof(old, size, read.value).map(toBase64);
      const expected = [
        `root ${toBase64(head.value.checkpoint.root)} true`,
        `consistency ${toBase64(rootFrom(old, read.value))} [${hashes.join(" ")}]`,
        ...leaves.map((leaf) => `leaf ${leaf} ${all[leaf]} true`),
      ];
      const found = run();
      deepEqual([...found.lines].toSorted(), expected.toSorted());
      equal(found.status, 0);

      // Beside the log's signature, a cosignature is that of somebody Go does not know.
      const text = head.value.note.slice(0, head.value.note.indexOf("\n\n") + 1);
      const witness = testSigner("witness.example/w1", testKey(5));
      const cosigned = head.value.note + printCosignature(text, 1_795_262_370, witness);
      writeFileSync(join(copy, "checkpoint"), encodeNote(cosigned));
      equal(run().status, 0);

      // And it is no friend that nods at everything.
      writeFileSync(join(copy, "checkpoint"), encodeNote(cosigned.replace("66000", "66001")));
      match(run().lines.join(), /^refused: .*signature/);
      writeFileSync(join(copy, "checkpoint"), encodeNote(cosigned));
      const bent = tilePath({ level: 1, index: 0, width: 256 });
      writeFileSync(join(copy, bent), new Uint8Array(8192));
      match(run().lines.join(), /refused: invalid transparency proof$/);
    } finally {
      await world.close();
    }
  },
);
