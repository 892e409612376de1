/**
 * A letter's way as dots: written, carried, read, matched, final. Each dot that was reached opens
 * to the proof behind it. The strip lies on a desk and stands on a phone.
 */
import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { shortId, isHex64, ref as refOf } from "../../codec/names.ts";
import { Anew } from "./anew.tsx";
import { saveFile, useAsking, type Ask } from "./calls.ts";
import { Clock, useNow } from "./clock.tsx";
import type { AccountView, DotView, JourneyView, KeptFile } from "./core/protocol.ts";
import { CarryByHand } from "./qrcarry.tsx";
import { GlossedLetter } from "./glossedletter.tsx";
import { forward, isOver, newsOf, proofSentences, titleOf } from "./journeydots.ts";
import { TroublePlace } from "./troublenote.tsx";
import { lastsWords, sinceWords, spanLeft } from "./wordstime.ts";

/** Letters that are under way, and the newest of those that are not. */
export function Journeys(props: { readonly account: AccountView; readonly ask: Ask }): JSX.Element {
  const { account, ask } = props;
  const { journeys } = account;
  const [most, setMost] = useState(1);
  const under = journeys.filter((journey) => !isOver(journey));
  const over = journeys.filter(isOver);
  const shown = [...under, ...over.slice(0, most)];
  return (
    <section class="panel" aria-labelledby="journeys">
      <h2 id="journeys" tabIndex={-1}>
        Letters
      </h2>
      {shown.length === 0 ? (
        <p class="dim">
          No letter was written in this browser. Each will show its way here, dot by dot; what
          others came to is under History and Reports.
        </p>
      ) : null}
      {shown.map((journey) => (
        <JourneyStrip key={journey.name} journey={journey} account={account} ask={ask} />
      ))}
      {over.length > most ? (
        <button type="button" class="quiet" onClick={() => setMost(most + 5)}>
          Show older letters ({over.length - most})
        </button>
      ) : null}
    </section>
  );
}

/** The journeys, none of which moves backwards while the page is open. */
export function useForward(journeys: readonly JourneyView[]): readonly JourneyView[] {
  const known = useRef(new Map<string, JourneyView>());
  const shown = journeys.map((journey) => forward(known.current.get(journey.name), journey));
  known.current = new Map(shown.map((journey) => [journey.name, journey]));
  return shown;
}

/** Says what has changed, for those who do not see the dots. */
export function News(props: { readonly journeys: readonly JourneyView[] }): JSX.Element {
  const { journeys } = props;
  const before = useRef<readonly JourneyView[]>([]);
  const [news, setNews] = useState("");
  useEffect(() => {
    const found = newsOf(before.current, journeys);
    before.current = journeys;
    if (found.length > 0) setNews(found.join(" "));
  }, [journeys]);
  return (
    <p class="unseen" role="status" aria-live="polite">
      {news}
    </p>
  );
}

/** One letter's way. */
function JourneyStrip(props: {
  readonly journey: JourneyView;
  readonly account: AccountView;
  readonly ask: Ask;
}): JSX.Element {
  const { journey, account, ask } = props;
  const [opened, setOpened] = useState<DotView["key"] | undefined>(undefined);
  const place = useId();
  const dot = journey.dots.find(({ key }) => key === opened);
  return (
    <article class={`journey ${journey.fate.kind}`} aria-label={titleOf(journey)}>
      <header class="head">
        <h3>{titleOf(journey)}</h3>
        <span class="dim small">
          <Clock at={journey.at} /> UTC · {journey.bytes} bytes
        </span>
      </header>
      <p class="saying">{journey.words}</p>
      <ol class="dots">
        {journey.dots.map((each) => (
          <Dot
            key={each.key}
            dot={each}
            from={journey.at}
            isOpen={each.key === opened}
            place={place}
            onToggle={() => setOpened(each.key === opened ? undefined : each.key)}
          />
        ))}
      </ol>
      <div id={place}>
        {dot === undefined ? null : <Proof journey={journey} dot={dot} ask={ask} key={dot.key} />}
      </div>
      <Fate journey={journey} account={account} ask={ask} />
    </article>
  );
}

const signs: Readonly<Record<DotView["state"], string>> = {
  done: "✓",
  now: "…",
  todo: "",
  failed: "✕",
};

function Dot(props: {
  readonly dot: DotView;
  readonly from: string;
  readonly isOpen: boolean;
  readonly place: string;
  readonly onToggle: () => void;
}): JSX.Element {
  const { dot, from, isOpen, place, onToggle } = props;
  const since =
    dot.at === undefined || dot.key === "written" ? undefined : sinceWords(from, dot.at);
  return (
    <li class={dot.state}>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={place}
        disabled={dot.state === "todo"}
        onClick={onToggle}
      >
        <span class="dot" aria-hidden="true">
          {signs[dot.state]}
        </span>
        <span class="name">
          {dot.label}
          <span class="unseen"> ({stateWords[dot.state]})</span>
        </span>
        <span class="when dim">{dot.at === undefined ? "" : (since ?? <Clock at={dot.at} />)}</span>
      </button>
    </li>
  );
}

const stateWords: Readonly<Record<DotView["state"], string>> = {
  done: "reached",
  now: "awaited now",
  todo: "not yet",
  failed: "failed",
};

