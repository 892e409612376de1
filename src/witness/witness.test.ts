/** The witness over HTTP: what it answers, that it never forgets, and that it says no for ever. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { printAddCheckpoint } from "../log/addcheckpoint.ts";
import { openCosignature, witnessKey } from "../log/cosignature.ts";
import { openFork } from "../log/fork.ts";
import { encodeNote, type Signer } from "../log/note.ts";
import { consistencyProof, type ReadHash } from "../log/proof.ts";
import { appendLeaf, emptyFrontier, rootHash, type Frontier } from "../log/tree.ts";
import { Publisher, testKey } from "../testing/publisher.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { collectCosignatures, type Witness } from "./ask.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { WitnessMemory } from "./memory.ts";
import { startWitness, type WitnessServer } from "./server.ts";
import { LogSource } from "./source.ts";

const publisher = new Publisher("49979888511191774776929750563049979888ab", testKey(1));
const log: Signer = publisher.log;

function treeOf(size: number, word = "sentence"): Frontier {
  let frontier = emptyFrontier();
  for (let n = 0; n < size; n += 1) frontier = appendLeaf(frontier, `NOTICE|${word} ${n}`);
  return frontier;
}

function note(size: number, word?: string): string {
  return publisher.checkpoint(treeOf(size, word));
}

function read(word?: string): ReadHash {
  return ({ level, index }) => {
    let part = emptyFrontier();
    for (let n = index * 2 ** level; n < (index + 1) * 2 ** level; n += 1) {
      part = appendLeaf(part, `NOTICE|${word ?? "sentence"} ${n}`);
    }
    return rootHash(part);
  };
}

function request(old: number, size: number, word?: string): string {
  const hashes = consistencyProof(old, size, read(word));
  return printAddCheckpoint({ old, hashes, checkpoint: note(size, word) });
}

/** A witness in a folder of its own. */
class World {
  readonly dir: string = mkdtempSync(join(tmpdir(), "signet-witness-"));
  memory: WitnessMemory;
  server: WitnessServer;

  private constructor(dir: string, memory: WitnessMemory, server: WitnessServer) {
    this.dir = dir;
    this.memory = memory;
    this.server = server;
  }

  static async start(dir = mkdtempSync(join(tmpdir(), "signet-witness-"))): Promise<World> {
    const memory = new WitnessMemory(dir, log, "witness.example/w1");
    return new World(dir, memory, await startWitness(memory, { host: "127.0.0.1", port: 0 }));
  }

  async restart(): Promise<void> {
    await this.server.close();
    this.memory.close();
    this.memory = new WitnessMemory(this.dir, log, "witness.example/w1");
    this.server = await startWitness(this.memory, { host: "127.0.0.1", port: 0 });
  }

  async post(text: string, path = "/add-checkpoint"): Promise<readonly [number, string, string]> {
    const body = new Uint8Array(encodeNote(text));
    const answer = await fetch(this.server.address + path, { method: "POST", body });
    return [answer.status, answer.headers.get("content-type") ?? "", await answer.text()];
  }

  witness(): Witness {
    return { url: this.server.address, key: this.memory.signer };
  }

  async close(): Promise<void> {
    await this.server.close();
    this.memory.close();
    rmSync(this.dir, { recursive: true });
  }
}

test("a chain of checkpoints is cosigned; what contradicts it is not, also after a restart", async () => {
  const world = await World.start();
  try {
    const before = Math.floor(Date.now() / 1000);
    const [status, , line] = await world.post(request(0, 7));
    equal(status, 200);
    const cosigned = openCosignature(note(7) + line, world.memory.signer, verifyEd25519);
    ok(cosigned.ok && cosigned.value >= before);
    equal((await world.post(request(7, 13)))[0], 200);
    for (const restarted of [false, true]) {
      if (restarted) await world.restart();
      equal((await world.post(request(13, 13)))[0], 200, "the same again");
      const conflict = [409, "text/x.tlog.size", "13\n"];
      deepEqual(await world.post(request(7, 13)), conflict);
      deepEqual(await world.post(request(0, 20)), conflict);
      deepEqual(await world.post(request(13, 13, "other")), conflict);
      deepEqual((await world.post(request(13, 20, "other")))[0], 422);
    }
    equal((await world.post(request(13, 20)))[0], 200);
  } finally {
    await world.close();
  }
});

test("two root hashes of one size: the witness keeps the proof", async () => {
  const world = await World.start();
  try {
    await world.post(request(0, 13));
    await world.post(request(13, 13, "other"));
    const proof = readFileSync(join(world.dir, "fork"), "utf8");
    const opened = openFork(proof, log, verifyEd25519);
    deepEqual(opened.ok && opened.value.map(({ size }) => size), [13, 13]);
    await world.post(request(13, 13, "third"));
    equal(readFileSync(join(world.dir, "fork"), "utf8"), proof, "the first proof stands");
  } finally {
    await world.close();
  }
});

