/**
 * A node of a chain whose block builder is the attacker: a real node in a process of its own, and
 * in front of it JSON-RPC on loopback through which the victims reach it. He sees every raw
 * transaction before any block has it, may hold it back, puts his own before and behind it, and
 * mines when he likes. What he does not touch goes through in its time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { decodeFunctionData, parseTransaction, recoverTransactionAddress } from "viem";

import { settlementAbi } from "../chain/abi.ts";
import { bytesIn, field, type Hex, hexIn, hexOf } from "../chain/answers.ts";
import { type DevServer, serveRpc } from "../chain/devserver.ts";
import type { ChainNode, Receipt } from "../chain/node.ts";
import { RpcRefused } from "../chain/rpc.ts";
import {
  type Address,
  type Hash,
  hashOf,
  keccak,
  noAddress,
  parseAddress,
} from "../codec/ethereum.ts";
import { decodeSubmission } from "../ring/decode.ts";
import { type Domain, orderHash } from "../ring/digest.ts";
import { hardhatNode, startNode, type TestNode } from "./chainnodes.ts";
import { openRingChain, type RingChain } from "./ringchain.ts";

/** A transaction that is in no block yet. */
export type Pending = {
  readonly raw: Hex;
  readonly hash: Hash;
  readonly from: Address | undefined;
  readonly nonce: number;
  readonly tip: bigint;
  /** The argument of `submit`, if it is that. */
  readonly calldata: Uint8Array | undefined;
};

export type PendingSubmission = Pending & { readonly calldata: Uint8Array };

const blockMs = 150;
const patienceMs = 30_000;

export class HostileNode {
  /** The chain itself, for whoever does not ask through the attacker. */
  readonly chain: RingChain;
  /** Everything that came, in its order, once each. */
  readonly seen: Pending[] = [];
  /** Whether it is kept from the node; the attacker's to change. */
  holds: (pending: Pending) => boolean = () => false;
  readonly #process: TestNode;
  #server: DevServer | undefined;
  /** Blocks, one builder at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #mining: Promise<void> = Promise.resolve();

  private constructor(process: TestNode, chain: RingChain) {
    this.#process = process;
    this.chain = chain;
  }

  /** A node with a ring venue on it, and blocks that the attacker makes. */
  static async start(): Promise<HostileNode> {
    const process = await startNode(hardhatNode);
    const chain = await openRingChain(process.url);
    const hostile = new HostileNode(process, chain);
    await chain.node.request("evm_setAutomine", [false]);
    hostile.#server = await serveRpc((method, params) => hostile.#answer(method, params), 0);
    hostile.#mining = hostile.#mine();
    return hostile;
  }

  /** Where the victims think that their node is. */
  get url(): string {
    return this.#server?.url ?? "";
  }

  /** The node behind, which nobody meddles with. */
  get honestUrl(): string {
    return this.#process.url;
  }

  get node(): ChainNode {
    return this.chain.node;
  }

  async #answer(method: string, params: readonly unknown[]): Promise<unknown> {
    if (method !== "eth_sendRawTransaction") return this.node.request(method, params);
    const pending = await pendingIn(hexIn(params[0]));
    if (!this.seen.some(({ hash }) => hash === pending.hash)) this.seen.push(pending);
    // As if it were in the pool: nobody can tell from outside.
    return this.holds(pending) ? pending.hash : this.node.request(method, params);
  }

  /** Blocks as time goes, unless a block is being built by hand. */
  async #mine(): Promise<void> {
    while (!this.#isClosed) {
      await this.#alone(() => this.node.request("evm_mine")).catch(() => undefined);
      await sleep(blockMs);
    }
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Waits for a submission with all of these orders, in other bytes than `seen` before. */
  async submissionOf(orders: readonly Hash[], seen?: Pending): Promise<PendingSubmission> {
    const before = hexOf(seen?.calldata ?? new Uint8Array());
    for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(20)) {
      for (const pending of this.seen) {
        const { calldata } = pending;
        if (calldata === undefined || hexOf(calldata) === before) continue;
        const there = ordersIn(this.chain.domain, calldata);
        if (orders.every((order) => there.includes(order))) return { ...pending, calldata };
      }
    }
    throw new Error("couldn't see a submission with these orders");
  }

  /**
   * One block with these in it; inside a block whoever pays more stands first. What became of each,
   * in the order given.
   */
  async block(raws: readonly Hex[]): Promise<readonly Receipt[]> {
    return this.#alone(async () => {
      const hashes: Hash[] = [];
      for (const raw of raws) {
        hashes.push(hashOf(keccak(bytesIn(raw))));
        await this.node.sendRaw(raw).catch((cause: unknown) => {
          if (!(cause instanceof RpcRefused) || !/known|already/i.test(cause.message)) throw cause;
        });
      }
      await this.node.request("evm_mine");
      const receipts: Receipt[] = [];
      for (const hash of hashes) {
        const receipt = await this.node.receipt(hash);
        if (receipt === undefined) throw new Error(`couldn't get ${hash} into the block`);
        receipts.push(receipt);
      }
      return receipts;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#mining;
    await this.#server?.close();
    this.#process.stop();
  }
}

/** What anybody can read in a raw transaction. */
async function pendingIn(raw: Hex): Promise<Pending> {
  const read = parseTransaction(raw);
  // Typed as any kind of transaction; whatever is no EIP-1559 transaction has no address here.
  const from = await recoverTransactionAddress({
    serializedTransaction: raw as `0x02${string}`,
  }).catch(() => "");
  return {
    raw,
    hash: hashOf(keccak(bytesIn(raw))),
    from: parseAddress(from.toLowerCase()),
    nonce: read.nonce ?? 0,
    tip: read.maxPriorityFeePerGas ?? 0n,
    calldata: submissionIn(read.data ?? "0x"),
  };
}

function submissionIn(data: Hex): Uint8Array | undefined {
  try {
    const call = decodeFunctionData({ abi: settlementAbi, data });
    return call.functionName === "submit" ? bytesIn(field(call.args, "0")) : undefined;
  } catch {
    return undefined;
  }
}

function ordersIn(domain: Domain, calldata: Uint8Array): readonly Hash[] {
  const submission = decodeSubmission(calldata, noAddress);
  return submission.ok ? submission.value.orders.map(({ order }) => orderHash(domain, order)) : [];
}
