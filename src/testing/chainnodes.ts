/**
 * Real nodes for tests, each a process of its own on loopback: Hardhat's, and Anvil. Anvil is no
 * dependency: it is installed into a folder of its own, and where that fails the tests say so.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Rpc } from "../chain/rpc.ts";

const root = join(import.meta.dirname, "..", "..");
const anvil = "@foundry-rs/anvil@1.7.1";
const startSecondsMax = 30;

export type TestNode = { readonly url: string; readonly stop: () => void };

/** The command that starts one, but for its port. */
export type NodeKind = { readonly name: string; readonly words: readonly string[] };

/** Hardhat's own node. */
export const hardhatNode: NodeKind = {
  name: "Hardhat",
  words: [
    process.execPath,
    join(root, "node_modules", "hardhat", "dist", "src", "cli.js"),
    "--config",
    join(root, "contracts", "hardhat.config.ts"),
    "node",
    "--hostname",
    "127.0.0.1",
    "--port",
  ],
};

/** Anvil, or why there is none. */
export function findAnvil(): NodeKind | string {
  const dir = mkdtempSync(join(tmpdir(), "anvil-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  try {
    const words = [
      "install",
      "--prefix",
      dir,
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      anvil,
    ];
    execFileSync("npm", words, { stdio: "pipe", timeout: 60_000 });
    const from = createRequire(join(dir, "node_modules", "@foundry-rs", "anvil", "package.json"));
    const arch = process.arch === "x64" ? "amd64" : process.arch;
    const path = from.resolve(`@foundry-rs/anvil-${process.platform}-${arch}/bin/anvil`);
    execFileSync(path, ["--version"], { stdio: "pipe", timeout: 10_000 });
    return { name: "Anvil", words: [path, "--host", "127.0.0.1", "--silent", "--port"] };
  } catch (cause) {
    const [line = ""] = String(cause).split("\n");
    return `NOT TESTED ON ANVIL: couldn't install ${anvil} (${line})`;
  }
}

/** Starts a node on a free port and waits until it answers. */
export async function startNode({ name, words }: NodeKind): Promise<TestNode> {
  const port = await freePort();
  const [program = "", ...rest] = [...words, String(port)];
  const child: ChildProcess = spawn(program, rest, { cwd: root, stdio: "ignore" });
  const stop = (): void => void child.kill("SIGKILL");
  process.once("exit", stop);
  const url = `http://127.0.0.1:${port}`;
  const rpc = new Rpc(url);
  for (const end = Date.now() + startSecondsMax * 1000; ; await sleep(50)) {
    try {
      await rpc.call("eth_chainId");
      return { url, stop };
    } catch (cause) {
      if (Date.now() < end && child.exitCode === null) continue;
      stop();
      throw new Error(`couldn't start ${name}`, { cause });
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}
