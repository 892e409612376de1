/**
 * Founds an exchange in an empty folder: keys, folders, a configuration with comments. Everything
 * is made in a folder beside it and renamed at the end: a start that is interrupted leaves nothing
 * half made.
 *
 *   signet.conf        assets, markets, fees, operators: yours to edit
 *   relays.conf        the relays that carry letters: yours to edit
 *   certificate.asc    the exchange's public certificate, certificate.v6.asc the same in version 6;
 *                      `exchange`, `log.vkey`: its names
 *   root/              the root keys: move it to another place, nothing here needs it again
 *   island/ airlock/   the isolated engine and the two directories it talks through
 *   dock/ relays/      the outer half
 *   hands/             the operator's wallet: belongs on a third machine
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { toBase64 } from "../codec/bytes.ts";
import { time } from "../codec/time.ts";
import { verifierKey } from "../log/note.ts";
import { makeExchangeKeys } from "../seal/keys.ts";
import { defaultConfiguration, defaultRelays } from "./defaults.ts";
import { makeOperator } from "./operator.ts";

/** The file that is moved last: a folder that has it is a whole exchange. */
const marker = "exchange";
const making = ".founding";

/** Why an exchange cannot be founded there; `undefined` if it can. Changes nothing. */
export function whyNotThere(dir: string): string | undefined {
  const parent = dirname(dir);
  if (!existsSync(parent) || !statSync(parent).isDirectory()) return `there is no folder ${parent}`;
  if (!existsSync(dir)) return undefined;
  if (!statSync(dir).isDirectory()) return `${dir} is a file`;
  const names = readdirSync(dir);
  // What a founding that was interrupted left behind, and nothing else, may be there.
  const isRest = names.includes(making) && names.every((name) => ours.has(name));
  return names.length === 0 || isRest ? undefined : `${dir} is not empty, and no exchange is in it`;
}

/** Makes the exchange's folder; a passphrase that is not empty locks the root key. */
export async function found(
  dir: string,
  options: { passphrase: string; port: number },
): Promise<void> {
  const part = join(dir, making);
  if (existsSync(part)) for (const name of ours) remove(join(dir, name));
  try {
    await make(part, options);
    const names = readdirSync(part).filter((name) => name !== marker);
    for (const name of [...names, marker]) renameSync(join(part, name), join(dir, name));
  } finally {
    remove(part);
  }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

async function make(part: string, options: { passphrase: string; port: number }): Promise<void> {
  for (const folder of folders) mkdirSync(join(part, folder), { recursive: true, mode: 0o700 });
  const keys = await makeExchangeKeys({
    at: time(Date.now()),
    ...(options.passphrase === "" ? {} : { passphrase: options.passphrase }),
  });
  const secret = (path: string, text: string): void =>
    writeFileSync(join(part, path), text, { mode: 0o600 });
  secret("root/root.key.asc", keys.rootSecret);
  secret("root/root.v6.key.asc", keys.v6.rootSecret);
  secret("island/keys/operating.key.asc", keys.operatingSecret);
  secret("island/keys/operating.v6.key.asc", keys.v6.operatingSecret);
  const newSecret = (path: string): Uint8Array => {
    const pem = newKey();
    secret(path, pem);
    return publicHalf(createPrivateKey(pem));
  };
  const log = newSecret("island/keys/log.key");
  const airlock = newSecret("island/keys/airlock.key");
  newSecret("dock/lane.key");
  newSecret("dock/relays.key");
  // What the outer half may know of the island is written beside it: it never reads the island's
  // keys.
  writeFileSync(join(part, "log.vkey"), `${verifierKey(`signet.log/${keys.fingerprint}`, log)}\n`);
  writeFileSync(join(part, "dock/island.pub"), `${toBase64(airlock)}\n`);
  for (const folder of ["", "island"]) {
    writeFileSync(join(part, folder, "certificate.asc"), keys.certificate);
    writeFileSync(join(part, folder, "certificate.v6.asc"), keys.v6.certificate);
  }
  writeFileSync(join(part, "exchange"), `${keys.fingerprint}\n`);
  writeFileSync(join(part, "relays.conf"), defaultRelays(options.port));
  const operator = await makeOperator(join(part, "hands"), randomBytes(32));
  writeFileSync(join(part, "signet.conf"), defaultConfiguration(operator));
}

const folders = [
  "root",
  "island/keys",
  "island/journal",
  "island/said",
  "island/skips",
  "airlock/in",
  "airlock/out",
  "dock",
  "relays",
  "hands",
];

const ours: ReadonlySet<string> = new Set([
  making,
  marker,
  "signet.conf",
  "relays.conf",
  "certificate.asc",
  "certificate.v6.asc",
  "log.vkey",
  ...folders.map((folder) => folder.split("/")[0] ?? ""),
]);

/** A fresh Ed25519 key as PKCS #8 PEM. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return String(privateKey.export({ type: "pkcs8", format: "pem" }));
}

/** The raw public half of an Ed25519 key, 32 bytes. */
export function publicHalf(key: KeyObject): Uint8Array {
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return new Uint8Array(Buffer.from(x ?? "", "base64url"));
}
