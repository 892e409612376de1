/**
 * `signet exchange rotate` and `signet exchange install`: the ceremony of the exchange's keys
 * (docs/spec/exchange.md §1). The root key's machine needs the certificates and the root keys; the
 * island's needs what comes out of it. On one machine both are one step.
 *
 *   certificate.asc      operating.key.asc       the rotation of version 4
 *   certificate.v6.asc   operating.v6.key.asc    and of version 6
 *
 * Installing is safe to repeat: the certificates are replaced first, then the keys, and an island
 * that starts in between refuses to (`keys_unfinished`).
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { fromLatin1 } from "../codec/bytes.ts";
import { printTime, time, type Time } from "../codec/time.ts";
import { operatingFiles } from "../island/operating.ts";
import { parseWhole } from "../money/amount.ts";
import {
  goesOnFrom,
  isLocked,
  operatingUnder,
  signingSubkeyOf,
  type Certified,
} from "../seal/ceremony.ts";
import { rotateExchangeKeys, type Held, type Rotated } from "../seal/rotate.ts";
import { writeDurablySync } from "../store/durable.ts";
import { exits, trouble, type Outcome, type Trouble } from "../wallet/errors.ts";
import { contextOf, finish, type Ended } from "./context.ts";
import { readExchange } from "./places.ts";

type Options = {
  readonly data?: string;
  readonly root?: string;
  readonly grace?: string;
  readonly compromised?: boolean;
  readonly out?: string;
  readonly passphraseFile?: string;
  readonly json?: boolean;
};

/** Letters may be good for seven days: a shorter grace would lose some. */
const graceDaysMin = 8;
const graceDaysMax = 366;
const dayMs = 86_400_000;

/** A rotation's files, in the order of `operatingFiles`. */
const rotationFiles = [
  { key: "operating.key.asc", certificate: "certificate.asc" },
  { key: "operating.v6.key.asc", certificate: "certificate.v6.asc" },
] as const;

/** `signet exchange rotate`. */
export async function rotate(options: Options): Promise<number> {
  return finish(await rotated(options), options);
}

async function rotated(options: Options): Promise<Ended> {
  const dir = resolve(options.data ?? "signet-data");
  const days = parseWhole(options.grace ?? "30");
  if (days === undefined || days < graceDaysMin || days > graceDaysMax) {
    const why = "letters may be good for seven days.";
    const what = `--grace wants ${graceDaysMin} to ${graceDaysMax} days: ${why}`;
    return trouble("E100", what);
  }
  if (options.out !== undefined && isTaken(resolve(options.out))) {
    const what = `${options.out} is there, and not an empty folder: nothing is overwritten.`;
    return trouble("E115", what, { next: "Name a folder that is not there yet: --out DIR" });
  }
  const held = readHeld(dir, options.root ?? join(dir, "root/root.key.asc"));
  if (!held.ok) return held;
  const passphrase = await passphraseOf(held.value, options);
  if (!passphrase.ok) return passphrase;
  const at = time(Date.now());
  const made = await ceremony(held.value, {
    passphrase: passphrase.value,
    at,
    grace: days * dayMs,
    compromised: options.compromised === true,
  });
  if (!made.ok) return made;
  keepNewRoot(held.value, made.value);
  const out = options.out === undefined ? undefined : resolve(options.out);
  if (out === undefined) await put(dir, [made.value.v4, made.value.v6], at);
  else writeRotation(out, made.value);
  return told(made.value, { dir, out, until: time(at + days * dayMs) });
}

type Holding = {
  readonly v4: Held;
  readonly v6: Held | undefined;
  /** Where a version 6 root key lies, or is to lie. */
  readonly root6: string;
};

/** The root keys and the certificates that they made. */
function readHeld(dir: string, root: string): Outcome<Holding> {
  const root6 = join(dirname(root), "root.v6.key.asc");
  const [first, second] = rotationFiles;
  const paths = [join(dir, first.certificate), root] as const;
  const lacking = paths.find((path) => !existsSync(path));
  if (lacking !== undefined) return trouble("E115", `There is no ${lacking}.`);
  const v4 = { certificate: read(paths[0]), root: read(paths[1]) };
  const path = join(dir, second.certificate);
  if (!existsSync(path)) return { ok: true, value: { v4, v6: undefined, root6 } };
  if (!existsSync(root6)) return trouble("E115", `There is no ${root6}.`);
  return { ok: true, value: { v4, v6: { certificate: read(path), root: read(root6) }, root6 } };
}

function read(path: string): string {
  return readFileSync(path, "latin1");
}

async function passphraseOf({ v4, v6 }: Holding, options: Options): Promise<Outcome<string>> {
  const locked = [await isLocked(v4.root), v6 !== undefined && (await isLocked(v6.root))];
  if (!locked.includes(true)) return { ok: true, value: "" };
  const asked = await contextOf(options).askPassphrase();
  return asked ?? trouble("E707");
}

