/**
 * `signet raw template|seal|send|open`: each step of a letter by itself, for people who have gpg
 * and an editor. Letters by hand count on a thread of their own, so that they never meet the
 * wallet's numbers.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { fromLatin1, toLatin1 } from "../codec/bytes.ts";
import { shortId } from "../codec/names.ts";
import type { Fingerprint } from "../codec/names.ts";
import { nameOfUrl } from "../codec/reach.ts";
import { armor, dearmor } from "../letter/armor.ts";
import { readEnvelope, type EnvelopeRefusal } from "../letter/envelope.ts";
import { parseLetter } from "../letter/parse.ts";
import { orderIdOf } from "../letter/orderid.ts";
import { printLetter } from "../letter/print.ts";
import { parseWhole } from "../money/amount.ts";
import { sealLetter } from "../seal/customer.ts";
import { readReport, keepReport } from "../wallet/archive.ts";
import { fetchReply } from "../wallet/client.ts";
import { exits, rejected, trouble, type Outcome, type Trouble } from "../wallet/errors.ts";
import { fetchVerified, loadExchange, pinnedIn, relayDefault } from "../wallet/exchange.ts";
import { nextNumber } from "../wallet/outbox.ts";
import { Payer, payingWords } from "../wallet/postage.ts";
import { signingKey } from "../wallet/keyring.ts";
import { exchangeToSealTo, openSealed } from "../wallet/sealed.ts";
import { now, readDeadline, readDuration } from "../wallet/times.ts";
import { accountOf, type CommonOptions, type Context, type Ended } from "./context.ts";
import { readInput } from "./input.ts";

type RawOptions = CommonOptions & {
  readonly by?: string;
  readonly thread?: string;
  readonly wait?: string;
};

/** The exchange's name and its relays: pinned here, or as a relay says. */
async function exchangeOf(
  context: Context,
): Promise<Outcome<{ readonly fingerprint: Fingerprint; readonly urls: readonly string[] }>> {
  if (pinnedIn(context.home) !== undefined) return loadExchange(context.home, context.relays);
  const urls = context.relays.length === 0 ? [relayDefault] : context.relays;
  return fetchVerified(urls, undefined);
}

const examples: ReadonlyMap<string, string> = new Map([
  ["buy", "BUY|GLD/BTC|100|4210|id=desk-1"],
  ["sell", "SELL|GLD/BTC|100|4210|id=desk-1"],
  ["stop", "SELL|GLD/BTC|100|stop=4100|tif=DAY|id=desk-2"],
  ["replace", "REPLACE|desk-1|80|4220"],
  ["cancel", "CANCEL|desk-1"],
  ["stat", "STAT"],
]);

/** `signet raw template [COMMAND…]`. */
export async function template(
  context: Context,
  words: readonly string[],
  options: RawOptions,
): Promise<Ended> {
  const exchange = await exchangeOf(context);
  if (!exchange.ok) return exchange;
  const by = readDeadline(options.by ?? "10m", now());
  if (!by.ok) return by;
  const thread = parseWhole(options.thread ?? "255");
  if (thread === undefined || thread > 255) return trouble("E100", "A thread is 0 to 255.");
  const asked = words.length === 0 ? ["buy"] : words;
  const commands = asked.map((word) => examples.get(word.toLowerCase()) ?? word);
  const parts = { exchange: exchange.value.fingerprint, by: by.value, commands };
  const bare = printLetter(parts);
  // A question needs no number.
  const without = parseLetter(bare, parts.exchange);
  const isNumbered = !without.ok && without.name === "seq_missing";
  const seq = isNumbered ? nextNumber(context.home, thread) : undefined;
  const text = isNumbered ? printLetter({ ...parts, seq, thread }) : bare;
  const read = parseLetter(text, exchange.value.fingerprint);
  const wrong = read.ok ? read.value.lines.find((line) => !line.command.ok)?.command : read;
  if (wrong?.ok === false) {
    context.say(`✕ The exchange would refuse this as it stands: ${wrong.detail} (${wrong.name})`);
  }
  return {
    ok: true,
    exit: exits.done,
    lines: text.trimEnd().split("\n"),
    data: { ok: true, text, seq, thread: isNumbered ? thread : undefined, exit: exits.done },
  };
}

/** `signet raw seal [FILE]`. */
export async function seal(context: Context, words: readonly string[]): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const { exchange, fingerprint } = account.value;
  const input = await readInput(words[0] ?? "-");
  if (!input.ok) return input;
  const text = toLatin1(input.value);
  const letter = parseLetter(text, exchange.fingerprint);
  if (!letter.ok) {
    const found = rejected(letter.name, letter.detail);
    return trouble("E115", `The exchange would refuse this letter: ${letter.detail}`, {
      next: `signet explain ${found.code}`,
    });
  }
  const key = signingKey(account.value, now());
  if (!key.ok) return key;
  const { certificate } = await exchangeToSealTo(account.value);
  const sealed = await sealLetter(text, { key: key.value, exchange: certificate, at: now() });
  const envelope = readEnvelope(sealed);
  const ref = envelope.ok ? envelope.value.ref : undefined;
  const orderId = orderIdOf(fingerprint, text);
  if (ref) context.say(`● sealed   ref ${shortId(ref)}   order id ${shortId(orderId)}`);
  const armored = armor(sealed);
  return {
    ok: true,
    exit: exits.done,
    lines: armored.trimEnd().split("\n"),
    data: { ok: true, ref, orderId, letter: armored, exit: exits.done },
  };
}

