/**
 * The chain as this node reads it from its own: everything at one block, which is asked for by its
 * hash, so that what is known never mixes two versions of the chain. Each new head is read anew;
 * a reorganisation is a head like any other.
 */
import type { Address, Hash } from "../codec/ethereum.ts";
import type { Block, ChainNode } from "../chain/node.ts";
import {
  acceptsSignature,
  type CounterOf,
  type FundsOf,
  readMany,
  simulate,
} from "../chain/settlement.ts";
import type { Pooled } from "../pool/pool.ts";
import type { View } from "../pool/view.ts";
import { logQuery, readEvents } from "../ring/eventlog.ts";
import type { Followed } from "./submissions.ts";

/** Blocks of one question for logs: what most nodes answer. */
const blocksMax = 2000;
/** Blocks that a reorganisation may give other numbers. */
const reorganisedMax = 64;

type SettledAt = { readonly transaction: Hash; readonly block: number };

/** What was read at one block. */
type Read = {
  readonly head: Block;
  readonly counters: ReadonlyMap<string, bigint>;
  readonly epochs: ReadonlyMap<Address, bigint>;
  readonly funds: ReadonlyMap<string, bigint>;
  readonly accepts: ReadonlyMap<Hash, boolean>;
  readonly settled: ReadonlyMap<Hash, SettledAt>;
  readonly fails: ReadonlyMap<number, string>;
};

export class Facts {
  readonly #node: ChainNode;
  readonly #contract: Address;
  #read: Read | undefined;

  constructor(node: ChainNode, contract: Address) {
    this.#node = node;
    this.#contract = contract;
  }

  /** The block at which everything was read. */
  get head(): Block | undefined {
    return this.#read?.head;
  }

  readonly view: View = {
    counter: (owner, nonce) => this.#read?.counters.get(`${owner}/${nonce}`),
    epoch: (owner) => this.#read?.epochs.get(owner),
    funds: (owner, token) => this.#read?.funds.get(`${owner}/${token}`),
    accepts: (order) => this.#read?.accepts.get(order),
    clock: () => this.#read?.head.time,
    settled: (ring) => this.#read?.settled.get(ring)?.transaction,
    fails: (submission) => this.#read?.fails.get(submission),
  };

  /** The block in which the ring was settled. */
  blockOf(ring: Hash): number | undefined {
    return this.#read?.settled.get(ring)?.block;
  }

  /**
   * Reads the newest block. Orders that came since the last look are read at once, too; throws, and
   * what was read before stays, if the node doesn't answer or changes its mind meanwhile.
   */
  async refresh(orders: readonly Pooled[], followed: readonly Followed[]): Promise<void> {
    const node = this.#node;
    const head = await node.head();
    const counters = new Map<string, CounterOf>();
    const epochs = new Set<Address>();
    const funds = new Map<string, FundsOf>();
    for (const { order } of orders) {
      const { owner, nonce, sellToken, feeToken, feeAmount } = order;
      counters.set(`${owner}/${nonce}`, { owner, nonce });
      epochs.add(owner);
      funds.set(`${owner}/${sellToken}`, { owner, token: sellToken });
      if (feeAmount > 0n) funds.set(`${owner}/${feeToken}`, { owner, token: feeToken });
    }
    for (const { submitted } of followed) {
      for (const { owner, nonce } of submitted.before) {
        counters.set(`${owner}/${nonce}`, { owner, nonce });
      }
    }
    if (this.#isRead(head, counters, funds, followed)) return;
    const questions = {
      counters: [...counters.values()],
      epochs: [...epochs],
      funds: [...funds.values()],
    };
    const at = { hash: head.hash };
    const answers = await readMany(node, { contract: this.#contract, at, questions });
    const mapped = <K>(keys: Iterable<K>, values: readonly bigint[]): Map<K, bigint> =>
      new Map([...keys].map((key, i) => [key, values[i] ?? 0n] as const));
    const read = {
      head,
      counters: mapped(counters.keys(), answers.counters),
      epochs: mapped(epochs, answers.epochs),
      funds: mapped(funds.keys(), answers.funds),
      accepts: await this.#acceptsOf(orders, head),
      settled: await this.#settledOf(followed, head),
      fails: await this.#failsOf(followed, head),
    };
    const still = await node.block(head.number);
    if (still?.hash !== head.hash)
      throw new Error(`couldn't read one block: ${node.host} changed it`);
    this.#read = read;
  }

  #isRead(
    head: Block,
    counters: ReadonlyMap<string, unknown>,
    funds: ReadonlyMap<string, unknown>,
    followed: readonly Followed[],
  ): boolean {
    const read = this.#read;
    if (read?.head.hash !== head.hash) return false;
    const knows = (keys: Iterable<string>, known: ReadonlyMap<string, bigint>): boolean =>
      [...keys].every((key) => known.has(key));
    if (!knows(counters.keys(), read.counters) || !knows(funds.keys(), read.funds)) return false;
    return followed.every(({ submitted }) => read.fails.has(submitted.number));
  }

  async #acceptsOf(orders: readonly Pooled[], head: Block): Promise<Map<Hash, boolean>> {
    const accepts = new Map<Hash, boolean>();
    for (const { hash, order, signature, byWallet } of orders) {
      if (!byWallet) continue;
      const question = { owner: order.owner, digest: hash, signature, at: { hash: head.hash } };
      accepts.set(hash, await acceptsSignature(this.#node, question));
    }
    return accepts;
  }

  /** Rings that were settled since the oldest submission that is followed. */
  async #settledOf(followed: readonly Followed[], head: Block): Promise<Map<Hash, SettledAt>> {
    const settled = new Map<Hash, SettledAt>();
    const first = Math.max(0, Math.min(...followed.map(({ since }) => since)) - reorganisedMax);
    const { topics } = logQuery(this.#contract, { fromBlock: 0n, toBlock: 0n });
    for (let from = first; from <= head.number; from += blocksMax) {
      const to = Math.min(from + blocksMax - 1, head.number);
      const logs = await this.#node.logs({ address: this.#contract, from, to, topics });
      for (const log of logs) {
        const events = readEvents([log], this.#contract);
        const [event] = events.ok ? events.value : [];
        if (event?.kind !== "settled") continue;
        settled.set(event.ringHash, { transaction: log.transaction, block: log.block });
      }
    }
    return settled;
  }

  async #failsOf(followed: readonly Followed[], head: Block): Promise<Map<number, string>> {
    const fails = new Map<number, string>();
    for (const { submitted, calldata, outcome } of followed) {
      if (outcome.state === "settled") {
        fails.set(submitted.number, "-");
        continue;
      }
      const question = { contract: this.#contract, calldata, at: { hash: head.hash } };
      fails.set(submitted.number, (await simulate(this.#node, question)) ?? "-");
    }
    return fails;
  }
}
