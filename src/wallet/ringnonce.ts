/**
 * Nonces of ring orders: the owner's epoch above, the order's number below. Numbers 2k and 2k + 1
 * share a storage word of the contract and the second costs less (docs/decisions/0008), so a home
 * counts upwards. A home starts at an even number drawn at random, because another copy of the
 * wallet, or this one before a restore, may have counted too: two orders under one nonce would fill
 * as one.
 *
 *   ringnumbers.json   {"OWNER/CHAIN/CONTRACT/EPOCH": "the next number"}
 */
import { randomBytes } from "#primitives";

import type { Address } from "../codec/ethereum.ts";
import { toHex } from "../codec/bytes.ts";
import type { Domain } from "../ring/digest.ts";
import type { Outcome } from "./errors.ts";
import { keep, readJson, type Home } from "./home.ts";
import { objectOf, textOf } from "./json.ts";

const file = "ringnumbers.json";

type Whose = { readonly owner: Address; readonly domain: Domain };

/** A nonce that nobody has; taken, durably, when this returns. */
export async function takeNonce(
  home: Home,
  whose: Whose,
  known: bigint | undefined,
): Promise<Outcome<bigint>> {
  return home.exclusively(async () => {
    const kept = objectOf(readJson(home, file));
    const epoch = known ?? lastEpoch(home, whose);
    const key = `${placeOf(whose)}/${epoch}`;
    const number = nextIn(textOf(kept[key])) ?? firstNumber();
    const numbers = { ...kept, [key]: (number + 1n).toString() };
    keep(home, `${JSON.stringify(numbers, undefined, 2)}\n`, file);
    await home.settled();
    return { ok: true, value: (epoch << 64n) | number };
  });
}

function placeOf({ owner, domain }: Whose): string {
  return `${owner}/${domain.chainId}/${domain.contract}`;
}

/** The last epoch that orders were written in here; 0 if none were. */
export function lastEpoch(home: Home, whose: Whose): bigint {
  const place = `${placeOf(whose)}/`;
  const epochs = Object.keys(objectOf(readJson(home, file)))
    .filter((key) => key.startsWith(place) && /^\d{1,10}$/.test(key.slice(place.length)))
    .map((key) => BigInt(key.slice(place.length)));
  return epochs.reduce((last, epoch) => (epoch > last ? epoch : last), 0n);
}

function nextIn(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}

/** Even, below 2^62: nobody counts to the end of it. */
function firstNumber(): bigint {
  return (BigInt(`0x${toHex(randomBytes(8))}`) >> 3n) << 1n;
}
