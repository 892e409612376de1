/**
 * HTTP to relays, none of which is believed: every answer has a time limit and a size limit,
 * redirects are not followed, and what failed is a sentence, never an exception. Sealed bytes go in
 * bodies only, and the login of a URL in a header.
 */
import { concat, fromBase64 } from "../codec/bytes.ts";
import { reachOf } from "../codec/reach.ts";
import { publicationBytesMax } from "../log/publication.ts";
import { listOf, numberOf, objectOf, parseJson, textOf, type Json } from "./json.ts";

/** What a relay said, or why nothing came. */
export type Answer =
  | { readonly kind: "answer"; readonly status: number; readonly body: Uint8Array }
  | Failed;

/** Why nothing came; `proxy`: it was the SOCKS proxy that failed, and every relay would. */
export type Failed = { readonly kind: "failed"; readonly why: string; readonly proxy: boolean };

/** The SOCKS proxy did not do its part: what it did, as the rest of a sentence about it. */
export class ProxyFailed extends Error {
  override readonly name = "ProxyFailed";

  constructor(what: string) {
    super(`the SOCKS proxy ${what}`);
  }
}

function failed(why: string, proxy = false): Failed {
  return { kind: "failed", why, proxy };
}

/** The longest answer: one entry of mail, as large as a publication can be, in base64 and JSON. */
const answerBytesMax: number = Math.ceil(publicationBytesMax / 3) * 4 + 65_536;
let timeoutMs = 10_000;
const throughProxyMs = 40_000;
const octets = "application/octet-stream";

type Request = {
  readonly body?: Uint8Array;
  readonly type?: string;
  readonly accept?: string;
  readonly stop?: AbortSignal;
  readonly limitMs?: number;
  readonly postage?: string | undefined;
};

/** Through a proxy, and to hidden services, everything takes its time. */
export function waitLonger(): void {
  timeoutMs = throughProxyMs;
}

async function ask(url: string, request: Request = {}): Promise<Answer> {
  const reach = reachOf(url);
  if (reach === undefined || !URL.canParse(reach.url)) {
    return failed("it is no address with http:// or https://");
  }
  const { authorization } = reach;
  const limitMs = request.limitMs ?? timeoutMs;
  const limit = AbortSignal.timeout(limitMs);
  const signal = request.stop ? AbortSignal.any([request.stop, limit]) : limit;
  try {
    const response = await fetch(reach.url, {
      method: request.body ? "POST" : "GET",
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(request.accept === undefined ? {} : { accept: request.accept }),
        ...(request.body ? { "content-type": request.type ?? octets } : {}),
        ...(request.postage === undefined ? {} : { postage: request.postage }),
      },
      ...(request.body ? { body: new Uint8Array(request.body) } : {}),
      redirect: "error",
      // Browsers would send cookies and the page's address, and keep answers on disk.
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      signal,
    });
    return await readBody(response);
  } catch (cause) {
    if (limit.aborted) return failed(`no answer in ${limitMs / 1000} s`);
    return failed(reason(cause), cause instanceof ProxyFailed);
  }
}

async function readBody(response: Response): Promise<Answer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const part = (await reader?.read())?.value;
    if (part === undefined) break;
    length += part.length;
    if (length > answerBytesMax) {
      await reader?.cancel();
      return failed("its answer is too long");
    }
    parts.push(part);
  }
  return { kind: "answer", status: response.status, body: concat(parts) };
}

function reason(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (inner instanceof Error && "code" in inner && inner.code === "ECONNREFUSED") {
    return "nobody listens there";
  }
  return inner instanceof Error ? inner.message.slice(0, 100) : "no answer";
}

function json(answer: Answer): Json | undefined {
  if (answer.kind === "failed") return undefined;
  return parseJson(new TextDecoder().decode(answer.body));
}

function at(url: string, path: string): string {
  return `${url.replace(/\/+$/, "")}${path}`;
}

/** What a JSON interface said, or why nothing came. */
export type JsonAnswer =
  | { readonly kind: "answer"; readonly status: number; readonly value: Json | undefined }
  | Failed;

function jsonAnswer(answer: Answer): JsonAnswer {
  if (answer.kind === "failed") return answer;
  return { kind: "answer", status: answer.status, value: json(answer) };
}

/** Posts JSON and reads JSON: a node's or a signer's interface. */
export async function postJson(url: string, body: string, limitMs: number): Promise<JsonAnswer> {
  const bytes = new TextEncoder().encode(body);
  return jsonAnswer(await ask(url, { body: bytes, type: "application/json", limitMs }));
}

/** One of a relay's public pages, as JSON; not believed. */
export async function fetchJson(url: string, path: string): Promise<JsonAnswer> {
  return jsonAnswer(await ask(at(url, path), { accept: "application/json" }));
}

/** A text, or why nothing came. */
export type TextAnswer =
  | { readonly kind: "answer"; readonly status: number; readonly text: string }
  | { readonly kind: "failed"; readonly why: string };

