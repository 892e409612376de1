/**
 * A relay that keeps back what the exchange signed, while others do not: it is noticed within
 * seconds by whoever is further on, named, and left; and who is further on confirms nothing.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyEd25519 } from "../../codec/ed25519.ts";
import { openFork } from "../../log/fork.ts";
import { encodeNote } from "../../log/note.ts";
import { encodePublication } from "../../log/publication.ts";
import { appendLeaf } from "../../log/tree.ts";
import { BentRelay } from "../../testing/bentrelay.ts";
import { freePort } from "../../testing/exchange.ts";
import { looksAvoided } from "./avoided.ts";
import { isLive, isWrong, lastPrice, looking, until } from "./looking.ts";
import { PageWorld, tickLeaf } from "../../testing/pageworld.ts";
import { confirming, isOvertaken, overtaken, type Seen } from "./seen.ts";
import type { VerifiedView } from "./verifiedview.ts";

const hour = 3_600_000;

/** Puts publications that the others have at the first relay, one after the other, until told. */
function replaying(world: PageWorld, kept: readonly Uint8Array[], number: number): () => void {
  const state = { isOver: false };
  const replay = async (): Promise<void> => {
    for (const [index, bytes] of kept.entries()) {
      if (state.isOver) return;
      await world.put(bytes, number + index, [0]);
      await sleep(100);
    }
  };
  void replay();
  return () => (state.isOver = true);
}

test("history an hour old, replayed at its pace: not confirmed, named, and left", async () => {
  const world = await PageWorld.start({ names: ["alder", "birch"] });
  const old = Array.from({ length: 60 }, (_, index) =>
    encodePublication(world.publisher.next({ leaves: [tickLeaf(hour - index * 1000)] })),
  );
  const now = [world.trade(9999, 1, "buy"), tickLeaf(0)];
  const all = [...old, encodePublication(world.publisher.next({ leaves: now }))];
  for (const [index, bytes] of all.entries()) await world.put(bytes, index + 2, [1]);
  const stop = replaying(world, all, 2);
  const told: Seen[] = [];
  const stale: Seen[] = [];
  try {
    await looking(world.url, async (view) => {
      view.listen(() => {
        told.push(view.seen);
        if (lastPrice(view.seen) === undefined) stale.push(view.seen);
      });
      await until(view, ({ source }) => source !== world.url);
      equal(lastPrice(await until(view, isLive)), 9999);
      equal(view.seen.source, world.relays[1]?.address);
      ok(told.every((seen) => confirming(seen) === 0));
      const late = told.find((seen) => overtaken(seen).length > 0);
      match(late === undefined ? "" : (overtaken(late)[0]?.sentence ?? ""), /birch.* alder, from/);
      // No clock is blamed between the moment that it is known and the first newer number.
      const known = stale.slice(stale.findIndex(isOvertaken));
      ok(known.length > 1 && known.every(isOvertaken));
      ok(told.some(({ standing }) => standing.kind === "gap" && /alder/.test(standing.sentence)));
    });
  } finally {
    stop();
    await sleep(120);
    await world.close();
  }
});

test("a relay that is further on and gives nothing is not gone to again and again", async () => {
  const ports = [await freePort(), await freePort()];
  const bend: { ahead?: Uint8Array } = {};
  // It shows a checkpoint that the exchange signed, and has no leaf of it.
  const mute = await BentRelay.before(`http://127.0.0.1:${ports[1]}`, (path, body) => {
    if (/log|leaves/.test(path)) return undefined;
    return path === "/v1/checkpoint" ? (bend.ahead ?? body) : body;
  });
  const elsewhere = new Map([["birch", mute.url]]);
  const world = await PageWorld.start({ names: ["alder", "birch"], ports, elsewhere });
  await world.publish({ leaves: [world.trade(4210, 1, "buy"), tickLeaf(0)] });
  bend.ahead = encodeNote(world.publisher.checkpoint(appendLeaf(world.frontier, tickLeaf(0))));
  const sources: string[] = [];
  const visits = (): number => sources.filter((url) => url === mute.url).length;
  const looked = ({ relays }: Seen): number =>
    relays.find(({ url }) => url === mute.url)?.asked ?? 0;
  try {
    const work = async (view: VerifiedView): Promise<void> => {
      view.listen(() => view.seen.source === sources.at(-1) || sources.push(view.seen.source));
      const isBack = (seen: Seen): boolean => isLive(seen) && seen.source === world.url;
      await until(view, (seen) => visits() > 0 && isBack(seen));
      const once = looked(view.seen);
      // A look may be under way while it is left.
      await until(view, (seen) => looked(seen) >= once + looksAvoided - 2);
      deepEqual(sources, [world.url, mute.url, world.url]);
      equal(overtaken(view.seen).length, 1);
      equal(lastPrice(view.seen), 4210);
      await until(view, (seen) => visits() > 1 && isBack(seen));
      const twice = looked(view.seen);
      await until(view, (seen) => looked(seen) >= twice + 2 * looksAvoided - 2);
      equal(visits(), 2);
    };
    // Everything is counted in looks: they may come as quickly as the machine allows.
    await looking(world.url, work, { pace: 40 });
  } finally {
    await mute.close();
    await world.close();
  }
});

test("a fork that is further on: a proof by its own tiles, not a lie of the relay's", async () => {
  const world = await PageWorld.start({ names: ["alder", "birch"] });
  const { publisher } = world;
  const before = world.frontier;
  await world.publish({ leaves: [world.trade(4210, 1, "buy"), tickLeaf(0)] }, [0]);
  // The exchange signs another history, two leaves longer, and birch alone has it.
  const other = [world.trade(1, 1, "sell"), tickLeaf(0), tickLeaf(0), tickLeaf(0)];
  const checkpoint = publisher.checkpoint(other.reduce(appendLeaf, before));
  const batch = publisher.next({ leaves: [] });
  await world.put(encodePublication({ ...batch, number: 2, leaves: other, checkpoint }), 2, [1]);
  try {
    await looking(world.url, async (view) => {
      equal(lastPrice(await until(view, isLive)), 4210);
      const { fork, view: shown } = await until(view, isWrong);
      equal(shown, undefined);
      equal(fork?.relay, "birch");
      ok(openFork(fork?.proof ?? "", publisher.log, verifyEd25519).ok);
    });
  } finally {
    await world.close();
  }
});
