/** A development chain whose process is killed: what was answered is there again. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { person } from "../testing/ringminer.ts";
import { ChainAccount } from "./account.ts";
import { startDevChain } from "./devchain.ts";
import { openNode } from "./node.ts";
import { readMany } from "./settlement.ts";

const dir = mkdtempSync(join(tmpdir(), "devchain-"));
after(() => rmSync(dir, { recursive: true, force: true }));

const script = `
  import { startDevChain } from "./src/chain/devchain.ts";
  const chain = await startDevChain({ dir: process.argv[1], idleSeconds: 1 });
  setInterval(() => undefined, 1000);
  console.log(chain.url);`;

test("killed, it has everything that it had answered", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, "--", dir], {
    cwd: join(import.meta.dirname, "..", ".."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise<string>((resolve) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
  });
  const node = await openNode(url);
  const alice = person("Alice");
  const [from] = (await node.request("eth_accounts")) as [string];
  const value = `0x${(10n ** 18n).toString(16)}`;
  await node.request("eth_sendTransaction", [{ from, to: alice.address, value }]);
  const account = new ChainAccount(node, alice.key);
  const settlement = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
  const mint = await account.mint(goldOf(), alice.address, 9n);
  await account.cancel(settlement as typeof alice.address, [3n]);
  const head = await node.head();
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;

  const again = await startDevChain({ dir, idleSeconds: 1 });
  equal(again.settlement, settlement);
  equal(again.tokens[0]?.address, goldOf());
  const same = await openNode(again.url);
  ok((await same.head()).number >= head.number);
  equal((await same.receipt(mint.transaction))?.block, mint.block);
  const counters = [{ owner: alice.address, nonce: 3n }];
  const questions = { counters, epochs: [], funds: [] };
  const answers = await readMany(same, { contract: again.settlement, at: "latest", questions });
  deepEqual(answers.counters, [2n ** 128n - 1n]);
  await again.close();
});

/** The second contract of Hardhat's first account. */
function goldOf(): ReturnType<typeof person>["address"] {
  return "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512" as ReturnType<typeof person>["address"];
}
