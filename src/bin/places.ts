/**
 * The folder of an exchange and the plain files in it that say who is where. Read by everything
 * that `npm start` wires together; written by hand or when the exchange is founded.
 */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { fromBase64, toBase64 } from "../codec/bytes.ts";
import { fingerprint, type Fingerprint } from "../codec/names.ts";
import { verifierKey } from "../log/note.ts";
import { newKey, publicHalf } from "./found.ts";

/** One line of `relays.conf`. */
export type RelayPlace = {
  readonly name: string;
  /** Where customers find it: goes into the card. */
  readonly url: string;
  /** Where it listens and the dock finds it; another than `url` behind a proxy on this machine. */
  readonly reach: string;
  /** The folder of a relay that runs here, or `undefined` for one elsewhere. */
  readonly dir: string | undefined;
  readonly key: string;
};

export function readKey(path: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(path));
  } catch (cause) {
    throw new Error(`couldn't read the key ${path}`, { cause });
  }
}

export function readExchange(dir: string): Fingerprint {
  return fingerprint(readFileSync(join(dir, "exchange"), "utf8").trim());
}

/** The log's verifier key. */
export function readLogKey(dir: string): string {
  return readFileSync(join(dir, "log.vkey"), "utf8").trim();
}

/** The island's airlock key as the dock knows it, 32 bytes. */
export function readIslandKey(dir: string): Uint8Array {
  const raw = fromBase64(readFileSync(join(dir, "dock/island.pub"), "utf8").trim());
  if (raw?.length !== 32) throw new Error("couldn't read dock/island.pub: it is not a key");
  return raw;
}

/** The relays of `relays.conf`; relays that run here get their folder and key when first seen. */
export function readRelays(dir: string, port: number | undefined): readonly RelayPlace[] {
  const lines = readFileSync(join(dir, "relays.conf"), "utf8").split("\n");
  const facts = lines.filter((line) => line !== "" && !line.startsWith("#"));
  return facts.map((line, i) => {
    const [name = "", url = "", key = "", listen] = line.split(" ");
    const isName = /^[a-z0-9-]{1,28}$/.test(name);
    if (!isName || !URL.canParse(url) || !URL.canParse(listen ?? url) || key === "") {
      throw new Error(`couldn't read relays.conf: \`${line}\` is not NAME URL KEY`);
    }
    if (key !== "here") return { name, url, reach: url, dir: undefined, key };
    const given = listen ?? url;
    const reach = i === 0 && port !== undefined ? withPort(given, port) : given;
    return relayHere(dir, { name, url: listen === undefined ? reach : url, reach });
  });
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.origin;
}

function relayHere(
  dir: string,
  place: { readonly name: string; readonly url: string; readonly reach: string },
): RelayPlace {
  const { name } = place;
  const folder = join(dir, "relays", name);
  const keyFile = join(folder, "relay.key");
  if (!existsSync(keyFile)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(keyFile, newKey(), { mode: 0o600 });
  }
  return { ...place, dir: folder, key: verifierKey(name, publicHalf(readKey(keyFile))) };
}

/** What the island is told of the world outside: written afresh at each start. */
export function writeIslandFacts(dir: string, relays: readonly RelayPlace[]): void {
  const lane = toBase64(publicHalf(readKey(join(dir, "dock/lane.key"))));
  const lines = [
    "# Carried to the island by hand, or by `npm start` on one machine (docs/spec/exchange.md, 4).",
    `exchange ${readExchange(dir)}`,
    `lane dock-1 ${lane}`,
    ...relays.map(({ name, url, key }) => `relay ${name} ${url} ${key}`),
  ];
  writeFileSync(join(dir, "island/island.conf"), `${lines.join("\n")}\n`);
  writeFileSync(join(dir, "island/signet.conf"), readFileSync(join(dir, "signet.conf")));
}
