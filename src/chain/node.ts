/**
 * A node of a real chain: the few questions that the rest asks, typed. What a node says is believed
 * (it is the operator's own, or one that he chose); but it may be late, and have several minds
 * about its newest blocks.
 */
import type { Address, Hash } from "../codec/ethereum.ts";
import {
  addressIn,
  bigintIn,
  bytesIn,
  field,
  hashIn,
  type Hex,
  hexIn,
  listIn,
  numberIn,
  quantity,
} from "./answers.ts";
import { Rpc, RpcRefused } from "./rpc.ts";

export type Block = {
  readonly number: number;
  readonly hash: Hash;
  readonly parent: Hash;
  /** Unix seconds. */
  readonly time: bigint;
  /** Wei a unit of gas. */
  readonly baseFee: bigint;
};

/** Which block: a number, a hash, or a name that moves. */
export type BlockName = number | "latest" | "pending" | { readonly hash: Hash };

export type CallRequest = {
  readonly from?: Address;
  /** Nobody: the data are creation code, which is run and forgotten. */
  readonly to?: Address;
  readonly data: Hex;
  readonly gas?: bigint;
  readonly value?: bigint;
};

/** What a call returned, or reverted with. */
export type CallResult =
  | { readonly ok: true; readonly data: Hex }
  | { readonly ok: false; readonly data: Hex };

/** One entry of the chain's log, and where it stands. */
export type ChainLog = {
  readonly address: Address;
  readonly topics: readonly Hash[];
  readonly data: Hex;
  readonly block: number;
  readonly blockHash: Hash;
  readonly transaction: Hash;
  readonly index: number;
};

export type Receipt = {
  readonly transaction: Hash;
  readonly block: number;
  readonly blockHash: Hash;
  readonly isSuccess: boolean;
  readonly gasUsed: bigint;
  readonly gasPrice: bigint;
  readonly contract: Address | undefined;
  readonly logs: readonly ChainLog[];
};

export type ChainTransaction = {
  readonly hash: Hash;
  readonly from: Address;
  readonly to: Address | undefined;
  readonly input: Hex;
  readonly nonce: number;
  /** `undefined` while it waits. */
  readonly block: number | undefined;
};

/** One node. */
export class ChainNode {
  readonly #rpc: Rpc;
  readonly chainId: bigint;

  constructor(rpc: Rpc, chainId: bigint) {
    this.#rpc = rpc;
    this.chainId = chainId;
  }

  /** Whom sentences may name. */
  get host(): string {
    return this.#rpc.host;
  }

  /** Any method, for what is not asked often enough to have a name here. */
  request(method: string, params: readonly unknown[] = []): Promise<unknown> {
    return this.#rpc.call(method, params);
  }

  /** The block, if there is one. */
  async block(name: BlockName): Promise<Block | undefined> {
    const found = await this.#block(name, false);
    return found === null || found === undefined ? undefined : blockIn(found);
  }

  /** The newest block. */
  async head(): Promise<Block> {
    const block = await this.block("latest");
    if (block === undefined) throw new Error(`couldn't get the newest block of ${this.host}`);
    return block;
  }

  /** The transactions that wait for the next block, as far as this node tells. */
  async waiting(): Promise<readonly ChainTransaction[]> {
    const found = field(await this.#block("pending", true), "transactions");
    if (!Array.isArray(found)) return [];
    // Kinds of transactions that we do not know wait there too.
    return found.flatMap((one: unknown) => {
      try {
        return transactionIn(one);
      } catch {
        return [];
      }
    });
  }

  #block(name: BlockName, isFull: boolean): Promise<unknown> {
    if (typeof name === "object") return this.request("eth_getBlockByHash", [name.hash, isFull]);
    return this.request("eth_getBlockByNumber", [blockParameter(name), isFull]);
  }

  async hasCode(address: Address, at: BlockName = "latest"): Promise<boolean> {
    return bytesIn(await this.request("eth_getCode", [address, blockParameter(at)])).length > 0;
  }

  async balance(address: Address): Promise<bigint> {
    return bigintIn(await this.request("eth_getBalance", [address, "latest"]));
  }

  /** What a call would do, without doing it. */
  async call(request: CallRequest, at: BlockName = "latest"): Promise<CallResult> {
    try {
      const answer = await this.request("eth_call", [callParameter(request), blockParameter(at)]);
      return { ok: true, data: hexIn(answer ?? "0x") };
    } catch (error) {
      const data = revertData(error);
      if (data === undefined) throw error;
      return { ok: false, data };
    }
  }

  /** Gas that the call needs; `undefined` if it would revert. */
  async gasOf(
    request: CallRequest,
    at: "latest" | "pending" = "latest",
  ): Promise<bigint | undefined> {
    try {
      return bigintIn(await this.request("eth_estimateGas", [callParameter(request), at]));
    } catch (error) {
      if (revertData(error) === undefined) throw error;
      return undefined;
    }
  }

