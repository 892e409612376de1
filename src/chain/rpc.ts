/**
 * JSON-RPC 2.0 over HTTP, to a node that may be slow, wrong or not there: every call has an end and
 * every answer a size. A URL may hold credentials (`https://user:word@host/KEY`): sentences name
 * its host alone.
 */
import { reachOf } from "../codec/reach.ts";
import { field, isHex, textIn } from "./answers.ts";

const answerBytesMax = 32 * 1024 * 1024;
const secondsMax = 20;

/** The node understood and said no: a revert, an unknown block, a nonce too low. */
export class RpcRefused extends Error {
  override readonly name = "RpcRefused";
  readonly code: number;
  /** What a reverted call returned. */
  readonly data: `0x${string}` | undefined;

  constructor(message: string, code: number, data: `0x${string}` | undefined) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** One node's JSON-RPC. */
export class Rpc {
  /** Whom sentences may name. */
  readonly host: string;
  readonly #url: string;
  readonly #headers: Record<string, string>;
  #last = 0;

  constructor(url: string) {
    const reach = reachOf(url);
    if (reach === undefined || !URL.canParse(reach.url)) {
      throw new Error("couldn't use the chain's address: it begins with http:// or https://");
    }
    const { authorization } = reach;
    this.host = new URL(reach.name).host;
    this.#headers = {
      "content-type": "application/json",
      ...(authorization === undefined ? {} : { authorization }),
    };
    this.#url = reach.url;
  }

  /** The result; throws `RpcRefused` if the node said no. */
  async call(method: string, params: readonly unknown[] = []): Promise<unknown> {
    this.#last += 1;
    const id = this.#last;
    const answer = await this.#post(method, { jsonrpc: "2.0", id, method, params });
    const error = field(answer, "error");
    if (error !== undefined && error !== null) throw refusalIn(error);
    if (field(answer, "id") !== id) {
      throw new Error(`couldn't use the answer of ${this.host} to ${method}: it is no JSON-RPC`);
    }
    return field(answer, "result");
  }

  async #post(method: string, body: unknown): Promise<unknown> {
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: this.#headers,
        body: JSON.stringify(body),
        redirect: "error",
        signal: AbortSignal.timeout(secondsMax * 1000),
      });
      const text = await boundedText(response);
      // Some nodes answer a refusal with status 400 or 500 and the JSON all the same.
      if (response.status !== 200 && !text.startsWith("{")) {
        throw new Error(`status ${response.status}`);
      }
      return JSON.parse(text);
    } catch (cause) {
      throw new Error(`couldn't ask the chain at ${this.host} for ${method}`, { cause });
    }
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > answerBytesMax) throw new Error(`more than ${answerBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Nodes put a revert's data into `data`, or into `data` of `data`. */
function refusalIn(error: unknown): RpcRefused {
  const data = field(error, "data");
  const found = [data, field(data, "data"), field(data, "result")].find(isHex);
  const code = field(error, "code");
  const message = textIn(field(error, "message") ?? "no message").slice(0, 300);
  return new RpcRefused(message, typeof code === "number" ? code : 0, found);
}
