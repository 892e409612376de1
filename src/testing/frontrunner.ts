/**
 * The front-runner: somebody with ether, tokens, approvals and a contract that reads his wishes,
 * who builds the blocks (hostilenode.ts). Whatever he tries he really sends and really mines; what
 * he has before and after says whether it was worth it.
 */
import { equal, ok } from "node:assert/strict";
import { decodeFunctionResult, encodeFunctionData } from "viem";

import { settlementAbi, tokenAbi } from "../chain/abi.ts";
import type { Hex } from "../chain/answers.ts";
import type { ChainNode, Receipt } from "../chain/node.ts";
import { simulate, submitData } from "../chain/settlement.ts";
import { signTransaction } from "../chain/transaction.ts";
import type { Address } from "../codec/ethereum.ts";
import type { HostileNode } from "./hostilenode.ts";
import { type Person, person } from "./ringminer.ts";

/** Whatever somebody has. */
export type Purse = { readonly ether: bigint; readonly tokens: readonly bigint[] };

const gwei = 1_000_000_000n;
const gas = 3_000_000n;
const much = 10n ** 24n;

/** What he offers the builder: to stand before everybody, like everybody, behind everybody. */
export const tips = { first: 50n * gwei, usual: gwei, last: 0n } as const;

export class FrontRunner {
  readonly self: Person = person("the front-runner");
  readonly hostile: HostileNode;

  private constructor(hostile: HostileNode) {
    this.hostile = hostile;
  }

  /** With plenty of every token, so that he could pay whatever a ring asks of him. */
  static async at(hostile: HostileNode): Promise<FrontRunner> {
    const one = new FrontRunner(hostile);
    const { rich, tokens, contract } = hostile.chain;
    await rich.send({ to: one.self.address, value: 10n ** 19n });
    const own = hostile.chain.account(one.self);
    for (const token of tokens) {
      await rich.mint(token, one.self.address, much);
      await own.approve(token, contract, 2n ** 256n - 1n);
    }
    return one;
  }

  get address(): Address {
    return this.self.address;
  }

  /** A transaction of his, signed and not sent. */
  async sign(
    data: Hex,
    options: { readonly tip?: bigint; readonly to?: Address; readonly by?: Person } = {},
  ): Promise<Hex> {
    const { node, contract } = this.hostile.chain;
    const { tip = tips.usual, to = contract, by = this.self } = options;
    const head = await node.head();
    const unsigned = {
      chainId: node.chainId,
      nonce: await node.nonce(by.address),
      to,
      data,
      value: 0n,
      gas,
      fees: { tip, most: 4n * head.baseFee + tip },
    };
    return signTransaction(unsigned, by.key).raw;
  }

  /** Cancels an order of his own, or all of them. */
  signCancel(nonce: bigint | "all", tip: bigint): Promise<Hex> {
    const abi = settlementAbi;
    const data =
      nonce === "all"
        ? encodeFunctionData({ abi, functionName: "cancelAll" })
        : encodeFunctionData({ abi, functionName: "cancel", args: [[nonce]] });
    return this.sign(data, { tip });
  }

  /** Allows the settlement nothing of this token any more. */
  signRefusal(token: Address, tip: bigint): Promise<Hex> {
    const args = [this.hostile.chain.contract, 0n] as const;
    const data = encodeFunctionData({ abi: tokenAbi, functionName: "approve", args });
    return this.sign(data, { tip, to: token });
  }

  /** Submits these bytes as himself, alone in a block. */
  async submit(calldata: Uint8Array): Promise<Receipt> {
    const [receipt] = await this.hostile.block([await this.sign(submitData(calldata))]);
    ok(receipt !== undefined);
    return receipt;
  }

  /** What these bytes would be refused with, sent by him; `undefined`: they would go through. */
  refusalOf(calldata: Uint8Array): Promise<string | undefined> {
    const { node, contract } = this.hostile.chain;
    return simulate(node, { contract, calldata, from: this.address });
  }

  /** The bytes are refused by that name, said in advance and in a block for which he pays. */
  async isRefused(calldata: Uint8Array, name: string): Promise<void> {
    const before = await this.purse();
    equal(await this.refusalOf(calldata), name);
    const receipt = await this.submit(calldata);
    equal(receipt.isSuccess, false, `${name}: it was refused on the chain as well`);
    equal(receipt.logs.length, 0);
    await this.gainedNothing(before);
  }

  purse(): Promise<Purse> {
    return purseOf(this.hostile.chain.node, this.address, this.hostile.chain.tokens);
  }

  /** He has no more of anything than before, and has paid for gas. */
  async gainedNothing(before: Purse): Promise<void> {
    const after = await this.purse();
    for (const [i, amount] of after.tokens.entries()) {
      ok(amount <= (before.tokens[i] ?? 0n), `he gained ${amount} of token ${i}`);
    }
    ok(after.ether < before.ether, "gas is what he has of it");
  }
}

/** What an address has. */
export async function purseOf(
  node: ChainNode,
  owner: Address,
  tokens: readonly Address[],
): Promise<Purse> {
  const amounts: bigint[] = [];
  for (const to of tokens) {
    const abi = tokenAbi;
    const args = [owner] as const;
    const data = encodeFunctionData({ abi, functionName: "balanceOf", args });
    const result = await node.call({ to, data });
    ok(result.ok);
    amounts.push(decodeFunctionResult({ abi, functionName: "balanceOf", data: result.data }));
  }
  return { ether: await node.balance(owner), tokens: amounts };
}
