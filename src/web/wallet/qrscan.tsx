/**
 * Takes one sealed message from another device: by camera, from a picture or a file, or pasted.
 * Parts of a long message are gathered in any order. Nothing leaves this device here.
 */
import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { refuse, type Verdict } from "../../codec/verdict.ts";
import { trouble } from "../../wallet/errors.ts";
import type { Told } from "./core/protocol.ts";
import { told } from "./core/told.ts";
import type { Carries, Gathered, Gathering } from "./qrframe.ts";
import { intakeBytesMax, takeFile, takeText } from "./qrintake.ts";
import { readPicture, readSurface } from "./qrread.ts";
import { TroublePlace } from "./troublenote.tsx";

/** Between two looks at the camera's picture. */
const lookMs = 150;

/** `onWhole`: all of it is here. */
export function CodeReader(props: {
  readonly wants: Carries;
  readonly onWhole: (bytes: Uint8Array) => void;
}): JSX.Element {
  const { wants, onWhole } = props;
  const [gathered, setGathered] = useState<Gathered | undefined>(undefined);
  const [found, setFound] = useState<Told | undefined>(undefined);
  const [isLooking, setLooking] = useState(false);
  const take = (gathering: Verdict<Gathering, string>): void => {
    if (!gathering.ok) {
      setFound(unreadable(gathering.detail));
      return;
    }
    setFound(undefined);
    if (gathering.value.kind === "more") return setGathered(gathering.value.gathered);
    setGathered(undefined);
    setLooking(false);
    onWhole(gathering.value.bytes);
  };
  const takeChosen = async (file: File | undefined): Promise<void> => {
    if (file !== undefined) take(await fromFile(gathered, file, wants));
  };
  return (
    <div class="reader">
      <div class="buttons start">
        <button type="button" aria-pressed={isLooking} onClick={() => setLooking(!isLooking)}>
          {isLooking ? "Stop the camera" : "Scan with the camera"}
        </button>
        <label class="button">
          Choose a picture or file
          <input
            type="file"
            class="unseen"
            onChange={(event) => takeChosen(event.currentTarget.files?.[0])}
          />
        </label>
      </div>
      {isLooking ? (
        <Camera
          onText={(text) => take(takeText(gathered, text, wants))}
          onFail={(why) => {
            setLooking(false);
            setFound(noCamera(why));
          }}
        />
      ) : null}
      <Paste onText={(text) => take(takeText(gathered, text, wants))} />
      <p role="status">{gathered === undefined ? "" : gatheredWords(gathered)}</p>
      <TroublePlace told={found} />
    </div>
  );
}

function Paste(props: { readonly onText: (text: string) => void }): JSX.Element {
  const [pasted, setPasted] = useState("");
  const id = useId();
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        props.onText(pasted);
        setPasted("");
      }}
    >
      <label htmlFor={id}>Or paste the code&rsquo;s text or the PGP message</label>
      <textarea
        id={id}
        rows={3}
        value={pasted}
        spellcheck={false}
        onInput={(event) => setPasted(event.currentTarget.value)}
      />
      <button type="submit" disabled={pasted.trim() === ""}>
        Read it
      </button>
    </form>
  );
}

function unreadable(detail: string): Told {
  return {
    ...told(trouble("E115", detail)),
    meaning: "Nothing was sent, and nothing was opened.",
    next: "Show the code larger or brighter and scan it again, or carry it as a file.",
  };
}

function noCamera(why: string): Told {
  return {
    ...told(trouble("E115", `The camera cannot be used: ${why}`)),
    meaning: "Nothing was sent, and nothing was opened.",
    next: "Allow the camera for this page, or choose a picture of the code, or paste its text.",
  };
}

function gatheredWords({ parts, of }: Gathered): string {
  const numbers = Array.from({ length: of }, (_, index) => index + 1);
  const here = numbers.filter((number) => parts.has(number)).join(", ");
  const missing = numbers.filter((number) => !parts.has(number)).join(", ");
  return `Part ${here} of ${of} is read; still to read: ${missing}.`;
}

async function fromFile(
  gathered: Gathered | undefined,
  file: File,
  wants: Carries,
): Promise<Verdict<Gathering, string>> {
  if (file.type.startsWith("image/")) {
    const text = await readPicture(file);
    if (text === undefined) return refuse("code_unread", "No code could be read in the picture.");
    return takeText(gathered, text, wants);
  }
  const bytes = new Uint8Array(await file.slice(0, intakeBytesMax + 1).arrayBuffer());
  return takeFile(gathered, bytes, wants);
}

function Camera(props: {
  readonly onText: (text: string) => void;
  readonly onFail: (why: string) => void;
}): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const told = useRef(props);
  told.current = props;
  useEffect(() => {
    const stop = new AbortController();
    const place = video.current;
    if (place !== null) void look(place, stop.signal, () => told.current);
    return () => stop.abort();
  }, []);
  return (
    <video
      ref={video}
      class="camera"
      muted
      playsInline
      aria-label="What the camera sees: hold the code into the picture"
    />
  );
}

/** Looks until it is stopped; the same code again is not told twice in a row. */
async function look(
  place: HTMLVideoElement,
  stop: AbortSignal,
  told: () => { readonly onText: (text: string) => void; readonly onFail: (why: string) => void },
): Promise<void> {
  let stream: MediaStream;
  try {
    const video = { facingMode: "environment", width: { ideal: 1920 } };
    stream = await navigator.mediaDevices.getUserMedia({ video });
  } catch (error) {
    if (!stop.aborted) told().onFail(error instanceof Error ? error.message : "it was refused");
    return;
  }
  const end = (): void => stream.getTracks().forEach((track) => track.stop());
  stop.addEventListener("abort", end);
  if (stop.aborted) return end();
  place.srcObject = stream;
  await place.play().catch(() => undefined);
  let last = "";
  for (let from = 0; !stop.aborted; from += 1) {
    const surface = { source: place, width: place.videoWidth, height: place.videoHeight };
    const text = surface.width > 0 ? await readSurface(surface, { from, turns: 1 }) : undefined;
    if (!stop.aborted && text !== undefined && text !== last) {
      last = text;
      told().onText(text);
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}
