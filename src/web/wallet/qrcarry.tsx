/**
 * Carrying sealed letters by hand between a device that has the key and no network, and one that
 * has the network and no key. Whoever carries can read neither the letter nor the reply.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { shortId } from "../../codec/names.ts";
import { armor } from "../../letter/armor.ts";
import { readEnvelope } from "../../letter/envelope.ts";
import { saveFile, useAsking, type Ask } from "./calls.ts";
import type { Carried, JourneyView } from "./core/protocol.ts";
import { partsOf, type Carries } from "./qrframe.ts";
import { QrCode } from "./qrcode.tsx";
import { CodeReader } from "./qrscan.tsx";
import { TroublePlace } from "./troublenote.tsx";

/** Sealed bytes as codes, one after the other if it takes several, and as a file. */
function Codes(props: {
  readonly carries: Carries;
  readonly bytes: Uint8Array;
  readonly name: string;
}): JSX.Element {
  const { carries, bytes, name } = props;
  const [index, setIndex] = useState(0);
  const parts = partsOf(carries, bytes) ?? [];
  const text = parts[index];
  const file = { name: `${name}.${carries}.asc`, type: "text/plain", text: armor(bytes) };
  const number = parts.length > 1 ? `, part ${index + 1} of ${parts.length}` : "";
  return (
    <div class="codes">
      {text === undefined ? (
        <p>It is too long for codes. Carry it as a file.</p>
      ) : (
        <QrCode text={text} label={`QR code of the sealed ${carries} ${name}${number}`} />
      )}
      {parts.length > 1 ? (
        <p class="buttons start">
          <button type="button" disabled={index === 0} onClick={() => setIndex(index - 1)}>
            Previous
          </button>
          <span role="status">
            part {index + 1} of {parts.length}
          </span>
          <button
            type="button"
            disabled={index + 1 === parts.length}
            onClick={() => setIndex(index + 1)}
          >
            Next
          </button>
        </p>
      ) : null}
      <p class="buttons start">
        <button type="button" onClick={() => saveFile(file)}>
          Download as a file
        </button>
        {text === undefined ? null : (
          <button type="button" onClick={() => navigator.clipboard.writeText(text)}>
            Copy as text
          </button>
        )}
        <span class="dim small">{bytes.length} bytes, sealed</span>
      </p>
    </div>
  );
}

/** On the device with the key: the letter goes out as a code, the reply comes in as one. */
export function CarryByHand(props: {
  readonly journey: JourneyView;
  readonly ask: Ask;
  /** Whether the code of a letter that nobody has read is shown unasked. */
  readonly isOpen?: boolean;
}): JSX.Element {
  const { journey, ask, isOpen = false } = props;
  const [bytes, setBytes] = useState<Uint8Array | undefined>(undefined);
  const [opened, setOpened] = useState<string | undefined>(undefined);
  // A letter that nobody has read is there to be carried: its code is shown at once.
  const [isWaiting] = useState(journey.again === "same" && isOpen);
  const asking = useAsking();
  const show = async (): Promise<void> => {
    const sealed = await asking.run(ask("sealed", { name: journey.name }));
    setBytes(sealed?.bytes);
  };
  const open = async (sealed: Uint8Array): Promise<void> => {
    const found = await asking.run(ask("open", { sealed }));
    setOpened(found?.what);
  };
  return (
    <details
      class="more byhand"
      open={isWaiting}
      onToggle={(event) => event.currentTarget.open && show()}
    >
      <summary>Carry by hand</summary>
      {bytes === undefined ? null : (
        <>
          <p>
            1. Scan this with a device that is on line, at <b>Carry a letter</b>. It can be read by
            the exchange alone.
          </p>
          <Codes carries="letter" bytes={bytes} name={journey.name} />
          <p>2. That device then shows the sealed reply as a code. Scan it here:</p>
          <CodeReader wants="reply" onWhole={open} />
        </>
      )}
      <p role="status">{opened === undefined ? "" : `Opened and verified: ${opened}`}</p>
      <TroublePlace told={asking.trouble} />
    </details>
  );
}

