/**
 * A kept wallet in a real browser: one tab at a time, locked and opened by passphrase and by
 * passkey, forgotten when it is said, and silent while the clock is wrong.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { BrowserContext } from "playwright-core";

import { noBrowser, TestBrowser } from "../../testing/browser.ts";
import { TestExchange } from "../../testing/exchange.ts";
import { Newcomer } from "../../testing/newcomer.ts";

const skip = noBrowser();
const passphrase = "correct horse battery staple";
let exchange: TestExchange;
let browser: TestBrowser;
let context: BrowserContext;
let newcomer: Newcomer;
let words: readonly string[] = [];
/** Authenticators belong to names, not to numbers. */
let page = "";

before(async () => {
  if (skip !== false) return;
  exchange = await TestExchange.create();
  await exchange.start();
  browser = await TestBrowser.launch();
  context = await browser.context();
  page = `http://localhost:${exchange.port}/wallet`;
});

after(async () => {
  await browser?.close();
  await exchange?.remove();
});

test(
  "wrong answers name places, the words are shown again, and a short passphrase is none",
  { skip },
  async () => {
    newcomer = new Newcomer(await browser.open(page, {}, context));
    words = await newcomer.makeKey();
    await newcomer.checkWords(words.toReversed());
    await newcomer.page.getByText(/not what was shown at that place/).waitFor();
    await newcomer.press("Show the words again");
    await newcomer.checkWords(words.map((word) => ` ${word.toUpperCase().slice(0, 4)} `));
    await newcomer.page.getByLabel("Passphrase", { exact: true }).fill("short");
    await newcomer.page.getByLabel("The same again").fill("short");
    await newcomer.press("Lock with the passphrase");
    await newcomer.page.getByText("E729").waitFor();
    await newcomer.lockWith(passphrase);
  },
);

test("another tab waits, and takes over when this one closes", { skip }, async () => {
  const other = new Newcomer(await browser.open(page, {}, context));
  await other.page.getByText(/^Another tab has the wallet/).waitFor();
  await newcomer.page.close();
  newcomer = other;
  await other.page.getByRole("heading", { name: "Open your wallet" }).waitFor();
});

test(
  "opened by the passphrase, wrong ones refused; a passkey is added and opens it too",
  { skip },
  async () => {
    const session = await context.newCDPSession(newcomer.page);
    await session.send("WebAuthn.enable");
    await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        ctap2Version: "ctap2_1",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        hasPrf: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await open("wrong horse battery");
    await newcomer.page.getByText("E702").waitFor();
    await open(passphrase);
    await newcomer.isOpen();
    await newcomer.goTo("Key & relays");
    await newcomer.press("Another way to open it");
    await newcomer.press("Use a passkey instead");
    await newcomer.page.getByText(/opened by passkey or passphrase/).waitFor();
    await newcomer.press("Lock");
    await newcomer.press("Open with the passkey");
    await newcomer.isOpen();
    await newcomer.goTo("Key & relays");
    await newcomer.press("Lock");
    await open(passphrase);
    await newcomer.isOpen();
  },
);

async function open(typed: string): Promise<void> {
  await newcomer.page.getByLabel("Passphrase", { exact: true }).fill(typed);
  await newcomer.press("Open");
}

test("forgotten when the word is typed, and not before", { skip }, async () => {
  await newcomer.goTo("Key & relays");
  await newcomer.press("Forget the wallet");
  await newcomer.press("Forget it");
  await newcomer.page.getByText("E726").waitFor();
  await newcomer.page.getByLabel("Type forget").fill("forget");
  await newcomer.press("Forget it");
  await newcomer.page.getByRole("button", { name: "Make a key" }).waitFor();
  const left: unknown = await newcomer.page.evaluate(
    `indexedDB.databases().then((all) => all.map(({ name }) => name))`,
  );
  assert.ok(Array.isArray(left) && !left.includes("signet-wallet"));
});

test("wrong words are named by their place, and never repeated", { skip }, async () => {
  await newcomer.restore(words.with(6, "zzzz").join(" "));
  await newcomer.page.getByText("Word 7 is not in the list of words.").waitFor();
  const swapped = words.with(0, words[1] ?? "").with(1, words[0] ?? "");
  await newcomer.page.getByLabel("Your 24 words").fill(swapped.join(" "));
  await newcomer.press("Restore");
  const trouble = newcomer.page.getByText(/one is wrong, or two are swapped/);
  await trouble.waitFor();
  assert.doesNotMatch(
    await trouble.innerText(),
    new RegExp(`\\b(?:${words.join("|")})\\b ${words[2]}`),
  );
  newcomer.opened.calm(/v1\/snapshot/);
});

/** A clock that is wrong, put before the Worker's own script: in there, pages cannot set one. */
const clockAhead = (ms: number): string => `{ const real = Date; const ahead = ${ms};
  globalThis.Date = class extends real {
    constructor(...at) { if (at.length === 0) super(real.now() + ahead); else super(...at); }
    static now() { return real.now() + ahead; }
  }; }\n`;

const anHour = 3_600_000;

for (const [side, ms] of [
  ["ahead of", anHour],
  ["behind", -anHour],
] as const) {
  test(
    `a clock an hour ${side} the exchange's is said, and nothing is sent`,
    { skip },
    async () => {
      const wrong = await browser.context();
      await wrong.route(/assets\/worker-/, async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: clockAhead(ms) + (await answer.text()) });
      });
      const opened = await browser.open(page, {}, wrong);
      await opened.page.getByText(`clock is 60 minutes ${side} the exchange`).waitFor();
      await opened.page.getByText("E105").waitFor();
      await opened.shoot(`wallet-clock-${ms < 0 ? "behind" : "ahead"}`);
      const made = await opened.page.getByRole("button", { name: "Make a key" }).isDisabled();
      assert.equal(made, true);
      assert.ok(opened.sent.every(({ method }) => method === "GET"));
      await opened.close();
    },
  );
}
