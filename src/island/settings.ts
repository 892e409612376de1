/**
 * What the island is given by hand before its first start: its keys and `island.conf`.
 *
 *   keys/operating.key.asc   OpenPGP signing and decryption subkeys, the root's secret part absent;
 *                            with keys/operating.v6.key.asc and both certificates: operating.ts
 *   keys/log.key             Ed25519, PKCS #8 PEM: signs checkpoints and notices
 *   keys/airlock.key         Ed25519, PKCS #8 PEM: signs outbound bundles and inbound acks
 *   keys/miner.key           secp256k1, 64 hex: signs rings; only where there is a ring venue
 *   keys/miner.key.asc       OpenPGP: opens the auth keys that customers seal to the miner
 *   island.conf              one fact a line (docs/spec/exchange.md §4)
 *   signet.conf              assets, markets, fees, operators (docs/spec/exchange.md §3)
 *
 * Nothing else configures an island; it has no flags but where its two folders are.
 */
import { createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { fromBase64, fromHex, toBase64 } from "../codec/bytes.ts";
import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { verifierKey, type Sign } from "../log/note.ts";
import { MinerKeys } from "../miner/keys.ts";
import { readMinerSecret } from "../seal/authkey.ts";
import type { OperatingKeys } from "../seal/keys.ts";
import { readOperating } from "./operating.ts";

/**
 * A dock's lane: bundles come in under `name`, publications go out under `name-out`. The key is
 * raw.
 */
export type Lane = { readonly name: string; readonly dockKey: Uint8Array };

/** The miner of this island; its certificate as the card shows it, base64. */
export type MinerSettings = { readonly keys: MinerKeys; readonly certificate: string };

export type Settings = {
  readonly dir: string;
  readonly exchange: Fingerprint;
  readonly operating: OperatingKeys;
  /** The version 6 certificate as the card shows it, base64; exchanges of old have none. */
  readonly second?: string;
  readonly log: { readonly name: string; readonly publicKey: Uint8Array; readonly sign: Sign };
  readonly airlockKey: KeyObject;
  readonly lanes: readonly Lane[];
  /** `relay NAME URL VERIFIERKEY` lines, as they go into the card. */
  readonly relays: readonly { name: string; url: string; key: string }[];
  readonly configuration: string;
  /** `undefined`: there are no keys of a miner here. */
  readonly miner: MinerSettings | undefined;
};

/** The raw 32 bytes of an Ed25519 public key. */
function rawPublicKey(key: KeyObject): Uint8Array {
  const { x } = createPublicKey(key).export({ format: "jwk" });
  if (x === undefined)
    throw new Error("couldn't read an Ed25519 key: another kind of key is there");
  return new Uint8Array(Buffer.from(x, "base64url"));
}

export async function readSettings(dir: string): Promise<Settings> {
  const text = (name: string): string => {
    try {
      return readFileSync(join(dir, name), "utf8");
    } catch (cause) {
      throw new Error(`couldn't read the island's ${name}`, { cause });
    }
  };
  const facts = text("island.conf")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(" "));
  const exchange = facts.find(([word]) => word === "exchange")?.[1] ?? "";
  if (!isFingerprint(exchange))
    throw new Error("couldn't find `exchange FINGERPRINT` in island.conf");
  const logKey = createPrivateKey(text("keys/log.key"));
  const name = `signet.log/${exchange}`;
  const { keys: operating, second } = await readOperating(dir);
  return {
    dir,
    exchange,
    operating,
    ...(second === undefined ? {} : { second }),
    log: {
      name,
      publicKey: rawPublicKey(logKey),
      sign: (message) => new Uint8Array(sign(undefined, message, logKey)),
    },
    airlockKey: createPrivateKey(text("keys/airlock.key")),
    lanes: facts.filter(([word]) => word === "lane").map(laneOf),
    relays: facts.filter(([word]) => word === "relay").map(relayOf),
    configuration: text("signet.conf"),
    miner: existsSync(join(dir, "keys/miner.key"))
      ? await readMiner(text("keys/miner.key"), text("keys/miner.key.asc"))
      : undefined,
  };
}

async function readMiner(hex: string, armored: string): Promise<MinerSettings> {
  const signing = fromHex(hex.trim());
  if (signing?.length !== 32) throw new Error("couldn't read keys/miner.key: not 64 hex digits");
  const secret = await readMinerSecret(armored);
  const certificate = toBase64(secret.key.toPublic().write());
  return { keys: new MinerKeys(signing, secret), certificate };
}

function laneOf([, name, key]: readonly string[]): Lane {
  const raw = fromBase64(key ?? "");
  if (!/^[a-z0-9-]{1,28}$/.test(name ?? "") || raw?.length !== 32) {
    throw new Error("couldn't read a `lane NAME KEY` line of island.conf");
  }
  return { name: name ?? "", dockKey: raw };
}

function relayOf([, name, url, key]: readonly string[]): Settings["relays"][number] {
  if (name === undefined || url === undefined || key === undefined) {
    throw new Error("couldn't read a `relay NAME URL KEY` line of island.conf");
  }
  return { name, url, key };
}

/** The log's verifier key, as the card prints it. */
export function logVerifierKey(settings: Settings): string {
  return verifierKey(settings.log.name, settings.log.publicKey);
}
