/**
 * The stage for the wallet's screens (src/web/wallet/stage): built like the pages, served with the
 * policy that relays serve the wallet with, and nothing behind it.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { build } from "vite";

const web = join(import.meta.dirname, "..", "web");
const page = "wallet/stage/stage.html";
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; " +
  "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

export class Stage {
  readonly url: string;
  readonly #server: Server;
  readonly #dir: string;

  private constructor(url: string, server: Server, dir: string) {
    this.url = url;
    this.#server = server;
    this.#dir = dir;
  }

  static async open(): Promise<Stage> {
    const dir = mkdtempSync(join(tmpdir(), "signet-stage-"));
    await build({
      configFile: false,
      root: web,
      publicDir: false,
      logLevel: "error",
      oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
      build: {
        outDir: dir,
        target: "es2023",
        minify: false,
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        rolldownOptions: { input: [join(web, page)] },
      },
    });
    const server = createServer((asked, answer) => {
      const path = new URL(asked.url ?? "", "http://stage").pathname;
      const file = path === "/icon.svg" ? join(web, "icon.svg") : join(dir, path);
      if (!existsSync(file)) return answer.writeHead(404).end();
      const type = types[extname(file)] ?? "application/octet-stream";
      answer.writeHead(200, { "content-type": type, "content-security-policy": policy });
      return answer.end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("couldn't find the port");
    return new Stage(`http://127.0.0.1:${address.port}/${page}`, server, dir);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    rmSync(this.#dir, { recursive: true });
  }
}
