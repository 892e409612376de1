/**
 * What an exchange needs of its own for a ring venue, made when it is first missing: the miner's
 * two keys, the watcher's and the broadcaster's wallets; and the venue's lines of signet.conf for
 * the development chain of `npm start`. For a real chain the lines are the operators' to write
 * (docs/guide/chain.md).
 */
import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { fromHex, toHex } from "../codec/bytes.ts";
import type { Address } from "../codec/ethereum.ts";
import { fingerprint, type Fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { addressOfKey } from "../ring/signature.ts";
import { makeMinerKeys } from "../seal/authkey.ts";
import { diskHome } from "../wallet/diskhome.ts";
import { hasKey } from "../wallet/home.ts";
import { makeOperator } from "./operator.ts";

/** The contract and tokens that the lines name. */
export type Placed = {
  readonly chainId: bigint;
  readonly settlement: Address;
  readonly tokens: readonly {
    readonly name: string;
    readonly address: Address;
    readonly decimals: number;
  }[];
};

/** Whether signet.conf has a ring venue. */
export function hasVenue(dir: string): boolean {
  return /^ring /m.test(readFileSync(join(dir, "signet.conf"), "utf8"));
}

/** The folder of the watcher's wallet. */
export function watcherHome(dir: string): string {
  return join(dir, "watcher");
}

/** Makes the keys that are missing; gives the lines for signet.conf. */
export async function venueLines(dir: string, placed: Placed): Promise<string> {
  const miner = await minerIn(dir);
  const watcher = await watcherIn(dir);
  const { chainId, settlement, tokens } = placed;
  const place = `chain ${chainId} contract ${settlement}`;
  const who = `miner ${miner} fee-recipient ${miner}`;
  const tokenLines = tokens.map(
    ({ name, address, decimals: d }) => `token ${name} address ${address} decimals ${d} price 1`,
  );
  return `
# The ring venue: contract, tokens with what one is worth in any one measure, and who watches.
#   gas-per-order   what an order's place in a ring costs, in that measure
#   deadline, round seconds until a submission lapses, and between two searches
ring ${place} ${who} gas-per-order 0 deadline 120 round 1
${tokenLines.join("\n")}
watchers 1
watcher ${watcher}
`;
}

/** Adds the venue's lines to signet.conf. */
export function addVenue(dir: string, lines: string): void {
  appendFileSync(join(dir, "signet.conf"), lines);
}

/** A secp256k1 key in a file of its own, made if it is not there. */
export function keyIn(file: string): Uint8Array {
  if (!existsSync(file)) {
    writeFileSync(file, `${toHex(randomBytes(32))}\n`, { mode: 0o600, flag: "wx" });
  }
  const key = fromHex(readFileSync(file, "utf8").trim());
  if (key?.length !== 32) throw new Error(`couldn't read ${file}: it is not 64 hex digits`);
  return key;
}

async function minerIn(dir: string): Promise<Address> {
  const keys = join(dir, "island/keys");
  const sealing = join(keys, "miner.key.asc");
  if (!existsSync(sealing)) {
    const { secret } = await makeMinerKeys({ at: time(Date.now()) });
    writeFileSync(sealing, secret, { mode: 0o600 });
  }
  // Last: the island takes its being there for the whole.
  return addressOfKey(keyIn(join(keys, "miner.key")));
}

async function watcherIn(dir: string): Promise<Fingerprint> {
  const home = watcherHome(dir);
  const file = join(home, "fingerprint");
  if (!hasKey(diskHome(home))) {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    writeFileSync(file, `${await makeOperator(home, randomBytes(32))}\n`);
  }
  return fingerprint(readFileSync(file, "utf8").trim());
}
