/**
 * The wallet's trading screens in a real browser, before a wallet that answers from a script: every
 * room on a desk and on a phone, light and dark; what a person does with keys and clicks; codes
 * read back from the pixels that were drawn.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encode } from "uqr";
import { noBrowser, TestBrowser, type Looks, type TestPage } from "../../testing/browser.ts";
import { sealedLetter } from "../../testing/sealed.ts";
import { Stage } from "../../testing/stage.ts";
import { toBase64 } from "../../codec/bytes.ts";
import { partsOf } from "./qrframe.ts";

const skip = noBrowser();
const pictures = mkdtempSync(join(tmpdir(), "signet-codes-"));
let stage: Stage;
let browser: TestBrowser;

before(async () => {
  if (skip !== false) return;
  [stage, browser] = await Promise.all([Stage.open(), TestBrowser.launch()]);
});

after(async () => {
  rmSync(pictures, { recursive: true });
  await browser?.close();
  stage?.close();
});

async function open(looks: Looks = {}): Promise<TestPage> {
  const opened = await browser.open(stage.url, looks);
  opened.page.setDefaultTimeout(8000);
  await opened.page.getByRole("navigation", { name: "Wallet" }).waitFor();
  return opened;
}

/** What was asked of the wallet so far: the calls' names, or all of those of one name. */
async function asked(opened: TestPage): Promise<readonly string[]> {
  const calls = await opened.page.evaluate("stage.asked.map((a) => JSON.stringify(a))");
  assert.ok(Array.isArray(calls));
  return calls.map(String);
}

const whole = { quantity: "120.5", price: "0.04215" };

async function fillTicket(opened: TestPage, { quantity, price } = whole): Promise<void> {
  await opened.page.getByLabel("Quantity in GLD").fill(quantity);
  await opened.page.getByLabel("Price in BTC for one GLD").fill(price);
}

/** What is done in each room before it is looked at. */
const rooms: Readonly<Record<string, (opened: TestPage) => Promise<void>>> = {
  trade: async (opened) => {
    await fillTicket(opened, { ...whole, quantity: "120.55" });
    await opened.page.evaluate(
      `stage.show({ journeys: [stage.scene.unknownUntil(new Date(Date.now() + 41_000).toISOString()),
         stage.scene.resting, stage.scene.voided] })`,
    );
    const resting = opened.page.getByRole("article", { name: "desk-42" });
    await resting.getByRole("button", { name: /carried by 3/ }).click();
  },
  money: async () => undefined,
  history: async () => undefined,
  reports: async (opened) => {
    await opened.page.getByRole("button", { name: /^Report 17/ }).click();
    await opened.page.getByRole("button", { name: "Every record of it" }).click();
    await opened.page.getByText(/^Bought 40 GLD/).waitFor();
  },
  carry: async () => undefined,
  relays: async () => undefined,
  sheet: async (opened) => {
    await fillTicket(opened);
    await opened.page.getByRole("button", { name: "Look at the letter" }).click();
    await opened.page.getByRole("dialog").waitFor();
  },
};

for (const [width, dark] of [
  [1280, true],
  [390, false],
] as const) {
  test(`every room at ${width} pixels reads well and breaks no rule`, { skip }, async () => {
    const opened = await open({ width, dark, height: 900 });
    for (const [room, prepare] of Object.entries(rooms)) {
      await opened.page.goto(`${stage.url}#${room === "sheet" ? "trade" : room}`);
      await prepare(opened);
      await opened.shoot(`wallet-${room}-${width}`);
      assert.deepEqual(await opened.axe(), [], room);
      const over = await opened.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      assert.equal(over, 0, `${room} is no wider than the screen`);
    }
    opened.calm();
    await opened.close();
  });
}

