/**
 * The island's life: look into the airlock, open, journal, decide, seal, publish; again.
 *
 *   receive → open → journal (one frame, one sync) → acknowledge → apply → seal →
 *     said (one frame, one sync) → send
 *
 * One batch after the other, in this order, and each arrow says what a crash there means: before
 * the journal nothing happened and the dock brings the letters again; after it the letters took
 * effect and the next start answers them; after `said/` the answer goes out until a dock
 * acknowledges it. Nothing here waits for anybody outside (P6).
 */
import { randomBytes } from "node:crypto";

import { assert } from "../codec/assert.ts";
import { toHex } from "../codec/bytes.ts";
import type { Ref } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { apply } from "../engine/apply.ts";
import type { Configuration } from "../engine/configuration.ts";
import { checkConfiguration } from "../engine/configure.ts";
import { ringVenue } from "../engine/rings.ts";
import { nameOf } from "../engine/keys.ts";
import { findRings } from "../finder/round.ts";
import { openSolver } from "../miner/highs.ts";
import { type FindRings, Miner } from "../miner/round.ts";
import type { Input } from "../engine/input.ts";
import { encodeRecord, type JournalRecord } from "../journal/record.ts";
import type { Sender } from "../airlock/send.ts";
import { readRegisteredCertificate } from "../seal/certificate.ts";
import { isReferenceOnly } from "../seal/fast/paths.ts";
import { Certificates } from "./certificates.ts";
import { Intake, type Arrival } from "./intake.ts";
import { KeyIds } from "./keyids.ts";
import { openInboundLanes, openOutboundLanes, refuseOlderCopy, type InboundLane } from "./lanes.ts";
import { printIslandCard } from "./card.ts";
import { Publisher } from "./publish.ts";
import { roundMs, Rounds } from "./rounds.ts";
import { vetLetter } from "./vetting.ts";
import { Registrations } from "./registrations.ts";
import { recover, saveSnapshot, type Decided, type Recovered } from "./recovery.ts";
import { configurationRefused } from "./refusal.ts";
import { ReferenceOffice, type Office } from "./office.ts";
import { saveView } from "./savedview.ts";
import type { Settings } from "./settings.ts";
import { Tickets } from "./tickets.ts";
import { passedOver } from "./skips.ts";
import { officeLimits, WorkerOffice } from "./workers/office.ts";

/** The clock speaks at least this often, milliseconds. */
const tickMs = 1000;
/** Journal records between two snapshots. */
const snapshotEvery = 100_000;

export type Surroundings = {
  readonly settings: Settings;
  /** The folder of `in/` and `out/`. */
  readonly airlock: string;
  readonly now: () => number;
  readonly note: (sentence: string) => void;
};

export class Island {
  readonly #around: Surroundings;
  readonly #parts: Recovered;
  readonly #office: Office;
  readonly #registrations: Registrations;
  readonly #keyIds: KeyIds;
  readonly #intake: Intake;
  readonly #publisher: Publisher;
  readonly #rounds: Rounds;
  readonly #tickets: Tickets;
  readonly #inbound: readonly InboundLane[];
  readonly #outbound: readonly Sender[];
  #lastTick = 0;
  #snapshotAt: number;

