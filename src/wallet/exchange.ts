/**
 * The exchange as this home has pinned it. What a relay hands out is believed only after the card's
 * signature holds under the pinned certificate, and the certificate has the pinned fingerprint; the
 * fingerprint is what a person compared, as thirty digits.
 *
 *   exchange.json   {"exchange","certificate","card","relays","looked"}
 *   card: signed; relays: added by hand; looked: when a relay last showed its card, milliseconds
 */
import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { nameOfUrl } from "../codec/reach.ts";
import type { Time } from "../codec/time.ts";
import { parseCard, type Card } from "../letter/card.ts";
import { parseVerifierKey, type Verifier } from "../log/note.ts";
import { verifyClearSigned } from "../seal/card.ts";
import { readCertificate } from "../seal/certificate.ts";
import { keyNumber } from "../codec/keynumber.ts";
import type { ExchangeCertificate } from "../seal/keys.ts";
import { fetchExchange } from "./client.ts";
import { trouble, type Outcome } from "./errors.ts";
import { keep, readJson, type Home } from "./home.ts";
import { numberOf, objectOf, textOf, textsOf } from "./json.ts";
import { askable } from "./relays.ts";
import { now } from "./times.ts";

/** Where the first relay of an exchange on this machine listens. */
export const relayDefault = "http://127.0.0.1:8101";

/** A verified exchange. */
export type Exchange = {
  readonly fingerprint: Fingerprint;
  readonly certificate: ExchangeCertificate;
  readonly card: Card;
  /**
   * The card as it was signed, and the certificate as it came: for gpg's users and the next start.
   */
  readonly signedCard: string;
  readonly armored: string;
  readonly logKey: Verifier;
  readonly relayKeys: readonly Verifier[];
  /** Where letters are posted: the card's relays, then those added by hand. */
  readonly urls: readonly string[];
};

type Claimed = {
  readonly card: string;
  readonly certificate: string;
  readonly relays: readonly string[];
};

/** Verifies what somebody says of an exchange. With `pinned`, it must be that one. */
export async function verifyExchange(
  claimed: Claimed,
  pinned: Fingerprint | undefined,
  at: Time,
): Promise<Outcome<Exchange>> {
  const certificate = await readCertificate(claimed.certificate, at);
  if (!certificate.ok)
    return trouble("E603", `The certificate does not check: ${certificate.detail}`);
  const { fingerprint } = certificate.value;
  if (pinned !== undefined && fingerprint !== pinned) {
    return trouble(
      "E601",
      `This is not the exchange you pinned (${keyNumber(pinned).slice(0, 11)} …), ` +
        `but ${keyNumber(fingerprint).slice(0, 11)} ….`,
    );
  }
  const text = await verifyClearSigned(claimed.card, certificate.value, at);
  if (!text.ok) return trouble("E603", `The card does not check: ${text.detail}`);
  const card = parseCard(text.value);
  if (!card.ok) return trouble("E603", `The card is malformed: ${card.name}, ${card.detail}`);
  const logKey = parseVerifierKey(card.value.log);
  const relayKeys = card.value.relays.flatMap((relay) => parseVerifierKey(relay.key) ?? []);
  const consistent =
    card.value.exchange === fingerprint && card.value.keyNumber === keyNumber(fingerprint);
  if (!consistent || logKey === undefined || relayKeys.length !== card.value.relays.length) {
    return trouble("E603", "The card contradicts itself: its fingerprint, key number or a key.");
  }
  const urls = [...card.value.relays.map((relay) => relay.url), ...claimed.relays];
  return {
    ok: true,
    value: {
      fingerprint,
      certificate: certificate.value,
      card: card.value,
      signedCard: claimed.card,
      armored: claimed.certificate,
      logKey,
      relayKeys,
      urls: [...new Set(urls.map((url) => url.replace(/\/+$/, "")))],
    },
  };
}

