/**
 * A key that never goes on line, on a real exchange: its browser shows a sealed letter as a code,
 * another browser, without any key, reads it, posts it and shows the sealed reply.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { noBrowser, TestBrowser } from "../../testing/browser.ts";
import { TestExchange } from "../../testing/exchange.ts";
import { Newcomer } from "../../testing/newcomer.ts";

const skip = noBrowser();
const pictures = mkdtempSync(join(tmpdir(), "signet-codes-"));
let exchange: TestExchange;
let browser: TestBrowser;

before(async () => {
  if (skip !== false) return;
  exchange = await TestExchange.create();
  await Promise.all([exchange.start(), TestBrowser.launch().then((made) => (browser = made))]);
});

after(async () => {
  rmSync(pictures, { recursive: true });
  await browser?.close();
  await exchange?.remove();
});

test("a letter and its reply cross by QR codes, both ways", { skip }, async () => {
  const url = `${exchange.url}/wallet`;
  const cold = new Newcomer(await browser.open(url));
  const words = await cold.makeKey();
  await cold.checkWords(words);
  await cold.press("Only for this tab");
  await cold.isOpen();
  await cold.goTo("By hand");
  await cold.press("Post nothing from here");
  await cold.page.getByText("Nothing is posted from here.").waitFor();
  const before = cold.opened.sent.filter(({ method }) => method === "POST").length;
  const shown = await cold.order({ side: "Buy", quantity: "1", price: "0.05" });
  const minutes = (Date.parse(/^by (.*)$/m.exec(shown)?.[1] ?? "") - Date.now()) / 60_000;
  assert.ok(minutes > 50 && minutes < 61, "there is an hour to carry it");
  await cold.press("Sign and show as a code");
  const journey = cold.journey("Buy 1 GLD");
  const letter = join(pictures, "letter.png");
  await journey
    .getByRole("img", { name: /^QR code of the sealed letter/ })
    .screenshot({ path: letter });
  assert.equal(await journey.getByRole("button", { name: "Send the same bytes" }).count(), 0);
  await cold.opened.shoot("byhand-1-letter");

  const carrier = new Newcomer(await browser.open(url, { width: 390 }));
  await carrier.page.getByText("Carry a letter for a device that is off line").click();
  await carrier.page.locator('input[type="file"]').setInputFiles(letter);
  await carrier.press("Post it to the relays");
  const code = carrier.page.getByRole("img", { name: /^QR code of the sealed reply/ });
  await code.waitFor();
  await carrier.opened.shoot("byhand-2-reply");
  const reply = join(pictures, "reply.png");
  // A phone has more than one pixel in each of the page's: its picture is taken larger.
  await carrier.page.setViewportSize({ width: 1280, height: 1000 });
  await code.screenshot({ path: reply });
  const posts = cold.opened.sent.filter(({ method }) => method === "POST").length;
  assert.equal(posts, before, "the device with the key posted nothing");

  await journey.locator('input[type="file"]').setInputFiles(reply);
  await journey.getByText(/^Opened and verified:/).waitFor();
  await journey
    .getByText(/funds_short|not enough/i)
    .first()
    .waitFor();
  await cold.opened.shoot("byhand-3-opened");
  assert.deepEqual(await cold.opened.axe(), []);
  cold.opened.calm();
  carrier.opened.calm();
});
