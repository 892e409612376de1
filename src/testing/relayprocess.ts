/**
 * A stranger's relay: the product's, in a process of its own, in a folder of its own, with nothing
 * but what anybody knows of the exchange and a receipt key of its own.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { toBase64 } from "../codec/bytes.ts";
import { verifierKey } from "../log/note.ts";
import { freePort } from "./exchange.ts";

const patienceMs = 20_000;

const program = `
  import { createPrivateKey } from "node:crypto";
  import { readFileSync } from "node:fs";
  import { startRelay } from "./src/relay/server.ts";
  const [dir, port, exchange, logKey, dockKey] = process.argv.slice(1);
  const key = createPrivateKey(readFileSync(dir + "/relay.key"));
  const where = { dir, name: "birch", host: "127.0.0.1", port: Number(port) };
  const dock = new Uint8Array(Buffer.from(dockKey, "base64"));
  await startRelay({ ...where, exchange, logKey, dockKey: dock, key });`;

export class RelayProcess {
  readonly url: string;
  /** As relays.conf and the card have it. */
  readonly verifier: string;
  readonly #child: ChildProcess;

  private constructor(url: string, verifier: string, child: ChildProcess) {
    this.url = url;
    this.verifier = verifier;
    this.#child = child;
  }

  /** Starts one in `dir` for the exchange that was founded in the other folder. */
  static async start(dir: string, exchangeDir: string): Promise<RelayProcess> {
    mkdirSync(dir, { mode: 0o700 });
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(join(dir, "relay.key"), pem, { mode: 0o600 });
    const text = (path: string): string => readFileSync(join(exchangeDir, path), "utf8").trim();
    const dock = createPublicKey(createPrivateKey(text("dock/relays.key")));
    const port = await freePort();
    const words = [dir, String(port), text("exchange"), text("log.vkey"), toBase64(rawOf(dock))];
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, "--", ...words], {
      cwd: join(import.meta.dirname, "..", ".."),
      stdio: "ignore",
    });
    const url = `http://127.0.0.1:${port}`;
    for (const end = Date.now() + patienceMs; ; await sleep(50)) {
      const isUp = await fetch(`${url}/v1/checkpoint`).then(
        () => true,
        () => false,
      );
      if (isUp) return new RelayProcess(url, verifierKey("birch", rawOf(publicKey)), child);
      if (Date.now() > end || child.exitCode !== null) throw new Error("couldn't start a relay");
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }
}

/** The 32 bytes of a public Ed25519 key. */
function rawOf(key: ReturnType<typeof createPublicKey>): Uint8Array {
  return new Uint8Array(Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url"));
}
