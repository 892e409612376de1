/**
 * The reading side of a watcher: follows the chain `confirmations` blocks behind its newest and
 * says what has changed of what is watched. All facts of a batch were so at one block, read by its
 * hash. What events did not touch is not read again, except all of it every `rereadBlocks`, for
 * tokens whose balances move without an event.
 *
 * In a batch rings that settled come first, so that nobody takes a counter that moved for a
 * stranger's; the clock comes last, so that nobody takes a ring that settled for one too late.
 *
 * A chain that was reorganised deeper than `confirmations` no longer has the block last told of:
 * then everything is read again, settled rings from the fork on, and what differs is told.
 */
import { type Address, addressOf, type Hash } from "../codec/ethereum.ts";
import { fromHex } from "../codec/bytes.ts";
import { logQuery, readEvents, type ToldEvent } from "../ring/eventlog.ts";
import type { Fact } from "../ring/fact.ts";
import type { Block, BlockName, ChainLog, ChainNode } from "./node.ts";
import { RpcRefused } from "./rpc.ts";
import { acceptsSignature, readMany, simulate } from "./settlement.ts";
import { type Subject, WatchedList, type WatchedOrder, type WatchedRing } from "./watchlist.ts";

export type WatcherOptions = {
  readonly node: ChainNode;
  readonly contract: Address;
  /** Blocks on top of the one that is told of. */
  readonly confirmations: number;
  /** Everything is read again after so many blocks. */
  readonly rereadBlocks?: number;
  /** How far back a ring may have settled that is newly watched. */
  readonly lookbackBlocks?: number;
};

export type Batch = { readonly block: number; readonly facts: readonly Fact[] };

/** Further behind than that, everything is read again instead of following events. */
const behindMax = 5000;
/** As many blocks as most nodes search at once. */
const rangeMax = 1000;
/** Ring hashes in one query. */
const hashesMax = 100;
const toldBlocksMax = 256;
const clockMilliseconds = 2000;
const callsAtOnce = 8;

/** keccak256 of `Transfer(address,address,uint256)` and `Approval(address,address,uint256)`. */
const transferTopic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
const approvalTopic = "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925";

/** Reads one settlement for one exchange. */
export class ChainWatcher {
  readonly #options: Required<WatcherOptions>;
  readonly #list = new WatchedList();
  /** Rings whose past was not searched yet. */
  #newRings: WatchedRing[] = [];
  /** Blocks that were told of, oldest first; the last is where we stand. */
  #path: Pick<Block, "number" | "hash">[] = [];
  #readAll = 0;
  #clockTold = 0;
  #byHash = true;

  constructor(options: WatcherOptions) {
    this.#options = { rereadBlocks: 300, lookbackBlocks: 5000, ...options };
  }

  /** What to watch from now on, all of it. */
  watch(list: {
    readonly orders: readonly WatchedOrder[];
    readonly rings: readonly WatchedRing[];
  }): void {
    this.#newRings.push(...this.#list.replace(list.orders, list.rings));
  }

  /** What was told was not heard: tell everything anew. */
  forget(): void {
    this.#list.forget();
    this.#newRings = [...this.#list.rings];
    this.#clockTold = 0;
  }

