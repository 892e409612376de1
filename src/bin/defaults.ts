/** The files a new exchange starts with: play markets on this machine, one operator, one relay. */
import type { Fingerprint } from "../codec/names.ts";

export const portDefault = 8101;

const markets = [
  "market GLD/BTC lot 0.1 step 0.00001 tick 0.00001 maximum-price 100" +
    " quantity 0.1 to 100000 maker 0% taker 0.2%",
  "market BTC/EUR lot 0.01 step 1 tick 5 maximum-price 10000000" +
    " quantity 0.01 to 1000 maker 0.1% taker 0.2%",
];

export function defaultConfiguration(operator: Fingerprint): string {
  return `# Signet: assets, markets, fees and operators (docs/spec/exchange.md, 3).
# Edit and start again: the island journals the new text. Assets and markets may be added; what
# exists keeps its decimals, lots, steps and ticks.

# asset NAME decimals D supply MOST-THAT-MAY-EVER-EXIST
asset BTC decimals 8 supply 21000000
asset EUR decimals 2 supply 10000000000
asset GLD decimals 1 supply 100000000

# market BASE/QUOTE lot L step S tick T maximum-price P quantity LEAST to MOST maker M% taker M%
#   lot   the smallest quantity, and every quantity is a multiple of it
#   step  the price unit of the wire; tick  what prices must be a multiple of
#   fees are taken in the quote asset and rounded up on an order's whole notional
${markets.join("\n")}

# operators M   so many of the operators below must sign before money comes or goes
operators 1
operator ${operator}
`;
}

export function defaultRelays(port: number): string {
  return `# The relays that carry letters: NAME URL and the relay's verifier key, or \`here\` for
# one that \`npm start\` runs on this machine; behind a proxy with where it listens:
# birch https://birch.example here http://127.0.0.1:9302
alder http://127.0.0.1:${port} here
`;
}
