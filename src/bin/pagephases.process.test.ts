/** Calls, halts, contracts and events on the pages, in Chromium, wide and as narrow as a phone. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, test } from "node:test";
import { freshPages } from "./pages.ts";
import { printTime, time } from "../codec/time.ts";
import { noBrowser, TestBrowser } from "../testing/browser.ts";
import { PageWorld, tickLeaf } from "../testing/pageworld.ts";

const skip = noBrowser();
const at = printTime(time(Date.now()));
const hash = "ab".repeat(32);
let world: PageWorld;
let browser: TestBrowser | undefined;

before(async () => {
  const pages = await freshPages(console.error);
  world = await PageWorld.start({ pages });
  await world.publish({
    leaves: [
      `LISTING|GLD|${world.publisher.exchange}|10000000|${hash}`,
      world.trade(4210, 400, "buy", 3_600_000),
      world.trade(4300, 40, "buy", 60_000).replace(/buy$/, "call"),
      "RATIO|1|GLD|10|1",
      `DIVIDEND|2|GLD|BTC|250000000|10000000|${at}`,
      `PHASE|GLD/BTC|volatility_call|${at}`,
      "LEVEL|GLD/BTC|buy|4300|90",
      "LEVEL|GLD/BTC|buy|4250|900",
      "LEVEL|GLD/BTC|sell|4200|80",
      "LEVEL|GLD/BTC|sell|4320|700",
      tickLeaf(0),
    ],
  });
  if (skip === false) browser = await TestBrowser.launch();
});

after(async () => {
  await browser?.close();
  await world.close();
});

for (const width of [1280, 390]) {
  for (const path of ["/", "/plain"]) {
    test(`${path} says a call and its crossed book, ${width} px wide`, { skip }, async () => {
      const opened = await browser?.open(world.url + path, { width });
      ok(opened !== undefined);
      await opened.page.waitForSelector("text=volatility call", { timeout: 10_000 });
      const text = await opened.text("main");
      match(text, /volatility call.*one price/s);
      match(text, /collecting, the book is crossed/i);
      match(text, /contract of GLD/i);
      ok(text.includes(hash) && text.includes("sha256sum CONTRACT"));
      match(text, /ratio 1:10: 10 new GLD for 1 old/);
      match(text, /dividend 2: 2\.5 BTC for 1000000 GLD/);
      ok(!/NaN|spread -/.test(text));
      const wide = await opened.page.evaluate("document.documentElement.scrollWidth");
      equal(wide, width, "nothing widens the page");
      await opened.shoot(`phases${path.replaceAll("/", "-")}-${width}`);
      deepEqual(await opened.axe(), []);
      opened.calm();
      await opened.close();
    });
  }
}

test("what changes is said at once: a halt, another name, the end", { skip }, async () => {
  const opened = await browser?.open(world.url);
  ok(opened !== undefined);
  await opened.page.waitForSelector("text=volatility call", { timeout: 10_000 });
  await world.publish({ leaves: [`PHASE|GLD/BTC|halt|${at}`, tickLeaf(0)] });
  await opened.page.waitForSelector(".phase >> text=halted", { timeout: 10_000 });
  await world.publish({ leaves: ["RENAMED|GLD|XAU", tickLeaf(0)] });
  await opened.page.waitForSelector("h1 >> text=XAU/BTC", { timeout: 10_000 });
  match(await opened.text("main"), /GLD is called XAU now/);
  await world.publish({ leaves: ["DELISTED|XAU", tickLeaf(0)] });
  await opened.page.waitForSelector(".phase >> text=delisted", { timeout: 10_000 });
  opened.calm();
  await opened.close();
});
