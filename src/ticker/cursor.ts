/**
 * Where a ticker is, on disk: the log as far as it was verified, the markets that stand in it, and
 * the last trade that was handed on. Replaced as a whole and synced (store/durable.ts): what it
 * says is so even after a power cut.
 */
import { join } from "node:path";
import { parseFrontier, emptyFrontier, printFrontier, type Frontier } from "../log/tree.ts";
import { parseLeaf, printLeaf, type MarketLeaf } from "../log/leaf.ts";
import { readIfPresent, writeDurablySync } from "../store/durable.ts";
import { field } from "./ask.ts";

/** The log's key is pinned with it: another exchange's log is another folder. */
export type Position = {
  /** The log's verifier key. */
  readonly log: string;
  readonly frontier: Frontier;
  readonly markets: ReadonlyMap<string, MarketLeaf>;
  /** The last trade that was handed on; `undefined`: none yet, begin with the next new one. */
  readonly trade: number | undefined;
};

/** A ticker's file. */
export class Cursor {
  readonly #path: string;
  #position: Position;

  /** Reads it, or begins; refuses a file that belongs to another log. */
  constructor(dir: string, begin: { readonly log: string; readonly trade: number | undefined }) {
    this.#path = join(dir, "position.json");
    const bytes = readIfPresent(this.#path);
    const fresh = { ...begin, frontier: emptyFrontier(), markets: new Map<string, MarketLeaf>() };
    this.#position = bytes === undefined ? fresh : parsePosition(Buffer.from(bytes).toString());
    if (this.#position.log !== begin.log) {
      throw new Error("couldn't go on: this folder follows the log of another exchange");
    }
    // Whatever happens from here on, the next start does not begin later than this one.
    if (bytes === undefined) this.move({});
  }

  get position(): Position {
    return this.#position;
  }

  /** When it returns, the new position is on disk. */
  move(to: Partial<Pick<Position, "frontier" | "markets" | "trade">>): void {
    const next = { ...this.#position, ...to };
    const { log, frontier, markets, trade } = next;
    const text = JSON.stringify({
      log,
      frontier: printFrontier(frontier),
      markets: [...markets.values()].map((market) => printLeaf(market)),
      trade: trade ?? null,
    });
    writeDurablySync(this.#path, Buffer.from(`${text}\n`));
    this.#position = next;
  }
}

function parsePosition(text: string): Position {
  const read: unknown = JSON.parse(text);
  const [log, frontierText, lines] = ["log", "frontier", "markets"].map((name) =>
    field(read, name),
  );
  const trade = field(read, "trade");
  const frontier = parseFrontier(typeof frontierText === "string" ? frontierText : "");
  const markets = new Map<string, MarketLeaf>();
  for (const line of Array.isArray(lines) ? lines : []) {
    const leaf = typeof line === "string" ? parseLeaf(line) : undefined;
    if (leaf?.kind === "market") markets.set(leaf.name, leaf);
  }
  if (typeof log !== "string" || frontier === undefined) {
    throw new Error("couldn't read the ticker's position.json: it is damaged");
  }
  return { log, frontier, markets, trade: typeof trade === "number" ? trade : undefined };
}