/** On a device that is on line and needs no key: takes a letter, posts it, shows the reply. */
export function CarryLetter(props: { readonly ask: Ask }): JSX.Element {
  const { ask } = props;
  const [letter, setLetter] = useState<Uint8Array | undefined>(undefined);
  const [carried, setCarried] = useState<Carried | undefined>(undefined);
  const asking = useAsking();
  const post = async (sealed: Uint8Array): Promise<void> => {
    setCarried(await asking.run(ask("carry", { sealed })));
  };
  const again = (): void => {
    setLetter(undefined);
    setCarried(undefined);
    asking.clear();
  };
  return (
    <section class="panel carry" aria-labelledby="carry">
      <h2 id="carry">Carry a letter</h2>
      <p class="dim">
        For a device whose key never goes on line: this one takes its sealed letter, posts it to
        every relay and shows the sealed reply. It can read neither.
      </p>
      {letter === undefined ? <CodeReader wants="letter" onWhole={setLetter} /> : null}
      {letter !== undefined && carried === undefined ? (
        <>
          <Sealed bytes={letter} />
          <div class="buttons start">
            <button type="button" class="main" disabled={asking.busy} onClick={() => post(letter)}>
              {asking.busy ? "Posted; waiting for the reply…" : "Post it to the relays"}
            </button>
            <button type="button" disabled={asking.busy} onClick={again}>
              Take another
            </button>
          </div>
        </>
      ) : null}
      {letter !== undefined && carried !== undefined ? (
        <Brought carried={carried} busy={asking.busy} onPost={() => post(letter)} onNew={again} />
      ) : null}
      <TroublePlace told={asking.trouble} />
    </section>
  );
}

function Sealed(props: { readonly bytes: Uint8Array }): JSX.Element {
  const envelope = readEnvelope(props.bytes);
  return (
    <dl class="facts">
      <div>
        <dt>ref</dt>
        <dd class="code">{envelope.ok ? shortId(envelope.value.ref) : "none"}</dd>
      </div>
      <div>
        <dt>size</dt>
        <dd>{props.bytes.length} bytes, sealed to the exchange</dd>
      </div>
    </dl>
  );
}

function Brought(props: {
  readonly carried: Carried;
  readonly busy: boolean;
  readonly onPost: () => void;
  readonly onNew: () => void;
}): JSX.Element {
  const { carried, busy, onPost, onNew } = props;
  const { ref, receipts, reply } = carried;
  return (
    <>
      <h3>
        Carried by {receipts.length} {receipts.length === 1 ? "relay" : "relays"}
      </h3>
      <ul class="receipts">
        {receipts.map(({ relay, note }) => (
          <li key={relay}>
            <span class="buy" aria-hidden="true">
              ✓
            </span>{" "}
            {relay}{" "}
            <button
              type="button"
              class="quiet"
              onClick={() => saveFile({ name: `${ref}.${relay}`, type: "text/plain", text: note })}
            >
              Download its signed receipt
            </button>
          </li>
        ))}
      </ul>
      {reply === undefined ? (
        <>
          <p class="note warn">
            No reply came in time. The letter may still be read until its deadline; posting the same
            bytes again is always safe.
          </p>
          <div class="buttons start">
            <button type="button" class="main" disabled={busy} onClick={onPost}>
              {busy ? "Waiting for the reply…" : "Post the same bytes again"}
            </button>
          </div>
        </>
      ) : (
        <>
          <h3>The sealed reply</h3>
          <p>Scan it with the device that wrote the letter, at the letter&rsquo;s Carry by hand.</p>
          <Codes carries="reply" bytes={reply} name={ref.slice(0, 20)} />
        </>
      )}
      <div class="buttons start">
        <button type="button" disabled={busy} onClick={onNew}>
          Carry another letter
        </button>
      </div>
    </>
  );
}
