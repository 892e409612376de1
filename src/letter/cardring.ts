/**
 * The lines of the card about the ring venue (docs/spec/exchange.md §1): the contract and who mines
 * for it, the tokens by name, and the certificate that auth keys are sealed to.
 *
 *   ring CHAIN CONTRACT MINER FEERECIPIENT · token NAME ADDRESS DECIMALS × n · miner BASE64
 *
 * `miner` alone, so that a shell reads it: `sed -n 's/^miner //p' | base64 -d | gpg --import`.
 */
import { fromBase64 } from "../codec/bytes.ts";
import { type Address, parseAddress } from "../codec/ethereum.ts";
import { parseWhole } from "../money/amount.ts";
import { isAsset, parseCount } from "./atoms.ts";
import { certificateLineMax } from "./limits.ts";

/** A token of the venue by the name that reports and offers give it. */
export type RingToken = {
  readonly name: string;
  readonly address: Address;
  readonly decimals: number;
};

/** The ring venue, as the card says it. */
export type CardRing = {
  readonly chainId: bigint;
  readonly contract: Address;
  /** The miner's address; as an order's auth address, it is the key that the miner shares. */
  readonly miner: Address;
  readonly feeRecipient: Address;
  readonly tokens: readonly RingToken[];
  /** The miner's OpenPGP certificate, binary, in base64. */
  readonly minerCertificate: string;
};

/** What was read of it so far. */
export type RingDraft = {
  ring: Omit<CardRing, "tokens" | "minerCertificate"> | undefined;
  tokens: RingToken[];
  minerCertificate: string | undefined;
};

const decimalsMax = 77;

/** The venue's lines, in order. */
export function printCardRing(ring: CardRing): readonly string[] {
  const { chainId, contract, miner, feeRecipient, tokens, minerCertificate } = ring;
  return [
    `ring ${chainId} ${contract} ${miner} ${feeRecipient}`,
    ...tokens.map(({ name, address, decimals }) => `token ${name} ${address} ${decimals}`),
    `miner ${minerCertificate}`,
  ];
}

/** The venue, once every line was read; `undefined` if there is none; `missing`: not all of it. */
export function finishCardRing(draft: RingDraft): CardRing | "missing" | undefined {
  const { ring, tokens, minerCertificate } = draft;
  if (ring === undefined) return undefined;
  return minerCertificate === undefined ? "missing" : { ...ring, tokens, minerCertificate };
}

/** Takes the fields after `ring`, `token` or `miner` into the draft. */
export function readCardRing(
  draft: RingDraft,
  word: "ring" | "token" | "miner",
  fields: readonly string[],
): "read" | "malformed" | "repeated" {
  if (word === "ring") {
    if (draft.ring !== undefined) return "repeated";
    draft.ring = readRing(fields);
    return draft.ring === undefined ? "malformed" : "read";
  }
  // In the order in which they are printed.
  if (draft.ring === undefined) return "malformed";
  if (draft.minerCertificate !== undefined) return word === "miner" ? "repeated" : "malformed";
  if (word === "miner") {
    const [text = "", ...more] = fields;
    const fits = text !== "" && text.length <= certificateLineMax && more.length === 0;
    if (!fits || fromBase64(text) === undefined) return "malformed";
    draft.minerCertificate = text;
    return "read";
  }
  const token = readToken(fields);
  if (token === undefined) return "malformed";
  const { name, address } = token;
  if (draft.tokens.some((other) => other.name === name || other.address === address)) {
    return "repeated";
  }
  draft.tokens.push(token);
  return "read";
}

function addressIn(text: string | undefined): Address | undefined {
  return text === text?.toLowerCase() ? parseAddress(text ?? "") : undefined;
}

function readRing(fields: readonly string[]): RingDraft["ring"] {
  const chainId = parseCount(fields[0] ?? "");
  const [contract, miner, feeRecipient] = fields.slice(1).map(addressIn);
  if (fields.length !== 4 || chainId === undefined || contract === undefined) return undefined;
  if (miner === undefined || feeRecipient === undefined) return undefined;
  return { chainId: BigInt(chainId), contract, miner, feeRecipient };
}

function readToken(fields: readonly string[]): RingToken | undefined {
  const [name = "", addressText, decimalsText = "", ...more] = fields;
  const address = addressIn(addressText);
  const decimals = parseWhole(decimalsText);
  if (!isAsset(name) || address === undefined || more.length > 0) return undefined;
  if (decimals === undefined || decimals > decimalsMax) return undefined;
  return { name, address, decimals };
}
