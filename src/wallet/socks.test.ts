/**
 * The way through a SOCKS proxy: names go to it as they are, limits hold, and a proxy that lies or
 * sleeps is a trouble with a reason.
 */
import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import { after, before, test as plainTest } from "node:test";
import * as fc from "fast-check";

import { TestSocks, type Trick } from "../testing/socks.ts";
import { runs } from "../testing/runs.ts";
import { ProxyFailed } from "./client.ts";
import { fetchThrough, readSocks } from "./socks.ts";

let socks: TestSocks;
let server: Server;
let port: number;
let serve: RequestListener;
let through: typeof fetch;

before(async () => {
  socks = await TestSocks.start();
  server = createServer((incoming, outgoing) => serve(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  port = address.port;
  socks.names.set("relay.onion", port);
  through = fetchThrough({ host: "127.0.0.1", port: socks.port }, 300);
});

after(async () => {
  await socks.close();
  server.closeAllConnections();
  server.close();
});

/** A hook would run before the tests of every file: all are in one process. */
function test(name: string, work: () => Promise<void> | void): void {
  void plainTest(name, async () => {
    socks.trick = undefined;
    socks.reply = 0;
    socks.asksForName = false;
    socks.wanted.length = 0;
    serve = (incoming, outgoing) => {
      const parts: Buffer[] = [];
      incoming.on("data", (part: Buffer) => parts.push(part));
      incoming.on("end", () => {
        const { method, url, headers } = incoming;
        const body = Buffer.concat(parts).toString("base64");
        outgoing.end(JSON.stringify({ method, url, headers, body }));
      });
    };
    await work();
  });
}

test("a name goes to the proxy as it is, and the request through it", async () => {
  const body = new Uint8Array(300_000).map((_, i) => i);
  const said = await through("http://relay.onion/v1/letters?wait=0", {
    method: "POST",
    headers: { "content-type": "application/octet-stream", authorization: "Basic eA==" },
    body,
  });
  const seen: { body: string; headers: object } = JSON.parse(await said.text());
  assert.deepEqual(Buffer.from(seen.body, "base64"), Buffer.from(body));
  assert.deepEqual(
    { ...seen, body: "" },
    {
      method: "POST",
      url: "/v1/letters?wait=0",
      headers: {
        accept: "*/*",
        "content-type": "application/octet-stream",
        authorization: "Basic eA==",
        host: "relay.onion",
        "content-length": "300000",
        connection: "close",
      },
      body: "",
    },
  );
  assert.deepEqual(socks.wanted, [{ type: 3, host: "relay.onion", port: 80 }]);
});

test("numbers go as numbers", async () => {
  await (await through(`http://127.0.0.1:${port}/`)).text();
  await through(`http://[fe80::1:2]:${port}/`).then((said) => said.text());
  assert.deepEqual(socks.wanted, [
    { type: 1, host: "127.0.0.1", port },
    { type: 4, host: "254.128.0.0.0.0.0.0.0.0.0.0.0.1.0.2", port },
  ]);
});

test("each relay has a login of its own, where the proxy wants one", async () => {
  socks.asksForName = true;
  socks.names.set("other.onion", port);
  for (const name of ["relay", "other", "relay"]) {
    await (await through(`http://${name}.onion/`)).text();
  }
  const [first, second, third] = socks.logins;
  assert.equal(first, third);
  assert.notEqual(first, second);
  assert.match(first ?? "", /^([0-9a-f]{16}):\1$/);
});

async function whyNot(url = "http://relay.onion/"): Promise<Error> {
  const cause: unknown = await through(url).then(
    () => assert.fail("it came through"),
    (error: unknown) => error,
  );
  assert.ok(cause instanceof Error);
  return cause;
}

test("a proxy that lies, refuses, hangs up or sleeps is a trouble with a reason", async () => {
  const says =
    (...parts: readonly Uint8Array[]): Trick =>
    (socket) => {
      socket.on("data", () => socket.write(Buffer.concat([...parts])));
    };
  const after = (first: Uint8Array, then: Uint8Array): Trick => {
    return (socket) => {
      socket.once("data", () => {
        socket.write(first);
        socket.once("data", () => socket.write(then));
      });
    };
  };
  const ok = Buffer.of(5, 0);
  const tricks: readonly (readonly [RegExp, Trick])[] = [
    [/does not speak SOCKS 5/, says(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))],
    [/does not speak SOCKS 5/, says(Buffer.of(4, 90))],
    [/a way that is not supported/, says(Buffer.of(5, 255))],
    [/a way that is not supported/, says(Buffer.of(5, 1))],
    [/wants a name and a password/, after(Buffer.of(5, 2), Buffer.of(1, 1))],
    [/hung up/, (socket) => socket.end()],
    [/hung up/, (socket) => socket.end(Buffer.of(5))],
    [/hung up|does not answer/, (socket) => socket.resetAndDestroy()],
    [/did nothing for 0\.3 s/, () => undefined],
    [/did nothing for 0\.3 s/, says(Buffer.of(5))],
    [/did nothing for 0\.3 s/, after(ok, Buffer.of(5, 0, 0, 3, 200))],
    [/SOCKS 5 does not have/, after(ok, Buffer.of(4, 0, 0, 1))],
    [/SOCKS 5 does not have/, after(ok, Buffer.of(5, 0, 1, 1))],
    [/SOCKS 5 does not have/, after(ok, Buffer.of(5, 0, 0, 9))],
  ];
  for (const [reason, trick] of tricks) {
    socks.trick = trick;
    const cause = await whyNot();
    assert.ok(cause instanceof ProxyFailed, String(cause));
    assert.match(cause.message, reason);
  }
  assert.deepEqual(socks.wanted, []);
});

test("what the proxy says of a relay is said of that relay", async () => {
  const replies = [
    [2, /not allowed/],
    [4, /the host cannot be reached/],
    [5, /nobody listens there/],
    [99, /no \(99\)/],
  ] as const;
  for (const [reply, reason] of replies) {
    socks.reply = reply;
    const cause = await whyNot();
    assert.ok(!(cause instanceof ProxyFailed));
    assert.match(cause.message, reason);
  }
});

test("nobody at the proxy's address: said, and nothing goes around it", async () => {
  const nowhere = fetchThrough({ host: "127.0.0.1", port: 1 });
  await assert.rejects(nowhere(`http://127.0.0.1:${port}/`), /SOCKS proxy does not answer/);
});

test("redirects, silence after the handshake, and the caller's own limit", async () => {
  serve = (_incoming, outgoing) => void outgoing.writeHead(302, { location: "/" }).end();
  assert.match((await whyNot()).message, /status 302/);
  serve = () => undefined;
  const limit = AbortSignal.timeout(50);
  await assert.rejects(through("http://relay.onion/", { signal: limit }), { name: "TimeoutError" });
  serve = (_incoming, outgoing) => void outgoing.writeHead(200).write("a");
  const slow = await through("http://relay.onion/", { signal: AbortSignal.timeout(100) });
  await assert.rejects(slow.text());
  assert.match((await whyNot(`https://127.0.0.1:${port}/`)).message, /./);
});

test("a proxy's random bytes never come through, and never throw anything but a reason", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      socks.trick = (socket) => socket.once("data", () => socket.end(bytes));
      await whyNot();
    }),
    { numRuns: runs(50) },
  );
});

test("HOST:PORT with a number for the host", () => {
  assert.deepEqual(readSocks("127.0.0.1:9050"), { host: "127.0.0.1", port: 9050 });
  assert.deepEqual(readSocks("localhost:9050"), { host: "127.0.0.1", port: 9050 });
  assert.deepEqual(readSocks("socks5h://[::1]:9050"), { host: "::1", port: 9050 });
  const bad = ["", "9050", "proxy.lan:9050", "127.0.0.1", "127.0.0.1:0", "1.2.3:99", "[x]:1"];
  for (const text of [...bad, "127.0.0.1:65536", "a@127.0.0.1:1"]) {
    assert.equal(readSocks(text), undefined, text);
  }
});
