/** `signet ring address` and `signet ring key`: the Ethereum key that owns the ring orders. */
import { checksummed } from "../codec/ethereum.ts";
import { addressOfKey } from "../ring/signature.ts";
import { fingerprintOf, type Account } from "../wallet/account.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import {
  ethereumKeyIn,
  ethereumKeyOf,
  hasEthereumKey,
  keepEthereumKey,
  readEthereumKey,
} from "../wallet/ringkey.ts";
import { seedOf } from "../wallet/words.ts";
import { accountOf, type CommonOptions, type Context, type Ended } from "./context.ts";
import { readInputText } from "./input.ts";
import { signerFor, type SignerOptions } from "./ringwallet.ts";

/** `signet ring address`. */
export async function address(
  context: Context,
  _words: readonly string[],
  options: CommonOptions & SignerOptions,
): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const signer = await signerFor(account.value, options);
  if (!signer.ok) return signer;
  const owner = await signer.value.address();
  if (!owner.ok) return owner;
  return {
    ok: true,
    exit: exits.done,
    lines: [checksummed(owner.value)],
    data: { ok: true, address: owner.value, exit: exits.done },
  };
}

type KeyOptions = CommonOptions & {
  readonly wordsFile?: string;
  readonly keyFile?: string;
  readonly replace?: boolean;
};

/** `signet ring key`: puts the key of the words, or another, into a home. */
export async function key(
  context: Context,
  _words: readonly string[],
  options: KeyOptions,
): Promise<Ended> {
  if ((options.wordsFile === undefined) === (options.keyFile === undefined)) {
    return trouble("E100", "Say which key: --words-file FILE or --key-file FILE");
  }
  const account = await accountOf(context);
  if (!account.ok) return account;
  const secret = await secretIn(account.value, options);
  if (!secret.ok) return secret;
  const made = addressOfKey(secret.value);
  const { home } = account.value;
  if (hasEthereumKey(home) && options.replace !== true) {
    const here = await ethereumKeyIn(account.value);
    if (!here.ok) return here;
    const there = addressOfKey(here.value);
    if (there !== made) return trouble("E711", `The Ethereum key here is that of ${there}.`);
  }
  await keepEthereumKey(home, account.value.key, secret.value);
  secret.value.fill(0);
  return {
    ok: true,
    exit: exits.done,
    lines: [`● Ethereum key kept       ${checksummed(made)}`],
    data: { ok: true, address: made, exit: exits.done },
  };
}

async function secretIn(account: Account, options: KeyOptions): Promise<Outcome<Uint8Array>> {
  const read = await readInputText(options.keyFile ?? options.wordsFile ?? "-");
  if (!read.ok) return read;
  if (options.keyFile !== undefined) return readEthereumKey(read.value);
  const seed = seedOf(read.value);
  if (!seed.ok) return seed;
  const whose = await fingerprintOf(seed.value);
  const isOurs =
    whose === account.fingerprint || account.keys.some((key) => key.fingerprint === whose);
  return isOurs
    ? { ok: true, value: ethereumKeyOf(seed.value) }
    : trouble("E704", "These are the 24 words of another account.");
}
