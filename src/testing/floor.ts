/**
 * A trading floor for tests: the real engine, and people who write it letters. No keys and no
 * files; who signed is simply said. It plays the island: it stamps the time, journals every input,
 * keeps the texts of every account and checks, after every input, what must always be true of them.
 */
import assert from "node:assert/strict";
import { sha256Hex, toBase64, fromAscii } from "../codec/bytes.ts";
import { fingerprint, ref, type Fingerprint } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { apply } from "../engine/apply.ts";
import { balanceOf } from "../engine/purse.ts";
import {
  vettedCommand,
  type Input,
  type Output,
  type VettedCommand,
  type Vetting,
} from "../engine/input.ts";
import { usualPace, type Pace } from "../engine/limits.ts";
import { newState, type State } from "../engine/state.ts";
import type { Entry } from "../letter/entry.ts";
import type { RequestEntry } from "../letter/handsentry.ts";
import { parseLetter } from "../letter/parse.ts";
import { printLetter } from "../letter/print.ts";
import { noReport, parseReport, reportHash, type Report } from "../letter/report.ts";

/** The exchange of every floor. */
export const floorExchange: Fingerprint = fingerprint("e0".repeat(20));

/** 2026-11-21T12:00:00Z: when a floor opens. */
export const opening: Time = time(1_795_262_400_000);

/** Two assets, two operators of whom one must agree, one market with fees. */
export const plainConfiguration: string = [
  "asset BTC decimals 8 supply 21000000",
  "asset GLD decimals 1 supply 100000000",
  "market GLD/BTC lot 0.1 step 0.00001 tick 0.00001 maximum-price 100 " +
    "quantity 0.1 to 100000 maker 0.1% taker 0.2%",
  "operators 1",
  `operator ${fingerprintOf("the first operator")}`,
  `operator ${fingerprintOf("the second operator")}`,
  "",
].join("\n");

/** The fingerprint of a person, from the name alone. */
export function fingerprintOf(name: string): Fingerprint {
  return fingerprint(sha256Hex(name).slice(0, 40));
}

/** How a letter goes in: everything has a usual value. */
export type LetterOptions = {
  /** The next unused number by default; `undefined` given on purpose: a letter without one. */
  readonly seq?: number | undefined;
  readonly thread?: number;
  readonly by?: Time;
};

/** Stands for what a request says where there is none. */
const neverAsked = {
  account: fingerprintOf("nobody"),
  asset: "BTC",
  amount: 1,
  address: "nowhere",
} as const;

/** The engine with its journal, and everything it ever said. */
export class Floor {
  readonly state: State;
  readonly journal: Input[] = [];
  readonly outputs: Output[] = [];
  readonly leaves: string[] = [];
  /** What each account was told, in order. */
  readonly told = new Map<Fingerprint, Report[]>();
  /** What the operators were asked, by `deposit 3`. */
  readonly requests = new Map<string, RequestEntry>();
  now: Time = opening;
  vet: (command: VettedCommand) => Vetting = () => "good";
  private readonly seqs = new Map<string, number>();
  private readonly last = new Map<Fingerprint, { report: number; hash: string; mail: number }>();
  private letters = 0;

  constructor(configuration: string = plainConfiguration, pace: Pace = usualPace) {
    this.state = newState(floorExchange, undefined, pace);
    this.give({ kind: "configure", at: this.now, text: configuration });
  }

  /** Lets time pass. */
  pass(milliseconds: number): void {
    this.now = time(this.now + milliseconds);
  }

  tick(): Output {
    return this.give({ kind: "tick", at: this.now });
  }

  /**
   * The text of a letter by that person; takes the next number of its thread unless told otherwise.
   */
  write(name: string, commands: readonly string[], options: LetterOptions = {}): string {
    const { thread = 0, by = time(this.now + 3_600_000) } = options;
    const key = `${name} ${thread}`;
    const next = (this.seqs.get(key) ?? 0) + 1;
    const seq = "seq" in options ? options.seq : next;
    if (seq !== undefined) this.seqs.set(key, Math.max(seq, next - 1));
    return printLetter({ exchange: floorExchange, seq, thread, by, commands });
  }

  /** Hands a text in as signed by that person. */
  post(name: string, text: string): Output {
    return this.give(this.letter(name, text));
  }

