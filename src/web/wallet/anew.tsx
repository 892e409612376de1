/**
 * A letter that had no effect says the same once more. That is another letter, with its own number
 * and deadline: it is read before it is signed.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAsking, type Ask } from "./calls.ts";
import type { AccountView, Draft, JourneyView } from "./core/protocol.ts";
import { goToHeading } from "./heading.tsx";
import { SignSheet } from "./signsheet.tsx";
import { TroublePlace } from "./troublenote.tsx";

/** The button, and the sheet behind it. */
export function Anew(props: {
  readonly journey: JourneyView;
  readonly account: AccountView;
  readonly ask: Ask;
}): JSX.Element {
  const { journey, account, ask } = props;
  const [draft, setDraft] = useState<Draft | undefined>(undefined);
  const asking = useAsking();
  const sent = (): void => {
    setDraft(undefined);
    goToHeading("journeys");
  };
  return (
    <>
      <p class="buttons start">
        <button
          type="button"
          disabled={asking.busy}
          onClick={async () => setDraft(await asking.run(ask("anew", { name: journey.name })))}
        >
          Send it again, anew
        </button>
        <span class="dim small">
          {journey.fate.kind === "void"
            ? "Sending again is safe: this letter is proved void, and the new one has a new deadline."
            : "Sending again is safe: nothing of this letter took effect, and the new one has a fresh number."}
        </span>
      </p>
      <TroublePlace told={asking.trouble} />
      {draft === undefined ? null : (
        <SignSheet
          account={account}
          draft={draft}
          side={/^SELL\|/m.test(draft.text) ? "sell" : "buy"}
          ask={ask}
          onSent={sent}
          onBack={() => setDraft(undefined)}
        />
      )}
    </>
  );
}
