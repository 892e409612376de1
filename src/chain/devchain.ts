/**
 * The development chain of `npm start`: Hardhat's EVM in this process, JSON-RPC on loopback, with
 * RingSettlement and three tokens on it. Any wallet can use it; its accounts and their keys are
 * Hardhat's, known to everybody: what is here has no worth.
 *
 * A transaction is mined at once, in a block of its own; when nothing happens, an empty block every
 * `idleSeconds` lets the chain's clock go on. With a folder it survives restarts: what changes it
 * goes one at a time through `#change`, which answers only when the new blocks are in the journal;
 * killed before, the transaction is forgotten, and nobody had been told.
 */
import type * as Hre from "hardhat/hre";
import { encodeDeployData, encodeFunctionData, getContractAddress } from "viem";

import { at } from "../codec/assert.ts";
import { type Address, hashOf, keccak, parseAddress } from "../codec/ethereum.ts";
import { settlementAbi, tokenAbi } from "./abi.ts";
import {
  addressIn,
  bytesIn,
  field,
  hashIn,
  type Hex,
  hexIn,
  listIn,
  numberIn,
  quantity,
} from "./answers.ts";
import { bytecodeOf } from "./contracts.ts";
import { type DevJournal, type KeptBlock, openDevJournal, rawOf } from "./devjournal.ts";
import { type DevServer, serveRpc } from "./devserver.ts";

export type DevToken = {
  readonly name: string;
  readonly address: Address;
  readonly decimals: number;
};

export type DevChainOptions = {
  /** Where it is kept; only in memory if not given, and then Hardhat's own methods work too. */
  readonly dir?: string;
  /** 0: any free one. */
  readonly port?: number;
  readonly chainId?: number;
  /** An empty block so often when nothing happens, at least 1; 0: never. */
  readonly idleSeconds?: number;
};

const tokenNames = ["GOLD", "OIL", "WHEAT"];
const decimals = 18;
/** As many real empty blocks are made before now, whatever the node thinks of long runs. */
const realBlocks = 64;
const deployGas = 10_000_000n;

type Provider = (method: string, params?: readonly unknown[]) => Promise<unknown>;

/** A running development chain. */
export class DevChain {
  readonly url: string;
  readonly chainId: bigint;
  readonly settlement: Address;
  readonly tokens: readonly DevToken[];
  /** Accounts with ether whose keys the chain itself has, for wallets that ask it to sign. */
  readonly accounts: readonly Address[];
  readonly #machine: Machine;
  readonly #server: DevServer;

  constructor(machine: Machine, server: DevServer, placed: Placed) {
    this.#machine = machine;
    this.#server = server;
    this.url = server.url;
    this.chainId = BigInt(machine.chainId);
    this.settlement = placed.settlement;
    this.tokens = placed.tokens;
    this.accounts = placed.accounts;
  }

  /** Gives somebody ether (wei) and tokens (smallest units, by name), out of nothing. */
  async faucet(
    to: Address,
    gift: { readonly ether?: bigint; readonly tokens?: Readonly<Record<string, bigint>> },
  ): Promise<void> {
    const from = at(this.accounts, 0);
    const { ether = 0n, tokens = {} } = gift;
    if (ether > 0n) await this.#machine.send({ from, to, value: quantity(ether) });
    for (const [name, amount] of Object.entries(tokens)) {
      const token = this.tokens.find((one) => one.name === name);
      if (token === undefined)
        throw new Error(`couldn't give ${name}: this chain has no such token`);
      const call = { abi: tokenAbi, functionName: "mint", args: [to, amount] } as const;
      await this.#machine.send({ from, to: token.address, data: encodeFunctionData(call) });
    }
  }

  /** Ends it; what was answered is on disk. */
  async close(): Promise<void> {
    await this.#server.close();
    await this.#machine.close();
  }
}

/** Starts the chain, or goes on with the one in `dir`. */
export async function startDevChain(options: DevChainOptions = {}): Promise<DevChain> {
  const { dir, port = 0, chainId = 31_337, idleSeconds = 4 } = options;
  const now = Math.floor(Date.now() / 1000);
  const journal = dir === undefined ? undefined : await openDevJournal(dir, { chainId, now });
  const machine = await openMachine({ chainId, idleSeconds, journal, now });
  try {
    await machine.replay();
    const placed = await place(machine);
    const answer: Provider = (method, params) => machine.answer(method, params);
    const chain = new DevChain(machine, await serveRpc(answer, port), placed);
    machine.startIdling();
    return chain;
  } catch (cause) {
    await machine.close();
    throw cause;
  }
}

