/**
 * `signet sop`: the stateless OpenPGP command line (draft-dkg-openpgp-stateless-cli) over the codec
 * that letters and reports go through (seal/stateless.ts), as far as that codec goes, so that
 * outside test suites can drive it. Standard input to standard output; nothing is kept.
 *
 * Whatever is not offered ends with the draft's code for it: 69 a subcommand, 37 an option. The
 * variable SIGNET_OPENPGP=reference keeps to OpenPGP.js, as it does for the whole system.
 */
import { time, parseTime, type Time } from "../codec/time.ts";
import {
  readCertificate,
  readRegisteredCertificate,
  type Certificate,
  type CertificateRefusal,
} from "../seal/certificate.ts";
import {
  certificateOf,
  makeKey,
  openMessage,
  readArmor,
  readSecretKey,
  reference,
  sealMessage,
  signBeside,
  splitCertificates,
  verifyBeside,
  writeArmor,
  type SecretKey,
  type Verified,
} from "../seal/stateless.ts";
import { SopFailure, sopExits, type SopExit } from "./sopends.ts";
import {
  expectText,
  readNamed,
  readStdin,
  refuseTaken,
  sortWords,
  writeNamed,
  type SopWords,
} from "./sopinput.ts";

type Output = Uint8Array | string;

type Subcommand = {
  readonly flags: readonly string[];
  readonly valued: readonly string[];
  readonly run: (words: SopWords) => Promise<Output>;
};

/** The version of the draft that this speaks. */
const draft = "draft-dkg-openpgp-stateless-cli-11";
const profiles = ["default: version 4, Ed25519 (EdDSA) and Curve25519 (ECDH), as customers' keys"];

const subcommands: ReadonlyMap<string, Subcommand> = new Map([
  ["version", { flags: ["extended", "backend", "sop-spec"], valued: [], run: version }],
  ["list-profiles", { flags: [], valued: [], run: listProfiles }],
  ["generate-key", { flags: ["no-armor"], valued: ["profile"], run: generateKey }],
  ["extract-cert", { flags: ["no-armor"], valued: [], run: extractCert }],
  ["encrypt", { flags: ["no-armor"], valued: ["as", "sign-with", "profile"], run: encrypt }],
  [
    "decrypt",
    {
      flags: [],
      valued: ["verify-with", "verifications-out", "verify-not-before", "verify-not-after"],
      run: decrypt,
    },
  ],
  ["sign", { flags: ["no-armor"], valued: ["as"], run: sign }],
  ["verify", { flags: [], valued: ["verify-not-before", "verify-not-after"], run: verify }],
  ["armor", { flags: [], valued: [], run: armor }],
  ["dearmor", { flags: [], valued: [], run: dearmor }],
]);

/** Runs a subcommand; gives its exit code. Every failure is one sentence on standard error. */
export async function sop(words: readonly string[]): Promise<number> {
  try {
    const [name, ...rest] = words;
    if (name === "help" || name === "--help") {
      process.stdout.write(usage());
      return 0;
    }
    if (name === undefined) throw new SopFailure("MISSING_ARG", "Name a subcommand.");
    const found = subcommands.get(name);
    if (found === undefined) {
      const all = [...subcommands.keys()].join(", ");
      throw new SopFailure("UNSUPPORTED_SUBCOMMAND", `There are ${all}; ${name} is not offered.`);
    }
    const output = await found.run(sortWords(rest, found.flags, found.valued));
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(output, (cause) => (cause ? reject(cause) : resolve()));
    });
    return 0;
  } catch (cause) {
    if (!(cause instanceof SopFailure)) throw cause;
    process.stderr.write(`${cause.exit}: ${cause.message}\n`);
    return sopExits[cause.exit];
  }
}

function usage(): string {
  const lines = [...subcommands].map(([name, { flags, valued }]) => {
    const options = [...flags.map((flag) => `--${flag}`), ...valued.map((one) => `--${one}=…`)];
    return `  ${name.padEnd(14)} ${options.join(" ")}`.trimEnd();
  });
  const head = `Stateless OpenPGP (${draft}), as far as our codec goes:`;
  return `${head}\n\n${lines.join("\n")}\n\nFiles are names, @ENV:NAME or @FD:n.\n`;
}

function now(): Time {
  return time(Date.now());
}

async function version({ options }: SopWords): Promise<Output> {
  if (options.has("sop-spec")) return `~${draft}\n`;
  const backend = `${reference}, node:crypto of Node ${process.version}\n`;
  if (options.has("backend")) return backend;
  return options.has("extended") ? `signet 0.1.0\n${backend}${draft}\n` : "signet 0.1.0\n";
}

