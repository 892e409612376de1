/** From twenty-four words to the whole account, with true progress: each report is counted. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { useAsking, type Ask } from "./calls.ts";
import type { WalletView } from "./core/protocol.ts";
import { StepHeading } from "./heading.tsx";
import { TroubleNote, TroublePlace } from "./troublenote.tsx";

/** Where the words are typed. */
export function RestoreForm(props: {
  readonly ask: Ask;
  readonly compared: boolean;
  readonly onBack: (() => void) | undefined;
}): JSX.Element {
  const { ask, compared, onBack } = props;
  const [words, setWords] = useState("");
  const asking = useAsking();
  const restore = async (): Promise<void> => {
    await asking.run(ask("restore", { words, compared }));
  };
  const count = words.split(/[^a-z]+/i).filter((word) => word !== "").length;
  return (
    <form
      class="form"
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void restore();
      }}
    >
      <label>
        Your 24 words
        <textarea
          rows={5}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={words}
          onInput={({ currentTarget }) => setWords(currentTarget.value)}
        />
      </label>
      <p class="dim small" aria-live="polite">
        {count} of 24 words. Numbers, commas and line ends do not matter; the first four letters of
        each word are enough.
      </p>
      <TroublePlace told={asking.trouble} />
      <div class="buttons start">
        <button type="submit" class="main" disabled={asking.busy || count === 0}>
          {asking.busy ? "Restoring…" : "Restore"}
        </button>
        {onBack === undefined ? null : (
          <button type="button" onClick={onBack}>
            Back
          </button>
        )}
      </div>
    </form>
  );
}

/** While reports come in. */
export function Restoring(props: {
  readonly view: Extract<WalletView, { kind: "restoring" }>;
  readonly ask: Ask;
}): JSX.Element {
  const { view, ask } = props;
  const { done, total, sentence, trouble } = view;
  return (
    <section class="panel narrow" aria-labelledby="restoring">
      <StepHeading id="restoring" step={trouble?.code ?? ""}>
        Restoring from your words
      </StepHeading>
      {trouble === undefined ? (
        <>
          <p role="status">{sentence}</p>
          <progress
            aria-label="Reports restored"
            max={Math.max(total ?? 1, 1)}
            {...(total === undefined ? {} : { value: done })}
          />
        </>
      ) : (
        <>
          <TroubleNote told={trouble} />
          <RestoreForm ask={ask} compared={false} onBack={undefined} />
        </>
      )}
    </section>
  );
}
