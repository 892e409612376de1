/**
 * What `signet sop` is given: options as the draft writes them (`--name=value`, then names of
 * files), and bytes from stdin, a file, `@ENV:NAME` or `@FD:n`. All of it is binary safe.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { readInput } from "./input.ts";
import { SopFailure } from "./sopends.ts";

/** The words of a subcommand, sorted. */
export type SopWords = {
  /** Every value of an option, in order; a flag's are empty texts. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly names: readonly string[];
};

/** Sorts words: `flags` stand alone, `valued` take a value; any other option is unsupported. */
export function sortWords(
  words: readonly string[],
  flags: readonly string[],
  valued: readonly string[],
): SopWords {
  const options = new Map<string, string[]>();
  const names: string[] = [];
  const end = words.indexOf("--");
  for (const [i, word] of words.entries()) {
    if (i === end) continue;
    if (!word.startsWith("--") || (end >= 0 && i > end)) {
      names.push(word);
      continue;
    }
    const cut = word.indexOf("=");
    const name = cut < 0 ? word.slice(2) : word.slice(2, cut);
    const takes = valued.includes(name);
    if (!takes && !flags.includes(name)) {
      throw new SopFailure("UNSUPPORTED_OPTION", `--${name} is not supported.`);
    }
    if (takes !== cut >= 0) {
      const says = takes ? `--${name} takes a value: --${name}=…` : `--${name} takes no value.`;
      throw new SopFailure(takes ? "MISSING_ARG" : "UNSUPPORTED_OPTION", says);
    }
    options.set(name, [...(options.get(name) ?? []), cut < 0 ? "" : word.slice(cut + 1)]);
  }
  return { options, names };
}

/** The bytes of stdin. */
export async function readStdin(): Promise<Uint8Array> {
  const read = await readInput("-");
  if (!read.ok) throw new SopFailure("BAD_DATA", read.what);
  return read.value;
}

/** The bytes that an argument names. */
export function readNamed(name: string): Uint8Array {
  if (name.startsWith("@ENV:")) {
    const value = process.env[name.slice(5)];
    if (value === undefined) throw new SopFailure("MISSING_INPUT", `${name} is not set.`);
    return new TextEncoder().encode(value);
  }
  if (name.startsWith("@") && !/^@FD:[0-9]{1,4}$/.test(name)) {
    throw new SopFailure("UNSUPPORTED_SPECIAL_PREFIX", `${name} is no @ENV:NAME and no @FD:n.`);
  }
  try {
    return new Uint8Array(readFileSync(name.startsWith("@") ? Number(name.slice(4)) : name));
  } catch {
    throw new SopFailure("MISSING_INPUT", `${name} cannot be read.`);
  }
}

/** Refuses a name to write to that is taken, before anything is done. */
export function refuseTaken(name: string): void {
  if (name.startsWith("@")) {
    if (/^@FD:[0-9]{1,4}$/.test(name)) return;
    throw new SopFailure("UNSUPPORTED_SPECIAL_PREFIX", `${name} is nothing to write to.`);
  }
  if (existsSync(name)) throw new SopFailure("OUTPUT_EXISTS", `${name} exists.`);
}

/** Writes to a name that `refuseTaken` let pass. */
export function writeNamed(name: string, text: string): void {
  if (name.startsWith("@")) writeFileSync(Number(name.slice(4)), text);
  else writeFileSync(name, text, { flag: "wx" });
}

/** The bytes as text, which they must be. */
export function expectText(bytes: Uint8Array): void {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SopFailure("EXPECTED_TEXT", "With --as=text the input must be UTF-8.");
  }
}
