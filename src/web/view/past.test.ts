/**
 * What is kept from one visit to the next: the log key once the exchange vouched for it, and the
 * newest checkpoint, which a later log must go on from; that it does is proved, or said not to be.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { verifyEd25519 } from "../../codec/ed25519.ts";
import { openFork } from "../../log/fork.ts";
import { encodePublication } from "../../log/publication.ts";
import { appendLeaf } from "../../log/tree.ts";
import { BentRelay } from "../../testing/bentrelay.ts";
import { freePort } from "../../testing/exchange.ts";
import { isLive, isWrong, lastPrice, looking, storage, until } from "./looking.ts";
import { PageWorld, tickLeaf } from "../../testing/pageworld.ts";
import { foreignTo } from "./exchange.ts";
import { keepHead, readHead, readPin, type Storage } from "./memory.ts";
import { isDoubted } from "./seen.ts";
import type { VerifiedView } from "./verifiedview.ts";

/** A first visit, as long as it takes to remember it. */
async function visit(origin: string, kept: Storage): Promise<void> {
  const work = async (view: VerifiedView): Promise<void> => {
    await until(view, ({ card }) => card === "checked");
  };
  await looking(origin, work, { storage: kept });
}

test("a log that does not go on from that of an earlier visit: the proof is there", async () => {
  const world = await PageWorld.start({});
  const kept = storage();
  const other = world.publisher.checkpoint(appendLeaf(world.frontier, world.trade(1, 1, "buy")));
  await visit(world.url, kept);
  keepHead(kept, other);
  await world.publish({ leaves: [world.trade(7777, 1, "sell"), tickLeaf(0)] });
  try {
    await looking(
      world.url,
      async (view) => {
        const { fork, view: shown, standing } = await until(view, isWrong);
        equal(shown, undefined);
        match(JSON.stringify(standing), /log_forked.*earlier visit/);
        ok(openFork(fork?.proof ?? "", world.publisher.log, verifyEd25519).ok);
        equal(readHead(kept), other);
      },
      { storage: kept },
    );
  } finally {
    await world.close();
  }
});

test("one that does goes on; until a relay shows it, it is amber and nothing is replaced", async () => {
  const port = await freePort();
  const kept = storage();
  const bend = { hasTiles: true };
  const front = await BentRelay.before(`http://127.0.0.1:${port}`, (path, body) =>
    path.includes("/tile/") && !bend.hasTiles ? undefined : body,
  );
  const elsewhere = new Map([["alder", front.url]]);
  const world = await PageWorld.start({ ports: [port], elsewhere });
  const leaves = Array.from({ length: 700 }, () => tickLeaf(0));
  const work = async (view: VerifiedView): Promise<void> => {
    const { standing, head } = await until(view, (seen) => seen.head !== undefined);
    equal(head?.checkpoint.size, 1403);
    match(JSON.stringify(standing), /gap.*goes on from the 702 leaves/);
    match(readHead(kept) ?? "", /^702$/m);
    bend.hasTiles = true;
    equal(lastPrice(await until(view, isLive)), 4210);
    await until(view, () => /^1403$/m.test(readHead(kept) ?? ""));
  };
  try {
    await world.publish({ leaves });
    await visit(front.url, kept);
    await world.publish({ leaves: [...leaves, world.trade(4210, 1, "buy")] });
    bend.hasTiles = false;
    await looking(front.url, work, { storage: kept });
  } finally {
    await front.close();
    await world.close();
  }
});

test("another relay's history, older than the page's opening and another one, is a fork", async () => {
  const world = await PageWorld.start({ names: ["alder", "birch"] });
  const { publisher } = world;
  const other = [world.trade(1, 1, "sell"), tickLeaf(0)];
  const checkpoint = publisher.checkpoint(other.reduce(appendLeaf, world.frontier));
  const leaves = Array.from({ length: 300 }, () => tickLeaf(0));
  await world.publish({ leaves }, [0]);
  const batch = publisher.next({ leaves: [] });
  await world.put(encodePublication({ ...batch, number: 2, leaves: other, checkpoint }), 2, [1]);
  try {
    await looking(world.url, async (view) => {
      const { fork } = await until(view, isWrong);
      equal(fork?.relay, "birch");
      equal(fork?.size, 4);
      ok(openFork(fork?.proof ?? "", publisher.log, verifyEd25519).ok);
    });
  } finally {
    await world.close();
  }
});

test("a log key that the exchange did not vouch for is not remembered, nor believed", async () => {
  const world = await PageWorld.start({});
  const kept = storage();
  const wrong = async (view: VerifiedView): Promise<void> => {
    const seen = await until(view, ({ card }) => typeof card === "object");
    equal(isDoubted(seen, undefined), true);
    deepEqual([readPin(kept), readHead(kept)], [undefined, undefined]);
  };
  const absent = async (view: VerifiedView): Promise<void> => {
    await until(view, ({ card }) => card === "not loaded");
    equal(readPin(kept), undefined);
  };
  try {
    const checkCard = (): Promise<string> => Promise.resolve("Signed by nobody.");
    await looking(world.url, wrong, { storage: kept, checkCard });
    const broken = (): Promise<string> => Promise.reject(new Error("no such file"));
    await looking(world.url, absent, { storage: kept, checkCard: broken });
    await visit(world.url, kept);
    equal(readPin(kept)?.exchange, world.publisher.exchange);
    match(readHead(kept) ?? "", /^2$/m);
  } finally {
    await world.close();
  }
});

test("a market of another exchange than the wallet's is not shown beside it, and both are named", () => {
  const own = { fingerprint: "ab".repeat(20), keyNumber: "111" };
  equal(foreignTo(own, { ...own }), undefined);
  const said = foreignTo(own, { fingerprint: "cd".repeat(20), keyNumber: "222" });
  match(said ?? "", /222.*Your wallet's has 111/);
});