type MachineOptions = {
  readonly chainId: number;
  readonly idleSeconds: number;
  readonly journal: DevJournal | undefined;
  readonly now: number;
};

/** Hardhat's EVM, and the journal of what was done to it. */
class Machine {
  readonly chainId: number;
  readonly #provider: Provider;
  readonly #closeProvider: () => Promise<void>;
  readonly #options: MachineOptions;
  /** The newest block that is in the journal, or empty. */
  #head = 0;
  /** Transactions that came as bytes, until they are mined. */
  readonly #raws = new Map<string, Hex>();
  #queue: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(provider: Provider, closeProvider: () => Promise<void>, options: MachineOptions) {
    this.chainId = options.chainId;
    this.#provider = provider;
    this.#closeProvider = closeProvider;
    this.#options = options;
  }

  /** Does a method for whoever asks. */
  answer(method: string, params: readonly unknown[] = []): Promise<unknown> {
    const isKept = this.#options.journal !== undefined;
    if (!isKept) return this.#provider(method, params);
    if (/^eth_send(?:Raw)?Transaction$/.test(method) || method === "evm_mine") {
      return this.#change(method, params);
    }
    if (/^(?:eth|net|web3|txpool|debug)_/.test(method)) {
      // Not before what was mined is on disk: nobody sees what may be forgotten.
      return this.#queue.then(() => this.#provider(method, params));
    }
    const sentence = `${method}: a chain that is kept on disk does only what it could do again`;
    return Promise.reject(Object.assign(new Error(sentence), { code: -32601 }));
  }

  /** Sends from an account of the chain, and throws if it failed. */
  async send(transaction: object): Promise<void> {
    await this.answer("eth_sendTransaction", [transaction]);
  }

  /** Makes the blocks of the journal again, and those that time would have made since. */
  async replay(): Promise<void> {
    const { journal, idleSeconds, now } = this.#options;
    if (journal === undefined) return;
    let last = journal.kept.genesis;
    await this.#provider("evm_setAutomine", [false]);
    for (const block of journal.kept.blocks) {
      await this.#mineEmpty(block.number - 1 - this.#head, last);
      for (const raw of block.raw) await this.#provider("eth_sendRawTransaction", [raw]);
      await this.#provider("evm_setNextBlockTimestamp", [block.time]);
      await this.#provider("evm_mine");
      this.#head = block.number;
      last = block.time;
    }
    await this.#provider("evm_setAutomine", [true]);
    const missed = idleSeconds === 0 ? 0 : Math.floor(Math.max(0, now - last) / idleSeconds) + 1;
    await this.#mineEmpty(missed - realBlocks, last);
    // Its clock is ours from here on.
    await this.#provider("evm_setNextBlockTimestamp", [Math.max(now, last)]);
    for (let i = 0; i < Math.min(missed, realBlocks); i += 1) await this.#provider("evm_mine");
    this.#head = numberIn(await this.#provider("eth_blockNumber"));
  }

  async #mineEmpty(count: number, after: number): Promise<void> {
    if (count <= 0) return;
    await this.#provider("evm_setNextBlockTimestamp", [after]);
    // One second apart: they were at least that, so the next block's time is not before theirs.
    await this.#provider("hardhat_mine", [quantity(count), "0x1"]);
    this.#head += count;
  }

  /** Lets the clock go on; does not keep the process alive. */
  startIdling(): void {
    const { idleSeconds } = this.#options;
    if (idleSeconds === 0) return;
    let seen = this.#head;
    const idle = async (): Promise<void> => {
      const head = numberIn(await this.#provider("eth_blockNumber"));
      if (head === seen) {
        await this.#inTurn(async () => {
          await this.#provider("evm_mine");
          await this.#keep(false);
        });
      }
      seen = numberIn(await this.#provider("eth_blockNumber"));
    };
    this.#idle = setInterval(() => {
      // A chain that is being closed; what else could fail stops the next request too.
      idle().catch(() => undefined);
    }, idleSeconds * 1000);
    this.#idle.unref();
  }

  #change(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#inTurn(async () => {
      const raw = method === "eth_sendRawTransaction" ? hexIn(params[0]) : undefined;
      const hash = raw === undefined ? undefined : hashOf(keccak(bytesIn(raw)));
      if (raw !== undefined && hash !== undefined) this.#raws.set(hash, raw);
      const isMine = method === "evm_mine";
      try {
        const result = await this.#provider(method, isMine ? [] : params);
        await this.#keep(isMine);
        return result;
      } catch (error) {
        // Hardhat says no to a transaction that fails, and mines it all the same.
        await this.#keep(isMine);
        if (hash !== undefined) this.#raws.delete(hash);
        throw error;
      }
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(() => {
      if (this.#isClosed) throw new Error("the development chain is closed");
      return work();
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Writes down what was mined since; empty blocks only if somebody asked for them. */
  async #keep(isWithEmpty: boolean): Promise<void> {
    const { journal } = this.#options;
    if (journal === undefined) return;
    const head = numberIn(await this.#provider("eth_blockNumber"));
    const blocks: KeptBlock[] = [];
    for (let number = this.#head + 1; number <= head; number += 1) {
      const shown = await this.#provider("eth_getBlockByNumber", [quantity(number), true]);
      const raw = listIn(field(shown, "transactions")).map((transaction) => {
        const hash = hashIn(field(transaction, "hash"));
        const bytes = this.#raws.get(hash) ?? rawOf(transaction);
        if (bytes === undefined) throw new Error(`couldn't keep transaction ${hash}`);
        this.#raws.delete(hash);
        return bytes;
      });
      if (raw.length > 0 || isWithEmpty)
        blocks.push({ number, time: numberIn(field(shown, "timestamp")), raw });
    }
    if (blocks.length > 0) await journal.append(blocks);
    this.#head = head;
  }

  async close(): Promise<void> {
    clearInterval(this.#idle);
    await this.#inTurn(async () => undefined).catch(() => undefined);
    this.#isClosed = true;
    await this.#closeProvider();
    await this.#options.journal?.close();
  }
}

async function openMachine(options: MachineOptions): Promise<Machine> {
  const { chainId, journal, now } = options;
  try {
    const { createHardhatRuntimeEnvironment } = await hardhat();
    const network = {
      type: "edr-simulated",
      chainType: "l1",
      hardfork: "prague",
      chainId,
      initialDate: new Date((journal?.kept.genesis ?? now) * 1000).toISOString(),
      allowBlocksWithSameTimestamp: true,
    } as const;
    const config = { networks: { default: network } };
    const hre = await createHardhatRuntimeEnvironment(config, {}, import.meta.dirname);
    const connection = await hre.network.create("default");
    const provider: Provider = (method, params = []) =>
      connection.provider.request({ method, params });
    return new Machine(provider, () => connection.close(), options);
  } catch (cause) {
    await journal?.close();
    throw cause;
  }
}

/** Only here, and only now: a program that uses a real chain doesn't load it. */
async function hardhat(): Promise<typeof Hre> {
  try {
    return await import("hardhat/hre");
  } catch (cause) {
    const sentence =
      "couldn't start the development chain: it needs the package hardhat, which an install with" +
      " --omit=dev leaves out; a real chain's node is named with --chain URL";
    throw new Error(sentence, { cause });
  }
}

type Placed = {
  readonly settlement: Address;
  readonly tokens: readonly DevToken[];
  readonly accounts: readonly Address[];
};

/** The contracts, at the addresses that the first account's first transactions give them. */
async function place(machine: Machine): Promise<Placed> {
  const accounts = listIn(await machine.answer("eth_accounts")).map(addressIn);
  const from = at(accounts, 0);
  const creations = [
    encodeDeployData({ abi: settlementAbi, bytecode: bytecodeOf("RingSettlement") }),
    ...tokenNames.map((name) =>
      encodeDeployData({ abi: tokenAbi, bytecode: bytecodeOf("TestToken"), args: [name] }),
    ),
  ];
  const [settlement, ...tokens] = creations.map((_, nonce) => {
    const address = parseAddress(getContractAddress({ from, nonce: BigInt(nonce) }));
    if (address === undefined) throw new Error("couldn't name a contract's address");
    return address;
  });
  // Killed while they were deployed, the next start deploys those that are missing.
  const sent = numberIn(await machine.answer("eth_getTransactionCount", [from, "latest"]));
  for (const data of creations.slice(sent)) {
    await machine.send({ from, data, gas: quantity(deployGas) });
  }
  if (settlement === undefined) throw new Error("the settlement is the first");
  const named = tokens.map((address, i) => ({ name: at(tokenNames, i), address, decimals }));
  return { settlement, tokens: named, accounts };
}
