/** A relay is killed between receipts: whatever it signed a receipt for is there afterwards. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { equal, ok } from "node:assert/strict";
import { openReceipt } from "../log/receipt.ts";
import { rawPublicKey, testKey, verifyEd25519 } from "../testing/publisher.ts";
import { refOf, relayOptions } from "../testing/relayworld.ts";
import { sealedLetter } from "../testing/sealed.ts";
import { dockSignature } from "../testing/transcript.ts";

const world = new URL("../testing/relayworld.ts", import.meta.url).href;
const server = new URL("server.ts", import.meta.url).href;
const relayKey = { name: "alder", publicKey: rawPublicKey(testKey(3)) };

/** A relay in a process of its own; its address is the first line that it says. */
async function start(dir: string): Promise<{ child: ChildProcess; address: string }> {
  const program = `
    const { relayOptions } = await import(${JSON.stringify(world)});
    const { startRelay } = await import(${JSON.stringify(server)});
    const relay = await startRelay(relayOptions(process.argv[1]));
    console.log(relay.address);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, dir], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout?.once("data", (bytes) => resolve(String(bytes).trim()));
    child.once("exit", () => reject(new Error("couldn't start a relay")));
  });
  return { child, address };
}

function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGKILL");
  return gone;
}

/** Posts letter after letter until the relay is gone; returns the receipts that arrived. */
async function postUntilGone(
  address: string,
  round: number,
  child: ChildProcess,
): Promise<string[]> {
  const notes: string[] = [];
  const post = async (lane: number): Promise<void> => {
    for (let i = 0; ; i += 1) {
      const body = new Uint8Array(sealedLetter(`round ${round} ${lane} ${i}`));
      const response = await fetch(`${address}/v1/letters`, { method: "POST", body }).catch(
        () => undefined,
      );
      const text = await response?.text().catch(() => undefined);
      if (text === undefined) return;
      notes.push(text);
      // Killed while other letters are on their way, at another place in each round.
      if (notes.length === 10 + 7 * round) void kill(child);
    }
  };
  await Promise.all([0, 1, 2, 3].map(post));
  return notes;
}

async function collect(address: string): Promise<Map<number, string>> {
  const letters = new Map<number, string>();
  for (let after = 0; ;) {
    const path = `/v1/dock/letters?after=${after}`;
    const signed = dockSignature(testKey(9), "GET", path, new Date().toISOString());
    const response = await fetch(address + path, { headers: { "signet-dock": signed } });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (bytes.length === 0) return letters;
    for (let offset = 0; offset < bytes.length;) {
      after = Number(bytes.readBigUInt64BE(offset));
      const length = bytes.readUInt32BE(offset + 9);
      letters.set(after, refOf(new Uint8Array(bytes.subarray(offset + 13, offset + 13 + length))));
      offset += 13 + length;
    }
  }
}

test("kill -9 between receipts loses no letter that has one", async () => {
  const dir = mkdtempSync(join(tmpdir(), "signet-relay-"));
  equal(relayOptions(dir).name, relayKey.name);
  const notes: string[] = [];
  try {
    for (let round = 0; round < 3; round += 1) {
      const { child, address } = await start(dir);
      notes.push(...(await postUntilGone(address, round, child)));
    }
    const { child, address } = await start(dir);
    const letters = await collect(address);
    await kill(child);
    ok(notes.length >= 51);
    for (const note of notes) {
      const receipt = openReceipt(note, relayKey, verifyEd25519);
      ok(receipt.ok);
      equal(letters.get(receipt.value.number), receipt.value.ref);
    }
    const numbers = [...letters.keys()];
    equal(numbers.length, Math.max(...numbers), "no number is missing");
  } finally {
    rmSync(dir, { recursive: true });
  }
});