  private constructor(
    around: Surroundings,
    parts: Recovered,
    { office, rounds }: { office: Office; rounds: Rounds },
  ) {
    const { settings, airlock, note } = around;
    this.#rounds = rounds;
    this.#tickets = new Tickets(settings.exchange, settings.log.sign);
    this.#around = around;
    this.#parts = parts;
    this.#office = office;
    this.#registrations = new Registrations(parts.state);
    this.#snapshotAt = parts.journal.last;
    this.#keyIds = new KeyIds(parts.state);
    this.#intake = new Intake({
      office,
      state: parts.state,
      keyIds: this.#keyIds,
      knows: (ref) => parts.archive.knows(ref),
      note,
    });
    const { said, archive } = parts;
    this.#publisher = new Publisher({ settings, said, archive, office, note }, parts);
    this.#outbound = openOutboundLanes(settings, airlock, said, note);
    this.#inbound = openInboundLanes(settings, airlock, parts.lanes, note);
  }

  /** Recovers, says what was decided but not said, takes a changed configuration, and is ready. */
  static async start(around: Surroundings): Promise<Island> {
    const { settings } = around;
    const { dir, exchange, operating: keys } = settings;
    const skips = { dir, keys, at: time(around.now()) };
    const parts = await recover({
      dir,
      exchange,
      passedOver: (number, state) => passedOver(skips, number, state),
    });
    refuseOlderCopy(settings, around.airlock, parts.frontier);
    const office = await openOffice(around);
    const rounds = await openRounds(around);
    const island = new Island(around, parts, { office, rounds });
    await office.learn(island.#registrations.all());
    // With the card: these reports may be the first that rotated keys sign.
    const card = parts.unsaid.length === 0 ? undefined : await island.#card();
    await island.#say(parts.unsaid, [], card);
    await island.#configure();
    return island;
  }

  /** One batch, if there is anything to do. Returns how many letters came in. */
  async step(): Promise<number> {
    // No more letters leave the airlock than there are hands to open them.
    const each = Math.max(1, Math.floor(this.#office.lettersMax / this.#inbound.length));
    const taken = this.#inbound.map((lane) => ({ lane, ...lane.take(each) }));
    const sealed = taken.flatMap(({ letters }) => letters);
    const moved = taken.filter((some) => some.moved).map(({ lane }) => lane);
    const sinceTick = this.#around.now() - this.#lastTick;
    // A clock that was set back must not silence the exchange until it has caught up.
    const isTick = sinceTick >= tickMs || sinceTick < 0;
    if (moved.length === 0 && !isTick) return 0;
    const at = this.#stamp();
    const arrivals = await this.#intake.open(sealed, at);
    const broken = arrivals.filter(({ kind }) => kind === "unopenable").map(({ ref }) => ref);
    // Before the lane moves on: if we die behind this, it is said twice, which does no harm.
    if (broken.length > 0) await this.#say([], broken, undefined);
    const inputs = await this.#inputsOf(arrivals, at);
    if (isTick)
      inputs.push({ kind: "input", input: { kind: "tick", at, commits: true }, evidence: empty });
    const batch = oneBatch(inputs);
    const first = this.#parts.journal.last + 1;
    await this.#journal([...batch, ...moved.map((lane) => lane.record(at))]);
    for (const lane of moved) lane.acknowledge();
    if (isTick) this.#lastTick = this.#around.now();
    const names = this.#parts.state.renamed.size;
    const decided = batch.map(({ input }, i) => this.#decide(input, first + i));
    await this.#learn(decided);
    decided.push(...(await this.#mine(at)));
    await this.#say(decided, this.#unanswerable(arrivals), await this.#renamedCard(names));
    await this.#snapshot();
    return sealed.length;
  }

  /** Ends cleanly: the batch is finished, the state saved so that the next start is quick. */
  async close(): Promise<void> {
    const { journal, said } = this.#parts;
    if (journal.last > this.#snapshotAt) await this.#save();
    await this.#office.close();
    await journal.close();
    await said.close();
  }

  /** Time for this batch: the clock, but never before what was journaled (P11). */
  #stamp(): Time {
    return time(Math.max(this.#around.now(), this.#parts.state.at));
  }

  async #journal(records: readonly JournalRecord[]): Promise<void> {
    await this.#parts.journal.append(records.map(encodeRecord));
    // From here on these letters took effect, whatever happens to us.
  }

  #decide(input: Input, number: number): Decided {
    try {
      return { number, output: apply(this.#parts.state, input) };
    } catch (cause) {
      this.#around.note(`journal record ${number} (${input.kind}) broke a rule; stopping`);
      throw cause;
    }
  }

  /** What arrived, as the engine is told it. */
  async #inputsOf(arrivals: readonly Arrival[], at: Time): Promise<InputRecord[]> {
    const { miner } = this.#around.settings;
    const { state } = this.#parts;
    const keyIds = this.#keyIds;
    const domain = ringVenue(this.#parts.state)?.domain;
    const venue = domain && miner && { domain, miner };
    const inputs: InputRecord[] = [];
    for (const arrival of arrivals) {
      if (arrival.kind === "unopenable") continue;
      const { ref, signer, text } = arrival;
      if (arrival.kind === "refused") {
        const { name, detail } = arrival;
        const input: Input = { kind: "refused", at, ref, signer, text, name, detail };
        inputs.push({ kind: "input", input, evidence: empty });
      } else {
        const random = toHex(randomBytes(32));
        const vetted = await vetLetter({ text, signer, at, state, keyIds, venue });
        // A stranger has no answer that could carry them.
        const isAnswered = state.keys.has(signer) || arrival.registers;
        const tickets = isAnswered ? this.#tickets.for(nameOf(state, signer), at) : [];
        const given = tickets.length > 0 ? { tickets } : {};
        const input: Input = { kind: "letter", at, ref, signer, text, random, vetted, ...given };
        inputs.push({ kind: "input", input, evidence: arrival.evidence });
      }
    }
    return inputs;
  }

  /** A round of the miner, if one is due: journaled like everything that the engine is told. */
  async #mine(at: Time): Promise<readonly Decided[]> {
    const { state, journal } = this.#parts;
    const inputs = await this.#rounds.due(state, at);
    if (inputs.length === 0) return [];
    const first = journal.last + 1;
    await this.#journal(inputs.map((input) => ({ kind: "input", input, evidence: empty })));
    return inputs.map((input, i) => {
      const decided = this.#decide(input, first + i);
      if (decided.output.submissions.length === 0) {
        this.#around.note(`journal record ${first + i}: the engine did not take a submission`);
      }
      return decided;
    });
  }

  /** New customers, and new keys, can be answered and recognised from now on. */
  async #learn(decided: readonly Decided[]): Promise<void> {
    const changed = new Set(decided.flatMap(({ output }) => output.keys ?? []));
    if (changed.size === 0) return;
    for (const name of changed) {
      const account = this.#parts.state.accounts.get(name);
      if (account !== undefined) this.#keyIds.take(account);
    }
    await this.#office.learn(this.#registrations.of(changed));
    this.#intake.learned();
  }

  /** What a stranger signed whose registration was refused: there is nobody to seal to. */
  #unanswerable(arrivals: readonly Arrival[]): readonly Ref[] {
    const { keys } = this.#parts.state;
    return arrivals
      .filter((arrival) => arrival.kind !== "unopenable" && !keys.has(arrival.signer))
      .map(({ ref }) => ref);
  }

  async #say(
    decided: readonly Decided[],
    unopenable: readonly Ref[],
    card: string | undefined,
  ): Promise<void> {
    const { state, journal } = this.#parts;
    const upTo = journal.last;
    await this.#publisher.publish({ decided, upTo, unopenable, card, at: state.at });
    assert(this.#publisher.engineLeaves === state.logSize, "engine and log count the same leaves");
    this.handOut();
  }

  /** Puts out what is new or due again, and looks for acknowledgements. */
  handOut(): void {
    for (const sender of this.#outbound) sender.kick();
  }

  /** Journals the configuration if its text changed, and publishes the card if that did. */
  async #configure(): Promise<void> {
    const { settings } = this.#around;
    const { state, journal } = this.#parts;
    const text = settings.configuration;
    let decided: Decided[] = [];
    if (text !== state.configuration.text) {
      const checked = checkConfiguration(state, text);
      if (!checked.ok) throw configurationRefused(`${checked.name}: ${checked.detail}`);
      this.#checkMiner(checked.value);
      const input: Input = { kind: "configure", at: this.#stamp(), text };
      await this.#journal([{ kind: "input", input, evidence: empty }]);
      decided = [this.#decide(input, journal.last)];
    }
    this.#checkMiner(state.configuration);
    await this.#say(decided, [], await this.#card());
  }

  #card(): Promise<string> {
    return printIslandCard(this.#around.settings, this.#parts.state, this.#stamp());
  }

  /** Orders name the miner of the configuration: another one's key could author none of them. */
  #checkMiner({ ring }: Configuration): void {
    const named = ring?.miner;
    const ours = this.#around.settings.miner?.keys.address;
    if (named === undefined || named === ours) return;
    const why = ours === undefined ? "there is no keys/miner.key" : `keys/miner.key is ${ours}`;
    throw configurationRefused(`the line ring names miner ${named}, but ${why}`);
  }

  /** Letters name assets as they are called now, and know it from the card alone. */
  async #renamedCard(before: number): Promise<string | undefined> {
    const { state } = this.#parts;
    return state.renamed.size === before ? undefined : this.#card();
  }

  async #snapshot(): Promise<void> {
    if (this.#parts.journal.last - this.#snapshotAt >= snapshotEvery) await this.#save();
  }

  /** The state, and what is public of it, as they are on disk: a start goes on from there. */
  async #save(): Promise<void> {
    const { journal, said, state } = this.#parts;
    const { dir, exchange } = this.#around.settings;
    await saveSnapshot(dir, journal.last, state);
    await saveView(dir, exchange, { ...this.#publisher.log, said: said.last });
    this.#snapshotAt = journal.last;
  }
}

const empty = new Uint8Array(0);

type InputRecord = Extract<JournalRecord, { kind: "input" }>;

/** Whom letters concern that did not write them is told once, with the last input of the batch. */
function oneBatch(inputs: readonly InputRecord[]): readonly InputRecord[] {
  return inputs.map((record, i) => {
    const { input } = record;
    if (input.kind !== "letter" || i === inputs.length - 1) return record;
    return { ...record, input: { ...input, more: true } };
  });
}

/** Threads with the fast path, unless everything is to run on OpenPGP.js alone. */
async function openOffice({ settings, note }: Surroundings): Promise<Office> {
  const { operating } = settings;
  const ours = await readRegisteredCertificate(operating.key.toPublic().write());
  if (isReferenceOnly()) return new ReferenceOffice(operating, new Certificates(ours, note));
  return WorkerOffice.start(operating, ours, { limits: officeLimits(), note });
}

/** The miner needs its solver only where it has keys. */
async function openRounds({ settings, note }: Surroundings): Promise<Rounds> {
  const clock = (): number => performance.now();
  if (settings.miner === undefined) return new Rounds(undefined, { clock, note });
  const solve = await openSolver();
  const find: FindRings = (offers, tokens, gasPerOrder) => {
    const end = clock() + roundMs;
    return findRings(tokens, offers, { gasPerOrder, solve, isOver: () => clock() > end });
  };
  return new Rounds(new Miner(settings.miner.keys, find, note), { clock, note });
}
