/**
 * How the dock says who it is (docs/spec/receipt.md §4): one header, `signet-dock: TIME BASE64`, an
 * Ed25519 signature over `signet-dock/1 METHOD PATH TIME`. PATH is the request's path and query as
 * they stand in the request line. It keeps strangers from watching the traffic, nothing more.
 */
import { assert } from "../codec/assert.ts";
import { fromAscii, fromBase64, toBase64 } from "../codec/bytes.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";
import type { Sign } from "./note.ts";

/** The header's name. */
export const dockHeader = "signet-dock";
/** How far the dock's clock and the relay's may be apart, milliseconds. */
export const dockTimeWindow = 60_000;

export type DockRequest = { readonly method: string; readonly path: string; readonly at: Time };

/** The bytes that the dock signs. */
export function dockAuthorizationText(request: DockRequest): Uint8Array {
  return fromAscii(`signet-dock/1 ${request.method} ${request.path} ${printTime(request.at)}`);
}

/** The header's value for a request. */
export function printDockAuthorization(request: DockRequest, sign: Sign): string {
  const signature = sign(dockAuthorizationText(request));
  assert(signature.length === 64, "an Ed25519 signature is 64 bytes");
  return `${printTime(request.at)} ${toBase64(signature)}`;
}

/** Reads the header's value; `undefined` if malformed. */
export function parseDockAuthorization(
  value: string,
): { readonly at: Time; readonly signature: Uint8Array } | undefined {
  const match = /^([0-9TZ:.-]{20,24}) ([A-Za-z0-9+/=]{88})$/.exec(value);
  const at = parseTime(match?.[1] ?? "");
  const signature = fromBase64(match?.[2] ?? "");
  if (at === undefined || signature?.length !== 64 || printTime(at) !== match?.[1]) {
    return undefined;
  }
  return { at, signature };
}
