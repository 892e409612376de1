/**
 * A customer behind a SOCKS proxy, microsocks where it is installed: an order's whole way, to a
 * relay that only the proxy can find and to one with TLS, and not one connection or name that goes
 * around it.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { freePort, TestExchange } from "../testing/exchange.ts";
import { TestSocks } from "../testing/socks.ts";
import { at, listAt, WalletCustomer } from "../testing/walletcustomer.ts";

let exchange: TestExchange;
let onion: TestSocks;
const alice = new WalletCustomer();
const bob = new WalletCustomer();
const programs: ChildProcess[] = [];
const servers: Server[] = [];

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
  onion = await TestSocks.start();
  onion.names.set("alder.onion", exchange.port);
});

after(async () => {
  for (const program of programs) program.kill("SIGKILL");
  for (const server of servers) server.close();
  delete process.env["NODE_OPTIONS"];
  delete process.env["NODE_EXTRA_CA_CERTS"];
  alice.remove();
  bob.remove();
  await onion.close();
  await exchange.remove();
});

/** Has every process of this test write down whom it connects to and which names it looks up. */
function noting(file: string): void {
  const hook = join(alice.dir, "note.mjs");
  writeFileSync(
    hook,
    `import { appendFileSync } from "node:fs";
import dns from "node:dns";
import net from "node:net";
const note = (what) => appendFileSync(${JSON.stringify(file)}, what + "\\n");
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...given) {
  const [options] = Array.isArray(given[0]) ? given[0] : given;
  note("to " + (options?.host ?? "") + " " + (options?.port ?? options));
  return connect.apply(this, given);
};
for (const name of ["lookup", "resolve", "resolve4", "resolve6"]) {
  const asked = dns[name];
  dns[name] = (host, ...rest) => { note("name " + host); return asked(host, ...rest); };
  const promised = dns.promises[name];
  dns.promises[name] = (host, ...rest) => { note("name " + host); return promised(host, ...rest); };
}
`,
  );
  writeFileSync(file, "");
  process.env["NODE_OPTIONS"] = `--import=${hook}`;
}

function noted(file: string): readonly string[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return [...new Set(lines.filter((line) => line !== ""))];
}

async function order(customer: WalletCustomer, relay: string, ...how: string[]): Promise<void> {
  const words = join(customer.dir, "words.txt");
  const asked = ["setup", "--words-file", words, "--yes", "--relay", relay, ...how];
  const made = await customer.json(...asked);
  assert.equal(made.code, 0, made.err);
  const deposit = await customer.json("deposit", "1", "BTC", ...how);
  assert.equal(deposit.code, 0, deposit.err);
  const balance = await customer.json("statement", ...how);
  assert.equal(listAt(balance.data, "deposits").length, 1, balance.err);
}

test("a name that only the proxy knows, and nothing goes around it", async () => {
  const file = join(alice.dir, "noted");
  noting(file);
  const socks = ["--socks", `localhost:${onion.port}`];
  await order(alice, "http://alder.onion", ...socks);
  delete process.env["NODE_OPTIONS"];
  assert.deepEqual(noted(file), [`to 127.0.0.1 ${onion.port}`]);
  assert.ok(onion.wanted.some(({ type, host }) => type === 3 && host === "alder.onion"));
  noting(file);
  assert.equal((await alice.json("statement")).code, 0);
  delete process.env["NODE_OPTIONS"];
  assert.ok(noted(file).includes(`to 127.0.0.1 ${exchange.port}`), "without it, all is noted");
});

test("a proxy that is none or is gone: said, with nothing sent", async () => {
  const seen = onion.wanted.length;
  for (const port of [exchange.port, await freePort()]) {
    const ended = await alice.json("deposit", "2", "BTC", "--socks", `127.0.0.1:${port}`);
    assert.equal(ended.code, 8, ended.err);
    assert.equal(at(ended.data, "trouble", "code"), "E820");
    assert.match(ended.err, /No relay was reached: the SOCKS proxy/);
    const kept = await alice.json("outbox", "drop", String(at(ended.data, "letter")));
    assert.equal(kept.code, 0, kept.err);
  }
  const named = await alice.json("balance", "--socks", "proxy.lan:9050");
  assert.deepEqual([named.code, at(named.data, "code")], [2, "E100"]);
  assert.equal(onion.wanted.length, seen);
});

const microsocks = spawnSync("microsocks", ["-h"]).error === undefined;
const skip = !microsocks && "MICROSOCKS IS NOT INSTALLED: apt-get install microsocks";

test("microsocks: an order's whole way, and a relay with TLS", { skip }, async () => {
  const port = await freePort();
  programs.push(spawn("microsocks", ["-i", "127.0.0.1", "-p", String(port)], { stdio: "ignore" }));
  await exchange.until(() => answers(port), 5000);
  const tls = await startTls();
  const socks = ["--socks", `127.0.0.1:${port}`];
  const unknown = await bob.json("card", "--relay", tls, ...socks);
  assert.equal(unknown.code, 8);
  assert.match(unknown.err, /certificate/, "a certificate that nobody vouches for is refused");
  process.env["NODE_EXTRA_CA_CERTS"] = join(alice.dir, "tls.pem");
  await order(bob, tls, ...socks);
});

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const said = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.on("connect", () => said(true)).on("error", () => said(false));
  });
}

async function startTls(): Promise<string> {
  const [key, cert] = [join(alice.dir, "tls.key"), join(alice.dir, "tls.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  execFileSync("openssl", [...words, "-keyout", key, "-out", cert, ...subject], {
    stdio: "ignore",
  });
  const options = { key: readFileSync(key), cert: readFileSync(cert) };
  const server = createServer(options, (incoming, outgoing) => {
    const serve = async (): Promise<void> => {
      const parts: Buffer[] = [];
      for await (const part of incoming) parts.push(Buffer.from(part));
      const method = incoming.method ?? "GET";
      const body = method === "POST" ? { body: Buffer.concat(parts) } : {};
      const accept = incoming.headers.accept ?? "*/*";
      const asked = { method, headers: { accept }, ...body };
      const said = await fetch(`${exchange.url}${incoming.url}`, asked);
      outgoing.writeHead(said.status).end(Buffer.from(await said.arrayBuffer()));
    };
    serve().catch(() => outgoing.destroy());
  });
  servers.push(server);
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, resolve));
  return `https://localhost:${port}`;
}
