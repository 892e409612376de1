/**
 * A relay: takes letters and says so under its signature, hands them to the dock, and serves what
 * the exchange publishes. Nobody trusts it (ARCHITECTURE.md): it holds no key that opens anything
 * and decides nothing.
 *
 * It keeps nothing about who asks: no cookie, no access log, no address. Everything that comes is
 * bounded in size and time before it is looked at.
 */
import type { KeyObject } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { fastify } from "fastify";
import type { FastifyError, FastifyInstance, FastifyRequest } from "fastify";
import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { tooLarge } from "../letter/envelope.ts";
import { parseVerifierKey } from "../log/note.ts";
import { keepAnswers } from "./answers.ts";
import { apiRoutes } from "./api.ts";
import { readBody, TooLong } from "./body.ts";
import { now, relaySigner, type Context } from "./context.ts";
import { catchUpRoutes } from "./catchup.ts";
import { Connections, limitsDefault, type ConnectionLimits } from "./connections.ts";
import { openDatabase } from "./database.ts";
import { dockRoutes, wakeDocks } from "./dock.ts";
import { feedRoutes } from "./feeds.ts";
import { readPages } from "./pages.ts";
import { Intake } from "./intake.ts";
import { Letters } from "./letters.ts";
import { Mirror } from "./mirror.ts";
import { describeRoutes } from "./openapi.ts";
import { sendProblem, sendUnfit } from "./problem.ts";
import { Toll } from "./postage.ts";
import { bodyBytesMax, receiveRoutes, refuseLetter } from "./receive.ts";
import { readsRoutes } from "./reads.ts";
import { ringRoutes } from "./rings.ts";
import { serveRoutes } from "./serve.ts";
import { tlogRoutes } from "./tlog.ts";
import { Progress } from "./progress.ts";
import { snapshotRoutes } from "./snapshotroutes.ts";
import { isStreamRequest, Stream, type StreamLimits } from "./stream.ts";
import { Waiters } from "./waiters.ts";

export type RelayOptions = {
  /** Its folder, made if it is not there. */
  readonly dir: string;
  /** Its name in receipts and in the exchange's card. */
  readonly name: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly exchange: Fingerprint;
  /** The exchange's log key, as a verifier key. */
  readonly logKey: string;
  /** The dock's raw Ed25519 public key. */
  readonly dockKey: Uint8Array;
  /** The relay's own Ed25519 private key: signs receipts. */
  readonly key: KeyObject;
  /** The address that customers know it by, if it stands behind another server. */
  readonly origin?: string;
  /** The folder of the built pages; without it, and where nothing was built, / is /plain. */
  readonly pages?: string;
  /** Bounds of the stream, where not the usual ones. */
  readonly stream?: Partial<StreamLimits>;
  /** Bounds of connections, where not the usual ones. */
  readonly connections?: Partial<ConnectionLimits>;
};

export type Relay = {
  /** `http://HOST:PORT`. */
  readonly address: string;
  /** The last publication that was applied; 0: none. */
  watermark(): number;
  /** The engine's time in the last tick that was applied; `undefined`: none. */
  tick(): Time | undefined;
  close(): Promise<void>;
};

/** Longer than the longest wait for a reply. */
const idleMs = 75_000;
const keepAliveMs = 10_000;
/** How often is looked who is too slow, milliseconds. */
const lookMs = 1000;
const docksMax = 16;
const sendersMax = 500;

