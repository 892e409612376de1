/**
 * The ring venue's outer half, for `signet start`: the chain (the development chain in this
 * process, or a real node), a watcher who writes to the exchange what happens there, and a
 * broadcaster who brings submissions onto it. Each runs on its own and may be run elsewhere instead
 * (`signet broadcast`, docs/guide/chain.md); none holds anything of a customer's. A real node may
 * be away: the exchange does not wait for it.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import { type Broadcaster, openBroadcaster } from "../chain/broadcaster.ts";
import { type DevChain, startDevChain } from "../chain/devchain.ts";
import type { ChainNode } from "../chain/node.ts";
import { ChainWatcher } from "../chain/watcher.ts";
import { parseConfiguration } from "../engine/configuration.ts";
import type { RingConfiguration } from "../engine/ringconfiguration.ts";
import { type Account, openAccount } from "../wallet/account.ts";
import { diskHome } from "../wallet/diskhome.ts";
import { watchChain } from "../watcher/watcher.ts";
import { feed, sentenceOf } from "./broadcast.ts";
import { nodeAt } from "./nodewait.ts";
import { isRegistered, registerOperator } from "./operator.ts";
import { harmless, reasonsOf, sayingOnce } from "./reasons.ts";
import { chainDefault } from "./ringwallet.ts";
import { confirmationsDefault } from "./watch.ts";
import { addVenue, hasVenue, keyIn, venueLines, watcherHome } from "./venuefacts.ts";

/** The development chain's port lies so far above the first relay's: 8545 above 8101. */
export const chainPortAbove = 444;

/** Blocks on top before a watcher tells: none, where blocks cannot vanish. */
const confirmations = { dev: 0, real: confirmationsDefault };
/** Ether of the development chain for the broadcaster's gas. */
const gasMoney = 10n ** 20n;

export type VenueOptions = {
  /** The exchange's folder. */
  readonly dir: string;
  /** `local`, `none`, or a node's address. */
  readonly chain: string;
  /** Where the development chain listens. */
  readonly port: number;
  readonly say: (sentence: string) => void;
};

export class Venue {
  readonly #options: VenueOptions;
  /** The node's address. */
  readonly #url: string;
  readonly #dev: DevChain | undefined;
  readonly #ring: RingConfiguration;
  readonly #stop = new AbortController();
  /** In the words of the ring venue. */
  readonly #say: (line: string) => void;
  #running: Promise<unknown> = Promise.resolve();

  private constructor(
    options: VenueOptions,
    parts: {
      readonly url: string;
      readonly dev: DevChain | undefined;
      readonly ring: RingConfiguration;
    },
  ) {
    this.#options = options;
    this.#say = sayingOnce((line) => options.say(`  ${line}`));
    this.#url = parts.url;
    this.#dev = parts.dev;
    this.#ring = parts.ring;
  }

  /**
   * Opens the chain; the first time, adds the venue on the development chain to signet.conf.
   * `undefined`: there is no venue here, and it was said why.
   */
  static async open(options: VenueOptions): Promise<Venue | undefined> {
    const { dir, chain, port, say } = options;
    if (chain === "none") return undefined;
    // The island will say what is wrong with the file, and which line.
    if (!parseConfiguration(readFileSync(join(dir, "signet.conf"), "utf8")).ok) return undefined;
    if (chain === "local" && !hasVenue(dir)) {
      const dev = await startDevChain({ dir: join(dir, "chain"), port });
      addVenue(dir, await venueLines(dir, dev));
      say(`● ring venue on a development chain of its own: ${dev.url}`);
      return Venue.#on(options, dev.url, dev);
    }
    if (!hasVenue(dir)) {
      say("● no ring venue: signet.conf has no line `ring` (docs/guide/chain.md has one)");
      return undefined;
    }
    const isOurs = existsSync(join(dir, "chain"));
    if (chain === "local" && !isOurs) {
      say("● the ring venue of signet.conf is on another chain: name its node with --chain URL");
      return undefined;
    }
    const dev =
      chain === "local" ? await startDevChain({ dir: join(dir, "chain"), port }) : undefined;
    say(dev === undefined ? "● ring venue on a real chain" : `● development chain on ${dev.url}`);
    return Venue.#on(options, dev?.url ?? chain, dev);
  }

