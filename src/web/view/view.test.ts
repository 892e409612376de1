/**
 * The verified view against honest and lying relays, in Node: what is folded, what is refused, and
 * where it goes on.
 */
import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { BentRelay, type Bend } from "../../testing/bentrelay.ts";
import { isLive, lastPrice, looking, until } from "./looking.ts";
import { PageWorld, tickLeaf } from "../../testing/pageworld.ts";
import type { VerifiedView } from "./verifiedview.ts";
import { cardTrouble } from "./cardcheck.ts";

test("from the first leaf, then publication by publication", async () => {
  const world = await PageWorld.start({});
  await world.publish({ leaves: [world.trade(4210, 400, "buy"), "LEVEL|GLD/BTC|sell|4215|80"] });
  const check = (exchange: Parameters<typeof cardTrouble>[0]): Promise<string | undefined> =>
    cardTrouble(exchange, Date.now());
  const work = async (view: VerifiedView): Promise<void> => {
    equal(lastPrice(await until(view, isLive)), 4210);
    await world.publish({ leaves: [world.trade(4220, 10, "buy"), tickLeaf(0)] });
    const seen = await until(view, ({ head }) => head?.checkpoint.size === world.publisher.size);
    equal(lastPrice(seen), 4220);
    await until(view, ({ card }) => card === "checked");
    await until(view, ({ relays }) => relays[0]?.state === "good");
  };
  await looking(world.url, work, { checkCard: check }).finally(() => world.close());
});

const lies: readonly (readonly [
  what: string,
  path: RegExp,
  bend: (body: string) => string,
  RegExp,
])[] = [
  ["a trade that never was", /leaves/, (body) => body.replace("|4210|", "|9999|"), /root_wrong/],
  ["a changed level", /leaves/, (body) => body.replace("|4215|80", "|4215|8000"), /root_wrong/],
  [
    "leaves left out",
    /leaves/,
    (body) => body.replace(/"leaves":\[.*?\]/, '"leaves":[]'),
    /leaves_missing/,
  ],
  [
    "a checkpoint of nobody",
    /checkpoint/,
    (body) => body.replace(/\n\d+\n/, "\n7\n"),
    /note_signature_wrong/,
  ],
  [
    "a card without a frame",
    /exchange/,
    (body) => body.replace("signet-card/1", "x"),
    /answer_malformed/,
  ],
];

for (const [what, path, change, name] of lies) {
  test(`${what} is never folded, and is named`, async () => {
    const world = await PageWorld.start({});
    await world.publish({ leaves: [world.trade(4210, 400, "buy"), "LEVEL|GLD/BTC|sell|4215|80"] });
    const bend: Bend = (asked, body) =>
      path.test(asked) ? Buffer.from(change(body.toString("latin1")), "latin1") : body;
    const liar = await BentRelay.before(world.url, bend);
    try {
      await looking(liar.url, async (view) => {
        // The liar is named, and the numbers come from the relay that the card names.
        const seen = await until(view, (now) => isLive(now) || now.standing.kind === "wrong");
        const lie = seen.relays.find(({ url }) => url === liar.url)?.lie?.code;
        match(lie ?? JSON.stringify(seen.standing), name);
        equal(lastPrice(seen), seen.standing.kind === "live" ? 4210 : undefined);
      });
    } finally {
      await liar.close();
      await world.close();
    }
  });
}
