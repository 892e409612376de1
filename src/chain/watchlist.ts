/**
 * What is watched, as questions to the chain: each order asks for its counter, its owner's epoch,
 * the owner's funds in what it sells and pays fees in, and perhaps for a contract's word. Orders
 * share questions. A question is *stale* when its answer may have changed since it was read.
 */
import type { Address, Hash } from "../codec/ethereum.ts";
import { type Fact, factKey } from "../ring/fact.ts";

/** An order, as the exchange asks for it. */
export type WatchedOrder = {
  readonly hash: Hash;
  readonly owner: Address;
  readonly nonce: bigint;
  readonly sellToken: Address;
  /** `undefined`: the order offers no fee. */
  readonly feeToken: Address | undefined;
  /** For a contract to accept; `undefined`: the owner's key signed. */
  readonly signature: Uint8Array | undefined;
};

/** A ring that may settle. */
export type WatchedRing = {
  readonly hash: Hash;
  readonly submission: number;
  /** The submission's; `undefined`: whether it would be refused is not asked. */
  readonly calldata?: Uint8Array | undefined;
};

/** One question; its key is that of the fact which answers it. */
export type Subject =
  | { readonly kind: "counter"; readonly owner: Address; readonly nonce: bigint }
  | { readonly kind: "epoch"; readonly owner: Address }
  | { readonly kind: "funds"; readonly owner: Address; readonly token: Address }
  | {
      readonly kind: "accepts";
      readonly order: Hash;
      readonly owner: Address;
      readonly signature: Uint8Array;
    };

/** Orders and rings, and what of them is stale or was told. */
export class WatchedList {
  #orders = new Map<Hash, WatchedOrder>();
  #rings = new Map<Hash, WatchedRing>();
  #subjects = new Map<string, Subject>();
  #stale = new Set<string>();
  readonly #told = new Map<string, string>();
  /** Owner and token, to the question that a token's event touches. */
  #owners = new Set<Address>();
  #tokens = new Set<Address>();

  get rings(): readonly WatchedRing[] {
    return [...this.#rings.values()];
  }

  get isEmpty(): boolean {
    return this.#orders.size === 0 && this.#rings.size === 0;
  }

  hasRing(hash: Hash): boolean {
    return this.#rings.has(hash);
  }

  hasOrder(hash: Hash): boolean {
    return this.#orders.has(hash);
  }

  get tokens(): readonly Address[] {
    return [...this.#tokens];
  }

  get stale(): readonly Subject[] {
    return [...this.#stale].flatMap((key) => this.#subjects.get(key) ?? []);
  }

  /** Takes the whole list anew. Whatever is new in it is told, even if it was told before. */
  replace(orders: readonly WatchedOrder[], rings: readonly WatchedRing[]): readonly WatchedRing[] {
    const before = { orders: this.#orders, rings: this.#rings };
    this.#orders = new Map(orders.map((order) => [order.hash, order]));
    this.#rings = new Map(rings.map((ring) => [ring.hash, ring]));
    this.#subjects = new Map();
    this.#owners = new Set(orders.map(({ owner }) => owner));
    this.#tokens = new Set();
    const fresh = new Set<string>();
    for (const order of this.#orders.values()) {
      for (const subject of subjectsOf(order)) {
        const key = keyOf(subject);
        this.#subjects.set(key, subject);
        if (subject.kind === "funds") this.#tokens.add(subject.token);
        if (!before.orders.has(order.hash)) fresh.add(key);
      }
    }
    const added = rings.filter(({ hash }) => !before.rings.has(hash));
    for (const ring of added) fresh.add(`settled ${ring.hash}`).add(`fails ${ring.submission}`);
    const kept = new Set([
      ...this.#subjects.keys(),
      ...rings.flatMap((ring) => [`settled ${ring.hash}`, `fails ${ring.submission}`]),
      "clock -",
    ]);
    for (const key of this.#told.keys()) {
      if (fresh.has(key) || !kept.has(key)) this.#told.delete(key);
    }
    this.#stale = new Set([...this.#stale, ...fresh].filter((key) => this.#subjects.has(key)));
    return added;
  }

  /** Everything must be read again. */
  spoilAll(): void {
    this.#stale = new Set(this.#subjects.keys());
  }

  /** Rings may no longer be where they were told to be. */
  unsettle(): void {
    for (const hash of this.#rings.keys()) this.#told.delete(`settled ${hash}`);
  }

  /** Nobody heard anything yet. */
  forget(): void {
    this.#told.clear();
    this.spoilAll();
  }

  /** An order's counter moved, and its owner paid and was paid. */
  spoilOrder(hash: Hash): void {
    const order = this.#orders.get(hash);
    if (order !== undefined) this.#spoil(subjectsOf(order));
  }

  spoilCounter(owner: Address, nonce: bigint): void {
    this.#spoil([{ kind: "counter", owner, nonce }]);
  }

  spoilEpoch(owner: Address): void {
    this.#spoil([{ kind: "epoch", owner }]);
  }

  spoilFunds(owner: Address, token: Address): void {
    if (this.#owners.has(owner)) this.#spoil([{ kind: "funds", owner, token }]);
  }

  #spoil(subjects: readonly Subject[]): void {
    for (const subject of subjects) {
      const key = keyOf(subject);
      if (this.#subjects.has(key)) this.#stale.add(key);
    }
  }

  /** These were read. */
  read(subjects: readonly Subject[]): void {
    for (const subject of subjects) this.#stale.delete(keyOf(subject));
  }

  /** Those of the facts that were not told just so; from now on they are. */
  tell(facts: readonly Fact[]): readonly Fact[] {
    return facts.filter((fact) => {
      const [key, value] = [factKey(fact), valueOf(fact)];
      if (this.#told.get(key) === value) return false;
      this.#told.set(key, value);
      return true;
    });
  }

  isSettled(hash: Hash): boolean {
    return this.#told.has(`settled ${hash}`);
  }
}

function subjectsOf(order: WatchedOrder): readonly Subject[] {
  const { hash, owner, nonce, sellToken, feeToken, signature } = order;
  return [
    { kind: "counter", owner, nonce },
    { kind: "epoch", owner },
    { kind: "funds", owner, token: sellToken },
    ...(feeToken === undefined ? [] : [{ kind: "funds", owner, token: feeToken } as const]),
    ...(signature === undefined
      ? []
      : [{ kind: "accepts", order: hash, owner, signature } as const]),
  ];
}

function keyOf(subject: Subject): string {
  if (subject.kind === "accepts") return `accepts ${subject.order}`;
  return factKey({ ...subject, value: 0n });
}

function valueOf(fact: Fact): string {
  if (fact.kind === "settled") return fact.transaction;
  return fact.kind === "fails" ? fact.name : fact.value.toString();
}
