/**
 * One relay, as the dock sees it: requests signed by the dock's key, answers bounded in time and
 * size (docs/spec/receipt.md §4). The signature keeps strangers from watching the traffic; it is
 * no session: each request stands alone.
 */
import { sign, type KeyObject } from "node:crypto";

import { toBase64 } from "../codec/bytes.ts";
import { printTime, time } from "../codec/time.ts";
import { dockAuthorizationText } from "../log/dockauth.ts";

/** What a relay answered with status 200. */
export type RelayAnswer = { readonly body: Uint8Array; readonly headers: Headers };

export class RelayLink {
  readonly name: string;
  readonly #url: string;
  readonly #key: KeyObject;
  readonly #stop: AbortSignal;

  constructor(
    relay: { readonly name: string; readonly url: string },
    key: KeyObject,
    stop: AbortSignal,
  ) {
    this.name = relay.name;
    this.#url = relay.url.replace(/\/$/, "");
    this.#key = key;
    this.#stop = stop;
  }

  /** GETs `path`; throws on any status but 200 or an answer above `bytesMax`. */
  async get(path: string, bytesMax: number, timeoutMs: number): Promise<RelayAnswer> {
    const response = await this.#request("GET", path, undefined, timeoutMs);
    if (response.status !== 200)
      throw new Error(`couldn't GET from ${this.name}: ${response.status}`);
    return { body: await readBounded(response, bytesMax), headers: response.headers };
  }

  /** PUTs something; `newest` is the last publication here, for the relay to show. */
  async put(
    path: string,
    body: Uint8Array,
    newest: number,
    timeoutMs: number = 30_000,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const response = await this.#request("PUT", path, { body, newest }, timeoutMs);
    const text = new TextDecoder().decode(await readBounded(response, 65_536));
    return { status: response.status, text };
  }

  async #request(
    method: "GET" | "PUT",
    path: string,
    sent: { readonly body: Uint8Array; readonly newest: number } | undefined,
    timeoutMs: number,
  ): Promise<Response> {
    const at = printTime(time(Date.now()));
    const text = dockAuthorizationText({ method, path, at });
    const signature = toBase64(new Uint8Array(sign(null, text, this.#key)));
    const signal = AbortSignal.any([this.#stop, AbortSignal.timeout(timeoutMs)]);
    const headers: Record<string, string> = { "signet-dock": `${at} ${signature}` };
    if (sent !== undefined) {
      headers["content-type"] = "application/octet-stream";
      headers["signet-newest"] = String(sent.newest);
    }
    return fetch(this.#url + path, {
      method,
      headers,
      signal,
      redirect: "error",
      ...(sent === undefined ? {} : { body: new Uint8Array(sent.body) }),
    });
  }
}

async function readBounded(response: Response, bytesMax: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > bytesMax) throw new Error("couldn't use the relay's answer: it is too large");
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
