/**
 * The picture of a letter's way. Each station is a button, so that keys reach it; the letter on its
 * way is drawn at the station that was chosen and moves there, unless motion is not wanted.
 */
import type { JSX } from "preact";
import { useWidth } from "../panels/panel.tsx";
import { stations, type StationName } from "./stations.ts";
import { planOf } from "./wayplan.ts";

const signs: { readonly [Name in StationName]: string } = {
  wallet: "M-14 -9H14V10H-14ZM-14 -9L0 3L14 -9",
  relays: "M-16 0H-4M4 0H16M-10 -8L-2 0L-10 8M2 -8L10 0L2 8",
  dock: "M-15 -12V12H15V-12M-8 -4H8M-8 4H8",
  airlock: "M-14 -13H-3V13H-14ZM3 -13H14V13H3Z",
  island: "M-15 11C-9 3 9 3 15 11ZM0 6V-12M0 -12C6 -14 10 -10 11 -6M0 -12C-6 -14 -10 -10 -11 -6",
  publication: "M-11 -14H11V14H-11ZM-6 -7H6M-6 -1H6M-6 5H2",
};

export function Picture(props: {
  readonly chosen: number;
  readonly choose: (index: number) => void;
  /** What stands under each station now. */
  readonly live: readonly string[];
}): JSX.Element {
  const { chosen, choose, live } = props;
  const [place, width] = useWidth<HTMLDivElement>(900);
  const plan = planOf(stations.length, width);
  const here = plan.places[chosen] ?? { x: 0, y: 0 };
  return (
    <div ref={place} class="way" style={{ height: `${plan.height}px` }}>
      <svg width={plan.width} height={plan.height} aria-hidden="true">
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="6"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0L8 4L0 8Z" />
          </marker>
        </defs>
        {plan.ways.map((way, index) => (
          <path
            key={way}
            class={index < chosen ? "line done" : "line"}
            d={way}
            marker-end="url(#arrow)"
          />
        ))}
      </svg>
      {stations.map(({ name, title, short }, index) => (
        <button
          key={name}
          type="button"
          class="station"
          aria-pressed={index === chosen}
          onClick={() => choose(index)}
          style={{
            left: `${plan.places[index]?.x ?? 0}px`,
            top: `${plan.places[index]?.y ?? 0}px`,
          }}
        >
          <svg viewBox="-32 -32 64 64" width="64" height="64" aria-hidden="true">
            <circle r="29" />
            <path d={signs[name]} />
          </svg>
          <span class="unseen">
            {index + 1}. {title}:
          </span>
          <span class="what">{name}</span>
          <span class="dim">{live[index] ?? short}</span>
        </button>
      ))}
      <Letter x={here.x + 14} y={here.y - 38} />
    </div>
  );
}

/** The letter, where it is now. */
function Letter({ x, y }: { readonly x: number; readonly y: number }): JSX.Element {
  return (
    <div class="letter" aria-hidden="true" style={{ transform: `translate(${x}px, ${y}px)` }}>
      <svg viewBox="0 0 26 20" width="26" height="20">
        <path d="M1 1H25V19H1ZM1 1L13 11L25 1" />
        <circle cx="13" cy="13" r="4" />
      </svg>
    </div>
  );
}
