/**
 * JSON-RPC 2.0 over HTTP on loopback, batches included, for whatever answers a method: enough for
 * wallets and libraries. Pages of this machine and a browser's wallet may ask as well (CORS); pages
 * of other places get nothing (devlimits.ts): what is here has no worth, but this machine has.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { field, isHex } from "./answers.ts";
import { type Unanswered, whyNotFrom, whyNotOf, withinLimits } from "./devlimits.ts";

const requestBytesMax = 4 * 1024 * 1024;
const batchMax = 1000;
const connectionsMax = 256;
/** Requests under way at once; of a batch one method at a time. */
const requestsMax = 64;

/** Does one method; throws whatever it cannot. */
export type Answering = (method: string, params: readonly unknown[]) => Promise<unknown>;

export type DevServer = { readonly url: string; readonly close: () => Promise<void> };

/** Serves; nothing of it keeps the process alive. */
export async function serveRpc(answer: Answering, port: number): Promise<DevServer> {
  let underWay = 0;
  const server = createServer((request, response) => {
    underWay += 1;
    response.once("close", () => {
      underWay -= 1;
    });
    const isBusy = underWay > requestsMax;
    void respond(request, response, { answer, isBusy });
  });
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new Error(`couldn't open port ${port} for the development chain`, { cause }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  server.unref();
  const address = server.address();
  const open = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${open}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { answer, isBusy }: { readonly answer: Answering; readonly isBusy: boolean },
): Promise<void> {
  try {
    const stranger = whyNotFrom(request.headers);
    if (stranger !== undefined) return refuseWith(response, stranger);
    const { origin } = request.headers;
    if (origin !== undefined) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("access-control-allow-headers", "content-type");
      response.setHeader("access-control-allow-methods", "POST");
      response.setHeader("vary", "origin");
    }
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    if (request.method !== "POST") return refuseWith(response, { status: 405, why: "POST it" });
    const wrong = isBusy ? busy : whyNotOf(request.headers);
    if (wrong !== undefined) return refuseWith(response, wrong);
    const text = JSON.stringify(await answered(await bodyOf(request), answer));
    response.writeHead(200, { "content-type": "application/json" }).end(text);
  } catch {
    // Whoever asked has gone, or sent too much.
    response.destroy();
  }
}

const busy: Unanswered = { status: 503, why: `more than ${requestsMax} requests at once` };

function refuseWith(response: ServerResponse, { status, why }: Unanswered): void {
  const text = JSON.stringify(failure(null, -32600, why));
  // What it goes on sending is not read.
  response.writeHead(status, { "content-type": "application/json", connection: "close" }).end(text);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) throw new Error("a body is bytes");
    size += chunk.length;
    if (size > requestBytesMax) throw new Error(`more than ${requestBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function answered(body: string, answer: Answering): Promise<unknown> {
  let asked: unknown;
  try {
    asked = JSON.parse(body);
  } catch {
    return failure(null, -32700, "this is not JSON");
  }
  if (!Array.isArray(asked)) return answerOne(asked, answer);
  if (asked.length === 0 || asked.length > batchMax) {
    return failure(null, -32600, `a batch holds 1 to ${batchMax} requests`);
  }
  const answers: unknown[] = [];
  for (const one of asked) answers.push(await answerOne(one, answer));
  return answers;
}

async function answerOne(asked: unknown, answer: Answering): Promise<unknown> {
  const [id, method] = [field(asked, "id") ?? null, field(asked, "method")];
  const params = field(asked, "params") ?? [];
  if (typeof method !== "string" || !Array.isArray(params)) {
    return failure(id, -32600, "a request has a method and a list of params");
  }
  try {
    return {
      jsonrpc: "2.0",
      id,
      result: (await answer(method, withinLimits(method, params))) ?? null,
    };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : "it failed";
    const code = field(cause, "code");
    const data = field(cause, "data");
    const found = [data, field(data, "data")].find(isHex);
    return failure(id, typeof code === "number" ? code : -32603, message, found);
  }
}

function failure(id: unknown, code: number, message: string, data?: string): object {
  const error = { code, message, ...(data === undefined ? {} : { data }) };
  return { jsonrpc: "2.0", id, error };
}
