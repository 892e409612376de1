/**
 * How far a relay is behind, and when it will not be any more: how many are left, how old what it
 * shows is, how fast it goes, how long that takes. In numbers for /v1/relay; on a terminal as a
 * bar, elsewhere as a line every few seconds. Rates are those of the last ten seconds, so that
 * what is said is what happens, and a relay that stands still says so.
 */
import type { FastifyRequest } from "fastify";
import type { Mirror } from "./mirror.ts";

/** Behind by fewer publications than this nobody is told. */
const silentMax = 20;
const windowMs = 10_000;
/** Between two lines, and between two pictures of a bar. */
const lineMs = 5000;
const barMs = 200;
const barWidth = 24;

/** Where progress is told. */
export type Output = { readonly isTTY?: boolean; write(text: string): unknown };

/** What /v1/relay says of it. */
export type ProgressFacts = {
  /** `publications`: towards the present. `history`: the present is here, the past is filled. */
  readonly what: "publications" | "history";
  readonly done: number;
  readonly of: number;
  readonly perSecond: number;
  readonly leavesPerSecond: number;
  /** `null`: it stands still. */
  readonly secondsLeft: number | null;
};

type Sample = { readonly at: number; readonly done: number; readonly leaves: number };
type Course = {
  readonly what: ProgressFacts["what"];
  of: number;
  samples: Sample[];
  /** Publications when it began. */
  readonly from: number;
};

/** The newest publication that the dock has, by its own word: for showing only. */
export function newestSaid(request: FastifyRequest): number {
  const header = request.headers["signet-newest"];
  return typeof header === "string" && /^[0-9]{1,15}$/.test(header) ? Number(header) : 0;
}

export class Progress {
  readonly #name: string;
  readonly #output: Output;
  readonly #clock: () => number;
  #course: Course | undefined;
  #toldAt = -Infinity;
  #hasBar = false;

  /** `clock`: milliseconds that only go on. */
  constructor(name: string, output: Output, clock: () => number = () => performance.now()) {
    this.#name = name;
    this.#output = output;
    this.#clock = clock;
  }

  /** Publications were applied; the dock has `newest`. */
  publications(mirror: Mirror, newest: number): void {
    const { watermark, frontier, gap } = mirror;
    const left = newest - watermark;
    const isOn = this.#course?.what === "publications";
    if (!isOn && left <= silentMax) return;
    const age = ageOf(mirror);
    this.#move("publications", { done: watermark, of: newest, leaves: frontier.size, age });
    if (left > 0) return;
    const rest = gap === undefined ? "" : `; leaves ${gap.filled.size} to ${gap.base.size} follow`;
    this.#end(`up to date at publication ${watermark}, ${frontier.size} leaves${rest}`);
  }

  /** Publications of the past came. */
  history(mirror: Mirror): void {
    const { gap } = mirror;
    if (gap === undefined || this.#course?.what === "publications") return;
    const { publication, upTo, filled } = gap;
    const isWhole = publication >= upTo - 1;
    // What comes in one piece is not worth a picture.
    if (this.#course === undefined && isWhole) return;
    this.#move("history", { done: publication, of: upTo - 1, leaves: filled.size, age: undefined });
    if (isWhole) this.#end(`all of the past is here, ${filled.size} leaves`);
  }

  /** A signed snapshot was taken. */
  jumped({ from, to, leaves }: { readonly from: number; to: number; leaves: number }): void {
    this.#course = undefined;
    this.#say(`a signed snapshot of ${leaves} leaves: from publication ${from} to ${to} at once`);
  }

  /** What is going on; `null`: nothing. */
  get facts(): ProgressFacts | null {
    const course = this.#course;
    const last = course?.samples.at(-1);
    if (course === undefined || last === undefined) return null;
    const { perSecond, leavesPerSecond } = this.#rates(course);
    const left = course.of - last.done;
    return {
      what: course.what,
      done: last.done,
      of: course.of,
      perSecond: Math.round(perSecond * 10) / 10,
      leavesPerSecond: Math.round(leavesPerSecond),
      secondsLeft: perSecond > 0 ? Math.ceil(left / perSecond) : null,
    };
  }

  #rates({ samples }: Course): { readonly perSecond: number; readonly leavesPerSecond: number } {
    const now = this.#clock();
    const last = samples.at(-1);
    const first = samples.find(({ at }) => at >= now - windowMs) ?? last;
    if (first === undefined || last === undefined) return { perSecond: 0, leavesPerSecond: 0 };
    // To now and not to the last sample: what stands still gets slower.
    const seconds = Math.max((now - first.at) / 1000, 0.001);
    return {
      perSecond: (last.done - first.done) / seconds,
      leavesPerSecond: (last.leaves - first.leaves) / seconds,
    };
  }

  #move(
    what: Course["what"],
    to: { readonly done: number; of: number; leaves: number; age: number | undefined },
  ): void {
    const at = this.#clock();
    if (this.#course?.what !== what) {
      this.#course = { what, of: to.of, samples: [], from: to.done };
    }
    const course = this.#course;
    course.of = to.of;
    const newest = course.samples.at(-1);
    // Ten a second are enough for a rate.
    if (newest !== undefined && course.samples.length > 1 && at - newest.at < 100) {
      course.samples.pop();
    }
    course.samples.push({ at, done: to.done, leaves: to.leaves });
    while ((course.samples[1]?.at ?? at) < at - windowMs) course.samples.shift();
    const isDue = at - this.#toldAt >= (this.#output.isTTY === true ? barMs : lineMs);
    if (isDue && course.samples.length > 1) this.#tell(to.age);
  }

  #tell(age: number | undefined): void {
    const { facts } = this;
    if (facts === null) return;
    this.#toldAt = this.#clock();
    const text = printProgress(facts, age);
    if (this.#output.isTTY !== true) return void this.#output.write(`${this.#name}: ${text}\n`);
    const filled = Math.floor((barWidth * facts.done) / Math.max(facts.of, 1));
    const bar = "█".repeat(filled).padEnd(barWidth, "░");
    // The rest of a longer line before it is taken away.
    this.#output.write(`\r${this.#name} ${bar} ${text}\u001b[K`);
    this.#hasBar = true;
  }

  #end(sentence: string): void {
    this.#course = undefined;
    this.#toldAt = -Infinity;
    this.#say(sentence);
  }

  #say(sentence: string): void {
    this.#output.write(`${this.#hasBar ? "\n" : ""}${this.#name}: ${sentence}\n`);
    this.#hasBar = false;
  }
}

/** Seconds from the exchange's clock, as this relay shows it, to now. */
function ageOf({ board }: Mirror): number | undefined {
  return board.tick === undefined ? undefined : Math.max(0, (Date.now() - board.tick) / 1000);
}

/** `publications 120 of 880 (13%), 3 h 18 min behind, 51/s, 153 leaves/s, 15 s left`. */
export function printProgress(facts: ProgressFacts, age: number | undefined): string {
  const { what, done, of, perSecond, leavesPerSecond, secondsLeft } = facts;
  const share = Math.floor((100 * done) / Math.max(of, 1));
  const words = [
    `${what} ${done} of ${of} (${share}%)`,
    ...(age === undefined ? [] : [`${printSpan(age)} behind`]),
    `${perSecond}/s`,
    `${leavesPerSecond} leaves/s`,
    secondsLeft === null ? "standing still" : `${printSpan(secondsLeft)} left`,
  ];
  return words.join(", ");
}

function printSpan(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
