/**
 * Brings publications to one relay: asks once where it stands, then puts what follows, in order.
 * Each relay has its own lane and its own pace; a relay that is slow, dead or lying delays nobody
 * else (P6).
 *
 * One that is far behind is handed a signed snapshot first (catchup.ts), and what lies before it
 * afterwards: the present comes before the past, a few publications of the past at a time.
 */
import { encodeHandover } from "../log/handover.ts";
import type { RelayLink } from "./link.ts";

export type PublicationSource = {
  readonly last: number;
  get(number: number): Uint8Array;
};

/** Where a relay says that it stands. */
export type Standing = {
  /** Its watermark. */
  readonly publication: number;
  /** The past that it lacks: after the first of these, before the second. */
  readonly history: { readonly publication: number; readonly upTo: number } | undefined;
};

/** Hands a snapshot to a relay; where it stands then, `undefined` if that could not be done. */
export type Jump = (watermark: number) => Promise<Standing | undefined>;

/** Publications between two looks at the past, or at whether a snapshot would be quicker. */
const burstMax = 64;
/** Of the past at a time: little, because the relay serves meanwhile. */
const pastMax = { count: 64, bytes: 262_144 };

export class Publishing {
  readonly #link: RelayLink;
  readonly #source: PublicationSource;
  readonly #jump: Jump | undefined;
  #standing: Standing | undefined;

  constructor(link: RelayLink, source: PublicationSource, jump?: Jump) {
    this.#link = link;
    this.#source = source;
    this.#jump = jump;
  }

  /** Puts some of what the relay lacks; whether there is more. */
  async step(): Promise<boolean> {
    const known = this.#standing;
    let standing = known ?? (await this.#ask());
    standing = (await this.#jump?.(standing.publication)) ?? standing;
    this.#standing = standing;
    for (let left = burstMax; left > 0 && standing.publication < this.#source.last; left -= 1) {
      const number = standing.publication + 1;
      const { last } = this.#source;
      const body = this.#source.get(number);
      const { status } = await this.#link.put(`/v1/dock/publications/${number}`, body, last);
      if (status !== 200) return this.#startOver(known, `publish ${number}`, status);
      this.#standing = standing = { ...standing, publication: number };
    }
    if (standing.publication < this.#source.last) return true;
    return this.#fill(standing, known);
  }

  /** Restored from an older copy, or wiped, since we asked: it is asked again, once. */
  #startOver(known: Standing | undefined, what: string, status: number): boolean {
    this.#standing = undefined;
    if (known !== undefined) return true;
    throw new Error(`couldn't ${what} to ${this.#link.name}: it answered ${status}`);
  }

  async #fill(standing: Standing, known: Standing | undefined): Promise<boolean> {
    const { history } = standing;
    if (history === undefined) return false;
    const publications: Uint8Array[] = [];
    let [number, bytes] = [history.publication, 0];
    while (number + 1 < history.upTo && publications.length < pastMax.count) {
      const publication = this.#source.get(number + 1);
      bytes += publication.length;
      if (publications.length > 0 && bytes > pastMax.bytes) break;
      publications.push(publication);
      number += 1;
    }
    const body = encodeHandover({ parts: [], publications });
    const { status, text } = await this.#link.put("/v1/dock/history", body, this.#source.last);
    if (status !== 200) return this.#startOver(known, "bring the past", status);
    this.#standing = readStanding(text);
    return true;
  }

  async #ask(): Promise<Standing> {
    const { body } = await this.#link.get("/v1/dock/watermark", 65_536, 10_000);
    const standing = readStanding(new TextDecoder().decode(body));
    const { last } = this.#source;
    if (standing.publication > last) {
      throw new Error(
        `couldn't publish to ${this.#link.name}: it has ${standing.publication} publications, ` +
          `we ${last}`,
      );
    }
    return standing;
  }
}

/** Where a relay says that it stands. */
export function readStanding(text: string): Standing {
  const match = /^\{"publication":(\d{1,15})[,}]/.exec(text);
  if (match === null) throw new Error("couldn't read the relay's watermark");
  const past = /"history":\{"publication":(\d{1,15}),"upTo":(\d{1,15}),"wanted":true\}/.exec(text);
  const history =
    past === null ? undefined : { publication: Number(past[1]), upTo: Number(past[2]) };
  return { publication: Number(match[1]), history };
}