/** Starts a relay; when it returns, the relay answers. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { dir, name, host, port, exchange, logKey, dockKey, key } = options;
  const log = parseVerifierKey(logKey);
  assert(log?.name.endsWith(`/${exchange}`) === true, "the log key is the exchange's");
  assert(dockKey.length === 32, "the dock's key is a raw Ed25519 public key");
  const database = openDatabase(dir);
  const letters = new Letters(database);
  letters.spent.forget(now());
  const docks = new Waiters(docksMax);
  const limits = { ...limitsDefault, ...options.connections };
  const customers = new Waiters(limits.waitingMax);
  const senders = new Waiters(sendersMax);
  const intake = new Intake(letters, () => wakeDocks({ docks }));
  let address = "";
  const context: Context = {
    exchange,
    log,
    dockKey,
    letters,
    docks,
    customers,
    senders,
    signer: relaySigner(name, key),
    origin: () => options.origin ?? address,
    intake,
    toll: new Toll({ exchange, logKey: log.publicKey, letters }, () => intake.length),
    mirror: new Mirror(database, exchange),
    progress: new Progress(name, process.stderr),
    pages: options.pages === undefined ? undefined : readPages(options.pages),
  };
  const app = makeServer(context, limits);
  const connections = new Connections(app.server, limits);
  const stream = new Stream(context.mirror, options.stream);
  stream.attach(app);
  try {
    address = await app.listen({ host, port });
  } catch (cause) {
    connections.close();
    database.close();
    throw new Error(`couldn't listen on ${host}:${port}`, { cause });
  }
  const close = async (): Promise<void> => {
    docks.close();
    customers.close();
    senders.close();
    await stream.close();
    await app.close();
    connections.close();
    database.close();
  };
  let closed: Promise<void> | undefined;
  return {
    address,
    watermark: () => context.mirror.watermark,
    tick: () => context.mirror.board.tick,
    close: () => (closed ??= close()),
  };
}

function makeServer(context: Context, limits: ConnectionLimits): FastifyInstance {
  const { headMs, requestMs } = limits;
  const app = fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    requestTimeout: requestMs,
    connectionTimeout: idleMs,
    keepAliveTimeout: Math.min(keepAliveMs, headMs),
    forceCloseConnections: true,
    exposeHeadRoutes: true,
    clientErrorHandler: answerNonsense,
    http: {
      headersTimeout: headMs,
      connectionsCheckingInterval: Math.min(lookMs, headMs),
      shouldUpgradeCallback: isStreamRequest,
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (request: FastifyRequest, payload: IncomingMessage) =>
    readBody(payload, request.routeOptions.bodyLimit),
  );
  app.addHook("onRequest", (_request, reply, done) => {
    // Anybody's page may read what is public; there is nothing here that a browser would add.
    reply.header("access-control-allow-origin", "*");
    reply.header("cache-control", "no-store");
    reply.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    reply.header("referrer-policy", "no-referrer");
    reply.header("x-content-type-options", "nosniff");
    done();
  });
  refuseEncodings(app, context);
  keepAnswers(app, context.mirror);
  describeRoutes(app);
  receiveRoutes(app, context);
  serveRoutes(app, context);
  tlogRoutes(app, context);
  readsRoutes(app, context);
  ringRoutes(app, context);
  feedRoutes(app, context);
  apiRoutes(app, context);
  snapshotRoutes(app, context);
  dockRoutes(app, context);
  catchUpRoutes(app, context);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, "path_unknown", `Nothing answers to ${request.method} here.`),
  );
  handleErrors(app, context);
  return app;
}

/** Nothing is ever unpacked here: a body that says it is packed is refused before it is read. */
function refuseEncodings(app: FastifyInstance, context: Context): void {
  app.addHook("onRequest", (request, reply, done) => {
    const coding = request.headers["content-encoding"] ?? "identity";
    if (/^identity$/i.test(coding)) return done();
    const detail = "No content coding is known here.";
    const name = "encoding_unknown";
    refuseLetter(context, reply.header("connection", "close"), {
      name,
      detail,
      ref: undefined,
      bytes: 0,
    });
  });
}

function handleErrors(app: FastifyInstance, context: Context): void {
  app.setErrorHandler<FastifyError | TooLong>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (error instanceof TooLong && request.routeOptions.method === "POST") {
      const { bytes } = error;
      // Not the bound of this route, which has room for a form: the letter's own.
      const { detail } = tooLarge(bytes);
      return refuseLetter(context, reply, { name: "too_large", detail, ref: undefined, bytes });
    }
    if ("validation" in error && error.validation !== undefined) {
      return sendUnfit(reply, error.validation[0]);
    }
    if (status === 413) return sendProblem(reply, "body_too_large", "More than is read here.");
    // Whoever hung up in the middle is nobody's failure, and hears nothing.
    const isGone = request.raw.destroyed && !request.raw.complete;
    if (status < 500 || isGone)
      return sendProblem(reply, "request_malformed", "It could not be read.");
    console.error(`relay ${context.signer.name}: a request failed:`, error);
    return sendProblem(reply, "request_failed", "Something broke here, not in your request.");
  });
}

/** What came was not HTTP, or came too slowly: one plain answer, and the connection ends. */
function answerNonsense(error: Error & { readonly code?: string }, socket: Socket): void {
  if (socket.destroyed || !socket.writable) return;
  const late = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const status = late ? "408 Request Timeout" : "400 Bad Request";
  const title = late ? "The request came too slowly." : "This is not HTTP.";
  const problem = { title, status: late ? 408 : 400, code: "request_malformed" };
  const body = `${JSON.stringify(problem)}\n`;
  const head = [
    `HTTP/1.1 ${status}`,
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
