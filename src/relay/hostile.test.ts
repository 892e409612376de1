/**
 * Raw bytes against a real relay: slow by time, a full house, requests that two servers would read
 * differently, paths that climb, packed bodies, absurd heads. Each gets one plain answer or none,
 * and whoever is honest is served meanwhile.
 */
import { test } from "node:test";
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { openRefusal } from "../log/receipt.ts";
import { tag } from "../codec/names.ts";
import { Publisher, rawPublicKey, testKey, verifyEd25519 } from "../testing/publisher.ts";
import { relayOptions } from "../testing/relayworld.ts";
import { sealedLetter } from "../testing/sealed.ts";
import { smuggled, standing } from "../testing/smuggled.ts";
import { dockSignature } from "../testing/transcript.ts";
import type { ConnectionLimits } from "./connections.ts";
import { startRelay, type Relay } from "./server.ts";

async function within(
  connections: Partial<ConnectionLimits>,
  work: (relay: Relay) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "signet-hostile-"));
  const relay = await startRelay({ ...relayOptions(dir), connections });
  try {
    await work(relay);
  } finally {
    await relay.close();
    rmSync(dir, { recursive: true });
  }
}

function raw(relay: Relay): Socket {
  const { port, hostname } = new URL(relay.address);
  return connect(Number(port), hostname).on("error", () => undefined);
}

/** Everything that comes until the connection ends. */
function heard(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (data) => (text += data.toString("latin1")));
  return new Promise((resolve) => socket.once("close", () => resolve(text)));
}

/** Says `text` and hears to the end; the other half is closed only if nobody hangs up. */
async function said(relay: Relay, text: string | Uint8Array): Promise<string> {
  const socket = raw(relay);
  const all = heard(socket);
  socket.write(text);
  const late = setTimeout(() => socket.end(), 1500);
  const answer = await all;
  clearTimeout(late);
  return answer;
}

async function until(what: string, done: () => boolean): Promise<void> {
  for (let i = 0; !done(); i += 1) {
    ok(i < 1000, what);
    await sleep(10);
  }
}

/** Writes a little again and again until the connection is gone. */
async function drip(socket: Socket, text: string): Promise<string> {
  const all = heard(socket);
  const dripping = setInterval(() => socket.write(text), 40);
  const answer = await all;
  clearInterval(dripping);
  return answer;
}

const head = "POST /v1/letters HTTP/1.1\r\nhost: relay\r\n";
const handshake = "GET /v1/stream HTTP/1.1\r\nhost: relay\r\nupgrade: websocket\r\n";

test("heads, bodies and handshakes that come drop by drop are given up by time", () =>
  within({ headMs: 400, requestMs: 900 }, async (relay) => {
    const begun = ["GET / HTTP/1.1\r\n", handshake, `${head}content-length: 9000\r\n\r\n`, ""];
    const answers = await Promise.all(
      begun.map((text) => {
        const socket = raw(relay);
        socket.write(text);
        return drip(socket, text === "" ? "\r\n" : text.includes("9000") ? "x" : "a:b\r\n");
      }),
    );
    for (const answer of answers.slice(0, 3)) {
      match(answer, /^HTTP\/1\.1 408 [^]*request_malformed/);
    }
    const silent = raw(relay);
    await heard(silent);
    const chunked = raw(relay);
    chunked.write(`${head}transfer-encoding: chunked\r\n\r\n`);
    match(await drip(chunked, "1\r\nx\r\n"), /^HTTP\/1\.1 408 /);
    equal((await fetch(`${relay.address}/v1/relay`)).status, 200);
  }));

const box = tag("7a9b".repeat(16));

