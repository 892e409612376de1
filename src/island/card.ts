/**
 * The exchange's card as the island publishes it: the facts, clear-signed by the operating key,
 * and the certificate behind it, so that a stranger with gpg and curl has all he needs
 * (docs/spec/exchange.md).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Time } from "../codec/time.ts";
import type { State } from "../engine/state.ts";
import { ringVenue } from "../engine/rings.ts";
import { type CardRing, printCard } from "../letter/card.ts";
import { clearSign } from "../seal/card.ts";
import { keyNumber } from "../codec/keynumber.ts";
import { logVerifierKey, type Settings } from "./settings.ts";

/** The clear-signed card with the armored certificate after it. */
export async function printIslandCard(settings: Settings, state: State, at: Time): Promise<string> {
  const { assets, markets, threshold, operators } = state.configuration;
  const ring = cardRing(settings, state);
  const text = printCard({
    exchange: settings.exchange,
    keyNumber: keyNumber(settings.exchange),
    ...(settings.second === undefined ? {} : { v6: settings.second }),
    log: logVerifierKey(settings),
    relays: settings.relays,
    assets: [...assets.values()],
    markets: [...markets.values()],
    ...(ring === undefined ? {} : { ring }),
    operators: { need: threshold, of: operators.length },
    at,
  });
  const certificate = readFileSync(join(settings.dir, "certificate.asc"), "latin1");
  return (await clearSign(text, settings.operating, at)) + certificate;
}

/** The ring venue, if there is one and this island mines for it. */
function cardRing({ miner }: Settings, state: State): CardRing | undefined {
  const venue = ringVenue(state);
  if (venue === undefined || miner === undefined) return undefined;
  const { domain, feeRecipient, tokens } = venue;
  return {
    ...domain,
    miner: venue.miner,
    feeRecipient,
    tokens: [...tokens.values()].map(({ name, address, decimals }) => ({
      name,
      address,
      decimals,
    })),
    minerCertificate: miner.certificate,
  };
}
