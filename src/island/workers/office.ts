/**
 * The office with threads (docs/decisions/0022-workers.md).
 *
 *   openers      decryption keys; the fast path; batches
 *   sealers      the signing key; the fast path; batches
 *   slow opener  decryption keys; OpenPGP.js: rare forms, registrations, customers that are not
 *                digested yet; one letter at a time, killed over its limits
 *   slow sealer  the signing key; OpenPGP.js: recipients of rare kinds
 *   registrar    no key; OpenPGP.js: reads and digests certificates; killed over its limits
 *
 * Invariants:
 *   order    what comes of the letter in place i stands in place i, whatever thread did it and
 *            however often
 *   lost     a letter that killed its thread twice is opened slowly; if it goes over a limit there,
 *            or kills it twice, it is `unopenable`, with the why for the log
 *   digests  the fast path serves a customer once the registrar has digested the certificate,
 *            which is asked for when first needed; until then he is served slowly. When a
 *            certificate is replaced, every thread forgets the old one before it gets another
 *            letter
 */
import { availableParallelism } from "node:os";

import { assert } from "../../codec/assert.ts";
import { equalBytes, fromLatin1 } from "../../codec/bytes.ts";
import type { Fingerprint } from "../../codec/names.ts";
import type { Time } from "../../codec/time.ts";
import type { Certificate } from "../../seal/certificate.ts";
import type { OperatingKeys } from "../../seal/keys.ts";
import { openingPart } from "../../seal/separate.ts";
import type { DigestedCertificate } from "../../seal/fast/digest.ts";
import type { Office, Registration, ToBeSealed } from "../office.ts";
import { Crew, WorkLost, type MakeWork } from "./crew.ts";
import { openingData, signingData } from "./fast.ts";
import type { Known } from "./known.ts";
import type { ToOpen } from "./opener.ts";
import { unpackOpenings, type FastOpening, type Opening, type Registers } from "./opening.ts";
import { pack, unpack } from "./packed.ts";
import type { Read, ToRead } from "./registrar.ts";
import type { ToSeal } from "./sealer.ts";
import type { Guest, Registered, ToOpenSlowly } from "./slowopener.ts";
import type { ToSealSlowly } from "./slowsealer.ts";

/** What moves in one post. */
const batchMax = 64;
/** Certificates read in one piece of work. */
const readsMax = 16;
/** Threads of each fast kind, and what a piece of work may take. */
export type OfficeLimits = {
  readonly threads: number;
  readonly fast: { readonly cpuMsMax: number; readonly megabytesMax: number };
  readonly slow: { readonly cpuMsMax: number; readonly megabytesMax: number };
};

/** While letters are opened and documents sealed the island waits: its core is theirs. */
export function officeLimits(): OfficeLimits {
  return {
    threads: Math.min(availableParallelism(), 8),
    fast: { cpuMsMax: 4000, megabytesMax: 1024 },
    slow: { cpuMsMax: 500, megabytesMax: 256 },
  };
}

type Customer = {
  readonly registered: Registered;
  readonly signs: boolean;
  digest: DigestedCertificate | undefined;
  digesting: Promise<void> | undefined;
};

export class WorkerOffice implements Office {
  readonly lettersMax: number;
  readonly #limits: OfficeLimits;
  readonly #note: (sentence: string) => void;
  readonly #openers: Crew<ArrayBuffer>;
  readonly #sealers: Crew<ArrayBuffer>;
  readonly #slowOpener: Crew<Opening>;
  readonly #slowSealer: Crew<Uint8Array | undefined>;
  readonly #registrar: Crew<Read>;
  readonly #customers = new Map<Fingerprint, Customer>();
  readonly #owners = new Map<string, Fingerprint>();

