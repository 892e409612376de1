/**
 * What relays say of themselves, asked all at once: whether they answer, how fast, and what time
 * the exchange has. None is believed alone, nor against what the exchange signed; the time only
 * ever stops this wallet from sending.
 */
import { nameOfUrl } from "../../../codec/reach.ts";
import { parseTime, type Time } from "../../../codec/time.ts";
import { fetchJson } from "../../../wallet/client.ts";
import { trouble, type Trouble } from "../../../wallet/errors.ts";
import { objectOf, textOf } from "../../../wallet/json.ts";

/** What one relay said, or why nothing came. */
export type Weather = {
  readonly url: string;
  readonly ms: number;
  readonly why: string | undefined;
  /** Our clock minus the exchange's, by its last tick and how long that is ago. */
  readonly offset: number | undefined;
};

/** A clock that is wrong by more than this sends nothing. */
const offsetMost = 30_000;

/** Asks relays how they are; each is heard as soon as it answers. */
export async function askWeather(
  urls: readonly string[],
  onHeard?: (weather: Weather) => void,
): Promise<readonly Weather[]> {
  return Promise.all(
    urls.map(async (url) => {
      const weather = await askOne(url);
      onHeard?.(weather);
      return weather;
    }),
  );
}

async function askOne(url: string): Promise<Weather> {
  const started = Date.now();
  const answer = await fetchJson(url, "/v1/relay");
  const ms = Date.now() - started;
  if (answer.kind === "failed") return { url, ms, why: answer.why, offset: undefined };
  if (answer.status !== 200) {
    return { url, ms, why: `status ${answer.status}`, offset: undefined };
  }
  const fields = objectOf(answer.value);
  const tick = parseTime(textOf(fields["tick"]) ?? "");
  const age = fields["ageSeconds"];
  const isKnown = tick !== undefined && typeof age === "number" && Number.isFinite(age);
  // Its word was said about half way.
  const offset = isKnown ? Math.round(started + ms / 2 - (tick + age * 1000)) : undefined;
  return { url, ms, why: undefined, offset };
}

type Told = { readonly url: string; readonly offset: number };

/** What is known of our clock. */
export type ClockFinding = {
  /** Ours minus the exchange's; `undefined`: nobody said. */
  readonly offset: number | undefined;
  /** It is wrong, and nothing is sent. */
  readonly trouble: Trouble | undefined;
  /** Somebody says that it is wrong, and is not believed. */
  readonly warning: Trouble | undefined;
};

/**
 * Judges our clock at `at` by what relays said. `signed` is the newest time that the exchange has
 * signed, in a report that is kept: the exchange's clock cannot be before it, whatever relays say.
 * Else it takes more than half of those who told the time to stop this wallet; a tie does not.
 */
export function judgeClock(
  weather: readonly Weather[],
  signed: Time | undefined,
  at: Time,
): ClockFinding {
  const most = signed === undefined ? Infinity : at - signed;
  if (most < -offsetMost) return { offset: most, trouble: isOff(most), warning: undefined };
  const told = weather
    .flatMap(({ url, offset }) => (offset === undefined ? [] : [{ url, offset }]))
    .filter(({ offset }) => offset <= most + offsetMost)
    .toSorted((a, b) => a.offset - b.offset);
  const sides = [
    told.filter(({ offset }) => offset > offsetMost),
    told.filter(({ offset }) => offset < -offsetMost),
  ];
  const believed = middle(sides.find((side) => side.length * 2 > told.length) ?? []);
  if (believed) {
    return { offset: believed.offset, trouble: isOff(believed.offset), warning: undefined };
  }
  const right = told.filter(({ offset }) => Math.abs(offset) <= offsetMost);
  const [liar] = sides.flat();
  return { offset: middle(right)?.offset, trouble: undefined, warning: liar && isSaid(liar) };
}

function middle(told: readonly Told[]): Told | undefined {
  return told[Math.floor((told.length - 1) / 2)];
}

function inWords(offset: number): string {
  const seconds = Math.round(Math.abs(offset) / 1000);
  const amount = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`;
  return `${amount} ${offset > 0 ? "ahead of" : "behind"} the exchange's`;
}

function isOff(offset: number): Trouble {
  return trouble("E105", `This device's clock is ${inWords(offset)}.`, {
    meaning: "Not sent: a letter's deadline would mean another moment to the exchange.",
  });
}

function isSaid({ url, offset }: Told): Trouble {
  const what = `${nameOfUrl(url)} says that this device's clock is ${inWords(offset)}.`;
  return trouble("E105", what, {
    meaning: "Letters are sent all the same: no more than half of the relays say so.",
    next: "Look at this device's clock. If it is right, do without that relay.",
  });
}
