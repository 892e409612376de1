/**
 * `signet issue …`: what an asset's issuer says of it. What cannot be undone is shown as it will be
 * signed, in words and as the line itself, and asked about.
 */
import { sha256, toHex } from "../codec/bytes.ts";
import type { Time } from "../codec/time.ts";
import type { Card } from "../letter/card.ts";
import type { Command } from "../letter/command.ts";
import { parseLine } from "../letter/grammar.ts";
import { printDecimal } from "../money/decimal.ts";
import type { Account } from "../wallet/account.ts";
import { showAmount } from "../wallet/amounts.ts";
import type { Line } from "../wallet/compose.ts";
import { trouble, type Outcome } from "../wallet/errors.ts";
import {
  dividendLine,
  listLine,
  ofAssetLine,
  ratioLine,
  renameLine,
} from "../wallet/issuerlines.ts";
import { commandWords } from "../web/wallet/words.ts";
import type { Context, Ended } from "./context.ts";
import { deliver, type FollowOptions } from "./deliver.ts";
import { readInput } from "./input.ts";
import { ask } from "./prompt.ts";

type IssueOptions = FollowOptions & {
  readonly yes?: boolean;
  readonly tag?: string;
  readonly float?: string;
  readonly record?: string;
};

/** `signet issue list ASSET SHARES CONTRACT`: the contract's file, or its SHA-256. */
export async function list(
  context: Context,
  words: readonly string[],
  options: IssueOptions,
): Promise<Ended> {
  const [asset = "", shares = "", contract = ""] = words;
  const hash = await hashOf(contract);
  if (!hash.ok) return hash;
  const asked = { asset, shares, hash: hash.value };
  return say(context, options, ({ exchange }) =>
    listLine(exchange.card, asked, { tag: options.tag }),
  );
}

async function hashOf(contract: string): Promise<Outcome<string>> {
  if (/^[0-9a-fA-F]{64}$/.test(contract)) return { ok: true, value: contract };
  const file = await readInput(contract);
  return file.ok ? { ok: true, value: toHex(sha256(file.value)) } : file;
}

/** `signet issue dividend TOTAL PAYASSET on ASSET --float SHARES [--record TIME]`. */
export async function dividend(
  context: Context,
  words: readonly string[],
  options: IssueOptions,
): Promise<Ended> {
  const [total = "", pay = "", on, asset, more] = words;
  const { float, record } = options;
  if (on !== "on" || asset === undefined || more !== undefined || float === undefined) {
    const what = "A dividend is TOTAL PAYASSET on ASSET, with --float SHARES.";
    return trouble("E100", what, { next: "signet issue dividend 5 BTC on GLD --float 1000" });
  }
  const asked = { asset, total, pay, float, record };
  return say(context, options, ({ exchange }, at) =>
    dividendLine(exchange.card, asked, { tag: options.tag }, at),
  );
}

/** `signet issue ratio ASSET NEW for OLD at PRICE PAYASSET`. */
export async function ratio(
  context: Context,
  words: readonly string[],
  options: IssueOptions,
): Promise<Ended> {
  const [asset = "", numerator = "", word, denominator = "", at, price = "", pay, more] = words;
  if (word !== "for" || at !== "at" || pay === undefined || more !== undefined) {
    const what = "A ratio is ASSET NEW for OLD at PRICE PAYASSET, the price of one new share.";
    return trouble("E100", what, { next: "signet issue ratio GLD 1 for 10 at 0.42 BTC" });
  }
  const asked = { asset, numerator, denominator, price, pay };
  return say(context, options, ({ exchange }) =>
    ratioLine(exchange.card, asked, { tag: options.tag }),
  );
}

/** `signet issue rename ASSET NEWASSET`. */
export async function rename(
  context: Context,
  words: readonly string[],
  options: IssueOptions,
): Promise<Ended> {
  const [asset = "", to = ""] = words;
  return say(context, options, ({ exchange }) =>
    renameLine(exchange.card, { asset, to }, { tag: options.tag }),
  );
}

/** `signet issue delist ASSET`. */
export async function delist(
  context: Context,
  words: readonly string[],
  options: IssueOptions,
): Promise<Ended> {
  const [asset = ""] = words;
  return say(context, options, ({ exchange }) =>
    ofAssetLine(exchange.card, "delist", asset, { tag: options.tag }),
  );
}

/** `signet issue holders ASSET`: changes nothing, so nothing is asked. */
export async function holders(
  context: Context,
  words: readonly string[],
  options: IssueOptions,
): Promise<Ended> {
  const [asset = ""] = words;
  return deliver(context, options, async ({ exchange }) =>
    ofAssetLine(exchange.card, "holders", asset, { tag: options.tag }),
  );
}

async function say(
  context: Context,
  options: IssueOptions,
  compose: (account: Account, at: Time) => Outcome<Line>,
): Promise<Ended> {
  return deliver(context, options, async (account, at) => {
    const line = compose(account, at);
    if (!line.ok || options.dryRun === true) return line;
    return (await isMeant(context, account, line.value, options)) ? line : trouble("E131");
  });
}

async function isMeant(
  context: Context,
  account: Account,
  { text }: Line,
  { yes }: IssueOptions,
): Promise<boolean> {
  const { command } = parseLine(text, 1);
  if (command.ok) context.say(`  ${commandWords(account.exchange.card, command.value)}.`);
  if (command.ok && command.value.kind === "dividend") {
    context.say(`  ${eachShareGets(account.exchange.card, command.value)}`);
  }
  context.say(`  ${text}`);
  if (yes === true) return true;
  const answer = await ask("  This cannot be undone. Sign and send it? [y/N] ");
  return answer?.toLowerCase() === "y" || answer?.toLowerCase() === "yes";
}

/** What a share gets; exactly, if that has not too many digits. */
function eachShareGets(
  card: Card,
  { asset, pay, total, float }: Extract<Command, { kind: "dividend" }>,
): string {
  const decimals = (name: string): number =>
    card.assets.find((known) => known.name === name)?.decimals ?? 0;
  const more = 4;
  const scaled = BigInt(total) * 10n ** BigInt(decimals(asset) + more);
  const each = scaled / BigInt(float);
  const equals = each * BigInt(float) === scaled ? "=" : "or about";
  const counted = `${showAmount(card, asset, float)} ${asset}`;
  const sum = `${showAmount(card, pay, total)} ${pay}`;
  const fits = each <= BigInt(Number.MAX_SAFE_INTEGER);
  const what = fits ? ` ${equals} ${printDecimal(Number(each), decimals(pay) + more)} ${pay}` : "";
  return (
    `Each share gets ${sum} / ${counted}${what}. ` +
    `Shares that others hold count; what is for your own and for none stays with you.`
  );
}
