/**
 * Other people's OpenPGP as customers use it: GnuPG, Sequoia's sq and sqop, ProtonMail's gosop, RNP
 * and OpenPGP.js with its own defaults. Each makes letters in whatever forms it has and opens
 * reports; what a program cannot do it throws, and what it has no option for is `undefined`.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEnvelope } from "../letter/envelope.ts";
import { GpgCustomer, gpgBytes } from "./gpg.ts";
import { OpenpgpJs } from "./peerjs.ts";

/** A key for a tool: its files are `name.key` and `name.cert`, armored, in the tools' folder. */
export type PeerKey = {
  readonly name: string;
  readonly fingerprint: string;
  readonly secret: string;
  readonly certificate: string;
};

/** How a letter is to be made; `binary` is what a tool does when nothing else is said. */
export type Form =
  | "binary"
  | "text"
  | "armored"
  | "large"
  | "zip"
  | "zlib"
  | "bzip2"
  | "padded"
  | "hidden"
  | "AES-128"
  | "3DES"
  | "SHA-256"
  | "SHA-1"
  | "unsigned"
  | "tag 20"
  | "OCB"
  | "GCM";

export type Sealing = {
  readonly form: Form;
  readonly key: PeerKey;
  /** The exchange's certificate, armored; its name is that of a file like a key's. */
  readonly exchange: PeerKey;
  readonly text: string;
};

export type PeerTool = {
  readonly name: string;
  /** `undefined` where it is not installed. */
  readonly version: () => string | undefined;
  /** Makes a key as it does when nothing is said: the secret, armored. */
  readonly ownKey: () => string | Promise<string>;
  /** Makes a key or certificate known to it. Throws if it does not take it. */
  readonly take: (key: PeerKey) => void;
  readonly seal: (sealing: Sealing) => Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** The text of a report with a good signature by `exchange`. Throws if there is none. */
  readonly open: (
    report: Uint8Array,
    key: PeerKey,
    exchange: PeerKey,
  ) => Uint8Array | Promise<Uint8Array>;
};

/** Where the tools keep their files; removed at the end. */
export class PeerDesk {
  readonly dir: string;
  readonly tools: readonly PeerTool[];
  readonly #gpg: GpgCustomer;

  constructor() {
    // gpg-agent's socket path is limited to about 100 characters.
    this.dir = mkdtempSync(join(tmpdir(), "peers-"));
    const home = join(this.dir, "gpg");
    mkdirSync(home, { mode: 0o700 });
    this.#gpg = new GpgCustomer(home, "");
    this.tools = [
      gnupg(home),
      sq(this.dir),
      sopTool(this.dir, "sqop", "--verifications-out"),
      sopTool(this.dir, "gosop", "--verify-out"),
      rnp(this.dir),
      new OpenpgpJs(),
    ];
  }

  /** Writes the files of a key. */
  keep(key: PeerKey): void {
    writeFileSync(join(this.dir, `${key.name}.key`), key.secret);
    writeFileSync(join(this.dir, `${key.name}.cert`), key.certificate);
  }

