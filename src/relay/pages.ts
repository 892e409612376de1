/**
 * The built pages (vite.config.ts): read once when the relay starts, served as they are. Only what
 * `build.txt` names is served, and only if its bytes have the hash that stands there.
 *
 * Files under /assets/ have their hash in their name and never change; pages are asked for again
 * each time and answered with 304. Compressed copies were made with the build.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { cardInside } from "../letter/cardtext.ts";
import { parseCard } from "../letter/card.ts";
import { markShared } from "./connections.ts";
import type { Context } from "./context.ts";

const types: { readonly [ending: string]: string } = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};
const listName = "build.txt";
const filesMax = 500;
const year = 31_536_000;

type Body = { readonly plain: Buffer; readonly br?: Buffer; readonly gzip?: Buffer };
type File = { readonly path: string; readonly etag: string; readonly body: Body };

/** The files of a build. */
export type Pages = readonly File[];

/** Reads a build; `undefined`: there is none. Throws if it is not what its list says. */
export function readPages(dir: string): Pages | undefined {
  if (!existsSync(join(dir, listName))) return undefined;
  const list = readFileSync(join(dir, listName));
  const lines = list.toString("latin1").trimEnd().split("\n").slice(0, filesMax);
  const files = lines.map((line): File => {
    const [, hash = "", path = ""] = /^([0-9a-f]{64}) {2}([\w./-]+)$/.exec(line) ?? [];
    const file = join(dir, path);
    const plain = readFileSync(file);
    if (path.includes("..") || createHash("sha256").update(plain).digest("hex") !== hash) {
      throw new Error(`couldn't use the built pages: ${path} is not what ${listName} says`);
    }
    const copy = (ending: string): Buffer | undefined =>
      existsSync(file + ending) ? readFileSync(file + ending) : undefined;
    const [br, gzip] = [copy(".br"), copy(".gz")];
    const body = { plain, ...(br && { br }), ...(gzip && { gzip }) };
    return { path, etag: `"${hash.slice(0, 24)}"`, body };
  });
  const etag = `"${createHash("sha256").update(list).digest("hex").slice(0, 24)}"`;
  return [...files, { path: listName, etag, body: { plain: list } }];
}

/** Where a file is served: `/wallet` for `wallet.html`, `/` for `index.html`. */
function routeOf(path: string): string {
  const [, name] = /^([\w-]+)\.html$/.exec(path) ?? [];
  return name === undefined ? `/${path}` : name === "index" ? "/" : `/${name}`;
}

/** Adds a route for each file. */
export function pageRoutes(app: FastifyInstance, context: Context, pages: Pages): void {
  for (const file of pages) {
    const route = routeOf(file.path);
    const isAsset = file.path.startsWith("assets/");
    app.get(route, (request, reply) => {
      reply.header("content-type", types[extname(file.path)] ?? "application/octet-stream");
      if (extname(file.path) === ".html" || extname(file.path) === ".js") {
        // A script has one too: a worker obeys that of its own file, not that of its page.
        reply.header("content-security-policy", policy(context, !marketPages.has(route)));
      }
      reply.header("cross-origin-resource-policy", "same-origin");
      reply.header("cross-origin-opener-policy", "same-origin");
      // A kept worker would obey the policy of the card that was.
      const isKept = isAsset && !file.path.startsWith("assets/worker-");
      const caching = isKept ? `public, max-age=${year}, immutable` : "no-cache";
      return send(request, reply.header("cache-control", caching), file);
    });
  }
}

/** Pages that compile nothing. */
const marketPages: ReadonlySet<string> = new Set(["/", "/explain"]);

function send(request: FastifyRequest, reply: FastifyReply, file: File): FastifyReply {
  const { etag, body } = file;
  reply.header("etag", etag).header("vary", "accept-encoding");
  if (request.headers["if-none-match"] === etag) return reply.code(304).send();
  markShared(reply.raw);
  const coding = codingFor(String(request.headers["accept-encoding"] ?? ""), body);
  if (coding === undefined) return reply.send(body.plain);
  return reply.header("content-encoding", coding).send(body[coding]);
}

/** The best coding that the client takes and that we have. */
function codingFor(accepts: string, body: Body): "br" | "gzip" | undefined {
  const taken = new Set(
    accepts
      .toLowerCase()
      .split(",")
      .filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part))
      .map((part) => part.replace(/;.*$/, "").trim()),
  );
  if (taken.has("br") && body.br !== undefined) return "br";
  return taken.has("gzip") && body.gzip !== undefined ? "gzip" : undefined;
}

/**
 * Nothing but our own files, and words with the relays of the exchange's card: a page compares what
 * they say. Argon2, which locks the wallet, `compiles` WebAssembly.
 */
function policy(context: Context, compiles: boolean): string {
  const relays = relayOrigins(context.mirror.card() ?? "");
  return [
    "default-src 'none'",
    `script-src 'self'${compiles ? " 'wasm-unsafe-eval'" : ""}`,
    "style-src 'self'",
    "img-src 'self' blob: data:",
    ["connect-src 'self'", ...relays].join(" "),
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/**
 * A name or an address, and maybe a port. The card's signature is not checked here, so that whoever
 * made it says which addresses there are, but no word of the policy: in it `*` is everybody, and
 * `;` begins a rule.
 */
const plainOrigin = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/;

/** The web addresses of the card's relays, for requests and for the stream. */
function relayOrigins(card: string): readonly string[] {
  const text = cardInside(card);
  const read = text === undefined ? undefined : parseCard(text);
  if (read?.ok !== true) return [];
  const origins = read.value.relays.flatMap(({ url }) => {
    if (!URL.canParse(url)) return [];
    const { origin } = new URL(url);
    return plainOrigin.test(origin) ? [origin, origin.replace(/^http/, "ws")] : [];
  });
  return [...new Set(origins)];
}