function Proof(props: {
  readonly journey: JourneyView;
  readonly dot: DotView;
  readonly ask: Ask;
}): JSX.Element {
  const { journey, dot, ask } = props;
  const [file, setFile] = useState<KeptFile | undefined>(undefined);
  const asking = useAsking();
  const fetched = (which: "proof" | "beside" = "proof"): Promise<KeptFile | undefined> =>
    asking.run(ask("proof", { name: journey.name, dot: dot.key, which }));
  return (
    <div class="proof">
      {dot.detail === "" ? null : <p>{dot.detail}</p>}
      {dot.proof === undefined ? (
        <p class="dim">No proof is here yet.</p>
      ) : (
        <>
          <p class="dim">{proofSentences[dot.key]}</p>
          <p class="buttons start">
            <button
              type="button"
              disabled={asking.busy}
              onClick={async () => setFile(file === undefined ? await fetched() : undefined)}
            >
              {file === undefined ? "Show the file" : "Hide the file"}
            </button>
            <button
              type="button"
              disabled={asking.busy}
              onClick={async () => {
                const found = file ?? (await fetched());
                if (found !== undefined) saveFile(found);
              }}
            >
              Download {dot.proof}
            </button>
            {dot.beside === undefined ? null : (
              <button
                type="button"
                disabled={asking.busy}
                onClick={async () => {
                  const found = await fetched("beside");
                  if (found !== undefined) saveFile(found);
                }}
              >
                Download {dot.beside}
              </button>
            )}
          </p>
        </>
      )}
      {file === undefined ? null : (
        <pre class="file" tabIndex={0} aria-label={file.name}>
          {file.text}
        </pre>
      )}
      <TroublePlace told={asking.trouble} />
    </div>
  );
}

const fateSigns: Readonly<Record<JourneyView["fate"]["kind"], string>> = {
  travelling: "◌",
  resting: "◐",
  filled: "●",
  cancelled: "–",
  rejected: "✕",
  done: "●",
  void: "✕",
  unknown: "◌",
};

function Fate(props: {
  readonly journey: JourneyView;
  readonly account: AccountView;
  readonly ask: Ask;
}): JSX.Element {
  const { journey, account, ask } = props;
  const { fate } = journey;
  const asking = useAsking();
  return (
    <div class="fate">
      <p class="sentence">
        <span aria-hidden="true" class="sign">
          {fateSigns[fate.kind]}
        </span>{" "}
        {fate.sentence} {fate.code === undefined ? null : <span class="code">{fate.code}</span>}
      </p>
      {fate.until === undefined ? null : <Countdown from={journey.at} to={fate.until} />}
      {journey.again === "same" && !account.cold ? (
        <p class="buttons start">
          <button
            type="button"
            disabled={asking.busy}
            onClick={() => asking.run(ask("sendAgain", { name: journey.name }))}
          >
            Send the same bytes again
          </button>
          <span class="dim small">Always safe: the same bytes never take effect twice.</span>
        </p>
      ) : null}
      {journey.again === "anew" ? <Anew journey={journey} account={account} ask={ask} /> : null}
      <TroublePlace told={asking.trouble} />
      {account.cold ? <CarryByHand journey={journey} ask={ask} isOpen /> : null}
      <Letter journey={journey} account={account} ask={ask} />
    </div>
  );
}

function Countdown(props: { readonly from: string; readonly to: string }): JSX.Element | null {
  const now = useNow(true);
  const left = spanLeft(props.from, props.to, now);
  if (left === undefined) return null;
  return (
    <p class="countdown">
      <progress
        max={1}
        value={left.part}
        aria-label="How much of the time until it is known is over"
      />
      <span class="number">
        {left.leftMs > 0 ? (
          <>
            not known until <Clock at={props.to} /> UTC · {lastsWords(left.leftMs)} left
          </>
        ) : (
          <>the deadline has passed; its proof is on its way</>
        )}
      </span>
    </p>
  );
}

function Letter(props: {
  readonly journey: JourneyView;
  readonly account: AccountView;
  readonly ask: Ask;
}): JSX.Element {
  const { journey, account, ask } = props;
  const asking = useAsking();
  const { ref } = journey;
  return (
    <details class="more">
      <summary>The letter and its evidence</summary>
      <dl class="facts">
        <div>
          <dt>ref</dt>
          <dd class="code">{isHex64(ref) ? shortId(refOf(ref)) : ref}</dd>
        </div>
        <div>
          <dt>good until</dt>
          <dd>
            <Clock at={journey.by} /> UTC
          </dd>
        </div>
      </dl>
      <GlossedLetter account={account} text={journey.text} />
      <p class="buttons start">
        <button
          type="button"
          disabled={asking.busy}
          onClick={async () => {
            const file = await asking.run(ask("evidence", { name: journey.name }));
            if (file !== undefined) saveFile(file);
          }}
        >
          Download the evidence
        </button>
        <span class="dim small">
          One file that tells this letter&rsquo;s fate to anybody, years later, without a network.
        </span>
      </p>
      {account.cold ? null : <CarryByHand journey={journey} ask={ask} />}
      <TroublePlace told={asking.trouble} />
    </details>
  );
}