  /** The logs of these contracts, both blocks included. */
  async logs(query: {
    readonly address: Address | readonly Address[];
    readonly from: number;
    readonly to: number;
    readonly topics?: readonly (Hex | readonly Hex[] | null)[];
  }): Promise<readonly ChainLog[]> {
    const { address, from, to, topics = [] } = query;
    const range = { fromBlock: quantity(from), toBlock: quantity(to) };
    const found = await this.request("eth_getLogs", [{ address, ...range, topics }]);
    return listIn(found).map(logIn);
  }

  /** How many transactions the address has sent; with `pending`, also those that wait. */
  async nonce(address: Address, at: "latest" | "pending" = "latest"): Promise<number> {
    return numberIn(await this.request("eth_getTransactionCount", [address, at]));
  }

  /** What a node thinks one should offer a miner; one gwei if it has no opinion. */
  async tip(): Promise<bigint> {
    try {
      return bigintIn(await this.request("eth_maxPriorityFeePerGas"));
    } catch (error) {
      if (!(error instanceof RpcRefused)) throw error;
      return 1_000_000_000n;
    }
  }

  /** Hands a signed transaction to the node; throws `RpcRefused` if it doesn't want it. */
  async sendRaw(raw: Hex): Promise<Hash> {
    return hashIn(await this.request("eth_sendRawTransaction", [raw]));
  }

  async receipt(transaction: Hash): Promise<Receipt | undefined> {
    const found = await this.request("eth_getTransactionReceipt", [transaction]);
    return found === null || found === undefined ? undefined : receiptIn(found);
  }

  async transaction(hash: Hash): Promise<ChainTransaction | undefined> {
    const found = await this.request("eth_getTransactionByHash", [hash]);
    return found === null || found === undefined ? undefined : transactionIn(found);
  }
}

/** Reaches a node; throws if it doesn't answer. Its chain's number is asked once. */
export async function openNode(url: string): Promise<ChainNode> {
  const rpc = new Rpc(url);
  return new ChainNode(rpc, bigintIn(await rpc.call("eth_chainId")));
}

function blockParameter(name: BlockName): unknown {
  if (typeof name === "object") return { blockHash: name.hash };
  return typeof name === "number" ? quantity(name) : name;
}

function callParameter({ from, to, data, gas, value = 0n }: CallRequest): object {
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(gas === undefined ? {} : { gas: quantity(gas) }),
    ...(value === 0n ? {} : { value: quantity(value) }),
    data,
  };
}

/** A revert's data; `undefined` if the node failed at something else. */
function revertData(error: unknown): Hex | undefined {
  if (!(error instanceof RpcRefused)) return undefined;
  if (error.data !== undefined) return error.data;
  // Some nodes leave the data out when there are none.
  return error.code === 3 || /revert|out of gas|invalid opcode/i.test(error.message)
    ? "0x"
    : undefined;
}

function blockIn(value: unknown): Block {
  return {
    number: numberIn(field(value, "number")),
    hash: hashIn(field(value, "hash")),
    parent: hashIn(field(value, "parentHash")),
    time: bigintIn(field(value, "timestamp")),
    baseFee: bigintIn(field(value, "baseFeePerGas") ?? "0x0"),
  };
}

/** A log, as any node writes it. */
function logIn(value: unknown): ChainLog {
  return {
    address: addressIn(field(value, "address")),
    topics: listIn(field(value, "topics")).map(hashIn),
    data: hexIn(field(value, "data")),
    block: numberIn(field(value, "blockNumber")),
    blockHash: hashIn(field(value, "blockHash")),
    transaction: hashIn(field(value, "transactionHash")),
    index: numberIn(field(value, "logIndex")),
  };
}

function receiptIn(value: unknown): Receipt {
  const contract = field(value, "contractAddress");
  return {
    transaction: hashIn(field(value, "transactionHash")),
    block: numberIn(field(value, "blockNumber")),
    blockHash: hashIn(field(value, "blockHash")),
    isSuccess: bigintIn(field(value, "status")) === 1n,
    gasUsed: bigintIn(field(value, "gasUsed")),
    gasPrice: bigintIn(field(value, "effectiveGasPrice") ?? "0x0"),
    contract: typeof contract === "string" ? addressIn(contract) : undefined,
    logs: listIn(field(value, "logs")).map(logIn),
  };
}

function transactionIn(value: unknown): ChainTransaction {
  const [to, block] = [field(value, "to"), field(value, "blockNumber")];
  return {
    hash: hashIn(field(value, "hash")),
    from: addressIn(field(value, "from")),
    to: typeof to === "string" ? addressIn(to) : undefined,
    input: hexIn(field(value, "input")),
    nonce: numberIn(field(value, "nonce")),
    block: typeof block === "string" ? numberIn(block) : undefined,
  };
}
