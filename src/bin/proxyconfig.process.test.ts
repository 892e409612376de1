/**
 * What `signet proxy-config` prints, run: nginx, Caddy, PHP and a Worker's fetch before a real
 * relay. Each carries the relay's whole transcript but for the dock's part, tells the relay nothing
 * of who asks, and passes nothing but the relay's own paths. What is not installed is skipped.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer as createTcpServer } from "node:net";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { freePort, signetCommand } from "../testing/exchange.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { smuggled, standing } from "../testing/smuggled.ts";
import { runTranscript } from "../testing/transcript.ts";
import { readBody } from "../relay/body.ts";

const transcript = readFileSync(new URL("../relay/relay.http.txt", import.meta.url), "utf8");

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

async function carriesTheTranscript(start: (relay: string) => Promise<Proxy>): Promise<void> {
  const world = await RelayWorld.start();
  const proxy = await start(world.relay.address);
  try {
    const stage = { ...world.stage(proxy.url), dockAddress: world.relay.address };
    assert.ok((await runTranscript(transcript, stage)) > 60);
  } finally {
    await proxy.close();
    await world.close();
  }
}

const paths = [
  "/ /wallet /explain /plain /plain.css /icon.svg /build.txt /assets/index-C-Bia_pX.js /mpex/",
  "/feeds/trades.atom /mpex/mpex-rss.php /mpex-vwap.php /checkpoint /tile/0/x001/067",
  "/v1/log/tile/1/004.p/43",
].flatMap((line) => line.split(" "));

/** What a relay sees of a request. */
type Seen = { readonly line: string; readonly headers: string; readonly body: Buffer };

