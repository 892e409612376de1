/**
 * A record's fields, read one after the other. The first field that is missing or malformed fails
 * the whole record; until `finish` says so, its place is taken by a harmless value, so that a
 * record's reader is one expression without branches.
 */
import {
  type Address,
  type Hash,
  hashOf,
  noAddress,
  parseAddress,
  parseHash,
} from "../codec/ethereum.ts";
import type { Digest, Fingerprint } from "../codec/names.ts";
import { digest, fingerprint, isFingerprint, isHex64, orderId } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import {
  amount,
  parseWhole,
  price,
  quantity,
  type Amount,
  type Price,
  type Quantity,
} from "../money/amount.ts";
import { isAsset, isLabel, isMarket, isOwnId, isRemark, parseCount } from "./atoms.ts";
import type { OrderKey } from "./command.ts";
import { commandsMax, nameMax, sentenceMax } from "./limits.ts";
import { parseKey } from "./orderid.ts";

/** Refusals of a record's line, in order of precedence. */
export const entryRefusals = [
  "record_unknown",
  "record_fields_wrong",
  "record_field_malformed",
] as const;
/** A name from `entryRefusals`. */
export type EntryRefusal = (typeof entryRefusals)[number];

const zeros = "0".repeat(64);

/** A refusal's name: lower-case words joined by `_`. */
function isName(text: string): boolean {
  return text.length <= nameMax && /^[a-z][a-z0-9_]*$/.test(text);
}

/** One sentence: printable, without `|`, no blank at either end. */
function isSentence(text: string): boolean {
  return text.length <= sentenceMax && /^[!-{}~]([ -{}~]*[!-{}~])?$/.test(text);
}

/** A verb as a customer wrote it: printable, without `|`; may be empty. */
function isVerb(text: string): boolean {
  return /^[ -{}~]*$/.test(text);
}

/** A change with its sign, `+0` and never `-0`. */
export function printSigned(value: number): string {
  return value < 0 ? String(value) : `+${value}`;
}