/** One of a relay's public pages, as text; not believed. */
export async function fetchText(url: string, path: string, stop: AbortSignal): Promise<TextAnswer> {
  const answer = await ask(at(url, path), { accept: "text/plain", stop });
  if (answer.kind === "failed") return answer;
  return { kind: "answer", status: answer.status, text: new TextDecoder().decode(answer.body) };
}

/** What came of posting a letter. */
export type Posted =
  | { readonly kind: "receipt"; readonly note: string }
  | {
      readonly kind: "refused";
      readonly reason: string;
      readonly note: string | undefined;
      /** It wants to be paid, with a stamp of so many bits. */
      readonly bits: number | undefined;
    }
  | Failed;

/** Posts a sealed letter; harmless any number of times. */
export async function postLetter(
  url: string,
  sealed: Uint8Array,
  stop?: AbortSignal,
  postage?: string,
): Promise<Posted> {
  const request = { body: sealed, postage, ...(stop ? { stop } : {}) };
  const answer = await ask(at(url, "/v1/letters"), request);
  if (answer.kind === "failed") return answer;
  const text = new TextDecoder().decode(answer.body);
  const fields = objectOf(parseJson(text));
  if (answer.status === 202 || answer.status === 200) {
    return { kind: "receipt", note: textOf(fields["receipt"]) ?? text };
  }
  const why = textOf(fields["detail"]) ?? textOf(fields["title"]) ?? `status ${answer.status}`;
  const note = textOf(fields["refusal"]);
  // Too busy, or broken for the moment: not a refusal of this letter.
  const isBusy = note === undefined || fields["code"] === "relay_busy";
  if (isBusy && (answer.status >= 500 || answer.status === 429)) {
    return failed(plain(why));
  }
  const bits = answer.status === 402 ? numberOf(fields["bits"]) : undefined;
  return { kind: "refused", reason: plain(why), note, bits };
}

function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

/** What a relay has under a ref. */
export type Fetched =
  | { readonly kind: "reply"; readonly sealed: Uint8Array }
  | { readonly kind: "unopenable"; readonly note: string }
  | { readonly kind: "none" }
  | Failed;

/** Asks a relay for the reply to a letter. */
export async function fetchReply(url: string, ref: string, stop?: AbortSignal): Promise<Fetched> {
  const answer = await ask(at(url, `/v1/letters/${ref}/reply`), {
    accept: "application/octet-stream",
    ...(stop ? { stop } : {}),
  });
  if (answer.kind === "failed") return answer;
  if (answer.status === 200) return { kind: "reply", sealed: answer.body };
  if (answer.status === 404) return { kind: "none" };
  if (answer.status === 422) {
    return { kind: "unopenable", note: new TextDecoder().decode(answer.body) };
  }
  return failed(`status ${answer.status}`);
}

/** One entry of a mailbox address, as a relay tells it. */
export type MailEntry = { readonly index: number; readonly sealed: Uint8Array };

/** Some entries of a mailbox address, and whether the relay says that there are more. */
export type MailPage = { readonly entries: readonly MailEntry[]; readonly more: boolean };

/** The first entries of a mailbox address above `after`. */
export async function fetchMailbox(
  url: string,
  tag: string,
  after: number | undefined,
  stop: AbortSignal,
): Promise<MailPage | undefined> {
  const query = after === undefined ? "" : `?after=${after}`;
  const answer = await ask(at(url, `/v1/mailboxes/${tag}${query}`), { stop });
  if (answer.kind === "failed" || answer.status !== 200) return undefined;
  return readMailbox(json(answer));
}

/** The entries of a mailbox in the JSON of docs/spec/receipt.md §1, malformed ones left out. */
export function readMailbox(value: Json | undefined): MailPage | undefined {
  const fields = objectOf(value);
  if (textOf(fields["tag"]) === undefined) return undefined;
  const entries = listOf(fields["entries"]).flatMap((entry) => {
    const { index, sealed } = objectOf(entry);
    const bytes = fromBase64(textOf(sealed) ?? "");
    const number = numberOf(index);
    return bytes && number !== undefined && number >= 0 ? [{ index: number, sealed: bytes }] : [];
  });
  return { entries, more: fields["more"] === true };
}

/** What a relay says of the exchange; to be verified. */
export type CardAnswer =
  | { readonly kind: "card"; readonly card: string; readonly certificate: string }
  | Failed;

/** The signed card and the certificate, unverified. */
export async function fetchExchange(url: string, stop?: AbortSignal): Promise<CardAnswer> {
  const request = { accept: "application/json", ...(stop ? { stop } : {}) };
  const answer = await ask(at(url, "/v1/exchange"), request);
  if (answer.kind === "failed") return answer;
  const fields = objectOf(json(answer));
  const card = textOf(fields["card"]);
  const certificate = textOf(fields["certificate"]);
  if (answer.status !== 200 || card === undefined || certificate === undefined) {
    return failed(`it has no card (status ${answer.status})`);
  }
  return { kind: "card", card, certificate };
}
