/**
 * An open wallet: its letters, its follower, and the view of it. What it is asked here it does;
 * whether it may be asked was decided before (session.ts). Nothing is sent while our clock differs
 * from the exchange's, before the account is registered, or from a cold device.
 */
import { registration, wipeAccount, type Account } from "../../../wallet/account.ts";
import { loadArchive } from "../../../wallet/archive.ts";
import { askReports } from "../../../wallet/ask.ts";
import { isNumberTaken } from "../../../wallet/copies.ts";
import { printCsv, type CsvKind } from "../../../wallet/csv.ts";
import { trouble, type Outcome, type Trouble } from "../../../wallet/errors.ts";
import { exportEvidence } from "../../../wallet/evidence.ts";
import { findEntry, readOutbox, sealedOf, type OutboxEntry } from "../../../wallet/outbox.ts";
import { foundHere } from "../../../wallet/reads.ts";
import { openMail, rangesOf, settleKept, statementHere } from "../../../wallet/sync.ts";
import { now } from "../../../wallet/times.ts";
import { Follower } from "./follower.ts";
import type { Keeping } from "./keeping.ts";
import { Letters } from "./letters.ts";
import { pageSettings, keepPageSettings } from "./pagesettings.ts";
import { proofFile, reportFile } from "./proofs.ts";
import type {
  AccountView,
  AskOf,
  GivesOf,
  KeptFile,
  RegistrationView,
  SendEnd,
  StorageView,
} from "./protocol.ts";
import { told } from "./told.ts";
import { accountView } from "./view.ts";
import { wayOf } from "./ways.ts";

/** How long the registration is good for. */
const registerMs = 600_000;
/** Between two attempts to register. */
const againMs = 4000;
/** Between two views: what happens within is one. A long history is drawn less often. */
const drawMs = 60;
const drawShare = 8;
/** Who has touched the page within this time is taken to look at it. */
const attendedMs = 600_000;
const nothing = {} as const;

export class OpenWallet {
  readonly keeping: Keeping;
  readonly #show: (view: AccountView) => void;
  readonly #letters: Letters;
  #follower: Follower;
  #storage: StorageView = { kind: "memory" };
  #registration: RegistrationView = { kind: "asking" };
  #drawing: ReturnType<typeof setTimeout> | undefined;
  /** How long the last view took. */
  #drawnMs = 0;
  /** When somebody was last here. */
  #touched = Date.now();
  #closed = false;

  constructor(keeping: Keeping, account: Account, show: (view: AccountView) => void) {
    this.keeping = keeping;
    this.#show = show;
    this.#follower = this.#newFollower(account);
    this.#letters = new Letters(() => this.#follower.account);
  }

  get account(): Account {
    return this.#follower.account;
  }

  /** Somebody is here. */
  touch(): void {
    this.#touched = Date.now();
  }

  #newFollower(account: Account): Follower {
    const isAttended = (): boolean => Date.now() - this.#touched < attendedMs;
    return new Follower(account, () => this.#drawSoon(), isAttended);
  }

