/** relay.http.txt against a real relay, and that nothing about who asked is kept or sent. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { doesNotMatch, equal, match, ok } from "node:assert/strict";
import { RelayWorld } from "../testing/relayworld.ts";
import { runTranscript } from "../testing/transcript.ts";
import { checkMarkup } from "../testing/markup.ts";

const transcript = readFileSync(new URL("relay.http.txt", import.meta.url), "utf8");

test("the transcript", async () => {
  const world = await RelayWorld.start();
  try {
    ok((await runTranscript(transcript, world.stage())) > 70);
  } finally {
    await world.close();
  }
});

test("no response and no stored byte tells of a login, or of who asked", async () => {
  const world = await RelayWorld.start();
  const marks = {
    cookie: "session=marked-cookie",
    authorization: "Bearer marked-authorization",
    "user-agent": "marked-agent",
    "x-forwarded-for": "198.51.100.77",
    referer: "http://marked-referer.example/",
    origin: "http://marked-origin.example",
  };
  const seen: string[] = [];
  const observe = (text: string): void => void seen.push(text);
  try {
    await runTranscript(transcript, { ...world.stage(), headers: marks, observe });
    ok(seen.length > 140);
    const stored = (): string[] =>
      readdirSync(world.dir).map((name) => readFileSync(join(world.dir, name), "latin1"));
    const whole = [...seen, ...stored()];
    await world.relay.close();
    const rested = stored();
    ok(
      rested.some((bytes) => bytes.includes("TRADE|1|GLD/BTC")),
      "the database was read",
    );
    for (const text of [...whole, ...rested]) {
      doesNotMatch(text, /marked-|198\.51\.100|127\.0\.0\.1|::1\b/);
      doesNotMatch(
        text,
        /set-cookie|cookie|session_|sessionid|jsessionid|password|csrf|logged in/i,
      );
    }
    // "No account here, no login" is all that the page says about it.
    const logins = whole.flatMap((text) => text.match(/.{0,20}\blog-?in\b/gi) ?? []);
    ok(
      logins.every((text) => /no\s+login$/.test(text)),
      logins.join(),
    );
  } finally {
    await world.close();
  }
});

test("feeds and page, as they are served, are well-formed", async () => {
  const world = await RelayWorld.start();
  try {
    await runTranscript(transcript, world.stage());
    for (const path of ["/", "/feeds/trades.atom", "/feeds/trades.rss", "/feeds/GLD-BTC.atom"]) {
      equal(checkMarkup(await (await world.get(path)).text()), undefined, path);
    }
    const feed = await world.get("/feeds/trades.atom");
    const etag = feed.headers.get("etag") ?? "";
    const again = await fetch(`${world.relay.address}/feeds/trades.atom`, {
      headers: { "if-none-match": etag },
    });
    equal(again.status, 304);
  } finally {
    await world.close();
  }
});

test("an asset's name may have points; its market has feeds", async () => {
  const world = await RelayWorld.start();
  try {
    const leaves = ["MARKET|S.MPOE/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8"];
    await world.put(1, world.publisher.publish({ leaves }));
    for (const ending of ["atom", "rss"]) {
      const answer = await world.get(`/feeds/S.MPOE-BTC.${ending}`);
      equal(answer.status, 200);
      match(await answer.text(), new RegExp(`/feeds/S\\.MPOE-BTC\\.${ending}"`));
    }
    for (const name of [
      "S.MPOE-BTC",
      "S.atom",
      "S.MPOE-BTC.atom.atom",
      ".atom",
      "S.MPOE-BTCatom",
    ]) {
      equal((await world.get(`/feeds/${name}`)).status, 404, name);
    }
  } finally {
    await world.close();
  }
});

test("a relay that starts again says the same", async () => {
  const world = await RelayWorld.start();
  try {
    await runTranscript(transcript, world.stage());
    const paths = ["/v1/markets", "/v1/book?market=GLD/BTC", "/v1/checkpoint", "/v1/trades"];
    const read = (): Promise<string[]> =>
      Promise.all(paths.map(async (path) => (await world.get(path)).text()));
    const before = await read();
    await world.restart();
    equal((await read()).join("\n"), before.join("\n"));
    equal(world.relay.watermark(), 3);
  } finally {
    await world.close();
  }
});
