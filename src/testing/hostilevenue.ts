/**
 * An exchange whose ring venue is on a chain that a front-runner builds (hostilenode.ts), founded
 * and started as everybody's is.
 */
import { randomBytes } from "node:crypto";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { assert, at } from "../codec/assert.ts";
import { toHex } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import type { CardRing } from "../letter/card.ts";
import { makeMinerKeys } from "../seal/authkey.ts";
import { makeKey } from "../wallet/account.ts";
import { diskHome } from "../wallet/diskhome.ts";
import { fetchVerified } from "../wallet/exchange.ts";
import { TestExchange } from "./exchange.ts";
import { FrontRunner } from "./frontrunner.ts";
import { HostileNode } from "./hostilenode.ts";
import { RingCustomer } from "./ringcustomer.ts";
import { type Person, person } from "./ringminer.ts";

const tokenNames = ["GOLD", "OIL", "WHEAT"] as const;

/** Makes an exchange's folder; the command line's own, which nothing here may import. */
export type Founding = (
  dir: string,
  options: { readonly passphrase: string; readonly port: number },
) => Promise<void>;

export type HostileOptions = {
  /** More watchers than the exchange's own, of whom together so many must agree. */
  readonly watchers?: { readonly need: number; readonly more: readonly Fingerprint[] };
  /** Puts another relay into relays.conf than its own, and says where customers find that. */
  readonly relay?: (exchange: TestExchange) => Promise<string>;
};

export class HostileVenue {
  readonly exchange: TestExchange;
  readonly hostile: HostileNode;
  readonly runner: FrontRunner;
  readonly ring: CardRing;

  private constructor(parts: {
    readonly exchange: TestExchange;
    readonly hostile: HostileNode;
    readonly runner: FrontRunner;
    readonly ring: CardRing;
  }) {
    this.exchange = parts.exchange;
    this.hostile = parts.hostile;
    this.runner = parts.runner;
    this.ring = parts.ring;
  }

  static async open(found: Founding, options: HostileOptions = {}): Promise<HostileVenue> {
    const hostile = await HostileNode.start();
    const exchange = await TestExchange.create(hostile.url);
    await found(exchange.dir, { passphrase: "", port: exchange.port });
    await writeVenue(exchange.dir, hostile, options);
    const relay = (await options.relay?.(exchange)) ?? exchange.url;
    await exchange.start();
    const runner = await FrontRunner.at(hostile);
    const ring = await ringOn(relay);
    return new HostileVenue({ exchange, hostile, runner, ring });
  }

  /** A customer of this exchange who owns what that person owns. */
  customer(number: number, owner: Person): Promise<RingCustomer> {
    return RingCustomer.create(this.exchange.url, 100 + number, owner);
  }

  async close(): Promise<void> {
    await this.exchange.remove();
    await this.hostile.close();
  }
}

/** What operators write for a real chain, and a broadcaster who can pay for gas. */
async function writeVenue(
  dir: string,
  { chain }: HostileNode,
  { watchers = { need: 1, more: [] } }: HostileOptions,
): Promise<void> {
  const secret = (path: string, text: string): void =>
    writeFileSync(join(dir, path), text, { mode: 0o600 });
  const miner = person(`the miner of ${dir}`);
  secret("island/keys/miner.key", `${toHex(miner.key)}\n`);
  secret("island/keys/miner.key.asc", (await makeMinerKeys({ at: time(Date.now()) })).secret);
  mkdirSync(join(dir, "watcher"), { mode: 0o700 });
  const watcher = await makeKey(diskHome(join(dir, "watcher")), randomBytes(32), "");
  assert(watcher.ok, "a watcher has a key");
  const { chainId } = chain.node;
  const who = `miner ${miner.address} fee-recipient ${miner.address}`;
  // Blocks come quickly here, and each is a second at least.
  const times = "gas-per-order 0 deadline 1800 round 0.2";
  const lines = [
    `ring chain ${chainId} contract ${chain.contract} ${who} ${times}`,
    ...tokenNames.map(
      (name, i) => `token ${name} address ${at(chain.tokens, i)} decimals 18 price 1`,
    ),
    `watchers ${watchers.need}`,
    ...[watcher.value, ...watchers.more].map((fingerprint) => `watcher ${fingerprint}`),
  ];
  appendFileSync(join(dir, "signet.conf"), `\n${lines.join("\n")}\n`);
  const broadcaster = person(`the broadcaster of ${dir}`);
  mkdirSync(join(dir, "broadcaster"), { mode: 0o700 });
  secret("broadcaster/ethereum.key", `${toHex(broadcaster.key)}\n`);
  await chain.rich.send({ to: broadcaster.address, value: 10n ** 19n });
}

/** The ring venue as the exchange's signed card has it. */
async function ringOn(relay: string): Promise<CardRing> {
  const verified = await fetchVerified([relay], undefined);
  assert(verified.ok && verified.value.card.ring !== undefined, "the card has a ring venue");
  return verified.value.card.ring;
}
