/** What a dock that lies or a carrier that mangles can do to a relay: stop its news, no more. */
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";
import { sha256, toHex } from "../codec/bytes.ts";
import { tag } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { encodePublication, publicationBytesMax, type Publication } from "../log/publication.ts";
import { fetchMail } from "../testing/customer.ts";
import { Publisher, testKey } from "../testing/publisher.ts";
import { RelayWorld, refOf } from "../testing/relayworld.ts";
import { sealedLetter } from "../testing/sealed.ts";

const letter = sealedLetter("letter");
const reply = { ref: refOf(letter), sealed: sealedLetter("reply") };
const leaves = [
  "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8",
  "TRADE|1|GLD/BTC|400|4210|2026-11-21T11:59:31.000Z|buy",
];
const at = time(1_795_262_370_402);

async function state(world: RelayWorld): Promise<string> {
  const paths = ["/v1/dock/watermark", "/v1/trades", "/v1/leaves", `/v1/letters/${reply.ref}`];
  const texts = await Promise.all(paths.map(async (path) => (await world.get(path)).text()));
  return texts.join("\n");
}

/** The attacks: each is refused by its name and changes nothing; then the true one is applied. */
const attacks: readonly {
  readonly name: string;
  readonly what: string;
  readonly bend: (honest: Publication) => Publication;
}[] = [
  {
    name: "leaf_malformed",
    what: "a leaf that is none",
    bend: (p) => ({ ...p, leaves: ["TRADE|x", ...p.leaves.slice(1)] }),
  },
  {
    name: "root_wrong",
    what: "a price altered",
    bend: (p) => ({ ...p, leaves: p.leaves.map((line) => line.replace("4210", "4310")) }),
  },
  {
    name: "size_wrong",
    what: "a leaf left out",
    bend: (p) => ({ ...p, leaves: p.leaves.slice(1) }),
  },
  {
    name: "report_without_leaf",
    what: "the reply's bytes altered",
    bend: (p) => ({ ...p, replies: [{ ...reply, sealed: sealedLetter("forged") }] }),
  },
  {
    name: "report_without_leaf",
    what: "mail slipped in",
    bend: (p) => ({
      ...p,
      mail: [{ tag: tag("7a".repeat(32)), index: 0, sealed: sealedLetter("forged mail") }],
    }),
  },
  {
    name: "leaf_without_report",
    what: "the reply left out",
    bend: (p) => ({ ...p, replies: [] }),
  },
  {
    name: "checkpoint_signature_wrong",
    what: "signed by another key",
    bend: (p) => ({ ...p, checkpoint: stranger().next({ leaves, replies: [reply] }).checkpoint }),
  },
  {
    name: "notice_wrong",
    what: "the customer's letter called unopenable by somebody else",
    bend: (p) => ({
      ...p,
      unopenable: stranger().next({ unopenable: { at, refs: [reply.ref] } }).unopenable,
    }),
  },
];
const exchange = "49979888511191774776929750563049979888ab";
function stranger(): Publisher {
  return new Publisher(exchange, testKey(2));
}

test("a bent publication is refused by name and nothing of it is applied", async () => {
  const world = await RelayWorld.start();
  try {
    await world.post(letter);
    const before = await state(world);
    const honest = world.publisher.next({ leaves, replies: [reply] });
    for (const { name, what, bend } of attacks) {
      const answer = await world.put(1, encodePublication(bend(honest)));
      deepEqual(answer, { status: 422, code: name }, what);
      equal(await state(world), before, what);
    }
    equal((await world.put(1, encodePublication(honest))).status, 200);
    equal(world.relay.watermark(), 1);
  } finally {
    await world.close();
  }
});

test("a leaf for the reply is missing though the checkpoint is the exchange's own", async () => {
  const world = await RelayWorld.start();
  try {
    const hash = toHex(sha256(reply.sealed));
    const lying = world.publisher.next({ leaves, replies: [reply] }, (honest) => ({
      ...honest,
      leaves: honest.leaves.filter((line) => !line.endsWith(hash)),
    }));
    const answer = await world.put(1, encodePublication(lying));
    deepEqual(answer, { status: 422, code: "report_without_leaf" });
  } finally {
    await world.close();
  }
});

