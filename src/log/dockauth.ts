/**
 * How the dock says who it is (docs/spec/receipt.md §4): one header, `signet-dock: TIME BASE64`, an
 * Ed25519 signature over `signet-dock/1 METHOD PATH TIME`. PATH is the request's path and query as
 * they stand in the request line. It keeps strangers from watching the traffic, nothing more.
 */
import { fromAscii, fromBase64 } from "../codec/bytes.ts";
import { parseTime, type Time } from "../codec/time.ts";

/** How far the dock's clock and the relay's may be apart, milliseconds. */
export const dockTimeWindow = 60_000;

/** The bytes that the dock signs; `at` is the time as it stands in the header. */
export function dockAuthorizationText(request: {
  readonly method: string;
  readonly path: string;
  readonly at: string;
}): Uint8Array {
  return fromAscii(`signet-dock/1 ${request.method} ${request.path} ${request.at}`);
}

/** Reads the header's value; `undefined` if malformed. */
export function parseDockAuthorization(
  value: string,
): { readonly at: string; readonly time: Time; readonly signature: Uint8Array } | undefined {
  const match = /^([0-9TZ:.-]{20,24}) ([A-Za-z0-9+/=]{88})$/.exec(value);
  const at = match?.[1] ?? "";
  const time = parseTime(at);
  const signature = fromBase64(match?.[2] ?? "");
  return time === undefined || signature?.length !== 64 ? undefined : { at, time, signature };
}
