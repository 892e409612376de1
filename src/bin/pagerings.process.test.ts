/**
 * A settled ring on the market page, in Chromium: drawn out of the log, both halves of every
 * order's signatures checked in the browser; calldata that is not the log's is not drawn.
 */
import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fromHex, sha256, toHex } from "../codec/bytes.ts";
import { noBrowser, TestBrowser } from "../testing/browser.ts";
import { PageWorld, tickLeaf } from "../testing/pageworld.ts";
import { at, listAt } from "../testing/walletcustomer.ts";
import { freshPages } from "./pages.ts";

const skip = noBrowser();
let browser: TestBrowser;
let world: PageWorld;

const vectors = join(import.meta.dirname, "../../vectors/ring");
const read = (name: string): unknown => JSON.parse(readFileSync(join(vectors, name), "utf8"));
const contract = String(at(read("world.json"), "domain", "contract"));

/** The call and the hash of its ring. */
function ringOf(name: string): { readonly calldata: Uint8Array; readonly hash: string } {
  const found = listAt(read("settled.json")).find((each) => at(each, "name") === name);
  const calldata = fromHex(String(at(found, "steps", 0, "call", "bytes")).slice(2));
  const hash = new RegExp(
    `"emitter":"${contract}","topics":\\["0x[0-9a-f]{64}","(0x[0-9a-f]{64})"`,
  );
  const [, ring] = hash.exec(JSON.stringify(found)) ?? [];
  if (calldata === undefined || ring === undefined) throw new Error("couldn't find the ring");
  return { calldata, hash: ring };
}

before(async () => {
  if (skip !== false) return;
  const pages = await freshPages(console.error);
  browser = await TestBrowser.launch();
  world = await PageWorld.start({ pages });
  const three = ringOf("three orders");
  const miner = `0x${toHex(three.calldata.subarray(0, 20))}`;
  const digit = (n: number): string => `0x${String(n).repeat(40)}`;
  await world.publish({
    leaves: [
      `VENUE|1|${contract}|${miner}|${miner}`,
      `TOKEN|GOLD|${digit(1)}|2`,
      `TOKEN|SILVER|${digit(2)}|2`,
      `TOKEN|COPPER|${digit(3)}|2`,
      `SUBMISSION|1|1800000300|${toHex(sha256(three.calldata))}`,
      `RING|1|1|${three.hash}|3`,
      `SETTLED|1|0x${"e".repeat(64)}`,
      tickLeaf(0),
    ],
    submissions: [{ number: 1, calldata: three.calldata }],
  });
});

after(async () => {
  await browser?.close();
  await world?.close();
});

test("three orders on a circle, six signatures that hold", { skip }, async () => {
  const opened = await browser.open(world.url, { reducedMotion: true });
  await opened.page.locator(".ring .knob").nth(2).waitFor();
  equal(await opened.page.locator(".ring .half.holds").count(), 6);
  await opened.page.getByText("miner signed").waitFor();
  deepEqual(await opened.axe(), []);
  await opened.shoot("market-ring-1280-dark");
  opened.calm();
  await opened.close();
});

test("other calldata than the log's is not drawn", { skip }, async () => {
  const context = await browser.context();
  await context.route(/ring\/submissions/, async (route) => {
    const answer = await route.fetch();
    const text = (await answer.text()).replace(/"calldata":"0x(.)/, '"calldata":"0xf');
    await route.fulfill({ response: answer, body: text });
  });
  const opened = await browser.open(world.url, {}, context);
  await opened.page.getByText("other calldata than the log speaks of").waitFor();
  equal(await opened.page.locator(".ring .knob").count(), 0);
  await opened.close();
});