  /** What has changed since; throws if the node can't say, and then nothing was told. */
  async poll(): Promise<readonly Batch[]> {
    const { node, confirmations } = this.#options;
    const head = await node.head();
    const number = head.number - confirmations;
    if (number < 0) return [];
    const target = confirmations === 0 ? head : await node.block(number);
    if (target === undefined) return [];
    const from = await this.#standing(target);
    if (from === target.number && this.#isNothingNew) return [];
    try {
      return await this.#batch(target, from);
    } catch (error) {
      // The chain moved under our feet: the next poll finds out how. Nothing was told.
      if (error instanceof RpcRefused && !(await this.#isStill(target))) return [];
      if (!(error instanceof RpcRefused) || !this.#byHash) throw error;
      // A node that cannot be asked by a block's hash: by number, and the hash is looked at again.
      this.#byHash = false;
      return [];
    }
  }

  get #isNothingNew(): boolean {
    return this.#newRings.length === 0 && this.#list.stale.length === 0;
  }

  async #isStill({ number, hash }: Pick<Block, "number" | "hash">): Promise<boolean> {
    return (await this.#options.node.block(number))?.hash === hash;
  }

  /** The newest block told of that is still in the chain; `undefined` if everything is to read. */
  async #standing(target: Block): Promise<number | undefined> {
    let isReorganised = false;
    for (let last = this.#path.at(-1); last !== undefined; last = this.#path.at(-1)) {
      const isSame = last.number === target.number && last.hash === target.hash;
      if (isSame || (last.number < target.number && (await this.#isStill(last)))) break;
      // A node that is behind the one before is no reorganisation: wait for it.
      if (last.number > target.number && (await this.#isStill(last))) return target.number;
      this.#path.pop();
      isReorganised = true;
    }
    const last = this.#path.at(-1);
    const isFar = last === undefined || target.number - last.number > behindMax;
    if (isReorganised) this.#list.unsettle();
    if (isReorganised || isFar) {
      this.#list.spoilAll();
      this.#newRings = [...this.#list.rings];
    }
    return isFar ? undefined : last.number;
  }

  async #batch(target: Block, from: number | undefined): Promise<readonly Batch[]> {
    const { rereadBlocks, lookbackBlocks } = this.#options;
    const since = from ?? Math.max(-1, target.number - lookbackBlocks);
    const events = this.#list.isEmpty ? [] : await this.#events(since + 1, target.number);
    const rings = [...this.#newRings];
    const settled = [...(await this.#past(rings, target)), ...this.#settledIn(events)];
    for (const { event } of events) this.#spoil(event);
    if (from !== undefined) await this.#spoilFunds(from + 1, target.number);
    const isDue = target.number >= this.#readAll + rereadBlocks;
    if (isDue) this.#list.spoilAll();
    const subjects = this.#list.stale;
    const values = await this.#read(subjects, target);
    const fails = await this.#fails(target, settled);
    // Read by number, it must be the same block still; read by hash it cannot be another.
    if (!this.#byHash && !(await this.#isStill(target))) return [];

    this.#newRings = this.#newRings.filter((ring) => !rings.includes(ring));
    this.#list.read(subjects);
    if (isDue || from === undefined) this.#readAll = target.number;
    this.#path = [...this.#path.filter(({ number }) => number < target.number), target].slice(
      -toldBlocksMax,
    );
    const facts = [...this.#list.tell([...settled, ...values, ...fails])];
    if (Date.now() >= this.#clockTold + clockMilliseconds) {
      const clock = this.#list.tell([{ kind: "clock", value: target.time }]);
      if (clock.length > 0) this.#clockTold = Date.now();
      facts.push(...clock);
    }
    return facts.length === 0 ? [] : [{ block: target.number, facts }];
  }

  // ── events ─────────────────────────────────────────────────────────────────────────────────────

  /** What the settlement told in these blocks. */
  async #events(from: number, to: number): Promise<readonly Told[]> {
    const { contract } = this.#options;
    const logs = await this.#logs({ address: contract, from, to });
    return this.#told(logs);
  }

  #told(logs: readonly ChainLog[]): readonly Told[] {
    return logs.flatMap((log) => {
      const events = readEvents([log], this.#options.contract);
      if (!events.ok) throw new Error(`couldn't read the settlement's log: ${events.detail}`);
      return events.value.map((event) => ({ event, transaction: log.transaction }));
    });
  }

  async #logs(query: Parameters<ChainNode["logs"]>[0]): Promise<readonly ChainLog[]> {
    const logs: ChainLog[] = [];
    for (let { from } = query; from <= query.to; from += rangeMax) {
      const to = Math.min(query.to, from + rangeMax - 1);
      logs.push(...(await this.#options.node.logs({ ...query, from, to })));
    }
    return logs;
  }

  /** Rings that settled before they were watched, if not too long before. */
  async #past(rings: readonly WatchedRing[], target: Block): Promise<readonly Fact[]> {
    const { contract, lookbackBlocks } = this.#options;
    const { topics } = logQuery(contract, { fromBlock: 0n, toBlock: 0n });
    const facts: Fact[] = [];
    const from = Math.max(0, target.number - lookbackBlocks);
    for (let i = 0; i < rings.length; i += hashesMax) {
      const hashes = rings.slice(i, i + hashesMax).map(({ hash }) => hash);
      const found = { address: contract, from, to: target.number, topics: [...topics, hashes] };
      facts.push(...this.#settledIn(this.#told(await this.#logs(found))));
    }
    return facts;
  }

  /**
   * Rings that are watched, and rings with watched orders: a ring may settle before its exchange
   * could ask to watch it, and its orders' counters must not be told without it.
   */
  #settledIn(events: readonly Told[]): readonly Fact[] {
    return events.flatMap(({ event, transaction }) => {
      if (event.kind !== "settled") return [];
      const { ringHash: ring, fills } = event;
      const isAsked =
        this.#list.hasRing(ring) || fills.some(({ orderHash }) => this.#list.hasOrder(orderHash));
      return isAsked ? [{ kind: "settled", ring, transaction } as const] : [];
    });
  }

  #spoil(event: ToldEvent): void {
    if (event.kind === "settled") {
      for (const { orderHash } of event.fills) this.#list.spoilOrder(orderHash);
    } else if (event.kind === "cancelled") {
      this.#list.spoilCounter(event.owner, event.nonce);
    } else {
      this.#list.spoilEpoch(event.owner);
    }
  }

  /** Whoever was paid, paid, or allowed something in a watched token. */
  async #spoilFunds(from: number, to: number): Promise<void> {
    const address = this.#list.tokens;
    if (address.length === 0 || from > to) return;
    const topics = [[transferTopic, approvalTopic]] as const;
    for (const log of await this.#logs({ address, from, to, topics })) {
      for (const topic of log.topics.slice(1, 3)) {
        const owner = accountIn(topic);
        if (owner !== undefined) this.#list.spoilFunds(owner, log.address);
      }
    }
  }

  // ── reading ────────────────────────────────────────────────────────────────────────────────────

  #nameOf({ number, hash }: Block): BlockName {
    return this.#byHash ? { hash } : number;
  }

  async #read(subjects: readonly Subject[], target: Block): Promise<readonly Fact[]> {
    const { node, contract } = this.#options;
    const name = this.#nameOf(target);
    const counters = subjects.filter((subject) => subject.kind === "counter");
    const epochs = subjects.filter((subject) => subject.kind === "epoch");
    const funds = subjects.filter((subject) => subject.kind === "funds");
    const words = subjects.filter((subject) => subject.kind === "accepts");
    const questions = { counters, epochs: epochs.map(({ owner }) => owner), funds };
    const answers = await readMany(node, { contract, at: name, questions });
    const accepts = await eachOf(words, async ({ order, owner, signature }) => {
      const question = { owner, digest: order, signature, at: name };
      return (await acceptsSignature(node, question)) ? 1n : 0n;
    });
    const facts = <T extends Subject>(list: readonly T[], values: readonly bigint[]) =>
      list.map((subject, i) => ({ ...subject, value: values[i] ?? 0n }));
    return [
      ...facts(counters, answers.counters),
      ...facts(epochs, answers.epochs),
      ...facts(funds, answers.funds),
      ...words.map(
        ({ order }, i) => ({ kind: "accepts", order, value: accepts[i] ?? 0n }) as const,
      ),
    ];
  }

  /** What the submissions that have not settled would be refused with. */
  async #fails(target: Block, settled: readonly Fact[]): Promise<readonly Fact[]> {
    const { node, contract } = this.#options;
    const now = new Set(settled.flatMap((fact) => (fact.kind === "settled" ? [fact.ring] : [])));
    const done = new Set<number>();
    const calldatas = new Map<number, Uint8Array>();
    for (const { hash, submission, calldata } of this.#list.rings) {
      if (now.has(hash) || this.#list.isSettled(hash)) done.add(submission);
      else if (calldata !== undefined) calldatas.set(submission, calldata);
    }
    const open = [...calldatas].filter(([submission]) => !done.has(submission));
    const facts = await eachOf(open, async ([submission, calldata]) => {
      const question = { contract, calldata, at: this.#nameOf(target) };
      return { kind: "fails", submission, name: (await simulate(node, question)) ?? "-" } as const;
    });
    // That its time is over the clock says; why it did not settle in time was told before.
    return facts.filter(({ name }) => name !== "RingExpired");
  }
}

type Told = { readonly event: ToldEvent; readonly transaction: Hash };

/** Some at once, in their order. */
async function eachOf<T, U>(list: readonly T[], work: (one: T) => Promise<U>): Promise<U[]> {
  const done: U[] = [];
  for (let i = 0; i < list.length; i += callsAtOnce) {
    done.push(...(await Promise.all(list.slice(i, i + callsAtOnce).map(work))));
  }
  return done;
}

/** The address in a topic. */
function accountIn(topic: Hash): Address | undefined {
  const bytes = /^0x0{24}/.test(topic) ? fromHex(topic.slice(26)) : undefined;
  return bytes === undefined ? undefined : addressOf(bytes);
}
