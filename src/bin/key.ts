/**
 * `signet key …`: the account's keys over the years (docs/spec/keys.md). What is sent is checked
 * here as the exchange will check it, so that a wrong file costs nothing.
 */
import { toBase64 } from "../codec/bytes.ts";
import { time } from "../codec/time.ts";
import { armor } from "../letter/armor.ts";
import type { KeyCommand } from "../letter/command.ts";
import { rotationText } from "../letter/keygrammar.ts";
import { printCommand, printLetter } from "../letter/print.ts";
import type { Certificate } from "../seal/certificate.ts";
import { readCertificate } from "../seal/certificate.ts";
import { sealLetter } from "../seal/customer.ts";
import { isRevocation, isSignedBy, readArmored } from "../seal/keylife.ts";
import { certificateOf, type Account } from "../wallet/account.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import { exchangeToSealTo } from "../wallet/sealed.ts";
import { now } from "../wallet/times.ts";
import { accountOf, type Context, type Ended } from "./context.ts";
import { deliver, type FollowOptions } from "./deliver.ts";
import { readInput } from "./input.ts";

type KeyOptions = FollowOptions & {
  readonly tag?: string;
  readonly print?: boolean;
  readonly years?: string;
  readonly certificate?: string;
};

const yearMs = 366 * 86_400_000;

/** `signet key rotate CERTIFICATE [PROOF]`. Without a proof it says what the new key must sign. */
export async function rotate(
  context: Context,
  words: readonly string[],
  options: KeyOptions,
): Promise<Ended> {
  const [file = "", proofFile] = words;
  const account = await accountOf(context);
  if (!account.ok) return account;
  const { fingerprint, exchange } = account.value;
  const next = await certificateIn(file);
  if (!next.ok) return next;
  const key = next.value.fingerprint;
  const text = rotationText(exchange.fingerprint, fingerprint, key);
  if (proofFile === undefined) {
    const lines = [
      `echo '${text.trimEnd()}' | gpg -u ${key} --detach-sign > proof.sig`,
      `Then: signet key rotate ${file} proof.sig`,
    ];
    return { ok: true, exit: exits.done, lines, data: { ok: true, sign: text, exit: exits.done } };
  }
  const proof = await bytesIn(proofFile);
  if (!proof.ok) return proof;
  const by = { certificate: next.value, at: now(), us: exchange.fingerprint };
  if (!(await isSignedBy(proof.value, text, by))) {
    return trouble("E115", `${proofFile} is not the new key's signature over that line.`, {
      next: `signet key rotate ${file}     says what it has to sign`,
    });
  }
  const certificate = toBase64(next.value.binary);
  return send(context, options, { kind: "rotate", key, certificate, proof: toBase64(proof.value) });
}

/** `signet key renew [CERTIFICATE]`: the same primary key, with another expiry or other subkeys. */
export async function renew(
  context: Context,
  words: readonly string[],
  options: KeyOptions,
): Promise<Ended> {
  const [file] = words;
  const account = await accountOf(context);
  if (!account.ok) return account;
  const next = await (file === undefined ? ownCertificate(account.value) : certificateIn(file));
  if (!next.ok) return next;
  const { fingerprint: key, binary } = next.value;
  const command = { kind: "rotate", key, certificate: toBase64(binary), proof: undefined } as const;
  return send(context, options, command);
}

/** `signet key revoke REVOCATION [--certificate FILE]`: of this account's key, or of another's. */
export async function revoke(
  context: Context,
  words: readonly string[],
  options: KeyOptions,
): Promise<Ended> {
  const [file = ""] = words;
  const account = await accountOf(context);
  if (!account.ok) return account;
  const { certificate } = options;
  const whose = await (certificate === undefined
    ? ownCertificate(account.value)
    : certificateIn(certificate));
  if (!whose.ok) return whose;
  const revocation = await bytesIn(file);
  if (!revocation.ok) return revocation;
  if (!(await isRevocation(revocation.value, whose.value))) {
    return trouble("E115", `${file} does not revoke the key ${whose.value.fingerprint}.`, {
      next: "Another's key needs its certificate: --certificate FILE",
    });
  }
  const key = whose.value.fingerprint;
  return send(context, options, { kind: "revoke", key, revocation: toBase64(revocation.value) });
}

/** `signet key veto`. */
export async function veto(
  context: Context,
  _: readonly string[],
  options: KeyOptions,
): Promise<Ended> {
  return send(context, options, { kind: "veto" });
}

/** `signet key freeze`, at once; with `--print`, the letter for paper. */
export async function freeze(
  context: Context,
  _: readonly string[],
  options: KeyOptions,
): Promise<Ended> {
  if (options.print !== true) return send(context, options, { kind: "freeze" });
  const years = Number(options.years ?? "20");
  if (!Number.isInteger(years) || years < 1 || years > 100) {
    return trouble("E100", "--years is a whole number from 1 to 100.");
  }
  const account = await accountOf(context);
  if (!account.ok) return account;
  const { exchange, fingerprint, key } = account.value;
  const by = time(now() + years * yearMs);
  const text = printLetter({ exchange: exchange.fingerprint, by, commands: ["FREEZE"] });
  const { certificate } = await exchangeToSealTo(account.value);
  const sealed = armor(await sealLetter(text, { key, exchange: certificate, at: now() }));
  context.say(`● it freezes account ${fingerprint}; keep it apart from the key`);
  context.say("  To use it: curl --data-binary @freeze.asc RELAY/v1/letters");
  return {
    ok: true,
    exit: exits.done,
    lines: sealed.trimEnd().split("\n"),
    data: { ok: true, letter: sealed, exit: exits.done },
  };
}

function send(context: Context, options: KeyOptions, command: KeyCommand): Promise<Ended> {
  return deliver(context, options, async () => {
    const text = printCommand(command, { tag: options.tag });
    return { ok: true, value: { text, ids: [] } };
  });
}

async function ownCertificate(account: Account): Promise<Outcome<Certificate>> {
  return judged(certificateOf(account), "this account's key");
}

async function certificateIn(file: string): Promise<Outcome<Certificate>> {
  const bytes = await bytesIn(file);
  return bytes.ok ? judged(bytes.value, file) : bytes;
}

async function judged(binary: Uint8Array, name: string): Promise<Outcome<Certificate>> {
  const read = await readCertificate(binary, now());
  if (read.ok) return read;
  return trouble("E115", `${name} is no certificate that is taken: ${read.detail}`);
}

async function bytesIn(file: string): Promise<Outcome<Uint8Array>> {
  const input = await readInput(file);
  if (!input.ok) return input;
  const value = await readArmored(input.value);
  return value === undefined
    ? trouble("E115", `${file} is neither OpenPGP packets nor one block of armor.`)
    : { ok: true, value };
}
