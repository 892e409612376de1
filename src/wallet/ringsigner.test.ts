/**
 * Signers: the account's own key, a wallet at a URL, a wallet in a page. What they give is judged
 * by what it recovers to, whatever they say.
 */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, test } from "node:test";

import { toHex } from "../codec/bytes.ts";
import { type Address, type Hash, noAddress, parseAddress } from "../codec/ethereum.ts";
import { type Domain, orderHash } from "../ring/digest.ts";
import { parseOrder, typedData, type TypedData } from "../ring/json.ts";
import type { RingOrder } from "../ring/order.ts";
import { addressOfKey, recoverSigner, signDigest } from "../ring/signature.ts";
import { providerAt, providerOf, type Eip1193 } from "./provider.ts";
import { keySigner, ownerSignature, providerSigner, type RingSigner } from "./ringsigner.ts";

const key = new Uint8Array(32).fill(7);
const owner = addressOfKey(key);
const domain: Domain = { chainId: 31_337n, contract: address("2e") };
const order: RingOrder = {
  owner,
  sellToken: address("11"),
  buyToken: address("22"),
  sellAmount: 10n ** 20n,
  buyAmount: 5n,
  validSince: 0n,
  validUntil: 1_800_000_000n,
  nonce: 3n,
  authAddress: address("33"),
  feeToken: noAddress,
  feeAmount: 0n,
  marginSplit: 50n,
  wallet: noAddress,
  walletSplit: 0n,
  allOrNone: false,
  buyDriven: false,
  minimumFill: 0n,
  recipient: noAddress,
};
const about = { data: typedData(domain, order), hash: orderHash(domain, order), owner };

function address(byte: string): Address {
  return parseAddress(`0x${byte.repeat(20)}`) ?? assert.fail();
}

/** 65 bytes as wallets give them. */
function sixtyFive(hash: Hash, by: Uint8Array, v = 27): string {
  const compact = signDigest(hash, by);
  const parity = (compact[32] ?? 0) >> 7;
  compact[32] = (compact[32] ?? 0) & 0x7f;
  return `0x${toHex(compact)}${toHex(Uint8Array.of(v + parity))}`;
}

function hashIn(json: unknown): Hash {
  const data: TypedData = JSON.parse(String(json)) as TypedData;
  const read = parseOrder(JSON.stringify(data.message));
  assert.ok(read.ok);
  const { chainId, verifyingContract: contract } = data.domain;
  return orderHash({ chainId: BigInt(chainId), contract }, read.value);
}

/** A wallet that answers as told, and truly otherwise. */
function wallet(lies: Readonly<Record<string, unknown>> = {}): Eip1193 {
  return {
    request: ({ method, params }) => {
      if (method in lies) {
        const lie = lies[method];
        return lie instanceof Error ? Promise.reject(lie) : Promise.resolve(lie);
      }
      if (method === "eth_accounts") return Promise.resolve([owner]);
      assert.equal(method, "eth_signTypedData_v4");
      assert.equal(params[0], owner);
      return Promise.resolve(sixtyFive(hashIn(params[1]), key));
    },
  };
}

async function judged(signer: RingSigner, isContractWallet = false): Promise<string> {
  const signed = await ownerSignature(signer, { ...about, isContractWallet });
  return signed.ok ? signed.value.by : signed.code;
}

let server: Server;
let url = "";
let answer: ((body: string) => Promise<string>) | undefined;

before(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      void answer?.(Buffer.concat(parts).toString()).then((text) => response.end(text));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  assert.ok(typeof at === "object" && at !== null);
  url = `http://127.0.0.1:${at.port}/secret-path`;
});

after(() => server.close());

test("the account's own key signs what the order hash says", async () => {
  const signer = keySigner(key);
  const signed = await ownerSignature(signer, { ...about, isContractWallet: false });
  assert.ok(signed.ok && signed.value.by === "key");
  assert.equal(recoverSigner(about.hash, signed.value.bytes), owner);
});

