/** The ring venue over HTTP from a real relay: what was published is served, and nothing else. */
import { test } from "node:test";
import { deepEqual, equal, match } from "node:assert/strict";
import { sha256, toHex } from "../codec/bytes.ts";
import { encodePublication } from "../log/publication.ts";
import { RelayWorld } from "../testing/relayworld.ts";

const address = (digit: string): string => `0x${digit.repeat(40)}`;
const hash = (digit: string): string => `0x${digit.repeat(64)}`;

const venue = [
  `VENUE|31337|${address("c")}|${address("a")}|${address("f")}`,
  `TOKEN|GOLD|${address("1")}|18`,
  `TOKEN|SILVER|${address("2")}|6`,
];

/** Calldata of submission `number`, with one ring of that number. */
function authored(number: number): { readonly calldata: Uint8Array; readonly leaves: string[] } {
  const calldata = Uint8Array.of(7, number >> 8, number);
  const leaf = `SUBMISSION|${number}|1800000300|${toHex(sha256(calldata))}`;
  return { calldata, leaves: [leaf, `RING|${number}|${number}|${hash("5")}|3`] };
}

type Publishing = {
  readonly leaves?: readonly string[];
  readonly submissions?: readonly number[];
  readonly carried?: readonly number[];
};

/** Publishes leaves and submissions; `carried` are the items that go with them, if not those. */
function put(world: RelayWorld, { leaves = [], submissions = [], carried }: Publishing) {
  const said = submissions.flatMap((number) => authored(number).leaves);
  const publication = world.publisher.next({ leaves: [...leaves, ...said] }, (honest) => ({
    ...honest,
    submissions: (carried ?? submissions).map((number) => {
      const { calldata } = authored(number);
      return { number, calldata };
    }),
  }));
  return world.put(publication.number, encodePublication(publication));
}

async function json(world: RelayWorld, path: string): Promise<Record<string, unknown>> {
  return (await (await world.get(path)).json()) as Record<string, unknown>;
}

async function numbers(world: RelayWorld, path: string, field: string): Promise<unknown> {
  const found = (await json(world, path))[field];
  return Array.isArray(found) ? found.map((each: { number?: unknown }) => each.number) : found;
}

const applied = { status: 200, code: "" };

test("before there is a venue", async () => {
  const world = await RelayWorld.start();
  try {
    equal((await world.get("/v1/ring/venue")).status, 404);
    equal((await json(world, "/v1/ring/venue"))["code"], "ring_not_offered");
    deepEqual(await json(world, "/v1/ring/offers"), { offers: [] });
    deepEqual(await json(world, "/v1/ring/submissions"), { submissions: [] });
    deepEqual(await json(world, "/v1/ring/rings"), { rings: [] });
    equal((await json(world, "/v1/ring/depth?sell=GOLD&buy=SILVER"))["code"], "token_unknown");
  } finally {
    await world.close();
  }
});

const ring = (number: number): object => ({
  number,
  submission: number,
  hash: hash("5"),
  size: 3,
});
const settled = { ...ring(1), state: "settled", transaction: hash("e") };
const failed = { ...ring(2), state: "failed", reason: "TransferFailed" };
const pending = { ...ring(3), state: "authored" };
const one = { sellAmount: "1000000000000000000", buyAmount: "2000000", price: "2", hops: 1 };
const expected = {
  venue: {
    chainId: "31337",
    contract: address("c"),
    miner: address("a"),
    feeRecipient: address("f"),
    tokens: [
      { name: "GOLD", address: address("1"), decimals: 18 },
      { name: "SILVER", address: address("2"), decimals: 6 },
    ],
  },
  offers: {
    offers: [
      {
        number: 1,
        sell: "GOLD",
        buy: "SILVER",
        sellAmount: "1000000000000000000",
        buyAmount: "2000000",
      },
    ],
  },
  submissions: {
    submissions: [settled, failed, pending].map((ring, i) => ({
      number: i + 1,
      deadline: "1800000300",
      calldata: `0x07000${i + 1}`,
      rings: [ring],
    })),
  },
  rings: { rings: [failed, pending] },
  depth: { sell: "GOLD", buy: "SILVER", levels: [one], bids: [] },
};

