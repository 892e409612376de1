/** A verified view in a component: drawn again when it changed, at most once a frame. */
import { useEffect, useState } from "preact/hooks";
import type { Seen } from "./seen.ts";
import type { VerifiedView } from "./verifiedview.ts";

/** What the view shows now. */
export function useSeen(view: VerifiedView): Seen {
  const [seen, setSeen] = useState(view.seen);
  useEffect(() => {
    let frame = 0;
    const stop = view.listen(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => setSeen(view.seen));
    });
    setSeen(view.seen);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [view]);
  return seen;
}
