/**
 * What `signet proxy-config` prints, run: nginx, Caddy, PHP and a Worker's fetch before a real
 * relay. Each carries the relay's whole transcript but for the dock's part, tells the relay nothing
 * of who asks, and passes nothing but the relay's own paths. What is not installed is skipped.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { freePort, signetCommand } from "../testing/exchange.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { runTranscript } from "../testing/transcript.ts";
import { readBody } from "../relay/body.ts";

type Proxy = { readonly url: string; readonly close: () => Promise<void> };
type Kind = {
  readonly name: string;
  readonly file: string;
  /** The program, and how to look whether it is there. */
  readonly program: string | undefined;
  readonly missing: string;
  readonly start: (dir: string, port: number) => readonly string[];
};

let base: string;

before(() => {
  base = mkdtempSync(join(tmpdir(), "signet-proxies-"));
});

after(() => rmSync(base, { recursive: true }));

function installed(names: readonly string[], word: string): string | undefined {
  return names.find((name) => spawnSync(name, [word]).status === 0);
}

const kinds: readonly Kind[] = [
  {
    name: "nginx",
    file: "signet.conf",
    program: installed(["nginx", "/usr/sbin/nginx"], "-v"),
    missing: "NGINX IS NOT INSTALLED: apt-get install nginx-light",
    start: (dir) => {
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
      const lines = temporary.map((name) => `${name}_temp_path ${dir}/${name};`).join("\n");
      const head = `daemon off;\nmaster_process off;\npid ${dir}/pid;\nerror_log ${dir}/error.log;`;
      const http = `http {\n${lines}\ninclude ${dir}/signet.conf;\n}`;
      writeFileSync(join(dir, "nginx.conf"), `${head}\nevents {}\n${http}\n`);
      return ["-p", dir, "-c", join(dir, "nginx.conf"), "-e", join(dir, "error.log")];
    },
  },
  {
    name: "caddy",
    file: "Caddyfile",
    program: installed(["caddy"], "version"),
    missing: "CADDY IS NOT INSTALLED: apt-get install caddy",
    start: (dir) => ["run", "--adapter", "caddyfile", "--config", join(dir, "Caddyfile")],
  },
  {
    name: "php",
    file: "index.php",
    program: installed(["php"], "-v"),
    missing: "PHP IS NOT INSTALLED: apt-get install php-cli",
    start: (dir, port) => {
      const settings = ["-d", "enable_post_data_reading=0"];
      return [...settings, "-S", `127.0.0.1:${port}`, join(dir, "index.php")];
    },
  },
];

/** The text for a relay, as the command line prints it. */
function printed(server: string, relay: string): string {
  const [node, signet] = signetCommand;
  const words = [signet, "proxy-config", server, "--relay", relay, "--home", join(base, "none")];
  const ended = spawnSync(node, words, { encoding: "utf8" });
  assert.equal(ended.status, 0, ended.stderr);
  return ended.stdout;
}

async function startProxy(kind: Kind, relay: string): Promise<Proxy> {
  const port = await freePort();
  const dir = mkdtempSync(join(base, `${kind.name}-`));
  const text = printed(kind.name, relay)
    .replace("listen 8080;", `listen 127.0.0.1:${port};`)
    .replaceAll("http://:8080", `http://127.0.0.1:${port}`);
  writeFileSync(join(dir, kind.file), text);
  mkdirSync(join(dir, "home"));
  const env = { PATH: process.env["PATH"], HOME: join(dir, "home"), PHP_CLI_SERVER_WORKERS: "4" };
  const words = kind.start(dir, port);
  const child = spawn(kind.program ?? "", words, { stdio: "ignore", env, detached: true });
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilAnswers(`${url}/v1/relay`);
  } catch (cause) {
    await ended(child);
    throw cause;
  }
  return { url, close: () => ended(child) };
}

/** Its workers with it. */
async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  process.kill(-(child.pid ?? process.pid), "SIGKILL");
  await gone;
}

async function untilAnswers(address: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if ((await fetch(address).catch(() => undefined))?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`couldn't reach ${address}`);
}

/** A Worker's host: hands each request to the module, as fetch has them. */
async function startWorker(relay: string): Promise<Proxy> {
  const file = join(mkdtempSync(join(base, "worker-")), "worker.mjs");
  writeFileSync(file, printed("worker", relay));
  const module: { default: { fetch: (request: Request) => Promise<Response> } } = await import(
    pathToFileURL(file).href
  );
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
    const method = incoming.method ?? "GET";
    const asks = method === "GET" || method === "HEAD";
    const body = asks ? {} : { body: new Uint8Array(await readBody(incoming, 10_000_000)) };
    const url = `http://${incoming.headers.host}${incoming.url}`;
    const said = await module.default.fetch(new Request(url, { method, headers, ...body }));
    outgoing.writeHead(said.status, Object.fromEntries(said.headers));
    outgoing.end(Buffer.from(await said.arrayBuffer()));
  };
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

/** The page's own files are not the relay's business: its first page passes, no more. */
function transcript(): string {
  const text = readFileSync(new URL("../relay/relay.http.txt", import.meta.url), "utf8");
  return text.replaceAll(/^GET \/(?:style\.css|refresh\.js|icon\.svg)\n(?:[a-z>].*\n)*/gm, "");
}

