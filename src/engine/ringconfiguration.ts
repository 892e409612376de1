/**
 * The ring venue's lines of a configuration (docs/spec/exchange.md §3): where it is, its tokens,
 * and who watches the chain for it.
 *
 *   ring chain 31337 contract 0x… miner 0x… fee-recipient 0x… gas-per-order D deadline S round R
 *   token NAME address 0x… decimals D price P
 *   watchers K
 *   watcher FINGERPRINT
 *
 * Prices and gas stay texts: only the finder reads them, as weights, and nothing here depends on
 * them.
 */
import { type Address, noAddress, parseAddress } from "../codec/ethereum.ts";
import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { refuse, type Refused } from "../codec/verdict.ts";
import { parseDecimal } from "../money/decimal.ts";
import type { Domain } from "../ring/digest.ts";
import type { ConfigurationRefusal } from "./refusals.ts";

/** A token of the ring venue. */
export type RingToken = {
  readonly name: string;
  readonly address: Address;
  readonly decimals: number;
  /** What a whole one is worth, in any one measure for all tokens: a decimal. */
  readonly price: string;
};

/** The ring venue as it is configured. */
export type RingConfiguration = {
  readonly domain: Domain;
  readonly miner: Address;
  readonly feeRecipient: Address;
  /** What one order's place in a ring costs, in the measure of prices: a decimal. */
  readonly gasPerOrder: string;
  /** Seconds until a submission lapses. */
  readonly deadline: number;
  /** Seconds between rounds: a decimal. */
  readonly round: string;
  /** By name, in the order of the lines. */
  readonly tokens: ReadonlyMap<string, RingToken>;
  /** The names of their addresses. */
  readonly names: ReadonlyMap<Address, string>;
};

/** The ring venue and those who watch its chain; how many of them must say the same. */
export type RingPart = {
  readonly ring: RingConfiguration | undefined;
  readonly watchersNeeded: number;
  readonly watchers: readonly Fingerprint[];
};

/** What was read so far. */
export type RingDraft = {
  ring: Omit<RingConfiguration, "tokens" | "names"> | undefined;
  needed: number | undefined;
  readonly tokens: Map<string, RingToken>;
  readonly names: Map<Address, string>;
  readonly watchers: Set<Fingerprint>;
};

/** Nothing read yet. */
export function newRingDraft(): RingDraft {
  return {
    ring: undefined,
    needed: undefined,
    tokens: new Map(),
    names: new Map(),
    watchers: new Set(),
  };
}

type Wrong = Refused<ConfigurationRefusal>;

const watchersMax = 20;
const deadlineMax = 86_400;
/** 10^77 is the highest power of ten in a word of the chain. */
const tokenDecimalsMax = 77;
const tokenName = /^[A-Z][A-Z0-9.]{0,11}$/;
const decimalText = /^(?:0|[1-9]\d{0,14})(?:\.\d{1,18})?$/;

/** Reads one of the venue's lines; `fact_unknown` for any other. */
export function readRingFact(draft: RingDraft, words: readonly string[]): Wrong | undefined {
  switch (words[0]) {
    case "ring":
      return readRing(draft, words);
    case "token":
      return readToken(draft, words);
    case "watchers":
      return readNeeded(draft, words);
    case "watcher":
      return readWatcher(draft, words);
    default:
      return refuse(
        "fact_unknown",
        "asset, market, limits, day, volatility, issuer, rename, statements, operators, operator, " +
          "ring, token, watchers or watcher",
      );
  }
}

const ringForm = [
  [1, "chain"],
  [3, "contract"],
  [5, "miner"],
  [7, "fee-recipient"],
  [9, "gas-per-order"],
  [11, "deadline"],
  [13, "round"],
] as const;

function readRing(draft: RingDraft, words: readonly string[]): Wrong | undefined {
  const form = ringForm.map(([, word]) => `${word} …`).join(" ");
  const wrong = (what: string): Wrong => refuse("fact_malformed", `ring ${form}: ${what}`);
  if (words.length !== 15 || ringForm.some(([index, word]) => words[index] !== word)) {
    return wrong("its words");
  }
  if (draft.ring !== undefined) return refuse("fact_repeated", "ring");
  const word = (index: number): string => words[index] ?? "";
  const chainId = parseDecimal(word(2), 0);
  if (chainId === undefined || chainId < 1) return wrong("chain is a number from 1");
  const [contract, miner] = [addressIn(word(4)), addressIn(word(6))];
  const feeRecipient = addressIn(word(8));
  if (contract === undefined || miner === undefined) return wrong("an address");
  if (feeRecipient === undefined) return wrong("an address");
  if (feeRecipient === contract) return wrong("the contract gets no fees");
  if (!decimalText.test(word(10))) return wrong("gas-per-order is a decimal");
  const deadline = parseDecimal(word(12), 0);
  if (deadline === undefined || deadline < 1 || deadline > deadlineMax) {
    return wrong(`deadline is 1 to ${deadlineMax} seconds`);
  }
  if (!isAboveZero(word(14))) return wrong("round is a decimal above 0, seconds");
  const domain = { chainId: BigInt(chainId), contract };
  const [gasPerOrder, round] = [word(10), word(14)];
  draft.ring = { domain, miner, feeRecipient, gasPerOrder, deadline, round };
  return undefined;
}

