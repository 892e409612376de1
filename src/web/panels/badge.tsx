/**
 * How fresh and how true the page is, in one line; behind it what was checked and what was not.
 * The colour is never alone: the words say the same.
 */
import type { JSX } from "preact";
import { printTime, time } from "../../codec/time.ts";
import { clockSentence, printAge, type Freshness } from "../view/freshness.ts";
import { badgeOf, confirming, overtaken, type Seen } from "../view/seen.ts";
import { useFreshness } from "../view/usefreshness.ts";
import { grouped } from "./marketfigures.ts";

export function Badge({ seen }: { readonly seen: Seen }): JSX.Element {
  const fresh = useFreshness(seen);
  const { level, text, mark } = badgeOf(seen, fresh);
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
