/**
 * Turns among those who send at once (docs/spec/postage.md §4): a queue in which more postage goes
 * first and, among equals, each source after the other, and a count of what each source sent
 * lately. A source is a network address or, of IPv6, the 56 bits that one customer of a provider
 * has.
 *
 * Sources are in memory only, for a minute and a half at most; they are never stored or said (P1).
 */

/** The source that an address is of. */
export function sourceOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=[0-9.]+$)/i, "");
  if (!plain.includes(":")) return plain;
  const [before = "", after = ""] = plain.replace(/%.*$/, "").split("::");
  const [head, tail] = [groups(before), groups(after)];
  const zeros = Array.from({ length: Math.max(8 - head.length - tail.length, 0) }, () => 0);
  const [first = 0, second = 0, third = 0, fourth = 0] = [...head, ...zeros, ...tail];
  return [first, second, third, fourth >> 8].map((part) => part.toString(16)).join(":");
}

function groups(text: string): readonly number[] {
  return text === "" ? [] : text.split(":").map((group) => parseInt(group, 16) || 0);
}

/** Where an item stands in the queue. */
export type Place = { readonly worth: number; readonly source: string };

/** Items by worth, then by source in turn, then by age; bounded. */
export class FairQueue<Item> {
  readonly #max: number;
  /** By worth, by source; of two sources the one that had its turn longer ago comes first. */
  readonly #lanes: Map<number, Map<string, Item[]>> = new Map();
  #length = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds an item. If that is one too many, gives back the one that has to go: maybe this one. */
  add(item: Item, { worth, source }: Place): Item | undefined {
    const lane = this.#lanes.get(worth) ?? new Map<string, Item[]>();
    this.#lanes.set(worth, lane);
    const items = lane.get(source);
    if (items === undefined) lane.set(source, [item]);
    else items.push(item);
    this.#length += 1;
    return this.#length > this.#max ? this.#evict() : undefined;
  }

  /** The next `count` items at most. */
  take(count: number): readonly Item[] {
    const taken: Item[] = [];
    for (const worth of [...this.#lanes.keys()].sort((a, b) => b - a)) {
      const lane = this.#lanes.get(worth) ?? new Map<string, Item[]>();
      while (taken.length < count && lane.size > 0) {
        for (const [source, items] of lane) {
          if (taken.length >= count) break;
          const item = items.shift();
          if (item !== undefined) taken.push(item);
          lane.delete(source);
          if (items.length > 0) lane.set(source, items);
        }
      }
      if (lane.size === 0) this.#lanes.delete(worth);
      if (taken.length >= count) break;
    }
    this.#length -= taken.length;
    return taken;
  }

  /** The newest item of the source with the most, among those who paid least. */
  #evict(): Item | undefined {
    const worth = Math.min(...this.#lanes.keys());
    const lane = this.#lanes.get(worth) ?? new Map<string, Item[]>();
    let [most, found]: [string, Item[]] = ["", []];
    for (const [source, items] of lane) {
      if (items.length > found.length) [most, found] = [source, items];
    }
    const item = found.pop();
    if (found.length === 0) lane.delete(most);
    if (lane.size === 0) this.#lanes.delete(worth);
    this.#length -= 1;
    return item;
  }
}

/** A window of time, milliseconds, and the letters of one source in it that cost nothing more. */
const windowMs = 30_000;
const windowMax = 300;
/** The highest surcharge, bits. */
const surchargeMax = 2;
const sourcesMax = 4096;

/** Letters by source in this window of time and the two before. */
export class Sources {
  #window = -1;
  #counts: readonly [Map<string, number>, Map<string, number>, Map<string, number>] = [
    new Map(),
    new Map(),
    new Map(),
  ];

  /** A letter of this source was taken. */
  note(source: string, now: number): void {
    this.#turn(now);
    const [current] = this.#counts;
    // Beyond the bound new sources are not counted: they pay nothing more.
    if (current.size >= sourcesMax && !current.has(source)) return;
    current.set(source, (current.get(source) ?? 0) + 1);
  }

  /** What is announced to a source, and what is asked of it: that was announced a window ago. */
  surcharge(source: string, now: number): { readonly announced: number; readonly asked: number } {
    this.#turn(now);
    const [, last, before] = this.#counts;
    const announced = levelOf(last.get(source) ?? 0);
    return { announced, asked: Math.min(announced, levelOf(before.get(source) ?? 0)) };
  }

  #turn(now: number): void {
    const window = Math.floor(now / windowMs);
    const passed = window - this.#window;
    if (passed === 0) return;
    const [current, last] = this.#counts;
    const none = (): Map<string, number> => new Map();
    if (passed === 1) this.#counts = [none(), current, last];
    else this.#counts = [none(), none(), passed === 2 ? current : none()];
    this.#window = window;
  }
}

function levelOf(count: number): number {
  if (count < windowMax) return 0;
  return Math.min(1 + Math.floor(Math.log2(count / windowMax)), surchargeMax);
}
