/**
 * A newcomer at the wallet's page, who does what a person does: reads labels, types, presses
 * buttons. Whatever is waited for is something that a person sees.
 */
import { readFileSync } from "node:fs";
import type { Locator, Page } from "playwright-core";

import type { TestPage } from "./browser.ts";

const patienceMs = 15_000;

export class Newcomer {
  readonly opened: TestPage;
  readonly page: Page;

  constructor(opened: TestPage) {
    this.opened = opened;
    this.page = opened.page;
    this.page.setDefaultTimeout(patienceMs);
  }

  /** A button, as soon as it can be pressed. */
  async press(name: string | RegExp, within: Locator | Page = this.page): Promise<void> {
    await within
      .getByRole("button", { name, exact: typeof name === "string" })
      .first()
      .click();
  }

  /** Goes to one of the wallet's rooms. */
  async goTo(room: string): Promise<void> {
    const rooms = this.page.getByRole("navigation", { name: "Wallet" });
    await rooms.getByRole("link", { name: room }).click();
    await rooms.locator("a[aria-current]", { hasText: room }).waitFor();
  }

  /** Makes a key; the words as they stand on the page. */
  async makeKey(): Promise<readonly string[]> {
    await this.press("Make a key");
    const list = this.page.getByRole("list", { name: "Your 24 words" });
    await list.waitFor();
    return (await list.getByRole("listitem").allInnerTexts()).map((word) => word.trim());
  }

  /** Types the words that are asked for, from the paper. */
  async checkWords(words: readonly string[]): Promise<void> {
    await this.press("They are on paper");
    for (const label of await this.page.getByText(/^Word \d+$/).all()) {
      const place = Number((await label.innerText()).replaceAll(/\D/g, ""));
      await label.getByRole("textbox").fill(words[place - 1] ?? "");
    }
    await this.press("Check the words");
  }

  async lockWith(passphrase: string): Promise<void> {
    await this.page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
    await this.page.getByLabel("The same again").fill(passphrase);
    await this.press("Lock with the passphrase");
    await this.isOpen();
  }

  async restore(words: string): Promise<void> {
    await this.press("I have 24 words");
    await this.page.getByLabel("Your 24 words").fill(words);
    await this.press("Restore");
  }

  /** The wallet is open, and the exchange has answered that the account is. */
  async isOpen(): Promise<void> {
    await this.goTo("Trade");
    await this.page.getByText(/^As report \d+/).waitFor();
  }

  /** Announces a deposit; its number. */
  async deposit(amount: string, asset: string): Promise<string> {
    await this.goTo("Money");
    const form = this.page.getByRole("region", { name: "Deposit", exact: true });
    await form.getByLabel("Asset").selectOption(asset);
    await form.getByLabel(`Amount in ${asset}`).fill(amount);
    await this.press("Look at the letter", form);
    await this.press("Sign and send");
    const reference = this.page.getByText(/^deposit \d+$/).first();
    await reference.waitFor();
    return (await reference.innerText()).replaceAll(/\D/g, "");
  }

  /** Fills an order in; the text that the page shows to be signed. */
  async order(order: {
    readonly side: "Buy" | "Sell";
    readonly quantity: string;
    readonly price: string;
  }): Promise<string> {
    const { side, quantity, price } = order;
    await this.goTo("Trade");
    await this.page
      .getByText(new RegExp(`^${side} GLD$`))
      .first()
      .click();
    await this.page.getByLabel("Quantity in GLD").fill(quantity);
    await this.page.getByLabel("Price in BTC for one GLD").fill(price);
    await this.press("Look at the letter");
    const letter = this.page.getByRole("list", { name: "The letter, line by line" });
    await letter.waitFor();
    const lines = await letter.locator("code").allInnerTexts();
    return `${lines.join("\n")}\n`;
  }

  /** Signs what the sheet shows. */
  async sign(): Promise<void> {
    await this.press("Sign and send");
  }

  /** The way of a letter, by what it says. */
  journey(words: string | RegExp): Locator {
    return this.page.getByRole("article").filter({ hasText: words });
  }

  /** Downloads the file behind a dot, or another that its button names. */
  async proofBehind(journey: Locator, dot: RegExp, file = /^Download /): Promise<string> {
    const button = journey.getByRole("button", { name: dot });
    await button.click();
    const [download] = await Promise.all([
      this.page.waitForEvent("download"),
      this.press(file, journey),
    ]);
    await button.click();
    return readFileSync(await download.path(), "utf8");
  }
}
