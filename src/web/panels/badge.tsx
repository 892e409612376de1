/**
 * How fresh and how true the page is, in one line; behind it what was checked and what was not.
 * The colour is never alone: the words say the same.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { printTime, time } from "../../codec/time.ts";
import { clockSentence, freshness, printAge, type Freshness } from "../view/freshness.ts";
import { confirming, isOvertaken, overtaken, type Seen } from "../view/seen.ts";
import { grouped } from "./marketfigures.ts";

/** How often the age is drawn anew. */
const drawMs = 200;

/** The freshness now, and again and again. */
export function useFreshness(seen: Seen): Freshness | undefined {
  const [, setDrawn] = useState(0);
  useEffect(() => {
    const drawing = setInterval(() => setDrawn((before) => before + 1), drawMs);
    return () => clearInterval(drawing);
  }, []);
  if (seen.trail === undefined) return undefined;
  return freshness(seen.trail, {
    steady: performance.now(),
    wall: Date.now(),
    isConfirmed: confirming(seen) > 0,
    isOvertaken: isOvertaken(seen),
  });
}

type Spoken = { readonly level: string; readonly text: string; readonly mark: string };

function speak({ standing, head, card }: Seen, fresh: Freshness | undefined): Spoken {
  const isBelieved = standing.kind !== "wrong" && typeof card !== "object";
  if (!isBelieved) return { level: "red", text: "not believed", mark: "✕" };
  if (standing.kind === "starting" || head === undefined || fresh === undefined) {
    const { done, total } = standing.kind === "starting" ? standing : { done: 0, total: undefined };
    const part = total === undefined ? "" : ` ${Math.floor((done / Math.max(total, 1)) * 100)} %`;
    return { level: "amber", text: `verifying the log${part}`, mark: "" };
  }
  if (standing.kind === "gap") return { level: "amber", text: "verified, but old", mark: "!" };
  if (fresh.level === "red") return { level: "red", text: "verified, but silent", mark: "!" };
  if (fresh.level === "amber") return { level: "amber", text: "verified, but late", mark: "!" };
  if (card === "not loaded")
    return { level: "amber", text: "verified, card not checked", mark: "!" };
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
  const { exchange, head, card, relays, source, trail } = seen;
  const from = relays.find(({ url }) => url === source)?.name ?? source;
  const others = confirming(seen);
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
        <li>{keySentence(seen)}</li>
        <li class={typeof card === "object" ? "sell" : ""}>{cardSentence(card)}</li>
        <li>
          Read from {from};{" "}
          {others === 0
            ? "no other relay confirms it at the moment."
            : `${others} other ${others === 1 ? "relay tells" : "relays tell"} the same history.`}
        </li>
        {overtaken(seen).map(({ url, sentence }) => (
          <li key={url} class="warn">
            {sentence}
          </li>
        ))}
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

function keySentence({ isFirstVisit, card }: Seen): string {
  if (!isFirstVisit) return "The log key is the one that this browser met before.";
  return card === "checked"
    ? "The log key is remembered since this visit: another one later is refused."
    : "This browser never met the log key. It is remembered once the card is checked.";
}

function cardSentence(card: Seen["card"]): string {
  if (typeof card === "object") return `The exchange's card does not check: ${card.trouble}`;
  switch (card) {
    case "checked":
      return "The exchange's card, which names the log key, carries the exchange's OpenPGP signature. ✓";
    case "not checked yet":
      return "The OpenPGP signature of the exchange's card is not checked yet.";
    case "not loaded":
      return "The OpenPGP signature of the exchange's card could not be checked here.";
  }
}
