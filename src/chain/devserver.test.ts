/** Who gets an answer of the development chain, by raw HTTP, and how much of it. */
import { deepEqual, equal } from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";

import { type DevServer, serveRpc } from "./devserver.ts";

const asked: unknown[][] = [];
let hold: Promise<void> = Promise.resolve();
let server: DevServer;
before(async () => {
  const answer = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    await hold;
    asked.push([method, ...params]);
    return "0x1";
  };
  server = await serveRpc(answer, 0);
});
after(() => server.close());

type Said = { status: number; headers: NodeJS.Dict<string | string[]>; body: string };

const question = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });

function say(headers: Record<string, string>, body = question, method = "POST"): Promise<Said> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, headers, agent: false }, (response) => {
      const parts: Uint8Array[] = [];
      response.on("data", (part: Uint8Array) => parts.push(part));
      response.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sent.on("error", reject);
    sent.end(method === "POST" ? body : undefined);
  });
}

const json = { "content-type": "application/json" };

test("programs of this machine, its own pages and a browser's wallet are answered", async () => {
  equal((await say(json)).body, '{"jsonrpc":"2.0","id":1,"result":"0x1"}');
  equal((await say({ "content-type": "application/json; charset=utf-8" })).status, 200);
  for (const host of ["localhost:8545", "127.0.0.1", "[::1]:8545", "LOCALHOST:1"]) {
    equal((await say({ ...json, host })).status, 200, host);
  }
  for (const origin of ["http://localhost:5173", "https://127.0.0.1", "chrome-extension://abc"]) {
    const { status, headers } = await say({ ...json, origin });
    equal(status, 200, origin);
    equal(headers["access-control-allow-origin"], origin);
    const first = await say({ origin, "access-control-request-method": "POST" }, "", "OPTIONS");
    equal(first.status, 204);
    equal(first.headers["access-control-allow-headers"], "content-type");
  }
});

test("pages of other places get nothing, whatever they call themselves", async () => {
  const before = asked.length;
  const pages = ["http://evil.example", "https://localhost.evil.example", "null", "http://", "x"];
  for (const origin of pages) {
    for (const method of ["POST", "OPTIONS"]) {
      const { status, headers } = await say({ ...json, origin }, question, method);
      equal(status, 403, origin);
      equal(headers["access-control-allow-origin"], undefined);
      equal(headers["access-control-allow-private-network"], undefined);
    }
  }
  for (const host of [
    "evil.example",
    "127.0.0.1.evil.example:8545",
    "localhost@evil",
    "10.0.0.1",
  ]) {
    equal((await say({ ...json, host })).status, 403, host);
  }
  // What a page may send without asking first.
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""]) {
    equal((await say({ "content-type": type })).status, 415, type);
  }
  equal((await say({})).status, 415);
  equal((await say(json, "", "GET")).status, 405);
  equal(asked.length, before);
});

test("a call's gas has an end", async () => {
  const cases = [
    ["eth_call", "0xffffffffffffff", "0xf42400"],
    ["eth_call", undefined, "0xf42400"],
    ["eth_call", "0x5208", "0x5208"],
    ["eth_call", "much", "much"],
    ["eth_estimateGas", "0xf42401", "0xf42400"],
    ["debug_traceCall", "0xf42400", "0x1e8480"],
    ["eth_sendTransaction", "0xffffffff", "0xffffffff"],
  ] as const;
  for (const [method, gas, given] of cases) {
    const params = [{ data: "0x5b600056", gas }, "latest"];
    // In a batch as well.
    for (const body of [{ id: 1, method, params }, [{ id: 1, method, params }]]) {
      await say(json, JSON.stringify(body));
      deepEqual(asked.pop(), [method, { data: "0x5b600056", gas: given }, "latest"]);
    }
  }
});

test("requests at once have an end", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  hold = promise;
  let refused = 0;
  const many = Array.from({ length: 80 }, async () => {
    const { status } = await say(json);
    if (status === 503) refused += 1;
    if (refused === 16) resolve();
    return status;
  });
  const all = await Promise.all(many);
  equal(all.filter((status) => status === 200).length, 64);
  equal((await say(json)).status, 200);
});
