/**
 * What this browser remembers between visits: which exchange it met here and with which log key,
 * and the newest checkpoint that it verified. A relay that shows another key or an older log later
 * contradicts something. Storage may be forbidden: then every visit is the first.
 */
import { objectOf, parseJson, textOf } from "../../wallet/json.ts";

/** Where texts are kept: the browser's localStorage, or a map in a test. */
export type Storage = {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
};

/** What was met here first. */
export type Pin = {
  readonly exchange: string;
  /** The log's verifier key. */
  readonly log: string;
};

const pinName = "signet.exchange";
const headName = "signet.checkpoint";

export function readPin(storage: Storage | undefined): Pin | undefined {
  const kept = objectOf(parseJson(read(storage, pinName) ?? ""));
  const [exchange, log] = [textOf(kept["exchange"]), textOf(kept["log"])];
  return exchange === undefined || log === undefined ? undefined : { exchange, log };
}

export function keepPin(storage: Storage | undefined, { exchange, log }: Pin): void {
  write(storage, pinName, JSON.stringify({ exchange, log }));
}

/** The newest checkpoint, a signed note. */
export function readHead(storage: Storage | undefined): string | undefined {
  return read(storage, headName);
}

export function keepHead(storage: Storage | undefined, note: string): void {
  write(storage, headName, note);
}

function read(storage: Storage | undefined, name: string): string | undefined {
  try {
    return storage?.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(storage: Storage | undefined, name: string, value: string): void {
  try {
    storage?.setItem(name, value);
  } catch {
    // Full or forbidden: the next visit is a first one.
  }
}
