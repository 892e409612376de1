/**
 * The market page of a real exchange in Chromium: its numbers are the relay's, it follows new
 * trades, it is calm, sends nothing elsewhere, and can be used by keyboard and read by anybody.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, test } from "node:test";
import { noBrowser, TestBrowser, type TestPage } from "../testing/browser.ts";
import type { TestCustomer } from "../testing/customer.ts";
import { freePort, TestExchange } from "../testing/exchange.ts";
import { readyCustomers } from "../testing/ready.ts";
import { at, listAt } from "../testing/walletcustomer.ts";

const skip = noBrowser();
let exchange: TestExchange;
let browser: TestBrowser;
let alice: TestCustomer;
let bob: TestCustomer;
let birch: string;

before(async () => {
  if (skip !== false) return;
  exchange = await TestExchange.create();
  birch = `http://127.0.0.1:${await freePort()}`;
  await exchange.addRelays(`birch ${birch} here`);
  await exchange.start();
  const funds = { BTC: 1_000_000_000, GLD: 100_000 };
  const customers = await readyCustomers(exchange, 2, funds);
  [alice, bob] = [customers[0] ?? fail(), customers[1] ?? fail()];
  await alice.say(
    exchange.url,
    [4190, 4195, 4200].map((price) => `BUY|GLD/BTC|500|${price}`),
  );
  await bob.say(
    exchange.url,
    [4210, 4215, 4230].map((price) => `SELL|GLD/BTC|300|${price}`),
  );
  await alice.say(exchange.url, ["BUY|GLD/BTC|120|4210", "BUY|GLD/BTC|80|4210"]);
  await bob.say(exchange.url, ["SELL|GLD/BTC|45|4200"]);
  browser = await TestBrowser.launch();
});

after(async () => {
  await browser?.close();
  await exchange?.remove();
});

function fail(): never {
  throw new Error("couldn't make two customers");
}

async function api(path: string): Promise<unknown> {
  return (await fetch(exchange.url + path)).json();
}

async function fresh(opened: TestPage): Promise<void> {
  await opened.page.waitForSelector(".badge.green", { timeout: 15_000 });
}

/** Rows of a table as a reader sees them, cell by cell. */
async function rows(opened: TestPage, selector: string): Promise<readonly string[][]> {
  const found: string[][] = [];
  for (const row of await opened.page.locator(`${selector} tbody tr`).all()) {
    found.push((await row.locator("td").allInnerTexts()).map((text) => text.trim()));
  }
  return found;
}

test(
  "every number is what the relay serves, and new trades come by themselves",
  { skip },
  async () => {
    const opened = await browser.open(exchange.url);
    await fresh(opened);
    const ticker = at(await api("/v1/ticker?market=GLD/BTC"), "tickers", 0);
    equal(await opened.text(".figures .last"), String(at(ticker, "last")).padEnd(7, "0"));
    match(
      await opened.text(".figures"),
      new RegExp(`vol\\s+${String(at(ticker, "day", "quantity"))} GLD`),
    );
    const book = await api("/v1/book?market=GLD/BTC");
    const side = async (index: number): Promise<readonly string[]> =>
      (await rows(opened, `.book table:nth-child(${index + 1})`)).map(
        ([price, quantity]) => `${price} ${quantity}`,
      );
    const served = (name: string): readonly string[] =>
      listAt(book, name).map(
        (level) => `${String(at(level, "price")).padEnd(7, "0")} ${String(at(level, "quantity"))}`,
      );
    deepEqual(await side(0), served("buys"));
    deepEqual(await side(1), served("sells"));
    const key = String(at(await api("/v1/relay"), "keyNumber"));
    equal(await opened.text(".keynumber"), key);
    await opened.page
      .getByText("carries the exchange's OpenPGP signature")
      .waitFor({ state: "attached" });
    await alice.say(exchange.url, ["BUY|GLD/BTC|7|4215"]);
    await opened.page.locator(".figures .last", { hasText: "0.04210" }).waitFor();
    match(await opened.page.title(), /^0\.04210 GLD\/BTC/);
    opened.calm();
    deepEqual(opened.origins.toSorted(), [exchange.url, birch].toSorted());
    ok(
      opened.sent.every(
        ({ method, body }) =>
          method === "GET" || (method === "stream" && body.toString() === '{"subscribe":"log"}'),
      ),
    );
    await opened.close();
  },
);

for (const [width, dark] of [
  [1280, true],
  [1280, false],
  [390, true],
  [390, false],
] as const) {
  test(
    `at ${width} pixels, ${dark ? "dark" : "light"}, everybody can read it`,
    { skip },
    async () => {
      const opened = await browser.open(exchange.url, { width, dark, reducedMotion: true });
      await fresh(opened);
      await opened.page.locator(".chart canvas").first().waitFor();
      await opened.shoot(`market-${width}-${dark ? "dark" : "light"}`);
      deepEqual(await opened.axe(), []);
      const overflow = await opened.page.evaluate(
        "document.documentElement.scrollWidth - innerWidth",
      );
      equal(overflow, 0);
      opened.calm();
      await opened.close();
    },
  );
}

test("by keyboard: to the content, into the badge, through the candles", { skip }, async () => {
  const opened = await browser.open(exchange.url);
  await fresh(opened);
  const { keyboard } = opened.page;
  await keyboard.press("Tab");
  equal(await opened.focused(), "To the content");
  const seen: string[] = [];
  for (let i = 0; i < 14; i += 1) {
    await keyboard.press("Tab");
    seen.push(await opened.focused());
    if (seen.at(-1)?.includes("log #") === true) {
      await keyboard.press("Enter");
      await opened.page.getByText("What this page checked").waitFor();
      await keyboard.press("Enter");
    }
    if (seen.at(-1) === "1h") await keyboard.press("Enter");
    if (seen.at(-1) === "table") await keyboard.press("Space");
  }
  for (const stop of ["Wallet", "How it works", "15m", "1h", "table"])
    ok(seen.includes(stop), `${stop} in ${seen.join()}`);
  await opened.page.getByText("candles of GLD/BTC, 1h, newest first").waitFor();
  await opened.close();
});

test("/explain shows a real letter and live numbers, step by step", { skip }, async () => {
  for (const [width, dark] of [
    [1280, true],
    [390, false],
  ] as const) {
    const opened = await browser.open(`${exchange.url}/explain`, {
      width,
      dark,
      reducedMotion: true,
    });
    await fresh(opened);
    await opened.page.getByText("all that a relay sees").waitFor();
    await opened.shoot(`explain-${width}-${dark ? "dark" : "light"}`);
    deepEqual(await opened.axe(), []);
    const next = opened.page.getByRole("button", { name: "Next" });
    for (let i = 0; i < 5; i += 1) await next.click();
    await opened.page.getByText("Newest report, leaf").waitFor();
    opened.calm();
    deepEqual(opened.origins.toSorted(), [exchange.url, birch].toSorted());
    await opened.close();
  }
});

test("without script there is a way to the plain page", { skip }, async () => {
  const opened = await browser.open(exchange.url, { plain: true });
  await opened.page.getByRole("link", { name: /without any script/ }).click();
  await opened.page.getByText("0.04215").first().waitFor();
  await opened.close();
});