async function ceremony(
  { v4, v6 }: Holding,
  how: Omit<Parameters<typeof rotateExchangeKeys>[0], "v4" | "v6">,
): Promise<Outcome<Rotated>> {
  try {
    const made = await rotateExchangeKeys({ ...how, v4, v6 });
    return made.ok ? made : refused(`${made.name}: ${made.detail}`);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    return refused(`It ${cause.message}.`);
  }
}

function refused(what: string): Trouble {
  return trouble("E903", what.replace("It couldn't", "The ceremony couldn't"));
}

/** The root key of a second certificate that there was not before lies beside the first. */
function keepNewRoot({ root6 }: Holding, { v6 }: Rotated): void {
  if (v6.rootSecret !== undefined) writeDurablySync(root6, fromLatin1(v6.rootSecret));
}

/** Whether a rotation that is written there could replace, or be mistaken for, another. */
function isTaken(out: string): boolean {
  if (!existsSync(out)) return false;
  return !statSync(out).isDirectory() || readdirSync(out).length > 0;
}

function writeRotation(out: string, { v4, v6 }: Rotated): void {
  mkdirSync(out, { recursive: true, mode: 0o700 });
  for (const [i, made] of [v4, v6].entries()) {
    const names = rotationFiles[i];
    if (names === undefined) continue;
    writeDurablySync(join(out, names.key), fromLatin1(made.operatingSecret));
    writeDurablySync(join(out, names.certificate), fromLatin1(made.certificate));
  }
}

/** Puts new keys beside the island's old ones, and the new certificates wherever they are read. */
async function put(dir: string, made: readonly Certified[], at: Time): Promise<void> {
  const keys: [string, string][] = [];
  for (const [i, { certificate, operatingSecret }] of made.entries()) {
    const names = operatingFiles[i];
    if (names === undefined) continue;
    const path = join(dir, "island", names.key);
    const old = existsSync(path) ? [read(path)] : [];
    const earlier = join(dir, "island", names.certificate);
    if (existsSync(earlier) && !(await goesOnFrom(certificate, read(earlier)))) {
      throw new Error("couldn't put the keys in place: they were made from an older certificate");
    }
    const under = await operatingUnder(certificate, [operatingSecret, ...old], at);
    if (under === undefined) throw new Error("couldn't put the keys in place: one is missing");
    keys.push([path, under.secret]);
  }
  for (const [i, { certificate }] of made.entries()) {
    const name = rotationFiles[i]?.certificate ?? "";
    for (const folder of ["island", ""]) {
      writeDurablySync(join(dir, folder, name), fromLatin1(certificate));
    }
  }
  for (const [path, secret] of keys) writeDurablySync(path, fromLatin1(secret));
}

async function told(
  { v4 }: Rotated,
  { dir, out, until }: { dir: string; out: string | undefined; until: Time },
): Promise<Ended> {
  const signing = (await signingSubkeyOf(v4.certificate)) ?? "";
  const next =
    out === undefined
      ? takingLines(dir)
      : [
          `Carry ${out} to the island's machine, there: signet exchange install FOLDER --data DIR`,
          "Then destroy it. Give certificate.asc and certificate.v6.asc of it to the root's machine.",
        ];
  return {
    ok: true,
    exit: exits.done,
    lines: [
      "✓ new operating keys, certified by the root key; the key number is as it was",
      `  signs        ${signing}`,
      `  old letters  open until ${printTime(until)}`,
      ...next.map((line) => `  ${line}`),
    ],
    data: { ok: true, signing, until: printTime(until), out: out ?? null, exit: exits.done },
  };
}

function takingLines(dir: string): readonly string[] {
  const pid = join(dir, "island/island.pid");
  return [
    "The island takes them at its next start. If it runs:",
    `kill $(cat ${pid})     it ends after the batch at hand, and is started again at once`,
  ];
}

/** `signet exchange install DIR`. */
export async function install(options: Options, words: readonly string[]): Promise<number> {
  return finish(await installed(options, resolve(words[0] ?? "")), options);
}

async function installed(options: Options, from: string): Promise<Ended> {
  const dir = resolve(options.data ?? "signet-data");
  const made: Certified[] = [];
  for (const names of rotationFiles) {
    const paths = [join(from, names.certificate), join(from, names.key)] as const;
    const lacking = paths.find((path) => !existsSync(path));
    if (lacking !== undefined) return trouble("E115", `There is no ${lacking}.`);
    made.push({ certificate: read(paths[0]), operatingSecret: read(paths[1]) });
  }
  if (!existsSync(join(dir, "exchange"))) {
    return trouble("E115", `There is no exchange in ${dir}.`);
  }
  try {
    await put(dir, made, time(Date.now()));
  } catch (cause) {
    if (cause instanceof Error && cause.message.startsWith("couldn't put")) {
      return refused(`It ${cause.message}.`);
    }
    throw cause;
  }
  return {
    ok: true,
    exit: exits.done,
    lines: ["✓ the rotation is in its place", ...takingLines(dir).map((line) => `  ${line}`)],
    data: { ok: true, exchange: readExchange(dir), exit: exits.done },
  };
}
