/**
 * An exchange with a past, as far as relays can see it: publications with snapshots in them, as
 * many as a test wants, made by the product's own fold. A book, trades, replies now and then, the
 * clock; the same in every run.
 */
import { hash } from "node:crypto";
import { at } from "../codec/assert.ts";
import { ref, tag } from "../codec/names.ts";
import { printTime, time } from "../codec/time.ts";
import { parseLeaf, printLeaf } from "../log/leaf.ts";
import { encodePublication } from "../log/publication.ts";
import { appendLeaf, emptyFrontier, type Frontier } from "../log/tree.ts";
import { PublicView } from "../market/publicview.ts";
import { SnapshotPrinter } from "../market/snapshot.ts";
import { Publisher, testKey, type Batch } from "./publisher.ts";
import { sealedLetter } from "./sealed.ts";

const exchange = "49979888511191774776929750563049979888ab";
const begin = Date.UTC(2026, 10, 21);
const market = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8";
const reply = sealedLetter("reply");

export class Past {
  readonly publisher: Publisher = new Publisher(exchange, testKey(1));
  readonly view: PublicView = new PublicView();
  readonly publications: Uint8Array[] = [];
  readonly #printer: SnapshotPrinter = new SnapshotPrinter(this.view);
  #frontier: Frontier = emptyFrontier();
  #trade = 0;

  get last(): number {
    return this.publications.length;
  }

  get(number: number): Uint8Array {
    return at(this.publications, number - 1);
  }

  /** The tree of every leaf so far. */
  get frontier(): Frontier {
    return this.#frontier;
  }

  /** The snapshot of every leaf so far. */
  snapshot(): ReturnType<SnapshotPrinter["print"]> {
    return this.#printer.print(this.publisher.exchange, this.#frontier);
  }

  /** The leaf that the next publication begins with if it signs a snapshot. */
  snapshotLeaf(): string {
    const { digest } = this.snapshot();
    return printLeaf({ kind: "snapshot", size: this.#frontier.size, digest });
  }

  /** One publication of these leaves and texts. */
  publish(batch: Batch): Uint8Array {
    const publication = this.publisher.next(batch);
    for (const line of publication.leaves) {
      const leaf = parseLeaf(line);
      if (leaf === undefined) throw new Error(`couldn't publish ${line}`);
      this.view.apply(leaf);
      this.#frontier = appendLeaf(this.#frontier, line);
    }
    const bytes = encodePublication(publication);
    this.publications.push(bytes);
    return bytes;
  }

  /** `count` publications of about `leaves` leaves; where a snapshot is due, with its leaf. */
  grow(
    count: number,
    { leaves = 3, signs = false }: { leaves?: number; signs?: boolean } = {},
  ): void {
    for (let i = 0; i < count; i += 1) {
      const number = this.last;
      const isSigned = this.view.isSnapshotDue || (signs && i === 0);
      const lines = isSigned && number > 0 ? [this.snapshotLeaf()] : [];
      if (number === 0) lines.push(market);
      for (let k = 0; k < leaves; k += 1) lines.push(this.#line(number, k));
      const hasReply = number % 50 === 7;
      const name = hash("sha256", `letter ${number}`);
      const replies = hasReply ? [{ ref: ref(name), sealed: reply }] : [];
      const mail = hasReply ? [{ tag: tag(mailbox), index: (number - 7) / 50, sealed: reply }] : [];
      this.publish({ leaves: lines, replies, mail, ...(number === 3 ? { card } : {}) });
    }
  }

  #line(number: number, k: number): string {
    const now = printTime(time(begin + number * 1000));
    if (k === 0) return `TICK|${now}`;
    if ((number + k) % 3 !== 0) {
      const side = k % 2 === 0 ? "buy" : "sell";
      const price = side === "buy" ? 4200 - ((number * 7 + k) % 300) : 4300 + ((number + k) % 300);
      return `LEVEL|GLD/BTC|${side}|${price}|${(number + k) % 9}`;
    }
    this.#trade += 1;
    return `TRADE|${this.#trade}|GLD/BTC|${1 + (number % 9)}|${4200 + (number % 90)}|${now}|buy`;
  }
}

/** Where the mail of the past lies. */
export const mailbox: string = "7a".repeat(32);

/** The ref of the letter that publication `number`, 8, 58, 108 …, replies to. */
export function repliedIn(number: number): string {
  return hash("sha256", `letter ${number - 1}`);
}

const card =
  "-----BEGIN PGP SIGNED MESSAGE-----\n\nsignet-card/1\n-----END PGP SIGNATURE-----\n" +
  "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n";
