/** The dead man's switch: when all open orders are cancelled, and moving that time. */
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { useAsking, type Ask } from "./calls.ts";
import { Clock } from "./clock.tsx";
import type { AccountView, Draft } from "./core/protocol.ts";
import { goToHeading } from "./heading.tsx";
import { SignSheet } from "./signsheet.tsx";
import { TroublePlace } from "./troublenote.tsx";

/** Shown, and set, below the open orders. */
export function DeadManSwitch(props: {
  readonly account: AccountView;
  readonly ask: Ask;
}): JSX.Element {
  const { account, ask } = props;
  const { cancelAfter } = account;
  const [when, setWhen] = useState("1h");
  const [draft, setDraft] = useState<Draft | undefined>(undefined);
  const asking = useAsking();
  const field = useId();
  const look = async (asked: string): Promise<void> => {
    const made = await asking.run(ask("cancelAfter", { when: asked }));
    if (made !== undefined) setDraft(made);
  };
  return (
    <div class="deadman">
      {cancelAfter === undefined ? null : (
        <p class="note warn">
          All open orders are cancelled at <Clock at={cancelAfter} /> UTC, unless you move that
          time.
        </p>
      )}
      <details class="more">
        <summary>
          {cancelAfter === undefined ? "Cancel everything if I fall silent" : "Move that time"}
        </summary>
        <div class="field">
          <label htmlFor={field}>Cancel all my open orders in, or at (UTC)</label>
          <input
            id={field}
            value={when}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setWhen(event.currentTarget.value)}
          />
        </div>
        <div class="buttons start">
          <button type="button" disabled={asking.busy} onClick={() => look(when.trim())}>
            Look at the letter
          </button>
          {cancelAfter === undefined ? null : (
            <button type="button" disabled={asking.busy} onClick={() => look("off")}>
              Turn it off
            </button>
          )}
        </div>
        <TroublePlace told={asking.trouble} />
      </details>
      {draft === undefined ? null : (
        <SignSheet
          account={account}
          draft={draft}
          ask={ask}
          onSent={() => {
            setDraft(undefined);
            goToHeading("journeys");
          }}
          onBack={() => setDraft(undefined)}
        />
      )}
    </div>
  );
}
