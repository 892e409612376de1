/**
 * The page's end of the wallet: one Worker, calls with their answers, and the view. After `lock`
 * and `forget` the Worker is ended and a new one begun, so that nothing of its memory lives on.
 */
import { useEffect, useState } from "preact/hooks";

import type { AskOf, CallName, FromWorker, GivesOf, Said, Told, WalletView } from "./protocol.ts";

/** What a page needs of the wallet. */
export type WalletPort = {
  /** The newest view. */
  readonly view: () => WalletView;
  /** Tells of every new view; gives what ends that. */
  readonly subscribe: (onView: (view: WalletView) => void) => () => void;
  readonly call: <Name extends CallName>(
    name: Name,
    ask: AskOf<Name>,
  ) => Promise<Said<GivesOf<Name>>>;
};

const ended: Told = {
  ok: false,
  code: "E725",
  what: "The wallet was locked before it could answer.",
  meaning: "What was asked was not begun, or its letter is in the list of letters.",
  next: "Open the wallet and look.",
};

const broken: Told = {
  ok: false,
  code: "E722",
  what: "The wallet's program did not start in this browser.",
  meaning: "Nothing was opened, made or sent.",
  next: "Load the page again; a browser older than 2024 cannot run it.",
};

/** The Worker as a port. */
export class WorkerPort implements WalletPort {
  readonly #begin: () => Worker;
  readonly #listeners = new Set<(view: WalletView) => void>();
  /** What ends a call whose Worker is no more. */
  readonly #abandon = new Set<() => void>();
  #worker: Worker;
  #view: WalletView = { kind: "starting" };

  constructor(begin: () => Worker) {
    this.#begin = begin;
    this.#worker = this.#start();
  }

  readonly view = (): WalletView => this.#view;

  readonly subscribe = (onView: (view: WalletView) => void): (() => void) => {
    this.#listeners.add(onView);
    return () => this.#listeners.delete(onView);
  };

  readonly call = async <Name extends CallName>(
    name: Name,
    ask: AskOf<Name>,
  ): Promise<Said<GivesOf<Name>>> => {
    const { port1, port2 } = new MessageChannel();
    const said = await new Promise<Said<GivesOf<Name>>>((resolve) => {
      const abandon = (): void => resolve(ended);
      this.#abandon.add(abandon);
      port1.onmessage = ({ data }) => {
        this.#abandon.delete(abandon);
        resolve(data);
      };
      this.#worker.postMessage({ name, ask }, [port2]);
    });
    port1.close();
    if (said.ok && (name === "lock" || name === "forget")) this.#renew();
    return said;
  };

  #start(): Worker {
    const worker = this.#begin();
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.view === undefined) this.#renew();
      else this.#show(data.view);
    };
    worker.onerror = () => this.#show({ kind: "none", exchange: undefined, trouble: broken });
    return worker;
  }

  #renew(): void {
    this.#worker.terminate();
    for (const abandon of this.#abandon) abandon();
    this.#abandon.clear();
    this.#show({ kind: "starting" });
    this.#worker = this.#start();
  }

  #show(view: WalletView): void {
    this.#view = view;
    for (const listener of this.#listeners) listener(view);
  }
}

/** The newest view, for a component. */
export function useWallet(port: WalletPort): WalletView {
  const [view, setView] = useState(port.view);
  useEffect(() => {
    setView(port.view());
    return port.subscribe(setView);
  }, [port]);
  return view;
}
