/**
 * How fresh and how true the page is, in one line; behind it what was checked and what was not.
 * The colour is never alone: the words say the same.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { printTime, time } from "../../codec/time.ts";
import { clockSentence, freshness, printAge, type Freshness } from "../view/freshness.ts";
import type { Seen } from "../view/verifiedview.ts";
import { grouped } from "./marketfigures.ts";

/** How often the age is drawn anew. */
const drawMs = 200;

/** Whether a relay other than the one that is read from is as far as this page. */
function isConfirmed({ relays, source }: Seen): boolean {
  return relays.some(({ url, state }) => url !== source && state === "good");
}

/** The freshness now, and again and again. */
export function useFreshness(seen: Seen): Freshness | undefined {
  const [, setDrawn] = useState(0);
  useEffect(() => {
    const drawing = setInterval(() => setDrawn((before) => before + 1), drawMs);
    return () => clearInterval(drawing);
  }, []);
  if (seen.trail === undefined) return undefined;
  const now = { steady: performance.now(), wall: Date.now(), isConfirmed: isConfirmed(seen) };
  return freshness(seen.trail, now);
}

type Spoken = { readonly level: string; readonly text: string; readonly mark: string };

function speak({ standing, head }: Seen, fresh: Freshness | undefined): Spoken {
  if (standing.kind === "wrong") return { level: "red", text: "not believed", mark: "✕" };
  if (standing.kind === "starting" || head === undefined || fresh === undefined) {
    const { done, total } = standing.kind === "starting" ? standing : { done: 0, total: undefined };
    const part = total === undefined ? "" : ` ${Math.floor((done / Math.max(total, 1)) * 100)} %`;
    return { level: "amber", text: `verifying the log${part}`, mark: "" };
  }
  if (standing.kind === "gap") return { level: "amber", text: "verified, but old", mark: "!" };
  if (fresh.level === "red") return { level: "red", text: "verified, but silent", mark: "!" };
  if (fresh.level === "amber") return { level: "amber", text: "verified, but late", mark: "!" };
  return { level: "green", text: "verified", mark: "✓" };
}

export function Badge({ seen }: { readonly seen: Seen }): JSX.Element {
  const fresh = useFreshness(seen);
  const { level, text, mark } = speak(seen, fresh);
  const size = seen.head?.checkpoint.size;
  return (
    <details class={`badge ${level}`}>
      <summary>
        {size !== undefined && seen.standing.kind !== "wrong" && (
          <>
            <span class="number">log #{grouped(String(size))}</span> ·{" "}
            {fresh !== undefined && <span class="number age">{printAge(fresh.ageMs)} old</span>}{" "}
            ·{" "}
          </>
        )}
        <b>
          {text} {mark}
        </b>
      </summary>
      <Checks seen={seen} fresh={fresh} />
      <p class="unseen" role="status">
        The page is {text}.
      </p>
    </details>
  );
}

function Checks(props: {
  readonly seen: Seen;
  readonly fresh: Freshness | undefined;
}): JSX.Element {
  const { seen, fresh } = props;
  const { exchange, head, card, isFirstVisit, relays, source, trail } = seen;
  const from = relays.find(({ url }) => url === source)?.name ?? source;
  const others = relays.filter(({ url, state }) => url !== source && state === "good").length;
  return (
    <div class="checks panel">
      <h2>What this page checked</h2>
      <ul>
        <li>
          {head === undefined ? (
            "The log: nothing yet."
          ) : (
            <>
              Every leaf of the log leads to the checkpoint of{" "}
              {grouped(String(head.checkpoint.size))} leaves, and the exchange's log key signed it.
              All prices, books and trades are computed here from those leaves.
            </>
          )}
        </li>
        <li>
          {isFirstVisit
            ? "The log key is remembered since this visit: another one later is refused."
            : "The log key is the one that this browser met before."}
        </li>
        <li>
          {card === "checked"
            ? "The exchange's card, which names the log key, carries the exchange's OpenPGP signature. ✓"
            : card === "not checked yet"
              ? "The OpenPGP signature of the exchange's card is not checked yet."
              : `The exchange's card: ${card.trouble}`}
        </li>
        <li>
          Read from {from};{" "}
          {others === 0
            ? "no other relay confirms it at the moment."
            : `${others} other ${others === 1 ? "relay tells" : "relays tell"} the same history.`}
        </li>
        {trail !== undefined && (
          <li>The exchange's clock in its newest tick: {printTime(time(trail.tick))}.</li>
        )}
        {fresh?.clockMs !== undefined && (
          <li class="warn">{clockSentence(fresh.clockMs, fresh.level)}</li>
        )}
      </ul>
      {exchange !== undefined && (
        <p>
          Whether this is <em>your</em> exchange only you can tell: compare its key number,{" "}
          <b class="number">{exchange.keyNumber}</b>.
        </p>
      )}
    </div>
  );
}