/** Asks relays for the exchange's card until one is verified; names those whose card was not. */
export async function fetchVerified(
  urls: readonly string[],
  pinned: Fingerprint | undefined,
): Promise<Outcome<Exchange>> {
  const silent: string[] = [];
  let proxyFailed: string | undefined;
  let worst: Outcome<Exchange> | undefined;
  for (const url of urls) {
    const answer = await fetchExchange(url);
    if (answer.kind === "failed") {
      silent.push(`${nameOfUrl(url)}: ${answer.why}`);
      if (answer.proxy) proxyFailed = answer.why;
      continue;
    }
    const verified = await verifyExchange({ ...answer, relays: urls }, pinned, now());
    if (verified.ok) return verified;
    worst = { ...verified, what: `${verified.what} (from ${nameOfUrl(url)})` };
  }
  if (proxyFailed !== undefined && worst === undefined) {
    return trouble("E820", `No relay was reached: ${proxyFailed}.`);
  }
  return worst ?? trouble("E803", `No relay gave the exchange's card. ${silent.join("; ")}`);
}

/** Writes the pin: after this the home follows this exchange and no other. */
export function pinExchange(home: Home, exchange: Exchange): void {
  const named = new Set(exchange.card.relays.map((relay) => relay.url.replace(/\/+$/, "")));
  const relays = exchange.urls.filter((url) => !named.has(url));
  const { fingerprint, armored: certificate, signedCard: card } = exchange;
  const looked = now();
  const fields = { exchange: fingerprint, certificate, card, relays, looked };
  const text = JSON.stringify(fields, undefined, 2);
  keep(home, `${text}\n`, "exchange.json");
}

/** When a relay was last asked for the card, as far as this home knows. */
export function lookedAt(home: Home): number | undefined {
  return numberOf(objectOf(readJson(home, "exchange.json"))["looked"]);
}

/** Remembers that a relay showed the newest card that is known. */
export function keepLooked(home: Home): void {
  const fields = { ...objectOf(readJson(home, "exchange.json")), looked: now() };
  keep(home, `${JSON.stringify(fields, undefined, 2)}\n`, "exchange.json");
}

/** The pinned fingerprint, if any. */
export function pinnedIn(home: Home): Fingerprint | undefined {
  const pinned = textOf(objectOf(readJson(home, "exchange.json"))["exchange"]) ?? "";
  return isFingerprint(pinned) ? pinned : undefined;
}

/** Relays that were given when the home was made and that its card did not name. */
export function relaysAdded(home: Home): readonly string[] {
  return textsOf(objectOf(readJson(home, "exchange.json"))["relays"]);
}

/** The exchange of this home; fetches the card if only the fingerprint is pinned. */
export async function loadExchange(
  home: Home,
  added: readonly string[],
): Promise<Outcome<Exchange>> {
  const fields = objectOf(readJson(home, "exchange.json"));
  const pinned = pinnedIn(home);
  if (pinned === undefined) {
    return trouble("E701", `No exchange is pinned in ${home.name}.`);
  }
  const relays = [...relaysAdded(home), ...added];
  const card = textOf(fields["card"]);
  const certificate = textOf(fields["certificate"]);
  if (card !== undefined && certificate !== undefined) {
    const kept = await verifyExchange({ card, certificate, relays }, pinned, now());
    if (kept.ok) return { ok: true, value: asked(home, kept.value) };
  }
  return refreshFrom(home, relays.length === 0 ? [relayDefault] : relays, pinned);
}

/** Without the relays that this home does not ask. */
function asked(home: Home, exchange: Exchange): Exchange {
  return { ...exchange, urls: askable(home, exchange.urls) };
}

async function refreshFrom(
  home: Home,
  urls: readonly string[],
  pinned: Fingerprint,
): Promise<Outcome<Exchange>> {
  const fetched = await fetchVerified(urls, pinned);
  if (!fetched.ok) return fetched;
  pinExchange(home, fetched.value);
  await home.settled();
  return { ok: true, value: asked(home, fetched.value) };
}
