/**
 * The exchange's public state, verified here: finds out who the exchange is, folds its log up to a
 * signed checkpoint, follows it publication by publication, and asks every other relay whether it
 * tells the same history.
 *
 * Invariants: `view` holds only leaves that lead to a checkpoint which the pinned log key signed.
 * When a relay lies or falls silent the next one of the card is read from; with none left, the page
 * says so and shows nothing newer. Two histories of one log, or another log key than the one that
 * was met first, end it: then nothing at all is shown any more.
 */
import { printFork } from "../../log/fork.ts";
import type { Frontier } from "../../log/tree.ts";
import { AvoidedRelays } from "./avoided.ts";
import { catchUp, fold, leavesBetween } from "./catchup.ts";
import { continues } from "./continues.ts";
import {
  acquitted,
  convicted,
  ended,
  lied,
  lostBy,
  merged,
  nextSource,
  silent,
  strange,
  type End,
} from "./ending.ts";
import { readExchange, type Exchange } from "./exchange.ts";
import { follow } from "./freshness.ts";
import { Heads } from "./heads.ts";
import { lately, nothingLately } from "./lately.ts";
import { Live } from "./live.ts";
import { keepHead, keepPin, readHead, readPin, type Storage } from "./memory.ts";
import { overtaken, type Seen } from "./seen.ts";
import { askCard, askCheckpoint } from "./source.ts";
import { openHead, verifyStep, type SignedHead } from "./verify.ts";
import { look, unasked, type ForkFound, type RelayWeather } from "./weather.ts";

export type ViewOptions = {
  /** The relay that the page came from. */
  readonly origin: string;
  readonly storage: Storage | undefined;
  /** Says what is wrong with the card's signature; loaded when it is first needed. */
  readonly checkCard: (exchange: Exchange) => Promise<string | undefined>;
  /** How many times as quick as usual it looks again: for tests. */
  readonly pace?: number;
};

const quietMs = 2500;
const lookMs = 5000;
const againMs = 1000;
/** How long the page may take to come to what another relay shows; it is looked at again then. */
const lagMs = 3000;

export class VerifiedView {
  readonly #options: ViewOptions;
  readonly #heads: Heads = new Heads();
  readonly #listeners: Set<() => void> = new Set();
  #frontier: Frontier | undefined;
  /** The newest checkpoint of an earlier visit, until this log is proved to go on from it. */
  #remembered: SignedHead | undefined;
  /** Whether the log key is the one of an earlier visit, or the exchange vouched for it. */
  #isMet: boolean;
  /** Relays that fell silent when they were read from. */
  readonly #avoided: AvoidedRelays = new AvoidedRelays();
  /** What is followed, and why it no longer is once a look around has found that out. */
  #session: { readonly live: Live; lost: End | undefined } | undefined;
  #isStopped = false;
  readonly #sleeping: Set<() => void> = new Set();
  #seen: Seen;

