/**
 * Plain ERC-20s in maps: what a chain looks like to the settlement when no chain is there. A token
 * is nothing but its address, an allowance of 2^256 − 1 is infinite, and counters and epochs start
 * at zero.
 */
import type { Address } from "../codec/ethereum.ts";
import type { Chain, Effects, Transfer, TransferResult } from "./chain.ts";

export const infinite: bigint = 2n ** 256n - 1n;

/** All that plain tokens and RingSettlement remember. */
export class RingLedger {
  readonly #amounts = new Map<string, bigint>();

  balance(token: Address, of: Address): bigint {
    return this.#amounts.get(`balance ${token} ${of}`) ?? 0n;
  }

  setBalance(token: Address, of: Address, amount: bigint): void {
    this.#amounts.set(`balance ${token} ${of}`, amount);
  }

  /** What RingSettlement may still move. */
  allowance(token: Address, of: Address): bigint {
    return this.#amounts.get(`allowance ${token} ${of}`) ?? 0n;
  }

  setAllowance(token: Address, of: Address, amount: bigint): void {
    this.#amounts.set(`allowance ${token} ${of}`, amount);
  }

  readonly counter: Chain["counter"] = (owner, nonce) =>
    this.#amounts.get(`counter ${owner} ${nonce}`) ?? 0n;

  readonly epoch: Chain["epoch"] = (owner) => this.#amounts.get(`epoch ${owner}`) ?? 0n;

  /** `transferFrom` by RingSettlement. */
  readonly transfer = ({ token, from, to, amount }: Transfer): TransferResult => {
    const held = this.balance(token, from);
    const allowed = this.allowance(token, from);
    if (held < amount || allowed < amount) return "failed";
    if (allowed !== infinite) this.setAllowance(token, from, allowed - amount);
    this.setBalance(token, from, held - amount);
    this.setBalance(token, to, this.balance(token, to) + amount);
    return "moved";
  };

  /** The same, to be changed on its own: for a transaction that may come to nothing. */
  copy(): RingLedger {
    const copy = new RingLedger();
    for (const [key, amount] of this.#amounts) copy.#amounts.set(key, amount);
    return copy;
  }

  /** What a transaction wrote beside the tokens. */
  apply({ counters, log }: Effects): void {
    for (const { owner, nonce, value } of counters) {
      this.#amounts.set(`counter ${owner} ${nonce}`, value);
    }
    for (const event of log) {
      if (event.kind === "epoch") this.#amounts.set(`epoch ${event.owner}`, event.epoch);
    }
  }
}
