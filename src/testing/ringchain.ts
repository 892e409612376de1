/**
 * Rings on a real chain, for tests: the settlement and tokens put there with the first account that
 * Hardhat and Anvil both know, three people with tokens and approvals, and submissions of rings of
 * three that an honest miner made.
 */
import { encodeDeployData } from "viem";

import { at } from "../codec/assert.ts";
import { fromHex } from "../codec/bytes.ts";
import { type Address, noAddress } from "../codec/ethereum.ts";
import { encodeSubmission, take } from "../ring/calldata.ts";
import type { Domain } from "../ring/digest.ts";
import { tokenAbi } from "../chain/abi.ts";
import { ChainAccount } from "../chain/account.ts";
import { bytecodeOf } from "../chain/contracts.ts";
import { type ChainNode, openNode } from "../chain/node.ts";
import { readMany } from "../chain/settlement.ts";
import { compose, type Offer, offerOf, type Person, person } from "./ringminer.ts";

const richKey = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const much = 10n ** 24n;

/** A chain with a ring venue. */
export class RingChain {
  readonly node: ChainNode;
  readonly rich: ChainAccount;
  readonly domain: Domain;
  readonly tokens: readonly Address[];
  readonly people: readonly Person[] = [person("Alice"), person("Bob"), person("a third")];
  readonly miner: Person = person("the miner");

  constructor(node: ChainNode, rich: ChainAccount, domain: Domain, tokens: readonly Address[]) {
    this.node = node;
    this.rich = rich;
    this.domain = domain;
    this.tokens = tokens;
  }

  get contract(): Address {
    return this.domain.contract;
  }

  /** An order of one of the three: sells his token for the next one's, ten for ten. */
  offer(who: number, nonce: bigint): Offer {
    const [owner, sell] = [at(this.people, who), at(this.tokens, who)];
    const buy = at(this.tokens, (who + 1) % 3);
    const fields = { sellToken: sell, buyToken: buy, sellAmount: 10n, buyAmount: 10n, nonce };
    return offerOf(owner, person(`auth key of ${who} ${nonce}`), fields);
  }

  /** Calldata of one ring of the three with these nonces. */
  async submission(
    nonce: bigint,
    {
      fill = 10n,
      deadline = 2n ** 33n,
    }: { readonly fill?: bigint; readonly deadline?: bigint } = {},
  ): Promise<Uint8Array> {
    const offers = this.people.map((_, who) => this.offer(who, nonce));
    const counters = this.people.map(({ address }) => ({ owner: address, nonce }));
    const questions = { counters, epochs: [], funds: [] };
    const place = { contract: this.contract, at: "latest" } as const;
    const filled = await readMany(this.node, { ...place, questions });
    const counter = (owner: Address): bigint =>
      at(
        filled.counters,
        this.people.findIndex(({ address }) => address === owner),
      );
    const submission = compose(this.domain, counter, {
      rings: [offers.map((offer) => ({ offer, fill, take: take.none }))],
      miner: this.miner,
      feeRecipient: this.miner.address,
      deadline,
      sender: noAddress,
    });
    return encodeSubmission(submission);
  }

  account(of: Person): ChainAccount {
    return new ChainAccount(this.node, of.key);
  }

  /** Somebody with ether for gas. */
  async broadcaster(name: string): Promise<Person> {
    const one = person(name);
    await this.rich.send({ to: one.address, value: 10n ** 18n });
    return one;
  }
}

/** Puts a venue on the chain behind that URL. */
export async function openRingChain(url: string): Promise<RingChain> {
  const node = await openNode(url);
  const key = fromHex(richKey) ?? new Uint8Array();
  const rich = new ChainAccount(node, key);
  const contract = await rich.deploy();
  const tokens: Address[] = [];
  for (const name of ["GOLD", "OIL", "WHEAT"]) {
    const bytecode = bytecodeOf("TestToken");
    const data = encodeDeployData({ abi: tokenAbi, bytecode, args: [name] });
    tokens.push((await rich.send({ data })).contract ?? noAddress);
  }
  const chain = new RingChain(node, rich, { chainId: node.chainId, contract }, tokens);
  for (const [i, one] of chain.people.entries()) {
    await rich.send({ to: one.address, value: 10n ** 18n });
    await rich.mint(at(tokens, i), one.address, much);
    await chain.account(one).approve(at(tokens, i), contract, much);
  }
  return chain;
}
