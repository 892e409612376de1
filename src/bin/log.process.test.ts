/** `signet log verify` and `signet witness` as anybody runs them: honest, stale, forked, killed. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { printAddCheckpoint } from "../log/addcheckpoint.ts";
import { openCosignature, parseWitnessKey } from "../log/cosignature.ts";
import { verifierKey, type Verifier } from "../log/note.ts";
import { consistencyProof, type ReadHash } from "../log/proof.ts";
import { appendLeaf, emptyFrontier, rootHash } from "../log/tree.ts";
import { freePort, signetCommand } from "../testing/exchange.ts";
import { Publisher, testKey, verifyEd25519 } from "../testing/publisher.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { endOf, type CommandEnd } from "../testing/walletcustomer.ts";

const dir = mkdtempSync(join(tmpdir(), "signet-log-"));
const [node, program] = signetCommand;
const { log } = new Publisher("49979888511191774776929750563049979888ab", testKey(1));
const vkey = verifierKey(log.name, log.publicKey);

after(() => rmSync(dir, { recursive: true, force: true }));

type Said = {
  exit: number;
  size?: number;
  codes: string[];
  relays: { state: string; ageSeconds?: number }[];
  forks: { size: number; file: string }[];
  witnesses: { state: string }[];
};

function signet(words: readonly string[]): Promise<CommandEnd> {
  const env = { ...process.env, SIGNET_HOME: join(dir, "home") };
  const child = spawn(node, [program, ...words], { cwd: dir, env });
  child.stdin.end();
  return endOf(child);
}

async function verify(worlds: readonly RelayWorld[], ...words: string[]): Promise<Said> {
  const relays = worlds.flatMap(({ relay }) => ["--relay", relay.address]);
  const ended = await signet(["log", "verify", "--vkey", vkey, "--json", ...relays, ...words]);
  const said = JSON.parse(ended.out) as Said;
  assert.equal(said.exit, ended.code, ended.err);
  return said;
}

async function put(world: RelayWorld, leaves: readonly string[]): Promise<void> {
  const number = world.relay.watermark() + 1;
  assert.equal((await world.put(number, world.publisher.publish({ leaves }))).status, 200);
}

function tick(agoMs = 0): string {
  return `TICK|${new Date(Date.now() - agoMs).toISOString()}`;
}

class WitnessProcess {
  readonly url: string;
  readonly key: string;
  readonly #child: ChildProcess;

  private constructor(url: string, key: string, child: ChildProcess) {
    this.url = url;
    this.key = key;
    this.#child = child;
  }

  static async start(port: number): Promise<WitnessProcess> {
    const words = ["witness", "--dir", "witness", "--log", vkey, "--listen", String(port)];
    const child = spawn(node, [program, ...words], {
      cwd: dir,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const said = await new Promise<string>((resolve, reject) => {
      let heard = "";
      child.stderr.on("data", (bytes) => {
        heard += String(bytes);
        if (/its key {2}\S+\n/.test(heard)) resolve(heard);
      });
      child.once("exit", () => reject(new Error(`couldn't start a witness: ${heard}`)));
    });
    const key = /its key {2}(\S+)\n/.exec(said)?.[1] ?? "";
    return new WitnessProcess(`http://127.0.0.1:${port}`, key, child);
  }

  end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    const gone = new Promise<number | null>((resolve) => this.#child.once("exit", resolve));
    this.#child.kill(signal);
    return gone;
  }
}

test("relays that agree, are stale, lie or fork, and a witness; what was seen is not forgotten", async () => {
  const [one, two, forked] = await Promise.all([
    RelayWorld.start(),
    RelayWorld.start(),
    RelayWorld.start(),
  ]);
  const witness = await WitnessProcess.start(await freePort());
  try {
    const [first, fresh] = [
      ["NOTICE|a", "NOTICE|b", tick(600_000)],
      ["NOTICE|c", tick()],
    ];
    for (const world of [one, two]) await put(world, first);
    await put(forked, ["NOTICE|a", "NOTICE|other", first[2] ?? ""]);
    const behind = await verify([one, two]);
    assert.deepEqual([behind.exit, behind.codes], [5, ["E506", "E506"]]);
    assert.deepEqual(
      behind.relays.map(({ state, ageSeconds }) => [state, (ageSeconds ?? 0) >= 600]),
      [
        ["stale", true],
        ["stale", true],
      ],
    );
    await put(one, fresh);
    const asked = ["--witness", `${witness.url}=${witness.key}`];
    const good = await verify([one, two], ...asked);
    assert.deepEqual([good.exit, good.codes, good.size], [0, [], 5]);
    assert.deepEqual(
      good.relays.map(({ state }) => state),
      ["told", "stale"],
    );
    assert.equal(good.witnesses[0]?.state, "cosigned");
    const kept = join(dir, "home", "log", `${vkey.split("+")[1]}.checkpoint`);
    const note = readFileSync(kept, "utf8");
    const key: Verifier | undefined = parseWitnessKey(witness.key);
    assert.ok(key !== undefined && openCosignature(note, key, verifyEd25519).ok);

    // Shorter than what was seen: nobody is convicted, and it is said.
    const rolledBack = await verify([two]);
    assert.deepEqual([rolledBack.exit, rolledBack.codes[0]], [5, "E506"]);
    // Another history than the one that was seen, and than the one another relay tells.
    for (const worlds of [
      [forked, one],
      [one, forked],
    ]) {
      const split = await verify(worlds);
      assert.deepEqual([split.exit, split.codes.includes("E609")], [6, true]);
      const file = split.forks[0]?.file ?? "";
      assert.ok(existsSync(file));
      const checked = await signet(["log", "fork", file, "--vkey", vkey]);
      assert.equal(checked.code, 0, checked.err);
      const bent = join(dir, "bent");
      writeFileSync(bent, readFileSync(file, "utf8").replace("\n3\n", "\n4\n"));
      assert.equal((await signet(["log", "fork", bent, "--vkey", vkey])).code, 3);
    }
    assert.equal(readFileSync(kept, "utf8"), note, "nothing of a fork is kept as the truth");
    // A leaf's proof from elsewhere is a checkpoint to go on from.
    const proof = await (await one.get("/v1/proof?leaf=1&size=3")).text();
    writeFileSync(join(dir, "b.tlog-proof"), proof);
    assert.equal((await verify([one], "--from", "b.tlog-proof")).exit, 0);
    const people = await signet(["log", "verify", "--vkey", vkey, "--relay", one.relay.address]);
    assert.match(people.out, /5 leaves, root hash [A-Za-z0-9+/]{43}=\n/);
    assert.match(people.out, /✓ it goes on from what was seen here before: 5 leaves/);
    const none = await signet(["log", "verify", "--vkey", vkey, "--relay", "http://127.0.0.1:9"]);
    assert.equal(none.code, 8, none.err);
  } finally {
    await Promise.all([one.close(), two.close(), forked.close(), witness.end("SIGTERM")]);
  }
});

test("a witness is killed again and again while it answers; of one size it signs one root", async () => {
  rmSync(join(dir, "witness"), { recursive: true, force: true });
  const histories = ["one", "other"] as const;
  const publisher = new Publisher("49979888511191774776929750563049979888ab", testKey(1));
  const read =
    (word: string): ReadHash =>
    ({ level, index }) => {
      let part = emptyFrontier();
      for (let n = index * 2 ** level; n < (index + 1) * 2 ** level; n += 1) {
        part = appendLeaf(part, `NOTICE|${word} ${n}`);
      }
      return rootHash(part);
    };
  const noteOf = (word: string, size: number): string => {
    let tree = emptyFrontier();
    for (let n = 0; n < size; n += 1) tree = appendLeaf(tree, `NOTICE|${word} ${n}`);
    return publisher.checkpoint(tree);
  };
  const signed = new Map<number, string>();
  const port = await freePort();
  let [size, key] = [0, ""];
  for (let round = 0; round < 4; round += 1) {
    const witness = await WitnessProcess.start(port);
    if (key !== "") assert.equal(witness.key, key, "the key is the same for ever");
    key = witness.key;
    const gone = new Promise<void>((resolve) => {
      setTimeout(() => void witness.end("SIGKILL").then(() => resolve()), 120 + round * 37);
    });
    for (let isUp = true; isUp;) {
      for (const word of histories) {
        const hashes = consistencyProof(size, size + 1, read(word));
        const checkpoint = noteOf(word, size + 1);
        const body = printAddCheckpoint({ old: size, hashes, checkpoint });
        const answer = await fetch(`${witness.url}/add-checkpoint`, { method: "POST", body }).catch(
          () => undefined,
        );
        const text = await answer?.text().catch(() => undefined);
        if (answer === undefined || text === undefined) {
          isUp = false;
          break;
        }
        if (answer.status === 200) {
          assert.equal(signed.get(size + 1) ?? word, word, `two roots of ${size + 1}`);
          signed.set(size + 1, word);
        }
        if (answer.status === 409) size = Math.max(size, Number(text));
      }
      if (isUp && signed.has(size + 1)) size += 1;
    }
    await gone;
  }
  assert.equal(new Set(signed.values()).size, 1, "one history");
  const [[largest] = [0]] = [...signed].toReversed();
  const last = await WitnessProcess.start(port);
  const stale = { old: 0, hashes: [], checkpoint: noteOf("one", 1) };
  const body = printAddCheckpoint(stale);
  const answer = await fetch(`${last.url}/add-checkpoint`, { method: "POST", body });
  assert.equal(answer.status, 409);
  assert.ok(Number(await answer.text()) >= largest, "what was answered is remembered");
  assert.equal(await last.end("SIGTERM"), 0);
});
