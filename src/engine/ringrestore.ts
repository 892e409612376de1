/** Reading the ring venue's lines of a snapshot: the inverse of ringsnapshot.ts. */
import { assert } from "../codec/assert.ts";
import { fromHex } from "../codec/bytes.ts";
import { offerStatuses } from "../letter/ringentry.ts";
import type { Moved, Outflow, Submitted, SubmittedPart, SubmittedRing } from "../pool/pool.ts";
import { parseOrder } from "../ring/json.ts";
import { enterOffer, enterSubmission, isOver, type RingOffer, setAlarm } from "./ringbook.ts";
import { rememberTakenBack } from "./ringtakenback.ts";
import type { Row } from "./row.ts";
import type { State } from "./state.ts";

type ReadRing = Omit<SubmittedRing, "parts"> & { readonly parts: SubmittedPart[] };
type ReadSubmission = Omit<Submitted, "rings" | "before" | "takes"> & {
  readonly rings: ReadRing[];
  readonly before: Moved[];
  readonly takes: Outflow[];
};

/** Reads the lines in their order; whatever the state keeps twice is made at the end. */
export class RingReader {
  readonly #state: State;
  readonly #submissions: ReadSubmission[] = [];

  constructor(state: State) {
    this.#state = state;
  }

  /** False for a line that is not the ring venue's. */
  read(kind: string, row: Row): boolean {
    const book = this.#state.rings;
    switch (kind) {
      case "ringcounts":
        book.lastOffer = row.number();
        book.lastSubmission = row.number();
        book.lastRing = row.number();
        return true;
      case "offer":
        enterOffer(book, readOffer(row));
        return true;
      case "submission":
        this.#submissions.push(readSubmission(row));
        return true;
      case "claim":
        this.#readClaim(row);
        return true;
      case "untold": {
        const [key, word] = [row.text(), row.text()];
        assert(word === "watch" || word === "unwatch", "watchers are told one or the other");
        book.untold.set(key, word);
        return true;
      }
      case "takenback": {
        const [hash, account, number] = [row.hash(), row.account(), row.number()];
        rememberTakenBack(book.takenBack, { hash, account, number, until: row.big() });
        return true;
      }
      default:
        return this.#readOfSubmission(kind, row);
    }
  }

  #readOfSubmission(kind: string, row: Row): boolean {
    const submission = this.#submissions.at(-1);
    if (submission === undefined) return false;
    const { rings, before, takes } = submission;
    switch (kind) {
      case "ring":
        rings.push({ number: row.number(), hash: row.hash(), parts: [] });
        return true;
      case "part": {
        const [order, owner, nonce] = [row.hash(), row.address(), row.big()];
        rings.at(-1)?.parts.push({ order, owner, nonce, sold: row.big(), received: row.big() });
        return true;
      }
      case "before":
        before.push({
          owner: row.address(),
          nonce: row.big(),
          value: row.big(),
          after: row.big(),
        });
        return true;
      case "takes":
        takes.push({ owner: row.address(), token: row.address(), amount: row.big() });
        return true;
      default:
        return false;
    }
  }

  #readClaim(row: Row): void {
    const { claims } = this.#state.rings;
    const [key, watcher] = [row.text(), row.account()];
    claims.set(key, (claims.get(key) ?? new Map<string, string>()).set(watcher, row.text()));
  }

  finish(): void {
    const { rings, at } = this.#state;
    for (const submission of this.#submissions) enterSubmission(rings, submission);
    // Each is looked at with the next input, which then knows when to look again: what time changed
    // while a letter was passed over is not lost.
    for (const offer of rings.offers.values()) if (!isOver(offer)) setAlarm(rings, offer, at);
  }
}

function readOffer(row: Row): RingOffer {
  const [number, account, hash] = [row.number(), row.account(), row.hash()];
  const signature = fromHex(row.text());
  assert(signature !== undefined, "a signature is hex");
  const [byWallet, failures, restsUntil] = [row.truth(), row.number(), row.big()];
  const [sold, received, sell, buy] = [row.big(), row.big(), row.big(), row.big()];
  const status = row.text();
  const told = offerStatuses.find((each) => each === status);
  assert(told !== undefined, "an offer stands somehow");
  const proven = row.truth();
  const [auth, id, tag] = [row.maybe(), row.maybe(), row.maybe()];
  const order = parseOrder(row.rest());
  assert(order.ok, "an order that was taken is read again");
  return {
    pooled: { hash, order: order.value, signature, byWallet, failures, restsUntil },
    account,
    number,
    auth,
    sold,
    received,
    shown: { sell, buy },
    told,
    proven,
    submission: undefined,
    alarm: undefined,
    id,
    tag,
  };
}

function readSubmission(row: Row): ReadSubmission {
  const [number, deadline, settled] = [row.number(), row.big(), row.truth()];
  return { number, deadline, settled, rings: [], before: [], takes: [] };
}
