/**
 * The relay's stream, channel `log` (docs/spec/api.md §4): each publication as it is applied, its
 * leaves and then its checkpoint. Messages wait here until somebody takes them; what is not of that
 * shape is passed over. A stream that says nothing is for the taker to notice.
 */
import { listOf, numberOf, objectOf, parseJson, textOf } from "../../wallet/json.ts";

/** A publication: leaves from number `from` on, and the checkpoint over them. */
export type Told = {
  readonly kind: "told";
  readonly from: number;
  readonly lines: readonly string[];
  readonly note: string;
};
/** Nothing came in time, or nothing will come any more. */
export type Quiet = { readonly kind: "quiet" | "closed" };

const messageMax = 4_194_304;
/** Of one publication, in however many messages. */
const linesMax = 200_000;
const waitingMax = 200;

export class Live {
  readonly #socket: WebSocket | undefined;
  readonly #waiting: Told[] = [];
  /** Of a publication whose checkpoint has not come yet. */
  #begun: { from: number; lines: string[] } | undefined;
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(origin: string) {
    try {
      this.#socket = new WebSocket(`${origin.replace(/^http/, "ws")}/v1/stream`);
    } catch {
      // An address that this page may not talk to.
      this.#isClosed = true;
      return;
    }
    const socket = this.#socket;
    socket.onopen = () => socket.send('{"subscribe":"log"}');
    socket.onmessage = ({ data }) => this.#take(String(data));
    socket.onclose = () => this.#end();
    socket.onerror = () => this.#end();
  }

  /** The next publication; `quiet` after so many milliseconds without one. */
  async next(quietMs: number): Promise<Told | Quiet> {
    if (this.#waiting.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        const quiet = setTimeout(resolve, quietMs);
        this.#wake = () => {
          clearTimeout(quiet);
          resolve();
        };
      });
    }
    return this.#waiting.shift() ?? { kind: this.#isClosed ? "closed" : "quiet" };
  }

  close(): void {
    this.#end();
    this.#socket?.close();
  }

  #end(): void {
    this.#isClosed = true;
    this.#wake();
  }

  #take(text: string): void {
    if (text.length > messageMax) return this.close();
    const said = objectOf(parseJson(text));
    if (said["channel"] !== "log") {
      // A relay that has no such channel refuses it: then checkpoints are asked for.
      if (said["type"] === "refused") this.close();
      return;
    }
    const from = numberOf(said["from"]);
    if (from === undefined) return;
    const lines = listOf(said["leaves"]).flatMap((line) => textOf(line) ?? []);
    const begun = this.#begun;
    const isNext = begun !== undefined && begun.from + begun.lines.length === from;
    if (isNext) begun.lines.push(...lines);
    const whole = isNext ? begun : { from, lines: [...lines] };
    const note = textOf(said["checkpoint"]);
    if (whole.lines.length > linesMax) return this.close();
    if (note === undefined) this.#begun = whole;
    else {
      this.#begun = undefined;
      this.#waiting.push({ kind: "told", from: whole.from, lines: whole.lines, note });
      // A page that slept takes a snapshot or leaves instead.
      if (this.#waiting.length > waitingMax) this.#waiting.splice(0, waitingMax);
    }
    this.#wake();
  }
}
