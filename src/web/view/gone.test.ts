/**
 * A relay that is read from and turns into something else: left at once, called a liar only for
 * what contradicts, and no longer once it answers well again.
 */
import { equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { BentRelay, type Bend } from "../../testing/bentrelay.ts";
import { freePort } from "../../testing/exchange.ts";
import { isLive, lastPrice, looking, until } from "./looking.ts";
import { PageWorld, tickLeaf } from "../../testing/pageworld.ts";
import type { RelayWeather } from "./weather.ts";
import { confirming, type Seen } from "./seen.ts";
import type { VerifiedView } from "./verifiedview.ts";

/** Alder, which is read from, behind a bend that a test may change; and birch, which is honest. */
async function withTwo(
  work: (world: PageWorld, view: VerifiedView, bend: { now: Bend }) => Promise<void>,
): Promise<void> {
  const ports = [await freePort(), await freePort()];
  const bend: { now: Bend } = { now: (_path, body) => body };
  const alder = await BentRelay.before(`http://127.0.0.1:${ports[0]}`, (path, body) =>
    bend.now(path, body),
  );
  const elsewhere = new Map([["alder", alder.url]]);
  const world = await PageWorld.start({ names: ["alder", "birch"], ports, elsewhere });
  try {
    await world.publish({ leaves: [world.trade(4210, 1, "buy"), tickLeaf(0)] });
    await looking(alder.url, async (view) => {
      await until(view, (seen) => isLive(seen) && seen.source === alder.url);
      await work(world, view, bend);
    });
  } finally {
    await alder.close();
    await world.close();
  }
}

const alderIn = ({ relays }: Seen): RelayWeather | undefined =>
  relays.find(({ name }) => name === "alder");

test("a web page in place of a relay: no relay answers there, and another is read", async () => {
  await withTwo(async (world, view, bend) => {
    const origin = view.seen.source;
    const page = Buffer.from("<!doctype html><title>Sign in</title>\n\n<p>Pay here.\n");
    bend.now = () => page;
    const seen = await until(view, ({ source }) => source !== origin);
    equal(seen.view !== undefined, true);
    await until(view, (now) => alderIn(now)?.state === "no relay");
    await until(view, isLive);
    equal(alderIn(view.seen)?.lie, undefined);
    await world.publish({ leaves: [world.trade(4220, 1, "buy"), tickLeaf(0)] });
    await until(view, (now) => lastPrice(now) === 4220);
    bend.now = (_path, body) => body;
    await until(view, (now) => alderIn(now)?.state === "good");
    equal(confirming(view.seen), 1);
  });
});

test("a false signature: left, named; over when it answers well, and not forgotten", async () => {
  await withTwo(async (_world, view, bend) => {
    const origin = view.seen.source;
    bend.now = (path, body) =>
      path === "/v1/checkpoint"
        ? Buffer.from(body.toString("latin1").replace(/\n\d+\n/, "\n7\n"), "latin1")
        : body;
    await until(view, (now) => alderIn(now)?.state === "lied" && now.source !== origin);
    equal(alderIn(view.seen)?.lie?.code, "note_signature_wrong");
    bend.now = (_path, body) => body;
    const seen = await until(view, (now) => alderIn(now)?.state === "good");
    match(JSON.stringify(alderIn(seen)?.lie), /note_signature_wrong.*"isOver":true/);
    // Who lied once confirms nothing, and is not read from.
    equal(confirming(seen), 0);
    ok(seen.source !== origin);
  });
});