test("skipped, repeated, altered after the fact; two histories are told apart", async () => {
  const world = await RelayWorld.start();
  try {
    const first = world.publisher.publish({ leaves });
    const second = world.publisher.publish({ leaves: ["NOTICE|the second"] });
    const third = world.publisher.publish({ leaves: ["NOTICE|the third"] });
    deepEqual(await world.put(2, second), { status: 422, code: "number_wrong" });
    equal((await world.put(1, first)).status, 200);
    deepEqual(await world.put(3, third), { status: 422, code: "number_wrong" });
    equal((await world.put(2, second)).status, 200);
    equal((await world.put(1, first)).status, 200, "a repeat has no effect");
    equal(world.relay.watermark(), 2);

    // The same checkpoint under other bytes: the dock's lie. Another root: the exchange's.
    const other = new Publisher(exchange, testKey(1));
    const bent = { ...other.next({ leaves }), card: "another card\n" };
    deepEqual(await world.put(1, encodePublication(bent)), {
      status: 422,
      code: "publication_differs",
    });
    const forked = other.publish({ leaves: ["NOTICE|another second"] });
    const said = console.error;
    const lines: string[] = [];
    console.error = (line: string): void => void lines.push(line);
    const answer = await world.put(2, forked);
    console.error = said;
    deepEqual(answer, { status: 422, code: "log_forked" });
    equal(lines.join().match(/signet\.log\/[0-9a-f]{40}\n3\n/g)?.length, 2, "the proof is logged");
    equal((await world.put(3, third)).status, 200, "the true history goes on");
  } finally {
    await world.close();
  }
});

test("the dock's signature is for one method, one path, one minute", async () => {
  const world = await RelayWorld.start();
  try {
    const path = "/v1/dock/letters?after=0";
    const ask = async (header: string | undefined, url = path): Promise<number> => {
      const headers: Record<string, string> = header === undefined ? {} : { "signet-dock": header };
      return (await fetch(world.relay.address + url, { headers })).status;
    };
    const hour = 3_600_000;
    equal(await ask(world.signature("GET", path)), 200);
    equal(await ask(undefined), 403);
    equal(await ask("nonsense"), 403);
    equal(await ask(world.signature("PUT", path)), 403);
    equal(await ask(world.signature("GET", path), "/v1/dock/letters?after=1"), 403);
    for (const away of [-hour, hour]) {
      const at = new Date(Date.now() + away).toISOString();
      equal(await ask(world.signature("GET", path, at)), 403);
    }
    const now = new Date().toISOString();
    const signed = world.signature("GET", path, now);
    equal(await ask(signed.replace(now, new Date(Date.now() + 1).toISOString())), 403);
  } finally {
    await world.close();
  }
});

test("a mailbox is given in answers of bounded size, and whole", async () => {
  const world = await RelayWorld.start();
  try {
    const address = tag("7a".repeat(32));
    const sizes = [900_000, 900_000, 900_000, 3_000_000, 10, 10];
    const mail = sizes.map((size, index) => ({
      tag: address,
      index,
      sealed: new Uint8Array(size).fill(index),
    }));
    equal((await world.put(1, world.publisher.publish({ mail }))).status, 200);
    const pages: number[][] = [];
    for (let after = -1; ;) {
      const query = after < 0 ? "" : `?after=${after}`;
      const answer = await world.get(`/v1/mailboxes/${address}${query}`);
      const page = (await answer.json()) as { entries: { index: number }[]; more: boolean };
      pages.push(page.entries.map(({ index }) => index));
      after = page.entries.at(-1)?.index ?? after;
      if (!page.more) break;
    }
    deepEqual(pages, [[0, 1], [2], [3], [4, 5]]);
    equal((await fetchMail(world.relay.address, address)).length, sizes.length);
  } finally {
    await world.close();
  }
});

test("the largest publication is taken", async () => {
  const world = await RelayWorld.start();
  try {
    const sealed = new Uint8Array(publicationBytesMax - 1000);
    const mail = [{ tag: tag("7a".repeat(32)), index: 0, sealed }];
    deepEqual(await world.put(1, world.publisher.publish({ mail })), { status: 200, code: "" });
  } finally {
    await world.close();
  }
});
