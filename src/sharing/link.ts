/**
 * The way to one member: what it is to hear, first in first out, so that a withdrawal never
 * overtakes its order. A member that is away is tried again until a note is too old; our own notes
 * are then written anew, so that nothing of ours is lost by that.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { toLatin1 } from "../codec/bytes.ts";
import { encodeNote } from "../log/note.ts";
import type { Member } from "./members.ts";

/** Something to be told: gives the note, or `undefined` if it is no longer worth telling. */
export type Telling = () => string | undefined;

const waitingMax = 20_000;
const answerMs = 10_000;
const answerMax = 4096;
const pauseFirstMs = 100;
const pauseMostMs = 15_000;
/** Where ways cross: it heard it from another member, or of the order from him alone. */
const usual = new Set(["share_repeated", "order_over", "order_unknown", "sharer_differs"]);

export class Link {
  readonly #member: Member;
  readonly #say: (sentence: string) => void;
  readonly #stop = new AbortController();
  readonly #waiting: Telling[] = [];
  #work: Promise<void> | undefined;

  constructor(member: Member, say: (sentence: string) => void) {
    this.#member = member;
    this.#say = say;
  }

  /** How much it has not heard yet. */
  get backlog(): number {
    return this.#waiting.length;
  }

  /** Tells it, after what it is to hear before. */
  tell(telling: Telling): void {
    if (this.#stop.signal.aborted) return;
    if (this.#waiting.length === waitingMax) {
      this.#say(`${this.#member.name} has been away for too long: a note to it is dropped`);
      return;
    }
    this.#waiting.push(telling);
    this.#work ??= this.#tellAll().finally(() => {
      this.#work = undefined;
    });
  }

  async #tellAll(): Promise<void> {
    let pause = pauseFirstMs;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const note = next();
      const isHeard = note === undefined || (await this.#post(note));
      if (this.#stop.signal.aborted) return;
      if (isHeard) {
        this.#waiting.shift();
        pause = pauseFirstMs;
        continue;
      }
      try {
        await sleep(pause, undefined, { signal: this.#stop.signal, ref: false });
      } catch {
        return;
      }
      pause = Math.min(2 * pause, pauseMostMs);
    }
  }

  /** Whether it took the note, or said that it never will. */
  async #post(note: string): Promise<boolean> {
    try {
      const response = await fetch(`${this.#member.url}/v1/shared`, {
        method: "POST",
        headers: { "content-type": "text/plain; charset=utf-8" },
        body: new Uint8Array(encodeNote(note)),
        redirect: "error",
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(answerMs)]),
      });
      const text = await boundedText(response);
      if (response.status < 400) return true;
      if (response.status === 429 || response.status >= 500) return false;
      const code = /"code": "([a-z_]{1,40})"/.exec(text)?.[1] ?? `status ${response.status}`;
      if (!usual.has(code)) this.#say(`${this.#member.name} refused a note: ${code}`);
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }
}

async function boundedText(response: Response): Promise<string> {
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += toLatin1(chunk);
    if (text.length > answerMax) break;
  }
  return text;
}
