/**
 * Ten thousand connections that ask nothing, against a relay in a process of its own: its memory
 * and its files are bounded, the reader of its stream goes on, and whoever comes with a request is
 * served each time. They come from a process with a limit of files of its own.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { equal, ok } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { limitsDefault } from "./connections.ts";

const idlers = 10_000;
const world = new URL("../testing/relayworld.ts", import.meta.url).href;
const server = new URL("server.ts", import.meta.url).href;

const relayProgram = `
  const { relayOptions } = await import(${JSON.stringify(world)});
  const { startRelay } = await import(${JSON.stringify(server)});
  const relay = await startRelay(relayOptions(process.argv[1]));
  console.log(relay.address);`;

/** Opens so many, a third of them silent, a third with half a head, a third with half a body. */
const idleProgram = `
  import { connect } from "node:net";
  const [port, count] = process.argv.slice(1).map(Number);
  const begun = ["", "GET / HTTP/1.1\\r\\n", "POST / HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: 9\\r\\n\\r\\n1"];
  let opened = 0;
  const open = (i) => {
    const socket = connect(port, "127.0.0.1", () => {
      opened += 1;
      socket.write(begun[i % 3]);
    });
    socket.on("error", () => undefined);
    // Whoever is dropped comes again at once.
    socket.on("close", () => setTimeout(open, 500 + Math.random() * 1000, i));
  };
  for (let i = 0; i < count; i += 1) {
    open(i);
    if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 15));
  }
  while (opened < count) await new Promise((resolve) => setTimeout(resolve, 50));
  console.log("opened");`;

/** A program whose first line is awaited; as many files as it needs, or it does not start. */
function start(program: string, words: readonly string[], files: number): ChildProcess {
  const line = `ulimit -n ${files} && exec "$0" --input-type=module -e "$@"`;
  const shell = ["-c", line, process.execPath, program, ...words];
  return spawn("sh", shell, { stdio: ["ignore", "pipe", "ignore"] });
}

function firstLine(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.stdout?.once("data", (bytes) => resolve(String(bytes).trim()));
    child.once("exit", () => resolve(undefined));
  });
}

function residentMiB(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

test("ten thousand idle connections, and everybody else is served", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "signet-idle-"));
  const relay = start(relayProgram, [dir], 9000);
  const address = (await firstLine(relay)) ?? "";
  let idle: ChildProcess | undefined;
  try {
    if (address === "") return t.skip("SKIPPED: this system gives no process 9,000 files");
    const before = residentMiB(relay.pid);
    const reader = new WebSocket(`${address.replace("http", "ws")}/v1/stream`);
    await new Promise((resolve) => reader.once("open", resolve));
    reader.send('{"subscribe":"tick"}');
    idle = start(idleProgram, [new URL(address).port, String(idlers)], idlers + 1000);
    let isUp = false;
    const up = firstLine(idle).then((line): undefined => {
      if (line === undefined) throw new Error("couldn't open ten thousand connections");
      isUp = true;
      return undefined;
    });
    const times: number[] = [];
    let [most, files] = [0, 0];
    for (let more = 40; more > 0; more -= isUp ? 1 : 0) {
      const begun = performance.now();
      const answer = await fetch(`${address}/v1/relay`, { headers: { connection: "close" } });
      equal(answer.status, 200);
      await answer.text();
      times.push(performance.now() - begun);
      most = Math.max(most, residentMiB(relay.pid));
      files = Math.max(files, readdirSync(`/proc/${relay.pid}/fd`).length);
      await sleep(20);
    }
    await up;
    equal(reader.readyState, WebSocket.OPEN);
    reader.terminate();
    ok(files > 5000, `only ${files} were held`);
    ok(files < limitsDefault.connectionsMax + 200, `${files} files are open`);
    ok(most < before + 400, `${most} MiB, before it ${before}`);
    const sorted = times.toSorted((a, b) => a - b);
    const figure = (at: number): string => (sorted.at(at) ?? 0).toFixed(0);
    console.log(
      `# ${times.length} honest requests: median ${figure(Math.floor(times.length / 2))} ms, ` +
        `most ${figure(-1)} ms; ${files} files, ${before.toFixed(0)} → ${most.toFixed(0)} MiB`,
    );
  } finally {
    idle?.kill("SIGKILL");
    relay.kill("SIGKILL");
    rmSync(dir, { recursive: true });
  }
});
