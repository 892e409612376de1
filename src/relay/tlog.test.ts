/** The log as C2SP has it: tiles, entries and proofs over HTTP, and what is not there. */
import { test } from "node:test";
import { deepEqual, equal, match } from "node:assert/strict";
import { request } from "node:http";
import { toHex } from "../codec/bytes.ts";
import { inclusionProof, type ReadHash } from "../log/proof.ts";
import { decodeEntries, hashIn, parseTilePath, tileOf, tilePath, widthIn } from "../log/tiles.ts";
import { openCheckpoint } from "../log/checkpoint.ts";
import { openTlogProof, parseTlogProof } from "../log/tlogproof.ts";
import { appendLeaf, emptyFrontier, leafHash, rootHash } from "../log/tree.ts";
import { verifyEd25519 } from "../testing/publisher.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { openDatabase } from "./database.ts";

function lines(from: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `NOTICE|sentence ${from + n}`);
}

/** A relay to which publications with these many leaves were brought. */
async function worldOf(counts: readonly number[]): Promise<RelayWorld> {
  const world = await RelayWorld.start();
  let size = 0;
  for (const [index, count] of counts.entries()) {
    const bytes = world.publisher.publish({ leaves: lines(size, count) });
    equal((await world.put(index + 1, bytes)).status, 200);
    size += count;
  }
  return world;
}

async function bytesAt(world: RelayWorld, path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await world.get(path)).arrayBuffer());
}

/** As it stands in the request line, without a client's tidying. */
function raw(address: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(address, { path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on("error", reject);
    asked.end();
  });
}

test("the whole tree can be made from tiles, before and after the relay's restart", async () => {
  const world = await worldOf([3, 600, 1, 400, 20]);
  const size = 1024;
  const all = lines(0, size);
  const root = rootHash(all.reduce(appendLeaf, emptyFrontier()));
  try {
    for (const restarted of [false, true]) {
      if (restarted) await world.restart();
      const note = await (await world.get("/checkpoint")).text();
      const opened = openCheckpoint(note, world.publisher.log, verifyEd25519);
      equal(opened.ok && opened.value.size, size);
      equal(opened.ok && toHex(opened.value.root), toHex(root));
      for (let index = 0; index < 4; index += 1) {
        const answer = await world.get(`/${tilePath({ level: "entries", index, width: 256 })}`);
        match(answer.headers.get("cache-control") ?? "", /immutable/);
        const read = decodeEntries(new Uint8Array(await answer.arrayBuffer()), 256);
        deepEqual(read.ok && read.value, all.slice(index * 256, (index + 1) * 256));
      }
      const top = await world.get("/tile/1/000.p/4");
      equal(top.headers.get("content-type"), "application/octet-stream");
      equal(/immutable/.test(top.headers.get("cache-control") ?? ""), false);
      const bytes = new Uint8Array(await top.arrayBuffer());
      equal(bytes.length, 128);
      const hash = hashIn({ level: 10, index: 0 }, bytes);
      equal(hash && toHex(hash), toHex(root));
      equal((await world.get("/tile/0/003.p/7")).status, 200, "a full tile's beginning");
    }
  } finally {
    await world.close();
  }
});

