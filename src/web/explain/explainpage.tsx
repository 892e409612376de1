/**
 * The page of a letter's way: the picture, the chosen station with live data, what proofs there
 * are.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { printTime } from "../../codec/time.ts";
import { toBase64 } from "../../codec/bytes.ts";
import { Bar } from "../frame/bar.tsx";
import { Foot } from "../frame/foot.tsx";
import { Badge } from "../panels/badge.tsx";
import { Notes } from "../panels/notes.tsx";
import { Panel } from "../panels/panel.tsx";
import type { Seen } from "../view/seen.ts";
import type { VerifiedView } from "../view/verifiedview.ts";
import { useSeen } from "../view/useseen.ts";
import { Picture } from "./picture.tsx";
import type { Sample } from "./sample.ts";
import { stations, states, type StationName } from "./stations.ts";

export function ExplainPage(props: { readonly view: VerifiedView }): JSX.Element {
  const seen = useSeen(props.view);
  const [chosen, choose] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const station = stations[chosen];
  const go = (index: number): void => {
    choose(Math.min(Math.max(index, 0), stations.length - 1));
    heading.current?.focus();
  };
  return (
    <>
      <Bar here="explain" />
      <main id="main">
        <div class="market">
          <h1>How a letter travels</h1>
          <Badge seen={seen} />
        </div>
        <Notes seen={seen} />
        <div class="columns wide">
          <div class="stack">
            <Panel title="The way">
              <p>
                No login, no session, no server that knows your orders: you write letters. Six
                stations; the numbers are those of this exchange, now, checked in your browser.
              </p>
              <Picture chosen={chosen} choose={choose} live={liveOf(seen)} />
            </Panel>
            {station !== undefined && (
              <section class="panel step" aria-live="polite">
                <h2 class="big" tabIndex={-1} ref={heading}>
                  {chosen + 1}. {station.title}
                </h2>
                <p>{station.happens}</p>
                <Live name={station.name} seen={seen} />
                <dl>
                  <dt>What proves it</dt>
                  <dd>{station.proof}</dd>
                  <dt>Who could cheat</dt>
                  <dd>{station.cheat}</dd>
                </dl>
                <p class="actions">
                  <button type="button" disabled={chosen === 0} onClick={() => go(chosen - 1)}>
                    Back
                  </button>
                  <button
                    type="button"
                    class="main"
                    disabled={chosen === stations.length - 1}
                    onClick={() => go(chosen + 1)}
                  >
                    Next
                  </button>
                </p>
              </section>
            )}
            <States />
          </div>
        </div>
      </main>
      <Foot keyNumber={seen.exchange?.keyNumber} />
    </>
  );
}

/** A word under each station. */
function liveOf({ relays, trail, lately, head }: Seen): readonly string[] {
  const good = relays.filter(({ state }) => state === "good").length;
  const tick = trail === undefined ? "…" : new Date(trail.tick).toISOString().slice(11, 19);
  const read = lately.reads?.leaf.count;
  return [
    "your device",
    relays.length === 0 ? "…" : `${good} of ${relays.length} in step`,
    "outside the wall",
    "files only",
    read === undefined ? tick : `${tick}, read ${read}`,
    head === undefined ? "…" : `log #${head.checkpoint.size}`,
  ];
}

function Live({ name, seen }: { readonly name: StationName; readonly seen: Seen }): JSX.Element {
  const { relays, trail, lately, head } = seen;
  switch (name) {
    case "wallet":
      return <SampleLetter seen={seen} />;
    case "relays":
      return (
        <ul>
          {relays.map(({ name: relay, url, state, ms }) => (
            <li key={url}>
              <b>{relay}</b> at <code>{url}</code>: {state === "good" ? "in step" : state}
              {ms === undefined ? "" : `, answers in ${Math.round(ms)} ms`}
            </li>
          ))}
        </ul>
      );
    case "island":
      return (
        <ul>
          <li>
            Newest tick:{" "}
            <b class="number">{trail === undefined ? "…" : new Date(trail.tick).toISOString()}</b>
          </li>
          {lately.reads !== undefined && (
            <li>
              Last block: <b>{lately.reads.leaf.count}</b> letters read from{" "}
              {printTime(lately.reads.leaf.from).slice(11, 19)} to{" "}
              {printTime(lately.reads.leaf.to).slice(11, 19)} UTC, leaf {lately.reads.number}
            </li>
          )}
        </ul>
      );
    case "publication":
      return (
        <ul>
          <li>
            Checkpoint over <b>{head?.checkpoint.size ?? "…"}</b> leaves, root hash{" "}
            <code>{head === undefined ? "…" : toBase64(head.checkpoint.root)}</code>
          </li>
          {lately.report !== undefined && (
            <li>
              Newest report, leaf {lately.report.number}: <code>{lately.report.leaf}</code>. Only
              its customer can open it; everybody can see that it exists.
            </li>
          )}
        </ul>
      );
    default:
      return <></>;
  }
}

function SampleLetter({ seen }: { readonly seen: Seen }): JSX.Element {
  const { exchange, view } = seen;
  const [sample, setSample] = useState<Sample | "failed">();
  const isReady = exchange !== undefined && view !== undefined;
  useEffect(() => {
    let gone = false;
    const make = async (): Promise<void> => {
      if (exchange === undefined) return;
      const { sampleLetter } = await import("./sample.ts");
      const made = await sampleLetter(exchange, Date.now());
      if (!gone) setSample(made ?? "failed");
    };
    if (isReady) make().catch(() => setSample("failed"));
    return () => {
      gone = true;
    };
  }, [isReady]);
  if (sample === "failed") return <p class="dim">A sample could not be sealed here.</p>;
  if (sample === undefined) return <p class="dim">Sealing a sample letter in your browser …</p>;
  return (
    <div class="sides sample">
      <figure>
        <figcaption>A sample letter, as it is signed</figcaption>
        <pre>{sample.text.trimEnd()}</pre>
      </figure>
      <figure>
        <figcaption>
          Sealed to this exchange just now: {sample.bytes} bytes, all that a relay sees
        </figcaption>
        <pre class="bytes">{sample.beginning.replace(/(.{4})/g, "$1 ")}…</pre>
        <p class="dim small">
          ref <code>{sample.ref.slice(0, 20)}</code>. It was signed by a key made for this page, is
          sent nowhere, and is forgotten when you leave.
        </p>
      </figure>
    </div>
  );
}

function States(): JSX.Element {
  return (
    <Panel title="What a wallet says, and what stands behind it">
      <table class="states">
        <caption class="unseen">States of a letter and their proofs</caption>
        <thead>
          <tr>
            <th scope="col">says</th>
            <th scope="col">means</th>
            <th scope="col">proof</th>
          </tr>
        </thead>
        <tbody>
          {states.map(([state, means, proof]) => (
            <tr key={state}>
              <th scope="row">{state}</th>
              <td>{means}</td>
              <td>{proof}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
