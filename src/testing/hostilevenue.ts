/**
 * An exchange whose ring venue is on a chain that a front-runner builds (hostilenode.ts), founded
 * and started as everybody's is.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { found } from "../bin/found.ts";
import { addVenue, keyIn, venueLines } from "../bin/venuefacts.ts";
import { assert, at } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { CardRing } from "../letter/card.ts";
import { addressOfKey } from "../ring/signature.ts";
import { fetchVerified } from "../wallet/exchange.ts";
import { TestExchange } from "./exchange.ts";
import { FrontRunner } from "./frontrunner.ts";
import { HostileNode } from "./hostilenode.ts";
import { RingCustomer } from "./ringcustomer.ts";
import type { Person } from "./ringminer.ts";

const tokenNames = ["GOLD", "OIL", "WHEAT"] as const;

export type HostileOptions = {
  /** More watchers than the exchange's own, of whom together so many must agree. */
  readonly watchers?: { readonly need: number; readonly more: readonly Fingerprint[] };
  /** What else is to be done in its folder before it starts. */
  readonly prepare?: (exchange: TestExchange) => Promise<void>;
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

  static async open(options: HostileOptions = {}): Promise<HostileVenue> {
    const hostile = await HostileNode.start();
    const exchange = await TestExchange.create(hostile.url);
    await found(exchange.dir, { passphrase: "", port: exchange.port });
    await writeVenue(exchange.dir, hostile, options);
    await options.prepare?.(exchange);
    await exchange.start();
    const runner = await FrontRunner.at(hostile);
    const ring = await ringOn(exchange.url);
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

/** The venue's lines, and a broadcaster who can pay for gas. */
async function writeVenue(
  dir: string,
  { chain }: HostileNode,
  { watchers }: HostileOptions,
): Promise<void> {
  const tokens = tokenNames.map((name, i) => ({
    name,
    address: at(chain.tokens, i),
    decimals: 18,
  }));
  const lines = await venueLines(dir, {
    chainId: chain.node.chainId,
    settlement: chain.contract,
    tokens,
  });
  const more = watchers?.more.map((fingerprint) => `watcher ${fingerprint}\n`).join("") ?? "";
  addVenue(
    dir,
    // Blocks come quickly here, and each is a second.
    lines
      .replace("deadline 120 round 1", "deadline 1800 round 0.2")
      .replace("watchers 1", `watchers ${watchers?.need ?? 1}`) + more,
  );
  const folder = join(dir, "broadcaster");
  mkdirSync(folder, { mode: 0o700 });
  const sender = addressOfKey(keyIn(join(folder, "ethereum.key")));
  await chain.rich.send({ to: sender, value: 10n ** 19n });
}

/** The ring venue as the exchange's signed card has it. */
async function ringOn(relay: string): Promise<CardRing> {
  const verified = await fetchVerified([relay], undefined);
  assert(verified.ok && verified.value.card.ring !== undefined, "the card has a ring venue");
  return verified.value.card.ring;
}
