/**
 * The letter inside a request's body. Most bodies are the letter itself, under whatever content
 * type: `curl --data-binary @letter` says it is a form, though it is none. A form, url-encoded or
 * multipart, has the letter in its field `msg`, and may have postage in its field `postage`.
 */
import { equalBytes } from "../codec/bytes.ts";

const fieldsMax = 20;

/** The letter's bytes, `undefined` for a form without a field `msg`, and the field `postage`. */
export type Posted = {
  readonly letter: Uint8Array | undefined;
  readonly postage: string | undefined;
};

/** What a body says. */
export function postedIn(contentType: string, body: Uint8Array): Posted {
  const boundary = /^multipart\/form-data\s*;.*\bboundary="?([^";\s]{1,70})"?/i.exec(contentType);
  if (boundary?.[1] !== undefined) {
    const postage = partNamed("postage", body, boundary[1]);
    return {
      letter: partNamed("msg", body, boundary[1]),
      postage: postage && Buffer.from(postage).toString("latin1"),
    };
  }
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(contentType);
  if (!isForm || !looksUrlEncoded(body)) return { letter: body, postage: undefined };
  const fields = Buffer.from(body)
    .toString("latin1")
    .split("&", fieldsMax + 1);
  if (fields.length > fieldsMax) return { letter: undefined, postage: undefined };
  const values = new URLSearchParams(fields.join("&"));
  const letter = values.get("msg");
  return {
    letter: letter === null ? undefined : Buffer.from(letter, "utf8"),
    postage: values.has("postage") ? values.getAll("postage").join(", ") : undefined,
  };
}

/** `name=` at its very beginning: neither armor nor a packet begins like that. */
function looksUrlEncoded(body: Uint8Array): boolean {
  return /^[A-Za-z0-9_.%-]{1,40}=/.test(Buffer.from(body.subarray(0, 64)).toString("latin1"));
}

function partNamed(name: string, body: Uint8Array, boundary: string): Uint8Array | undefined {
  const whole = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const mark = Buffer.from(`--${boundary}`, "latin1");
  const blank = Buffer.from("\r\n\r\n");
  let start = whole.indexOf(mark);
  for (let part = 0; start >= 0 && part < fieldsMax; part += 1) {
    const head = start + mark.length;
    const end = whole.indexOf(Buffer.concat([Buffer.from("\r\n"), mark]), head);
    const split = whole.indexOf(blank, head);
    if (end < 0 || split < 0) return undefined;
    const heads = whole.subarray(head, Math.min(split, end)).toString("latin1");
    const form = /\r\ncontent-disposition:[^\r]*;\s*name="?([a-z]{1,20})"?\s*(?:[;\r]|$)/i;
    if (form.exec(heads)?.[1] === name && split < end)
      return whole.subarray(split + blank.length, end);
    start = end + 2;
    if (equalBytes(whole.subarray(start + mark.length, start + mark.length + 2), dashes)) break;
  }
  return undefined;
}

const dashes = Buffer.from("--");
