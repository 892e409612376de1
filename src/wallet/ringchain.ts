/**
 * What a wallet reads of the chain by itself, over JSON-RPC: which chain it is, what the owner has
 * and allows of a token, the owner's epoch. And what it asks others to send, as calldata (ABI):
 * approvals and cancellations. Reading needs no library of Ethereum's; sending is not done here.
 */
import { fromAscii, toHex } from "../codec/bytes.ts";
import { type Address, keccak } from "../codec/ethereum.ts";
import { trouble, type Outcome } from "./errors.ts";
import type { Provider } from "./provider.ts";

/** A call's data: `0x` and hex. */
export type CallData = `0x${string}`;

type Word = Address | bigint;

function selector(signature: string): string {
  return toHex(keccak(fromAscii(signature)).subarray(0, 4));
}

function word(value: Word): string {
  return (typeof value === "bigint" ? value.toString(16) : value.slice(2)).padStart(64, "0");
}

function call(signature: string, ...words: readonly Word[]): CallData {
  return `0x${selector(signature)}${words.map(word).join("")}`;
}

/** The most that can be approved: what wallets call unlimited. */
export const unlimited: bigint = 2n ** 256n - 1n;

/** ERC-20 `approve`. */
export function approveData(spender: Address, amount: bigint): CallData {
  return call("approve(address,uint256)", spender, amount);
}

/** Test tokens' `mint`. */
export function mintData(to: Address, amount: bigint): CallData {
  return call("mint(address,uint256)", to, amount);
}

/** RingSettlement's `cancel`, of orders with these nonces. */
export function cancelData(nonces: readonly bigint[]): CallData {
  return call("cancel(uint96[])", 32n, BigInt(nonces.length), ...nonces);
}

/** RingSettlement's `cancelAll`. */
export function cancelAllData(): CallData {
  return call("cancelAll()");
}

/** The chain's number. */
export async function chainIdOf(provider: Provider): Promise<Outcome<bigint>> {
  const answer = await provider.request({ method: "eth_chainId", params: [] });
  return answer.ok ? numberIn(answer.value) : answer;
}

/** Whether a contract is there. */
export async function hasCode(provider: Provider, address: Address): Promise<Outcome<boolean>> {
  const answer = await provider.request({ method: "eth_getCode", params: [address, "latest"] });
  if (!answer.ok) return answer;
  return { ok: true, value: typeof answer.value === "string" && answer.value.length > 2 };
}

/** What the owner has of a token, and what of it the contract may take. */
export async function fundsOf(
  provider: Provider,
  about: { readonly owner: Address; readonly token: Address; readonly contract: Address },
): Promise<Outcome<{ readonly balance: bigint; readonly allowance: bigint }>> {
  const { owner, token, contract } = about;
  const balance = await read(provider, token, call("balanceOf(address)", owner));
  if (!balance.ok) return balance;
  const asked = call("allowance(address,address)", owner, contract);
  const allowance = await read(provider, token, asked);
  if (!allowance.ok) return allowance;
  return { ok: true, value: { balance: balance.value, allowance: allowance.value } };
}

/** The owner's epoch at the contract. */
export async function epochAt(
  provider: Provider,
  contract: Address,
  owner: Address,
): Promise<Outcome<bigint>> {
  const epoch = await read(provider, contract, call("epochOf(address)", owner));
  if (epoch.ok && epoch.value >= 2n ** 32n) return trouble("E805", "The epoch is no epoch.");
  return epoch;
}

async function read(provider: Provider, to: Address, data: CallData): Promise<Outcome<bigint>> {
  const answer = await provider.request({ method: "eth_call", params: [{ to, data }, "latest"] });
  return answer.ok ? numberIn(answer.value) : answer;
}

function numberIn(value: unknown): Outcome<bigint> {
  const digits = typeof value === "string" ? /^0x([0-9a-fA-F]{1,64})$/.exec(value)?.[1] : undefined;
  return digits === undefined
    ? trouble("E805", "The node did not give a number: is this the right chain?")
    : { ok: true, value: BigInt(`0x${digits}`) };
}
