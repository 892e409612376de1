/** Times on the screen, and a clock that ticks only while something waits for it. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Time } from "../../codec/time.ts";
import { clockWords, nowHere } from "./wordstime.ts";

/** The time, anew each second while `ticking`. */
export function useNow(ticking: boolean): Time {
  const [now, setNow] = useState(nowHere);
  useEffect(() => {
    if (!ticking) return undefined;
    setNow(nowHere());
    const timer = setInterval(() => setNow(nowHere()), 1000);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}

/** A time; the whole of it as the title. */
export function Clock(props: { readonly at: string }): JSX.Element {
  return (
    <time dateTime={props.at} title={`${props.at} (UTC)`}>
      {clockWords(props.at, nowHere())}
    </time>
  );
}
