/**
 * Relays that were gone to and gave nothing: none is gone to again, however far on it says that it
 * is, before it was looked at so many times more; twice as many after each time that it gave
 * nothing, up to a bound. Counted in looks around, not in seconds: a machine that is slow, or a
 * page that slept, goes back no more often than another.
 */
import type { RelayWeather } from "./weather.ts";

type Asked = Pick<RelayWeather, "url" | "asked">;
type Avoided = { readonly looks: number; readonly until: number };

/** After the first time; half a minute, as a page looks around. */
export const looksAvoided = 10;
/** After however many times. */
const looksMax = 160;

export class AvoidedRelays {
  readonly #avoided: Map<string, Avoided> = new Map();

  /** It was gone to and gave nothing. */
  add({ url, asked }: Asked): void {
    const before = this.#avoided.get(url)?.looks;
    const looks = before === undefined ? looksAvoided : Math.min(2 * before, looksMax);
    this.#avoided.set(url, { looks, until: asked + looks });
  }

  /** It gave what is true. */
  forgive(url: string): void {
    this.#avoided.delete(url);
  }

  has({ url, asked }: Asked): boolean {
    return asked < (this.#avoided.get(url)?.until ?? 0);
  }
}
