/**
 * `signet relay`: the relays of this home, as they are now. A relay or a proxy before one is the
 * same thing here: an address at which a relay of the exchange's card answers. What it says of
 * itself is shown as what it says; what it signed is checked.
 */
import { reachOf } from "../codec/reach.ts";
import { parseTime, printSeconds, printTime } from "../codec/time.ts";
import { fetchExchange, fetchJson } from "../wallet/client.ts";
import { exits, exitOf, trouble, type Exit, type Outcome, type Trouble } from "../wallet/errors.ts";
import { loadExchange, relaysAdded, verifyExchange, type Exchange } from "../wallet/exchange.ts";
import { numberOf, objectOf, textOf } from "../wallet/json.ts";
import {
  addRelay,
  forgive,
  liesIn,
  plainUrl,
  removedIn,
  removeRelay,
  type Lie,
} from "../wallet/relays.ts";
import { now } from "../wallet/times.ts";
import type { Context, Data, Ended, Ending } from "./context.ts";

/** What a relay says of itself. */
type Facts = {
  readonly name: string;
  readonly key: string;
  /** Seconds since the last publication; `undefined`: none came yet. */
  readonly age: number | undefined;
  /** How far our clock is ahead of its, milliseconds. */
  readonly ahead: number | undefined;
  readonly ms: number;
  /** The work that a letter must have done for it, bits; 0: letters are free. */
  readonly bits: number;
};

type Row = { readonly lines: readonly string[]; readonly data: { readonly [key: string]: Data } };

/** `signet relay [list|add|remove|test|forgive] [URL]`. */
export async function relay(context: Context, words: readonly string[]): Promise<Ended> {
  const [act = "list", given] = words;
  if (!["list", "add", "remove", "test", "forgive"].includes(act)) {
    return trouble("E100", "Say relay list, add URL, remove URL, test [URL] or forgive URL.");
  }
  const url = given === undefined ? undefined : plainUrl(given);
  if (url !== undefined && !isAddress(url)) {
    return trouble("E100", "A relay's address begins with http:// or https:// and has no login.");
  }
  const exchange = await loadExchange(context.home, context.relays);
  if (!exchange.ok) return exchange;
  if (act === "list") return list(context, exchange.value);
  if (act === "test") return testAll(context, exchange.value, url);
  if (url === undefined) return trouble("E100", `Say which: relay ${act} URL.`);
  if (act === "add") return add(context, exchange.value, url);
  if (act === "remove") {
    removeRelay(context.home, url);
    return said(`✕ ${url} is not asked any more`, { url, asked: false });
  }
  if (forgive(context.home, url)) return said(`● ${url} is asked again`, { url, asked: true });
  return trouble("E114", `No relay at ${url} has lied.`, {
    next: "signet relay list     says which have",
  });
}

function isAddress(url: string): boolean {
  const reach = reachOf(url);
  return reach !== undefined && reach.authorization === undefined && URL.canParse(url);
}

function said(line: string, data: { readonly [key: string]: Data }): Ending {
  return { ok: true, exit: exits.done, lines: [line], data: { ok: true, ...data, exit: 0 } };
}

/** Those of the card, those added by hand, those named for this command. */
function everyUrl(context: Context, exchange: Exchange): readonly string[] {
  const named = exchange.card.relays.map(({ url }) => url);
  const all = [...named, ...relaysAdded(context.home), ...context.relays];
  return [...new Set(all.map(plainUrl))];
}

async function list(context: Context, exchange: Exchange): Promise<Ended> {
  const lies = liesIn(context.home);
  const removed = new Set(removedIn(context.home));
  const urls = everyUrl(context, exchange);
  const rows = await Promise.all(
    urls.map(async (url): Promise<Row> => {
      const lie = lies.get(url);
      if (lie !== undefined) return lieRow(exchange, url, lie);
      if (removed.has(url)) return plainRow(exchange, url, "removed", `○ ${url}   removed`);
      if (context.offline) return plainRow(exchange, url, "not asked", `○ ${url}`);
      const facts = await factsOf(url);
      if (!facts.ok) return plainRow(exchange, url, "no answer", `◌ ${url}   ${facts.what}`);
      return factsRow(exchange, url, facts.value);
    }),
  );
  const lines = rows.flatMap((row) => row.lines);
  const data: Data = { ok: true, relays: rows.map((row) => row.data), exit: exits.done };
  return { ok: true, exit: exits.done, lines, data };
}

function plainRow(exchange: Exchange, url: string, state: string, line: string): Row {
  return { lines: [line], data: { url, name: cardName(exchange, url), state, lied: null } };
}

function lieRow(exchange: Exchange, url: string, lie: Lie): Row {
  const lines = [
    `✕ ${url}   lied at ${printSeconds(lie.at)}, not asked until: relay forgive ${url}`,
    `    ${lie.what}  ${lie.code}`,
  ];
  const lied = { at: printTime(lie.at), code: lie.code, what: lie.what };
  return { lines, data: { url, name: cardName(exchange, url), state: "lied", lied } };
}

function cardName(exchange: Exchange, url: string): string | null {
  return exchange.card.relays.find((relay) => plainUrl(relay.url) === url)?.name ?? null;
}

