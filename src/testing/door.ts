/** A door before a server on loopback: shut, everybody is sent away; open, it lets them through. */
import { connect, createServer, type Server, type Socket } from "node:net";

export class Door {
  readonly url: string;
  isOpen = false;
  /** How often somebody came while it was shut. */
  turnedAway = 0;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(url: string, server: Server, sockets: Set<Socket>) {
    this.url = url;
    this.#server = server;
    this.#sockets = sockets;
  }

  /** Shut at first. */
  static async before(url: string): Promise<Door> {
    const { hostname, port } = new URL(url);
    const sockets = new Set<Socket>();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const own = typeof address === "object" ? address?.port : 0;
    const door = new Door(`http://127.0.0.1:${own}`, server, sockets);
    server.on("connection", (from) => {
      if (!door.isOpen) {
        door.turnedAway += 1;
        return void from.destroy();
      }
      const to = connect(Number(port), hostname);
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        sockets.add(one);
        one.on("error", () => other.destroy());
        one.once("close", () => {
          sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    return door;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