async function listProfiles({ names }: SopWords): Promise<Output> {
  if (names[0] !== "generate-key" && names[0] !== "encrypt") {
    throw new SopFailure("UNSUPPORTED_PROFILE", "There are profiles of generate-key and encrypt.");
  }
  return `${profiles.join("\n")}\n`;
}

function refuseProfile({ options }: SopWords): void {
  const asked = (options.get("profile") ?? []).find((name) => name !== "default");
  if (asked !== undefined) {
    throw new SopFailure("UNSUPPORTED_PROFILE", `There is no profile ${asked}, only default.`);
  }
}

async function generateKey(words: SopWords): Promise<Output> {
  refuseProfile(words);
  if (words.names.length !== 1) {
    throw new SopFailure("UNSUPPORTED_OPTION", "A key has exactly one user id here.");
  }
  return shown(makeKey(words.names[0] ?? "", now()), words);
}

async function extractCert(words: SopWords): Promise<Output> {
  return shown(certificateOf(await secretKey(await readStdin())), words);
}

/** Armored, unless `--no-armor` was said. */
function shown(binary: Uint8Array, { options }: SopWords): Output {
  if (options.has("no-armor")) return binary;
  const text = writeArmor(binary);
  if (text === undefined) throw new SopFailure("BAD_DATA", "The input is not OpenPGP data.");
  return text;
}

/** OpenPGP data, binary or armored, as binary. */
async function binaryOf(given: Uint8Array): Promise<Uint8Array> {
  if ((given[0] ?? 0) >= 0x80) return given;
  const binary = await readArmor(new TextDecoder("latin1").decode(given));
  if (binary === undefined) throw new SopFailure("BAD_DATA", "The input is not OpenPGP data.");
  return binary;
}

async function secretKey(given: Uint8Array): Promise<SecretKey> {
  const read = await readSecretKey(await binaryOf(given));
  if (read.ok) return read.value;
  throw new SopFailure(read.name === "key_locked" ? "KEY_IS_PROTECTED" : "BAD_DATA", read.detail);
}

function secretKeys(names: readonly string[]): Promise<readonly SecretKey[]> {
  return Promise.all(names.map((name) => secretKey(readNamed(name))));
}

const certificateExits: Readonly<Record<CertificateRefusal, SopExit>> = {
  certificate_too_large: "BAD_DATA",
  certificate_malformed: "BAD_DATA",
  certificate_version: "UNSUPPORTED_ASYMMETRIC_ALGO",
  certificate_algorithm: "UNSUPPORTED_ASYMMETRIC_ALGO",
  certificate_weak_point: "CERT_CANNOT_ENCRYPT",
  certificate_revoked: "CERT_CANNOT_ENCRYPT",
  certificate_expired: "CERT_CANNOT_ENCRYPT",
  certificate_cannot_sign: "CERT_CANNOT_ENCRYPT",
  certificate_cannot_encrypt: "CERT_CANNOT_ENCRYPT",
};

/** The certificates in the files: binary, one or several a file. */
async function certificatesIn(names: readonly string[]): Promise<readonly Uint8Array[]> {
  const all: Uint8Array[] = [];
  for (const name of names) {
    const split = splitCertificates(await binaryOf(readNamed(name)));
    if (split === undefined) throw new SopFailure("BAD_DATA", `${name} holds no certificate.`);
    all.push(...split);
  }
  return all;
}

/** Those to seal to: each must be one that an account could be opened with. */
async function recipients(names: readonly string[]): Promise<readonly Certificate[]> {
  const all: Certificate[] = [];
  for (const binary of await certificatesIn(names)) {
    const read = await readCertificate(binary, now());
    if (!read.ok) {
      throw new SopFailure(certificateExits[read.name], `${read.name}: ${read.detail}`);
    }
    all.push(read.value);
  }
  return all;
}

/** Those to verify with: what has ended by now is for the judge to say. */
async function signers(names: readonly string[]): Promise<readonly Certificate[]> {
  const all: Certificate[] = [];
  for (const binary of await certificatesIn(names)) {
    try {
      all.push(await readRegisteredCertificate(binary));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : "";
      throw new SopFailure("BAD_DATA", `A certificate is not taken: ${why}.`);
    }
  }
  return all;
}

function isText({ options }: SopWords): boolean {
  const as = options.get("as")?.at(-1) ?? "binary";
  if (as !== "binary" && as !== "text") {
    throw new SopFailure("UNSUPPORTED_OPTION", `--as=${as} is not supported: binary or text.`);
  }
  return as === "text";
}

