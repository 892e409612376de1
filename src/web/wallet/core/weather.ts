/**
 * What relays say of themselves, asked all at once: whether they answer, how fast, and what time
 * the exchange has. None is believed alone: the clock is the middle of what they say, and it only
 * ever stops this wallet from sending.
 */
import { parseTime } from "../../../codec/time.ts";
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

/** Our clock minus the exchange's as most relays would have it; `undefined`: nobody said. */
export function middleOffset(weather: readonly Weather[]): number | undefined {
  const offsets = weather.flatMap(({ offset }) => offset ?? []).toSorted((a, b) => a - b);
  return offsets[Math.floor((offsets.length - 1) / 2)];
}

/** What is wrong with our clock, if anything. */
export function clockTrouble(offset: number | undefined): Trouble | undefined {
  if (offset === undefined || Math.abs(offset) <= offsetMost) return undefined;
  const seconds = Math.round(Math.abs(offset) / 1000);
  const amount = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`;
  const side = offset > 0 ? "ahead of" : "behind";
  return trouble("E105", `This device's clock is ${amount} ${side} the exchange's.`, {
    meaning: "Not sent: a letter's deadline would mean another moment to the exchange.",
  });
}
