/** The entry of the wallet's page: one Worker, one page that draws what it says. */
import { begin } from "../frame/begin.ts";
import { WalletApp } from "./app.tsx";
import { WorkerPort } from "./core/port.ts";

const port = new WorkerPort(
  () => new Worker(new URL("./core/worker.ts", import.meta.url), { type: "module" }),
);

begin(<WalletApp port={port} />);
