/**
 * The market page against hostile relays, in Chromium: what was never signed is never drawn, what
 * is old looks old, and the page says in words what is wrong.
 */
import { equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { verifyEd25519 } from "../codec/ed25519.ts";
import { openFork } from "../log/fork.ts";
import { encodeNote } from "../log/note.ts";
import { appendLeaf } from "../log/tree.ts";
import { noBrowser, TestBrowser, type TestPage } from "../testing/browser.ts";
import { freePort } from "../testing/exchange.ts";
import { Front, type Meddle } from "../testing/front.ts";
import { PageWorld, tickLeaf } from "../testing/pageworld.ts";
import { freshPages } from "./pages.ts";

const skip = noBrowser();
let browser: TestBrowser;
let pages: string | undefined;

before(async () => {
  if (skip !== false) return;
  pages = await freshPages(console.error);
  browser = await TestBrowser.launch();
});

after(() => browser?.close());

/** A market whose only relay customers know by a front that does what it is told. */
async function besieged(work: (world: PageWorld, front: Front) => Promise<void>): Promise<void> {
  const port = await freePort();
  const front = await Front.start(`http://127.0.0.1:${port}`, carrying);
  const elsewhere = new Map([["alder", front.url]]);
  const world = await PageWorld.start({ pages, elsewhere, ports: [port] });
  try {
    await world.publish({
      leaves: [world.trade(4210, 400, "buy"), "LEVEL|GLD/BTC|sell|4215|80", tickLeaf(0)],
    });
    await work(world, front);
  } finally {
    await front.close();
    await world.close();
  }
}

/** Carries as it is, uncompressed: a front knows nothing of codings. */
const carrying: Meddle = (asked, forward) => {
  const { "accept-encoding": _, ...headers } = asked.headers;
  return forward({ ...asked, headers });
};

/** Changes the answers on some paths. */
function bending(path: RegExp, change: (text: string) => string): Meddle {
  return async (asked, forward) => {
    const said = await carrying(asked, forward);
    if (said === undefined || !path.test(asked.path)) return said;
    return { ...said, body: Buffer.from(change(said.body.toString("latin1")), "latin1") };
  };
}

async function whole(opened: TestPage): Promise<string> {
  return opened.page.locator("body").innerText();
}

const lies: readonly (readonly [what: string, meddle: Meddle, RegExp])[] = [
  [
    "a trade that never was",
    bending(/leaves/, (text) => text.replace("|4210|", "|9999|")),
    /root_wrong/,
  ],
  [
    "a level with more in it",
    bending(/leaves/, (text) => text.replace("|4215|80", "|4215|99990")),
    /root_wrong/,
  ],
  [
    "leaves cut off",
    bending(/leaves/, (text) => text.replace(/,?"LEVEL.*\]/, "]")),
    /leaves_missing/,
  ],
];

for (const [what, meddle, name] of lies) {
  test(`${what}: nothing is drawn, and why is said`, { skip }, async () => {
    await besieged(async (_world, front) => {
      front.meddle = meddle;
      const opened = await browser.open(front.url);
      await opened.page.getByText("Nothing is shown").waitFor({ timeout: 10_000 });
      const text = await whole(opened);
      match(text, name);
      ok(!/9999|0\.04210|0\.04215/.test(text), text);
      if (what.startsWith("a trade")) await opened.shoot("market-lied-1280-dark");
      await opened.close();
    });
  });
}

test("a relay that goes on with an old checkpoint turns amber, then red", { skip }, async () => {
  await besieged(async (world, front) => {
    const context = await browser.context({ dark: false });
    await context.clock.install();
    const opened = await browser.open(front.url, {}, context);
    await opened.page.locator(".badge.green").waitFor();
    // From now on it says for ever what it said then; the exchange goes on.
    const old = await (await fetch(`${world.url}/v1/checkpoint`)).text();
    front.meddle = bending(/checkpoint/, () => Buffer.from(old).toString("latin1"));
    await world.publish({ leaves: [world.trade(4300, 1, "buy"), tickLeaf(0)] });
    await context.clock.fastForward(8000);
    await opened.page.locator(".badge.amber").waitFor();
    await context.clock.fastForward(30_000);
    await opened.page.locator(".badge.red").waitFor();
    await opened.page.getByText("No news from the exchange").waitFor();
    await opened.shoot("market-silent-1280-light");
    ok(!(await whole(opened)).includes("0.04300"));
    await opened.close();
  });
});

test("every relay gone: red after 30 s, and no figure keeps its colour", { skip }, async () => {
  await besieged(async (_world, front) => {
    const context = await browser.context({ dark: true });
    await context.clock.install();
    const opened = await browser.open(front.url, {}, context);
    await opened.page.locator(".badge.green").waitFor();
    await front.close();
    await context.clock.fastForward(8000);
    await opened.page.locator(".badge.amber").waitFor();
    await context.clock.fastForward(40_000);
    await opened.page.locator(".badge.red").waitFor();
    for (const [place, name] of [
      [".summary .stale .last", "0.04210"],
      ["aside .stale", "Recent trades"],
      [".stack.stale", "Price"],
    ] as const) {
      ok((await opened.page.locator(place, { hasText: name }).count()) > 0, name);
    }
    await opened.shoot("market-gone-1280-dark");
    await opened.close();
  });
});

/** Two relays, the second of which alone hears the news from the third publication on. */
async function overtaken(work: (world: PageWorld, birch: string) => Promise<void>): Promise<void> {
  const world = await PageWorld.start({ pages, names: ["alder", "birch"] });
  try {
    await world.publish({ leaves: [world.trade(4210, 400, "buy"), tickLeaf(3_600_000)] });
    await world.publish({ leaves: [world.trade(4300, 1, "buy"), tickLeaf(0)] }, [1]);
    await work(world, world.relays[1]?.address ?? "");
  } finally {
    await world.close();
  }
}

test(
  "a relay that keeps the news back is named, not the clock; the other is read",
  { skip },
  async () => {
    await overtaken(async (world) => {
      const opened = await browser.open(world.url);
      await opened.page.evaluate(`new MutationObserver(() => {
      const said = document.querySelector(".notes")?.innerText ?? "";
      if (said.includes("birch")) document.body.dataset.said ??= said;
    }).observe(document.body, { subtree: true, childList: true, characterData: true })`);
      equal(await opened.page.locator(".badge.green").count(), 0);
      await opened.page.getByText("0.04300").first().waitFor({ timeout: 15_000 });
      const said = String(await opened.page.evaluate("document.body.dataset.said"));
      match(said, /Relay birch shows a checkpoint of .* alder, from which this page reads/);
      ok(!said.includes("clock"), said);
      match(await opened.text(".panel[aria-label=Relays]"), /birch read from/);
      await opened.close();
    });
  },
);

test("a card that the exchange did not sign: red, grey, and not remembered", { skip }, async () => {
  await besieged(async (_world, front) => {
    const armor = /(BEGIN PGP SIGNATURE-----(?:\\n|\\r)+)([^-]{40})/;
    front.meddle = bending(/exchange/, (text) => text.replace(armor, "$1wnUEARYKAB0FAm"));
    const opened = await browser.open(front.url);
    await opened.page.getByText("Do not believe these numbers").waitFor({ timeout: 15_000 });
    equal(await opened.page.locator(".badge.red").count(), 1);
    ok((await opened.page.locator(".stale").count()) > 0);
    equal(await opened.page.evaluate("localStorage.getItem('signet.exchange')"), null);
    await opened.close();
  });
});

test("a link that names no market, nor anything, still shows the market", { skip }, async () => {
  await besieged(async (_world, front) => {
    const opened = await browser.open(`${front.url}/#%`);
    await opened.page.getByText("0.04210").first().waitFor();
    // The server between carries no streams; the page may have tried one by now.
    opened.calm(/WebSocket .*: 426/);
    await opened.close();
  });
});

test("two histories: everything ends, and the proof can be kept", { skip }, async () => {
  const port = await freePort();
  const front = await Front.start(`http://127.0.0.1:${port}`);
  const elsewhere = new Map([["birch", front.url]]);
  const names = ["alder", "birch"];
  const world = await PageWorld.start({ names, pages, elsewhere, ports: [await freePort(), port] });
  try {
    const { publisher } = world;
    const forked = publisher.checkpoint(appendLeaf(world.frontier, world.trade(9999, 1, "buy")));
    await world.publish({ leaves: [world.trade(4210, 400, "buy")] });
    const opened = await browser.open(world.url);
    await opened.page.getByText("0.04210").first().waitFor();
    const body = Buffer.from(encodeNote(forked));
    front.meddle = async (asked, forward) => {
      const said = await forward(asked);
      return asked.path === "/v1/checkpoint" ? { ...said, body } : said;
    };
    const link = opened.page.getByRole("link", { name: "Keep the proof" });
    await link.waitFor();
    ok(!(await whole(opened)).includes("0.04210"));
    await opened.shoot("market-forked-1280-dark");
    const [download] = await Promise.all([opened.page.waitForEvent("download"), link.click()]);
    const proof = readFileSync(await download.path(), "utf8");
    ok(openFork(proof, publisher.log, verifyEd25519).ok);
    await opened.close();
  } finally {
    await front.close();
    await world.close();
  }
});

test("a stream that says nothing hides nothing", { skip }, async () => {
  await besieged(async (world, front) => {
    const context = await browser.context();
    await context.routeWebSocket(/stream/, () => {});
    const opened = await browser.open(front.url, {}, context);
    await opened.page.getByText("0.04210").first().waitFor();
    await world.publish({ leaves: [world.trade(4225, 1, "buy"), tickLeaf(0)] });
    await opened.page.getByText("0.04225").first().waitFor();
    opened.calm();
    await opened.close();
  });
});

test("a stream that says what was never signed is a lie like any other", { skip }, async () => {
  await besieged(async (world, front) => {
    const context = await browser.context();
    const note = await (await fetch(`${world.url}/v1/checkpoint`)).text();
    const from = world.frontier.size;
    const leaf = world.trade(9999, 1, "buy");
    const untrue = JSON.stringify({
      channel: "log",
      from,
      leaves: [leaf],
      checkpoint: note.replace(`\n${from}\n`, `\n${from + 1}\n`),
    });
    await context.routeWebSocket(/stream/, (socket) => {
      socket.onMessage(() => socket.send(untrue));
    });
    const opened = await browser.open(front.url, {}, context);
    await opened.page.getByText("note_signature_wrong").first().waitFor();
    ok(!(await whole(opened)).includes("0.09999"));
    await opened.close();
  });
});

test(
  "a browser's clock an hour off: ages count from ticks, and the page says so",
  { skip },
  async () => {
    await besieged(async (world, front) => {
      const off = (ms: number): string =>
        `{ const real = Date.now; Date.now = () => real() + ${ms}; }`;
      const behind = await browser.open(front.url, { before: off(-3_600_000) });
      await behind.page.locator(".note", { hasText: "Your clock is 1 h behind" }).waitFor();
      equal(await behind.page.locator(".badge.green").count(), 1);
      const ahead = await browser.open(front.url, { before: off(3_600_000) });
      await world.publish({ leaves: [tickLeaf(0)] });
      await ahead.page.locator(".note", { hasText: "1 h ahead of this relay" }).waitFor();
      equal(await ahead.page.locator(".badge.amber").count(), 1);
      await behind.close();
      await ahead.close();
    });
  },
);
