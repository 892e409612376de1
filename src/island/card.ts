/**
 * The exchange's card as the island publishes it: the facts, clear-signed by the operating key,
 * and the certificate behind it, so that a stranger with gpg and curl has all he needs
 * (docs/spec/exchange.md).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Time } from "../codec/time.ts";
import type { State } from "../engine/state.ts";
import { printCard } from "../letter/card.ts";
import { clearSign } from "../seal/card.ts";
import { keyNumber } from "../codec/keynumber.ts";
import { logVerifierKey, type Settings } from "./settings.ts";

/** The clear-signed card with the armored certificate after it. */
export async function printIslandCard(settings: Settings, state: State, at: Time): Promise<string> {
  const { assets, markets, threshold, operators } = state.configuration;
  const text = printCard({
    exchange: settings.exchange,
    keyNumber: keyNumber(settings.exchange),
    log: logVerifierKey(settings),
    relays: settings.relays,
    assets: [...assets.values()],
    markets: [...markets.values()],
    operators: { need: threshold, of: operators.length },
    at,
  });
  const certificate = readFileSync(join(settings.dir, "certificate.asc"), "latin1");
  return (await clearSign(text, settings.operating, at)) + certificate;
}
