/**
 * Hostile relays over time: forks, old logs, other keys, snapshots that are not the exchange's,
 * dripped answers. The view names them, and shows nothing that was not signed.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openFork } from "../../log/fork.ts";
import { appendLeaf } from "../../log/tree.ts";
import { encodeNote } from "../../log/note.ts";
import { BentRelay } from "../../testing/bentrelay.ts";
import { PageWorld, tickLeaf } from "../../testing/pageworld.ts";
import { SlowDrip } from "../../testing/slowdrip.ts";
import { verifyEd25519 } from "../../codec/ed25519.ts";
import type { Storage } from "./memory.ts";
import { VerifiedView, type Seen } from "./verifiedview.ts";

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => kept.set(name, text),
  };
}

async function until(view: VerifiedView, is: (seen: Seen) => boolean): Promise<Seen> {
  for (const end = Date.now() + 20_000; !is(view.seen); await sleep(20)) {
    if (Date.now() > end)
      throw new Error(`couldn't wait for ${JSON.stringify(view.seen.standing)}`);
  }
  return view.seen;
}

const isLive = ({ standing }: Seen): boolean => standing.kind === "live";
const isWrong = ({ standing }: Seen): boolean => standing.kind === "wrong";

function lastPrice(seen: Seen): number | undefined {
  return seen.view?.board.view("GLD/BTC", 10)?.trades.at(-1)?.price;
}

/** Runs with a view of `origin`, and ends both. */
async function looking(
  origin: string,
  work: (view: VerifiedView) => Promise<void>,
  kept = storage(),
): Promise<void> {
  const view = new VerifiedView({ origin, storage: kept, pace: 10 });
  view.start();
  try {
    await work(view);
  } finally {
    view.stop();
  }
}

test("two checkpoints of one size: everything ends, and the proof is there", async () => {
  const world = await PageWorld.start({ names: ["alder", "birch"] });
  const { publisher } = world;
  const forked = appendLeaf({ ...world.frontier }, world.trade(9999, 1, "buy"));
  await world.publish({ leaves: [world.trade(4210, 1, "buy")] });
  const other = publisher.checkpoint(forked);
  const liar = await BentRelay.before(world.url, (path, body) =>
    path === "/v1/checkpoint" ? encodeNote(other) : body,
  );
  try {
    await looking(liar.url, async (view) => {
      const seen = await until(
        view,
        (now) => now.relays.some(({ lie }) => lie !== undefined) || isWrong(now),
      );
      // Its leaves do not lead to its checkpoint.
      equal(seen.view, undefined);
      const { fork } = await until(view, ({ fork }) => fork !== undefined);
      const opened = openFork(fork?.proof ?? "", publisher.log, verifyEd25519);
      ok(opened.ok);
      equal(view.seen.view, undefined);
      equal(view.seen.standing.kind, "wrong");
    });
  } finally {
    await liar.close();
    await world.close();
  }
});

test("an older log than on the visit before is said to be old, and the newer one is found", async () => {
  const world = await PageWorld.start({ names: ["alder", "birch"] });
  const kept = storage();
  try {
    await world.publish({ leaves: [world.trade(4210, 1, "buy"), tickLeaf(0)] }, [1]);
    const [old, whole] = world.relays.map(({ address }) => address);
    await looking(whole ?? "", async (view) => void (await until(view, isLive)), kept);
    await looking(
      old ?? "",
      async (view) => {
        const seen = await until(view, ({ standing }) => standing.kind === "gap");
        match(JSON.stringify(seen.standing), /on an earlier visit it had/);
        await until(view, ({ relays }) => relays[1]?.state === "good");
      },
      kept,
    );
  } finally {
    await world.close();
  }
});

test("another log key than the one that was met first is refused", async () => {
  const [first, second] = [await PageWorld.start({}), await PageWorld.start({})];
  const kept = storage();
  try {
    await looking(first.url, async (view) => void (await until(view, isLive)), kept);
    await looking(
      second.url,
      async (view) => {
        const { standing, view: folded } = await until(view, isWrong);
        match(JSON.stringify(standing), /log_key_changed/);
        equal(folded, undefined);
      },
      kept,
    );
  } finally {
    await first.close();
    await second.close();
  }
});

test("a snapshot opens a long log at once; a changed part, or another index, is refused", async () => {
  const world = await PageWorld.start({});
  const bend = { path: /^$/, change: (text: string): string => text };
  const asked: string[] = [];
  const front = await BentRelay.before(world.url, (path, body) => {
    asked.push(path);
    return bend.path.test(path)
      ? Buffer.from(bend.change(body.toString("latin1")), "latin1")
      : body;
  });
  try {
    const trades = Array.from({ length: 4200 }, () => world.trade(4210, 1, "buy"));
    await world.publish({ leaves: [...trades, "LEVEL|GLD/BTC|sell|4215|80", tickLeaf(0)] });
    await world.publishSnapshot([world.trade(4220, 1, "buy"), tickLeaf(0)]);
    await looking(front.url, async (view) => {
      const seen = await until(view, isLive);
      equal(lastPrice(seen), 4220);
      deepEqual(seen.view?.counts, world.view.counts);
      deepEqual(asked.filter((path) => path.startsWith("/v1/leaves")).slice(0, 1), [
        "/v1/leaves?after=4203",
      ]);
    });
    for (const [path, change] of [
      [/parts/, (text: string) => text.replace("sell 4215 80", "sell 4215 99")],
      [/parts/, (text: string) => text.slice(0, -20)],
      [/snapshot$/, (text: string) => text.replace(/\ntick .*/, "\ntick -")],
    ] as const) {
      Object.assign(bend, { path, change });
      await looking(front.url, async (view) => {
        const seen = await until(view, ({ relays }) => relays.some(({ lie }) => lie !== undefined));
        match(seen.relays.find(({ lie }) => lie)?.lie?.code ?? "", /snapshot_wrong/);
        equal(lastPrice(await until(view, isLive)), 4220);
      });
    }
  } finally {
    await front.close();
    await world.close();
  }
});

test("a relay that drips is as good as silent: another one is read", async () => {
  const world = await PageWorld.start({});
  await world.publish({ leaves: [world.trade(4210, 1, "buy"), tickLeaf(0)] });
  const drip = await SlowDrip.before(world.url, (path) => path === "/v1/checkpoint");
  try {
    await looking(drip.url, async (view) => {
      equal(lastPrice(await until(view, isLive)), 4210);
      equal(view.seen.source, world.url);
    });
  } finally {
    await drip.close();
    await world.close();
  }
});
