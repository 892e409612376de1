/**
 * JSON-RPC 2.0 over HTTP on loopback, batches included, for whatever answers a method: enough for
 * wallets and libraries. Pages may ask as well (CORS): a browser's wallet is a page, and there is
 * nothing here that has a worth.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { field, isHex } from "./answers.ts";

const requestBytesMax = 4 * 1024 * 1024;
const batchMax = 1000;

/** Does one method; throws whatever it cannot. */
export type Answering = (method: string, params: readonly unknown[]) => Promise<unknown>;

export type DevServer = { readonly url: string; readonly close: () => Promise<void> };

/** Serves; nothing of it keeps the process alive. */
export async function serveRpc(answer: Answering, port: number): Promise<DevServer> {
  const server = createServer((request, response) => {
    void respond(request, response, answer);
  });
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
  answer: Answering,
): Promise<void> {
  const headers = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "content-type",
    "access-control-allow-methods": "POST",
    // A page from elsewhere that asks this machine: browsers want to hear that it may.
    "access-control-allow-private-network": "true",
  };
  try {
    if (request.method === "OPTIONS") return void response.writeHead(204, headers).end();
    const body = request.method === "POST" ? await bodyOf(request) : undefined;
    if (body === undefined) return void response.writeHead(405, headers).end();
    const text = JSON.stringify(await answered(body, answer));
    response.writeHead(200, { ...headers, "content-type": "application/json" }).end(text);
  } catch {
    // Whoever asked has gone, or sent too much.
    response.destroy();
  }
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
  return Promise.all(asked.map((one: unknown) => answerOne(one, answer)));
}

async function answerOne(asked: unknown, answer: Answering): Promise<unknown> {
  const [id, method] = [field(asked, "id") ?? null, field(asked, "method")];
  const params = field(asked, "params") ?? [];
  if (typeof method !== "string" || !Array.isArray(params)) {
    return failure(id, -32600, "a request has a method and a list of params");
  }
  try {
    return { jsonrpc: "2.0", id, result: (await answer(method, params)) ?? null };
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
