/**
 * Stand-alone miners on a development chain, for tests: tokens with owners who approved, and miners
 * with a broadcaster of their own.
 */
import { at } from "../codec/assert.ts";
import { time } from "../codec/time.ts";
import { ChainAccount } from "../chain/account.ts";
import { type Broadcaster, openBroadcaster } from "../chain/broadcaster.ts";
import { type DevChain, startDevChain } from "../chain/devchain.ts";
import { type ChainNode, openNode } from "../chain/node.ts";
import { findRings } from "../finder/round.ts";
import { openSolver } from "../miner/highs.ts";
import { MinerKeys } from "../miner/keys.ts";
import type { Domain } from "../ring/digest.ts";
import { makeMinerKeys, readMinerSecret } from "../seal/authkey.ts";
import type { MinerParts } from "../sharing/node.ts";
import { type Offer, offerOf, type Person, person } from "./ringminer.ts";

const much = 10n ** 24n;

/** A chain and its people. */
export class MinedChain {
  readonly chain: DevChain;
  readonly node: ChainNode;
  readonly people: readonly Person[] = [person("Alice"), person("Bob"), person("a third")];
  readonly #stop = new AbortController();
  readonly #running: { readonly broadcaster: Broadcaster; readonly done: Promise<void> }[] = [];

  constructor(chain: DevChain, node: ChainNode) {
    this.chain = chain;
    this.node = node;
  }

  get domain(): Domain {
    return { chainId: this.chain.chainId, contract: this.chain.settlement };
  }

  /** An order of one of the three: his token for the next one's, with a margin for the miner. */
  offer(who: number, nonce: bigint, auth: Person = person(`auth ${who} ${nonce}`)): Offer {
    const [sell, buy] = [at(this.chain.tokens, who), at(this.chain.tokens, (who + 1) % 3)];
    return offerOf(at(this.people, who), auth, {
      sellToken: sell.address,
      buyToken: buy.address,
      sellAmount: 10n ** 18n,
      buyAmount: 9n * 10n ** 17n,
      nonce,
      marginSplit: 50n,
    });
  }

  /** A miner's keys; its broadcaster, whose account is another one, writes into `dir`. */
  async miner(name: string, dir: string, confirmations = 0): Promise<MinerParts> {
    const made = await makeMinerKeys({ at: time(Date.now()) });
    const keys = new MinerKeys(person(name).key, await readMinerSecret(made.secret));
    const solve = await openSolver();
    const sender = person(`broadcaster of ${name}`);
    await this.chain.faucet(sender.address, { ether: 10n ** 18n });
    const { node } = this;
    const contract = this.chain.settlement;
    const broadcaster = openBroadcaster({ node, contract, key: sender.key, dir, confirmations });
    const done = broadcaster.run(this.#stop.signal, 50);
    this.#running.push({ broadcaster, done });
    return {
      keys,
      certificate: made.certificate,
      find: (offers, tokens, gasPerOrder) => findRings(tokens, offers, { gasPerOrder, solve }),
      broadcast: (number, calldata) => void broadcaster.add({ number, calldata }),
    };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    for (const { broadcaster, done } of this.#running) {
      await done;
      await broadcaster.close();
    }
    await this.chain.close();
  }
}

/** A chain on which the three have tokens and let the settlement take them. */
export async function openMinedChain(): Promise<MinedChain> {
  const chain = await startDevChain({ idleSeconds: 1 });
  const mined = new MinedChain(chain, await openNode(chain.url));
  for (const [i, one] of mined.people.entries()) {
    const token = at(chain.tokens, i);
    await chain.faucet(one.address, { ether: 10n ** 18n, tokens: { [token.name]: much } });
    await new ChainAccount(mined.node, one.key).approve(token.address, chain.settlement, much);
  }
  return mined;
}
