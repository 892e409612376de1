/**
 * `signet ring offer SELL_AMOUNT TOKEN for BUY_AMOUNT TOKEN`: an order for the ring venue, shown in
 * words, signed by its owner, sealed with its auth key to the miner, and followed as any letter.
 *
 * In this order: words and card, owner, node and funds, auth key, what is signed in words with the
 * order hash, the nonce for good, the signature, the letter. Up to the signature nothing is sent.
 */
import { randomBytes } from "node:crypto";

import type { Address } from "../codec/ethereum.ts";
import type { Time } from "../codec/time.ts";
import type { RingToken } from "../letter/card.ts";
import type { OfferEntry } from "../letter/ringentry.ts";
import type { Account } from "../wallet/account.ts";
import type { Line, Names } from "../wallet/compose.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import { epochAt, fundsOf } from "../wallet/ringchain.ts";
import { printUnits, type TokenSum } from "../wallet/ringamounts.ts";
import { openOffers } from "../wallet/fold.ts";
import { idTaken } from "../wallet/outbox.ts";
import { statementHere } from "../wallet/sync.ts";
import { lastEpoch, takeNonce } from "../wallet/ringnonce.ts";
import {
  domainOf,
  makeAuth,
  prepareOffer,
  readOffer,
  ringLine,
  signOffer,
  wrongName,
  type OfferTerms,
} from "../wallet/ringorder.ts";
import type { RingSigner } from "../wallet/ringsigner.ts";
import { now } from "../wallet/times.ts";
import { called } from "./called.ts";
import { accountOf, type Context, type Ended } from "./context.ts";
import { deliver, type FollowOptions } from "./deliver.ts";
import { termsLines, unsignedData } from "./ringlines.ts";
import {
  nodeFor,
  signerFor,
  type ChainOptions,
  type SignerOptions,
  type VenueNode,
} from "./ringwallet.ts";

type OfferOptions = FollowOptions &
  SignerOptions &
  ChainOptions & {
    readonly until?: string;
    readonly id?: string;
    readonly tag?: string;
    readonly fee?: string;
    readonly margin?: string;
    readonly allOrNone?: boolean;
    readonly shared?: boolean;
  };

/** `signet ring offer`. */
export async function offer(
  context: Context,
  words: readonly string[],
  options: OfferOptions,
): Promise<Ended> {
  const names = {
    id: options.id ?? `ring-${randomBytes(5).toString("hex")}`,
    tag: options.tag,
  };
  if (options.dryRun === true) return dryRun(context, words, { ...options, names });
  return deliver(context, options, (account, at) =>
    compose(context, account, { words, at, options, names }),
  );
}

type Asked = {
  readonly words: readonly string[];
  readonly at: Time;
  readonly options: OfferOptions;
  readonly names: Names;
};

type Ready = {
  readonly terms: OfferTerms;
  readonly signer: RingSigner;
  readonly owner: Address;
  readonly epoch: bigint | undefined;
};

async function compose(context: Context, account: Account, asked: Asked): Promise<Outcome<Line>> {
  const ready = await makeReady(context, account, asked);
  if (!ready.ok) return ready;
  const { terms, signer, owner, epoch } = ready.value;
  const isShared = asked.options.shared === true;
  const auth = await makeAuth(terms.ring, asked.at, { isShared });
  if (!auth.ok) return auth;
  const domain = domainOf(terms.ring);
  const nonce = await takeNonce(account.home, { owner, domain }, epoch);
  if (!nonce.ok) return nonce;
  const unsigned = prepareOffer(terms, { owner, nonce: nonce.value }, auth.value);
  for (const line of termsLines(terms, unsigned)) context.say(line);
  if (asked.options.signer !== undefined) context.say("○ waiting for the signer to sign");
  const isContractWallet = asked.options.contractWallet === true;
  const signature = await signOffer(unsigned, signer, { isContractWallet });
  if (!signature.ok) return signature;
  if (signature.value.by === "contract") {
    context.say(
      "  Not the owner's key's: the order waits until its contract is seen to accept it.",
    );
  }
  return ringLine(unsigned, signature.value.bytes, asked.names);
}

