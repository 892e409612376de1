/**
 * The ring venue on a trading floor: the real engine, people with Ethereum keys, a chain in maps
 * that settles what is sent to it, and watchers who tell of it what they were asked to. No miner:
 * a test says which ring is authored.
 */
import { assert } from "../codec/assert.ts";
import { fromAscii, fromHex, toHex } from "../codec/bytes.ts";
import {
  type Address,
  addressOf,
  type Hash,
  hashOf,
  keccak,
  noAddress,
} from "../codec/ethereum.ts";
import type { Output } from "../engine/input.ts";
import type { Entry } from "../letter/entry.ts";
import { printSignature } from "../letter/ringgrammar.ts";
import type { WatchEntry } from "../letter/ringentry.ts";
import { parseLeaf } from "../log/leaf.ts";
import { encodeSubmission, take } from "../ring/calldata.ts";
import { type Domain, orderHash } from "../ring/digest.ts";
import { type Fact, printFact } from "../ring/fact.ts";
import { printOrder } from "../ring/json.ts";
import { infinite, RingLedger } from "../ring/ledger.ts";
import type { RingOrder } from "../ring/order.ts";
import { signDigest } from "../ring/signature.ts";
import { Floor, fingerprintOf, plainConfiguration } from "./floor.ts";
import { compose, type Offer, offerOf, person } from "./ringminer.ts";
import { type Answer, play } from "./ringscene.ts";

function tokenAt(name: string): Address {
  return addressOf(keccak(fromAscii(`token ${name}`)).subarray(12));
}

/** Three tokens, of which Alice, Bob and a third can make a ring. */
export const ringTokens = { GOLD: tokenAt("GOLD"), SILVER: tokenAt("SILVER"), TIN: tokenAt("TIN") };

export type TokenName = keyof typeof ringTokens;

/** Where the floor's rings are settled. */
const ringDomain: Domain = {
  chainId: 31337n,
  contract: addressOf(keccak(fromAscii("settlement")).subarray(12)),
};

/** Who mines on this floor. */
export const ringMiner = person("the miner");

/** The plain configuration with a ring venue, where `needed` of these watchers must agree. */
export function ringConfigurationOf(needed: number, watchers: readonly string[]): string {
  const miner = ringMiner.address;
  return [
    plainConfiguration.trimEnd(),
    `ring chain 31337 contract ${ringDomain.contract} miner ${miner} fee-recipient ${miner} ` +
      "gas-per-order 0.2 deadline 300 round 1",
    ...Object.entries(ringTokens).map(([name, address]) => {
      return `token ${name} address ${address} decimals 18 price 1.0`;
    }),
    `watchers ${needed}`,
    ...watchers.map((name) => `watcher ${fingerprintOf(name)}`),
    "",
  ].join("\n");
}

/** What a watcher was asked to tell of, and not yet to leave. */
type Asked = Map<string, WatchEntry>;

/** An order of a person, `sells` for `wants`, in tokens by name. */
export type Terms = {
  readonly sell: readonly [bigint, TokenName];
  readonly buy: readonly [bigint, TokenName];
} & Partial<RingOrder>;

export class RingFloor {
  readonly floor: Floor;
  /** The chain. */
  ledger = new RingLedger();
  readonly settled = new Map<Hash, Hash>();
  readonly watchers: readonly string[];
  /** What contract wallets accept. */
  readonly answers: Answer[] = [];
  block = 1;
  private readonly calldata = new Map<number, string>();

  constructor(needed = 1, watchers: readonly string[] = ["the watcher"], register = true) {
    this.watchers = watchers;
    this.floor = new Floor(ringConfigurationOf(needed, watchers));
    if (register) for (const name of watchers) this.floor.register(name);
  }

  get now(): bigint {
    return BigInt(Math.floor(this.floor.now / 1000));
  }

  /** Gives a person tokens on the chain, and lets the settlement take them. */
  mint(name: string, token: TokenName, amount: bigint): void {
    const { address } = person(name);
    const before = this.ledger.balance(ringTokens[token], address);
    this.ledger.setBalance(ringTokens[token], address, before + amount);
    this.ledger.setAllowance(ringTokens[token], address, infinite);
  }

  /** An order as its owner signs it. */
  offer(name: string, { sell, buy, ...fields }: Terms): Offer {
    const [sellAmount, sellName] = sell;
    const [buyAmount, buyName] = buy;
    const tokens = { sellToken: ringTokens[sellName], buyToken: ringTokens[buyName] };
    const order = { ...tokens, sellAmount, buyAmount, ...fields };
    return offerOf(person(name), person(`auth of ${name}`), order);
  }

  hashOf(offer: Offer): Hash {
    return orderHash(ringDomain, offer.order);
  }

  /** The RING line of an order; labels as `|id=a`. */
  ringLine(offer: Offer, labels = "", auth = "c2VhbGVk"): string {
    const signature = offer.signature ?? signDigest(this.hashOf(offer), offer.owner.key);
    const key = offer.order.authAddress === ringMiner.address ? "-" : auth;
    return `RING|${printOrder(offer.order)}|${printSignature(signature)}|${key}${labels}`;
  }