async function encrypt(words: SopWords): Promise<Output> {
  refuseProfile(words);
  const text = isText(words);
  if (words.names.length === 0) throw new SopFailure("MISSING_ARG", "Name a certificate.");
  const to = await recipients(words.names);
  const by = await secretKeys(words.options.get("sign-with") ?? []);
  const bytes = await readStdin();
  if (text) expectText(bytes);
  const at = now();
  return shown(await signing(sealMessage(bytes, { by, to, isText: text, at })), words);
}

/** A key that may not sign is the likely reason for failing; the codec says it by throwing. */
async function signing<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "";
    throw new SopFailure("KEY_CANNOT_SIGN", `A key cannot sign: ${why}`);
  }
}

async function decrypt(words: SopWords): Promise<Output> {
  const { options, names } = words;
  const withCertificates = options.get("verify-with") ?? [];
  const out = options.get("verifications-out")?.at(-1);
  if (names.length === 0) throw new SopFailure("MISSING_ARG", "Name a secret key.");
  if (out !== undefined && withCertificates.length === 0) {
    throw new SopFailure("INCOMPLETE_VERIFICATION", "--verifications-out needs --verify-with.");
  }
  if (out !== undefined) refuseTaken(out);
  const within = bounds(words);
  const keys = await secretKeys(names);
  const known = await signers(withCertificates);
  const sealed = await binaryOf(await readStdin());
  const opened = await openMessage(sealed, { keys, signers: known, at: now() });
  if (!opened.ok) {
    const isBad = opened.name !== "sealed_to_another" && opened.name !== "sealed_damaged";
    const exit = isBad ? "BAD_DATA" : "CANNOT_DECRYPT";
    throw new SopFailure(exit, `${opened.name}: ${opened.detail}`);
  }
  const { bytes, verified } = opened.value;
  if (withCertificates.length === 0) return bytes;
  const isGood = verified.ok && within(verified.value);
  if (out !== undefined) writeNamed(out, isGood ? line(verified.value) : "");
  if (isGood) return bytes;
  const why = verified.ok ? "It was made at another time." : `${verified.name}: ${verified.detail}`;
  throw new SopFailure("NO_SIGNATURE", why);
}

/** The times between which a signature must have been made. */
function bounds({ options }: SopWords): (verified: Verified) => boolean {
  const bound = (name: string, none: number): number => {
    const said = options.get(name)?.at(-1) ?? "-";
    if (said === "-") return none;
    const at = said === "now" ? now() : parseTime(said.replace(/\+00:00$/, "Z"));
    if (at === undefined) throw new SopFailure("UNSUPPORTED_OPTION", `${said} is not a time.`);
    return at;
  };
  const from = bound("verify-not-before", 0);
  const to = bound("verify-not-after", Infinity);
  return ({ created }) => created >= from && created <= to;
}

/** A line of the draft's VERIFICATIONS. */
function line({ created, key, primary, isText: text }: Verified): string {
  const when = new Date(created).toISOString().replace(/\.000Z$/, "Z");
  const mode = text ? "text" : "binary";
  return `${when} ${key.toUpperCase()} ${primary.toUpperCase()} mode:${mode}\n`;
}

async function sign(words: SopWords): Promise<Output> {
  const text = isText(words);
  if (words.names.length === 0) throw new SopFailure("MISSING_ARG", "Name a secret key.");
  const by = await secretKeys(words.names);
  const bytes = await readStdin();
  if (text) expectText(bytes);
  return shown(await signing(signBeside(bytes, { by, isText: text, at: now() })), words);
}

async function verify(words: SopWords): Promise<Output> {
  const [signature, ...certificates] = words.names;
  if (signature === undefined || certificates.length === 0) {
    throw new SopFailure("MISSING_ARG", "Name the signature, then certificates.");
  }
  const within = bounds(words);
  const known = await signers(certificates);
  const signatures = await binaryOf(readNamed(signature));
  const bytes = await readStdin();
  const verdicts = await verifyBeside(bytes, signatures, { signers: known, at: now() });
  if (verdicts === undefined) throw new SopFailure("BAD_DATA", `${signature} is no signature.`);
  const good = verdicts.flatMap((one) => (one.ok && within(one.value) ? [line(one.value)] : []));
  if (good.length > 0) return good.join("");
  const [first] = verdicts;
  const why = first?.ok === false ? `${first.name}: ${first.detail}` : "Made at another time.";
  throw new SopFailure("NO_SIGNATURE", why);
}

async function armor(words: SopWords): Promise<Output> {
  const given = await readStdin();
  // What is armored already stays as it is.
  return (given[0] ?? 0) >= 0x80 ? shown(given, words) : given;
}

async function dearmor(): Promise<Output> {
  return binaryOf(await readStdin());
}
