/**
 * `signet key …`: the account's keys over the years (docs/spec/keys.md). What is sent is checked
 * here as the exchange will check it, so that a wrong file costs nothing.
 */
import { toBase64 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { armor } from "../letter/armor.ts";
import type { KeyCommand } from "../letter/command.ts";
import { rotationText } from "../letter/keygrammar.ts";
import { printCommand, printLetter } from "../letter/print.ts";
import type { Certificate } from "../seal/certificate.ts";
import { readRegisteredCertificate } from "../seal/certificate.ts";
import { sealLetter } from "../seal/customer.ts";
import {
  armorRevocation,
  isRevocation,
  isSecretKey,
  isSignedBy,
  makeRevocation,
  signProof,
} from "../seal/keylife.ts";
import { readCustomerKey, type CustomerKey } from "../seal/keys.ts";
import { certificateOf, keyOfSeed, type Account } from "../wallet/account.ts";
import { exitOf, exits, trouble, type Exit, type Outcome } from "../wallet/errors.ts";
import { comingKey, keepKey, keyInForce, keysToOpen, signingKey } from "../wallet/keyring.ts";
import { hasEthereumKey } from "../wallet/ringkey.ts";
import { exchangeToSealTo } from "../wallet/sealed.ts";
import { now } from "../wallet/times.ts";
import { seedOf } from "../wallet/words.ts";
import { hint } from "./called.ts";
import { accountOf, type Context, type Ended } from "./context.ts";
import { deliver, type FollowOptions } from "./deliver.ts";
import { bytesIn, certificateIn, judged } from "./keyfiles.ts";
import { readInputText } from "./input.ts";
import { wordsFor } from "./newwords.ts";
import { ask, askSecret, canAsk } from "./prompt.ts";

type KeyOptions = FollowOptions & {
  readonly tag?: string;
  readonly print?: boolean;
  readonly years?: string;
  readonly certificate?: string;
  readonly wordsFile?: string;
  readonly keyPassphraseFile?: string;
  readonly yes?: boolean;
};

const yearMs = 366 * 86_400_000;

/**
 * `signet key rotate`: to a key that is made here, from words; to one that gpg made, whose secret
 * is to lie here; or, by its certificate and proof, to one that stays elsewhere.
 */
export async function rotate(
  context: Context,
  words: readonly string[],
  options: KeyOptions,
): Promise<Ended> {
  const [file, proofFile] = words;
  const locked = withPassphrase(context);
  const account = await accountOf(locked.context);
  if (!account.ok) return account;
  if (file === undefined) {
    const made = await keyOfNewWords(context, options);
    return made.ok ? rotateTo(locked, account.value, made.value, options) : made;
  }
  const given = await bytesIn(file);
  if (!given.ok) return given;
  if (isSecretKey(given.value)) {
    const next = await openForeign(given.value, file, locked, options.keyPassphraseFile);
    return next.ok ? rotateTo(locked, account.value, next.value, options) : next;
  }
  const next = await judged(given.value, file);
  if (!next.ok) return next;
  if (isInForce(account.value, next.value)) return trouble("E133");
  const text = textFor(account.value, next.value.fingerprint);
  if (proofFile === undefined) return whatToSign(text, next.value, file);
  const proof = await bytesIn(proofFile);
  if (!proof.ok) return proof;
  const by = { certificate: next.value, at: now(), us: account.value.exchange.fingerprint };
  if (!(await isSignedBy(proof.value, text, by))) {
    return trouble("E115", `${proofFile} is not the new key's signature over that line.`, {
      next: `signet key rotate ${file}     says what it has to sign`,
    });
  }
  return send(context, options, rotation(next.value, proof.value));
}

/** Rotated to, it would be a renewal: of the same subkeys until the same time. */
function isInForce(account: Account, { fingerprint }: Pick<CustomerKey, "fingerprint">): boolean {
  return keyInForce(account).fingerprint === fingerprint;
}

function textFor({ exchange, fingerprint }: Account, key: Fingerprint): string {
  return rotationText(exchange.fingerprint, fingerprint, key);
}

function rotation({ fingerprint: key, binary }: Certificate, proof: Uint8Array): KeyCommand {
  return { kind: "rotate", key, certificate: toBase64(binary), proof: toBase64(proof) };
}

function whatToSign(text: string, { fingerprint: key }: Certificate, file: string): Ended {
  const lines = [
    `echo '${text.trimEnd()}' | gpg -u ${key} --detach-sign > proof.sig`,
    `Then: signet key rotate ${file} proof.sig`,
  ];
  return { ok: true, exit: exits.done, lines, data: { ok: true, sign: text, exit: exits.done } };
}

/** A context that asks for the passphrase once, and what it was, if anybody asked. */
type Locked = { readonly context: Context; readonly passphrase: () => Promise<string> };

function withPassphrase(context: Context): Locked {
  let asked: ReturnType<Context["askPassphrase"]> | undefined;
  const askPassphrase = (): ReturnType<Context["askPassphrase"]> =>
    (asked ??= context.askPassphrase());
  const passphrase = async (): Promise<string> => {
    const said = await asked;
    return said?.ok === true ? said.value : "";
  };
  return { context: { ...context, askPassphrase }, passphrase };
}

async function keyOfNewWords(context: Context, options: KeyOptions): Promise<Outcome<CustomerKey>> {
  const words = await wordsFor(context, options.wordsFile, "next-key");
  if (!words.ok) return words;
  const seed = seedOf(words.value);
  if (!seed.ok) return seed;
  return { ok: true, value: await keyOfSeed(seed.value) };
}

/**
 * A secret key that gpg wrote: open, or locked by the home's passphrase, or by one of its own from
 * `--key-passphrase-file` or the person.
 */
async function openForeign(
  binary: Uint8Array,
  file: string,
  { passphrase }: Locked,
  own: string | undefined,
): Promise<Outcome<CustomerKey>> {
  try {
    const key = await readCustomerKey(binary);
    if (key.key.isDecrypted()) return { ok: true, value: key };
  } catch {
    return trouble("E115", `${file} is no secret key that opens here.`);
  }
  const given = own === undefined ? undefined : await readInputText(own);
  if (given?.ok === false) return given;
  const ofFile = given?.value.replace(/\r?\n[^]*$/, "");
  let isAsked = false;
  for (const say of [
    passphrase,
    async () => ofFile ?? askSecret(`  Passphrase of ${file}: `),
  ] as const) {
    const said = await say();
    if (said === undefined || said === "") continue;
    isAsked = true;
    try {
      return { ok: true, value: await readCustomerKey(binary, said) };
    } catch {
      // Then by the other.
    }
  }
  return isAsked && (ofFile !== undefined || canAsk())
    ? trouble("E713", `The passphrase does not open ${file}.`)
    : trouble("E713", `${file} is locked, and there is nobody to ask for its passphrase.`);
}

/** The secret is kept before anything is sent: an account never goes to a key that nobody has. */
async function rotateTo(
  { context, passphrase }: Locked,
  account: Account,
  next: CustomerKey,
  options: KeyOptions,
): Promise<Ended> {
  if (isInForce(account, next)) return trouble("E133");
  const certificate = await judged(next.key.toPublic().write(), "the new key");
  if (!certificate.ok) return certificate;
  const proof = await signProof(textFor(account, next.fingerprint), next, now());
  if (options.dryRun !== true) await keepKey(account.home, next, await passphrase());
  context.say(`● new key ${next.fingerprint}, kept here beside the old one`);
  const ended = await send(context, options, rotation(certificate.value, proof));
  if (options.dryRun !== true) tellWhoseWords(context, account, next, ended);
  return ended;
}

/** Exits after which it is sure that the exchange did nothing. */
const notTaken: ReadonlySet<Exit> = new Set([
  exits.usage,
  exits.refused,
  exits.rejected,
  exits.key,
]);

/** The new words are the account's once the exchange has said so, and not before. */
function tellWhoseWords(
  context: Context,
  { home }: Account,
  { fingerprint }: CustomerKey,
  ended: Ended,
): void {
  if (comingKey(home) === fingerprint) {
    context.say("  Its words, or its copy in gpg, are the account's once it is in force.");
    if (hasEthereumKey(home)) {
      context.say("  Ring orders stay with the Ethereum key of the first words: keep those, too.");
    }
  } else if (notTaken.has(ended.ok ? ended.exit : exitOf(ended))) {
    context.say(
      "  The new key was not taken. Its words are not the account's: the old words still are.",
    );
  } else {
    context.say(
      "  Not known yet whether the new key is this account's. Keep the old words and these.",
    );
  }
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

/**
 * `signet key revoke REVOCATION [--certificate FILE]`: of a key of this home, or of another's. With
 * `--print`, the revocation certificate of the key in force, for paper.
 */
export async function revoke(
  context: Context,
  words: readonly string[],
  options: KeyOptions,
): Promise<Ended> {
  const [file] = words;
  const account = await accountOf(context);
  if (!account.ok) return account;
  if (options.print === true) return printRevocation(context, keyInForce(account.value));
  if (file === undefined) {
    return trouble("E100", "Say which revocation certificate.", {
      next: "signet key revoke --print     makes that of this account's key",
    });
  }
  const { certificate } = options;
  const candidates = await (certificate === undefined
    ? ownCertificates(account.value)
    : certificatesIn(certificate));
  if (!candidates.ok) return candidates;
  const revocation = await bytesIn(file);
  if (!revocation.ok) return revocation;
  for (const whose of candidates.value) {
    if (!(await isRevocation(revocation.value, whose))) continue;
    const key = whose.fingerprint;
    const isOwn = candidates.value[0] === whose && certificate === undefined;
    if (!(await isRevocationMeant(context, key, isOwn, options))) return trouble("E131");
    return send(context, options, { kind: "revoke", key, revocation: toBase64(revocation.value) });
  }
  const names = candidates.value.map((whose) => whose.fingerprint).join(" or ");
  return trouble("E115", `${file} does not revoke the key ${names}.`, {
    next: "Another's key needs its certificate: --certificate FILE",
  });
}

/** What a revocation does is said before anything is signed; a person, or `--yes`, agrees. */
async function isRevocationMeant(
  context: Context,
  key: Fingerprint,
  isOwn: boolean,
  { yes, dryRun }: KeyOptions,
): Promise<boolean> {
  if (dryRun === true) return true;
  context.say(`  It revokes the key ${key}${isOwn ? ", this account's," : ""} for ever.`);
  context.say("  If it is in force its account is frozen, and the money comes back only by the");
  context.say("  operators' replacement of the key, after its delay: 90 days by default.");
  context.say(`  If you still have the key: ${hint("signet key rotate instead.")}`);
  if (yes === true) return true;
  const answer = await ask("  This cannot be undone. Sign and send it? Type “revoke”: ");
  return answer?.toLowerCase() === "revoke";
}

async function printRevocation(context: Context, key: CustomerKey): Promise<Ended> {
  const text = await armorRevocation(await makeRevocation(key, now()));
  context.say(`● it revokes the key ${key.fingerprint} for ever; keep it apart from the key`);
  context.say("  To use it, from any account:  signet key revoke FILE --certificate CERTIFICATE");
  return {
    ok: true,
    exit: exits.done,
    lines: text.trimEnd().split("\n"),
    data: { ok: true, revocation: text, exit: exits.done },
  };
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
  const { exchange, fingerprint } = account.value;
  const signer = signingKey(account.value, now());
  if (!signer.ok) return signer;
  const key = signer.value;
  const by = time(now() + years * yearMs);
  const text = printLetter({ exchange: exchange.fingerprint, by, commands: ["FREEZE"] });
  const { certificate } = await exchangeToSealTo(account.value);
  const sealed = armor(await sealLetter(text, { key, exchange: certificate, at: now() }));
  context.say(`● it freezes account ${fingerprint}; keep it apart from the key`);
  context.say("  To use it: curl --data-binary @freeze.asc RELAY/v1/letters");
  context.say(
    "  It is sealed to the exchange's encryption key of today: after the exchange's next",
  );
  context.say(
    "  rotation it opens until that key's time of grace is over, 30 days by default. Print a",
  );
  context.say("  new one after every rotation of the exchange.");
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

/** Those of the home's keys, the one in force first; an expired one can be revoked, too. */
async function ownCertificates(account: Account): Promise<Outcome<readonly Certificate[]>> {
  const binaries = keysToOpen(account).map(({ key }) => key.toPublic().write());
  return { ok: true, value: await Promise.all(binaries.map(readRegisteredCertificate)) };
}

async function certificatesIn(file: string): Promise<Outcome<readonly Certificate[]>> {
  const one = await certificateIn(file);
  return one.ok ? { ok: true, value: [one.value] } : one;
}
