/**
 * A customer with nothing but stock GnuPG: a home of its own, keys made by gpg, letters made with
 * `gpg -se`, answers opened with `gpg -d`. Tests that need it fail loudly where gpg is missing.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class GpgCustomer {
  readonly home: string;
  readonly fingerprint: string;

  constructor(home: string, fingerprint: string) {
    this.home = home;
    this.fingerprint = fingerprint;
  }

  /** Makes a key: `ed25519` (v4 Curve25519, gpg's future-default) or `rsa2048`, `rsa4096`. */
  static create(algorithm: "ed25519" | "rsa2048" | "rsa4096" = "ed25519"): GpgCustomer {
    // gpg-agent's socket path is limited to about 100 characters.
    const home = mkdtempSync(join(tmpdir(), "gpg-"));
    const kind = algorithm === "ed25519" ? "future-default" : algorithm;
    gpg(home, ["--quick-generate-key", "customer", kind, "default", "never"]);
    if (algorithm !== "ed25519") {
      const made = gpg(home, ["--list-keys", "--with-colons"]);
      gpg(home, ["--quick-add-key", firstFingerprint(made), algorithm, "encr", "never"]);
    }
    return new GpgCustomer(home, firstFingerprint(gpg(home, ["--list-keys", "--with-colons"])));
  }

  /** Imports a certificate (the exchange's, say). */
  import(armored: string): void {
    gpg(this.home, ["--import"], armored);
  }

  /** The certificate in base64, as REGISTER wants it. */
  certificate(): string {
    return gpgBytes(this.home, ["--export", this.fingerprint], "").toString("base64");
  }

  /** `gpg -se`: signed by this customer, sealed to `recipient`. */
  seal(text: string, recipient: string, options: readonly string[] = []): Buffer {
    const words = ["-u", this.fingerprint, "-r", recipient, "--trust-model", "always", ...options];
    return gpgBytes(this.home, [...words, "-se"], text);
  }

  /** `gpg --enarmor`, with the head of a message: the same bytes as text. */
  armored(sealed: Uint8Array): Buffer {
    const text = gpgBytes(this.home, ["--enarmor"], sealed).toString();
    return Buffer.from(text.replaceAll("ARMORED FILE", "MESSAGE").replace(/^Comment: .*\n/m, ""));
  }

  /** `gpg -d`: the text, and what gpg said of the signature. */
  open(sealed: Uint8Array | string): { readonly text: string; readonly status: string } {
    const result = run(this.home, ["--status-fd", "2", "-d"], sealed);
    return { text: result.stdout.toString("latin1"), status: result.stderr.toString() };
  }

  /** Ends the agent and removes the home. */
  remove(): void {
    spawnSync("gpgconf", ["--homedir", this.home, "--kill", "all"]);
    rmSync(this.home, { recursive: true, force: true });
  }
}

function firstFingerprint(colons: string): string {
  const line = colons.split("\n").find((candidate) => candidate.startsWith("fpr:"));
  return (line?.split(":")[9] ?? "").toLowerCase();
}

function run(home: string, words: readonly string[], input: Uint8Array | string) {
  const common = ["--homedir", home, "--batch", "--yes", "--quiet", "--no-tty"];
  const loopback = ["--pinentry-mode", "loopback", "--passphrase", ""];
  return spawnSync("gpg", [...common, ...loopback, ...words], { input, maxBuffer: 1 << 26 });
}

/** Runs gpg; throws with what it said if it failed. */
export function gpgBytes(
  home: string,
  words: readonly string[],
  input: string | Uint8Array,
): Buffer {
  const result = run(home, words, input);
  // One that needs no input may be done before it is offered any.
  const isUnread = result.status === 0 && result.error?.message.includes("EPIPE") === true;
  if (result.error && !isUnread) throw new Error("couldn't run gpg", { cause: result.error });
  if (result.status !== 0) throw new Error(`couldn't gpg ${words.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

function gpg(home: string, words: readonly string[], input = ""): string {
  return gpgBytes(home, words, input).toString();
}