  /** A letter as the island would journal it. Each has a ref of its own: it was sealed anew. */
  letter(name: string, text: string): Extract<Input, { kind: "letter" }> {
    this.letters += 1;
    return {
      kind: "letter",
      at: this.now,
      ref: ref(sha256Hex(`ref ${this.letters}`)),
      signer: fingerprintOf(name),
      text,
      random: sha256Hex(`random ${name}`),
      vetted: this.vettings(text),
    };
  }

  /** What the island would find of each line that is vetted: nobody here has keys. */
  private vettings(text: string): readonly Vetting[] {
    const parsed = parseLetter(text, floorExchange);
    const lines = parsed.ok ? parsed.value.lines : [];
    return lines.flatMap((line) => {
      const command = vettedCommand(line);
      return command === undefined ? [] : [this.vet(command)];
    });
  }

  /** Writes and posts, and gives the reply's records. */
  say(name: string, ...commands: readonly string[]): readonly Entry[] {
    return this.records(this.post(name, this.write(name, commands)));
  }

  /** The records of an output's reply. */
  records(output: Output): readonly Entry[] {
    const reply = output.documents.find((document) => document.delivery.kind === "reply");
    return reply ? this.read(reply.text).records : [];
  }

  read(text: string): Report {
    const parsed = parseReport(text);
    assert.ok(parsed.ok, parsed.ok ? "" : `${parsed.name}: ${parsed.detail}\n${text}`);
    return parsed.value;
  }

  /** Opens an account, once. */
  register(name: string): void {
    if (this.state.accounts.has(fingerprintOf(name))) return;
    this.say(name, `REGISTER|${toBase64(fromAscii(`certificate of ${name}`))}`);
  }

  /** Gives a person units of an asset, by a deposit that the first operator credits. */
  fund(name: string, asset: string, units: number): void {
    this.register("the first operator");
    this.register(name);
    this.say(name, `DEPOSIT|${asset}|${units}`);
    this.say("the first operator", this.creditLine(this.state.deposits, units, "paid"));
  }

  /** What an operator writes who credits a deposit as it was asked for. */
  creditLine(number: number, units: number, evidence: string): string {
    const { account, asset } = this.requests.get(`deposit ${number}`) ?? neverAsked;
    return `CREDIT|${number}|${account}|${asset}|${units}|${evidence}`;
  }

  /** What an operator writes who approves a withdrawal as it was asked for. */
  approveLine(number: number): string {
    const request = this.requests.get(`withdrawal ${number}`);
    const { asset, amount, address } = request?.subject === "withdrawal" ? request : neverAsked;
    return `APPROVE|${number}|${asset}|${amount}|${address}`;
  }

  balance(name: string, asset: string): { total: number; held: number } {
    const account = this.state.accounts.get(fingerprintOf(name));
    return account ? balanceOf(this.state, account, asset) : { total: 0, held: 0 };
  }

  /** Applies an input and checks what is said about it. */
  give(input: Input): Output {
    const before = this.state.logSize;
    const output = apply(this.state, input);
    const { leaves, documents, archive } = output;
    assert.equal(this.state.logSize, before + leaves.length + documents.length + archive.length);
    this.journal.push(input);
    this.outputs.push(output);
    this.leaves.push(...leaves);
    for (const document of documents) {
      const said = this.read(document.text);
      assert.equal(said.to, document.to);
      assert.equal(said.log, before);
      // A decoy looks like a report and is nobody's.
      if (document.to === floorExchange) continue;
      assert.equal(said.report, document.report);
      assert.equal(said.at, input.at);
      if (said.kind === "report") this.chain(said, document.text);
      for (const entry of said.records) {
        if (entry.kind === "request") this.requests.set(`${entry.subject} ${entry.number}`, entry);
      }
      const told = this.told.get(document.to) ?? [];
      this.told.set(document.to, [...told, said]);
    }
    return output;
  }

  /** Reports are numbered without a gap, and each names the one before. */
  private chain(said: Extract<Report, { kind: "report" }>, text: string): void {
    const last = this.last.get(said.to) ?? { report: 0, hash: noReport, mail: 0 };
    assert.equal(said.report, last.report + 1);
    assert.equal(said.previous, last.hash);
    this.last.set(said.to, { ...last, report: said.report, hash: reportHash(text) });
  }
}
