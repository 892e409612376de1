/**
 * The whole way of a newcomer in a real browser, on a real exchange with three relays, one of which
 * begins to lie: a key, its words checked, play money, a purchase followed to its fate with a proof
 * behind every dot, the browser wiped, and everything back from the words alone.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";

import { fingerprint } from "../../codec/names.ts";
import { orderIdOf } from "../../letter/orderid.ts";
import { noBrowser, TestBrowser } from "../../testing/browser.ts";
import { freePort, TestExchange } from "../../testing/exchange.ts";
import { Front, type Meddle } from "../../testing/front.ts";
import { Newcomer } from "../../testing/newcomer.ts";
import { readyCustomers } from "../../testing/ready.ts";
import { at, WalletCustomer } from "../../testing/walletcustomer.ts";

/** An exchange as young as this has no snapshot yet, and a browser says so in its console. */
const noSnapshot = /v1\/snapshot/;
const skip = noBrowser();
const passphrase = "four words made up";
/** Somebody else's machine. */
const outside = new WalletCustomer();
let exchange: TestExchange;
let cedar: Front;
let browser: TestBrowser;
let newcomer: Newcomer;
let words: readonly string[] = [];
/** The text that the page showed before it was signed. */
let shown = "";

/** Gives a receipt that its relay signed for something else: one digit of the time is another. */
const falseReceipts: Meddle = async (asked, forward) => {
  const said = await forward(asked);
  if (asked.method !== "POST" || asked.path !== "/v1/letters") return said;
  const body = said.body.toString("latin1").replace(/number (\d+)/, "number 9$1");
  return { ...said, body: Buffer.from(body, "latin1") };
};

/** The heading that has the focus, as soon as it is this one. */
async function atHeading(name: string, who = newcomer): Promise<void> {
  const focused = who.page.locator(":is(h1, h2):focus", { hasText: name });
  await focused.waitFor({ state: "attached" });
}

/** An operator's own command, as `npm start` tells it to be typed. */
async function creditDeposit(number: string, amount: string): Promise<void> {
  const hand = new WalletCustomer(exchange.dir, "hands");
  const ended = await hand.json("hands", "credit", number, amount, `slip-${number}`, "--send");
  assert.equal(ended.code, 0, ended.err);
}

before(async () => {
  if (skip !== false) return;
  exchange = await TestExchange.create();
  const [birch, behind] = [await freePort(), await freePort()];
  cedar = await Front.start(`http://127.0.0.1:${behind}`);
  await exchange.addRelays(
    `birch http://127.0.0.1:${birch} here`,
    `cedar ${cedar.url} here ${cedar.relay}`,
  );
  await Promise.all([exchange.start(), TestBrowser.launch().then((made) => (browser = made))]);
  const [seller] = await readyCustomers(exchange, 1, { GLD: 1000 });
  await seller?.say(exchange.url, ["SELL|GLD/BTC|1000|5000|id=ask"]);
});

after(async () => {
  outside.remove();
  await browser?.close();
  await cedar?.close();
  await exchange?.remove();
});

test("makes a key, checks the words, locks it: the account is open", { skip }, async () => {
  newcomer = new Newcomer(await browser.open(`${exchange.url}/wallet`));
  const { opened, page } = newcomer;
  await page.getByRole("button", { name: "Make a key", disabled: false }).waitFor();
  await opened.shoot("newcomer-1-welcome");
  words = await newcomer.makeKey();
  assert.equal(words.length, 24);
  await atHeading("Write these 24 words on paper");
  await opened.shoot("newcomer-2-words");
  await newcomer.checkWords([]);
  await page.getByText("E721").waitFor();
  await atHeading("Type three of them back");
  await newcomer.press("Show the words again");
  await atHeading("Write these 24 words on paper");
  await newcomer.checkWords(words);
  await atHeading("Keep it in this browser?");
  await opened.shoot("newcomer-3-keep");
  await newcomer.lockWith(passphrase);
  assert.deepEqual(await opened.axe(), []);
});

test("deposits play money, which an operator credits", { skip }, async () => {
  const number = await newcomer.deposit("10", "BTC");
  await newcomer.opened.shoot("newcomer-4-deposit");
  await creditDeposit(number, "10");
  await newcomer.page.getByText(/credited \d\d:\d\d/).waitFor();
  await newcomer
    .journey("Announce a deposit")
    .getByText(/was credited/)
    .first()
    .waitFor();
});

