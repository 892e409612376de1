/**
 * An order that a node holds, and its file in `orders/`: JSON, written whole before anybody is told
 * that the order was taken, removed when the order is over. What a member sealed to this miner is
 * in it as it came; the auth key itself never is.
 */
import { rmSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { assert } from "../codec/assert.ts";
import { fromAscii, toHex, toLatin1 } from "../codec/bytes.ts";
import { type Hash, parseHash } from "../codec/ethereum.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";
import { parseOrder, printOrder } from "../ring/json.ts";
import type { RingOrder } from "../ring/order.ts";
import { readIfPresent, writeDurably } from "../store/durable.ts";
import { isObject, textIn, textsIn } from "./json.ts";
import { type Audience, parseAudience, parseSignature, printAudience } from "./message.ts";

/** A member's newest word about an order, to one audience. */
export type Mark = {
  readonly by: string;
  readonly to: Audience;
  readonly at: Time;
  /** `false`: withdrawn; kept while an older note could still come. */
  readonly offers: boolean;
};

export type Held = {
  readonly hash: Hash;
  readonly order: RingOrder;
  /** As it goes into calldata. */
  readonly signature: Uint8Array;
  /** Not by the owner's key: the owner's contract accepted it. */
  readonly byWallet: boolean;
  /** The inner message, if the order was sealed to this miner and opened. */
  readonly auth: string | undefined;
  /** The inner message that our customer sealed to other miners: we cannot open it. */
  readonly relayed: string | undefined;
  /** By `markKey`. */
  readonly marks: ReadonlyMap<string, Mark>;
  /** The note that was passed on to each room. */
  readonly passed: ReadonlyMap<string, string>;
};

/** Each member has one mark for each audience. */
export function markKey({ by, to }: Pick<Mark, "by" | "to">): string {
  return `${by} ${printAudience(to)}`;
}

/** Whether anybody offers it. */
export function isOffered({ marks }: Held): boolean {
  return [...marks.values()].some(({ offers }) => offers);
}

/** Whether a member offers it to a room: what came sealed to a miner is nobody else's business. */
export function isPublic({ marks }: Held): boolean {
  return [...marks.values()].some(({ offers, to }) => offers && to.kind === "room");
}

/** The orders' folder. */
export class OrderFiles {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** All that are there, as they were when we died. */
  read(): readonly Held[] {
    const names = readdirSync(this.#dir).filter((name) => parseHash(name) !== undefined);
    return names.sort().map((name) => this.#readOne(name));
  }

  #readOne(name: string): Held {
    const bytes = readIfPresent(join(this.#dir, name));
    const held = bytes === undefined ? undefined : readHeld(toLatin1(bytes));
    if (held?.hash !== name) throw new Error(`couldn't read the order ${name}: damaged`);
    return held;
  }

  /** On disk when it returns. */
  async write(held: Held): Promise<void> {
    await writeDurably(join(this.#dir, held.hash), fromAscii(printHeld(held)));
  }

  /** Forgets the order, and its sealed auth key with it. */
  remove(hash: Hash): void {
    rmSync(join(this.#dir, hash), { force: true });
  }
}

function printHeld(held: Held): string {
  const { hash, order, signature, byWallet, auth = "-", relayed = "-" } = held;
  const marks = [...held.marks.values()].map(({ by, to, at, offers }) =>
    [by, printAudience(to), printTime(at), offers ? "offered" : "withdrawn"].join("|"),
  );
  // A note's dash is its only character beyond ASCII.
  const passed = [...held.passed].map(
    ([room, note]) => `${room}|${note.replaceAll("\u2014", "~")}`,
  );
  const fields = { hash, order: printOrder(order), signature: `0x${toHex(signature)}` };
  const more = { byWallet: String(byWallet), auth, relayed, marks, passed };
  return `${JSON.stringify({ ...fields, ...more }, undefined, 1)}\n`;
}

function readHeld(text: string): Held | undefined {
  const value: unknown = JSON.parse(text);
  assert(isObject(value), "an order's file is an object");
  const hash = parseHash(textIn(value, "hash") ?? "");
  const order = parseOrder(textIn(value, "order") ?? "");
  const signature = parseSignature(textIn(value, "signature") ?? "");
  const [auth, relayed] = [textIn(value, "auth"), textIn(value, "relayed")];
  const marks = textsIn(value, "marks")?.map(readMark);
  const passed = textsIn(value, "passed")?.map((line): [string, string] => {
    const bar = line.indexOf("|");
    return [line.slice(0, bar), line.slice(bar + 1).replace("\n\n~ ", "\n\n\u2014 ")];
  });
  if (hash === undefined || !order.ok || signature === undefined) return undefined;
  if (auth === undefined || relayed === undefined) return undefined;
  const isWhole = marks?.every((mark) => mark !== undefined) === true && passed !== undefined;
  if (!isWhole) return undefined;
  return {
    hash,
    order: order.value,
    signature,
    byWallet: textIn(value, "byWallet") === "true",
    auth: auth === "-" ? undefined : auth,
    relayed: relayed === "-" ? undefined : relayed,
    marks: new Map(marks.map((mark) => [markKey(mark), mark] as const)),
    passed: new Map(passed),
  };
}

function readMark(line: string): Mark | undefined {
  const [by = "", audience = "", time = "", what = ""] = line.split("|");
  const [to, at] = [parseAudience(audience), parseTime(time)];
  return to && at !== undefined ? { by, to, at, offers: what === "offered" } : undefined;
}
