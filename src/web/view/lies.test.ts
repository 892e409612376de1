/**
 * Hostile relays over time: forks, old logs, other keys, snapshots that are not the exchange's,
 * dripped answers. The view names them, and shows nothing that was not signed.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { openFork } from "../../log/fork.ts";
import { appendLeaf } from "../../log/tree.ts";
import { encodeNote } from "../../log/note.ts";
import { BentRelay } from "../../testing/bentrelay.ts";
import { isLive, isWrong, lastPrice, looking, storage, until } from "./looking.ts";
import { PageWorld, tickLeaf } from "../../testing/pageworld.ts";
import { SlowDrip } from "../../testing/slowdrip.ts";
import type { VerifiedView } from "./verifiedview.ts";
import { verifyEd25519 } from "../../codec/ed25519.ts";

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
    const visit = async (view: VerifiedView): Promise<void> =>
      void (await until(view, ({ card }) => card === "checked"));
    await looking(whole ?? "", visit, { storage: kept });
    await looking(
      old ?? "",
      async (view) => {
        const seen = await until(view, ({ standing }) => standing.kind === "gap");
        match(JSON.stringify(seen.standing), /on an earlier visit it had/);
        // The other relay is further on: it confirms nothing, it is read from.
        equal(lastPrice(await until(view, isLive)), 4210);
        equal(view.seen.source, whole);
      },
      { storage: kept },
    );
  } finally {
    await world.close();
  }
});

test("another log key than the one that was met first is refused", async () => {
  const [first, second] = [await PageWorld.start({}), await PageWorld.start({})];
  const kept = storage();
  try {
    const visit = async (view: VerifiedView): Promise<void> =>
      void (await until(view, ({ card }) => card === "checked"));
    await looking(first.url, visit, { storage: kept });
    await looking(
      second.url,
      async (view) => {
        const { standing, view: folded } = await until(view, isWrong);
        match(JSON.stringify(standing), /log_key_changed/);
        equal(folded, undefined);
      },
      { storage: kept },
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
