/**
 * A web address as it is asked and as it is named: `https://user:word@host/KEY` is asked at
 * `https://host/KEY` with the login in a header, and sentences say `https://host`. Neither the
 * login nor a path, where keys of node services stand, is ever shown.
 */
import { fromLatin1, toBase64 } from "./bytes.ts";

export type Reach = {
  /** Without the login. */
  readonly url: string;
  /** Scheme, host and port: all that sentences may say. */
  readonly name: string;
  /** The header `authorization`, if the address has a login. */
  readonly authorization: string | undefined;
};

/** The parts of an address that begins with `http://` or `https://`. */
export function reachOf(text: string): Reach | undefined {
  const [, scheme = "", authority = "", path = ""] =
    /^(https?:\/\/)([^/?#\\]+)([^]*)$/i.exec(text) ?? [];
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  if (host === "") return undefined;
  const name = `${scheme}${host}`;
  const url = `${name}${path}`;
  const authorization = at === -1 ? undefined : `Basic ${basic(authority.slice(0, at))}`;
  return { url, name, authorization };
}

/** What sentences may say of an address, whatever it is. */
export function nameOfUrl(text: string): string {
  return reachOf(text)?.name ?? "an address that does not begin with http:// or https://";
}

function basic(login: string): string {
  // As UTF-8, whether it came percent-encoded or not.
  const ascii = login.toWellFormed().replaceAll(/[^\0-\x7f]+/g, encodeURIComponent);
  const bytes = ascii.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return toBase64(fromLatin1(bytes.includes(":") ? bytes : `${bytes}:`));
}