  /** Hands an order in, and gives what its customer is answered. */
  ring(name: string, offer: Offer, labels = ""): readonly Entry[] {
    this.floor.register(name);
    return this.floor.say(name, this.ringLine(offer, labels));
  }

  /** Everybody passes on to the one before; the submission's number, unless it is not taken. */
  author(ring: readonly (readonly [Offer, bigint])[], deadline = this.now + 300n): Output {
    return this.authorAll([ring], deadline);
  }

  /** Several rings in one submission. */
  authorAll(
    list: readonly (readonly (readonly [Offer, bigint])[])[],
    deadline = this.now + 300n,
  ): Output {
    const rings = list.map((ring) =>
      ring.map(([offer, fill]) => ({ offer, fill, take: take.none })),
    );
    const plan = { rings, miner: ringMiner, feeRecipient: ringMiner.address, deadline };
    const { counter } = this.ledger;
    const composed = compose(ringDomain, counter, { ...plan, sender: noAddress });
    const calldata = toHex(encodeSubmission(composed));
    const output = this.floor.give({ kind: "submission", at: this.floor.now, calldata });
    for (const each of output.submissions) this.calldata.set(each.number, each.calldata);
    return output;
  }

  /** Somebody sends a submission; true if the chain takes it. */
  send(number: number): boolean {
    const bytes = fromHex(this.calldata.get(number) ?? "");
    assert(bytes !== undefined && bytes.length > 0, "a submission that was published");
    this.block += 1;
    const scene = {
      domain: ringDomain,
      ledger: this.ledger,
      acts: new Map(),
      answers: this.answers,
    };
    const call = { kind: "submit", bytes } as const;
    const { outcome, ledger } = play(scene, { sender: noAddress, now: this.now, call });
    if (!outcome.ok) return false;
    this.ledger = ledger;
    const transaction = hashOf(keccak(fromAscii(`transaction ${number}`)));
    for (const event of outcome.value.log) {
      if (event.kind === "settled") this.settled.set(event.ringHash, transaction);
    }
    return true;
  }

  /** What a watcher was asked for by now. */
  asked(watcher: string): Asked {
    const asked: Asked = new Map();
    for (const { records } of this.floor.told.get(fingerprintOf(watcher)) ?? []) {
      for (const entry of records) {
        if (entry.kind === "watch") asked.set(`${entry.subject} ${entry.hash}`, entry);
        if (entry.kind === "unwatch") asked.delete(`${entry.subject} ${entry.hash}`);
      }
    }
    return asked;
  }

  /** Everything that an honest watcher has to say now. */
  facts(watcher: string): readonly Fact[] {
    const facts: Fact[] = [...this.asked(watcher).values()].flatMap((entry) => {
      if (entry.subject === "order") return this.factsOfOrder(entry);
      const transaction = this.settled.get(entry.hash);
      if (transaction === undefined) return [];
      return [{ kind: "settled", ring: entry.hash, transaction } as const];
    });
    const clock = { kind: "clock", value: this.now } as const;
    const distinct = new Map(facts.map((fact) => [printFact(fact), fact]));
    return [...distinct.values(), clock];
  }

  private factsOfOrder(entry: Extract<WatchEntry, { subject: "order" }>): readonly Fact[] {
    const { hash, owner, nonce, sellToken, feeToken } = entry;
    const accepted = this.answers.some((answer) => answer.digest === hash);
    const funds = (token: Address): Fact => {
      return { kind: "funds", owner, token, value: this.ledger.balance(token, owner) };
    };
    return [
      { kind: "counter", owner, nonce, value: this.ledger.counter(owner, nonce) },
      { kind: "epoch", owner, value: this.ledger.epoch(owner) },
      funds(sellToken),
      ...(feeToken === undefined ? [] : [funds(feeToken)]),
      ...(accepted ? [{ kind: "accepts", order: hash, value: 1n } as const] : []),
    ];
  }

  /** A watcher's letter with these facts. */
  observe(watcher: string, facts: readonly Fact[] = this.facts(watcher)): Output {
    const lines = facts.map((fact) => `OBSERVE|${this.block}|${printFact(fact)}`);
    return this.floor.post(watcher, this.floor.write(watcher, lines));
  }

  /** A tick, by which watchers are asked, and then their letters, of all of them. */
  tell(): void {
    this.floor.pass(1000);
    this.floor.tick();
    for (const watcher of this.watchers) this.observe(watcher);
  }

  /** What the log shows of offers: `SELL for BUY` by number. */
  shown(): ReadonlyMap<number, string> {
    const shown = new Map<number, string>();
    for (const line of this.floor.leaves) {
      const leaf = parseLeaf(line);
      if (leaf?.kind !== "offer") continue;
      const { number, sell, buy, sellAmount, buyAmount } = leaf;
      if (sellAmount === 0n) shown.delete(number);
      else shown.set(number, `${sellAmount} ${sell} for ${buyAmount} ${buy}`);
    }
    return shown;
  }
}