test(
  "a wrong value is offered its neighbours; the sheet shows what is signed",
  { skip },
  async () => {
    const opened = await open();
    const { page } = opened;
    await fillTicket(opened, { ...whole, quantity: "120.55" });
    const look = page.getByRole("button", { name: "Look at the letter" });
    assert.ok(await look.isDisabled());
    await page.getByRole("button", { name: "120.5", exact: true }).click();
    await look.click();
    const dialog = page.getByRole("dialog", { name: "Read what you sign" });
    assert.equal(await opened.focused(), "Read what you sign", "it begins with its title");
    const lines = await dialog.locator("code").allInnerTexts();
    const text: unknown = await page.evaluate("stage.scene.resting.text");
    assert.equal(`${lines.join("\n")}\n`, text);
    assert.deepEqual((await asked(opened)).length, 1, "nothing was sent");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assert.equal(await opened.focused(), "Look at the letter", "the focus comes back");
    await opened.close();
  },
);

test("an order from the first key to the last", { skip }, async () => {
  const opened = await open({ reducedMotion: true });
  const { page } = opened;
  await page.getByLabel("Quantity in GLD").focus();
  await page.keyboard.type("120.5");
  await page.keyboard.press("Tab");
  await page.keyboard.type("0.04215");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  for (let presses = 0; (await opened.focused()) !== "Sign and send"; presses += 1) {
    assert.ok(presses < 12, "Tab leads to the button");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const calls = await asked(opened);
  assert.match(calls[0] ?? "", /"compose".*"quantity":"120\.5","price":"0\.04215"/);
  assert.equal(calls[1], '{"name":"send","ask":{"draft":"draft-1"}}');
  await opened.close();
});

test("the ticket is off, with the reason, while the clock is wrong", { skip }, async () => {
  const opened = await open();
  await opened.page.evaluate("stage.show({ clock: { offsetMs: 74_000 } })");
  await fillTicket(opened);
  const look = opened.page.getByRole("button", { name: "Look at the letter" });
  assert.ok(await look.isDisabled());
  await opened.page.getByText("Your clock is 74 s ahead of the exchange's.").first().waitFor();
  await opened.page.getByText("E105").waitFor();
  await opened.close();
});

test(
  "dots never move back, what changes is announced, and void is sent anew",
  { skip },
  async () => {
    const opened = await open();
    const { page } = opened;
    await page.evaluate(`stage.show({ journeys: [{ ...stage.scene.resting,
    dots: stage.scene.resting.dots.map((dot) => ({ ...dot, state: "todo", proof: undefined })) }] })`);
    const journey = page.getByRole("article", { name: "desk-42" });
    assert.equal(await journey.locator("li.done").count(), 4);
    await page.evaluate(`stage.show({ journeys: [{ ...stage.scene.resting,
    fate: { kind: "filled", sentence: "Filled: all of it." } }] })`);
    const status = page.getByRole("status").first();
    await status.filter({ hasText: "desk-42: Filled: all of it." }).waitFor({ state: "attached" });
    await page.evaluate("stage.show({ journeys: [stage.scene.voided] })");
    await page.getByRole("button", { name: "Send it again, anew" }).click();
    const dialog = page.getByRole("dialog", { name: "Read what you sign" });
    await dialog.getByText("Exactly this text is signed").waitFor();
    assert.match((await asked(opened)).at(-1) ?? "", /"anew".*"0-41"/, "nothing is signed yet");
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.locator("h2:focus", { hasText: "Letters" }).waitFor();
    await opened.close();
  },
);

test(
  "a missing report is a bead that is fetched by a click; a lie is forgiven",
  { skip },
  async () => {
    const opened = await open();
    const { page } = opened;
    await page.getByRole("link", { name: /Reports/ }).click();
    await page.getByRole("button", { name: "Report 14 is missing: fetch it" }).click();
    assert.match((await asked(opened)).at(-1) ?? "", /"resendReports"/);
    await page.getByRole("link", { name: /relays/ }).click();
    await page.getByText("birch lied: It gave a reply").waitFor();
    await page.getByRole("button", { name: "Forgive, and ask it again" }).click();
    assert.match((await asked(opened)).at(-1) ?? "", /"forgiveRelay".*birch/);
    await page.evaluate("stage.fail(true)");
    await page.getByRole("button", { name: "Remove alder" }).click();
    await page.getByRole("button", { name: "Do without it" }).click();
    await page.getByText("No relay answered (3 tried, 10 s).").waitFor();
    await opened.close();
  },
);

test("orders are cancelled after a question; history is filtered and saved", { skip }, async () => {
  const opened = await open();
  const { page } = opened;
  await page.getByRole("button", { name: "Cancel desk-40" }).click();
  const dialog = page.getByRole("dialog", { name: "Cancel desk-40?" });
  await dialog.getByText(/takes back sell 25 GLD\/BTC at 0\.0431, 25 still open/).waitFor();
  await dialog.getByRole("button", { name: "Back" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await opened.focused(), "Cancel desk-40");
  await page.getByRole("button", { name: "Cancel all 3" }).click();
  const all = page.getByRole("dialog", { name: "Cancel all open orders?" });
  await all.getByText("CANCELALL", { exact: true }).waitFor();
  assert.ok(
    !(await asked(opened)).join().includes('"send"'),
    "nothing is signed before it is read",
  );
  await all.getByRole("button", { name: "Sign and send" }).click();
  await all.waitFor({ state: "detached" });
  assert.match((await asked(opened)).at(-1) ?? "", /"send"/);
  await page.getByRole("link", { name: "History" }).click();
  await page.getByLabel("Side").selectOption("sell");
  await page.getByRole("heading", { name: "Orders (2)" }).waitFor();
  await page.getByLabel("Name, id, trade or report").fill("nobody");
  await page.getByRole("heading", { name: "Orders (0)" }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Orders (CSV)" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "orders.csv");
  await opened.close();
});

test("every term of an order, as it is asked of the wallet", { skip }, async () => {
  const opened = await open({ width: 390, height: 900 });
  const { page } = opened;
  await page.getByText("At the market").click();
  await page.getByLabel("Quantity in GLD").fill("120.5");
  await page.getByText(/^Advanced/).click();
  await page.getByLabel(/^Stop: waits until the last trade is there or above/).fill("0.043");
  await page.getByText("A stop that buys without a price could cost anything.").waitFor();
  await page.getByText("E129").waitFor();
  const look = page.getByRole("button", { name: "Look at the letter" }).first();
  assert.ok(await look.isDisabled());
  await page.getByLabel(/^Pays at most, in BTC/).fill("4.5");
  await page.getByText("held while it waits").waitFor();
  await page.getByLabel("Time in force").selectOption("DAY");
  await page.getByLabel("If it meets an order of mine").selectOption("oldest");
  await opened.shoot("wallet-advanced-390");
  assert.deepEqual(await opened.axe(), []);
  const over = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  assert.equal(over, 0, "no wider than the screen");
  await look.click();
  await page.getByRole("dialog").waitFor();
  const call = JSON.parse((await asked(opened))[0] ?? "");
  const { tif, stop, own, cap, price } = call.ask;
  assert.deepEqual([tif, stop, own, cap, price], ["DAY", "0.043", "oldest", "4.5", undefined]);
  opened.calm();
  await opened.close();
});

test("an order is changed, and the switch set, after it was read", { skip }, async () => {
  const opened = await open();
  const { page } = opened;
  await page.getByText("waiting", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Change desk-42" }).click();
  const change = page.getByRole("dialog", { name: "Change desk-42" });
  assert.deepEqual(await opened.axe(), []);
  await change.getByLabel(/^Price in BTC/).fill("0.042");
  await change.getByRole("button", { name: "Look at the letter" }).click();
  const sheet = page.getByRole("dialog", { name: "Change desk-42?" });
  await sheet.getByText(/^Change the order 5c1e.* 100 GLD in all, price 0.042 BTC;/).waitFor();
  await sheet.getByRole("button", { name: "Sign and send" }).click();
  await sheet.waitFor({ state: "detached" });
  const calls = await asked(opened);
  assert.match(calls[0] ?? "", /"replace".*"price":"0\.042","postOnly":false/);
  assert.match(calls[1] ?? "", /"send"/);
  await page.getByText(/^All open orders are cancelled at/).waitFor();
  await page.getByText("Move that time", { exact: true }).click();
  await page.getByLabel(/^Cancel all my open orders in/).fill("10m");
  await page.locator(".deadman").getByRole("button", { name: "Look at the letter" }).click();
  const until = page.getByRole("dialog", { name: "Read what you sign" });
  await until.getByText("CANCELAFTER|1795284000").waitFor();
  assert.match((await asked(opened)).at(-1) ?? "", /"cancelAfter".*"when":"10m"/);
  opened.calm();
  await opened.close();
});

test("what one device shows as a code, another reads from its pixels", { skip }, async () => {
  const opened = await open();
  const { page } = opened;
  await page.evaluate("stage.show({ cold: true })");
  await page.getByText("Carry by hand", { exact: true }).first().click();
  const code = page.getByRole("img", { name: /sealed letter 0-42/ });
  const picture = join(pictures, "letter.png");
  await code.screenshot({ path: picture });
  // The letter's own code is no reply, and is told so; pasted as a letter elsewhere it is read.
  await page.locator('.byhand input[type="file"]').setInputFiles(picture);
  await page.getByText("This code carries a letter; wanted is a reply.").waitFor();
  await page.getByRole("link", { name: "By hand" }).click();
  await page.locator('.carry input[type="file"]').setInputFiles(picture);
  await page.getByRole("button", { name: "Post it to the relays" }).click();
  const reply = page.getByRole("img", { name: /sealed reply/ });
  await reply.screenshot({ path: join(pictures, "reply.png") });
  await page.getByRole("link", { name: "Trade" }).click();
  await page.getByText("Carry by hand", { exact: true }).first().click();
  const reader = page.locator('.byhand input[type="file"]');
  await reader.setInputFiles(join(pictures, "reply.png"));
  await page.getByText(/Opened and verified: report 18/).waitFor();
  const sizes = await page.evaluate(
    `["carry", "open"].map((name) => stage.asked.find((a) => a.name === name).ask.sealed.length)`,
  );
  assert.deepEqual(sizes, [612, 1583], "every byte came over");
  opened.calm();
  await opened.close();
});

/** A camera before which somebody holds these codes, one after the other. */
function cameraOf(texts: readonly string[]): string {
  const codes = texts.map((text) => encode(text, { ecc: "L", border: 4 }).data);
  return `{
    const codes = ${JSON.stringify(codes)};
    let shown = 0;
    navigator.mediaDevices.getUserMedia = async () => {
      const canvas = document.createElement("canvas");
      const edge = canvas.width = canvas.height = codes[0].length * 6;
      const pen = canvas.getContext("2d");
      const draw = () => {
        const code = codes[Math.floor(shown++ / 4) % codes.length];
        pen.fillStyle = "#fff";
        pen.fillRect(0, 0, edge, edge);
        pen.fillStyle = "#000";
        code.forEach((row, y) => row.forEach((isDark, x) => {
          if (isDark) pen.fillRect(x * 6, y * 6, 6, 6);
        }));
      };
      draw();
      setInterval(draw, 200);
      return canvas.captureStream(10);
    };
  }`;
}

test("a long letter is read by the camera, part by part", { skip }, async () => {
  const sealed = sealedLetter("long", 4200);
  const texts = partsOf("letter", sealed) ?? [];
  assert.equal(texts.length, 2);
  const opened = await open({ before: cameraOf(texts) });
  const { page } = opened;
  await page.getByRole("link", { name: "By hand" }).click();
  await page.getByRole("button", { name: "Scan with the camera" }).click();
  await page.getByText(/of 2 is read; still to read/).waitFor();
  await page.getByText(`${sealed.length} bytes, sealed to the exchange`).waitFor();
  await page.getByRole("button", { name: "Post it to the relays" }).click();
  const came: unknown = await page.evaluate(
    `btoa(String.fromCharCode(...stage.asked.find((a) => a.name === "carry").ask.sealed))`,
  );
  assert.equal(came, toBase64(sealed));
  opened.calm();
  await opened.close();
});
