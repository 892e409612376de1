/**
 * From nothing to an open wallet: whose page and which exchange this is, a key, its twenty-four
 * words, three of them typed back from the paper, and how the wallet is to be kept. The words are
 * in this page from the moment they are made until the check has passed, and nowhere after.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { buildHash } from "./buildhash.ts";
import { useAsking, type Ask } from "./calls.ts";
import type { ExchangeView, GivesOf, WalletView } from "./core/protocol.ts";
import { StepHeading } from "./heading.tsx";
import { KeyNumber } from "./keynumber.tsx";
import { RestoreForm } from "./restore.tsx";
import { TroubleNote, TroublePlace } from "./troublenote.tsx";

type Made = GivesOf<"make">;

/** Nothing in this browser yet. */
export function Welcome(props: {
  readonly view: Extract<WalletView, { kind: "none" }>;
  readonly ask: Ask;
  readonly onMade: (made: Made) => void;
}): JSX.Element {
  const { view, ask, onMade } = props;
  const [compared, setCompared] = useState(false);
  const [restoring, setRestoring] = useState(false);
  const asking = useAsking();
  const { exchange, trouble } = view;
  const make = async (): Promise<void> => {
    const made = await asking.run(ask("make", { compared }));
    if (made !== undefined) onMade(made);
  };
  return (
    <section class="panel narrow" aria-labelledby="welcome">
      <StepHeading id="welcome" step={restoring ? "words" : "key"}>
        {restoring ? "Everything back from paper" : "A wallet in this browser"}
      </StepHeading>
      <p>
        There is no account to open and nobody to tell your name. A key is made here, in your
        browser. It signs your letters to the exchange and never leaves this device.
      </p>
      {trouble === undefined ? null : <TroubleNote told={trouble} mild />}
      <WhoIsThis exchange={exchange} compared={compared} onCompared={setCompared} />
      {restoring ? (
        <RestoreForm ask={ask} compared={compared} onBack={() => setRestoring(false)} />
      ) : (
        <div class="buttons start">
          <button
            type="button"
            class="main"
            disabled={exchange === undefined || asking.busy}
            onClick={make}
          >
            {asking.busy ? "Making the key…" : "Make a key"}
          </button>
          <button
            type="button"
            disabled={exchange === undefined}
            onClick={() => setRestoring(true)}
          >
            I have 24 words
          </button>
        </div>
      )}
      <TroublePlace told={asking.trouble} />
    </section>
  );
}

/** Which exchange and which build: what a person can compare before anything is made. */
function WhoIsThis(props: {
  readonly exchange: ExchangeView | undefined;
  readonly compared: boolean;
  readonly onCompared: (compared: boolean) => void;
}): JSX.Element {
  const { exchange, compared, onCompared } = props;
  const [hash, setHash] = useState<string | undefined>(undefined);
  useEffect(() => {
    void buildHash().then(setHash);
  }, []);
  return (
    <>
      <dl class="facts">
        <div>
          <dt>exchange’s key number</dt>
          <dd>
            {exchange === undefined ? (
              <span class="dim">asking {location.host} for the exchange’s card…</span>
            ) : (
              <KeyNumber digits={exchange.keyNumber} />
            )}
          </dd>
        </div>
        <div>
          <dt>this page’s build</dt>
          <dd>
            <code>{hash ?? "not known"}</code>
          </dd>
        </div>
      </dl>
      <p class="dim small">
        The key number is the exchange itself: compare it with the one printed where you learnt of
        it. The build is the same on every honest relay; <code>npm run pages</code> makes it from
        the source (SHA-256 of <code>build.txt</code>).
      </p>
      <label class="check">
        <input
          type="checkbox"
          checked={compared}
          disabled={exchange === undefined}
          onChange={(event) => onCompared(event.currentTarget.checked)}
        />
        I compared the exchange’s key number. (Without this, the page is trusted on first use.)
      </label>
    </>
  );
}

