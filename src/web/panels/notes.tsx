/** What is wrong, said where nobody can overlook it; nothing when all is well. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { clockSentence } from "../view/freshness.ts";
import { overtaken, type Seen } from "../view/seen.ts";
import type { ForkFound } from "../view/weather.ts";
import { useFreshness } from "../view/usefreshness.ts";

export function Notes({ seen }: { readonly seen: Seen }): JSX.Element {
  const { standing, fork, relays, card, view } = seen;
  const fresh = useFreshness(seen);
  // Who shows a fork did not make it: the exchange signed both.
  const isSaid = fork !== undefined || standing.kind === "wrong";
  const liars = isSaid ? [] : relays.filter(({ state }) => state === "lied");
  const late = standing.kind === "live" ? overtaken(seen) : [];
  const isLate = fresh !== undefined && fresh.level !== "green" && standing.kind === "live";
  return (
    <div class="notes">
      {standing.kind === "wrong" && (
        <div class="note bad" role="alert">
          <p>
            <b>Nothing is shown, because nothing here can be believed.</b> {standing.sentence}
          </p>
          <p class="dim">
            <code>{standing.code}</code>
          </p>
          {fork !== undefined && <Proof fork={fork} />}
        </div>
      )}
      {standing.kind === "gap" && (
        <div class="note warn" role="status">
          <b>{view === undefined ? "No numbers yet." : "These numbers may be old."}</b>{" "}
          {standing.sentence}
        </div>
      )}
      {liars.map(({ name, url, lie }) => (
        <div key={url} class="note bad" role="status">
          <b>
            {name} lied: <code>{lie?.code}</code>.
          </b>{" "}
          {lie?.detail}. Nothing of it was shown.
        </div>
      ))}
      {late.map(({ url, sentence }) => (
        <div key={url} class="note warn" role="status">
          <b>These numbers are late.</b> {sentence}
        </div>
      ))}
      {isLate && late.length === 0 && fresh.clockMs === undefined && (
        <div class={`note ${fresh.level === "red" ? "bad" : "warn"}`}>
          <b>No news from the exchange.</b> A tick comes every second; the last one is older than
          that. What is shown was true then.
        </div>
      )}
      {fresh?.clockMs !== undefined && standing.kind !== "wrong" && (
        <div class="note warn">{clockSentence(fresh.clockMs, fresh.level)}</div>
      )}
      {typeof card === "object" && (
        <div class="note bad" role="alert">
          <b>Do not believe these numbers:</b> the exchange did not vouch for the log key that they
          are checked with. {card.trouble}
        </div>
      )}
      {card === "not loaded" && (
        <div class="note warn">
          <b>Nobody has vouched for the log key yet.</b> The part of this page that checks the
          exchange's card did not load; reload the page.
        </div>
      )}
    </div>
  );
}

/** The two checkpoints, to be kept and shown to others. */
function Proof({ fork }: { readonly fork: ForkFound }): JSX.Element {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([fork.proof], { type: "text/plain" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [fork.proof]);
  return (
    <p>
      <a class="button" href={address} download={`fork-${fork.size}.txt`}>
        Keep the proof
      </a>{" "}
      Anybody can check it: <code>npx signet log fork fork-{fork.size}.txt</code>
    </p>
  );
}
