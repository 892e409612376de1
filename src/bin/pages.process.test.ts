/** The three pages in Chromium, as a relay serves them: by policy, calm, one origin, readable. */
import { deepEqual, equal, match } from "node:assert/strict";
import { after, before, test } from "node:test";
import { freshPages } from "./pages.ts";
import { noBrowser, TestBrowser } from "../testing/browser.ts";
import { PageWorld } from "../testing/pageworld.ts";

const skip = noBrowser();
let world: PageWorld;
let browser: TestBrowser | undefined;

before(async () => {
  const pages = await freshPages(console.error);
  world = await PageWorld.start({ pages });
  if (skip === false) browser = await TestBrowser.launch();
});

after(async () => {
  await browser?.close();
  await world.close();
});

test("a page is compressed once, cached by its tag, and has its policy", async () => {
  const headers = { "accept-encoding": "gzip, br" };
  const answer = await fetch(world.url, { headers });
  equal(answer.headers.get("content-encoding"), "br");
  const policy = answer.headers.get("content-security-policy") ?? "";
  match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
  match(policy, /connect-src 'self'/);
  const tag = answer.headers.get("etag") ?? "";
  const again = await fetch(world.url, { headers: { "if-none-match": tag } });
  equal(again.status, 304);
  const asset = /\/assets\/[\w.-]+\.js/.exec(await answer.text())?.[0] ?? "";
  const script = await fetch(world.url + asset);
  match(script.headers.get("cache-control") ?? "", /immutable/);
  const wallet = await fetch(`${world.url}/wallet`);
  match(wallet.headers.get("content-security-policy") ?? "", /'self' 'wasm-unsafe-eval'/);
});

for (const path of ["/", "/wallet", "/explain", "/plain"]) {
  test(`${path} is calm, by policy, and readable for all`, { skip }, async () => {
    const opened = await browser?.open(world.url + path);
    await opened?.page.waitForSelector("h1", { timeout: 5000 });
    await opened?.shoot(`page${path.replaceAll("/", "-")}`);
    opened?.calm();
    deepEqual(await opened?.axe(), []);
    deepEqual(opened?.origins, [world.url]);
  });
}