/** `signet raw send [FILE] [--wait TIME]`. */
export async function send(
  context: Context,
  words: readonly string[],
  options: RawOptions,
): Promise<Ended> {
  const input = await readInput(words[0] ?? "-");
  if (!input.ok) return input;
  const envelope = readEnvelope(input.value);
  if (!envelope.ok) {
    return isSecret(envelope.name)
      ? secretKeyKept("letter")
      : trouble("E115", `This is no sealed letter: ${envelope.detail}`);
  }
  const wait = readDuration(options.wait ?? "10s");
  if (!wait.ok) return wait;
  const exchange = await exchangeOf(context);
  if (!exchange.ok) return exchange;
  const { ref, binary } = envelope.value;
  const { urls } = exchange.value;
  const payer = new Payer({ ref, sealed: binary }, undefined);
  const carried: string[] = [];
  const reasons: string[] = [];
  await Promise.all(
    urls.map(async (url) => {
      const posted = await payer.post(url, undefined, (paying) =>
        context.say(`○ ${nameOfUrl(url)}: ${payingWords(paying)}`),
      );
      if (posted.kind === "receipt") carried.push(url);
      else
        reasons.push(`${nameOfUrl(url)}: ${posted.kind === "failed" ? posted.why : posted.reason}`);
    }),
  );
  if (carried.length === 0) return trouble("E801", `No relay took it. ${reasons.join("; ")}`);
  context.say(`● carried by ${carried.length} of ${urls.length}   ref ${shortId(ref)}`);
  const waited =
    options.wait === undefined ? undefined : await awaitReply(carried, ref, wait.value);
  if (waited === "unopenable") return trouble("E503", undefined, unopenable);
  if (waited === "none") return trouble("E501");
  const reply = waited;
  const lines = reply === undefined ? [ref] : armor(reply).trimEnd().split("\n");
  return {
    ok: true,
    exit: exits.done,
    lines,
    data: { ok: true, ref, carried, reply: reply && armor(reply), exit: exits.done },
  };
}

function isSecret(name: EnvelopeRefusal): boolean {
  return name === "secret_key_block";
}

/** The same to a relay would have left this computer; here it has not. */
function secretKeyKept(wanted: "letter" | "report"): Trouble {
  const what = `This is a secret key, not a ${wanted}. Not sent; the key is still only yours.`;
  return trouble("E115", what, { next: "Look which file you meant." });
}

const unopenable = {
  meaning: "That copy had no effect. A paper sealed before the exchange's keys changed is void.",
  next: "Causes: docs/guide/trader.md. With the key at hand: signet key freeze, or seal it anew.",
} as const;

/**
 * The first reply that any relay has, whether it is genuine, `raw open` or gpg will tell; or that
 * none came, and all that were heard say that the exchange could not open the letter.
 */
async function awaitReply(
  urls: readonly string[],
  ref: string,
  waitMs: number,
): Promise<Uint8Array | "unopenable" | "none"> {
  const deadline = Date.now() + waitMs;
  const unopened = new Set<string>();
  do {
    for (const url of urls) {
      const fetched = await fetchReply(url, ref);
      if (fetched.kind === "reply") return fetched.sealed;
      if (fetched.kind === "unopenable") unopened.add(url);
    }
    if (unopened.size === urls.length) break;
    await sleep(100);
  } while (Date.now() < deadline);
  return unopened.size > 0 ? "unopenable" : "none";
}

/** `signet raw open [FILE]`. */
export async function open(context: Context, words: readonly string[]): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const { exchange, fingerprint, home } = account.value;
  const input = await readInput(words[0] ?? "-");
  if (!input.ok) return input;
  const envelope = readEnvelope(input.value);
  if (!envelope.ok && isSecret(envelope.name)) return secretKeyKept("report");
  const sealed = unarmored(input.value);
  const opened = await openSealed(account.value, sealed);
  if (!opened.ok) return trouble("E607", `This does not open as a report to you: ${opened.detail}`);
  const parties = { exchange: exchange.fingerprint, account: fingerprint };
  const report = readReport(opened.value, parties);
  if (!report.ok) return report;
  const kept = keepReport(home, report.value, opened.value);
  if (!kept.ok) return kept;
  context.say("● the exchange's signature is good");
  return {
    ok: true,
    exit: exits.done,
    lines: opened.value.trimEnd().split("\n"),
    data: { ok: true, text: opened.value, report: report.value.report, exit: exits.done },
  };
}

/** The binary of a message that may be armored. */
function unarmored(bytes: Uint8Array): Uint8Array {
  if ((bytes[0] ?? 0) >= 0x80) return bytes;
  const binary = dearmor(toLatin1(bytes));
  return binary.ok ? binary.value : fromLatin1("");
}