const telling = {
  "accept-language": "mark-language",
  "if-none-match": '"mark-tag"',
  "sec-fetch-site": "mark-site",
  "sec-ch-ua": "mark-browser",
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
    for (const path of paths) assert.equal(await ask("GET", path), 202, path);
    assert.deepEqual(
      seen.slice(2).map(({ line }) => line),
      ["POST /v1/letters?wait=0", ...paths.map((path) => `GET ${path}`)],
    );
    const paid = { method: "GET", path: "/v1/relay", headers: { postage: "ticket x" } };
    await raw(Number(port), paid);
    assert.match(seen.at(-1)?.headers ?? "", /postage\nticket x/i);
    for (const { headers } of seen) {
      assert.doesNotMatch(headers, /mark|x-forwarded|forwarded|x-real-ip|127\.0\.0\.1(?!:)/i);
    }
    const before = seen.length;
    const strange = ["/admin", "/v1", "/v1x", "/v1/../admin", "/v1/..%2fadmin", "/assets"];
    for (const path of [...strange, "/assets/..%2f..%2fx", "/walletx", "/wallet/x", "/x.txt/y"]) {
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

/** A book and its diffs through the proxy, which tells the relay nothing there either. */
async function carriesTheStream(start: (relay: string) => Promise<Proxy>): Promise<void> {
  const world = await RelayWorld.start();
  const seen: string[] = [];
  // What the relay is asked, on its way.
  const tap = createTcpServer((from) => {
    const to = connect(Number(new URL(world.relay.address).port), "127.0.0.1");
    from.on("data", (data) => seen.push(data.toString("latin1")));
    for (const each of [from, to]) each.on("error", () => undefined);
    from.pipe(to).pipe(from);
  });
  await new Promise<void>((resolve) => tap.listen(0, "127.0.0.1", resolve));
  const address = tap.address();
  assert.ok(typeof address === "object" && address !== null);
  const proxy = await start(`http://127.0.0.1:${address.port}`);
  try {
    const market = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8";
    await world.put(1, world.publisher.publish({ leaves: [market] }));
    seen.length = 0;
    // Node's own takes headers beside what a browser's does.
    const init = { headers: telling } as unknown as string[];
    const socket = new WebSocket(`${proxy.url.replace("http", "ws")}/v1/stream`, init);
    const heard: string[] = [];
    socket.addEventListener("message", ({ data }) => heard.push(String(data)));
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    socket.send('{"subscribe":"book","market":"GLD/BTC"}');
    const has = async (count: number): Promise<void> => {
      for (let i = 0; heard.length < count; i += 1) {
        assert.ok(i < 500, `${heard.length} messages came`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await has(2);
    await world.put(2, world.publisher.publish({ leaves: ["LEVEL|GLD/BTC|buy|4205|30"] }));
    await has(3);
    assert.match(heard[2] ?? "", /"type":"diff".*"0\.04205"/);
    assert.equal(socket.extensions, "");
    socket.close();
    const asked = seen.join("");
    assert.match(asked, /^GET \/v1\/stream HTTP\/1\.1\r\n/);
    assert.doesNotMatch(asked, /mark|forwarded|x-real-ip/i);
  } finally {
    await proxy.close();
    tap.close();
    await world.close();
  }
}

for (const kind of kinds.filter(({ name }) => name !== "php")) {
  const skip = kind.program === undefined && kind.missing;
  const start = (relay: string): Promise<Proxy> => startProxy(kind, relay);
  test(`${kind.name}: the stream`, { skip }, () => carriesTheStream(start));
}

test("worker: the stream is the host's to join", async () => {
  const file = join(mkdtempSync(join(base, "worker-")), "worker.mjs");
  writeFileSync(file, printed("worker", "https://relay.example"));
  const module: { default: { fetch: (request: unknown) => Promise<unknown> } } = await import(
    pathToFileURL(file).href
  );
  const joined = { status: 101, webSocket: {} };
  const honest = globalThis.fetch;
  const seen: unknown[] = [];
  // Node's fetch cannot upgrade: this is how hosts that can behave.
  globalThis.fetch = (...asked) => {
    seen.push(asked);
    return Promise.resolve(Object(joined));
  };
  try {
    const headers = new Map([["upgrade", "websocket"], ...Object.entries(telling)]);
    const url = "https://proxy.example/v1/stream";
    assert.equal(await module.default.fetch({ method: "GET", url, headers }), joined);
    const asked = ["https://relay.example/v1/stream", { headers: { upgrade: "websocket" } }];
    assert.deepEqual(seen, [asked]);
  } finally {
    globalThis.fetch = honest;
  }
});

test(
  "nginx: what two servers might read differently passes as one, or not at all",
  {
    skip: kinds[0]?.program === undefined && "NGINX IS NOT INSTALLED: apt-get install nginx-light",
  },
  async () => {
    const lines: string[] = [];
    const relay = createServer((incoming, outgoing) => {
      lines.push(`${incoming.method} ${incoming.url}`);
      incoming.resume().on("end", () => outgoing.end(`asked ${incoming.url}`));
    });
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    const address = relay.address();
    assert.ok(typeof address === "object" && address !== null && kinds[0] !== undefined);
    const proxy = await startProxy(kinds[0], `http://127.0.0.1:${address.port}`);
    const { port } = new URL(proxy.url);
    try {
      for (const [what, text] of Object.entries({ ...smuggled, ...standing })) {
        lines.length = 0;
        const socket = connect(Number(port), "127.0.0.1");
        let answer = "";
        socket.on("data", (data) => (answer += data.toString("latin1")));
        socket.on("error", () => undefined);
        const gone = new Promise((resolve) => socket.once("close", resolve));
        socket.write(text);
        setTimeout(() => socket.end(), 150);
        await gone;
        const answers = answer.split("HTTP/1.1 ").length - 1;
        // What nginx took for one request came as one: whoever asks next is answered himself.
        assert.ok(lines.length <= answers, `${what}: ${lines.join(", ")} for ${answers} answers`);
        const next = await raw(Number(port), { method: "GET", path: "/v1/next", headers: {} });
        assert.equal(next.body, "asked /v1/next", what);
      }
    } finally {
      await proxy.close();
      relay.closeAllConnections();
      relay.close();
    }
  },
);

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