test("a provider in a page signs; every form of v is taken and kept in 64 bytes", async () => {
  assert.equal(await judged(providerSigner(providerOf(wallet()))), "key");
  for (const v of [0, 27]) {
    const lies = {
      eth_signTypedData_v4: sixtyFive(about.hash, key, v).toUpperCase().replace("0X", "0x"),
    };
    const signer = providerSigner(providerOf(wallet(lies)), owner);
    const signed = await ownerSignature(signer, { ...about, isContractWallet: false });
    assert.ok(signed.ok && signed.value.bytes.length === 64 && signed.value.by === "key");
  }
});

test("a wallet at a URL is asked by JSON-RPC, with the typed data as text", async () => {
  const asked: unknown[] = [];
  answer = async (body) => {
    const request = JSON.parse(body) as { id: number; method: string; params: unknown[] };
    asked.push(request.method);
    const { method, params } = request;
    const result = await wallet().request({ method, params });
    return JSON.stringify({ jsonrpc: "2.0", id: request.id, result });
  };
  assert.equal(await judged(providerSigner(providerAt(url))), "key");
  assert.ok(asked.includes("eth_accounts") && asked.includes("eth_signTypedData_v4"));
});

test("a signature that is not the owner's counts only for a contract wallet", async () => {
  const others = sixtyFive(about.hash, new Uint8Array(32).fill(8));
  const wrongs = [others, `0x${"ab".repeat(64)}`, `0x${"ab".repeat(300)}`];
  for (const eth_signTypedData_v4 of wrongs) {
    const signer = providerSigner(providerOf(wallet({ eth_signTypedData_v4 })));
    assert.equal(await judged(signer), "E123");
    assert.equal(await judged(signer, true), "contract");
  }
});

test("whatever else a signer says is refused by name, and said in a short line", async () => {
  const refusal = Object.assign(new Error("User rejected\nthe request. ".repeat(50)), {
    code: 4001,
  });
  const lies: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ eth_accounts: [] }, "E122"],
    [{ eth_accounts: "0x12" }, "E122"],
    [{ eth_accounts: [null] }, "E122"],
    [{ eth_signTypedData_v4: refusal }, "E122"],
    [{ eth_signTypedData_v4: null }, "E122"],
    [{ eth_signTypedData_v4: "0x" }, "E122"],
    [{ eth_signTypedData_v4: `0x${"ab".repeat(63)}` }, "E122"],
    [{ eth_signTypedData_v4: `0x${"ab".repeat(1025)}` }, "E122"],
    [{ eth_signTypedData_v4: `0x${"00".repeat(64)}05` }, "E122"],
    [{ eth_signTypedData_v4: `0x${"zz".repeat(65)}` }, "E122"],
  ];
  for (const [lie, code] of lies) {
    const signer = providerSigner(providerOf(wallet(lie)));
    const signed = await ownerSignature(signer, { ...about, isContractWallet: true });
    assert.equal(signed.ok ? "signed" : signed.code, code, JSON.stringify(lie).slice(0, 80));
    assert.match(signed.ok ? "" : signed.what, /^[ -~]{1,200}$/);
  }
});

test("a node that does not answer, or answers something else, is told without its path", async () => {
  for (const text of ["", "no json", "[]", "{}", "null"]) {
    answer = () => Promise.resolve(text);
    const got = await providerAt(url).request({ method: "eth_accounts", params: [] });
    assert.equal(got.ok ? "answered" : got.code, "E804", text);
    assert.ok(!got.ok && !got.what.includes("secret-path"));
  }
  const error = { code: -32_000, message: "locked" };
  answer = () => Promise.resolve(JSON.stringify({ id: 1, error }));
  const got = await providerAt(url).request({ method: "eth_signTypedData_v4", params: [] });
  assert.ok(!got.ok && got.code === "E122" && got.what.includes("locked"));
  const nobody = await providerAt("http://127.0.0.1:1/").request({ method: "x", params: [] });
  assert.equal(nobody.ok ? "answered" : nobody.code, "E804");
});
