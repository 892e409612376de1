/**
 * A flood at a real relay in a process of its own: letters without postage are refused with a
 * signed reason, every honest one gets its receipt in the end, and memory stays bounded.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { equal, ok } from "node:assert/strict";
import { flood, postPaid, postRequest, type Flooded } from "../testing/flood.ts";
import { openReceipt, openRefusal } from "../log/receipt.ts";
import { rawPublicKey, testKey, verifyEd25519 } from "../testing/publisher.ts";
import { refOf } from "../testing/relayworld.ts";
import { sealedLetter } from "../testing/sealed.ts";
import { dockSignature } from "../testing/transcript.ts";

const relayKey = { name: "alder", publicKey: rawPublicKey(testKey(3)) };
const world = new URL("../testing/relayworld.ts", import.meta.url).href;
const server = new URL("server.ts", import.meta.url).href;
const honest = 10;
const memoryMax = 512 * 1024;

let dir: string;
let child: ChildProcess;
let address: string;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), "signet-flood-"));
  const program = `
    const { relayOptions } = await import(${JSON.stringify(world)});
    const { startRelay } = await import(${JSON.stringify(server)});
    const relay = await startRelay(relayOptions(process.argv[1]));
    console.log(relay.address);`;
  child = spawn(process.execPath, ["--input-type=module", "-e", program, dir], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  address = await new Promise((resolve, reject) => {
    child.stdout?.once("data", (bytes) => resolve(String(bytes).trim()));
    child.once("exit", () => reject(new Error("couldn't start a relay")));
  });
});

after(() => {
  child.removeAllListeners("exit");
  child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

/** The dock wants letters to have paid. */
async function load(bits: number): Promise<void> {
  const path = `/v1/dock/letters?after=0&price=${bits}`;
  const signature = dockSignature(testKey(9), "GET", path, new Date().toISOString());
  const answer = await fetch(address + path, { headers: { "signet-dock": signature } });
  equal(answer.status, 200);
  await answer.arrayBuffer();
}

/** The refusals in some answers, verified. */
function reasonsIn(answers: readonly string[]): ReadonlySet<string> {
  const reasons = answers.map((answer) => {
    const bytes = Buffer.from(answer.slice(answer.indexOf("\r\n\r\n") + 4), "latin1");
    const body = bytes.toString("utf8");
    const { code, refusal } = JSON.parse(body) as { code: string; refusal: string };
    const signed = openRefusal(refusal, relayKey, verifyEd25519);
    ok(signed.ok && signed.value.ref !== undefined && signed.value.bits !== undefined);
    equal(signed.value.reason, code);
    return code;
  });
  return new Set(reasons);
}

/** Memory that the relay ever had, KiB. */
function memoryPeak(): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "latin1");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
}

/** An honest letter: asked for postage, paid, and in the end there. */
async function postHonest(word: string): Promise<void> {
  const sealed = sealedLetter(word);
  const posted = await postPaid(address, sealed);
  ok(posted.kind === "receipt", `${word}: ${JSON.stringify(posted)}`);
  const receipt = openReceipt(posted.note, relayKey, verifyEd25519);
  ok(receipt.ok && receipt.value.ref === refOf(sealed));
  equal((await fetch(`${address}/v1/relay`)).status, 200);
}

/** Sends honest letters while others flood with what `next` gives. */
async function under(
  word: string,
  next: () => Uint8Array,
): Promise<{ readonly flooded: Flooded; readonly answers: readonly string[] }> {
  const over = new AbortController();
  const answers: string[] = [];
  const flooding = flood({
    address,
    connections: 128,
    sources: ["127.0.0.1", "127.0.0.2"],
    rate: 20_000,
    over: over.signal,
    next,
    onAnswer: (answer) => answers.length < 500 && answers.push(answer),
  });
  await Promise.all(Array.from({ length: honest }, (_, i) => postHonest(`${word} ${i}`)));
  over.abort();
  return { flooded: await flooding, answers };
}

test("letters that paid nothing are refused by name; every honest one has its receipt", async () => {
  await load(13);
  const request = Buffer.from(postRequest(sealedLetter("junk", 700)));
  let count = 0;
  const { flooded, answers } = await under("honest", () => {
    const other = Buffer.from(request);
    other.writeUInt32BE((count += 1), other.length - 4);
    return other;
  });
  ok(flooded.offered > flooded.sent, "more was offered than anybody could take");
  equal([...reasonsIn(answers)].join(), "postage_needed");
  equal([...flooded.byStatus.keys()].join(), "402");
  ok(memoryPeak() < memoryMax, `${memoryPeak()} KiB`);
});

test("junk that pays too little is refused by name as well", async () => {
  await load(15);
  // Stamps are good for other letters: by chance one of a thousand has ten bits.
  const junk = Array.from({ length: 200 }, (_, i) =>
    postRequest(
      sealedLetter(`weak ${i}`, 700),
      `stamp ${new Date().toISOString().slice(0, 10)}-${i}`,
    ),
  );
  let count = 0;
  const { answers } = await under(
    "still honest",
    () => junk[(count += 1) % 200] ?? new Uint8Array(),
  );
  equal([...reasonsIn(answers)].join(), "stamp_weak");
  ok(memoryPeak() < memoryMax, `${memoryPeak()} KiB`);
});
