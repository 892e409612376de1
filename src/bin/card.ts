/** `signet card exchange` and `signet card mine`: public keys and terms, as text that gpg reads. */
import { armorCertificate } from "../wallet/account.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import {
  fetchVerified,
  loadExchange,
  pinnedIn,
  relayDefault,
  type Exchange,
} from "../wallet/exchange.ts";
import { NewestCard } from "../wallet/newest.ts";
import { keyNumber } from "../codec/keynumber.ts";
import { accountOf, type CommonOptions, type Context, type Ended } from "./context.ts";

/** `signet card [exchange|mine]`. */
export async function card(
  context: Context,
  words: readonly string[],
  options: CommonOptions & { readonly certificate?: boolean },
): Promise<Ended> {
  const whose = words[0] ?? "exchange";
  if (whose === "mine") return mine(context);
  if (whose !== "exchange") return trouble("E100", "Say card exchange or card mine.");
  const urls = context.relays.length === 0 ? [relayDefault] : context.relays;
  const pinned = pinnedIn(context.home);
  const exchange =
    pinned === undefined ? await fetchVerified(urls, undefined) : await newestPinned(context);
  if (!exchange.ok) return exchange;
  const { signedCard, armored, fingerprint } = exchange.value;
  const known = pinned === undefined ? "not pinned here: compare it" : "pinned here";
  context.say(`● the exchange's key number  ${exchange.value.card.keyNumber}   ${known}`);
  const text = options.certificate === true ? armored : `${signedCard}\n${armored}`;
  return {
    ok: true,
    exit: exits.done,
    lines: text.trimEnd().split("\n"),
    data: {
      ok: true,
      exchange: fingerprint,
      keyNumber: exchange.value.card.keyNumber,
      pinned: pinned !== undefined,
      card: signedCard,
      certificate: armored,
      exit: exits.done,
    },
  };
}

/** The pinned exchange with its newest card; with the card that is here, if no relay answers. */
async function newestPinned(context: Context): Promise<Outcome<Exchange>> {
  const exchange = await loadExchange(context.home, context.relays);
  if (!exchange.ok) return exchange;
  const newest = new NewestCard(context.home, exchange.value);
  const value = await newest.patiently();
  newest.end();
  return { ok: true, value };
}

async function mine(context: Context): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const { fingerprint } = account.value;
  const armored = armorCertificate(account.value);
  context.say(`● your key number  ${keyNumber(fingerprint)}`);
  context.say(`  fingerprint      ${fingerprint}`);
  const data = { ok: true, fingerprint, keyNumber: keyNumber(fingerprint), certificate: armored };
  return {
    ok: true,
    exit: exits.done,
    lines: armored.trimEnd().split("\n"),
    data: { ...data, exit: exits.done },
  };
}
