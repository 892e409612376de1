/** How old what a page shows is, in a component: time passes also when nothing comes. */
import { useEffect, useState } from "preact/hooks";
import { freshness, type Freshness } from "./freshness.ts";
import { confirming, isDoubted, isOvertaken, type Seen } from "./seen.ts";

/** How often the age is drawn anew. */
const drawMs = 200;

function freshnessOf(seen: Seen): Freshness | undefined {
  if (seen.trail === undefined) return undefined;
  return freshness(seen.trail, {
    steady: performance.now(),
    wall: Date.now(),
    isConfirmed: confirming(seen) > 0,
    isOvertaken: isOvertaken(seen),
  });
}

/** The freshness now, and again and again. */
export function useFreshness(seen: Seen): Freshness | undefined {
  const [, setDrawn] = useState(0);
  useEffect(() => {
    const drawing = setInterval(() => setDrawn((before) => before + 1), drawMs);
    return () => clearInterval(drawing);
  }, []);
  return freshnessOf(seen);
}

/** Whether the figures are drawn grey; the component is drawn anew only when that changes. */
export function useDoubt(seen: Seen): boolean {
  const isNow = isDoubted(seen, freshnessOf(seen));
  const [, setDoubted] = useState(isNow);
  useEffect(() => {
    const look = (): void => setDoubted(isDoubted(seen, freshnessOf(seen)));
    look();
    const looking = setInterval(look, drawMs);
    return () => clearInterval(looking);
  }, [seen]);
  return isNow;
}
