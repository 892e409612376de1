/**
 * `signet ring list`, `status`, `venue` and `depth`: own orders from the account's own verified
 * reports, the venue from the exchange's signed card, and what relays show of it in public, which
 * nobody has signed and is marked so.
 */
import { checksummed } from "../codec/ethereum.ts";
import { nameOfUrl } from "../codec/reach.ts";
import type { RingToken } from "../letter/card.ts";
import type { Account } from "../wallet/account.ts";
import { printable } from "../wallet/amounts.ts";
import { fetchJson, type JsonAnswer } from "../wallet/client.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import { openOffers, ringsOf } from "../wallet/fold.ts";
import { listOf, numberOf, objectOf, textOf, type Json, type JsonObject } from "../wallet/json.ts";
import { findEntry } from "../wallet/outbox.ts";
import { printUnits, ringOf, tokenOf } from "../wallet/ringamounts.ts";
import { accountOf, type CommonOptions, type Context, type Ended } from "./context.ts";
import {
  asOfLine,
  letterStatus,
  offerCalled,
  offerEnding,
  readEnding,
  readStatement,
  table,
} from "./read.ts";
import { offerData, offerLine, offerName, ringedLine } from "./ringlines.ts";

/** `signet ring list [--all]`. */
export async function list(
  context: Context,
  _words: readonly string[],
  options: CommonOptions & { readonly all?: boolean },
): Promise<Ended> {
  const read = await readStatement(context);
  if (!read.ok) return read;
  const { statement, troubles } = read;
  const { card } = read.account.exchange;
  const offers = options.all === true ? [...statement.offers.values()] : openOffers(statement);
  const lines = offers.flatMap((offer) => [
    `${offerLine(card, offer)}   ${offerName(offer)}`,
    ...ringsOf(statement, offer.hash).map((ringed) => ringedLine(card, offer, ringed)),
  ]);
  if (offers.length === 0) lines.push("  no ring orders");
  const data = offers.map((offer) => offerData(card, offer, ringsOf(statement, offer.hash)));
  return readEnding(statement, troubles, [...lines, asOfLine(statement)], { offers: data });
}

/** `signet ring status ID|HASH`. */
export async function status(context: Context, words: readonly string[]): Promise<Ended> {
  const read = await readStatement(context);
  if (!read.ok) return read;
  const [name = ""] = words;
  const offer = offerCalled(read.statement, name);
  if (offer !== undefined) return offerEnding(read, offer);
  const entry = findEntry(read.account.home, name);
  if (entry) return letterStatus(context, read.account, read.statement, entry);
  return trouble("E114", `No ring order here is called ${printable(name)}.`, {
    next: "signet ring list --all     lists every ring order that is known here",
  });
}

type Asked = { readonly url: string; readonly fields: JsonObject };

/** The first relay's answer to a public question. */
async function askRelays(account: Account, path: string): Promise<Outcome<Asked>> {
  const silent: string[] = [];
  for (const url of account.exchange.urls) {
    const answer = await fetchJson(url, path);
    const why = answer.kind === "failed" ? answer.why : whyNot(answer);
    if (answer.kind === "answer" && answer.status === 200) {
      return { ok: true, value: { url, fields: objectOf(answer.value) } };
    }
    silent.push(`${nameOfUrl(url)}: ${why}`);
  }
  return trouble("E801", `No relay told about the ring venue. ${silent.join("; ")}`, {
    meaning: "Nothing of yours was sent or changed.",
    next: "Ask another relay: --relay URL",
  });
}

/** A relay's own sentence, if it gives one. */
function whyNot({ status, value }: Extract<JsonAnswer, { kind: "answer" }>): string {
  const detail = textOf(objectOf(value)["detail"]);
  return detail === undefined ? `status ${status}` : printable(detail);
}