/** The zero address is nobody's. */
function addressIn(text: string): Address | undefined {
  const address = parseAddress(text);
  return address === noAddress ? undefined : address;
}

function isAboveZero(text: string): boolean {
  return decimalText.test(text) && /[1-9]/.test(text);
}

function readToken(draft: RingDraft, words: readonly string[]): Wrong | undefined {
  const form = "token NAME address 0x… decimals D price P";
  const wrong = (what: string): Wrong => refuse("fact_malformed", `${form}: ${what}`);
  const [, name = "", second, addressText = "", fourth, decimalsText = "", sixth, price = ""] =
    words;
  const isFormed = second === "address" && fourth === "decimals" && sixth === "price";
  if (words.length !== 8 || !isFormed) return wrong("its words");
  if (!tokenName.test(name)) return wrong("NAME");
  const address = addressIn(addressText);
  if (address === undefined) return wrong("an address");
  const decimals = parseDecimal(decimalsText, 0);
  if (decimals === undefined || decimals > tokenDecimalsMax) {
    return wrong(`D is 0 to ${tokenDecimalsMax}`);
  }
  if (!isAboveZero(price)) return wrong("P is a decimal above 0");
  if (draft.tokens.has(name)) return refuse("fact_repeated", `token ${name}`);
  if (draft.names.has(address)) return refuse("fact_repeated", `token at ${address}`);
  draft.tokens.set(name, { name, address, decimals, price });
  draft.names.set(address, name);
  return undefined;
}

function readNeeded(draft: RingDraft, words: readonly string[]): Wrong | undefined {
  if (draft.needed !== undefined) return refuse("fact_repeated", "watchers");
  const needed = parseDecimal(words[1] ?? "", 0);
  if (words.length !== 2 || needed === undefined || needed < 1) {
    return refuse("fact_malformed", "watchers K, K at least 1");
  }
  draft.needed = needed;
  return undefined;
}

function readWatcher(draft: RingDraft, words: readonly string[]): Wrong | undefined {
  const watcher = (words[1] ?? "").toLowerCase();
  if (words.length !== 2 || !isFingerprint(watcher)) {
    return refuse("fact_malformed", "watcher FINGERPRINT, 40 hex digits");
  }
  if (draft.watchers.has(watcher)) return refuse("fact_repeated", `watcher ${watcher}`);
  draft.watchers.add(watcher);
  return undefined;
}

/** The whole, once all lines are read. */
export function ringPartOf(draft: RingDraft): RingPart | Wrong {
  const { ring, needed = 0, tokens, names, watchers } = draft;
  if (ring === undefined) {
    if (tokens.size === 0 && needed === 0 && watchers.size === 0) return noRing;
    return refuse("ring_missing", "token, watchers and watcher go with a line ring");
  }
  if (needed < 1 || needed > watchers.size || watchers.size > watchersMax) {
    const detail = `1 <= watchers <= number of watcher lines <= ${watchersMax}`;
    return refuse("watchers_wrong", detail);
  }
  const whole = { ...ring, tokens, names };
  return { ring: whole, watchersNeeded: needed, watchers: [...watchers] };
}

/** An exchange without a ring venue. */
export const noRing: RingPart = { ring: undefined, watchersNeeded: 0, watchers: [] };

/** The line that must stay and does not. Tokens may come, and cost and fee recipient change. */
export function mustStayIn(before: RingPart, after: RingPart): string | undefined {
  if (before.ring === undefined) return undefined;
  const { domain, tokens } = before.ring;
  const next = after.ring;
  if (next?.domain.chainId !== domain.chainId || next.domain.contract !== domain.contract) {
    return `ring chain ${domain.chainId} contract ${domain.contract}`;
  }
  for (const { name, address, decimals } of tokens.values()) {
    const token = next.tokens.get(name);
    if (token?.address !== address || token.decimals !== decimals) {
      return `token ${name} address ${address} decimals ${decimals}`;
    }
  }
  return undefined;
}