async function carriesTheTranscript(start: (relay: string) => Promise<Proxy>): Promise<void> {
  const world = await RelayWorld.start();
  const proxy = await start(world.relay.address);
  try {
    const stage = { ...world.stage(proxy.url), dockAddress: world.relay.address };
    assert.ok((await runTranscript(transcript(), stage)) > 60);
  } finally {
    await proxy.close();
    await world.close();
  }
}

/** What a relay sees of a request. */
type Seen = { readonly line: string; readonly headers: string; readonly body: Buffer };

const telling = {
  "accept-language": "mark-language",
  authorization: "mark-authorization",
  cookie: "mark=cookie",
  forwarded: "for=mark-forwarded",
  origin: "http://mark-origin",
  referer: "http://mark-referer/",
  "user-agent": "mark-agent",
  "x-forwarded-for": "mark-address",
  "x-real-ip": "mark-address",
};

async function tellsNothing(start: (relay: string) => Promise<Proxy>): Promise<void> {
  const seen: Seen[] = [];
  const relay = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const line = `${incoming.method} ${incoming.url}`;
      const headers = incoming.rawHeaders.join("\n");
      seen.push({ line, headers, body: Buffer.concat(parts) });
      outgoing.writeHead(202, { "cache-control": "no-store" }).end(`answer ${seen.length}`);
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const address = relay.address();
  assert.ok(typeof address === "object" && address !== null);
  const proxy = await start(`http://127.0.0.1:${address.port}`);
  try {
    seen.length = 0;
    const { port } = new URL(proxy.url);
    const ask = async (method: string, path: string, body?: Uint8Array): Promise<number> =>
      (await raw(Number(port), { method, path, body, headers: telling })).status;
    // The first answer is not the second's: nothing is cached.
    for (const expected of ["answer 1", "answer 2"]) {
      const { body } = await raw(Number(port), { method: "GET", path: "/v1/relay", headers: {} });
      assert.equal(body, expected);
    }
    const letter = Buffer.from(Array.from({ length: 140_000 }, (_, i) => (i * 7) % 256));
    assert.equal(await ask("POST", "/v1/letters?wait=0", letter), 202);
    assert.deepEqual(seen.at(-1)?.body, letter, "not one byte is another");
    assert.equal(await ask("GET", "/feeds/trades.atom"), 202);
    assert.equal(await ask("GET", "/"), 202);
    assert.deepEqual(
      seen.slice(2).map(({ line }) => line),
      ["POST /v1/letters?wait=0", "GET /feeds/trades.atom", "GET /"],
    );
    for (const { headers } of seen) {
      assert.doesNotMatch(headers, /mark|x-forwarded|forwarded|x-real-ip|127\.0\.0\.1(?!:)/i);
    }
    const before = seen.length;
    for (const path of ["/admin", "/v1", "/v1x", "/v1/../admin", "/v1/..%2fadmin"]) {
      assert.ok([400, 404].includes(await ask("GET", path)), path);
    }
    // Caddy 2.6 says 502 of what it cut off.
    const cut = await ask("POST", "/v1/letters", Buffer.alloc(600_000));
    assert.ok([413, 502].includes(cut), String(cut));
    assert.equal(seen.length, before, "what is not the relay's did not reach it");
  } finally {
    await proxy.close();
    relay.closeAllConnections();
    relay.close();
  }
}

/** A request as it is said, without the tidying that fetch does to paths. */
async function raw(
  port: number,
  ask: {
    readonly method: string;
    readonly path: string;
    readonly headers: Record<string, string>;
    readonly body?: Uint8Array | undefined;
  },
): Promise<{ readonly status: number; readonly body: string }> {
  const { method, path, headers, body } = ask;
  const length = body === undefined ? {} : { "content-length": String(body.length) };
  const all = { ...headers, ...length };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers: all }, resolve);
    sent.on("error", reject).end(body);
  });
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(Buffer.from(part));
  return { status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString() };
}

for (const kind of kinds) {
  const skip = kind.program === undefined && kind.missing;
  const start = (relay: string): Promise<Proxy> => startProxy(kind, relay);
  test(`${kind.name}: the transcript`, { skip }, () => carriesTheTranscript(start));
  test(`${kind.name}: tells the relay nothing`, { skip }, () => tellsNothing(start));
}

test("worker: the transcript", () => carriesTheTranscript(startWorker));
test("worker: tells the relay nothing", () => tellsNothing(startWorker));

test("nothing but an address gets into a file", () => {
  const [node, signet] = signetCommand;
  const bad = [
    ["apache"],
    ["nginx", "--relay", "https://relay.example/path"],
    ["nginx", "--relay", "https://a:b@relay.example"],
    ["nginx", "--relay", "file:///etc/passwd"],
    ["php", "--relay", "https://relay.example;'"],
    ["caddy", "--relay", "https://a.example", "--relay", "https://b.example"],
  ];
  for (const words of bad) {
    const ended = spawnSync(node, [signet, "proxy-config", ...words], { encoding: "utf8" });
    assert.equal(ended.status, 2, words.join(" "));
    assert.match(ended.stderr, /E100/);
  }
});

test("each says what it can and cannot do", () => {
  for (const name of readdirSync(new URL("proxies", import.meta.url))) {
    const text = readFileSync(new URL(`proxies/${name}`, import.meta.url), "utf8");
    assert.match(text, /can do: see the addresses/, name);
    assert.match(text, /What it cannot: read a letter/, name);
    assert.ok(/^[ -~\s]*$/.test(text), `${name} is ASCII`);
  }
});
