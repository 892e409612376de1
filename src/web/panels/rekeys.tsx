/**
 * Lost keys that the operators replace, as the log's newest leaves tell it (docs/spec/keys.md §5):
 * public from its beginning, so that an account's owner, and everybody else, can object.
 */
import type { JSX } from "preact";
import type { RekeyLeaf } from "../../log/keyleaf.ts";
import { printTime } from "../../codec/time.ts";
import type { Seen } from "../view/seen.ts";
import { Panel } from "./panel.tsx";

export function Rekeys({ seen }: { readonly seen: Seen }): JSX.Element {
  const { rekeys } = seen.lately;
  if (rekeys.length === 0) return <></>;
  return (
    <Panel title="Lost keys">
      <ul class="events">
        {rekeys.map(({ leaf, number }) => (
          <li key={number}>
            <time dateTime={printTime(leaf.at)}>{printTime(leaf.at).slice(0, 10)}</time>{" "}
            {rekeyWords(leaf)} <span class="dim">(leaf {number})</span>
          </li>
        ))}
      </ul>
      <p class="dim small">
        Is one of them yours, and your key is not lost? A letter with <code>VETO</code> ends it.
      </p>
    </Panel>
  );
}

function rekeyWords({ account, key, state }: RekeyLeaf): string {
  const change = `account ${account} to the key ${key}`;
  switch (state) {
    case "begun":
      return `is when the operators move ${change}, unless its owner objects.`;
    case "done":
      return `the operators moved ${change}.`;
    case "vetoed":
      return `not moved, because its owner objected: ${change}.`;
    case "dismissed":
      return `not moved, because the new key was revoked: ${change}.`;
  }
}
