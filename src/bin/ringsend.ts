/**
 * Transactions of the owner's own: signed by the account's Ethereum key and handed to the node, or
 * given to the external signer (`eth_sendTransaction`), and followed until they are in a block. The
 * transaction's hash is told before the waiting begins.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { type Address, type Hash, parseHash } from "../codec/ethereum.ts";
import { addressOfKey } from "../ring/signature.ts";
import type { Account } from "../wallet/account.ts";
import { printable } from "../wallet/amounts.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import { objectOf, parseJson, textOf } from "../wallet/json.ts";
import { providerAt, type Provider } from "../wallet/provider.ts";
import type { CallData } from "../wallet/ringchain.ts";
import { ethereumKeyIn } from "../wallet/ringkey.ts";
import type { Context, Ended } from "./context.ts";
import { signerFor, type SignerOptions, type VenueNode } from "./ringwallet.ts";

/** What is to be sent. */
export type OwnCall = { readonly to: Address; readonly data: CallData };

/** What it is called for people, and where it goes. */
export type OwnTransaction = {
  readonly title: string;
  readonly call: OwnCall;
  readonly node: VenueNode;
};

const pollMs = 250;
const patienceMs = 120_000;

/** Sends it as the owner and waits for its block. */
export async function transact(
  context: Context,
  account: Account,
  { title, call, node }: OwnTransaction,
  options: SignerOptions & { readonly dryRun?: boolean },
): Promise<Ended> {
  const signer = await signerFor(account, options);
  if (!signer.ok) return signer;
  const owner = await signer.value.address();
  if (!owner.ok) return owner;
  if (options.dryRun === true) return shown(title, owner.value, call);
  const sent =
    options.signer === undefined
      ? await sendSigned(account, owner.value, node, call)
      : await sendBy(providerAt(options.signer), owner.value, call);
  if (!sent.ok) return sent;
  context.say(`● sent                    transaction ${sent.value}`);
  const mined = await waitFor(node.provider, sent.value);
  if (!mined.ok) return mined;
  return {
    ok: true,
    exit: exits.done,
    lines: [`● ${title}`, `  transaction ${sent.value}`],
    data: { ok: true, done: title, transaction: sent.value, exit: exits.done },
  };
}

function shown(title: string, from: Address, { to, data }: OwnCall): Ended {
  return {
    ok: true,
    exit: exits.done,
    lines: [title, `  from  ${from}`, `  to    ${to}`, `  data  ${data}`],
    data: { ok: true, state: "dry-run", title, from, to, data, exit: exits.done },
  };
}

async function sendSigned(
  account: Account,
  owner: Address,
  node: VenueNode,
  call: OwnCall,
): Promise<Outcome<Hash>> {
  const key = await ethereumKeyIn(account);
  if (!key.ok) return key;
  if (addressOfKey(key.value) !== owner) {
    return trouble("E122", `Only ${owner} itself can send this transaction.`, {
      next: "Send it with the owner's own wallet; --dry-run prints it.",
    });
  }
  const { openNode } = await import("../chain/node.ts");
  const { feesNow, signTransaction } = await import("../chain/transaction.ts");
  const { refusalName } = await import("../chain/settlement.ts");
  const open = await openNode(node.url);
  const request = { from: owner, ...call };
  const gas = await open.gasOf(request);
  if (gas === undefined) {
    const result = await open.call(request);
    const name = result.ok ? "no reason given" : refusalName(result.data);
    return trouble("E805", `The chain would refuse the transaction: ${name}.`);
  }
  const nonce = await open.nonce(owner, "pending");
  const fees = await feesNow(open);
  if ((await open.balance(owner)) < (gas + gas / 5n) * fees.most) {
    return trouble("E805", `${owner} has too little ether for the transaction's gas.`);
  }
  const unsigned = { chainId: open.chainId, nonce, ...call, value: 0n, gas: gas + gas / 5n, fees };
  const { raw } = signTransaction(unsigned, key.value);
  key.value.fill(0);
  return hashIn(await node.provider.request({ method: "eth_sendRawTransaction", params: [raw] }));
}

/** Has somebody's node or wallet sign and send it. */
export async function sendBy(
  provider: Provider,
  from: Address,
  { to, data, value }: { readonly to: Address; readonly data?: CallData; readonly value?: bigint },
): Promise<Outcome<Hash>> {
  const params = {
    from,
    to,
    ...(data === undefined ? {} : { data }),
    ...(value === undefined ? {} : { value: `0x${value.toString(16)}` }),
  };
  return hashIn(await provider.request({ method: "eth_sendTransaction", params: [params] }));
}

function hashIn(answer: Outcome<unknown>): Outcome<Hash> {
  if (!answer.ok) return answer;
  const text = typeof answer.value === "string" ? answer.value : "";
  const hash = parseHash(text.toLowerCase());
  return hash === undefined
    ? trouble("E805", `The node gave no transaction: ${printable(text)}`)
    : { ok: true, value: hash };
}

/** Waits until the transaction is in a block. */
export async function waitFor(provider: Provider, hash: Hash): Promise<Outcome<undefined>> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(pollMs)) {
    const request = { method: "eth_getTransactionReceipt", params: [hash] };
    const answer = await provider.request(request);
    if (!answer.ok) continue;
    const status = textOf(objectOf(parseJson(JSON.stringify(answer.value)))["status"]);
    if (status === "0x1") return { ok: true, value: undefined };
    if (status === "0x0") return trouble("E806", `Transaction ${hash} failed in its block.`);
  }
  return trouble("E807", `Transaction ${hash} is not in a block after ${patienceMs / 1000} s.`);
}