function parseUint(text: string, bits: number): bigint | undefined {
  if (!/^(?:0|[1-9][0-9]{0,77})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >> BigInt(bits) === 0n ? value : undefined;
}

function parseSigned(text: string): number | undefined {
  const value = parseWhole(text.slice(1));
  if (value === undefined || text === "-0") return undefined;
  if (text.startsWith("+")) return value;
  return text.startsWith("-") ? -value : undefined;
}

/** The cursor over the fields of one record. Owned by the reader of that record. */
export class Fields {
  readonly #fields: readonly string[];
  #next = 0;
  #refusal: { readonly name: EntryRefusal; readonly detail: string } | undefined;

  constructor(fields: readonly string[]) {
    this.#fields = fields;
  }

  /** The record, if every field was there, well formed and the last one was the last. */
  finish<Value>(value: Value): Verdict<Value, EntryRefusal> {
    if (this.#next < this.#fields.length) this.#fail("record_fields_wrong", "too many fields");
    return this.#refusal === undefined
      ? accept(value)
      : refuse(this.#refusal.name, this.#refusal.detail);
  }

  /** A wrong count of fields goes before a malformed field; else the first failure stands. */
  #fail(name: EntryRefusal, what: string): void {
    if (this.#refusal !== undefined && name === "record_field_malformed") return;
    if (this.#refusal?.name === "record_fields_wrong") return;
    this.#refusal = { name, detail: `The record is malformed: ${what}.` };
  }

  /** The next field through `read`; `instead` when that fails. */
  take<Value>(what: string, read: (text: string) => Value | undefined, instead: Value): Value {
    const text = this.#fields[this.#next];
    this.#next += 1;
    if (text === undefined) {
      this.#fail("record_fields_wrong", `${what} is missing`);
      return instead;
    }
    const value = read(text);
    if (value !== undefined) return value;
    this.#fail("record_field_malformed", `field ${this.#next} is not ${what}`);
    return instead;
  }

  /** A text for which `is` holds. */
  text(what: string, is: (text: string) => boolean): string {
    return this.take(what, (text) => (is(text) ? text : undefined), "");
  }

  /** One of a few words. */
  word<Word extends string>(words: readonly [Word, ...Word[]]): Word {
    return this.take(words.join(" or "), (text) => words.find((w) => w === text), words[0]);
  }

  /** `-`, or what `read` reads of this field. */
  maybe<Value>(read: () => Value): Value | undefined {
    if (this.#fields[this.#next] !== "-") return read();
    this.#next += 1;
    return undefined;
  }

  whole(): number {
    return this.take("a whole number", parseWhole, 0);
  }

  /** A number from 1. */
  count(): number {
    return this.take("a number from 1", (text) => (text === "0" ? undefined : parseWhole(text)), 1);
  }

  /** A number from 1, a market's name, or an account. */
  subject(): number | string {
    const read = (text: string): number | string | undefined =>
      isMarket(text) || isFingerprint(text) ? text : parseCount(text);
    return this.take("a number from 1, a market or an account", read, 1);
  }

  /** A command's line, or 0 for none. */
  line(): number {
    return this.take(
      "a line of a letter",
      (text) => {
        const line = parseWhole(text);
        return line !== undefined && line <= commandsMax ? line : undefined;
      },
      0,
    );
  }

  amount(): Amount {
    return amount(this.whole());
  }

  quantity(): Quantity {
    return quantity(this.whole());
  }

  price(): Price {
    return price(this.whole());
  }

  /** A whole number of so many bits. */
  uint(bits: number): bigint {
    return this.take(`a whole number of ${bits} bits`, (text) => parseUint(text, bits), 0n);
  }

  /** As `uint`, and not zero. */
  positiveUint(bits: number): bigint {
    const read = (text: string): bigint | undefined => parseUint(text, bits) || undefined;
    return this.take(`a whole number from 1 of ${bits} bits`, read, 1n);
  }

  /** An Ethereum address, in lower case only. */
  address(): Address {
    const read = (text: string): Address | undefined =>
      text === text.toLowerCase() ? parseAddress(text) : undefined;
    return this.take("an address", read, noAddress);
  }

  /** An Ethereum hash. */
  hash(): Hash {
    return this.take("0x and 64 hex digits", parseHash, hashOf(new Uint8Array(32)));
  }

  signed(): number {
    return this.take("a number with its sign", parseSigned, 0);
  }

  /** Unix seconds. */
  seconds(): Time {
    return this.take(
      "a time in unix seconds",
      (text) => {
        const seconds = parseWhole(text);
        const known = seconds !== undefined && seconds < 253_402_300_800;
        return known ? time(seconds * 1000) : undefined;
      },
      time(0),
    );
  }

  key(): OrderKey {
    const none: OrderKey = { letter: orderId(zeros), line: 1 };
    return this.take("an order id and line", parseKey, none);
  }

  fingerprint(): Fingerprint {
    return this.take(
      "a fingerprint",
      (text) => (isFingerprint(text) ? text : undefined),
      fingerprint("0".repeat(40)),
    );
  }

  digest(): Digest {
    return this.take(
      "a hash of 64 hex digits",
      (text) => (isHex64(text) ? digest(text) : undefined),
      digest(zeros),
    );
  }

  asset(): string {
    return this.text("an asset", isAsset);
  }

  market(): string {
    return this.text("a market", isMarket);
  }

  remark(): string {
    return this.text("1 to 100 printable characters", isRemark);
  }

  name(): string {
    return this.text("a refusal's name", isName);
  }

  sentence(): string {
    return this.text("a sentence", isSentence);
  }

  verb(): string {
    return this.text("a verb", isVerb);
  }

  /** The options at the end: `id=`, then `tag=`, each if there. */
  labels(): { readonly id: string | undefined; readonly tag: string | undefined } {
    const id = this.option("id", (text) => (isOwnId(text) ? text : undefined));
    return { id, tag: this.option("tag", (text) => (isLabel(text) ? text : undefined)) };
  }

  /** What `read` reads behind `key=`, if that is the next field. */
  option<Value>(key: string, read: (text: string) => Value | undefined): Value | undefined {
    const prefix = `${key}=`;
    if (this.#fields[this.#next]?.startsWith(prefix) !== true) return undefined;
    const behind = (text: string): Value | undefined => read(text.slice(prefix.length));
    return this.take<Value | undefined>(`${prefix} and what it takes`, behind, undefined);
  }

  /** Fails the record unless its fields go together; `what` it then is not. */
  must(holds: boolean, what: string): void {
    if (!holds) this.#fail("record_field_malformed", `it is not ${what}`);
  }
}
