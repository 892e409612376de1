/**
 * A stranger's server in front of a relay, of the kind that customers meet: it sees every byte that
 * goes through it, keeps all of them, and does to them whatever a test says. Without a word it is a
 * faithful proxy.
 */
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { freePort, type TestExchange } from "./exchange.ts";

/** What a client asked. */
export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** What the relay said to it. */
export type Said = {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
  /** What a dock reads of it, beside. */
  readonly store?: string;
  /** What a browser reads of it: whether another page may ask this. */
  readonly allows?: Readonly<Record<string, string>>;
};

/** Passes a question on, or not; what comes back is said to the client, `undefined` hangs up. */
export type Meddle = (
  asked: Asked,
  forward: (asked: Asked) => Promise<Said>,
) => Promise<Said | undefined>;

/** One question and what the relay said to it. */
export type Crossing = { readonly asked: Asked; readonly said: Said };

const faithful: Meddle = (asked, forward) => forward(asked);

export class Front {
  readonly url: string;
  readonly relay: string;
  /** Everything that went through, in the order of the relay's answers. */
  readonly crossings: Crossing[] = [];
  meddle: Meddle = faithful;
  readonly #server: Server;

  private constructor(relay: string, port: number) {
    this.relay = relay;
    this.url = `http://127.0.0.1:${port}`;
    this.#server = createServer({ keepAlive: false }, (incoming, outgoing) => {
      const serve = async (): Promise<void> => {
        const said = await this.meddle(await readAsked(incoming), (asked) => this.#forward(asked));
        if (said === undefined) {
          outgoing.destroy();
          return;
        }
        const store = said.store === undefined ? {} : { "signet-store": said.store };
        const heads = { "content-type": said.type, ...said.allows, ...store };
        outgoing.writeHead(said.status, heads).end(said.body);
      };
      serve().catch(() => outgoing.destroy());
    });
  }

  /** Stands in front of a relay. */
  static async start(relay: string, meddle: Meddle = faithful): Promise<Front> {
    const port = await freePort();
    const front = new Front(relay, port);
    front.meddle = meddle;
    await new Promise<void>((resolve) => front.#server.listen(port, "127.0.0.1", resolve));
    return front;
  }

  /** From now on it only carries. */
  relent(): void {
    this.meddle = faithful;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #forward(asked: Asked): Promise<Said> {
    const { method, headers, body } = asked;
    const outward = { method, headers: { ...headers, host: new URL(this.relay).host } };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(`${this.relay}${asked.path}`, outward, resolve);
      sent.on("error", reject).end(body);
    });
    const type = answer.headers["content-type"] ?? "application/octet-stream";
    const store = answer.headers["signet-store"];
    const allows = Object.entries(answer.headers).flatMap(([name, value]) =>
      name.startsWith("access-control-") && typeof value === "string" ? [[name, value]] : [],
    );
    const said = {
      status: answer.statusCode ?? 0,
      type,
      body: await readAll(answer),
      allows: Object.fromEntries(allows),
      ...(typeof store === "string" ? { store } : {}),
    };
    this.crossings.push({ asked, said });
    return said;
  }
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

async function readAsked(incoming: IncomingMessage): Promise<Asked> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    const hop = ["connection", "host", "transfer-encoding", "content-length", "expect"];
    if (typeof value === "string" && !hop.includes(name)) headers[name] = value;
  }
  const body = await readAll(incoming);
  if (body.length > 0) headers["content-length"] = String(body.length);
  return { method: incoming.method ?? "GET", path: incoming.url ?? "/", headers, body };
}

/**
 * Has the exchange's card name these addresses instead of its relays': customers who read the card
 * go through the fronts, the dock does not. Holds until the exchange is started the next time.
 */
export async function nameInCard(
  exchange: TestExchange,
  urls: ReadonlyMap<string, string>,
): Promise<void> {
  const path = join(exchange.dir, "island/island.conf");
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .map((line) => {
      const [word, name = "", url, key] = line.split(" ");
      return word === "relay" ? `relay ${name} ${urls.get(name) ?? url} ${key}` : line;
    });
  writeFileSync(path, lines.join("\n"));
  exchange.killIsland();
  await exchange.until(async () => {
    const card = await (await fetch(`${exchange.url}/v1/exchange/card`)).text();
    return [...urls.values()].every((url) => card.includes(`${url} `));
  }, 20_000);
}