  get #isCold(): boolean {
    return pageSettings(this.keeping.home).cold;
  }

  /** Shows itself, and begins to ask. */
  async begin(): Promise<void> {
    await this.draw();
    if (this.#isCold) return;
    this.#follower.start();
    void this.#register();
  }

  /** Shows how everything is now. */
  async draw(): Promise<void> {
    this.#storage = await this.keeping.storage();
    this.#drawNow();
  }

  compose(form: AskOf<"compose">): Outcome<GivesOf<"compose">> {
    return this.#letters.compose(form);
  }

  deposit(asked: AskOf<"deposit">): Outcome<GivesOf<"deposit">> {
    return this.#letters.deposit(asked);
  }

  withdraw(asked: AskOf<"withdraw">): Outcome<GivesOf<"withdraw">> {
    return this.#letters.withdraw(asked);
  }

  push(asked: AskOf<"push">): Outcome<GivesOf<"push">> {
    return this.#letters.push(asked);
  }

  /** Signs exactly what was shown and sends it. */
  async send({ draft }: AskOf<"send">): Promise<Outcome<SendEnd>> {
    const wrong = await this.#mayNotWrite();
    if (wrong !== undefined) return wrong;
    const signed = await this.#letters.sign(draft);
    if (!signed.ok) return signed;
    if (signed.value.kind === "changed") return { ok: true, value: signed.value };
    return { ok: true, value: { kind: "sent", name: this.#post(signed.value.entry) } };
  }

  cancel({ order }: AskOf<"cancel">): Outcome<GivesOf<"cancel">> {
    return this.#letters.cancel(order);
  }

  cancelAll({ market }: AskOf<"cancelAll">): Outcome<GivesOf<"cancelAll">> {
    return this.#letters.cancelAll(market);
  }

  replace(asked: AskOf<"replace">): Outcome<GivesOf<"replace">> {
    return this.#letters.replace(asked);
  }

  cancelAfter({ when }: AskOf<"cancelAfter">): Outcome<GivesOf<"cancelAfter">> {
    return this.#letters.cancelAfter(when);
  }

  sendAgain({ name }: AskOf<"sendAgain">): Outcome<GivesOf<"sendAgain">> {
    const entry = this.#entry(name);
    if (!entry.ok) return entry;
    if (entry.value.state !== "written") return trouble("E114", `Letter ${name} is answered.`);
    return { ok: true, value: { name: this.#post(entry.value) } };
  }

  async anew({ name }: AskOf<"anew">): Promise<Outcome<GivesOf<"anew">>> {
    const entry = this.#entry(name);
    if (!entry.ok) return entry;
    if (isNumberTaken(entry.value)) {
      const learnt = await this.#follower.learn();
      if (!learnt.ok) return learnt;
    }
    return this.#letters.anew(name);
  }

  async resendReports(): Promise<Outcome<GivesOf<"resendReports">>> {
    let kept = 0;
    for (const range of rangesOf(loadArchive(this.account.home).missing)) {
      const resent = await askReports(this.account, range);
      kept += resent.kept;
      if (resent.trouble) return resent.trouble;
    }
    this.#drawSoon();
    return { ok: true, value: { kept } };
  }

  csv({ kind }: { readonly kind: CsvKind }): Outcome<KeptFile> {
    const { home, exchange } = this.account;
    const text = printCsv(kind, exchange.card, statementHere(home));
    return { ok: true, value: { name: `signet-${kind}.csv`, type: "text/csv", text } };
  }

  /** With the public proof, if any relay has it by now. */
  async evidence({ name }: AskOf<"evidence">): Promise<Outcome<KeptFile>> {
    const entry = this.#entry(name);
    if (!entry.ok) return entry;
    const { home, exchange } = this.account;
    const found = foundHere(home, exchange, entry.value);
    const isOpen = found === undefined || found.kind === "open";
    if (isOpen && !this.#isCold) await this.#follower.proofOf(entry.value);
    const text = exportEvidence(this.account, entry.value);
    const file = `evidence-${entry.value.name}.json`;
    return { ok: true, value: { name: file, type: "application/json", text } };
  }

  proof({ name, dot, which }: AskOf<"proof">): Outcome<KeptFile> {
    const entry = this.#entry(name);
    if (!entry.ok) return entry;
    const { letters } = this.#follower.met;
    const statement = statementHere(this.account.home);
    const known = { statement, met: letters.get(entry.value.name), now: now() };
    return proofFile(wayOf(this.account, entry.value, known), dot, which);
  }

  report({ number }: AskOf<"report">): Outcome<KeptFile> {
    return reportFile(this.account.home, number);
  }

  sealed({ name }: AskOf<"sealed">): Outcome<GivesOf<"sealed">> {
    const entry = this.#entry(name);
    if (!entry.ok) return entry;
    return { ok: true, value: { bytes: sealedOf(this.account.home, entry.value) } };
  }

  /** A reply that another device fetched: kept as if a relay had given it. */
  async open({ sealed }: AskOf<"open">): Promise<Outcome<GivesOf<"open">>> {
    const opened = await openMail(this.account, sealed);
    if (!opened.ok) return opened;
    settleKept(this.account);
    await this.account.home.settled();
    this.#drawSoon();
    return {
      ok: true,
      value: { what: opened.value ? "A new report is kept." : "It was here already." },
    };
  }

  async cold({ on }: AskOf<"cold">): Promise<Outcome<typeof nothing>> {
    const { home } = this.account;
    keepPageSettings(home, { ...pageSettings(home), cold: on });
    await home.settled();
    this.#follower.stop();
    this.#follower = this.#newFollower(this.account);
    await this.begin();
    return { ok: true, value: nothing };
  }

  /** After the list of relays has changed. */
  async relaysChanged(): Promise<Outcome<typeof nothing>> {
    await this.account.home.settled();
    const reloaded = await this.#follower.reload();
    return reloaded.ok ? { ok: true, value: nothing } : reloaded;
  }

  /** Stops asking, and overwrites the key and every file in memory. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#drawing);
    this.#follower.stop();
    wipeAccount(this.account);
    await this.keeping.wipe();
  }

  #entry(name: string): Outcome<OutboxEntry> {
    const found = findEntry(this.account.home, name);
    return found ? { ok: true, value: found } : trouble("E114", `No letter ${name} is here.`);
  }

  async #mayNotWrite(): Promise<Trouble | undefined> {
    if (this.#isCold) return undefined;
    const wrong = await this.#follower.clock();
    if (wrong !== undefined || statementHere(this.account.home).asOf !== undefined) return wrong;
    return trouble("E730");
  }

  /** Sends a letter, and gives its name at once: its way is in the view. */
  #post(entry: OutboxEntry): string {
    if (!this.#isCold) void this.#follower.follow(entry);
    this.#drawSoon();
    return entry.name;
  }

  async #register(): Promise<void> {
    while (!this.#closed && !this.#isCold) {
      const wrong = (await this.#follower.clock()) ?? (await this.#tryToRegister());
      if (statementHere(this.account.home).asOf !== undefined || this.#closed) return;
      if (wrong !== undefined) this.#registration = { kind: "failed", trouble: told(wrong) };
      this.#drawSoon();
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }

  async #tryToRegister(): Promise<Trouble | undefined> {
    const { home } = this.account;
    if (statementHere(home).asOf !== undefined) return undefined;
    const begun = readOutbox(home).find(({ state, by }) => state === "written" && by > now());
    const line = { text: registration(this.account), ids: [] };
    const entry: Outcome<OutboxEntry> = begun
      ? { ok: true, value: begun }
      : await this.#letters.write(line, registerMs);
    if (!entry.ok) return entry;
    await this.#follower.follow(entry.value);
    return this.#follower.met.letters.get(entry.value.name)?.trouble;
  }

  #drawSoon(): void {
    if (this.#closed) return;
    const wait = Math.max(drawMs, drawShare * this.#drawnMs);
    this.#drawing ??= setTimeout(() => this.#drawNow(), wait);
  }

  #drawNow(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    if (this.#closed) return;
    const { met } = this.#follower;
    const beside = { storage: this.#storage, registration: this.#registration };
    const started = performance.now();
    const view = accountView(this.account, { met, ...beside, cold: this.#isCold, now: now() });
    this.#show(view);
    this.#drawnMs = performance.now() - started;
  }
}
