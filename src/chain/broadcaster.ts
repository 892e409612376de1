/**
 * Brings submissions onto the chain: each wrapped in a transaction of its own account, which is not
 * the miner's. It may get them again and again, in any order, and false ones: the calldata protect
 * themselves, and whatever would be refused is not sent.
 *
 *   waiting ──▶ simulated on the pending block ──▶ slot (nonce) on disk ──▶ sent ──▶ mined ──▶ deep
 *      ▲            refused: wait, or give up          ▲  stuck: replaced, an eighth more    │
 *      │                                               └── vanished: sent again ◀────────────┘
 *      └── the slot ended with another transaction
 *
 * Several broadcasters may race. Each simulates on the node's pending block just before it sends
 * and waits two blocks for a stranger's transaction with the same calldata; who loses all the same
 * loses the gas of one revert, once, and does not try that submission again. A transaction that
 * has become useless while it waits is replaced by another submission or by nothing at all.
 */
import { at } from "../codec/assert.ts";
import { type Address, bytesOf, type Hash, hashOf, keccak } from "../codec/ethereum.ts";
import { equalBytes } from "../codec/bytes.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { decodeSubmission } from "../ring/decode.ts";
import { addressOfKey } from "../ring/signature.ts";
import { lockDirectory } from "../store/lock.ts";
import { bytesIn, type Hex, hexOf } from "./answers.ts";
import {
  type Attempt,
  type Job,
  type Ledger,
  type LedgerOwner,
  readLedger,
  type Slot,
  writeLedger,
} from "./ledgerfile.ts";
import type { Block, ChainNode, ChainTransaction } from "./node.ts";
import { finalNames, hesitation, overtakenNames } from "./outlook.ts";
import { RpcRefused } from "./rpc.ts";
import { settlingTransaction, simulate, submitData } from "./settlement.ts";
import { type Fees, feesNow, replacing, signTransaction } from "./transaction.ts";

/** What a relay or a publication gives. */
export type OfferedSubmission = { readonly number: number; readonly calldata: Uint8Array };

export const submissionRefusals = [
  "submission_malformed",
  "submission_expired",
  "sender_is_miner",
  "submissions_too_many",
] as const;
export type SubmissionRefusal = (typeof submissionRefusals)[number];

/** What happened to a submission, for the operator's log. */
export type BroadcastEvent = {
  readonly kind: "sent" | "replaced" | "withdrawn" | "settled" | "lost" | "given_up";
  readonly number: number;
  readonly transaction?: Hash;
  /** Why it was given up: a refusal's name, `deadline`, or `overtaken`: another one was first. */
  readonly reason?: string;
};

export type BroadcasterOptions = {
  readonly node: ChainNode;
  readonly contract: Address;
  readonly key: Uint8Array;
  readonly dir: string;
  /** Blocks on top of a transaction's own before it counts as final. */
  readonly confirmations?: number;
  /** A transaction that is not mined after so many blocks is replaced. */
  readonly stuckBlocks?: number;
  /** Waits up to so long before sending, each key another time for each submission. */
  readonly hesitateMilliseconds?: number;
  /** Never offers more, wei a unit of gas. */
  readonly feeMost?: bigint;
  readonly onEvent?: (event: BroadcastEvent) => void;
  /** The world failed; it is tried again. */
  readonly onTrouble?: (cause: unknown) => void;
};

const jobsMax = 256;
const endedMax = 2000;
const slotsMax = 16;
const calldataBytesMax = 64 * 1024;
/** How many blocks a stranger's waiting transaction is given. */
const patienceBlocks = 2;
const feeMostDefault = 500_000_000_000n;
const gwei = 1_000_000_000n;
const emptyGas = 21_000n;
const submissionGasMax = 16_000_000n;

/** What is only known while we run; nothing that may not be lost. */
type Notes = {
  readonly came: number;
  /** The last block at which it was simulated, and since which it has been hopeless. */
  simulatedAt: number | undefined;
  hopelessSince: number | undefined;
  /** The block at which a stranger's transaction was first seen waiting. */
  strangerSince: number | undefined;
};

