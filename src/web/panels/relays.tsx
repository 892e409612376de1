/** The relay weather: which relays answer this browser, how quickly, how far behind, which lied. */
import type { JSX } from "preact";
import { printAge } from "../view/freshness.ts";
import type { RelayWeather } from "../view/weather.ts";
import { Panel } from "./panel.tsx";

export function Relays(props: {
  readonly relays: readonly RelayWeather[];
  readonly source: string;
}): JSX.Element {
  return (
    <Panel title="Relays" tools={<span class="dim small">measured here</span>}>
      {props.relays.length === 0 ? (
        <p class="dim">None known yet.</p>
      ) : (
        <table>
          <caption class="unseen">Relays of this exchange, as seen from this browser</caption>
          <thead>
            <tr>
              <th scope="col">relay</th>
              <th scope="col">answers in</th>
              <th scope="col">behind</th>
            </tr>
          </thead>
          <tbody>
            {props.relays.map((each) => (
              <tr key={each.url}>
                <th scope="row">
                  <span title={each.url}>{each.name}</span>
                  {each.url === props.source && <span class="dim small"> read from</span>}
                  <Bar weather={each} />
                </th>
                <td>{each.ms === undefined ? "—" : `${Math.max(1, Math.round(each.ms))} ms`}</td>
                <td class={classes[each.state]}>{words(each)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

const classes = {
  "not asked": "dim",
  good: "buy",
  behind: "warn",
  ahead: "warn",
  silent: "sell",
  "no relay": "sell",
  lied: "sell",
} as const;

/** The share of questions that it answered since the page was opened. */
function Bar({ weather }: { readonly weather: RelayWeather }): JSX.Element {
  const { asked, answered } = weather;
  const share = asked === 0 ? 0 : answered / asked;
  return (
    <span
      class={`share ${weather.state.replace(" ", "-")}`}
      title={`answered ${answered} of ${asked} times`}
    >
      <span style={{ width: `${Math.max(share * 100, 4)}%` }} />
    </span>
  );
}

function words(weather: RelayWeather): string {
  const { state, lie } = weather;
  const before = lie !== undefined && state !== "lied" ? `, lied before: ${lie.code}` : "";
  return `${wordsNow(weather)}${before}`;
}

function wordsNow({ state, behindMs, silentSince, lie }: RelayWeather): string {
  switch (state) {
    case "not asked":
      return "…";
    case "good":
      return "in step";
    case "behind":
      return behindMs === undefined ? "older" : printAge(behindMs);
    case "ahead":
      return "further on";
    case "silent":
      return `silent ${printAge(performance.now() - (silentSince ?? performance.now()))}`;
    case "no relay":
      return "no relay answers there";
    case "lied":
      return lie?.code === "log_forked" ? "another history" : `lied: ${lie?.code ?? ""}`;
  }
}
