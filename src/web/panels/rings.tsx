/**
 * The ring venue: the newest rings and what became of them, out of the verified log. One of them is
 * drawn with its signatures, by a part of the program that is loaded for it.
 */
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { RingView } from "../../market/ringboard.ts";
import type { Seen } from "../view/seen.ts";
import { Panel } from "./panel.tsx";
import type { RingDrawingProps } from "./ringdrawing.tsx";
import type { RingOfLog } from "./ringproof.ts";

const ringsShown = 6;

export function Rings({ seen }: { readonly seen: Seen }): JSX.Element {
  const rings = seen.view?.rings;
  const newest = rings?.rings(0).slice(-ringsShown).toReversed() ?? [];
  const settled = newest.find(({ outcome }) => outcome.state === "settled");
  const [chosen, choose] = useState<number>();
  const shown = chosen ?? (settled ?? newest[0])?.ring.number;
  const about = shown === undefined ? undefined : ringOfLog(seen, shown);
  return (
    <Panel title="Rings" tools={<span class="dim small">{rings?.offers.length ?? 0} offers</span>}>
      {newest.length === 0 && <p class="dim">No ring yet.</p>}
      {about !== undefined && <Drawn about={about} origin={seen.source} />}
      {newest.length > 0 && (
        <ul class="ringlist">
          {newest.map((each) => (
            <li key={each.ring.number}>
              <button
                type="button"
                class="quiet"
                aria-pressed={each.ring.number === shown}
                onClick={() => choose(each.ring.number)}
              >
                ring {each.ring.number}, {each.ring.size} orders
              </button>
              <span class={stateClass(each)}>{stateWords(each)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function stateWords({ outcome }: RingView): string {
  if (outcome.state === "failed") return `failed: ${outcome.reason}`;
  return outcome.state === "settled" ? "settled" : "authored, not settled yet";
}

function stateClass({ outcome }: RingView): string {
  return { settled: "buy", failed: "sell", authored: "dim" }[outcome.state];
}

function ringOfLog({ view }: Seen, number: number): RingOfLog | undefined {
  const rings = view?.rings;
  if (rings?.venue === undefined) return undefined;
  for (const { submission, rings: own } of rings.submissions(0)) {
    const place = own.findIndex(({ ring }) => ring.number === number);
    const ring = own[place]?.ring;
    if (ring !== undefined) {
      return { venue: rings.venue, tokens: rings.tokens, submission, ring, place };
    }
  }
  return undefined;
}

function Drawn(props: RingDrawingProps): JSX.Element {
  const [drawing, setDrawing] = useState<{ readonly of: ComponentType<RingDrawingProps> }>();
  useEffect(() => {
    void import("./ringdrawing.tsx").then(({ RingDrawing }) => setDrawing({ of: RingDrawing }));
  }, []);
  if (drawing === undefined) return <div class="ring" />;
  const { of: RingDrawing } = drawing;
  return <RingDrawing key={props.about.ring.number} {...props} />;
}
