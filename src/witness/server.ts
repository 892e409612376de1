/**
 * A witness over HTTP (C2SP tlog-witness, docs/spec/log.md §9): one path, one method. Whoever asks
 * is nobody in particular: what counts is the log's signature. Everything that comes is bounded in
 * size and time, and nothing of it is kept but the checkpoint.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { assert } from "../codec/assert.ts";
import { parseAddCheckpoint, requestBytesMax, type WitnessRefusal } from "../log/addcheckpoint.ts";
import { decodeNote, encodeNote } from "../log/note.ts";
import type { WitnessMemory } from "./memory.ts";

const connectionsMax = 256;
const requestMs = 10_000;
const plain = "text/plain; charset=utf-8";
/** How C2SP names an answer that is nothing but a size. */
const sizeType = "text/x.tlog.size";

const statuses: { readonly [Name in WitnessRefusal]: number } = {
  request_too_long: 413,
  request_malformed: 400,
  origin_unknown: 404,
  checkpoint_unsigned: 403,
  checkpoint_malformed: 400,
  old_above_size: 400,
  old_size_differs: 409,
  root_differs: 409,
  proof_wrong: 422,
};

export type WitnessServer = {
  /** `http://HOST:PORT`. */
  readonly address: string;
  close(): Promise<void>;
};

/** Starts it; when it returns, the witness answers. */
export async function startWitness(
  memory: WitnessMemory,
  where: { readonly host: string; readonly port: number },
): Promise<WitnessServer> {
  const server = createServer({ requestTimeout: requestMs, headersTimeout: requestMs });
  server.maxConnections = connectionsMax;
  server.keepAliveTimeout = requestMs;
  server.on("request", (request, response) => {
    answer(memory, request, response).catch((cause: unknown) => {
      // Whoever went away needs no answer; a disk that fails gets nobody a cosignature.
      if (!request.destroyed) console.error("witness: a request failed:", cause);
      if (response.headersSent) response.destroy();
      else send(response, 503, plain, "the witness failed\n");
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new Error(`couldn't listen on ${where.host}:${where.port}`, { cause })),
    );
    server.listen(where.port, where.host, resolve);
  });
  const bound = server.address();
  assert(typeof bound === "object" && bound !== null, "it listens on a port");
  const host = where.host.includes(":") ? `[${where.host}]` : where.host;
  return {
    address: `http://${host}:${bound.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  memory: WitnessMemory,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.url !== "/add-checkpoint") {
    return send(response, 404, plain, "path_unknown: a witness answers to /add-checkpoint\n");
  }
  if (request.method !== "POST") {
    response.setHeader("allow", "POST");
    return send(response, 405, plain, "method_unknown: POST it\n");
  }
  const body = await readBody(request);
  if (body === undefined) {
    response.setHeader("connection", "close");
    const detail = `more than ${requestBytesMax} bytes`;
    return refuseTo(response, { name: "request_too_long", detail }, memory.size);
  }
  const text = decodeNote(body);
  if (text === undefined) {
    const detail = "neither ASCII nor a signature's dash";
    return refuseTo(response, { name: "request_malformed", detail }, memory.size);
  }
  const read = parseAddCheckpoint(text);
  if (!read.ok) return refuseTo(response, read, memory.size);
  const cosigned = memory.cosign(read.value, Math.floor(Date.now() / 1000));
  if (!cosigned.ok) return refuseTo(response, cosigned, memory.size);
  return send(response, 200, plain, cosigned.value);
}

/** The whole body; `undefined` if it is too long. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    const chunk: unknown = part;
    assert(chunk instanceof Buffer, "a request's body is bytes");
    bytes += chunk.length;
    if (bytes > requestBytesMax) return undefined;
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

function refuseTo(
  response: ServerResponse,
  refusal: { readonly name: WitnessRefusal; readonly detail: string },
  size: number,
): void {
  const status = statuses[refusal.name];
  if (status === 409) return send(response, status, sizeType, `${size}\n`);
  return send(response, status, plain, `${refusal.name}: ${refusal.detail}\n`);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(encodeNote(text));
}
