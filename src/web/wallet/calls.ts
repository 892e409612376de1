/** Calls of the wallet as components make them; what went wrong is kept to be shown. */
import { useState } from "preact/hooks";
import type { WalletPort } from "./core/port.ts";
import type { KeptFile, Said, Told } from "./core/protocol.ts";

/** What asks the wallet. */
export type Ask = WalletPort["call"];

/** A call under way, and how the last one ended. */
export type Asking = {
  readonly busy: boolean;
  readonly trouble: Told | undefined;
  /** Gives the value, or `undefined` once the trouble is shown. */
  readonly run: <Value>(work: Promise<Said<Value>>) => Promise<Value | undefined>;
  readonly clear: () => void;
};

/** For a component that asks the wallet something. */
export function useAsking(): Asking {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Told | undefined>(undefined);
  return {
    busy,
    trouble,
    run: async (work) => {
      setBusy(true);
      const said = await work;
      setBusy(false);
      setTrouble(said.ok ? undefined : said);
      return said.ok ? said.value : undefined;
    },
    clear: () => setTrouble(undefined),
  };
}

/** Hands a file to the person, as a download. */
export function saveFile({ name, type, text }: KeptFile): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
