/**
 * `signet proxy-config`: a ready blind proxy before a relay, as one short file for what somebody
 * runs already. The texts lie in `proxies/`, each whole with an example's address in it; what is
 * printed has the relay's in its place.
 */
import { readFileSync } from "node:fs";

import { exits, trouble } from "../wallet/errors.ts";
import { relayDefault } from "../wallet/exchange.ts";
import type { Context, Ended } from "./context.ts";

const files: ReadonlyMap<string, string> = new Map([
  ["nginx", "nginx.conf"],
  ["caddy", "Caddyfile"],
  ["worker", "worker.js.txt"],
  ["php", "index.php"],
]);
const example = "https://relay.example";

/** `signet proxy-config nginx|caddy|worker|php [--relay URL]`. */
export async function proxyConfig(context: Context, words: readonly string[]): Promise<Ended> {
  const [server = ""] = words;
  const file = files.get(server);
  if (file === undefined) return trouble("E100", `Say one of ${[...files.keys()].join(", ")}.`);
  const [given = relayDefault, second] = context.relays;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  // Quotes and blanks cannot stand in an origin: nothing else of it gets into the file.
  const isPlain = url !== undefined && /^https?:\/\/[\w.:[\]-]+$/.test(url.origin);
  if (!isPlain || url.href !== `${url.origin}/` || second !== undefined) {
    return trouble("E100", "--relay is one address such as https://relay.example, no more.");
  }
  const text = readFileSync(new URL(`proxies/${file}`, import.meta.url), "utf8");
  const filled = text.replaceAll(example, url.origin);
  return {
    ok: true,
    exit: exits.done,
    lines: filled.trimEnd().split("\n"),
    data: { ok: true, server, relay: url.origin, file: filled, exit: exits.done },
  };
}