test("buys: what is signed is the text that was shown, and it is filled", { skip }, async () => {
  cedar.meddle = falseReceipts;
  shown = await newcomer.order({ side: "Buy", quantity: "40", price: "0.05" });
  await newcomer.opened.shoot("newcomer-5-sheet");
  const journey = newcomer.journey("Buy 40 GLD");
  // The exchange stands still until every relay has said its word, so that none is too late to lie.
  process.kill(exchange.islandPid, "SIGSTOP");
  try {
    await newcomer.sign();
    await atHeading("Letters");
    await journey.getByText("carried by 2 of 3 relays").waitFor();
    await newcomer.page.getByText("(a lie)").waitFor();
    await newcomer.opened.shoot("newcomer-6-carried");
  } finally {
    process.kill(exchange.islandPid, "SIGCONT");
  }
  await journey.getByText("Filled: 40 of 40 GLD traded.").waitFor();
  const sealed = await newcomer.proofBehind(journey, /^signed/);
  assert.match(sealed, /^-----BEGIN PGP MESSAGE-----/);
  assert.equal(await newcomer.proofBehind(journey, /^signed/, /^Download letter-.*txt$/), shown);
  const report = await newcomer.proofBehind(journey, /^matched/);
  const account = fingerprint(/^to ([0-9a-f]{40})$/m.exec(report)?.[1] ?? "");
  // The exchange counts its order id over the bytes that were signed.
  assert.match(report, new RegExp(`^ORDER\\|1\\|${orderIdOf(account, shown)}\\.1\\|filled`, "m"));
  await newcomer.opened.shoot("newcomer-7-filled");
});

test(
  "the relay that lied is named with its code, and its lie changed nothing",
  { skip },
  async () => {
    await newcomer.goTo("Key & relays");
    const cedarRow = newcomer.page.getByRole("listitem").filter({ hasText: "cedar" });
    await cedarRow.getByText(/cedar lied/).waitFor();
    await cedarRow.getByText("E602").waitFor();
    await newcomer.opened.shoot("newcomer-8-relays");
    assert.deepEqual(await newcomer.opened.axe(), []);
  },
);

/** On a phone the cells stand one below the other. */
async function textOf(table: Locator): Promise<string> {
  return (await table.innerText()).replaceAll(/\s+/g, " ");
}

/** What the account is, as a person reads it: balances, orders and trades. */
async function told(who: Newcomer): Promise<readonly string[]> {
  await who.goTo("History");
  const tables = await who.page.getByRole("table").all();
  const history = await Promise.all(tables.map(textOf));
  await who.goTo("Money");
  return [...history, await textOf(who.page.getByRole("table").first())];
}

test("wipes the browser and gets everything back from the words alone", { skip }, async () => {
  const before = await told(newcomer);
  assert.match(before.join("\n"), /GLD\/BTC/);
  const fresh = new Newcomer(await browser.open(`${exchange.url}/wallet`, { width: 390 }));
  await fresh.restore(words.map((word, i) => `${i + 1}. ${word.slice(0, 4)}`).join("\n"));
  await fresh.page.getByRole("heading", { name: "Keep it in this browser?" }).waitFor();
  await fresh.opened.shoot("newcomer-9-restored");
  await atHeading("Keep it in this browser?", fresh);
  await fresh.press("Only for this tab");
  await atHeading("Wallet: Trade", fresh);
  await fresh.isOpen();
  assert.deepEqual(await told(fresh), before);
  await fresh.opened.shoot("newcomer-10-phone");
  fresh.opened.calm(noSnapshot);
  await fresh.opened.close();
});

test("every dot's proof holds outside, by the signet command", { skip }, async () => {
  await newcomer.goTo("Trade");
  const journey = newcomer.journey("Buy 40 GLD");
  await journey.getByRole("button", { name: /read by the exchange/ }).click();
  // Reads are published in blocks, some seconds later and apart from the trade.
  await journey.getByText(/proved in public/).waitFor({ timeout: 40_000 });
  await newcomer.opened.shoot("newcomer-11-proved");
  await journey.getByRole("button", { name: /read by the exchange/ }).click();
  const evidence = await newcomer.proofBehind(journey, /^carried/, /^Download evidence-/);
  assert.equal(await newcomer.proofBehind(journey, /read by the exchange/), evidence);
  const file = join(outside.dir, "evidence.json");
  writeFileSync(file, evidence);
  const verified = await outside.json("receipt", "verify", file);
  assert.equal(verified.code, 0, verified.err);
  assert.equal(at(verified.data, "state"), "read");
  assert.deepEqual(at(verified.data, "receipts"), ["alder", "birch"]);
  newcomer.opened.calm(noSnapshot);
});
