/**
 * `signet ticker irc` and `signet ticker webhook` (docs/spec/api.md §8): no account, no key of its
 * own. The exchange is pinned at the first start, in the ticker's folder. Ends at SIGINT or
 * SIGTERM; the next start goes on where it was.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { keyNumber } from "../codec/keynumber.ts";
import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { parseVerifierKey, verifierKey, type Verifier } from "../log/note.ts";
import { readIfPresent, writeDurablySync } from "../store/durable.ts";
import { lockDirectory } from "../store/lock.ts";
import { ircBot } from "../ticker/bot.ts";
import { Cursor } from "../ticker/cursor.ts";
import { dialDirectly } from "../ticker/irc.ts";
import { runTicker, type Sink } from "../ticker/run.ts";
import { webhookSink } from "../ticker/webhook.ts";
import { verifyEd25519 } from "../wallet/ed25519.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import { fetchVerified } from "../wallet/exchange.ts";
import { connectThrough, readSocks } from "../wallet/socks.ts";
import type { CommonOptions, Context, Ended } from "./context.ts";

type TickerOptions = CommonOptions & {
  readonly after?: string;
  readonly dir: string;
  readonly keyNumber?: string;
};
type IrcOptions = TickerOptions & {
  readonly server: string;
  readonly channel: string;
  readonly nick: string;
  readonly tls?: boolean;
  readonly pace: string;
};

/** Milliseconds between questions to a relay. */
const askMs = 1000;

/** The bot in a channel. */
export async function irc(
  context: Context,
  _words: readonly string[],
  options: IrcOptions,
): Promise<Ended> {
  const [, host = "", port = ""] = /^\[?([^\s/]+?)\]?:(\d{1,5})$/.exec(options.server) ?? [];
  if (host === "") return trouble("E100", "--server is HOST:PORT.");
  if (!/^[#&+!][\x21-\x2b\x2d-\x7e]{1,49}$/.test(options.channel)) {
    return trouble("E100", "--channel is a channel's name, such as '#gold'.");
  }
  if (!/^[A-Za-z][\w-]{0,8}$/.test(options.nick)) {
    return trouble("E100", "--nick has one to nine letters and digits, a letter first.");
  }
  if (!/^\d{1,6}$/.test(options.pace)) return trouble("E100", "--pace is a number.");
  const socks = options.socks ?? process.env["SIGNET_SOCKS"] ?? "";
  const proxy = readSocks(socks);
  return follow(context, options, (_exchange, stop) => {
    const { sink, running } = ircBot(
      {
        // With a proxy nothing goes around it, neither the server's name nor the connection.
        dial: proxy ? (to, at) => connectThrough(proxy, { host: to, port: at }) : dialDirectly,
        host,
        port: Number(port),
        tls: options.tls === true,
        channel: options.channel,
        nick: options.nick,
        password: process.env["SIGNET_IRC_PASSWORD"],
        paceMs: Number(options.pace),
        relays: context.relays,
        say: (sentence) => context.say(`◌ ${sentence}`),
      },
      stop,
    );
    return { ok: true, value: { sink, running } };
  });
}

/** Posts to an address. */
export async function webhook(
  context: Context,
  _words: readonly string[],
  options: TickerOptions & { readonly url: string },
): Promise<Ended> {
  return follow(context, options, (exchange) => {
    const sink = webhookSink({
      url: options.url,
      exchange,
      pauseMs: 1000,
      pauseMsMax: 60_000,
      say: (sentence) => context.say(`◌ ${sentence}`),
    });
    if (sink === undefined) return trouble("E100", "--url is an address that begins with http.");
    return { ok: true, value: { sink, running: Promise.resolve() } };
  });
}

type Started = { readonly sink: Sink; readonly running: Promise<void> };

async function follow(
  context: Context,
  options: TickerOptions,
  start: (exchange: Fingerprint, stop: AbortSignal) => Outcome<Started>,
): Promise<Ended> {
  const { relays } = context;
  if (relays.length === 0) return trouble("E100", "Say whose trades: --relay URL.");
  const { after } = options;
  if (after !== undefined && !/^(0|[1-9]\d{0,14})$/.test(after)) {
    return trouble("E100", "--after is the number of a trade.");
  }
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const unlock = lockDirectory(options.dir);
  try {
    const pinned = await pin(context, options);
    if (!pinned.ok) return pinned;
    const { exchange, log } = pinned.value;
    const trade = after === undefined ? undefined : Number(after);
    const key = verifierKey(log.name, log.publicKey);
    const cursor = new Cursor(options.dir, { log: key, trade });
    const stop = new AbortController();
    const started = start(exchange, stop.signal);
    if (!started.ok) return started;
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
    context.say(`● following the trades of ${keyNumber(exchange)}`);
    const { sink, running } = started.value;
    const say = (sentence: string): void => context.say(`◌ ${sentence}`);
    const source = { log, verify: verifyEd25519 };
    await runTicker({ relays, source, cursor, sink, askMs, say }, stop.signal);
    await running;
    const last = cursor.position.trade ?? 0;
    const lines = [`○ stopped after trade ${last}; the next start goes on there`];
    return { ok: true, exit: exits.done, lines, data: { ok: true, trade: last, exit: exits.done } };
  } finally {
    unlock();
  }
}

type Pinned = { readonly exchange: Fingerprint; readonly log: Verifier };

/** The exchange of this folder; the first time, the one that the relays' card names. */
async function pin(context: Context, options: TickerOptions): Promise<Outcome<Pinned>> {
  const path = join(options.dir, "exchange");
  const kept = readIfPresent(path);
  if (kept !== undefined) {
    const [exchange = "", key = ""] = Buffer.from(kept).toString().trim().split(" ");
    const log = parseVerifierKey(key);
    if (!isFingerprint(exchange) || log === undefined) throw new Error(`couldn't read ${path}`);
    return { ok: true, value: { exchange, log } };
  }
  const found = await fetchVerified(context.relays, undefined);
  if (!found.ok) return found;
  const { fingerprint: exchange, logKey: log } = found.value;
  const said = keyNumber(exchange);
  const wanted = options.keyNumber?.replace(/\D/g, "");
  if (wanted !== undefined && wanted !== said.replace(/\D/g, "")) {
    return trouble("E601", `The relay's exchange has the key number ${said}.`);
  }
  if (wanted === undefined) context.say(`◌ following ${said} because the relay says so`);
  writeDurablySync(path, Buffer.from(`${exchange} ${verifierKey(log.name, log.publicKey)}\n`));
  return { ok: true, value: { exchange, log } };
}
