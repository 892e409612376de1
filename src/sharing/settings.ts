/**
 * `miner.conf` (docs/spec/sharing.md §1): the venue that a node serves and how it mines. The lines
 * of the ring venue are those of an exchange's `signet.conf`, without the miner, whose address is
 * that of the key beside this file.
 *
 *   name NAME
 *   listen HOST:PORT
 *   ring chain N contract ADDRESS [fee-recipient ADDRESS] [gas-per-order X] [deadline S] [round S]
 *   token NAME address ADDRESS decimals N price X
 *   finality BLOCKS
 *   notes PER-SECOND BURST
 *   orders MOST
 */
import { type Address, parseAddress } from "../codec/ethereum.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import type { Domain } from "../ring/digest.ts";
import { isShareName } from "./message.ts";
import type { Rate } from "./rate.ts";

export type ListedToken = {
  readonly name: string;
  readonly address: Address;
  readonly decimals: number;
  /** What a whole one is worth, in any one measure. */
  readonly price: number;
};

export type NodeSettings = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly domain: Domain;
  /** `undefined`: the miner itself. */
  readonly feeRecipient: Address | undefined;
  readonly gasPerOrder: number;
  /** Seconds until a submission lapses. */
  readonly deadline: bigint;
  /** Seconds between rounds. */
  readonly round: number;
  readonly tokens: readonly ListedToken[];
  /** Blocks on top of another after which it is believed to stay. */
  readonly finality: number;
  /** How much each member may say. */
  readonly rate: Rate;
  /** So many are held at most, of one member a quarter. */
  readonly ordersMax: number;
};

type Reading = { -readonly [Name in keyof NodeSettings]: NodeSettings[Name] | undefined } & {
  tokens: ListedToken[];
};

const tokensMax = 1000;

/** Reads the file; a refusal says which line is wrong. */
export function parseSettings(text: string): Verdict<NodeSettings, "settings_malformed"> {
  const reading: Reading = {
    name: undefined,
    host: "127.0.0.1",
    port: 8400,
    domain: undefined,
    feeRecipient: undefined,
    gasPerOrder: 0,
    deadline: 300n,
    round: 1,
    tokens: [],
    finality: 6,
    rate: { perSecond: 20, burst: 400 },
    ordersMax: 20_000,
  };
  for (const [i, line] of text.split("\n").entries()) {
    const [kind, ...words] = line.replace(/#.*$/, "").split(/\s+/).filter(Boolean);
    if (kind === undefined) continue;
    const isRead = readers[kind]?.(reading, words) === true;
    if (!isRead) {
      return refuse("settings_malformed", `line ${i + 1}: see docs/spec/sharing.md, section 1`);
    }
  }
  const { name, domain, host, port, gasPerOrder, deadline, round, finality, rate } = reading;
  if (name === undefined || domain === undefined) {
    return refuse("settings_malformed", "the lines name and ring must be there");
  }
  const { feeRecipient, tokens } = reading;
  if (host === undefined || port === undefined || gasPerOrder === undefined) return incomplete;
  if (deadline === undefined || round === undefined) return incomplete;
  const { ordersMax } = reading;
  if (finality === undefined || rate === undefined || ordersMax === undefined) return incomplete;
  const more = { gasPerOrder, deadline, round, tokens, finality, rate, ordersMax };
  return accept({ name, host, port, domain, feeRecipient, ...more });
}

const incomplete = refuse("settings_malformed", "a line is missing");

type Reader = (reading: Reading, words: readonly string[]) => boolean;

const readers: Readonly<Record<string, Reader>> = {
  name: (reading, [name = "", ...more]) => {
    reading.name = name;
    return isShareName(name) && more.length === 0;
  },
  listen: (reading, [where = ""]) => {
    const match = /^(\[[0-9a-f:]+\]|[\w.-]+):(\d{1,5})$/.exec(where);
    reading.host = match?.[1]?.replace(/^\[|\]$/g, "");
    reading.port = Number(match?.[2] ?? 65_536);
    return reading.host !== undefined && reading.port < 65_536;
  },
  ring: readRing,
  token: readToken,
  finality: (reading, [blocks = ""]) => {
    reading.finality = Number(blocks);
    return /^\d{1,4}$/.test(blocks);
  },
  orders: (reading, [most = ""]) => {
    reading.ordersMax = Number(most);
    return /^[1-9]\d{0,5}$/.test(most);
  },
  notes: (reading, [perSecond = "", burst = ""]) => {
    reading.rate = { perSecond: Number(perSecond), burst: Number(burst) };
    return /^[1-9]\d{0,4}$/.test(perSecond) && /^[1-9]\d{0,5}$/.test(burst);
  },
};

/** Words two by two. */
function pairsOf(words: readonly string[]): ReadonlyMap<string, string> | undefined {
  const pairs = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) pairs.set(words[i] ?? "", words[i + 1] ?? "");
  return pairs.size * 2 === words.length ? pairs : undefined;
}

function readRing(reading: Reading, words: readonly string[]): boolean {
  const pairs = pairsOf(words);
  const contract = parseAddress(pairs?.get("contract") ?? "");
  const chain = pairs?.get("chain") ?? "";
  if (pairs === undefined || contract === undefined || !/^[1-9]\d{0,15}$/.test(chain)) return false;
  reading.domain = { chainId: BigInt(chain), contract };
  for (const [name, value] of pairs) {
    switch (name) {
      case "chain":
      case "contract":
        break;
      case "fee-recipient":
        reading.feeRecipient = parseAddress(value);
        if (reading.feeRecipient === undefined) return false;
        break;
      case "gas-per-order":
        reading.gasPerOrder = decimalIn(value) ?? -1;
        if (reading.gasPerOrder < 0) return false;
        break;
      case "deadline":
        if (!/^[1-9]\d{0,5}$/.test(value)) return false;
        reading.deadline = BigInt(value);
        break;
      case "round":
        reading.round = decimalIn(value) ?? 0;
        if (reading.round < 0.05 || reading.round > 3600) return false;
        break;
      default:
        return false;
    }
  }
  return true;
}

function readToken(reading: Reading, [name = "", ...words]: readonly string[]): boolean {
  const pairs = pairsOf(words);
  const address = parseAddress(pairs?.get("address") ?? "");
  const decimals = pairs?.get("decimals") ?? "";
  const price = decimalIn(pairs?.get("price") ?? "");
  const isTaken = reading.tokens.some((one) => one.name === name || one.address === address);
  if (pairs?.size !== 3 || address === undefined || !/^\d{1,2}$/.test(decimals)) return false;
  if (!/^[A-Z][A-Z0-9.]{0,11}$/.test(name) || price === undefined || isTaken) return false;
  reading.tokens.push({ name, address, decimals: Number(decimals), price });
  return reading.tokens.length <= tokensMax;
}

function decimalIn(text: string): number | undefined {
  return /^\d{1,18}(?:\.\d{1,18})?$/.test(text) ? Number(text) : undefined;
}
