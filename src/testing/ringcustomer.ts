/**
 * A customer of the ring venue for tests: letters sealed in this process, an owner whose key the
 * test has, and what the exchange said to it of its orders, by reply and by mail.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { assert } from "../codec/assert.ts";
import { fromBase64, toBase64 } from "../codec/bytes.ts";
import type { Hash } from "../codec/ethereum.ts";
import { time } from "../codec/time.ts";
import type { CardRing } from "../letter/card.ts";
import type { Entry } from "../letter/entry.ts";
import { mailboxEntries } from "../letter/limits.ts";
import { printCommand } from "../letter/print.ts";
import { mailboxOf, type Report } from "../letter/report.ts";
import type { OfferEntry, RingedEntry } from "../letter/ringentry.ts";
import { orderHash } from "../ring/digest.ts";
import type { RingOrder } from "../ring/order.ts";
import { signDigest } from "../ring/signature.ts";
import { sealAuthKey } from "../seal/authkey.ts";
import { readCertificate } from "../seal/certificate.ts";
import { fetchMailbox } from "../wallet/client.ts";
import { TestCustomer } from "./customer.ts";
import { offerOf, type Person, person } from "./ringminer.ts";

/** An order that was sent. */
export type Placed = { readonly order: RingOrder; readonly hash: Hash; readonly auth: Person };

/** What is sold for what, in whole tokens of 18 decimals. */
export type Terms = {
  readonly sell: readonly [amount: number, token: string];
  readonly buy: readonly [amount: number, token: string];
  /** With the venue's own auth address, and no key. */
  readonly isShared?: boolean;
};

const patienceMs = 30_000;
/** Of each owner, over all tests of a process. */
let nonces = 1000n;

export class RingCustomer {
  readonly customer: TestCustomer;
  readonly owner: Person;
  readonly relay: string;
  readonly #secret: string;
  /** Everything that came by mail and reply, in the order of coming. */
  readonly heard: Entry[] = [];
  /** The owner's on the chain: orders are of it. */
  epoch = 0n;
  #mail = 0;

  private constructor(customer: TestCustomer, owner: Person, relay: string, secret: string) {
    this.customer = customer;
    this.owner = owner;
    this.relay = relay;
    this.#secret = secret;
  }

  /** Registers a customer whose key comes from the number. */
  static async create(relay: string, number: number, owner: Person): Promise<RingCustomer> {
    const customer = await TestCustomer.create(relay, number);
    const { records } = await customer.register(relay);
    const mailbox = records.find((record) => record.kind === "mailbox");
    assert(mailbox !== undefined, "report 1 tells the mailbox");
    return new RingCustomer(customer, owner, relay, mailbox.secret);
  }

  async say(commands: readonly string[]): Promise<Report> {
    const report = await this.customer.say(this.relay, commands);
    this.heard.push(...report.records);
    return report;
  }

  /** Sends an order; it must be taken. */
  async offer(ring: CardRing, terms: Terms): Promise<Placed> {
    nonces += 1n;
    const auth = person(`auth key ${nonces} of ${this.owner.address}`);
    const order = {
      ...offerOf(this.owner, auth, {
        sellToken: tokenIn(ring, terms.sell[1]),
        buyToken: tokenIn(ring, terms.buy[1]),
        sellAmount: whole(terms.sell[0]),
        buyAmount: whole(terms.buy[0]),
        marginSplit: 50n,
        validUntil: BigInt(Math.floor(Date.now() / 1000) + 86_400),
        nonce: (this.epoch << 64n) | nonces,
      }).order,
      ...(terms.isShared === true ? { authAddress: ring.miner } : {}),
    };
    const hash = orderHash(ring, order);
    const signature = signDigest(hash, this.owner.key);
    const sealed = terms.isShared === true ? undefined : await sealedTo(ring, auth);
    const line = printCommand({ kind: "ring", order, signature, auth: sealed });
    const { records } = await this.say([line]);
    const taken = records.find((record) => record.kind === "offer" && record.hash === hash);
    assert(taken !== undefined, `the order was taken: ${JSON.stringify(records[0], shown)}`);
    return { order, hash, auth };
  }

  /** Takes in what came by mail since. */
  async listen(): Promise<void> {
    for (;;) {
      const { tag, index } = mailboxOf(this.#secret, this.#mail);
      const after = index === 0 ? undefined : index - 1;
      const page = await fetchMailbox(this.relay, tag, after, AbortSignal.timeout(patienceMs));
      const next = page?.entries.find((entry) => entry.index === this.#mail % mailboxEntries);
      if (next === undefined) return;
      const { report } = await this.customer.open(next.sealed);
      this.heard.push(...report.records);
      this.#mail += 1;
    }
  }

  /** What was said last of an order. */
  offered(hash: Hash): OfferEntry | undefined {
    const about = this.heard.filter((entry) => entry.kind === "offer" && entry.hash === hash);
    const last = about.at(-1);
    return last?.kind === "offer" ? last : undefined;
  }

  /** What was said of an order's rings. */
  ringed(hash: Hash): readonly RingedEntry[] {
    return this.heard.flatMap((entry) =>
      entry.kind === "ringed" && entry.hash === hash ? [entry] : [],
    );
  }

  /** Listens until it hears of a ring of this order that it is in this state. */
  async hears(hash: Hash, state: RingedEntry["state"], count = 1): Promise<RingedEntry> {
    for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(50)) {
      await this.listen();
      const found = this.ringed(hash).filter((entry) => entry.state === state)[count - 1];
      if (found !== undefined) return found;
    }
    const told = JSON.stringify([this.offered(hash), ...this.ringed(hash)], shown);
    throw new Error(`couldn't hear of a ring that is ${state}; heard ${told}`);
  }

  /** Listens until the order stands so. */
  async hearsStatus(hash: Hash, status: OfferEntry["status"]): Promise<OfferEntry> {
    for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(50)) {
      await this.listen();
      const offer = this.offered(hash);
      if (offer?.status === status) return offer;
    }
    throw new Error(`couldn't hear ${status}; heard ${this.offered(hash)?.status}`);
  }
}

function tokenIn(ring: CardRing, name: string): RingOrder["sellToken"] {
  const token = ring.tokens.find((one) => one.name === name);
  assert(token !== undefined, `the venue has ${name}`);
  return token.address;
}

/** Whole tokens in smallest units. */
export function whole(amount: number): bigint {
  return BigInt(amount * 1000) * 10n ** 15n;
}

async function sealedTo(ring: CardRing, { key }: Person): Promise<string> {
  const binary = fromBase64(ring.minerCertificate) ?? new Uint8Array();
  const miner = await readCertificate(binary, time(Date.now()));
  assert(miner.ok, "the card has the miner's certificate");
  return toBase64(await sealAuthKey(key, [miner.value]));
}

function shown(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