/** One account that broadcasts. */
export class Broadcaster {
  readonly sender: Address;
  readonly #options: Required<Omit<BroadcasterOptions, "onEvent" | "onTrouble">>;
  readonly #tell: (event: BroadcastEvent) => void;
  readonly #trouble: (cause: unknown) => void;
  readonly #unlock: () => void;
  #jobs: Map<Hash, Job>;
  #slots: Slot[];
  #ended: Hash[];
  readonly #notes = new Map<Hash, Notes>();
  /** Blocks since which a slot's nonce was used by a transaction that is none of ours. */
  readonly #foreignSince = new Map<number, number>();
  #head = 0;
  /** Something came that is not on disk yet. */
  #isChanged = false;

  constructor(options: BroadcasterOptions, unlock: () => void, ledger: Ledger) {
    const { onEvent = () => undefined, onTrouble = () => undefined, ...rest } = options;
    this.#options = {
      confirmations: 6,
      stuckBlocks: 3,
      hesitateMilliseconds: 0,
      feeMost: feeMostDefault,
      ...rest,
    };
    this.sender = addressOfKey(options.key);
    this.#tell = onEvent;
    this.#trouble = onTrouble;
    this.#unlock = unlock;
    this.#jobs = new Map(ledger.jobs.map((job) => [job.digest, job]));
    this.#slots = [...ledger.slots];
    this.#ended = [...ledger.ended];
  }

  /** Submissions that have not ended. */
  get pending(): number {
    return this.#jobs.size;
  }

  /** Takes a submission, once; the same calldata again are taken and do nothing. */
  add({ number, calldata }: OfferedSubmission): Verdict<undefined, SubmissionRefusal> {
    if (calldata.length > calldataBytesMax) {
      return refuse("submission_malformed", `more than ${calldataBytesMax} bytes`);
    }
    const digest = hashOf(keccak(calldata));
    if (this.#jobs.has(digest) || this.#ended.includes(digest)) return accept(undefined);
    // The miner stands first, and would not sign for itself: with it as the sender all is shorter.
    if (equalBytes(calldata.subarray(0, 20), bytesOf(this.sender))) {
      return refuse("sender_is_miner", "the miner's own transaction would be another one");
    }
    const decoded = decodeSubmission(calldata, this.sender);
    if (!decoded.ok) return refuse("submission_malformed", decoded.detail);
    const { deadline } = decoded.value;
    if (deadline < BigInt(Math.floor(Date.now() / 1000)) - 3600n) {
      return refuse("submission_expired", `deadline ${deadline} is an hour ago`);
    }
    if (this.#jobs.size >= jobsMax && !this.#dropRefused()) {
      return refuse("submissions_too_many", `${jobsMax} wait already`);
    }
    const job = { number, digest, calldata: hexOf(calldata), deadline, since: this.#head };
    this.#jobs.set(digest, job);
    this.#isChanged = true;
    return accept(undefined);
  }

  /** Makes room: who fills the list with what would be refused shall not keep others out. */
  #dropRefused(): boolean {
    const inSlots = this.#inSlots();
    for (const { digest } of this.#jobs.values()) {
      if (inSlots.has(digest) || this.#notes.get(digest)?.simulatedAt === undefined) continue;
      this.#jobs.delete(digest);
      this.#notes.delete(digest);
      return true;
    }
    return false;
  }

  #inSlots(): ReadonlySet<Hash | undefined> {
    return new Set(this.#slots.flatMap(({ attempts }) => attempts.map(({ job }) => job)));
  }

  /** Looks at the chain every so often and does what is to do, until the signal. */
  async run(signal: AbortSignal, pollMilliseconds = 1000): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.step();
      } catch (cause) {
        this.#trouble(cause);
      }
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, pollMilliseconds);
        signal.addEventListener("abort", done);
      });
    }
  }

  /** Looks at the chain once; throws if it cannot. */
  async step(): Promise<void> {
    const { node } = this.#options;
    if (this.#isChanged) await this.#save();
    const head = await node.head();
    this.#head = head.number;
    for (const job of this.#jobs.values()) {
      // It came before we had looked at the chain.
      if (job.since === 0) this.#jobs.set(job.digest, { ...job, since: head.number });
    }
    const used = await node.nonce(this.sender);
    await this.#followSlots(head, used);
    const inSlots = this.#inSlots();
    let strangers: readonly ChainTransaction[] | undefined;
    for (const job of [...this.#jobs.values()].toSorted((a, b) => a.number - b.number)) {
      if (inSlots.has(job.digest) || this.#slots.length >= slotsMax) continue;
      if (head.time > job.deadline) {
        await this.#giveUp(job, "deadline");
        continue;
      }
      if (!(await this.#isPromising(job, head))) continue;
      strangers ??= await node.waiting();
      if (this.#isLeftToStranger(job, strangers, head)) continue;
      await this.#send(job, { nonce: await this.#freeNonce(used), attempts: [] }, head);
    }
  }

  // ── transactions that were sent ────────────────────────────────────────────────────────────────

  async #followSlots(head: Block, used: number): Promise<void> {
    const { confirmations } = this.#options;
    let isFirst = true;
    for (const slot of this.#slots) {
      const mined = await this.#minedOf(slot);
      if (mined !== undefined) {
        this.#foreignSince.delete(slot.nonce);
        if (mined.block + confirmations <= head.number) await this.#endSlot(slot, mined);
      } else if (slot.nonce < used) {
        // Ours may have been mined this instant; or somebody else uses this key too.
        const since = this.#foreignSince.get(slot.nonce) ?? head.number;
        this.#foreignSince.set(slot.nonce, since);
        if (since + confirmations + patienceBlocks <= head.number) await this.#endSlot(slot);
      } else {
        this.#foreignSince.delete(slot.nonce);
        await this.#keepGoing(slot, head, isFirst);
        isFirst = false;
      }
    }
  }

  async #minedOf(
    slot: Slot,
  ): Promise<{ attempt: Attempt; block: number; isSuccess: boolean } | undefined> {
    for (const attempt of slot.attempts.toReversed()) {
      const receipt = await this.#options.node.receipt(attempt.hash);
      if (receipt === undefined) continue;
      return { attempt, block: receipt.block, isSuccess: receipt.isSuccess };
    }
    return undefined;
  }

  /** Deep enough: it is over, for the submission too if its transaction is the one. */
  async #endSlot(
    slot: Slot,
    mined?: { readonly attempt: Attempt; readonly isSuccess: boolean },
  ): Promise<void> {
    this.#slots = this.#slots.filter((one) => one !== slot);
    const digest = mined?.attempt.job;
    const job = digest === undefined ? undefined : this.#jobs.get(digest);
    if (mined === undefined || job === undefined) return this.#save();
    this.#end(job);
    await this.#save();
    const kind = mined.isSuccess ? "settled" : "lost";
    this.#tell({ kind, number: job.number, transaction: mined.attempt.hash });
  }

  /** A transaction that waits: sent again if the node lost it, replaced if stuck or useless. */
  async #keepGoing(slot: Slot, head: Block, isFirst: boolean): Promise<void> {
    const { node, stuckBlocks } = this.#options;
    const newest = at(slot.attempts, slot.attempts.length - 1);
    const job = newest.job === undefined ? undefined : this.#jobs.get(newest.job);
    // Those behind it may need what it does, so only the first can be judged.
    if (isFirst && job !== undefined && (await this.#isUseless(job, head))) {
      if (await this.#send(await this.#another(slot, head), slot, head)) return;
    }
    if (newest.since + stuckBlocks <= head.number && (await this.#send(job, slot, head))) return;
    if ((await node.transaction(newest.hash)) === undefined) await this.#offer(newest.raw);
  }

  async #isUseless(job: Job, head: Block): Promise<boolean> {
    const { node, contract } = this.#options;
    if (head.time > job.deadline) return true;
    const calldata = bytesIn(job.calldata);
    return (await simulate(node, { contract, calldata, from: this.sender })) !== undefined;
  }

  /** A submission that could go instead, since the nonce must be used anyway. */
  async #another(slot: Slot, head: Block): Promise<Job | undefined> {
    const taken = this.#inSlots();
    for (const job of this.#jobs.values()) {
      if (taken.has(job.digest) || slot.attempts.some((one) => one.job === job.digest)) continue;
      if (head.time <= job.deadline && (await this.#isPromising(job, head))) return job;
    }
    return undefined;
  }

  // ── submissions that wait ──────────────────────────────────────────────────────────────────────

  /** Whether it would settle now; gives it up if it never will. */
  async #isPromising(job: Job, head: Block): Promise<boolean> {
    const { node, contract, hesitateMilliseconds, confirmations } = this.#options;
    const notes = this.#notesOf(job);
    if (Date.now() < notes.came + hesitation(this.sender, job.digest, hesitateMilliseconds))
      return false;
    // It was refused, and nothing has happened since.
    if (notes.simulatedAt === head.number) return false;
    const calldata = bytesIn(job.calldata);
    const question = { contract, calldata, from: this.sender };
    if ((await simulate(node, { ...question, at: "pending" })) === undefined) {
      notes.hopelessSince = undefined;
      return true;
    }
    notes.simulatedAt = head.number;
    const now = await simulate(node, question);
    // It would settle but for what waits: a stranger's copy, or something against it.
    if (now === undefined) {
      notes.strangerSince ??= head.number;
      return notes.strangerSince + patienceBlocks <= head.number;
    }
    notes.strangerSince = undefined;
    if (overtakenNames.has(now) && (await this.#isOvertaken(job, head))) {
      await this.#giveUp(job, "overtaken");
    } else if (finalNames.has(now)) {
      notes.hopelessSince ??= head.number;
      if (notes.hopelessSince + confirmations <= head.number) await this.#giveUp(job, now);
    } else {
      notes.hopelessSince = undefined;
    }
    return false;
  }

  /** Whether a transaction with the same calldata is deep in the chain. */
  async #isOvertaken(job: Job, head: Block): Promise<boolean> {
    const { node, contract, confirmations } = this.#options;
    const range = { from: Math.max(0, job.since - 64), to: head.number - confirmations };
    if (range.to < range.from) return false;
    const calldata = bytesIn(job.calldata);
    return (await settlingTransaction(node, { contract, calldata, ...range })) !== undefined;
  }

  #isLeftToStranger(job: Job, waiting: readonly ChainTransaction[], head: Block): boolean {
    const input = submitData(bytesIn(job.calldata));
    const isThere = waiting.some(
      (one) => one.to === this.#options.contract && one.input === input && one.from !== this.sender,
    );
    const notes = this.#notesOf(job);
    if (!isThere) return false;
    notes.strangerSince ??= head.number;
    return head.number < notes.strangerSince + patienceBlocks;
  }

  #notesOf(job: Job): Notes {
    const known = this.#notes.get(job.digest) ?? {
      came: Date.now(),
      simulatedAt: undefined,
      hopelessSince: undefined,
      strangerSince: undefined,
    };
    this.#notes.set(job.digest, known);
    return known;
  }

  // ── sending ────────────────────────────────────────────────────────────────────────────────────

  /** Signs for this slot, writes it down, and only then sends it. */
  async #send(job: Job | undefined, slot: Slot, head: Block): Promise<boolean> {
    const { node, contract, key, feeMost } = this.#options;
    const before = slot.attempts.at(-1);
    const now = await feesNow(node);
    const fees: Fees = before === undefined ? now : replacing(before.fees, now);
    if (fees.most > feeMost) {
      const [most, limit] = [fees.most / gwei, feeMost / gwei];
      this.#trouble(new Error(`couldn't send: gas would be offered ${most} gwei, over ${limit}`));
      return false;
    }
    const data = job === undefined ? "0x" : submitData(bytesIn(job.calldata));
    const to = job === undefined ? this.sender : contract;
    const gas = job === undefined ? emptyGas : await this.#gasFor(to, data);
    if (gas === undefined) return false;
    const unsigned = { chainId: node.chainId, nonce: slot.nonce, to, data, value: 0n, gas, fees };
    const signed = signTransaction(unsigned, key);
    const attempt = { ...signed, job: job?.digest, fees, since: head.number };
    const grown = { nonce: slot.nonce, attempts: [...slot.attempts, attempt] };
    this.#slots = [...this.#slots.filter(({ nonce }) => nonce !== slot.nonce), grown].toSorted(
      (a, b) => a.nonce - b.nonce,
    );
    await this.#save();
    await this.#offer(signed.raw);
    const kind = job === undefined ? "withdrawn" : before === undefined ? "sent" : "replaced";
    const old = before?.job === undefined ? undefined : this.#jobs.get(before.job);
    this.#tell({ kind, number: job?.number ?? old?.number ?? 0, transaction: signed.hash });
    return true;
  }

  /** What it needs, and a fifth more; `undefined` if it would be refused. */
  async #gasFor(to: Address, data: Hex): Promise<bigint | undefined> {
    const { node } = this.#options;
    const request = { from: this.sender, to, data };
    // After what waits; or else before it, where it may stand itself.
    const needed = (await node.gasOf(request, "pending")) ?? (await node.gasOf(request, "latest"));
    if (needed === undefined) return undefined;
    const gas = needed + needed / 5n;
    return gas > submissionGasMax ? undefined : gas;
  }

  async #offer(raw: Hex): Promise<void> {
    try {
      await this.#options.node.sendRaw(raw);
    } catch (cause) {
      // Known already, nonce just used, too little fee, no ether: what is to do the next look says.
      if (!(cause instanceof RpcRefused)) throw cause;
      if (!/already|known|nonce/i.test(cause.message)) this.#trouble(cause);
    }
  }

  /** The smallest nonce that is neither used nor signed for. */
  async #freeNonce(used: number): Promise<number> {
    const taken = new Set(this.#slots.map(({ nonce }) => nonce));
    // What waits without us knowing was sent by another program with this key.
    const start = taken.size === 0 ? await this.#options.node.nonce(this.sender, "pending") : used;
    let nonce = Math.max(used, start);
    while (taken.has(nonce)) nonce += 1;
    return nonce;
  }

  async #giveUp(job: Job, reason: string): Promise<void> {
    this.#end(job);
    await this.#save();
    this.#tell({ kind: "given_up", number: job.number, reason });
  }

  #end(job: Job): void {
    this.#jobs.delete(job.digest);
    this.#notes.delete(job.digest);
    this.#ended = [...this.#ended, job.digest].slice(-endedMax);
  }

  async #save(): Promise<void> {
    const ledger = { jobs: [...this.#jobs.values()], slots: this.#slots, ended: this.#ended };
    this.#isChanged = false;
    await writeLedger(this.#options.dir, ownerOf(this.#options), ledger);
  }

  /** Lets go of the folder. */
  async close(): Promise<void> {
    await this.#save();
    this.#unlock();
  }
}

function ownerOf(options: Pick<BroadcasterOptions, "node" | "contract" | "key">): LedgerOwner {
  const { node, contract, key } = options;
  return { chainId: node.chainId, contract, sender: addressOfKey(key) };
}

/** Goes on where the folder's last broadcaster stopped; one at a time. */
export function openBroadcaster(options: BroadcasterOptions): Broadcaster {
  const unlock = lockDirectory(options.dir);
  try {
    return new Broadcaster(options, unlock, readLedger(options.dir, ownerOf(options)));
  } catch (cause) {
    unlock();
    throw cause;
  }
}
