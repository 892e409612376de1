/**
 * A signed snapshot for a relay that is far behind (docs/spec/log.md §12). Which one is said by the
 * newest SNAPSHOT leaf among the publications that are here; its index and parts are fetched from
 * another relay by their hashes, so that one that serves anything else is named, passed over, and
 * the next one asked. The relay that gets it trusts nobody either: it checks all of it again.
 */
import { sha256, toHex, toLatin1 } from "../codec/bytes.ts";
import type { Digest } from "../codec/names.ts";
import { encodeHandover, handoverBytesMax } from "../log/handover.ts";
import { parseLeaf } from "../log/leaf.ts";
import { leavesIn } from "../log/publication.ts";
import { indexBytesMax, parseIndex, type Snapshot } from "../market/snapshot.ts";
import type { RelayLink } from "./link.ts";
import { readStanding, type PublicationSource, type Standing } from "./publish.ts";

/** A relay that lacks more publications than this is handed a snapshot. */
export const behindMaxDefault = 1000;
/** A snapshot is at most so many publications old; each has a leaf, nearly always. */
const lookBackMax = 10_000;
/** After nobody had a good one: publications one by one for so long, then another try. */
const retryMs = 30_000;
const fetchMs = 10_000;
const putMs = 120_000;
const cardBytesMax = 300_000;

/** The publication that begins with a SNAPSHOT leaf, and what that says. */
type Signed = { readonly publication: number; readonly size: number; readonly digest: Digest };

/** The newest SNAPSHOT leaf among the publications that are here. */
export class NewestSnapshot {
  readonly #source: PublicationSource;
  #looked = 0;
  #newest: Signed | undefined;

  constructor(source: PublicationSource) {
    this.#source = source;
  }

  find(): Signed | undefined {
    const { last } = this.#source;
    const first = Math.max(this.#looked + 1, last - lookBackMax);
    for (let number = last; number >= first; number -= 1) {
      const leaf = parseLeaf(leavesIn(this.#source.get(number))[0] ?? "");
      if (leaf?.kind !== "snapshot") continue;
      this.#newest = { publication: number, size: leaf.size, digest: leaf.digest };
      break;
    }
    this.#looked = last;
    return this.#newest;
  }
}

export type JumpParts = {
  readonly link: RelayLink;
  /** The other relays, to be asked in this order. */
  readonly sources: readonly RelayLink[];
  readonly publications: PublicationSource;
  readonly newest: NewestSnapshot;
  readonly behindMax: number;
  readonly say: (sentence: string) => void;
};

/** What lies ready to be handed over. */
type Ready = { readonly signed: Signed; readonly from: string; readonly body: Uint8Array };

/**
 * Hands snapshots to one relay, whenever it is far behind. Fetching goes on beside the lane, which
 * brings publication after publication meanwhile: a source that stands still delays nobody.
 */
export class Jumper {
  readonly #parts: JumpParts;
  #notBefore = -Infinity;
  #isFetching = false;
  #ready: Ready | undefined;

  constructor(parts: JumpParts) {
    this.#parts = parts;
  }

  /** Where the relay stands afterwards; `undefined`: it goes on publication by publication. */
  async jump(watermark: number): Promise<Standing | undefined> {
    const { publications, newest, behindMax } = this.#parts;
    const ready = this.#ready;
    if (publications.last - watermark <= behindMax) return undefined;
    if (ready !== undefined) {
      this.#ready = undefined;
      // Where most of the way would be left, the way itself is as quick.
      if (ready.signed.publication - watermark < behindMax / 2) return undefined;
      return this.#handOver(ready, watermark);
    }
    if (this.#isFetching || performance.now() < this.#notBefore) return undefined;
    const signed = newest.find();
    if (signed === undefined || signed.publication - watermark < behindMax / 2) return undefined;
    void this.#prepare(signed);
    return undefined;
  }

  async #prepare(signed: Signed): Promise<void> {
    const { link, say } = this.#parts;
    this.#isFetching = true;
    this.#ready = await this.#fetch(signed);
    this.#isFetching = false;
    if (this.#ready !== undefined) return;
    this.#notBefore = performance.now() + retryMs;
    say(`dock: nobody has a snapshot for ${link.name} yet`);
  }

  /** From the first relay that has what the exchange signed. */
  async #fetch(signed: Signed): Promise<Ready | undefined> {
    const { link, sources, publications, say } = this.#parts;
    for (const source of sources) {
      try {
        const snapshot = await fetchSnapshot(source, signed);
        const card = await fetchCard(source);
        const publication = publications.get(signed.publication);
        const body = encodeHandover({ ...snapshot, card, publications: [publication] });
        if (body.length > handoverBytesMax) throw new Error("couldn't use it: it is too large");
        return { signed, from: source.name, body };
      } catch (error) {
        const why = error instanceof Error ? error.message : "failed";
        say(`dock: snapshot for ${link.name} from ${source.name}: ${why}`);
      }
    }
    return undefined;
  }

  async #handOver({ signed, from, body }: Ready, watermark: number): Promise<Standing | undefined> {
    const { link, publications, say } = this.#parts;
    const { last } = publications;
    const { status, text } = await link.put("/v1/dock/snapshot", body, last, putMs);
    if (status !== 200) {
      const code = /"code": ?"([a-z_]{1,40})"/.exec(text)?.[1] ?? "no reason";
      say(`dock: ${link.name} did not take the snapshot from ${from}: ${status}, ${code}`);
      this.#notBefore = performance.now() + retryMs;
      return undefined;
    }
    const behind = last - watermark;
    const what = `the snapshot of ${signed.size} leaves from ${from}`;
    say(`dock: ${link.name}, ${behind} publications behind, took ${what}`);
    return readStanding(text);
  }
}

/** Index and parts, each by its hash. */
async function fetchSnapshot(source: RelayLink, { size, digest }: Signed): Promise<Snapshot> {
  const index = await fetchText(source, digest, indexBytesMax);
  const named = parseIndex(index);
  if (!named.ok) throw new Error(`couldn't use it: ${named.name}`);
  if (named.value.frontier.size !== size) throw new Error("couldn't use it: it is of another size");
  const parts: string[] = [];
  for (const part of named.value.parts) {
    parts.push(await fetchText(source, part.digest, part.bytes));
  }
  return { index, parts };
}

async function fetchText(source: RelayLink, digest: Digest, bytesMax: number): Promise<string> {
  const { body } = await source.get(`/v1/snapshot/parts/${digest}`, bytesMax, fetchMs);
  if (toHex(sha256(body)) !== digest) {
    throw new Error("couldn't use it: part_wrong, it is not what the exchange signed");
  }
  const text = toLatin1(body);
  if (!/^[\x20-\x7e\n]*$/.test(text)) throw new Error("couldn't use it: part_malformed");
  return text;
}

/** Card and certificate; whoever reads them checks them. */
async function fetchCard(source: RelayLink): Promise<string | undefined> {
  const parts: string[] = [];
  for (const name of ["card", "certificate"]) {
    const path = `/v1/exchange/${name}`;
    const { body } = await source.get(path, cardBytesMax, fetchMs).catch(() => ({ body: none }));
    parts.push(toLatin1(body));
  }
  const card = parts.join("");
  return card !== "" && /^[\x20-\x7e\n]+$/.test(card) ? card : undefined;
}

const none = new Uint8Array(0);
