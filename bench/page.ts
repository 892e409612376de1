/**
 * The market page: what it weighs, how soon it shows a price that it has verified itself, what
 * verification costs in the browser. Chromium and relay on one machine, over loopback; the log has
 * more than 10,000 leaves, once with a signed snapshot and once without.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "vite";

import { freshPages } from "../src/bin/pages.ts";
import { noBrowser, TestBrowser, type TestPage } from "../src/testing/browser.ts";
import { PageWorld, tickLeaf } from "../src/testing/pageworld.ts";
import type { Stage } from "./figure.ts";

const visits = 5;
const trades = 10_000;
const batch = 2500;

export async function runPage(stage: Stage): Promise<void> {
  const { say } = stage;
  const pages = await freshPages(say);
  if (pages === undefined || noBrowser() !== false) return;
  weigh(stage, pages);
  const browser = await TestBrowser.launch();
  try {
    await firstPrice(stage, browser, pages);
    await proofs(stage, browser);
  } finally {
    await browser.close();
  }
}

const names = {
  index: "market page with its chart",
  explain: "/explain",
  wallet: "/wallet, without its Worker",
};

/** Bytes of a page's own files, plain, by gzip, by brotli, as the relay sends them. */
function weigh({ tell }: Stage, pages: string): void {
  const size = (path: string): readonly number[] =>
    ["", ".gz", ".br"].map((ending) => readFileSync(join(pages, path + ending)).length / 1000);
  const list = readFileSync(join(pages, "build.txt"), "utf8");
  const named = (name: string): string =>
    new RegExp(`assets/${name}-[\\w-]+\\.js`).exec(list)?.[0] ?? "";
  for (const page of ["index", "explain", "wallet"] as const) {
    const text = readFileSync(join(pages, `${page}.html`), "utf8");
    const loaded = [...text.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(
      ([, path = ""]) => path,
    );
    const files = [`${page}.html`, ...loaded, ...(page === "index" ? [named("chart")] : [])];
    const sums = files
      .map(size)
      .reduce((sum, each) => sum.map((value, i) => value + (each[i] ?? 0)));
    for (const [i, how] of ["plain", "gzip", "brotli"].entries()) {
      const figure = `${names[page]}, ${how}`;
      tell({ bench: "page", figure, value: sums[i] ?? 0, unit: "kB" });
    }
  }
}

/** What is loaded after the first picture to check the card's OpenPGP signature. */
async function weighLater({ tell }: Stage, opened: TestPage, pages: string): Promise<void> {
  await opened.page.getByText("carries the exchange's OpenPGP").waitFor({ state: "attached" });
  const html = readFileSync(join(pages, "index.html"), "utf8");
  const later = opened.sent
    .map(({ url }) => new URL(url).pathname)
    .filter((path) => path.startsWith("/assets/") && !/chart-/.test(path) && !html.includes(path));
  for (const [ending, how] of [
    [".gz", "gzip"],
    [".br", "brotli"],
  ] as const) {
    const sizes = later.map((path) => readFileSync(join(pages, path + ending)).length / 1000);
    const value = sizes.reduce((sum, size) => sum + size, 0);
    tell({ bench: "page", figure: `OpenPGP, after the first price, ${how}`, value, unit: "kB" });
  }
}

/** Notes when the first price stands on the page. */
const watch = `new MutationObserver((_, observer) => {
  if (document.querySelector(".figures .last") === null) return;
  observer.disconnect();
  window.firstPrice = performance.now();
}).observe(document, { childList: true, subtree: true });`;

async function firstPrice(stage: Stage, browser: TestBrowser, pages: string): Promise<void> {
  const world = await PageWorld.start({ pages });
  try {
    for (let i = 0; i < trades / batch; i += 1) {
      const leaves = Array.from({ length: batch }, (_, j) => {
        return world.trade(
          4000 + ((i * batch + j) % 97) * 5,
          10,
          "buy",
          (trades - i * batch - j) * 1000,
        );
      });
      await world.publish({ leaves: [...leaves, tickLeaf(0)] });
    }
    // The exchange has signed none yet.
    const all = await median(browser, world.url);
    tellFirst(stage, `first verified price, ${trades} leaves from the first`, all);
    await world.publishSnapshot([tickLeaf(0)]);
    const snapshot = await median(browser, world.url);
    tellFirst(stage, `first verified price, ${trades} leaves, from a snapshot`, snapshot);
    const opened = await browser.open(world.url);
    await weighLater(stage, opened, pages);
    await opened.close();
  } finally {
    await world.close();
  }
}

function tellFirst({ tell }: Stage, figure: string, value: number): void {
  tell({ bench: "page", figure, value, unit: "ms" });
}

async function median(browser: TestBrowser, url: string): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < visits; i += 1) {
    const opened = await browser.open(url, { before: watch });
    let first = 0;
    while (first === 0) {
      await sleep(50);
      first = Number(await opened.page.evaluate("window.firstPrice ?? 0"));
    }
    times.push(first);
    await opened.close();
  }
  return times.toSorted((a, b) => a - b)[Math.floor(visits / 2)] ?? 0;
}

async function proofs({ tell }: Stage, browser: TestBrowser): Promise<void> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      lib: {
        entry: join(import.meta.dirname, "browserproof.ts"),
        formats: ["iife"],
        name: "proof",
      },
    },
  });
  const first = Array.isArray(built) ? built[0] : built;
  if (first === undefined || !("output" in first)) throw new Error("couldn't bundle the proofs");
  const opened = await browser.open("about:blank");
  const times: Record<string, number> = await opened.page.evaluate(
    `(() => { ${first.output[0].code}; return proof.measure(); })()`,
  );
  const figures = {
    inclusion: "in the browser: an inclusion proof of 1,000 leaves",
    append: "in the browser: 1,000 leaves appended to the tree",
    signature: "in the browser: a checkpoint's signature",
  };
  for (const [name, figure] of Object.entries(figures)) {
    tell({ bench: "page", figure, value: times[name] ?? 0, unit: "ms" });
  }
  await opened.close();
}