  static #on(options: VenueOptions, url: string, dev: DevChain | undefined): Venue {
    const text = readFileSync(join(options.dir, "signet.conf"), "utf8");
    const parsed = parseConfiguration(text);
    const ring = parsed.ok ? parsed.value.ring : undefined;
    assert(ring !== undefined, "a file with a venue's lines was read before");
    return new Venue(options, { url, dev, ring });
  }

  /** The development chain's address, if wallets would not look for it there. */
  get elsewhere(): string | undefined {
    const url = this.#dev?.url;
    return url === undefined || url === chainDefault ? undefined : url;
  }

  /**
   * Registers the watcher, and lets it and the broadcaster run as soon as the node answers: on the
   * development chain when this is done, else some time.
   */
  async run(relay: string, exchange: Fingerprint): Promise<void> {
    const account = await this.#watcher(relay, exchange);
    const begun = Promise.withResolvers<void>();
    this.#running = this.#work(relay, account, begun.resolve)
      .catch((cause: unknown) => this.#tell(cause))
      .finally(begun.resolve);
    if (this.#dev !== undefined) await begun.promise;
  }

  async #watcher(relay: string, exchange: Fingerprint): Promise<Account | undefined> {
    const home = watcherHome(this.#options.dir);
    if (!existsSync(home)) {
      this.#options.say("● no watcher here: others must tell the exchange of the chain");
      return undefined;
    }
    if (!isRegistered(home)) await registerOperator(home, relay, exchange);
    const nobody = (): Promise<undefined> => Promise.resolve(undefined);
    const account = await openAccount(diskHome(home), { ask: nobody, relays: [relay] });
    if (!account.ok) throw new Error(`couldn't open the watcher's wallet: ${account.what}`);
    return account.value;
  }

  async #work(relay: string, account: Account | undefined, begun: () => void): Promise<void> {
    const { say } = this.#options;
    const { signal } = this.#stop;
    const wanted = { chainId: this.#ring.domain.chainId };
    const found = await nodeAt(this.#url, wanted, { say: this.#say, signal });
    if (found === undefined) return;
    if (!found.ok) {
      say(`✕ The ring venue does not run: ${found.what}`);
      say("  The exchange does. Name a node of the venue's chain at the next start: --chain URL");
      return;
    }
    const node = found.value;
    const broadcaster = await this.#broadcaster(node);
    begun();
    await Promise.all([
      broadcaster.run(signal),
      feed(broadcaster, relay, { say: this.#say, signal }),
      account && this.#watch(node, account).catch((cause: unknown) => this.#tell(cause)),
    ]).finally(() => broadcaster.close());
  }

  #watch(node: ChainNode, account: Account): Promise<void> {
    const chain = new ChainWatcher({
      node,
      contract: this.#ring.domain.contract,
      confirmations: this.#dev === undefined ? confirmations.real : confirmations.dev,
    });
    const stop = this.#stop.signal;
    return watchChain({ account, chain, stop, say: (line) => this.#say(harmless(line)) });
  }

  async #broadcaster(node: ChainNode): Promise<Broadcaster> {
    const { dir } = this.#options;
    const folder = join(dir, "broadcaster");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const key = keyIn(join(folder, "ethereum.key"));
    const broadcaster = openBroadcaster({
      node,
      contract: this.#ring.domain.contract,
      key,
      dir: folder,
      confirmations: this.#dev === undefined ? confirmations.real : confirmations.dev,
      onEvent: (event) => this.#say(sentenceOf(event)),
      onTrouble: (cause) => this.#tell(cause),
    });
    try {
      const purse = await node.balance(broadcaster.sender);
      if (purse < gasMoney / 2n && this.#dev !== undefined) {
        await this.#dev.faucet(broadcaster.sender, { ether: gasMoney });
      } else if (purse === 0n) {
        this.#say(`the broadcaster ${broadcaster.sender} has no ether: fund it, or run another`);
      }
    } catch (cause) {
      this.#tell(cause);
    }
    return broadcaster;
  }

  #tell(cause: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#say(`◌ ring venue: ${reasonsOf(cause)}`);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running.catch(() => undefined);
    await this.#dev?.close();
  }
}