  private constructor(
    parts: Readonly<Record<"opening" | "signing" | "slowOpening" | "slowSigning", unknown>>,
    limits: OfficeLimits,
    note: (sentence: string) => void,
  ) {
    this.#limits = limits;
    this.#note = note;
    this.lettersMax = 2 * batchMax * limits.threads;
    const { threads } = limits;
    const fast = { threadsMax: threads, isSingle: false, waitingMax: 2 * threads, note };
    const slow = { threadsMax: 1, isSingle: true, waitingMax: batchMax, note };
    const knownFast = (): Iterable<Known> => this.#known();
    this.#openers = new Crew({
      ...fast,
      thread: { script: scripts.opener, data: parts.opening, ...limits.fast },
      greetings: knownFast,
    });
    this.#sealers = new Crew({
      ...fast,
      thread: { script: scripts.sealer, data: parts.signing, ...limits.fast },
      greetings: knownFast,
    });
    this.#slowOpener = new Crew({
      ...slow,
      thread: { script: scripts.slowOpener, data: parts.slowOpening, ...limits.slow },
      greetings: () => [...this.#customers.values()].map(({ registered }) => registered),
    });
    this.#slowSealer = new Crew({
      ...slow,
      thread: { script: scripts.slowSealer, data: parts.slowSigning, ...limits.slow },
      greetings: () => [],
    });
    this.#registrar = new Crew({
      ...slow,
      thread: { script: scripts.registrar, data: null, ...limits.slow },
      greetings: () => [],
    });
  }

  /** Starts the first thread of each common kind; the others come with the work. */
  static async start(
    keys: OperatingKeys,
    ours: Pick<Certificate, "fingerprint" | "binary">,
    about: { readonly limits: OfficeLimits; readonly note: (sentence: string) => void },
  ): Promise<WorkerOffice> {
    const parts = {
      opening: openingData(keys),
      signing: signingData(keys),
      slowOpening: await openingPart(keys),
      slowSigning: signingData(keys),
    };
    const office = new WorkerOffice(parts, about.limits, about.note);
    // Nobody signs letters with the exchange's own key: no id leads to it.
    office.#register({ account: ours.fingerprint, keyIds: [], binary: ours.binary }, false);
    for (const crew of [office.#openers, office.#sealers, office.#registrar]) crew.warm();
    return office;
  }

  async learn(accounts: readonly Registration[]): Promise<void> {
    const fresh = accounts.filter(({ account, certificate, signs }) => {
      const before = this.#customers.get(account);
      const isSame = before !== undefined && equalBytes(before.registered.binary, certificate);
      return !isSame || before.signs !== signs;
    });
    const portions = inPortions(fresh, readsMax);
    const read = await Promise.all(portions.map((portion) => this.#read(portion)));
    read.flat().forEach((keyIds, i) => {
      const { account, certificate, signs } = entry(fresh, i);
      // The first to register a key keeps it: a stranger's certificate cannot take over its id.
      const isFree = (keyId: string): boolean => (this.#owners.get(keyId) ?? account) === account;
      const free = signs ? keyIds.filter(isFree) : [];
      this.#register({ account, keyIds: free, binary: certificate }, signs);
    });
  }

  async open(
    letters: readonly Uint8Array[],
    at: Time,
    brought: readonly Registers[],
  ): Promise<readonly Opening[]> {
    const guests = brought.map(({ keyIds, binary }) => ({ keyIds, binary }));
    const portions = inPortions(letters, this.#portion(letters.length));
    const opened = portions.map(async (portion) => {
      // Guests are known to nobody but who judged them.
      const fast =
        guests.length > 0 ? portion.map(() => leftOver) : await this.#openFast(portion, at);
      return Promise.all(
        fast.map((outcome, i) =>
          outcome.kind === "slow" ? this.#openSlowly(entry(portion, i), at, guests) : outcome,
        ),
      );
    });
    return (await Promise.all(opened)).flat();
  }

  async seal(
    documents: readonly ToBeSealed[],
    at: Time,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const portions = inPortions(documents, this.#portion(documents.length));
    const sealed = portions.map(async (portion) => {
      const fast = await this.#sealFast(portion, at);
      return Promise.all(
        fast.map((bytes, i) =>
          bytes.length === 0 ? this.#sealSlowly(entry(portion, i), at) : bytes,
        ),
      );
    });
    return (await Promise.all(sealed)).flat();
  }

  async close(): Promise<void> {
    const slow = [this.#slowOpener, this.#slowSealer, this.#registrar];
    const crews = [this.#openers, this.#sealers, ...slow];
    await Promise.all(crews.map((crew) => crew.close()));
  }

  /** So many that every thread has some, and no post is longer than it may be. */
  #portion(count: number): number {
    return Math.min(batchMax, Math.max(1, Math.ceil(count / this.#limits.threads)));
  }

  async #openFast(letters: readonly Uint8Array[], at: Time): Promise<readonly FastOpening[]> {
    const make: MakeWork = () => {
      const work: ToOpen = { at, letters: pack(letters) };
      return { work, transfer: [work.letters] };
    };
    const done = await this.#openers.do(make).catch(lost);
    if (done === undefined) return letters.map(() => leftOver);
    return unpackOpenings(done);
  }

  async #openSlowly(letter: Uint8Array, at: Time, brought: readonly Guest[]): Promise<Opening> {
    try {
      const work: ToOpenSlowly = { letter: Uint8Array.from(letter), at, brought };
      const opening = await this.#slowOpener.do(() => ({ work, transfer: [] }));
      if (opening.kind !== "unopenable") this.#wantDigest(opening.signer);
      return opening;
    } catch (error) {
      if (!(error instanceof WorkLost)) throw error;
      return { kind: "unopenable", why: `the thread that opened it ${error.message}` };
    }
  }

  async #sealFast(documents: readonly ToBeSealed[], at: Time): Promise<readonly Uint8Array[]> {
    const make: MakeWork = () => {
      const texts = pack(documents.map(({ text }) => fromLatin1(text)));
      const work: ToSeal = { at, texts, to: documents.map(({ to }) => to) };
      return { work, transfer: [texts] };
    };
    const done = await this.#sealers.do(make).catch(lost);
    if (done === undefined) return documents.map(() => nothing);
    return unpack(done);
  }

  async #sealSlowly({ to, text }: ToBeSealed, at: Time): Promise<Uint8Array | undefined> {
    const customer = this.#customers.get(to);
    if (customer === undefined) return undefined;
    this.#wantDigest(to);
    const work: ToSealSlowly = { text, at, to: customer.registered.binary };
    return this.#slowSealer.do(() => ({ work, transfer: [] })).catch(lost);
  }

  #ask(work: ToRead): Promise<Read> {
    return this.#registrar.do(() => ({ work, transfer: [] }));
  }

  async #read(portion: readonly Registration[]): Promise<readonly (readonly string[])[]> {
    try {
      const binaries = portion.map(({ certificate }) => certificate);
      const done = await this.#ask({ kind: "read", binaries });
      assert(done.kind === "read", "what was asked for is what is done");
      return done.keyIds;
    } catch (error) {
      if (!(error instanceof WorkLost)) throw error;
      if (portion.length > 1) {
        const each = await Promise.all(portion.map((one) => this.#read([one])));
        return each.flat();
      }
      const account = portion[0]?.account ?? "";
      this.#note(`ALARM: the certificate of ${account} cannot be read: ${error.message}`);
      return [[]];
    }
  }

  #register(registered: Registered, signs: boolean): void {
    const { account, keyIds } = registered;
    const before = this.#customers.get(account);
    for (const keyId of before?.registered.keyIds ?? []) this.#owners.delete(keyId);
    for (const keyId of keyIds) this.#owners.set(keyId, account);
    this.#customers.set(account, { registered, signs, digest: undefined, digesting: undefined });
    this.#slowOpener.tell(registered);
    this.#tellFast({ account, keyIds, digest: undefined });
  }

  #wantDigest(account: Fingerprint): void {
    const customer = this.#customers.get(account);
    if (customer !== undefined) customer.digesting ??= this.#digest(customer);
  }

  async #digest(customer: Customer): Promise<void> {
    const { account, keyIds, binary } = customer.registered;
    try {
      const done = await this.#ask({ kind: "digest", binary });
      assert(done.kind === "digest", "what was asked for is what is done");
      if (this.#customers.get(account) !== customer) return;
      customer.digest = done.digest;
      this.#tellFast({ account, keyIds, digest: done.digest });
    } catch (error) {
      // Served slowly for good; where it is the machine's fault, the next letter finds it too.
      this.#note(`no digest of ${account}: ${String(error)}`);
    }
  }

  #tellFast(known: Known): void {
    this.#openers.tell(known);
    this.#sealers.tell(known);
  }

  *#known(): Iterable<Known> {
    for (const { registered, digest } of this.#customers.values()) {
      const { account, keyIds } = registered;
      yield { account, keyIds, digest };
    }
  }
}

const scripts = {
  opener: new URL("./opener.ts", import.meta.url),
  sealer: new URL("./sealer.ts", import.meta.url),
  slowOpener: new URL("./slowopener.ts", import.meta.url),
  slowSealer: new URL("./slowsealer.ts", import.meta.url),
  registrar: new URL("./registrar.ts", import.meta.url),
} as const;

const nothing = new Uint8Array(0);
const leftOver: FastOpening = { kind: "slow", why: "its opener died" };

/** For work that may be lost: then it is done elsewhere. */
function lost(error: unknown): undefined {
  if (!(error instanceof WorkLost)) throw error;
  return undefined;
}

function inPortions<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}

function entry<Item>(items: readonly Item[], i: number): Item {
  const item = items[i];
  assert(item !== undefined, "what was answered was asked");
  return item;
}
