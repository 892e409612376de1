/**
 * Somebody's own account on the chain: sends one transaction after the other and waits for each.
 * What the contract would refuse is not sent, since a refusal costs gas too.
 */
import { encodeDeployData, encodeFunctionData } from "viem";

import type { Address } from "../codec/ethereum.ts";
import { addressOfKey } from "../ring/signature.ts";
import { settlementAbi, tokenAbi } from "./abi.ts";
import { type Hex, hexOf } from "./answers.ts";
import { bytecodeOf } from "./contracts.ts";
import type { ChainNode, Receipt } from "./node.ts";
import { refusalName } from "./settlement.ts";
import { feesNow, signTransaction } from "./transaction.ts";

const waitSecondsMax = 180;
const pollMilliseconds = 250;

/** A cancellation that its owner signed; anybody may bring it. */
export type SignedCancel = {
  readonly owner: Address;
  readonly deadline: bigint;
  readonly signature: Uint8Array;
};

/** An account whose key is here. */
export class ChainAccount {
  readonly address: Address;
  readonly #node: ChainNode;
  readonly #key: Uint8Array;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(node: ChainNode, key: Uint8Array) {
    this.#node = node;
    this.#key = key;
    this.address = addressOfKey(key);
  }

  /** Sends and returns when it is in a block; throws if it is refused, before or there. */
  send(call: {
    readonly to?: Address;
    readonly data?: Hex;
    readonly value?: bigint;
  }): Promise<Receipt> {
    const { to, data = "0x", value = 0n } = call;
    const sent = this.#queue.then(() => this.#send(to, data, value));
    this.#queue = sent.catch(() => undefined);
    return sent;
  }

  async #send(to: Address | undefined, data: Hex, value: bigint): Promise<Receipt> {
    const node = this.#node;
    const request = { from: this.address, ...(to === undefined ? {} : { to }), data, value };
    const needed = await node.gasOf(request);
    if (needed === undefined) {
      const result = await node.call(request);
      const name = result.ok ? "no reason" : refusalName(result.data);
      throw new Error(`couldn't send the transaction: it would be refused (${name})`);
    }
    const nonce = await node.nonce(this.address, "pending");
    const gas = needed + needed / 5n;
    const fees = await feesNow(node);
    const unsigned = { chainId: node.chainId, nonce, to, data, value, gas, fees };
    const { hash, raw } = signTransaction(unsigned, this.#key);
    await node.sendRaw(raw);
    for (const end = Date.now() + waitSecondsMax * 1000; Date.now() < end;) {
      const receipt = await node.receipt(hash);
      if (receipt?.isSuccess === true) return receipt;
      if (receipt !== undefined) throw new Error(`couldn't do it: ${hash} was refused on chain`);
      await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
    }
    throw new Error(`couldn't see ${hash} in a block after ${waitSecondsMax} seconds; it may come`);
  }

  /** Lets the settlement take so much of the token; of what can be had, at most that. */
  approve(token: Address, spender: Address, amount: bigint): Promise<Receipt> {
    const args = [spender, amount] as const;
    const data = encodeFunctionData({ abi: tokenAbi, functionName: "approve", args });
    return this.send({ to: token, data });
  }

  /** Makes tokens out of nothing: those of the development chain. */
  mint(token: Address, to: Address, amount: bigint): Promise<Receipt> {
    const args = [to, amount] as const;
    const data = encodeFunctionData({ abi: tokenAbi, functionName: "mint", args });
    return this.send({ to: token, data });
  }

  /** Cancels one's own orders with these nonces. */
  cancel(settlement: Address, nonces: readonly bigint[]): Promise<Receipt> {
    const args = [[...nonces]] as const;
    const data = encodeFunctionData({ abi: settlementAbi, functionName: "cancel", args });
    return this.send({ to: settlement, data });
  }

  /** Cancels all one's own orders of this epoch. */
  cancelAll(settlement: Address): Promise<Receipt> {
    const data = encodeFunctionData({ abi: settlementAbi, functionName: "cancelAll" });
    return this.send({ to: settlement, data });
  }

  /** Brings somebody's signed cancellation: of these nonces, or of all of his epoch. */
  cancelFor(
    settlement: Address,
    request: SignedCancel & { readonly nonces: readonly bigint[] | "all" },
  ): Promise<Receipt> {
    const { owner, nonces, deadline } = request;
    const [abi, until, signature] = [settlementAbi, Number(deadline), hexOf(request.signature)];
    const data =
      nonces === "all"
        ? encodeFunctionData({
            abi,
            functionName: "cancelAllFor",
            args: [owner, until, signature],
          })
        : encodeFunctionData({
            abi,
            functionName: "cancelFor",
            args: [owner, [...nonces], until, signature],
          });
    return this.send({ to: settlement, data });
  }

  /** Puts a new RingSettlement on the chain. */
  async deploy(): Promise<Address> {
    const data = encodeDeployData({ abi: settlementAbi, bytecode: bytecodeOf("RingSettlement") });
    const { contract } = await this.send({ data });
    if (contract === undefined) throw new Error("couldn't find the contract that was deployed");
    return contract;
  }
}
