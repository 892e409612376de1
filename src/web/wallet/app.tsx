/** The wallet's page: which screen, by the wallet's view. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { Bar } from "../frame/bar.tsx";
import { useWallet, type WalletPort } from "./core/port.ts";
import type { AccountView, GivesOf, WalletView } from "./core/protocol.ts";
import { ChooseLock, Unlock } from "./lock.tsx";
import { MarketRoom } from "./marketroom.tsx";
import { Backup, Welcome } from "./onboard.tsx";
import { CarryLetter } from "./qrcarry.tsx";
import { Restoring } from "./restore.tsx";
import { Trading } from "./trading.tsx";

/** Telling the wallet more often that somebody is here would be noise. */
const activeMs = 30_000;

/** The whole page below its head. */
export function WalletApp(props: { readonly port: WalletPort }): JSX.Element {
  const { port } = props;
  const view = useWallet(port);
  useActivity(port);
  if (view.kind !== "open") {
    return (
      <>
        <Bar here="wallet" />
        <main id="main" class="before">
          <h1 class="unseen">Wallet</h1>
          {isSecureContext ? <Before port={port} view={view} /> : <Insecure />}
        </main>
      </>
    );
  }
  const { account } = view;
  return (
    <>
      <Bar here="wallet" />
      <Trading
        account={account}
        ask={port.call}
        market={marketFor(account)}
        panels={(shown) => <MarketRoom {...shown} />}
      />
    </>
  );
}

/** A browser gives cryptography and storage to pages only that nobody on the way could change. */
function Insecure(): JSX.Element {
  return (
    <p class="note bad">
      This page came over a connection that anybody on the way can change, so no key is made here.
      Open it over https, or from this machine with <code>npm start</code>.
    </p>
  );
}

/** Everything before the wallet is open. */
function Before(props: {
  readonly port: WalletPort;
  readonly view: Exclude<WalletView, { kind: "open" }>;
}): JSX.Element {
  const { port, view } = props;
  const [made, setMade] = useState<GivesOf<"make"> | undefined>(undefined);
  const ask = port.call;
  switch (view.kind) {
    case "starting":
      return <p role="status">Looking for a wallet in this browser…</p>;
    case "elsewhere":
      return (
        <p class="note" role="status">
          Another tab has the wallet, open or locked; here it is locked. Use that tab, or close it:
          then this one takes over.
        </p>
      );
    case "none":
      return (
        <>
          <Welcome view={view} ask={ask} onMade={setMade} />
          <Carrying ask={ask} />
        </>
      );
    case "locked":
      return (
        <>
          <Unlock view={view} ask={ask} />
          <Carrying ask={ask} />
        </>
      );
    case "unchecked":
      return (
        <Backup
          view={view}
          made={made}
          ask={ask}
          onMade={setMade}
          onChecked={() => setMade(undefined)}
        />
      );
    case "restoring":
      return <Restoring view={view} ask={ask} />;
    case "choosing":
      return <ChooseLock view={view} ask={ask} />;
  }
}

/** The market that the address names, or the first. */
function marketFor({ exchange }: AccountView): string {
  const named = new URLSearchParams(location.search).get("market");
  const found = exchange.markets.find(({ name }) => name === named) ?? exchange.markets[0];
  return found?.name ?? "";
}

/** What needs no key: carrying letters for a device that has one. */
function Carrying(props: { readonly ask: WalletPort["call"] }): JSX.Element {
  return (
    <details class="more carrying">
      <summary>Carry a letter for a device that is off line</summary>
      <CarryLetter ask={props.ask} />
    </details>
  );
}

/** Tells the wallet that somebody is here, so that it locks itself when nobody is. */
function useActivity(port: WalletPort): void {
  useEffect(() => {
    let last = 0;
    const onInput = (): void => {
      if (Date.now() - last < activeMs) return;
      last = Date.now();
      void port.call("active", {});
    };
    const events = ["pointerdown", "keydown", "touchstart"] as const;
    for (const event of events) addEventListener(event, onInput, { passive: true });
    return () => {
      for (const event of events) removeEventListener(event, onInput);
    };
  }, [port]);
}