/** Everything that can be wrong before somebody signs. */
async function makeReady(
  context: Context,
  account: Account,
  { words, at, options, names }: Asked,
): Promise<Outcome<Ready>> {
  const [sellAmount = "", sellToken = "", word, buyAmount = "", buyToken = "", ...more] = words;
  if (word !== "for" || buyToken === "" || more.length > 0) {
    return trouble("E100", "Say what for what: SELL_AMOUNT TOKEN for BUY_AMOUNT TOKEN");
  }
  const offered = { ...options, sellAmount, sellToken, buyAmount, buyToken };
  const terms = readOffer(account.exchange.card, offered, at);
  if (!terms.ok) return terms;
  const wrong = wrongName(names) ?? idTaken(account.home, names.id ?? "");
  if (wrong !== undefined) return wrong;
  const node = await nodeFor(terms.value.ring, options);
  if (!node.ok) return node;
  const signer = await signerFor(account, options);
  if (!signer.ok) return signer;
  const owner = await signer.value.address();
  if (!owner.ok) return owner;
  const found = { terms: terms.value, signer: signer.value, owner: owner.value };
  if (node.value === undefined) return { ok: true, value: { ...found, epoch: undefined } };
  const epoch = await epochAt(node.value.provider, terms.value.ring.contract, owner.value);
  if (!epoch.ok) return epoch;
  const open = openOffers(statementHere(account.home));
  const told = await tellFunds(context, node.value, { ...found, open });
  return told.ok ? { ok: true, value: { ...found, epoch: epoch.value } } : told;
}

/** What open orders still sell of a token: they draw on the same balance and allowance. */
function soldElsewhere(open: readonly OfferEntry[], { name }: RingToken): bigint {
  const selling = open.filter(({ sellToken }) => sellToken === name);
  return selling.reduce((sum, { sellAmount, sold }) => sum + sellAmount - sold, 0n);
}

/**
 * What has to be there for the whole offer: what is sold, and the fee. A fee of what is bought too:
 * the exchange counts what is there before the ring.
 */
function needsOf({ sell, sellAmount, fee }: OfferTerms): readonly TokenSum[] {
  if (fee === undefined) return [{ token: sell, amount: sellAmount }];
  return fee.token.address === sell.address
    ? [{ token: sell, amount: sellAmount + fee.amount }]
    : [{ token: sell, amount: sellAmount }, fee];
}

/**
 * Says what the chain lacks for the offer and the open ones, with the command that puts it right.
 * No refusal: an order may wait for its tokens.
 */
async function tellFunds(
  context: Context,
  node: VenueNode,
  {
    terms,
    owner,
    open,
  }: {
    readonly terms: OfferTerms;
    readonly owner: Address;
    readonly open: readonly OfferEntry[];
  },
): Promise<Outcome<undefined>> {
  for (const { token, amount: own } of needsOf(terms)) {
    const amount = own + soldElsewhere(open, token);
    const about = { owner, token: token.address, contract: terms.ring.contract };
    const funds = await fundsOf(node.provider, about);
    if (!funds.ok) return funds;
    const show = (units: bigint): string => `${printUnits(units, token.decimals)} ${token.name}`;
    const { balance, allowance } = funds.value;
    if (balance < amount) {
      context.say(`◌ ${owner} has ${show(balance)} of the ${show(amount)} needed`);
      context.say("  The order waits, and is filled as far as that goes.");
    }
    if (allowance < amount) {
      const home = context.homeOption;
      context.say(`◌ the contract may take ${show(allowance)} of the ${show(amount)} needed`);
      context.say(`  ${called} ring approve ${show(amount)}${node.option}${home}`);
    }
  }
  return { ok: true, value: undefined };
}

/** Shows what would be signed. The real one has an auth address and a number of its own. */
async function dryRun(
  context: Context,
  words: readonly string[],
  options: OfferOptions & { readonly names: Names },
): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const at = now();
  const { names } = options;
  const ready = await makeReady(context, account.value, { words, at, options, names });
  if (!ready.ok) return ready;
  const { terms, owner, epoch } = ready.value;
  const auth = await makeAuth(terms.ring, at, { isShared: options.shared === true });
  if (!auth.ok) return auth;
  const domain = domainOf(terms.ring);
  const known = epoch ?? lastEpoch(account.value.home, { owner, domain });
  const unsigned = prepareOffer(terms, { owner, nonce: known << 64n }, auth.value);
  return {
    ok: true,
    exit: exits.done,
    lines: [
      ...termsLines(terms, unsigned),
      "  The real order has another auth address and number, and so another hash.",
      JSON.stringify(unsigned.data, undefined, 2),
    ],
    data: { ok: true, state: "dry-run", ...unsignedData(unsigned), exit: exits.done },
  };
}