test("many ask at once: one chain comes of it", async () => {
  const world = await World.start();
  try {
    const asked = Array.from({ length: 20 }, (_, n) =>
      world.post(request(0, 1 + (n % 10), n < 10 ? undefined : "other")),
    );
    const taken = (await Promise.all(asked)).filter(([status]) => status === 200);
    ok(taken.length >= 1);
    const { size } = world.memory;
    const right = (await world.post(request(size, size)))[0];
    const other = (await world.post(request(size, size, "other")))[0];
    deepEqual([right, other].toSorted(), [200, 409]);
  } finally {
    await world.close();
  }
});

test("what is no request is refused by name, and nothing is kept of it", async () => {
  const world = await World.start();
  try {
    const stranger = new Publisher("00".repeat(20), testKey(1));
    const theirs = stranger.checkpoint(treeOf(3));
    const cases: readonly (readonly [number, string, string])[] = [
      [400, "request_malformed", ""],
      [400, "request_malformed", "old x\n\n"],
      [404, "origin_unknown", printAddCheckpoint({ old: 0, hashes: [], checkpoint: theirs })],
      [403, "checkpoint_unsigned", request(0, 7).replace("\n7\n", "\n8\n")],
      [400, "old_above_size", request(7, 7).replace("old 7", "old 8")],
      [413, "request_too_long", "x".repeat(70_000)],
    ];
    for (const [status, name, text] of cases) {
      const answer = await world.post(text);
      equal(answer[0], status, name);
      match(answer[2], new RegExp(`^${name}: `));
    }
    const binary = await fetch(`${world.server.address}/add-checkpoint`, {
      method: "POST",
      body: new Uint8Array([0xff, 0x00, 0xe2, 0x80]),
    });
    equal(binary.status, 400);
    equal((await fetch(`${world.server.address}/add-checkpoint`)).status, 405);
    for (const path of ["/", "/add-checkpoint/", "/add-checkpoint?x", "/../checkpoint"]) {
      equal((await world.post(request(0, 7), path))[0], 404, path);
    }
    match(await rawAnswer(world.server.address, "nonsense\r\n\r\n"), /^HTTP\/1.1 400/);
    equal(world.memory.size, 0);
  } finally {
    await world.close();
  }
});

function rawAnswer(address: string, text: string): Promise<string> {
  const { port, hostname } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(port), hostname, () => socket.write(text));
    let heard = "";
    socket.on("data", (bytes) => (heard += String(bytes)));
    socket.on("close", () => resolve(heard));
    socket.on("error", reject);
  });
}

test("one process at a time; a folder of another log or a bent one is not used", async () => {
  const world = await World.start();
  try {
    await world.post(request(0, 7));
    throws(() => new WitnessMemory(world.dir, log, undefined), /couldn't lock/);
    await world.server.close();
    world.memory.close();
    const other = new Publisher("00".repeat(20), testKey(1)).log;
    throws(() => new WitnessMemory(world.dir, other, undefined), /couldn't take/);
    throws(() => new WitnessMemory(world.dir, log, "another"), /couldn't be another/);
    writeFileSync(join(world.dir, "checkpoint"), note(7).replace("\n7\n", "\n6\n"));
    throws(() => new WitnessMemory(world.dir, log, undefined), /couldn't take/);
    writeFileSync(join(world.dir, "checkpoint"), note(7));
    const again = new WitnessMemory(world.dir, log, undefined);
    equal(again.size, 7);
    deepEqual(again.signer.publicKey, world.memory.signer.publicKey);
    equal(again.signer.name, "witness.example/w1");
    again.close();
  } finally {
    rmSync(world.dir, { recursive: true, force: true });
  }
});

test("a client brings a relay's checkpoint to witnesses, whatever they know", async () => {
  const relay = await RelayWorld.start();
  const [fresh, behind, ahead, lost] = await Promise.all([
    World.start(),
    World.start(),
    World.start(),
    World.start(),
  ]);
  try {
    const leaves = Array.from({ length: 600 }, (_, n) => `NOTICE|sentence ${n}`);
    equal((await relay.put(1, relay.publisher.publish({ leaves }))).status, 200);
    await behind.post(request(0, 300));
    await ahead.post(request(0, 601));
    await lost.post(request(0, 600, "other"));
    const source = new LogSource(relay.relay.address, log);
    const head = await source.head();
    if (!head.ok) throw new Error(`couldn't read the relay: ${head.detail}`);
    const impostor = { url: fresh.server.address, key: behind.memory.signer };
    const silent = { url: "http://127.0.0.1:9", key: fresh.memory.signer };
    const witnesses = [fresh, behind, ahead, lost].map((world) => world.witness());
    const { note: signed, answers } = await collectCosignatures(head.value, source, [
      ...witnesses,
      silent,
      impostor,
    ]);
    deepEqual(
      answers.map(({ kind }) => kind),
      ["cosigned", "cosigned", "ahead", "differs", "silent", "refused"],
    );
    for (const world of [fresh, behind]) {
      equal(openCosignature(signed, world.memory.signer, verifyEd25519).ok, true);
      equal(world.memory.size, 600);
    }
    ok(witnessKey("witness.example/w1", fresh.memory.signer.publicKey).length > 60);
  } finally {
    await Promise.all([relay, fresh, behind, ahead, lost].map((world) => world.close()));
  }
});
