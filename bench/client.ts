/**
 * The customers' end of the wire: letters over kept-alive HTTP connections to one relay, as a
 * closed loop (so many at once) or an open one (so many a second, whatever comes back).
 *
 * In the open loop a letter's latency counts from the moment it was due, not from when it was sent:
 * a stall delays the letters behind it and all of them say so (no coordinated omission).
 */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import type { SentLetter } from "../src/testing/customer.ts";

/** Ten minutes: an answer that is only late is not lost. */
const triesMax = 20;

type Posted = { readonly status: number; readonly body: Buffer };

export class Client {
  readonly #url: string;
  readonly #agent: Agent;
  #reposted = 0;

  constructor(url: string, connections: number) {
    this.#url = `${url}/v1/letters?wait=30`;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** How many connections the relay closed, being idle, at the moment when a letter went out. */
  get reposted(): number {
    return this.#reposted;
  }

  /** Posts a letter and waits for its sealed answer. Posting the same bytes again is safe. */
  async answer(letter: SentLetter): Promise<Uint8Array> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const posted = await this.#post(letter.sealed).catch(unlessClosed);
      if (posted === undefined) {
        this.#reposted += 1;
        continue;
      }
      const { status, body } = posted;
      if (status === 200) return body;
      if (status !== 202) throw new Error(`couldn't post a letter: ${status} ${body.toString()}`);
    }
    throw new Error("couldn't get an answer to a letter");
  }

  #post(sealed: Uint8Array): Promise<Posted> {
    return new Promise((resolve, reject) => {
      const headers = {
        accept: "application/octet-stream",
        "content-type": "application/octet-stream",
        "content-length": sealed.length,
      };
      const sent = request(this.#url, { method: "POST", agent: this.#agent, headers }, (got) => {
        const parts: Buffer[] = [];
        got.on("data", (part: Buffer) => parts.push(part));
        got.on("error", reject);
        got.on("end", () => resolve({ status: got.statusCode ?? 0, body: Buffer.concat(parts) }));
      });
      sent.on("error", reject);
      sent.end(sealed);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function unlessClosed(cause: unknown): undefined {
  const closed = ["ECONNRESET", "EPIPE"];
  if (cause instanceof Error && "code" in cause && closed.includes(String(cause.code))) return;
  throw cause;
}

/** Posts all letters, `most` at once, and gives the answers in the order of the letters. */
export async function postAll(
  client: Client,
  letters: readonly SentLetter[],
  most: number,
): Promise<readonly Uint8Array[]> {
  const answers: Uint8Array[] = [];
  const queue = letters.entries();
  const worker = async (): Promise<void> => {
    for (const [i, letter] of queue) answers[i] = await client.answer(letter);
  };
  await Promise.all(Array.from({ length: most }, worker));
  return answers;
}

export type OpenLoop<Letter extends SentLetter> = {
  readonly client: Client;
  /** Letters a second, evenly spaced. */
  readonly rate: number;
  readonly seconds: number;
  readonly over: AbortSignal;
  /** The next letter, sealed; called once for each, in order. */
  readonly next: () => Letter | Promise<Letter>;
  readonly onAnswer: (answered: {
    readonly letter: Letter;
    readonly answer: Uint8Array;
    readonly latencyMs: number;
    /** When it was due, milliseconds after the loop began. */
    readonly dueMs: number;
  }) => void;
};

/** Runs the loop and waits for the last answer. Returns how many letters were sent. */
export async function openLoop<Letter extends SentLetter>(loop: OpenLoop<Letter>): Promise<number> {
  const { client, rate, seconds, over, next, onAnswer } = loop;
  const started = performance.now();
  const flying = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const carry = async (letter: Letter, dueMs: number): Promise<void> => {
    try {
      const answer = await client.answer(letter);
      onAnswer({ letter, answer, latencyMs: performance.now() - started - dueMs, dueMs });
    } catch (cause) {
      failures.push(cause);
    }
  };
  let sent = 0;
  for (; sent < rate * seconds && !over.aborted && failures.length === 0; sent += 1) {
    const dueMs = (sent * 1000) / rate;
    const letter = await next();
    const early = started + dueMs - performance.now();
    if (early > 0) await sleep(early);
    const done = carry(letter, dueMs).finally(() => flying.delete(done));
    flying.add(done);
  }
  await Promise.all(flying);
  if (failures.length > 0) throw new Error("couldn't go on", { cause: failures[0] });
  return sent;
}
