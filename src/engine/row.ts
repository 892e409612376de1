/**
 * One line of a snapshot: a name, then fields parted by `|`. Read field by field; whatever does not
 * fit is our mistake and stops us.
 */
import { assert } from "../codec/assert.ts";
import { type Address, type Hash, parseAddress, parseHash } from "../codec/ethereum.ts";
import { fingerprint, type Fingerprint } from "../codec/names.ts";

type Field = string | number | bigint | undefined;

/** A name and its fields; a field that is absent is empty. */
export function printRow(name: string, ...fields: readonly Field[]): string {
  return [name, ...fields.map((field) => String(field ?? ""))].join("|");
}

/** The fields of one line, read one after the other. */
export class Row {
  private readonly fields: readonly string[];
  private next = 0;

  constructor(fields: readonly string[]) {
    this.fields = fields;
  }

  text(): string {
    const field = this.fields[this.next];
    assert(field !== undefined, "a snapshot's line has all its fields");
    this.next += 1;
    return field;
  }

  maybe(): string | undefined {
    const field = this.text();
    return field === "" ? undefined : field;
  }

  number(): number {
    const field = this.text();
    const value = Number(field);
    assert(Number.isSafeInteger(value) && String(value) === field, "a number is a safe integer");
    return value;
  }

  account(): Fingerprint {
    return fingerprint(this.text());
  }

  big(): bigint {
    const field = this.text();
    assert(/^(?:0|[1-9]\d*)$/.test(field), "a large number is digits");
    return BigInt(field);
  }

  address(): Address {
    const address = parseAddress(this.text());
    assert(address !== undefined, "an address of Ethereum");
    return address;
  }

  hash(): Hash {
    const hash = parseHash(this.text());
    assert(hash !== undefined, "a hash of Ethereum");
    return hash;
  }

  truth(): boolean {
    const field = this.text();
    assert(field === "0" || field === "1", "0 or 1");
    return field === "1";
  }

  side(): "buy" | "sell" {
    const side = this.text();
    assert(side === "buy" || side === "sell", "a side is buy or sell");
    return side;
  }

  /** Everything to the end of the line. */
  rest(): string {
    const rest = this.fields.slice(this.next).join("|");
    this.next = this.fields.length;
    return rest;
  }

  end(): void {
    assert(this.next === this.fields.length, "a snapshot's line has no more than its fields");
  }
}