test("what the tree does not have is not there, by whatever path", async () => {
  const world = await worldOf([300]);
  try {
    for (const path of ["0/000", "0/001.p/44", "1/000.p/1", "entries/000", "entries/001.p/44"]) {
      equal((await world.get(`/tile/${path}`)).status, 200, path);
    }
    for (const path of [
      "0/001",
      "0/001.p/45",
      "0/002.p/1",
      "1/000",
      "1/000.p/2",
      "2/000.p/1",
      "63/000.p/1",
      "entries/001",
      "0/x000/000",
      "0/000.p/256",
      "",
      "0",
    ]) {
      const answer = await world.get(`/tile/${path}`);
      equal(answer.status, 404, path);
      equal(answer.headers.get("cache-control"), "no-store", "it may come to be there");
    }
    for (const path of [
      "/tile/../relay.sqlite",
      "/tile/0/../../relay.sqlite",
      "/tile/%2e%2e/relay.sqlite",
      "/tile/0/..%2f..%2frelay.sqlite",
      "/tile/0/000%00",
      "/tile/0/000/",
      "/tile//0/000",
      "/tile/0/000.p/1/../../000",
    ]) {
      equal((await raw(world.relay.address, path)) >= 400, true, path);
    }
    equal((await world.get("/tile/0/000?anything=1")).status, 200);
    for (const path of ["/checkpoint", "/tile/0/000", "/tile/entries/001.p/44"]) {
      deepEqual(await bytesAt(world, `/v1/log${path}`), await bytesAt(world, path));
    }
  } finally {
    await world.close();
  }
});

test("a proof of any leaf under any signed size", async () => {
  const sizes = [1, 2, 257, 513, 700];
  const world = await worldOf(sizes.map((size, at) => size - (sizes[at - 1] ?? 0)));
  const log = { key: world.publisher.log, verify: verifyEd25519 };
  try {
    for (const size of sizes) {
      for (const leaf of [0, 1, 255, 256, 511, size - 1]) {
        if (leaf >= size) continue;
        const answer = await world.get(`/v1/proof?leaf=${leaf}&size=${size}`);
        const text = await answer.text();
        const proved = openTlogProof(text, `NOTICE|sentence ${leaf}`, log);
        equal(proved.ok && proved.value.index, leaf);
        equal(proved.ok && proved.value.checkpoint.size, size);
        equal(openTlogProof(text, "NOTICE|never said", log).ok, false);
      }
    }
    const newest = parseTlogProof(await (await world.get("/v1/proof?leaf=3")).text());
    deepEqual(newest.ok && newest.value.hashes, inclusionProof(3, 700, hashesOf(700)));
    for (const query of ["leaf=700", "leaf=2&size=2", "leaf=0&size=3", "leaf=0&size=701"]) {
      equal((await world.get(`/v1/proof?${query}`)).status, 404, query);
    }
    for (const query of ["", "leaf=x", "leaf=-1", "leaf=1&size=", "leaf=1&leaf=2", "leaf=01"]) {
      equal((await world.get(`/v1/proof?${query}`)).status, 400, query);
    }
  } finally {
    await world.close();
  }
});

function hashesOf(size: number): ReadHash {
  const all = lines(0, size);
  return ({ level, index }) => {
    const part = all.slice(index * 2 ** level, (index + 1) * 2 ** level);
    return new Uint8Array(rootHash(part.reduce(appendLeaf, emptyFrontier())));
  };
}

test("a database from before there were tiles gets them at the start", async () => {
  const world = await worldOf([900]);
  try {
    const before = await bytesAt(world, "/tile/0/002");
    await world.restart(() => {
      const database = openDatabase(world.dir);
      database.exec("DROP TABLE tiles");
      database.close();
    });
    deepEqual(await bytesAt(world, "/tile/0/002"), before);
    const tile = tileOf({ level: 0, index: 899 }, 900);
    equal(widthIn(tile, 900), tile.width);
    deepEqual(parseTilePath(tilePath(tile)), tile);
    const edge = await bytesAt(world, `/${tilePath(tile)}`);
    const hash = hashIn({ level: 0, index: 899 }, edge);
    equal(hash && toHex(hash), toHex(leafHash("NOTICE|sentence 899")));
  } finally {
    await world.close();
  }
});

test("before anything was said there is no checkpoint", async () => {
  const world = await RelayWorld.start();
  try {
    for (const path of ["/checkpoint", "/v1/checkpoint", "/v1/proof?leaf=0", "/tile/0/000.p/1"]) {
      equal((await world.get(path)).status, 404, path);
    }
  } finally {
    await world.close();
  }
});
