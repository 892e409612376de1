/**
 * The relays as this wallet knows them. One that lied is named, with what it did, by what code, and
 * what that means for the money; it is not asked again until its owner forgives it.
 */
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { explain } from "../../wallet/errors.ts";
import { useAsking, type Ask } from "./calls.ts";
import { Clock } from "./clock.tsx";
import type { AccountView, RelayView } from "./core/protocol.ts";
import { Confirm } from "./dialog.tsx";
import { TroubleNote, TroublePlace } from "./troublenote.tsx";

/** The list, with what can be done about each. */
export function Relays(props: { readonly account: AccountView; readonly ask: Ask }): JSX.Element {
  const { account, ask } = props;
  const asking = useAsking();
  const [wish, setWish] = useState<RelayView | undefined>(undefined);
  const remove = async ({ url }: RelayView): Promise<void> => {
    await asking.run(ask("removeRelay", { url }));
    setWish(undefined);
  };
  return (
    <section class="panel" aria-labelledby="relays">
      <h2 id="relays">Relays</h2>
      <p class="dim small">
        They carry sealed letters and can read none. Each can be late; none can lie without being
        caught here.
      </p>
      <ul class="relays">
        {account.relays.map((relay) => (
          <Relay
            key={relay.url}
            relay={relay}
            busy={asking.busy}
            onRemove={() => setWish(relay)}
            onForgive={() => asking.run(ask("forgiveRelay", { url: relay.url }))}
            onAdd={() => asking.run(ask("addRelay", { url: relay.url }))}
          />
        ))}
      </ul>
      <AddRelay ask={ask} />
      <TroublePlace told={asking.trouble} />
      {wish === undefined ? null : (
        <Confirm
          title={`Do without ${wish.name}?`}
          sentence="Nothing more is sent to it or asked of it. Letters that it carries already stay carried. You can add it again."
          yes="Do without it"
          no="Keep it"
          busy={asking.busy}
          onYes={() => remove(wish)}
          onNo={() => setWish(undefined)}
        />
      )}
    </section>
  );
}

const states: Readonly<Record<RelayView["state"], readonly [sign: string, words: string]>> = {
  unasked: ["○", "not asked yet"],
  good: ["●", "answers"],
  silent: ["◌", "silent"],
  refused: ["◐", "refused"],
  lied: ["✕", "lied"],
  removed: ["–", "not used"],
};

function Relay(props: {
  readonly relay: RelayView;
  readonly busy: boolean;
  readonly onRemove: () => void;
  readonly onForgive: () => void;
  readonly onAdd: () => void;
}): JSX.Element {
  const { relay, busy, onRemove, onForgive, onAdd } = props;
  const { name, url, state, ms, why } = relay;
  const [sign, words] = states[state];
  return (
    <li class={state}>
      <p class="head">
        <span>
          <span class="sign" aria-hidden="true">
            {sign}
          </span>{" "}
          <b>{name}</b> <span class="dim small url">{url}</span>
        </span>
        <span class="end">
          <span class="number">{state === "good" && ms !== undefined ? `${ms} ms` : words}</span>
          {state === "removed" ? (
            <button type="button" disabled={busy} onClick={onAdd}>
              Use it again
            </button>
          ) : (
            <button
              type="button"
              class="quiet"
              disabled={busy}
              aria-label={`Remove ${name}`}
              title={`Remove ${name}`}
              onClick={onRemove}
            >
              ✕
            </button>
          )}
        </span>
      </p>
      {state === "lied" ? (
        <>
          <Lie relay={relay} />
          <button type="button" disabled={busy} onClick={onForgive}>
            Forgive, and ask it again
          </button>
        </>
      ) : why === undefined || state === "good" ? null : (
        <p class="dim small">{why}</p>
      )}
    </li>
  );
}

function Lie(props: { readonly relay: RelayView }): JSX.Element {
  const { name, why, code = "E620", at } = props.relay;
  const known = explain(code);
  return (
    <>
      <TroubleNote
        told={{
          ok: false,
          code,
          what: `${name} lied: ${why ?? known?.title ?? "what it gave did not check."}`,
          meaning:
            known?.meaning ?? "What it gave was thrown away. Your money and orders are unaffected.",
          next: "It is not asked again. Do without it, or forgive it if you know how it came to that.",
        }}
      />
      {at === undefined ? null : (
        <p class="dim small">
          Caught <Clock at={at} /> UTC.
        </p>
      )}
    </>
  );
}

function AddRelay(props: { readonly ask: Ask }): JSX.Element {
  const id = useId();
  const [url, setUrl] = useState("");
  const asking = useAsking();
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    const done = await asking.run(props.ask("addRelay", { url: url.trim() }));
    if (done !== undefined) setUrl("");
  };
  return (
    <form class="field" onSubmit={add}>
      <p class="dim small">
        This page reaches the relays on the exchange&rsquo;s card and the address that it came from,
        and nothing else: the browser holds it to that. To use another relay, open the wallet from
        that relay&rsquo;s own address.
      </p>
      <label htmlFor={id}>Another way to a relay: its address, or a proxy&rsquo;s before it</label>
      <span class="together">
        <input
          id={id}
          type="url"
          placeholder="https://"
          value={url}
          onInput={(event) => setUrl(event.currentTarget.value)}
        />
        <button type="submit" disabled={url.trim() === "" || asking.busy}>
          {asking.busy ? "Asking it…" : "Add"}
        </button>
      </span>
      <TroublePlace told={asking.trouble} />
    </form>
  );
}
