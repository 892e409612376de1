/** A server before a real relay that bends what it answers: the relay of a liar, for the tests. */
import { createServer, type Server, type ServerResponse } from "node:http";
import { assert } from "../codec/assert.ts";

async function answer(
  relay: string,
  path: string,
  bend: Bend,
  response: ServerResponse,
): Promise<void> {
  const answer = await fetch(relay + path);
  const body = bend(path, Buffer.from(await answer.arrayBuffer()));
  response.statusCode = body === undefined ? 404 : answer.status;
  response.end(body);
}

/** What is answered in place of `body`; `undefined`: 404. */
export type Bend = (path: string, body: Buffer) => Uint8Array | undefined;

export class BentRelay {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async before(relay: string, bend: Bend): Promise<BentRelay> {
    const server = createServer((request, response) => {
      // A relay that is being closed answers nothing; nor do we.
      answer(relay, request.url ?? "/", bend, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    assert(typeof bound === "object" && bound !== null, "it listens on a port");
    return new BentRelay(server, `http://127.0.0.1:${bound.port}`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}
