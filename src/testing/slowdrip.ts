/** A server before a relay that drips some answers, a byte at a time, for ever. */
import { createServer, type Server } from "node:http";
import { assert } from "../codec/assert.ts";

const dripMs = 200;

export class SlowDrip {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  /** Drips what `isDripped` names; all else is the relay's. */
  static async before(relay: string, isDripped: (path: string) => boolean): Promise<SlowDrip> {
    const server = createServer((request, response) => {
      const path = request.url ?? "/";
      if (!isDripped(path)) {
        const pass = async (): Promise<void> => {
          const answer = await fetch(relay + path);
          const type = answer.headers.get("content-type") ?? "text/plain";
          response.writeHead(answer.status, { "content-type": type, ...cors });
          response.end(Buffer.from(await answer.arrayBuffer()));
        };
        pass().catch(() => response.destroy());
        return;
      }
      response.writeHead(200, { "content-type": "text/plain", ...cors });
      const dripping = setInterval(() => response.write(" "), dripMs);
      response.on("close", () => clearInterval(dripping));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    assert(typeof bound === "object" && bound !== null, "it listens on a port");
    return new SlowDrip(server, `http://127.0.0.1:${bound.port}`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

const cors = { "access-control-allow-origin": "*" };