  constructor(options: ViewOptions) {
    this.#options = options;
    this.#isMet = readPin(options.storage) !== undefined;
    this.#seen = {
      standing: { kind: "starting", done: 0, total: undefined },
      view: undefined,
      revision: 0,
      head: undefined,
      trail: undefined,
      exchange: undefined,
      card: "not checked yet",
      relays: [],
      lately: nothingLately,
      fork: undefined,
      source: options.origin,
      isFirstVisit: !this.#isMet,
    };
  }

  get seen(): Seen {
    return this.#seen;
  }

  /** Calls `heard` after every change; returns how to end that. */
  listen(heard: () => void): () => void {
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  start(): void {
    void this.#run();
    void this.#lookAround();
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  #paced(ms: number): number {
    return ms / (this.#options.pace ?? 1);
  }

  /** So long, or until it is stopped. */
  #sleep(ms: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const over = (): void => {
        clearTimeout(timer);
        this.#sleeping.delete(over);
        resolve();
      };
      const timer = setTimeout(over, this.#paced(ms));
      this.#sleeping.add(over);
    });
  }

  #wake(): void {
    for (const over of this.#sleeping) over();
  }

  #set(change: Partial<Seen>): void {
    this.#seen = { ...this.#seen, ...change };
    for (const heard of this.#listeners) heard();
  }

  /** Nothing is believed any more; only a reload begins anew. */
  #wrong(code: string, sentence: string, fork?: ForkFound): void {
    this.stop();
    const standing = { kind: "wrong", code, sentence } as const;
    this.#set({ standing, view: undefined, ...(fork === undefined ? {} : { fork }) });
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const { source } = this.#seen;
      const end = await this.#read(source);
      if (this.#isStopped) return;
      if (end.kind === "late") {
        const standing = { kind: "gap", sentence: `${end.detail} Reading from that one.` } as const;
        const relays = this.#seen.relays.map((each) =>
          each.url === source && each.lie === undefined
            ? { ...each, state: "behind" as const, behindMs: undefined }
            : each,
        );
        this.#set({ source: end.to, standing, relays });
        continue;
      }
      const read = this.#seen.relays.find(({ url }) => url === source);
      if (end.kind === "silent" && read !== undefined) this.#avoided.add(read);
      if (end.kind === "lied") this.#set({ relays: convicted(this.#seen.relays, source, end) });
      const said = end.kind === "lied" ? `lied (${end.code}): ${end.detail}` : end.detail;
      const sentence = `${this.#nameOf(source)} ${said}`;
      this.#rotate(end, sentence);
      await this.#sleep(againMs);
    }
  }

  #nameOf(source: string): string {
    const known = this.#seen.relays.find(({ url }) => url === source);
    if (known === undefined || source === this.#options.origin) return "This relay";
    return `Relay ${known.name}`;
  }

  /** The card's relays, and the address that the page came from, if that is another. */
  #relaysOf({ card }: Exchange): readonly RelayWeather[] {
    const { origin } = this.#options;
    const named = card.relays.map(unasked);
    const isNamed = named.some(({ url }) => url === origin);
    return isNamed ? named : [...named, unasked({ name: "this page's address", url: origin })];
  }

  /** Reads from another relay that has not lied; stays where it is if there is none. */
  #rotate(end: End, sentence: string): void {
    const { source, relays } = this.#seen;
    const next = nextSource(this.#options.origin, source, relays);
    if (next !== undefined) {
      const standing = { kind: "gap", sentence: `${sentence}. Asking another relay.` } as const;
      return this.#set({ source: next, standing });
    }
    if (end.kind === "lied" && this.#seen.view === undefined) {
      return this.#set({ standing: { kind: "wrong", code: end.code, sentence: `${sentence}.` } });
    }
    // What was verified before a relay began to lie is as true as it was.
    const others = end.kind === "lied" ? "There is no other relay to ask." : "Asking again.";
    this.#set({ standing: { kind: "gap", sentence: `${sentence}. ${others}` } });
  }

  /** Reads from one relay until it fails. */
  async #read(source: string): Promise<End> {
    const { exchange, view } = this.#seen;
    if (exchange === undefined || view === undefined) {
      const begun = await this.#begin(source);
      if (begun !== undefined) return begun;
    }
    const behind = await this.#poll(source);
    if (behind !== undefined) return behind;
    const live = new Live(source);
    this.#session = { live, lost: undefined };
    try {
      return await this.#follow(source, live);
    } finally {
      live.close();
    }
  }

  /** Who the exchange is, and its state at the newest checkpoint. */
  async #begin(source: string): Promise<End | undefined> {
    const parts = await askCard(source);
    if (this.#seen.exchange === undefined) {
      if (parts.kind === "unanswered") {
        const absent = parts.why === "absent";
        return silent(absent ? "has not heard from the exchange yet" : "does not answer");
      }
      if (parts.kind === "nonsense") return strange();
      const read = readExchange(parts);
      if (!read.ok) return lied(read.name, read.detail);
      if (!this.#isPinned(read.value)) return silent("");
      const kept = openHead(readHead(this.#options.storage) ?? "", read.value.log);
      this.#remembered = kept.ok ? kept.value : undefined;
      this.#set({ exchange: read.value, relays: this.#relaysOf(read.value) });
    }
    return this.#catchUp(source);
  }

  async #catchUp(source: string): Promise<End | undefined> {
    const { exchange } = this.#seen;
    if (exchange === undefined) return silent("");
    const head = await this.#askHead(source, exchange);
    if ("detail" in head) return head;
    const [folded] = await Promise.all([
      catchUp(source, exchange.fingerprint, head, (done, total) =>
        this.#set({ standing: { kind: "starting", done, total } }),
      ),
      this.#checkPast(head, [source]),
    ]);
    if (this.#isStopped) return silent("");
    if (!folded.ok) return ended(folded);
    this.#frontier = folded.value.frontier;
    this.#set({ view: folded.value.view, lately: folded.value.lately });
    this.#arrived(folded.value.head);
    void this.#checkCard(exchange);
    return undefined;
  }

  /** Whether this is the exchange, and the log key, that this browser met first. */
  #isPinned(exchange: Exchange): boolean {
    const pin = readPin(this.#options.storage);
    if (pin === undefined) return true;
    if (pin.exchange === exchange.fingerprint && pin.log === exchange.card.log) return true;
    const what = pin.exchange === exchange.fingerprint ? "log key" : "exchange";
    this.#wrong(
      "log_key_changed",
      `This is not the ${what} that this browser met here before. Either it was replaced, which ` +
        "an exchange announces long before, or somebody stands between you and it.",
    );
    return false;
  }

  /** The log key is worth remembering once the exchange has vouched for it. */
  async #checkCard(exchange: Exchange): Promise<void> {
    const { checkCard, storage } = this.#options;
    let trouble: string | undefined;
    try {
      trouble = await checkCard(exchange);
    } catch {
      return this.#set({ card: "not loaded" });
    }
    if (trouble !== undefined) return this.#set({ card: { trouble } });
    this.#set({ card: "checked" });
    keepPin(storage, { exchange: exchange.fingerprint, log: exchange.card.log });
    this.#isMet = true;
    this.#keep();
  }

  /** Remembers where the log is, unless that would replace what it may yet contradict. */
  #keep(): void {
    const { head } = this.#seen;
    if (head === undefined || !this.#isMet || this.#remembered !== undefined) return;
    keepHead(this.#options.storage, head.note);
  }

  /** Asks these relays to show that the log at `head` goes on from that of an earlier visit. */
  async #checkPast(head: SignedHead, origins: readonly string[]): Promise<void> {
    const past = this.#remembered;
    const size = past?.checkpoint.size ?? 0;
    if (past === undefined || size > head.checkpoint.size) return;
    for (const origin of origins) {
      const found = await continues(past, head, origin);
      if (this.#isStopped) return;
      if (found.kind === "continues") return void (this.#remembered = undefined);
      if (found.kind === "forked") {
        const relay = this.#nameOf(this.#seen.source);
        return this.#forked(relay, "on an earlier visit", { relay, size, proof: found.proof });
      }
    }
  }

  /** What there is to say of an earlier visit at a log of so many leaves. */
  #pastTrouble(size: number): string | undefined {
    const past = this.#remembered?.checkpoint.size;
    if (past === undefined) return undefined;
    return size < past
      ? `This log has ${size} leaves; on an earlier visit it had ${past}.`
      : `No relay has shown yet that this log goes on from the ${past} leaves of an earlier visit.`;
  }

  #forked(who: string, what: string, fork: ForkFound): void {
    this.#wrong(
      "log_forked",
      `${who} shows another history than ${what}: two checkpoints, both signed by the exchange, ` +
        `that do not agree about the first ${fork.size} leaves. ` +
        "An exchange that signs two histories cannot be believed.",
      fork,
    );
  }

  /** The fold is at `head` now. */
  #arrived(head: SignedHead): void {
    if (this.#isStopped) return;
    const steady = performance.now();
    this.#heads.add(head, steady);
    const { view, trail, revision, relays, source } = this.#seen;
    this.#avoided.forgive(source);
    const tick = view?.board.tick;
    const trouble = this.#pastTrouble(head.checkpoint.size);
    this.#set({
      head,
      standing: trouble === undefined ? { kind: "live" } : { kind: "gap", sentence: trouble },
      revision: revision + 1,
      relays: acquitted(relays, source),
      trail: tick === undefined ? trail : follow(trail, tick, steady),
    });
    this.#keep();
  }

  async #follow(source: string, live: Live): Promise<End> {
    let failures = 0;
    for (;;) {
      const told = await live.next(this.#paced(quietMs));
      if (this.#isStopped) return silent("");
      const over = this.#session?.lost ?? this.#late();
      if (over !== undefined) return over;
      const size = this.#frontier?.size ?? 0;
      if (told.kind === "told" && told.from <= size) {
        const end = await this.#take(source, told.note, told.lines.slice(size - told.from));
        if (end !== undefined) return end;
        continue;
      }
      if (told.kind === "told") {
        this.#set({
          standing: { kind: "gap", sentence: "Publications were missed; fetching them." },
        });
      }
      const end = await this.#poll(source);
      if (end?.kind === "lied" || (end?.kind === "silent" && end.isStrange)) return end;
      failures = end === undefined ? 0 : failures + 1;
      if (end !== undefined && failures > 1) return end;
      if (told.kind === "closed") await this.#sleep(quietMs);
    }
  }

  /** Whether there is a relay that is further on and would do better. */
  #late(): End | undefined {
    const better = overtaken(this.#seen).find((relay) => !this.#avoided.has(relay));
    return better && { kind: "late", detail: better.sentence, to: better.url };
  }

  /** Asks for the newest checkpoint, and for the leaves up to it. */
  async #poll(source: string): Promise<End | undefined> {
    const { exchange } = this.#seen;
    if (exchange === undefined) return silent("");
    const head = await this.#askHead(source, exchange);
    if ("detail" in head) return head;
    const { size } = head.checkpoint;
    const from = this.#frontier?.size ?? 0;
    if (size <= from) return this.#isForked(source, head) ? silent("") : undefined;
    const lines = await leavesBetween(source, from, size);
    if (!lines.ok) return ended(lines);
    return this.#take(source, head.note, lines.value);
  }

  async #askHead(source: string, { log }: Exchange): Promise<SignedHead | End> {
    const answer = await askCheckpoint(source);
    if (answer.kind === "unanswered") return silent("does not answer");
    if (answer.kind === "nonsense") return strange();
    const head = openHead(answer.note, log);
    return head.ok ? head.value : lied(head.name, head.detail, true);
  }

  /** Whether it contradicts one that was verified; that it does not may end a gap. */
  #isForked(source: string, head: SignedHead): boolean {
    const compared = this.#heads.compare(head.checkpoint, performance.now());
    const { size } = head.checkpoint;
    if (compared.kind === "forked") {
      const relay = this.#nameOf(source);
      const proof = printFork({ first: compared.ours.note, second: head.note });
      this.#forked(relay, "this page", { relay, size, proof });
      return true;
    }
    const isSame = compared.kind === "same" && this.#pastTrouble(size) === undefined;
    if (this.#seen.standing.kind === "gap" && isSame) this.#set({ standing: { kind: "live" } });
    return false;
  }

  /** Leaves that follow on ours, and the checkpoint over them. */
  async #take(source: string, note: string, lines: readonly string[]): Promise<End | undefined> {
    const { exchange, view } = this.#seen;
    const frontier = this.#frontier;
    if (exchange === undefined || view === undefined || frontier === undefined) return undefined;
    const head = openHead(note, exchange.log);
    if (!head.ok) return lied(head.name, head.detail);
    if (head.value.checkpoint.size <= frontier.size) {
      return this.#isForked(source, head.value) ? silent("") : undefined;
    }
    const step = await verifyStep(head.value, frontier, lines);
    if (!step.ok) {
      if (step.name === "root_wrong") await this.#checkFork(source, head.value);
      return lied(step.name, step.detail);
    }
    const past = this.#remembered?.checkpoint.size ?? 0;
    if (frontier.size < past) await this.#checkPast(head.value, [source]);
    // Another look around may have ended it meanwhile.
    if (this.#isStopped) return silent("");
    await fold(view, step.value.leaves);
    this.#set({ lately: lately(this.#seen.lately, step.value.leaves, frontier.size) });
    this.#frontier = step.value.frontier;
    this.#arrived(step.value.head);
    return undefined;
  }

  /** Leaves that do not follow on ours: was it the relay, or did the exchange sign both? */
  async #checkFork(source: string, head: SignedHead): Promise<void> {
    const ours = this.#heads.newest;
    if (ours === undefined) return;
    const found = await continues(ours, head, source);
    if (found.kind !== "forked" || this.#isStopped) return;
    const [relay, { size }] = [this.#nameOf(source), ours.checkpoint];
    this.#forked(relay, "this page", { relay, size, proof: found.proof });
  }

  /** Every few seconds: what do the others say? */
  async #lookAround(): Promise<void> {
    while (!this.#isStopped) {
      const { exchange, relays, standing, source, head } = this.#seen;
      if (exchange === undefined || standing.kind === "starting") {
        await this.#sleep(250);
        continue;
      }
      const around = { log: exchange.log, heads: this.#heads, source, lagMs: this.#paced(lagMs) };
      const looks = await Promise.all(relays.map((each) => look(each, around)));
      if (this.#isStopped) return;
      this.#judge(
        looks.map(({ weather }) => weather),
        relays,
      );
      const fork = looks.find((each) => each.fork !== undefined)?.fork;
      if (fork !== undefined) return this.#forked(`Relay ${fork.relay}`, "this page", fork);
      if (head !== undefined) {
        await this.#checkPast(head, [source, ...relays.map(({ url }) => url)]);
        this.#keep();
      }
      const isClaimed = looks.some(({ weather }) => weather.claim !== undefined);
      await this.#sleep(isClaimed ? lagMs + 100 : lookMs);
    }
  }

  /** Takes what was seen; a source that lies, or is no relay, is left at once. */
  #judge(looks: readonly RelayWeather[], before: readonly RelayWeather[]): void {
    const relays = merged(looks, before, this.#seen.relays);
    this.#set({ relays });
    const source = relays.find(({ url }) => url === this.#seen.source);
    const lost = source && lostBy(source);
    if (lost === undefined || this.#session === undefined) return;
    this.#session.lost = lost;
    this.#session.live.close();
  }
}
