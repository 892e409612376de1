/**
 * The owner's own transactions on a real node: play money, what an offer says is lacking and the
 * command that puts it right, cancelling on the chain, and the nonce's epoch as the chain has it.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { toBase64 } from "../codec/bytes.ts";
import { type Address, parseAddress } from "../codec/ethereum.ts";
import { time } from "../codec/time.ts";
import { startDevChain, type DevChain } from "../chain/devchain.ts";
import { openNode } from "../chain/node.ts";
import { readMany } from "../chain/settlement.ts";
import type { CardRing } from "../letter/card.ts";
import type { RingCommand } from "../letter/command.ts";
import { orderHash } from "../ring/digest.ts";
import { cancelled, epochOf } from "../ring/order.ts";
import { makeMinerKeys } from "../seal/authkey.ts";
import { TinyExchange } from "../testing/tinyexchange.ts";
import { at, WalletCustomer } from "../testing/walletcustomer.ts";
import { providerAt, type Provider } from "../wallet/provider.ts";
import { epochAt, fundsOf } from "../wallet/ringchain.ts";

let chain: DevChain;
let ring: CardRing;
let exchange: TinyExchange;
let alice: WalletCustomer;
let owner: Address;
let node: Provider;
const read: RingCommand[] = [];

before(async () => {
  chain = await startDevChain({ idleSeconds: 0 });
  const made = await makeMinerKeys({ at: time(Date.now() - 60_000) });
  const nobody = parseAddress(`0x${"aa".repeat(20)}`) ?? assert.fail();
  ring = {
    chainId: chain.chainId,
    contract: chain.settlement,
    miner: nobody,
    feeRecipient: nobody,
    tokens: chain.tokens,
    minerCertificate: toBase64(made.certificate),
  };
  exchange = await TinyExchange.create(1, ring);
  exchange.decide = ({ lines }) =>
    lines.map(({ command, number, verb }) => {
      if (command.ok && command.value.kind === "ring") read.push(command.value);
      return { kind: "done", line: number, verb };
    });
  alice = new WalletCustomer();
  await alice.setup(exchange.urls[0] ?? "");
  const shown = await alice.json("ring", "address");
  owner = parseAddress(String(at(shown.data, "address"))) ?? assert.fail();
  node = providerAt(chain.url);
});

after(async () => {
  alice.remove();
  await exchange.close();
  await chain.close();
});

const terms = ["10", "GOLD", "for", "2.5", "OIL"] as const;

async function offer(): Promise<{ readonly err: string; readonly order: RingCommand["order"] }> {
  const sent = await alice.run("ring", "offer", ...terms, "--chain", chain.url);
  assert.equal(sent.code, 0, sent.err);
  return { err: sent.err, order: (read.at(-1) ?? assert.fail()).order };
}

async function funds(): Promise<{ readonly balance: bigint; readonly allowance: bigint }> {
  const token = ring.tokens.find(({ name }) => name === "GOLD")?.address ?? assert.fail();
  const found = await fundsOf(node, { owner, token, contract: ring.contract });
  assert.ok(found.ok);
  return found.value;
}

test("an offer says what is lacking, with the command that puts it right", async () => {
  const poor = await offer();
  assert.match(poor.err, /has 0 GOLD of the 10 GOLD/);
  const hint = /ring (approve 10 GOLD --chain \S+)/.exec(poor.err)?.[1] ?? assert.fail();
  const tooPoor = await alice.json("ring", ...hint.split(" "));
  assert.equal(at(tooPoor.data, "code"), "E805", "no ether for gas");
  const given = await alice.json("ring", "faucet", "25", "--chain", chain.url);
  assert.equal(given.code, 0, given.err);
  const approved = await alice.json("ring", ...hint.split(" "));
  assert.equal(approved.code, 0, approved.err);
  const unit = 10n ** 18n;
  assert.deepEqual(await funds(), { balance: 25n * unit, allowance: 10n * unit });
  assert.doesNotMatch((await offer()).err, /◌/);
  const unlimited = await alice.run("ring", "approve", "unlimited", "GOLD", "--chain", chain.url);
  assert.equal(unlimited.code, 0, unlimited.err);
  assert.equal((await funds()).allowance, 2n ** 256n - 1n);
  // A fee of what is bought: the exchange counts what is there before the ring.
  const fee = ["--fee", "0.5 OIL", "--chain", chain.url];
  const feed = await alice.run("ring", "offer", ...terms, ...fee, "--dry-run");
  assert.match(feed.err, /may take 0 OIL of the 0\.5 OIL needed\n.*ring approve 0\.5 OIL/);
});

test("an order cancelled on the chain is full for ever; a new epoch ends all", async () => {
  const { order } = await offer();
  const words = ["ring", "cancel", orderHash(ring, order), "--on-chain", "--chain", chain.url];
  const dry = await alice.json(...words, "--dry-run");
  assert.equal(at(dry.data, "to"), ring.contract);
  const said = await alice.run(...words, "--dry-run");
  assert.ok(`${said.out}${said.err}`.includes(orderHash(ring, order)), "by its own name");
  const done = await alice.json(...words);
  assert.equal(done.code, 0, done.err);
  assert.equal(await counter(order.nonce), cancelled);
  const all = await alice.json("ring", "cancel", "--all", "--on-chain", "--chain", chain.url);
  assert.equal(all.code, 0, all.err);
  const epoch = await epochAt(node, ring.contract, owner);
  assert.ok(epoch.ok && epoch.value === 1n);
  assert.equal(epochOf((await offer()).order.nonce), 1n, "the next order is of the new epoch");
});

async function counter(nonce: bigint): Promise<bigint> {
  const questions = { counters: [{ owner, nonce }], epochs: [], funds: [] };
  const about = { contract: ring.contract, at: "latest", questions } as const;
  return (await readMany(await openNode(chain.url), about)).counters[0] ?? assert.fail();
}

test("another chain's node, one without the contract, or an unknown order is refused", async () => {
  const other = await startDevChain({ idleSeconds: 0, chainId: 1337 });
  try {
    const wrong = await alice.json("ring", "offer", ...terms, "--chain", other.url);
    assert.equal(at(wrong.data, "code"), "E125");
  } finally {
    await other.close();
  }
  const unknown = ["ring", "cancel", "nothing", "--on-chain", "--chain", chain.url];
  assert.equal(at((await alice.json(...unknown)).data, "code"), "E114");
});
