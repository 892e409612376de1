/**
 * A ring order with nothing but gpg, curl, awk and a node that signs typed data: the commands of
 * docs/guide/ring-orders.md as they stand there, with the miner's auth address and with a key of
 * the customer's own.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { startDevChain, type DevChain } from "../chain/devchain.ts";
import { fromBase64, toBase64, toHex } from "../codec/bytes.ts";
import { checksummed, parseAddress } from "../codec/ethereum.ts";
import { time } from "../codec/time.ts";
import type { CardRing } from "../letter/card.ts";
import type { RingCommand } from "../letter/command.ts";
import { orderHash } from "../ring/digest.ts";
import { addressOfKey, recoverSigner } from "../ring/signature.ts";
import { makeMinerKeys, openAuthKey, readMinerSecret } from "../seal/authkey.ts";
import type { MinerSecret } from "../seal/authkey.ts";
import { GpgCustomer, gpgBytes } from "../testing/gpg.ts";
import { TinyExchange } from "../testing/tinyexchange.ts";
import { endOf } from "../testing/walletcustomer.ts";

let chain: DevChain;
let ring: CardRing;
let miner: MinerSecret;
let exchange: TinyExchange;
let alice: GpgCustomer;
const read: RingCommand[] = [];
const taken: string[] = [];

before(async () => {
  chain = await startDevChain({ idleSeconds: 0 });
  const made = await makeMinerKeys({ at: time(Date.now() - 60_000) });
  miner = await readMinerSecret(made.secret);
  const address = parseAddress(`0x${"aa".repeat(20)}`) ?? assert.fail();
  ring = {
    chainId: chain.chainId,
    contract: chain.settlement,
    miner: address,
    feeRecipient: address,
    tokens: chain.tokens,
    minerCertificate: toBase64(made.certificate),
  };
  exchange = await TinyExchange.create(1, ring);
  exchange.decide = ({ lines }) =>
    lines.map(({ command, number, verb }) => {
      if (command.ok && command.value.kind === "ring") read.push(command.value);
      if (command.ok && command.value.kind === "unring") taken.push(verb);
      return { kind: "done", line: number, verb: command.ok ? verb : command.name };
    });
  alice = GpgCustomer.create("ed25519");
});

after(async () => {
  alice.remove();
  await exchange.close();
  await chain.close();
});

function guide(name: string): string {
  return readFileSync(new URL(`../../docs/guide/${name}.md`, import.meta.url), "utf8");
}

/**
 * All commands of the guide's section for people without our program, in their order; with a key of
 * one's own, what is typed behind the block that takes it.
 */
function blocks(ownKey: string): readonly string[] {
  const page = guide("ring-orders");
  const section = page.slice(page.indexOf("## With gpg"), page.indexOf("## In a page"));
  const all = [...section.matchAll(/^```\n([^]*?)^```$/gm)].map((match) => match[1] ?? "");
  assert.equal(all.length, 6);
  return all.map((block) => (block.includes("own_key()") ? `${block}\n${ownKey}` : block));
}

async function byHand(ownKey: string): Promise<string> {
  const functions = /^begin\(\) \{[^]*?(?=^```$)/m.exec(guide("trader"))?.[0] ?? "";
  const url = exchange.urls[0] ?? "";
  const script = `set -e -o pipefail
    RELAY=${url} ME=${alice.fingerprint} SIGNER=${chain.url}
    curl -s $RELAY/v1/exchange/certificate | gpg --import
    card() { curl -s $RELAY/v1/exchange/card | gpg -d 2>/dev/null; }
    EXCHANGE=$(card | awk '/^exchange/ { print $2 }')
    ${functions}
    { begin $RANDOM; echo "REGISTER|$(gpg --export $ME | base64 -w0)"; } > 1.txt; post 1.txt
    ${blocks(ownKey).join("\n")}`;
  const env = { ...process.env, GNUPGHOME: alice.home };
  const child = spawn("bash", ["-c", script], { cwd: alice.home, env });
  child.stdin.end();
  const { code, out, err } = await endOf(child);
  assert.equal(code, 0, err);
  return out;
}

test("an order with the miner's auth address: no key travels", async () => {
  const out = await byHand("");
  assert.match(out, /^DONE\|1\|RING$/m);
  assert.match(out, /^DONE\|1\|UNRING$/m);
  const { order, signature, auth } = read.at(-1) ?? assert.fail();
  assert.equal(auth, undefined);
  assert.equal(order.authAddress, ring.miner);
  assert.ok(chain.accounts.includes(order.owner));
  assert.equal(recoverSigner(orderHash(ring, order), signature), order.owner);
  assert.equal(taken.length, 1);
});

test("an order with an auth key of one's own, which the miner alone opens", async () => {
  const key = new Uint8Array(32).fill(0x5a);
  const address = addressOfKey(key);
  const own = `own_key ${checksummed(address)} <<< ${toHex(key)}`;
  // What is no key is not sealed, and what was said before stays.
  const wrong = `own_key ${address} <<< "" && exit 1; own_key ${address} <<< ORDER= && exit 1`;
  await byHand(`${own}\n${wrong}; true`);
  const { order, auth } = read.at(-1) ?? assert.fail();
  assert.equal(order.authAddress, address);
  const message = fromBase64(auth ?? "") ?? assert.fail();
  assert.deepEqual(await openAuthKey(message, miner), key);
  const keys = gpgBytes(alice.home, ["--list-keys", "--with-colons"], "").toString();
  assert.doesNotMatch(keys, /Signet miner/, "the miner's key need not be imported");
});