/** The words, once, and the check that they are on paper. */
export function Backup(props: {
  readonly view: Extract<WalletView, { kind: "unchecked" }>;
  readonly made: Made | undefined;
  readonly ask: Ask;
  readonly onMade: (made: Made) => void;
  readonly onChecked: () => void;
}): JSX.Element {
  const { view, made, ask, onMade, onChecked } = props;
  const [checking, setChecking] = useState(false);
  const asking = useAsking();
  const again = async (): Promise<void> => {
    const fresh = await asking.run(ask("make", { compared: false }));
    if (fresh !== undefined) onMade(fresh);
  };
  return (
    <section class="panel narrow" aria-labelledby="backup">
      <StepHeading id="backup" step={checking ? view.ask.join(" ") : `show ${made !== undefined}`}>
        {checking ? "Type three of them back" : "Write these 24 words on paper"}
      </StepHeading>
      <dl class="facts">
        <div>
          <dt>your key number</dt>
          <dd>
            <KeyNumber digits={view.keyNumber} />
          </dd>
        </div>
        <div>
          <dt>backup</dt>
          <dd class="sell">not checked yet: trading is off until it is</dd>
        </div>
      </dl>
      {made === undefined ? (
        <>
          <p>The words were shown on a page that is gone. Nothing was kept: make another key.</p>
          <button type="button" class="main" onClick={again} disabled={asking.busy}>
            Make another key
          </button>
        </>
      ) : checking ? (
        <CheckBack
          places={view.ask}
          ask={ask}
          onChecked={onChecked}
          onBack={() => setChecking(false)}
        />
      ) : (
        <Words words={made.words} onWritten={() => setChecking(true)} />
      )}
      <TroublePlace told={asking.trouble} />
    </section>
  );
}

function Words(props: {
  readonly words: readonly string[];
  readonly onWritten: () => void;
}): JSX.Element {
  return (
    <>
      <p>
        They are your account. With them you can rebuild everything, on any device; without them
        nobody can, including us. Whoever reads them has your money.
      </p>
      <ol class="words" aria-label="Your 24 words">
        {props.words.map((word, index) => (
          <li key={index} translate={false}>
            {word}
          </li>
        ))}
      </ol>
      <p class="dim small">
        On paper, not in a file, a photograph or a message. A printer may keep a copy of what it
        prints.
      </p>
      <div class="buttons start">
        <button type="button" class="main" onClick={props.onWritten}>
          They are on paper
        </button>
        <button type="button" onClick={() => print()}>
          Print
        </button>
      </div>
    </>
  );
}

function CheckBack(props: {
  readonly places: readonly number[];
  readonly ask: Ask;
  readonly onChecked: () => void;
  readonly onBack: () => void;
}): JSX.Element {
  const { places, ask, onChecked, onBack } = props;
  const [typed, setTyped] = useState<ReadonlyMap<number, string>>(new Map());
  const asking = useAsking();
  const check = async (): Promise<void> => {
    const answers = places.map((place) => typed.get(place) ?? "");
    const passed = await asking.run(ask("check", { answers }));
    if (passed !== undefined) onChecked();
  };
  return (
    <form
      class="form"
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void check();
      }}
    >
      <p>From the paper. The first four letters of a word are enough.</p>
      <div class="threewords">
        {places.map((place) => (
          <label key={place}>
            Word {place}
            <input
              type="text"
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              value={typed.get(place) ?? ""}
              onInput={({ currentTarget }) =>
                setTyped(new Map(typed).set(place, currentTarget.value))
              }
            />
          </label>
        ))}
      </div>
      <TroublePlace told={asking.trouble} />
      <div class="buttons start">
        <button type="submit" class="main" disabled={asking.busy}>
          Check the words
        </button>
        <button type="button" onClick={onBack}>
          Show the words again
        </button>
      </div>
    </form>
  );
}