/** `signet ring venue`. */
export async function venue(context: Context): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const newest = await context.lookForCard(account.value);
  const exchange = context.offline ? account.value.exchange : await newest.soon();
  const ring = ringOf(exchange.card);
  if (!ring.ok) return ring;
  const { chainId, contract, miner, feeRecipient, tokens } = ring.value;
  const offers = context.offline
    ? undefined
    : await askRelays({ ...account.value, exchange }, "/v1/ring/offers");
  const live = offers?.ok === true ? listOf(offers.value.fields["offers"]).length : undefined;
  const lines = [
    `  chain           ${chainId}`,
    `  contract        ${checksummed(contract)}     to be approved in what you sell`,
    `  miner           ${checksummed(miner)}     the auth address of --shared`,
    `  fees go to      ${checksummed(feeRecipient)}`,
    ...table(
      ["token", "decimals", "address"],
      tokens.map(({ name, decimals, address }) => [name, String(decimals), checksummed(address)]),
    ),
    "  All of this stands in the exchange's signed card.",
    ...(live === undefined ? [] : [`  live offers     ${live}, says a relay`]),
  ];
  const shown = tokens.map(({ name, decimals, address }) => ({ name, decimals, address }));
  return {
    ok: true,
    exit: exits.done,
    lines,
    data: {
      ok: true,
      chainId: chainId.toString(),
      contract,
      miner,
      feeRecipient,
      tokens: shown,
      offers: live,
      exit: exits.done,
    },
  };
}

type Level = {
  readonly sell: string;
  readonly buy: string;
  readonly price: string;
  readonly hops: number;
};

/** `signet ring depth SELL/BUY`. */
export async function depth(context: Context, words: readonly string[]): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const ring = ringOf(account.value.exchange.card);
  if (!ring.ok) return ring;
  const [sellName = "", buyName = "", ...more] = (words[0] ?? "").split("/");
  if (buyName === "" || more.length > 0) {
    return trouble("E100", "Name two tokens: signet ring depth SELL/BUY");
  }
  const sell = tokenOf(ring.value, sellName);
  if (!sell.ok) return sell;
  const buy = tokenOf(ring.value, buyName);
  if (!buy.ok) return buy;
  if (sell.value.address === buy.value.address) {
    return trouble("E121", `Nobody sells ${sell.value.name} for itself.`, {
      next: "Name two tokens of those that signet ring venue lists.",
    });
  }
  const query = `sell=${sell.value.name}&buy=${buy.value.name}`;
  const asked = await askRelays(account.value, `/v1/ring/depth?${query}`);
  if (!asked.ok) return asked;
  const pair = { sell: sell.value, buy: buy.value };
  const side = (name: string): readonly Level[] =>
    listOf(asked.value.fields[name]).flatMap((level) => readLevel(level, pair));
  const [asks, bids] = [side("levels"), side("bids")];
  const row = (what: string, level: Level): readonly string[] => [
    what,
    level.sell,
    level.buy,
    level.price,
    `${level.hops} order${level.hops === 1 ? "" : "s"}`,
  ];
  // As a book is read: the best of both sides meet in the middle.
  const rows = [
    ...asks.toReversed().map((level) => row("offered", level)),
    ...bids.map((level) => row("wanted", level)),
  ];
  const [base, quote] = [pair.sell.name, pair.buy.name];
  const head = [base, base, quote, `${quote} for 1 ${base}`, "through"];
  const lines = rows.length === 0 ? ["  nobody offers either"] : table(head, rows);
  const told = `  as ${nameOfUrl(asked.value.url)} tells it; not signed`;
  return {
    ok: true,
    exit: exits.done,
    lines: [...lines, told],
    data: { ok: true, sell: base, buy: quote, asks, bids, exit: exits.done },
  };
}

function readLevel(
  value: Json,
  { sell, buy }: { readonly sell: RingToken; readonly buy: RingToken },
): readonly Level[] {
  const fields = objectOf(value);
  const sellAmount = unitsIn(fields["sellAmount"]);
  const buyAmount = unitsIn(fields["buyAmount"]);
  const hops = numberOf(fields["hops"]);
  const price = textOf(fields["price"]) ?? "";
  const isPrice = /^\d{1,80}(?:\.\d{1,80})?$/.test(price);
  if (sellAmount === undefined || buyAmount === undefined || hops === undefined || !isPrice) {
    return [];
  }
  return [
    {
      sell: printUnits(sellAmount, sell.decimals),
      buy: printUnits(buyAmount, buy.decimals),
      price,
      hops,
    },
  ];
}

function unitsIn(value: Json | undefined): bigint | undefined {
  const text = textOf(value) ?? "";
  return /^\d{1,78}$/.test(text) ? BigInt(text) : undefined;
}