  remove(): void {
    this.#gpg.remove();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A letter as it is posted: its bytes, out of their armor, and how relays and the dock take it. */
export function posted(given: Uint8Array): { readonly binary: Uint8Array; readonly seen: string } {
  const bytes = new Uint8Array(given);
  const read = readEnvelope(bytes);
  if (read.ok) return { binary: read.value.binary, seen: "accepted" };
  return { binary: bytes, seen: read.name };
}

function run(
  dir: string,
  program: string,
  words: readonly string[],
  input: Uint8Array | string = "",
): Buffer {
  const options = { input, cwd: dir, maxBuffer: 1 << 26 };
  const { status, stdout, stderr } = spawnSync(program, words, options);
  if (status !== 0) throw new Error(`couldn't ${program} ${words.join(" ")}: ${stderr}`);
  return stdout;
}

/** The first number with dots that it says when asked for its version. */
function versionOf(program: string, word: string): string | undefined {
  const { error, stdout } = spawnSync(program, [word]);
  return error === undefined ? /\d+\.\d+[\d.]*/.exec(stdout.toString())?.[0] : undefined;
}

/** For each form the words that ask for it. */
type Words = Readonly<Partial<Record<Form, readonly string[]>>>;

const gpgForms: Words = {
  binary: [],
  text: ["--textmode"],
  armored: ["--armor"],
  large: [],
  zip: ["-z", "6", "--compress-algo", "zip"],
  zlib: ["-z", "6", "--compress-algo", "zlib"],
  bzip2: ["-z", "6", "--compress-algo", "bzip2"],
  hidden: ["--throw-keyids"],
  "AES-128": ["--cipher-algo", "AES128"],
  "3DES": ["--cipher-algo", "3DES"],
  "SHA-256": ["--digest-algo", "SHA256"],
  "SHA-1": ["--digest-algo", "SHA1"],
  unsigned: [],
};

function gnupg(home: string): PeerTool {
  const as = (key: PeerKey): GpgCustomer => new GpgCustomer(home, key.fingerprint);
  return {
    name: "gnupg",
    version: () => versionOf("gpg", "--version"),
    ownKey() {
      gpgBytes(home, ["--quick-generate-key", "own gnupg", "default", "default", "never"], "");
      return gpgBytes(home, ["--armor", "--export-secret-keys", "own gnupg"], "").toString();
    },
    take(key) {
      gpgBytes(home, ["--import"], key.secret === "" ? key.certificate : key.secret);
      gpgBytes(home, ["--list-keys", key.fingerprint], "");
    },
    seal({ form, key, exchange, text }) {
      const words = gpgForms[form];
      if (words === undefined) return undefined;
      if (form !== "unsigned") return as(key).seal(text, exchange.fingerprint, words);
      const to = ["--trust-model", "always", "-r", exchange.fingerprint, "-e"];
      return gpgBytes(home, to, text);
    },
    open(report, key, exchange) {
      const words = ["--status-fd", "2", "--try-secret-key", key.fingerprint, "-d"];
      const common = ["--homedir", home, "--batch", "--no-tty", "--pinentry-mode", "loopback"];
      const all = [...common, "--passphrase", "", ...words];
      const { status, stdout, stderr } = spawnSync("gpg", all, { input: report });
      const said = stderr.toString();
      const signed = new RegExp(`VALIDSIG [0-9A-F]{40} .*${exchange.fingerprint}`, "i").test(said);
      if (status === 0 && signed && said.includes("GOODMDC")) return stdout;
      throw new Error(`couldn't open a report with gpg: ${said}`);
    },
  };
}

const sqForms: Words = {
  binary: ["--compression", "none"],
  armored: ["--compression", "none"],
  large: ["--compression", "none"],
  zip: ["--compression", "zip"],
  zlib: ["--compression", "zlib"],
  bzip2: ["--compression", "bzip2"],
  // What it does when nothing is said.
  padded: ["--compression", "pad"],
  unsigned: ["--compression", "none"],
};

function sq(dir: string): PeerTool {
  return {
    name: "sq",
    version: () => versionOf("sq", "--version"),
    ownKey() {
      run(dir, "sq", ["key", "generate", "--userid", "own sq", "--export", "sq-own"]);
      return readFileSync(join(dir, "sq-own"), "utf8");
    },
    take(key) {
      run(dir, "sq", ["inspect", `${key.name}.cert`]);
    },
    seal({ form, key, exchange, text }) {
      const words = sqForms[form];
      if (words === undefined) return undefined;
      const signer = form === "unsigned" ? [] : ["--signer-key", `${key.name}.key`];
      const to = ["--recipient-cert", `${exchange.name}.cert`];
      const armor = form === "armored" ? [] : ["--binary"];
      return run(dir, "sq", ["encrypt", ...armor, ...words, ...signer, ...to], text);
    },
    open(report, key, exchange) {
      const whose = ["--signer-cert", `${exchange.name}.cert`];
      return run(dir, "sq", ["decrypt", ...whose, "--recipient-key", `${key.name}.key`], report);
    },
  };
}

const sopForms: Words = {
  binary: ["--no-armor"],
  text: ["--no-armor", "--as=text"],
  armored: [],
  large: ["--no-armor"],
  unsigned: ["--no-armor"],
};

function sopTool(dir: string, program: string, out: string): PeerTool {
  return {
    name: program,
    version: () => versionOf(program, "version"),
    ownKey: () => run(dir, program, ["generate-key", `own ${program}`]).toString(),
    take() {},
    seal({ form, key, exchange, text }) {
      const words = sopForms[form];
      if (words === undefined) return undefined;
      const signer = form === "unsigned" ? [] : [`--sign-with=${key.name}.key`];
      return run(dir, program, ["encrypt", ...words, ...signer, `${exchange.name}.cert`], text);
    },
    open(report, key, exchange) {
      const found = `${program}.found`;
      rmSync(join(dir, found), { force: true });
      const words = ["decrypt", `--verify-with=${exchange.name}.cert`, `${out}=${found}`];
      const text = run(dir, program, [...words, `${key.name}.key`], report);
      const verified = readFileSync(join(dir, found), "utf8").toLowerCase();
      if (verified.includes(exchange.fingerprint)) return text;
      throw new Error(`couldn't verify a report with ${program}`);
    },
  };
}

const rnpForms: Words = {
  binary: ["-z", "0"],
  armored: ["-z", "0", "--armor"],
  large: ["-z", "0"],
  zip: ["-z", "6", "--zip"],
  zlib: ["-z", "6", "--zlib"],
  bzip2: ["-z", "6", "--bzip"],
  "AES-128": ["-z", "0", "--cipher", "AES128"],
  "3DES": ["-z", "0", "--cipher", "TRIPLEDES"],
  "SHA-256": ["-z", "0", "--hash", "SHA256"],
  "SHA-1": ["-z", "0", "--hash", "SHA1"],
  unsigned: ["-z", "0"],
  "tag 20": ["-z", "0", "--aead=OCB"],
};

function rnp(dir: string): PeerTool {
  const home = join(dir, "rnp");
  mkdirSync(home);
  const common = ["--homedir", home, "--password", ""];
  return {
    name: "rnp",
    version: () => versionOf("rnp", "--version"),
    ownKey() {
      run(dir, "rnpkeys", [...common, "--generate-key", "--userid", "own rnp"]);
      return run(dir, "rnpkeys", [...common, "--export-key", "--secret", "own rnp"]).toString();
    },
    take({ name, secret, fingerprint }) {
      const file = secret === "" ? `${name}.cert` : `${name}.key`;
      run(dir, "rnpkeys", [...common, "--import-keys", file]);
      run(dir, "rnpkeys", [...common, "--list-keys", fingerprint]);
    },
    seal({ form, key, exchange, text }) {
      const words = rnpForms[form];
      if (words === undefined) return undefined;
      writeFileSync(join(dir, "rnp.txt"), text);
      const signer = form === "unsigned" ? [] : ["--sign", "-u", key.fingerprint];
      const to = ["--encrypt", "-r", exchange.fingerprint, "rnp.txt", "--output", "-"];
      return run(dir, "rnp", [...common, ...signer, ...words, ...to]);
    },
    open(report, _key, exchange) {
      writeFileSync(join(dir, "rnp.pgp"), report);
      const words = [...common, "--decrypt", "rnp.pgp", "--output", "-"];
      const { status, stdout, stderr } = spawnSync("rnp", words, { cwd: dir });
      const said = stderr.toString();
      const signed = /Good signature/.test(said) && said.includes(exchange.fingerprint.slice(24));
      if (status === 0 && signed) return stdout;
      throw new Error(`couldn't open a report with rnp: ${said}`);
    },
  };
}