/** All that a relay says of rings. */
async function read(world: RelayWorld): Promise<unknown> {
  return {
    venue: await json(world, "/v1/ring/venue"),
    offers: await json(world, "/v1/ring/offers"),
    submissions: await json(world, "/v1/ring/submissions"),
    rings: await json(world, "/v1/ring/rings?after=1"),
    depth: await json(world, "/v1/ring/depth?sell=GOLD&buy=SILVER"),
  };
}

test("venue, offers, submissions, rings and depth, also after a restart", async () => {
  const world = await RelayWorld.start();
  try {
    const offers = ["OFFER|1|GOLD|SILVER|1000000000000000000|2000000", "OFFER|2|SILVER|GOLD|5|7"];
    deepEqual(await put(world, { leaves: [...venue, ...offers] }), applied);
    deepEqual(
      await put(world, { submissions: [1, 2], leaves: ["OFFER|2|SILVER|GOLD|0|0"] }),
      applied,
    );
    const outcomes = [`SETTLED|1|${hash("e")}`, "FAILED|2|TransferFailed"];
    deepEqual(await put(world, { leaves: outcomes, submissions: [3] }), applied);
    deepEqual(await read(world), expected);
    await world.restart();
    deepEqual(await read(world), expected);
    // What came before is untouched by leaves that are not about markets.
    deepEqual(await json(world, "/v1/markets"), { markets: [] });
    match(await (await world.get("/")).text(), /<html/);
    equal((await json(world, "/v1/leaves?after=0"))["size"], world.publisher.size);
  } finally {
    await world.close();
  }
});

test("a submission that does not go with its leaf is not applied, and nothing of it served", async () => {
  const world = await RelayWorld.start();
  try {
    deepEqual(await put(world, { leaves: venue, submissions: [1], carried: [2] }), {
      status: 422,
      code: "submission_without_leaf",
    });
    const other = await RelayWorld.start();
    try {
      deepEqual(await put(other, { leaves: venue, submissions: [1], carried: [] }), {
        status: 422,
        code: "leaf_without_submission",
      });
    } finally {
      await other.close();
    }
    deepEqual(await json(world, "/v1/ring/submissions"), { submissions: [] });
    equal((await world.get("/v1/ring/venue")).status, 404);
  } finally {
    await world.close();
  }
});

test("who waits for a submission hears of it; who asks wrongly hears why", async () => {
  const world = await RelayWorld.start();
  try {
    deepEqual(await put(world, { leaves: venue, submissions: [1] }), applied);
    const waiting = numbers(world, "/v1/ring/submissions?after=1&wait=60", "submissions");
    // A publication without one wakes nobody.
    deepEqual(await put(world, { leaves: ["OFFER|1|GOLD|SILVER|5|7"] }), applied);
    deepEqual(await put(world, { submissions: [2] }), applied);
    deepEqual(await waiting, [2]);
    const soon = numbers(world, "/v1/ring/submissions?after=0&wait=60", "submissions");
    deepEqual(await soon, [1, 2]);
    for (const query of ["after=01", "after=-1", "wait=61", "wait=x"]) {
      const answer = await world.get(`/v1/ring/submissions?${query}`);
      equal(answer.status, 400, query);
      match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
      equal(((await answer.json()) as { code: string }).code, "number_malformed");
    }
    equal((await json(world, "/v1/ring/rings?after=x"))["code"], "number_malformed");
    for (const query of ["sell=GOLD&buy=GOLD", "sell=GOLD", "sell=GOLD&buy=TIN", "buy=SILVER"]) {
      equal((await json(world, `/v1/ring/depth?${query}`))["code"], "token_unknown", query);
    }
  } finally {
    await world.close();
  }
});

test("the newest 500 submissions are kept, in memory and on disk", async () => {
  const world = await RelayWorld.start();
  try {
    const from = (first: number, count: number): readonly number[] =>
      Array.from({ length: count }, (_, i) => first + i);
    deepEqual(await put(world, { leaves: venue, submissions: from(1, 300) }), applied);
    deepEqual(await put(world, { submissions: from(301, 205) }), applied);
    const check = async (): Promise<void> => {
      const path = "/v1/ring/submissions?after=0";
      deepEqual(await numbers(world, path, "submissions"), from(6, 100));
      const last = "/v1/ring/submissions?after=500";
      deepEqual(await numbers(world, last, "submissions"), from(501, 5));
      deepEqual(await numbers(world, "/v1/ring/rings?after=503", "rings"), [504, 505]);
    };
    await check();
    await world.restart();
    await check();
  } finally {
    await world.close();
  }
});
