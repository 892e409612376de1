/**
 * `signet ring approve` and `signet ring faucet`: what the contract may take of a token, and play
 * money where the chain is a play chain.
 */
import type { Address } from "../codec/ethereum.ts";
import type { RingToken } from "../letter/card.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import type { Provider } from "../wallet/provider.ts";
import { approveData, mintData, unlimited } from "../wallet/ringchain.ts";
import { printUnits, readTokenAmount, ringOf, tokenOf } from "../wallet/ringamounts.ts";
import { addressIn } from "../wallet/ringsigner.ts";
import { accountOf, type CommonOptions, type Context, type Ended } from "./context.ts";
import { sendBy, transact, waitFor } from "./ringsend.ts";
import { nodeNeeded, signerFor, type ChainOptions, type SignerOptions } from "./ringwallet.ts";

type MoneyOptions = CommonOptions & SignerOptions & ChainOptions & { readonly dryRun?: boolean };

/** `signet ring approve AMOUNT|unlimited TOKEN`. */
export async function approve(
  context: Context,
  words: readonly string[],
  options: MoneyOptions,
): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const ring = ringOf(account.value.exchange.card);
  if (!ring.ok) return ring;
  const [text = "", name = ""] = words;
  const token = tokenOf(ring.value, name);
  if (!token.ok) return token;
  const amount = readAllowance(token.value, text);
  if (!amount.ok) return amount;
  const node = await nodeNeeded(ring.value, options);
  if (!node.ok) return node;
  const shown =
    amount.value === unlimited ? "everything" : printUnits(amount.value, token.value.decimals);
  const title = `the ring contract may take ${shown} of your ${token.value.name}`;
  const call = { to: token.value.address, data: approveData(ring.value.contract, amount.value) };
  return transact(context, account.value, { title, call, node: node.value }, options);
}

function readAllowance(token: RingToken, text: string): Outcome<bigint> {
  if (text === "unlimited") return { ok: true, value: unlimited };
  // Nothing: what was approved is taken back.
  return text === "0" ? { ok: true, value: 0n } : readTokenAmount(token, text);
}

const giftDefault = "1000";
const etherGift = 10n ** 18n;
/** Chain numbers that development nodes have and no other chain. */
const developmentChains: ReadonlySet<bigint> = new Set([31_337n, 1337n]);

/**
 * `signet ring faucet [AMOUNT] [TOKEN]`: tokens, of all kinds if none is named, and ether for gas.
 */
export async function faucet(
  context: Context,
  words: readonly string[],
  options: MoneyOptions,
): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const ring = ringOf(account.value.exchange.card);
  if (!ring.ok) return ring;
  const { chainId, tokens } = ring.value;
  if (!developmentChains.has(chainId)) {
    return trouble("E126", `The venue is on chain ${chainId}, which is no development chain.`);
  }
  const [text = giftDefault, name] = words;
  const chosen = name === undefined ? undefined : tokenOf(ring.value, name);
  if (chosen?.ok === false) return chosen;
  const wanted = chosen === undefined ? tokens : [chosen.value];
  const node = await nodeNeeded(ring.value, options);
  if (!node.ok) return node;
  const signer = await signerFor(account.value, options);
  if (!signer.ok) return signer;
  const owner = await signer.value.address();
  if (!owner.ok) return owner;
  const { provider } = node.value;
  const giver = await giverAt(provider);
  if (!giver.ok) return giver;
  const gave = await give(provider, { from: giver.value, to: owner.value, tokens: wanted, text });
  if (!gave.ok) return gave;
  return {
    ok: true,
    exit: exits.done,
    lines: [`● ${owner.value} was given ${gave.value.join(", ")}: play money`],
    data: { ok: true, address: owner.value, given: gave.value, exit: exits.done },
  };
}

/** An account whose key a development node has. */
async function giverAt(provider: Provider): Promise<Outcome<Address>> {
  const accounts = await provider.request({ method: "eth_accounts", params: [] });
  if (!accounts.ok) return accounts;
  const first: unknown = Array.isArray(accounts.value) ? accounts.value[0] : undefined;
  const giver = typeof first === "string" ? addressIn(first) : undefined;
  return giver === undefined
    ? trouble("E126", "The node has no accounts of its own to give from.")
    : { ok: true, value: giver };
}

async function give(
  provider: Provider,
  gift: {
    readonly from: Address;
    readonly to: Address;
    readonly tokens: readonly RingToken[];
    readonly text: string;
  },
): Promise<Outcome<readonly string[]>> {
  const { from, to, tokens, text } = gift;
  const amounts = tokens.map((token) => readTokenAmount(token, text));
  const given: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const amount = amounts[index];
    if (amount?.ok !== true) return amount ?? trouble("E104");
    const data = mintData(to, amount.value);
    const sent = await sendBy(provider, from, { to: token.address, data });
    if (!sent.ok) return sent;
    const mined = await waitFor(provider, sent.value);
    if (!mined.ok) return mined;
    given.push(`${text} ${token.name}`);
  }
  const sent = await sendBy(provider, from, { to, value: etherGift });
  if (!sent.ok) return sent;
  const mined = await waitFor(provider, sent.value);
  return mined.ok ? { ok: true, value: [...given, "1 ether for gas"] } : mined;
}
