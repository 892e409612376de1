/**
 * How this program reaches others: as it likes, or through a SOCKS proxy and no other way. Set
 * before a command does anything, for everything that it does: with a proxy there is no other
 * `fetch` left in the program.
 */
import { waitLonger } from "../wallet/client.ts";
import { trouble, type Outcome } from "../wallet/errors.ts";
import { fetchThrough, readSocks } from "../wallet/socks.ts";

/** From now on everything goes through the proxy at `HOST:PORT`. */
export function goThrough(text: string): Outcome<undefined> {
  const proxy = readSocks(text);
  if (proxy === undefined) {
    return trouble("E100", "--socks is HOST:PORT with a number for the host, or localhost.", {
      next: "Tor listens at --socks 127.0.0.1:9050",
    });
  }
  globalThis.fetch = fetchThrough(proxy);
  waitLonger();
  return { ok: true, value: undefined };
}
