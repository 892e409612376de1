/** The development chain: any wallet's JSON-RPC, and the same chain after a restart. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { parseAddress } from "../codec/ethereum.ts";
import { person } from "../testing/ringminer.ts";
import { startDevChain } from "./devchain.ts";
import { openNode } from "./node.ts";
import { isSettlement, readMany } from "./settlement.ts";

const dir = mkdtempSync(join(tmpdir(), "devchain-"));
after(() => rmSync(dir, { recursive: true, force: true }));

const alice = person("Alice").address;

test("a chain with the settlement and three tokens, the same after a restart", async () => {
  const first = await startDevChain({ dir, idleSeconds: 0 });
  const [gold] = first.tokens;
  ok(gold !== undefined);
  deepEqual(
    first.tokens.map(({ name }) => name),
    ["GOLD", "OIL", "WHEAT"],
  );
  await first.faucet(alice, { ether: 5n, tokens: { GOLD: 7n, WHEAT: 8n } });
  const node = await openNode(first.url);
  equal(node.chainId, 31_337n);
  ok(await isSettlement(node, first.settlement));
  equal(await isSettlement(node, gold.address), false);
  await node.request("evm_mine");
  await rejects(node.request("evm_setNextBlockTimestamp", [1]), /kept on disk/);
  const data = `0x095ea7b3${first.settlement.slice(2).padStart(64, "0")}${"5".padStart(64, "0")}`;
  const from = first.accounts[1];
  ok(from !== undefined);
  await first.faucet(from, { tokens: { GOLD: 9n } });
  await node.request("eth_sendTransaction", [{ from, to: gold.address, data }]);
  const head = await node.head();
  await first.close();
  await rejects(node.head(), /couldn't ask the chain at 127\.0\.0\.1/);

  const second = await startDevChain({ dir, idleSeconds: 0 });
  deepEqual(second.tokens, first.tokens);
  equal(second.settlement, first.settlement);
  const again = await openNode(second.url);
  equal((await again.head()).hash, head.hash, "to the last bit");
  equal(await again.balance(alice), 5n);
  const questions = {
    counters: [{ owner: alice, nonce: 3n }],
    epochs: [alice],
    funds: [
      { owner: from, token: gold.address },
      { owner: alice, token: gold.address },
    ],
  };
  const answers = await readMany(again, {
    contract: second.settlement,
    at: { hash: head.hash },
    questions,
  });
  deepEqual(answers, { counters: [0n], epochs: [0n], funds: [5n, 0n] });
  await second.close();
});

test("the number of the newest block never goes back, and the clock goes on", async () => {
  const kept = join(dir, "idle");
  const first = await startDevChain({ dir: kept, idleSeconds: 1 });
  const node = await openNode(first.url);
  const before = await node.head();
  for (let head = before; head.number < before.number + 2; head = await node.head()) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const last = await node.head();
  await first.close();
  const second = await startDevChain({ dir: kept, idleSeconds: 1 });
  const head = await (await openNode(second.url)).head();
  ok(head.number >= last.number);
  ok(head.time >= last.time);
  await second.close();
});

test("wallets find what they ask for", async () => {
  const chain = await startDevChain();
  const node = await openNode(chain.url);
  const [account] = chain.accounts;
  const typed = {
    types: {
      EIP712Domain: [{ name: "name", type: "string" }],
      Word: [{ name: "text", type: "string" }],
    },
    primaryType: "Word",
    domain: { name: "test" },
    message: { text: "hello" },
  };
  const signature = await node.request("eth_signTypedData_v4", [account, JSON.stringify(typed)]);
  equal(String(signature).length, 132);
  const how = { method: "POST", headers: { "content-type": "application/json" } };
  const batch = await fetch(chain.url, {
    ...how,
    body: JSON.stringify([1, 2].map((id) => ({ jsonrpc: "2.0", id, method: "eth_accounts" }))),
  });
  const answers = (await batch.json()) as { result: string[] }[];
  deepEqual(
    answers.map(({ result }) => parseAddress(String(result[0]))),
    [account, account],
  );
  await rejects(node.request("eth_nothing"), { name: "RpcRefused" });
  const nonsense = await fetch(chain.url, { ...how, body: "{" });
  deepEqual(((await nonsense.json()) as { error: { code: number } }).error.code, -32_700);
  await chain.close();
});

test("what cannot be started says so, and holds nothing", async () => {
  const kept = join(dir, "taken");
  const chain = await startDevChain({ dir: kept, idleSeconds: 0 });
  await rejects(startDevChain({ dir: kept }), /couldn't lock/);
  const port = Number(new URL(chain.url).port);
  const other = join(dir, "other");
  await rejects(startDevChain({ dir: other, port }), /couldn't open port/);
  await rejects(startDevChain({ dir: other, chainId: 5 }), /another number/);
  await chain.close();
  const again = await startDevChain({ dir: kept, port, idleSeconds: 0 });
  equal(new URL(again.url).port, String(port));
  await again.close();
});
