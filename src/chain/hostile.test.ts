/** Nodes and relays that answer anything, submissions that are none: sentences, never secrets. */
import { deepEqual, doesNotMatch, equal, match, ok, rejects, throws } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import * as fc from "fast-check";

import { openRingChain } from "../testing/ringchain.ts";
import { openBroadcaster } from "./broadcaster.ts";
import { startDevChain } from "./devchain.ts";
import { submissionsOf, venueOf } from "./relayfeed.ts";
import { Rpc, RpcRefused } from "./rpc.ts";
import { parseKey, replacing } from "./transaction.ts";

const dir = mkdtempSync(join(tmpdir(), "hostile-"));
after(() => rmSync(dir, { recursive: true, force: true }));

/** Serves one answer to everybody, while `work` asks. */
async function answering(
  answer: (response: ServerResponse) => void,
  work: (host: string) => Promise<void>,
): Promise<void> {
  const server = createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  try {
    await work(`127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const saying = (status: number, text: string) => (response: ServerResponse) =>
  void response.writeHead(status).end(text);

/** More than anybody should read. */
function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(1024 * 1024, 0x20);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    response.once("drain", more);
  };
  more();
}

const secret = "hunter2";

/** Neither it nor what caused it says the secret. */
function isDiscreet(error: Error): true {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    doesNotMatch(`${at.message} ${at.stack}`, new RegExp(secret));
  }
  return true;
}

test("a node's wrong answers are sentences that name its host alone", async () => {
  const answers = [
    saying(200, ""),
    saying(200, "<html>"),
    saying(502, "<html>"),
    saying(200, "[]"),
    saying(200, "null"),
    saying(200, `{"jsonrpc":"2.0","id":99,"result":"0x1"}`),
    (response: ServerResponse) => void response.destroy(),
    (response: ServerResponse) => void response.writeHead(307, { location: "/" }).end(),
    endless,
  ];
  for (const answer of answers) {
    await answering(answer, async (host) => {
      const rpc = new Rpc(`http://somebody:${secret}@${host}/${secret}`);
      await rejects(rpc.call("eth_chainId"), (error: Error) => {
        match(error.message, /^couldn't .*127\.0\.0\.1/);
        return isDiscreet(error);
      });
    });
  }
  for (const url of ["", "ftp://x", `http://${secret}:x@[`, secret]) {
    throws(
      () => new Rpc(url),
      (error: Error) => !error.message.includes(secret),
    );
  }
});

test("what a call reverted with is found wherever a node puts it", async () => {
  for (const data of [`"0xab"`, `{"data":"0xab"}`, `{"result":"0xab"}`]) {
    const text = `{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"reverted","data":${data}}}`;
    for (const status of [200, 400]) {
      await answering(saying(status, text), async (host) => {
        await rejects(
          new Rpc(`http://${host}`).call("eth_call"),
          (error: Error) => error instanceof RpcRefused && error.data === "0xab",
        );
      });
    }
  }
});

test("a relay's wrong answers are sentences too", async () => {
  const { signal } = new AbortController();
  const submission = { number: 1, calldata: "0x00", rings: [{ state: "authored" }] };
  const wrong: readonly unknown[] = [
    null,
    {},
    { submissions: 1 },
    { submissions: [{ ...submission, number: "1" }] },
    { submissions: [{ ...submission, number: -1 }] },
    { submissions: [{ ...submission, calldata: "0x0" }] },
    { submissions: [{ ...submission, rings: 7 }] },
  ];
  for (const answer of [...wrong.map((one) => saying(200, JSON.stringify(one))), endless]) {
    await answering(answer, async (host) => {
      const relay = `http://somebody:${secret}@${host}/${secret}`;
      await rejects(submissionsOf(relay, { after: 0, signal }), isDiscreet);
      await rejects(venueOf(relay), isDiscreet);
    });
  }
  for (const relay of [`ftp://${secret}:x@host`, `http://${secret}:x@[`, secret]) {
    await rejects(venueOf(relay), isDiscreet);
  }
  const good = { submissions: [submission, { ...submission, number: 3, rings: [] }] };
  await answering(saying(200, JSON.stringify(good)), async (host) => {
    const { open, last } = await submissionsOf(`http://${host}`, { after: 0, signal });
    deepEqual([open.map(({ number }) => number), last], [[1], 3], "settled ones are passed over");
  });
});

test("garbage instead of submissions costs a broadcaster nothing", async () => {
  const dev = await startDevChain();
  const chain = await openRingChain(dev.url);
  const { key } = await chain.broadcaster("who gets garbage");
  const { node, contract, miner } = chain;
  const broadcaster = openBroadcaster({ node, contract, key, dir, confirmations: 0 });
  const real = await chain.submission(1n);
  const broken = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat(real.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, change]) => {
      const changed = real.slice();
      changed[at] = (changed[at] ?? 0) ^ change;
      return changed;
    }),
    fc.nat(real.length - 1).map((length) => real.slice(0, length)),
  );
  const gotten = fc.array(broken, { minLength: 60, maxLength: 60 });
  const seed = Number(process.env["CHAIN_SEED"] ?? Date.now() % 2 ** 31);
  for (const calldata of fc.sample(gotten, { seed, numRuns: 1 }).flat()) {
    broadcaster.add({ number: 1, calldata });
  }
  for (let i = 0; i < 3; i += 1) {
    await broadcaster.step();
    await node.request("evm_mine");
  }
  equal(await node.nonce(broadcaster.sender), 0, `CHAIN_SEED=${seed}`);
  // Full of it, there is still room for a good one.
  for (let i = 0; i < 300; i += 1) {
    const other = real.slice();
    // Another miner each time, and nobody gets the fees: refused at once.
    other.fill(0, 20, 40).set([i >> 8, i % 256], 0);
    broadcaster.add({ number: i, calldata: other });
    if (i === 255) await broadcaster.step();
  }
  ok(broadcaster.pending <= 256);
  ok(broadcaster.add({ number: 2, calldata: real }).ok);
  await broadcaster.step();
  equal(await node.nonce(broadcaster.sender), 1);
  await broadcaster.close();
  const own = mkdtempSync(join(dir, "miner-"));
  const mine = openBroadcaster({ node, contract, key: miner.key, dir: own });
  const verdict = mine.add({ number: 3, calldata: real });
  equal(verdict.ok ? "" : verdict.name, "sender_is_miner");
  await mine.close();
  await dev.close();
});

test("keys and fees", () => {
  const text = "11".repeat(32);
  equal(parseKey(`0x${text}\n`)?.length, 32);
  for (const wrong of ["", text.slice(1), `${text}1`, "00".repeat(32), `${text} ${text}`]) {
    equal(parseKey(wrong), undefined);
  }
  const fee = fc.bigInt({ min: 0n, max: 10n ** 15n });
  const fees = fc.record({ tip: fee, most: fee });
  fc.assert(
    fc.property(fees, fees, (before, now) => {
      const { tip, most } = replacing(before, now);
      ok(tip * 1000n > before.tip * 1125n && most * 1000n > before.most * 1125n);
      ok(tip >= now.tip && most >= now.most);
    }),
  );
});
