/**
 * Debian's Chromium for the tests of the pages: opens them as a person would, and keeps what a
 * person does not see: every line of the console, every breach of the content security policy and
 * every byte that leaves the browser. Where Chromium is absent these tests are skipped, loudly.
 *
 *   const browser = await TestBrowser.launch();
 *   const opened = await browser.open(url, { width: 390, dark: true });
 *   …opened.page is Playwright's page
 *   await opened.shoot("market-390-dark");        build/screenshots/market-390-dark.png
 *   deepEqual(await opened.axe(), []);
 *   opened.calm();                                 throws if the console or the policy complained
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const executable = process.env["SIGNET_CHROMIUM"] ?? "/usr/bin/chromium";
const pictures = join(import.meta.dirname, "..", "..", "build", "screenshots");
const axeSource = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Why tests of the pages cannot run here, for node:test's `skip`; `false`: they can. */
export function noBrowser(): string | false {
  if (existsSync(executable)) return false;
  const why = `SKIPPED: no Chromium at ${executable} (apt-get install chromium)`;
  console.error(why);
  return why;
}

/** Something that left the browser. */
export type Sent = {
  /** `GET`, `POST` …, or `stream` for a message on a WebSocket. */
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** How a page is looked at. */
export type Looks = {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly reducedMotion?: boolean;
  /** Runs in the page before its own scripts: to set its clock wrong, for example. */
  readonly before?: string;
  /** Script switched off. */
  readonly plain?: boolean;
};

/** Runs in every page: what the policy refused becomes a line of the console. */
const tellViolations = `addEventListener("securitypolicyviolation", (event) => {
  console.error("policy: " + event.violatedDirective + " " + event.blockedURI + " " + event.sample);
});`;

export class TestPage {
  readonly page: Page;
  /** Errors and warnings of the console, and what was thrown and not caught. */
  readonly complaints: string[] = [];
  readonly sent: Sent[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.complaints.push(`${message.text()} (${message.location().url})`);
      }
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("request", (request) => {
      const body = request.postDataBuffer() ?? Buffer.alloc(0);
      const headers = request.headers();
      this.sent.push({ method: request.method(), url: request.url(), headers, body });
    });
    page.on("websocket", (socket) => {
      socket.on("framesent", ({ payload }) => {
        const body = Buffer.from(payload);
        this.sent.push({ method: "stream", url: socket.url(), headers: {}, body });
      });
    });
  }

  /** The origins that anything was sent to, each once. */
  get origins(): readonly string[] {
    const web = this.sent.filter(({ url }) => /^(?:http|ws)/.test(url));
    return [...new Set(web.map(({ url }) => new URL(url).origin.replace(/^ws/, "http")))];
  }

  /** Throws if anything complained, except what matches. */
  calm(...except: readonly RegExp[]): void {
    const loud = this.complaints.filter((line) => !except.some((known) => known.test(line)));
    assert.deepEqual(loud, []);
  }

  /** Keeps a picture of the whole page for people to look at. */
  async shoot(name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    await this.page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }

  /** What axe finds wrong, one line each. */
  async axe(): Promise<readonly string[]> {
    // Evaluated rather than added to the page: the page's policy lets in no script but its own.
    await this.page.evaluate(readFileSync(axeSource, "utf8"));
    const found: unknown = await this.page.evaluate(
      `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
         violations.map(({ id, nodes }) => id + ": " + nodes.map((n) => n.target.join(" ") + " " + n.failureSummary).join("; ")))`,
    );
    assert.ok(Array.isArray(found));
    return found.map(String);
  }

  /** The text that a person reads at a selector. */
  async text(selector: string): Promise<string> {
    return (await this.page.locator(selector).first().innerText()).trim();
  }

  /** What has the focus, for walks by keyboard: its name, or its text. */
  async focused(): Promise<string> {
    return String(
      await this.page.evaluate(
        `(() => { const e = document.activeElement; return e.getAttribute("aria-label") ?? e.textContent.trim().slice(0, 80); })()`,
      ),
    );
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}

export class TestBrowser {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<TestBrowser> {
    // Chromium refuses its own sandbox to the administrator, as whom containers run tests.
    const isRoot = process.getuid?.() === 0;
    const args = ["--disable-dev-shm-usage", ...(isRoot ? ["--no-sandbox"] : [])];
    return new TestBrowser(await chromium.launch({ executablePath: executable, args }));
  }

  /** An empty browser of its own: no storage is shared with another. */
  async context(looks: Looks = {}): Promise<BrowserContext> {
    const { width = 1280, height = 900, dark = true, reducedMotion = false } = looks;
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? "dark" : "light",
      reducedMotion: reducedMotion ? "reduce" : "no-preference",
      javaScriptEnabled: looks.plain !== true,
      timezoneId: "UTC",
      locale: "en-GB",
    });
    await context.addInitScript(tellViolations);
    if (looks.before !== undefined) await context.addInitScript(looks.before);
    return context;
  }

  /** Opens an address, in a browser of its own unless one is given. */
  async open(url: string, looks: Looks = {}, context?: BrowserContext): Promise<TestPage> {
    const page = await (context ?? (await this.context(looks))).newPage();
    const opened = new TestPage(page);
    await page.goto(url, { waitUntil: "domcontentloaded" });
    return opened;
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}
