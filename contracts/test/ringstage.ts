/**
 * A ring venue on a real EVM with a world in it: people, contract wallets, tokens, all endowed, and
 * beside it the same in a ledger without a chain.
 */
import { decodeFunctionResult, toHex } from "viem";

import type { Address } from "../../src/codec/ethereum.ts";
import { infinite, RingLedger } from "../../src/ring/ledger.ts";
import { person } from "../../src/testing/ringminer.ts";
import type { Call, Step } from "../../src/testing/ringscene.ts";
import { type Deployed, Refused } from "./evm.ts";
import type { World } from "./randomrings.ts";
import { openVenue, type Venue } from "./venue.ts";

const endowment = 2n ** 140n;
const tokensCount = 12;

/** Both sides of the stage. */
export class Stage {
  readonly venue: Venue;
  readonly world: World;
  readonly ledger: RingLedger;
  readonly #contracts: ReadonlyMap<Address, Deployed>;
  readonly #reader: Deployed;

  constructor(venue: Venue, world: World, contracts: readonly Deployed[], reader: Deployed) {
    this.venue = venue;
    this.world = world;
    this.#contracts = new Map(contracts.map((contract) => [contract.address, contract]));
    this.#reader = reader;
    this.ledger = new RingLedger();
    for (const token of world.tokens) {
      for (const account of this.holders) {
        this.ledger.setBalance(token, account, endowment);
        this.ledger.setAllowance(token, account, infinite);
      }
    }
  }

  get holders(): readonly Address[] {
    return [...this.world.owners, ...this.world.miners].map(({ address }) => address);
  }

  contract(address: Address): Deployed {
    const found = this.#contracts.get(address);
    if (found === undefined) throw new Error(`couldn't find the contract at ${address}`);
    return found;
  }

  /** Sends the call as a transaction of its own block. */
  async send({ sender, now, call }: Step): Promise<unknown> {
    const { venue } = this;
    await venue.evm.request("evm_setNextBlockTimestamp", [`0x${now.toString(16)}`]);
    const [name, args] = argumentsOf(call);
    try {
      const { logs } = await venue.evm.send({ to: venue.settlement, name, args, from: sender });
      return logs.map(({ address, topics, data }) => ({ emitter: address, topics, data }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { name: error.name, args: error.args.map((value) => String(value).toLowerCase()) };
    }
  }

  /** All balances of all tokens. */
  async balances(accounts: readonly Address[]): Promise<readonly bigint[]> {
    const args = [this.world.tokens, accounts];
    const data = await this.venue.evm.call({ to: this.#reader, name: "read", args });
    const { abi } = this.#reader;
    return decodeFunctionResult({ abi, functionName: "read", data }) as readonly bigint[];
  }
}

function argumentsOf(call: Call): readonly [name: string, args: readonly unknown[]] {
  switch (call.kind) {
    case "submit":
      return ["submit", [toHex(call.bytes)]];
    case "cancel":
      return ["cancel", [call.nonces]];
    case "cancelAll":
      return ["cancelAll", []];
    case "cancelFor": {
      const { owner, nonces, deadline, signature } = call;
      return ["cancelFor", [owner, nonces, Number(deadline), toHex(signature)]];
    }
    case "cancelAllFor":
      return ["cancelAllFor", [call.owner, Number(call.deadline), toHex(call.signature)]];
  }
}

/** Deploys and endows everything. */
export async function openStage(): Promise<Stage> {
  const venue = await openVenue();
  const deploy = (name: string, count: number): Promise<readonly Deployed[]> =>
    Promise.all(Array.from({ length: count }, () => venue.evm.deploy(name)));
  const tokens = await deploy("ActingToken", tokensCount);
  const wallets = await deploy("AnsweringWallet", 3);
  const owners = [
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => person(`owner ${i}`)),
    ...wallets.map(({ address }, i) => ({ key: person(`wallet key ${i}`).key, address })),
  ];
  const miners = [person("miner 0"), person("miner 1")];
  const senders = [...miners, person("sender 0"), person("sender 1")];
  const block = (await venue.evm.request("eth_getBlockByNumber", ["latest", false])) as {
    timestamp: string;
  };
  const world: World = {
    now: BigInt(block.timestamp) + 100_000n,
    settlement: venue.settlement.address,
    tokens: tokens.map(({ address }) => address),
    owners,
    miners,
    senders,
  };
  for (const { address } of [...senders, ...owners]) await venue.meet(address);
  const reader = await venue.evm.deploy("Balances");
  const stage = new Stage(venue, world, [...tokens, ...wallets], reader);
  for (const to of tokens) {
    const args = [stage.holders, endowment, venue.settlement.address];
    await venue.evm.send({ to, name: "endow", args });
  }
  return stage;
}
