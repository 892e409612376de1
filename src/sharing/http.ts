/**
 * A small HTTP server for a few routes: bounded bodies, JSON answers, problems by name. It sets no
 * cookie and remembers nothing of who asks. What a page in a browser sends (it has an `Origin`) is
 * refused: no page of a stranger shall speak to what listens on this machine alone.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { printJson } from "./json.ts";
import { type ProblemCode, problemOf } from "./problem.ts";

export type Asked = {
  readonly method: "GET" | "POST";
  /** Between the slashes. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
};

export type Answer =
  | { readonly status: number; readonly json: unknown }
  | { readonly code: ProblemCode; readonly detail: string };

export type Route = (asked: Asked) => Promise<Answer>;

export type HttpServer = { readonly url: string; readonly close: () => Promise<void> };

/** What is read and thrown away at most, so that the answer is not lost behind a proxy. */
const drainMax = 1_048_576;

export async function serveHttp(
  route: Route,
  {
    host,
    port,
    bodyMax,
    say,
  }: {
    readonly host: string;
    readonly port: number;
    readonly bodyMax: number;
    readonly say: (sentence: string) => void;
  },
): Promise<HttpServer> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 });
  server.maxConnections = 1000;
  server.on("request", (request, response) => {
    void respond(request, response, { route, bodyMax, say });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new Error(`couldn't listen on ${host}:${port}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const open = typeof address === "object" && address !== null ? address.port : port;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://${host.includes(":") ? `[${host}]` : host}:${open}`, close };
}

type Serving = {
  readonly route: Route;
  readonly bodyMax: number;
  readonly say: (sentence: string) => void;
};

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  serving: Serving,
): Promise<void> {
  const isPage = request.headers.origin !== undefined;
  try {
    const answer = isPage ? foreignPage : await answerOf(request, serving);
    if ("code" in answer) {
      const { status, body } = problemOf(answer.code, answer.detail);
      if (status === 429) response.setHeader("retry-after", "1");
      send(response, status, "application/problem+json", printJson(body));
    } else {
      send(response, answer.status, "application/json", printJson(answer.json));
    }
  } catch {
    // Whoever asked has gone.
    response.destroy();
  }
}

const foreignPage = {
  code: "origin_unknown",
  detail: "a request with an Origin comes from a page",
} as const;

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(text);
}

async function answerOf(request: IncomingMessage, serving: Serving): Promise<Answer> {
  const { method } = request;
  const text = request.url ?? "/";
  const url = URL.canParse(text, "http://node") ? new URL(text, "http://node") : undefined;
  if (url === undefined) return { code: "path_unknown", detail: "the path is no path" };
  if (method !== "GET" && method !== "POST") {
    return { code: "method_unknown", detail: "GET and POST are all" };
  }
  const body = method === "POST" ? await bodyOf(request, serving.bodyMax) : new Uint8Array(0);
  if (body === undefined) {
    return { code: "share_too_large", detail: `more than ${serving.bodyMax} bytes` };
  }
  const path = url.pathname.split("/").slice(1);
  try {
    return await serving.route({ method, path, query: url.searchParams, body });
  } catch (cause) {
    serving.say(`couldn't answer ${method} ${url.pathname}: ${reasonsOf(cause)}`);
    return { code: "node_failing", detail: "something that this node needs failed" };
  }
}

/** The sentences of an error and of what caused it. */
export function reasonsOf(cause: unknown): string {
  const reasons: string[] = [];
  for (let at: unknown = cause; at instanceof Error; at = at.cause) reasons.push(at.message);
  return reasons.join(": ") || "something failed";
}

/** The body; `undefined` if there is more. */
async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) throw new Error("a body is bytes");
    size += chunk.length;
    if (size > drainMax) throw new Error("far too much was sent");
    if (size <= bytesMax) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > bytesMax ? undefined : new Uint8Array(Buffer.concat(chunks));
}