/** Publishes a mailbox whose answer is long. */
async function publishMail(relay: Relay): Promise<void> {
  const publisher = new Publisher(relayOptions("").exchange, testKey(1));
  const mail = [{ tag: box, index: 0, sealed: new Uint8Array(8_000_000).fill(7) }];
  const path = "/v1/dock/publications/1";
  const signature = dockSignature(testKey(9), "PUT", path, new Date().toISOString());
  const body = new Uint8Array(publisher.publish({ mail }));
  const headers = { "signet-dock": signature };
  const put = await fetch(relay.address + path, { method: "PUT", headers, body });
  equal(put.status, 200);
}

test("an answer that is not taken is not kept for ever", () =>
  within({ takeMs: 700, takeBytes: 1_000_000 }, async (relay) => {
    await publishMail(relay);
    const slow = raw(relay);
    slow.write(`GET /v1/mailboxes/${box} HTTP/1.1\r\nhost: relay\r\n\r\n`);
    await new Promise((resolve) => slow.once("data", resolve));
    slow.pause();
    // However busy the machine is, the relay looks at it once in each of these.
    for (let i = 0; i < 8; i += 1) await sleep(400);
    slow.resume();
    const answer = await heard(slow);
    ok(answer.length < 10_000_000, `${answer.length} bytes came, not all`);
    const patient = await fetch(`${relay.address}/v1/mailboxes/${box}`);
    ok((await patient.text()).length > 10_000_000);
  }));

test("answers that nobody takes have a bound for all together, and the oldest go first", () =>
  within({ untakenMax: 30_000_000 }, async (relay) => {
    await publishMail(relay);
    const many: Socket[] = [];
    for (let i = 0; i < 8; i += 1) {
      const socket = raw(relay);
      many.push(socket);
      socket.write(`GET /v1/mailboxes/${box} HTTP/1.1\r\nhost: relay\r\n\r\n`);
      await new Promise((resolve) => socket.once("readable", resolve));
    }
    const ends = many.map((socket) => heard(socket));
    // The last one is whole: it has the rest of what was asked for and ends by its own word.
    many.at(-1)?.write("GET / HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n\r\n");
    ok((await ends.at(-1))?.includes('"more":false}HTTP/1.1 '), "who takes it gets it");
    ok(((await ends[0]) ?? "").length < 10_000_000, "the first one was ended");
    for (const socket of many) socket.destroy();
  }));

