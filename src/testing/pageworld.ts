/**
 * A small exchange for the tests of the pages: real keys, a really signed card, a relay that serves
 * the pages; the test says what is published. Other relays of the card are whatever it names.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printTime, time } from "../codec/time.ts";
import { keyNumber } from "../codec/keynumber.ts";
import { printCard, type CardRelay } from "../letter/card.ts";
import { parseLeaf } from "../log/leaf.ts";
import { verifierKey } from "../log/note.ts";
import { encodePublication, type Publication } from "../log/publication.ts";
import { appendLeaf, emptyFrontier, type Frontier } from "../log/tree.ts";
import { PublicView } from "../market/publicview.ts";
import { SnapshotPrinter } from "../market/snapshot.ts";
import { startRelay, type Relay } from "../relay/server.ts";
import { clearSign } from "../seal/card.ts";
import { makeExchangeKeys, readOperatingKeys } from "../seal/keys.ts";
import { freePort } from "./exchange.ts";
import { Publisher, rawPublicKey, testKey, type Batch } from "./publisher.ts";
import { dockSignature } from "./transcript.ts";

const dockKey = testKey(9);
const relayKey = testKey(3);

/** The market of these tests. */
const goldMarket = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8";

export class PageWorld {
  readonly publisher: Publisher;
  readonly relays: readonly Relay[];
  /** What everybody who folds comes to, and the tree. */
  readonly view: PublicView = new PublicView();
  frontier: Frontier = emptyFrontier();
  readonly #dir: string;
  #number = 0;
  #trade = 0;

  private constructor(publisher: Publisher, relays: readonly Relay[], dir: string) {
    this.publisher = publisher;
    this.relays = relays;
    this.#dir = dir;
  }

  /** The first relay's address. */
  get url(): string {
    return this.relays[0]?.address ?? "";
  }

  /**
   * Starts `names.length` relays; the card names them, or `elsewhere` in place of their addresses.
   */
  static async start(options: {
    readonly names?: readonly string[];
    readonly elsewhere?: ReadonlyMap<string, string>;
    readonly pages?: string | undefined;
    readonly ports?: readonly number[];
  }): Promise<PageWorld> {
    const { names = ["alder"], pages } = options;
    const at = time(Date.now() - 60_000);
    const made = await makeExchangeKeys({ at });
    const keys = await readOperatingKeys(made.operatingSecret);
    const publisher = new Publisher(made.fingerprint, testKey(1));
    const dir = mkdtempSync(join(tmpdir(), "signet-page-"));
    const log = verifierKey(publisher.log.name, publisher.log.publicKey);
    const relays: Relay[] = [];
    for (const [index, name] of names.entries()) {
      const port = options.ports?.[index] ?? (await freePort());
      const dockPublic = rawPublicKey(dockKey);
      const where = { dir: join(dir, name), name, host: "127.0.0.1", port };
      const who = { exchange: publisher.exchange, logKey: log, dockKey: dockPublic, key: relayKey };
      relays.push(await startRelay({ ...where, ...who, ...(pages && { pages }) }));
    }
    const named = relays.map((relay, index): CardRelay => {
      const name = names[index] ?? "";
      const key = verifierKey(name, rawPublicKey(relayKey));
      return { name, url: options.elsewhere?.get(name) ?? relay.address, key };
    });
    const card = printCard({
      exchange: publisher.exchange,
      keyNumber: keyNumber(publisher.exchange),
      log,
      relays: named,
      assets: [],
      markets: [],
      operators: { need: 1, of: 1 },
      at,
    });
    const world = new PageWorld(publisher, relays, dir);
    const signed = await clearSign(card, keys, at);
    await world.publish({ leaves: [goldMarket, tickLeaf(0)], card: signed + made.certificate });
    return world;
  }

  /** Publishes to every relay, or to those with these indices. */
  async publish(
    batch: Batch & Pick<Publication, "submissions">,
    only?: readonly number[],
  ): Promise<void> {
    const { submissions } = batch;
    const publication = this.publisher.next(batch, (honest) => ({ ...honest, submissions }));
    for (const line of publication.leaves) {
      const leaf = parseLeaf(line);
      if (leaf !== undefined) this.view.apply(leaf);
      this.frontier = appendLeaf(this.frontier, line);
    }
    this.#number += 1;
    await this.put(encodePublication(publication), this.#number, only);
  }

  /** Publishes more, a SNAPSHOT leaf first, as the island does when one is due. */
  async publishSnapshot(leaves: readonly string[] = []): Promise<void> {
    const { exchange } = this.publisher;
    const { digest } = new SnapshotPrinter(this.view).print(exchange, this.frontier);
    await this.publish({ leaves: [`SNAPSHOT|${this.frontier.size}|${digest}`, ...leaves] });
  }

  /** Puts a publication as the dock does. */
  async put(bytes: Uint8Array, number: number, only?: readonly number[]): Promise<void> {
    const path = `/v1/dock/publications/${number}`;
    for (const [index, relay] of this.relays.entries()) {
      if (only?.includes(index) === false) continue;
      const answer = await fetch(relay.address + path, {
        method: "PUT",
        headers: { "signet-dock": dockSignature(dockKey, "PUT", path, new Date().toISOString()) },
        body: new Uint8Array(bytes),
      });
      if (!answer.ok) throw new Error(`couldn't publish: ${await answer.text()}`);
    }
  }

  /** The leaf of the next trade; `agoMs` before now. */
  trade(price: number, quantity: number, taker: "buy" | "sell", agoMs = 0): string {
    this.#trade += 1;
    const at = printTime(time(Date.now() - agoMs));
    return `TRADE|${this.#trade}|GLD/BTC|${quantity}|${price}|${at}|${taker}`;
  }

  async close(): Promise<void> {
    for (const relay of this.relays) await relay.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** A TICK leaf, so long ago. */
export function tickLeaf(agoMs: number): string {
  return `TICK|${printTime(time(Date.now() - agoMs))}`;
}
