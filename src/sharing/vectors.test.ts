/** vectors/sharing.json: notes one after the other to one node; what comes of the last. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { at } from "../codec/assert.ts";
import { fromHex } from "../codec/bytes.ts";
import { parseAddress } from "../codec/ethereum.ts";
import { parseTime } from "../codec/time.ts";
import { MinerKeys } from "../miner/keys.ts";
import { readMinerSecret } from "../seal/authkey.ts";
import { Board } from "./board.ts";
import { OrderFiles } from "./held.ts";
import { parseMembers } from "./members.ts";
import { shareRefusals } from "./refusals.ts";
import { Vetting } from "./vetting.ts";

type Vectors = {
  now: string;
  chain: string;
  contract: string;
  node: string;
  members: string[];
  minerKey: string;
  minerSecret: string;
  cases: { about: string; notes: string[]; expect: string }[];
};
const file = new URL("../../vectors/sharing.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;
const dir = mkdtempSync(join(tmpdir(), "share-vectors-"));
after(() => rmSync(dir, { recursive: true, force: true }));

const taken = ["new", "known", "withdrawn"];

test("every case ends as it says", async () => {
  const now = parseTime(vectors.now);
  const contract = parseAddress(vectors.contract);
  const membership = parseMembers(vectors.members.join("\n"));
  ok(now !== undefined && contract !== undefined && membership.ok);
  const domain = { chainId: BigInt(vectors.chain), contract };
  const secret = await readMinerSecret(vectors.minerSecret);
  const keys = new MinerKeys(fromHex(vectors.minerKey) ?? new Uint8Array(), secret);
  for (const [i, { about, notes, expect }] of vectors.cases.entries()) {
    const folder = join(dir, String(i));
    mkdirSync(folder);
    const board = new Board(
      {
        domain,
        name: vectors.node,
        membership: membership.value,
        vetting: new Vetting(domain, undefined, keys),
        rate: { perSecond: 10, burst: 10 },
        ordersMax: 100,
      },
      new OrderFiles(folder),
    );
    const said: string[] = [];
    for (const note of notes) {
      const verdict = await board.receive(note, now);
      said.push(verdict.ok ? verdict.value.state : verdict.name);
    }
    equal(said.at(-1), expect, about);
    ok(
      said.slice(0, -1).every((one) => taken.includes(one)),
      about,
    );
  }
});

test("every refusal that a note alone can meet has a case; most cases are refusals", () => {
  const cases = vectors.cases.map(({ expect }) => expect);
  // How much came, how much is held and what the chain ended are no affair of one note.
  const others = ["share_rate", "order_over", "orders_too_many"];
  const wanted = shareRefusals.filter((name) => !others.includes(name));
  const named = new Set(cases.filter((name) => !taken.includes(name)));
  deepEqual([...named].toSorted(), wanted.toSorted());
  ok(cases.filter((name) => !taken.includes(name)).length > cases.length / 2);
});

test("the page's example is the first case, and its tables are the lists of the code", () => {
  const page = readFileSync(new URL("../../docs/spec/sharing.md", import.meta.url), "utf8");
  const [, example = ""] = /```\n([\s\S]*?)```/.exec(page) ?? [];
  equal(example, at(at(vectors.cases, 0).notes, 0));
  const section = page.slice(page.indexOf("## 5."), page.indexOf("## 6."));
  const rows = section.split("\n").flatMap((line) => /^\| `([a-z_]+)`/.exec(line)?.[1] ?? []);
  deepEqual(rows, [...shareRefusals]);
});