function factsRow(exchange: Exchange, url: string, facts: Facts): Row {
  const { key, age, ahead, ms, bits } = facts;
  const known = exchange.card.relays.find((relay) => relay.key === key);
  const direct = known !== undefined && plainUrl(known.url) === url;
  // A name that the card does not have is the relay's own word.
  const name = known === undefined ? "not on the card" : direct ? known.name : `to ${known.name}`;
  const old = age === undefined ? "nothing published yet" : `last publication ${age} s ago`;
  const clock = ahead === undefined ? "" : `   clock ${signed(ahead)} s`;
  const price = bits === 0 ? "" : `   asks ${bits} bits of work for a letter`;
  const sign = known === undefined || (age ?? Infinity) > 60 ? "◐" : "●";
  const lines = [
    `${sign} ${url}   ${name}   ${old}${clock}${price}   ${ms} ms`,
    `    key ${known === undefined ? "(its own word) " : ""}${key}`,
  ];
  const data = {
    url,
    name: known?.name ?? null,
    key,
    onCard: known !== undefined,
    direct,
    state: "answers",
    ageSeconds: age ?? null,
    clockAheadMs: ahead ?? null,
    postageBits: bits,
    ms,
    lied: null,
  };
  return { lines, data };
}

/** How far our clock is from the relay's: ahead is plus. */
function signed(ms: number): string {
  return `${ms < 0 ? "-" : "+"}${(Math.abs(ms) / 1000).toFixed(1)}`;
}

async function factsOf(url: string): Promise<Outcome<Facts>> {
  const started = Date.now();
  const answer = await fetchJson(url, "/v1/relay");
  const ms = Date.now() - started;
  const silent = (why: string): Trouble => trouble("E822", why);
  if (answer.kind === "failed") return silent(answer.why);
  const fields = objectOf(answer.value);
  const [name, key] = [textOf(fields["name"]) ?? "", textOf(fields["key"]) ?? ""];
  if (!/^[a-z0-9-]{1,28}$/.test(name) || !/^[!-~]{1,200}$/.test(key)) {
    return silent(`what answers is no relay (status ${answer.status})`);
  }
  const at = parseTime(textOf(fields["at"]) ?? "");
  const tenths = numberOf(Math.round(Number(fields["ageSeconds"] ?? NaN) * 10));
  const age = tenths === undefined || tenths < 0 ? undefined : tenths / 10;
  // Its word was said about half way.
  const ahead = at === undefined ? undefined : Math.round(started + ms / 2 - at);
  const bits = numberOf(objectOf(fields["postage"])["bits"]) ?? 0;
  return { ok: true, value: { name, key, age, ahead, ms, bits } };
}

async function add(context: Context, exchange: Exchange, url: string): Promise<Ended> {
  const lie = liesIn(context.home).get(url);
  if (lie !== undefined) {
    return trouble("E620", `${url} lied at ${printSeconds(lie.at)}: ${lie.what}`);
  }
  const facts = await factsOf(url);
  if (!facts.ok) return trouble("E822", `No relay answers at ${url}: ${facts.what}.`);
  if (!exchange.card.relays.some(({ key }) => key === facts.value.key)) {
    const what = `At ${url} answers ${facts.value.name}, with a key that is not on the card.`;
    return trouble("E822", what);
  }
  addRelay(context.home, url);
  const { lines, data } = factsRow(exchange, url, facts.value);
  return { ok: true, exit: exits.done, lines, data: { ok: true, relay: data, exit: exits.done } };
}

/** Asks each for its card as well, and checks it. */
async function testAll(
  context: Context,
  exchange: Exchange,
  only: string | undefined,
): Promise<Ended> {
  const lies = liesIn(context.home);
  const urls = only === undefined ? exchange.urls : [only];
  const tested = await Promise.all(
    urls.map(async (url): Promise<{ row: Row; found: Trouble | undefined }> => {
      const lie = lies.get(url);
      if (lie !== undefined) {
        return { row: lieRow(exchange, url, lie), found: trouble("E620", `${url}: ${lie.what}`) };
      }
      const facts = await factsOf(url);
      const line = `◌ ${url}   ${facts.ok ? "" : facts.what}`;
      if (!facts.ok) return { row: plainRow(exchange, url, "no answer", line), found: facts };
      const row = factsRow(exchange, url, facts.value);
      const found = await cardTrouble(exchange, url);
      const verdict = found === undefined ? "✓ its card is the exchange's" : `✕ ${found.what}`;
      return { row: { ...row, lines: [...row.lines, `    ${verdict}`] }, found };
    }),
  );
  if (tested.length === 0) return trouble("E821");
  const worst =
    tested.find(({ found }) => found?.code === "E621") ?? tested.find((each) => each.found);
  const exit: Exit = worst?.found === undefined ? exits.done : exitOfTest(worst.found);
  const data: Data = {
    ok: exit === exits.done,
    relays: tested.map(({ row, found }) => ({ ...row.data, code: found?.code ?? null })),
    exit,
  };
  const troubles = tested.flatMap(({ found }) => (found?.code === "E621" ? [found] : []));
  return { ok: true, exit, lines: tested.flatMap(({ row }) => row.lines), data, troubles };
}

/** Whoever did not answer was not reached. */
function exitOfTest(found: Trouble): Exit {
  return found.code === "E822" ? exits.unreachable : exitOf(found);
}

async function cardTrouble(exchange: Exchange, url: string): Promise<Trouble | undefined> {
  const answer = await fetchExchange(url);
  if (answer.kind === "failed") return trouble("E822", answer.why);
  const verified = await verifyExchange({ ...answer, relays: [] }, exchange.fingerprint, now());
  return verified.ok ? undefined : trouble("E621", `${url}: ${verified.what}`);
}

/** What is to be said of relays that lied, wherever somebody asks what became of a letter. */
export function lieTroubles(context: Context): readonly Trouble[] {
  return [...liesIn(context.home)].map(([url, lie]) =>
    trouble("E620", `${url} lied at ${printSeconds(lie.at)}: ${lie.what}`, {
      next: `signet relay forgive ${url}     asks it again`,
    }),
  );
}