test("a request behind another waits for its turn; with a third the connection ends", () =>
  within({}, async (relay) => {
    const letter = sealedLetter("first");
    const post = `POST /v1/letters?wait=1 HTTP/1.1\r\nhost: a\r\ncontent-length: ${letter.length}\r\n\r\n`;
    const get = "GET /v1/checkpoint HTTP/1.1\r\nhost: a\r\n";
    const two = await said(
      relay,
      Buffer.concat([Buffer.from(post), letter, Buffer.from(`${get}connection: close\r\n\r\n`)]),
    );
    deepEqual(two.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 202", "HTTP/1.1 404"]);
    for (const third of [`${get}\r\n`, `${get}expect: cake\r\n\r\n`]) {
      const answers = await said(relay, `${get}\r\n`.repeat(2) + third.repeat(800));
      ok(answers.split("HTTP/1.1 ").length <= 3, "not one answer for each");
    }
    match(await said(relay, `${get}expect: cake\r\nconnection: close\r\n\r\n`), /^HTTP\/1\.1 417 /);
  }));

test("one who takes every place to wait keeps nobody's letter from being taken", () =>
  within({ waitingMax: 2 }, async (relay) => {
    const post = (seed: string, wait: number): Promise<Response> => {
      const body = new Uint8Array(sealedLetter(seed));
      return fetch(`${relay.address}/v1/letters?wait=${wait}`, { method: "POST", body });
    };
    const waiting = [post("one", 30), post("one", 30)];
    await sleep(300);
    const third = await post("another", 30);
    equal(third.status, 202);
    match(await third.text(), /^signet-receipt\/1\b/, "it is stored, and that is signed");
    // From another address there is a place.
    const { port, hostname } = new URL(relay.address);
    const socket = connect({ port: Number(port), host: hostname, localAddress: "127.0.0.2" });
    const answer = heard(socket);
    const letter = sealedLetter("elsewhere");
    const begin = `POST /v1/letters?wait=1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n`;
    socket.write(`${begin}content-length: ${letter.length}\r\n\r\n`);
    socket.write(letter);
    equal((await Promise.race(waiting)).status, 202, "one of the two ends early");
    match(await answer, /^HTTP\/1\.1 202 /);
  }));

test("a full house: whoever asks nothing makes room, whoever waits for an answer stays", () =>
  within({ connectionsMax: 40 }, async (relay) => {
    const letter = new Uint8Array(sealedLetter("waits"));
    const waiting = fetch(`${relay.address}/v1/letters?wait=2`, { method: "POST", body: letter });
    const honest = async (): Promise<void> => {
      const headers = { connection: "close" };
      equal((await fetch(`${relay.address}/v1/relay`, { headers })).status, 200);
    };
    const kinds = {
      "says nothing": "",
      "half a head": "GET / HTTP/1.1\r\nhost:",
      "half a body": `${head}content-length: 5000\r\n\r\nhalf`,
      "half a handshake": handshake,
    };
    for (const [what, text] of Object.entries(kinds)) {
      const many = Array.from({ length: 120 }, () => raw(relay));
      for (const socket of many) socket.write(text);
      const held = (): number => many.filter(({ readyState }) => readyState === "open").length;
      await until(`${what}: forty are held`, () => held() > 0 && held() <= 40);
      for (let i = 0; i < 5; i += 1) await honest();
      for (const socket of many) socket.destroy();
      await sleep(50);
    }
    equal((await waiting).status, 202);
    // Forty who wait for an answer are dropped for nobody: the next one is turned away.
    const asks = "POST /v1/letters?wait=4 HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n";
    const all: Promise<string>[] = [];
    for (let i = 0; i < 40; i += 1) {
      const socket = raw(relay);
      const goesOn = new Promise((resolve) => socket.once("data", resolve));
      all.push(heard(socket));
      socket.write(`${asks}expect: 100-continue\r\ncontent-length: ${letter.length}\r\n\r\n`);
      await goesOn;
      socket.write(letter);
    }
    await sleep(500);
    equal(await said(relay, "GET / HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n\r\n"), "");
    for (const answer of await Promise.all(all)) match(answer, /\r\nHTTP\/1\.1 202 /);
    await honest();
  }));

test("what two servers would read differently is refused, and nothing behind it is read", () =>
  within({}, async (relay) => {
    for (const [what, text] of Object.entries(smuggled)) {
      const answer = await said(relay, text);
      match(answer, /^HTTP\/1\.1 4\d\d /, what);
      equal(answer.split("HTTP/1.1 ").length, 2, `${what}: one answer`);
      ok(!answer.includes('"keyNumber"'), `${what}: the request inside was not read`);
    }
    for (const [what, text] of Object.entries(standing)) {
      const answer = await said(relay, text);
      match(answer, /^HTTP\/1\.1 200 /, what);
    }
  }));

test("absurd heads are refused by their size, whatever they are made of", () =>
  within({}, async (relay) => {
    const many = Array.from({ length: 3000 }, (_, i) => `h${i}: ${i}\r\n`).join("");
    const absurd = {
      "one long header": `a: ${"b".repeat(20_000)}\r\n`,
      "many headers": many,
      "a long name": `${"a".repeat(20_000)}: b\r\n`,
      "many cookies": `cookie: ${"a=b; ".repeat(5000)}\r\n`,
    };
    for (const [what, header] of Object.entries(absurd)) {
      match(
        await said(relay, `GET / HTTP/1.1\r\nhost: relay\r\n${header}\r\n`),
        /^HTTP\/1\.1 4\d\d /,
        what,
      );
    }
    match(await said(relay, `GET /${"a".repeat(20_000)} HTTP/1.1\r\n`), /^HTTP\/1\.1 4\d\d /);
    const extended = `1;${"x".repeat(20_000)}\r\na\r\n0\r\n\r\n`;
    match(
      await said(relay, `${head}transfer-encoding: chunked\r\n\r\n${extended}`),
      /^HTTP\/1\.1 4\d\d /,
    );
    // Sixteen thousand bytes are the most, and are read.
    const most = `connection: close\r\na: ${"b".repeat(15_000)}\r\n\r\n`;
    match(
      await said(relay, `GET /v1/relay HTTP/1.1\r\nhost: relay\r\n${most}`),
      /^HTTP\/1\.1 200 /,
    );
  }));

const climbs = ["..", "%2e%2e", "%2E%2e", ".%2e", "..%2f..", "..%5c..", "%252e%252e", "....//"];
const roots = [
  "",
  "/assets",
  "/feeds",
  "/tile/0",
  "/tile/entries",
  "/v1/log/tile/0",
  "/mpex",
  "/v1/letters",
  "/v1/snapshot/parts",
];

test("no path leads anywhere but to a route", () =>
  within({}, async (relay) => {
    const targets = ["etc/passwd", "relay.sqlite", "src/relay/server.ts", "package.json"];
    const paths = roots.flatMap((root) =>
      climbs.flatMap((climb) =>
        targets.map((target) => `${root}/${`${climb}/`.repeat(6)}${target}`),
      ),
    );
    paths.push("/assets//etc/passwd", "/assets/%2fetc%2fpasswd", "/assets/%00", "/assets/a%00.js");
    paths.push("/assets/%c0%ae%c0%ae/x", "/tile/0/%00", "//etc/passwd", "/\\..\\x", "/%");
    paths.push("/assets/", "/assets", "/assets/.", "/assets/..", "/assets/con", "/?../../x");
    const { port, hostname } = new URL(relay.address);
    for (const path of paths) {
      const socket = connect(Number(port), hostname).on("error", () => undefined);
      socket.write(`GET ${path} HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n\r\n`);
      const answer = await heard(socket);
      const status = /^HTTP\/1\.1 (\d+) /.exec(answer)?.[1] ?? "none";
      if (path === "/?../../x") equal(status, "200");
      else ok(["400", "404"].includes(status), `${path}: ${status}`);
      ok(!/(?:root:|SQLite format|"dependencies"|startRelay)/.test(answer), path);
    }
  }));

test("a packed body is refused before it is read, and nothing is unpacked", () =>
  within({}, async (relay) => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const relayKey = { name: "alder", publicKey: rawPublicKey(testKey(3)) };
    for (const coding of ["gzip", "deflate", "br", "zstd", "gzip, identity", "x"]) {
      const headers = { "content-encoding": coding };
      const body = new Uint8Array(bomb);
      const answer = await fetch(`${relay.address}/v1/letters`, { method: "POST", headers, body });
      const { code, refusal } = (await answer.json()) as { code: string; refusal: string };
      const opened = openRefusal(refusal, relayKey, verifyEd25519);
      deepEqual([answer.status, code], [415, "encoding_unknown"]);
      equal(opened.ok && opened.value.reason, code);
    }
    const body = new Uint8Array(sealedLetter("plain"));
    const headers = { "content-encoding": "identity", "accept-encoding": "gzip, br" };
    const taken = await fetch(`${relay.address}/v1/letters`, { method: "POST", headers, body });
    equal(taken.status, 202);
    equal(taken.headers.get("content-encoding"), null, "nothing is packed either");
    const answer = await said(
      relay,
      `${handshake}connection: upgrade, close\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-extensions: permessage-deflate; server_no_context_takeover\r\n\r\n`,
    );
    match(answer, /^HTTP\/1\.1 101 /);
    ok(!/extensions/i.test(answer), "permessage-deflate is off");
  }));
