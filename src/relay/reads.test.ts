/** A relay tells what was read when, and proves it; what it tells survives a restart. */
import { after, before, test } from "node:test";
import { deepEqual, equal, match } from "node:assert/strict";
import { digest, type Ref } from "../codec/names.ts";
import { parseTime, printTime, time } from "../codec/time.ts";
import { printLeaf } from "../log/leaf.ts";
import { encodePublication } from "../log/publication.ts";
import { readsRoot } from "../log/reads.ts";
import { judgeReads, parseReadsProof } from "../log/void.ts";
import { verifyEd25519 } from "../testing/publisher.ts";
import { refWith } from "../testing/readslog.ts";
import { RelayWorld } from "../testing/relayworld.ts";

let world: RelayWorld;
const start = parseTime("2026-11-21T00:00:00Z") ?? time(0);
const blockMs = 600_000;
const all: Ref[] = [];

before(async () => {
  world = await RelayWorld.start();
});

// Not in the hook: it runs before other files' tests, and idle connections have an end.
test("a relay takes blocks of reads, and hours of them", async () => {
  // Two hours of blocks of ten minutes, two refs in each, one of which comes again.
  let hour: Ref[] = [];
  for (let i = 0; i < 12; i += 1) {
    const [from, to] = [time(start + i * blockMs), time(start + (i + 1) * blockMs)];
    const refs = [refWith("77"), refWith(String(10 + i))].sort();
    all.push(...refs);
    hour.push(...refs);
    const leaf = (span: "block" | "hour", since: number, own: readonly Ref[]): string => {
      const root = digest(readsRoot(own));
      return printLeaf({ kind: "reads", span, from: time(since), to, count: own.length, root });
    };
    const leaves = [printLeaf({ kind: "tick", at: to }), leaf("block", from, refs)];
    if (i % 6 === 5) {
      leaves.push(leaf("hour", to - 6 * blockMs, [...new Set(hour)].sort()));
      hour = [];
    }
    const next = world.publisher.next({ leaves }, (honest) => ({ ...honest, reads: refs }));
    equal((await world.put(i + 1, encodePublication(next))).status, 200);
  }
});

after(() => world.close());

async function proofOf(name: Ref, from: number, until: number): Promise<string> {
  const query = `ref=${name}&from=${printTime(time(from))}&until=${printTime(time(until))}`;
  const response = await fetch(`${world.relay.address}/v1/reads/proof?${query}`);
  return response.text();
}

async function found(name: Ref, from: number, by: number): Promise<readonly [string, number]> {
  const proof = parseReadsProof(await proofOf(name, from, by));
  if (!proof.ok) return [proof.name, 0];
  const { exchange, log } = world.publisher;
  const asked = { exchange, log, ref: name, from: time(from), by: time(by) };
  const verdict = judgeReads([proof.value], { ...asked, verify: verifyEd25519 });
  return [verdict.ok ? verdict.value.kind : verdict.name, proof.value.blocks.length];
}

test("proofs take hours where they fit, and blocks at the end of the way", async () => {
  const end = start + 12 * blockMs;
  deepEqual(await found(refWith("99"), start, end - 1), ["void", 2]);
  deepEqual(await found(refWith("99"), start + 1, start + 7 * blockMs), ["void", 2]);
  deepEqual(await found(refWith("99"), start + 1, end), ["open", 2]);
  deepEqual(await found(refWith("18"), start, end - 1), ["read", 4], "an hour, then to its block");
  deepEqual(await found(refWith("77"), start, end - 1), ["read", 1]);
  match(await proofOf(refWith("99"), start - 1, end), /"code": "reads_absent"/);
});

test("restarted, the relay tells the same", async () => {
  const proof = await proofOf(refWith("99"), start, start + 1);
  const letter = `/v1/letters/${refWith("18")}`;
  const told = await (await fetch(world.relay.address + letter)).json();
  equal(Reflect.get(Object(told), "state"), "read");
  await world.restart();
  equal(await proofOf(refWith("99"), start, start + 1), proof);
  deepEqual(await (await fetch(world.relay.address + letter)).json(), told);
});

test("blocks are listed by time; what is no time or ref is refused by name", async () => {
  const ask = async (query: string): Promise<object> =>
    Object(await (await fetch(`${world.relay.address}/v1/reads${query}`)).json());
  const [from, to] = [printTime(start), printTime(time(start + 2 * blockMs))];
  const { blocks } = (await ask(`?from=${from}&to=${to}`)) as { blocks: object[] };
  deepEqual(
    blocks.map((block) => Reflect.get(block, "span")),
    ["block", "block", "hour"],
  );
  for (const [query, code] of [
    ["", "time_malformed"],
    ["?from=today&to=now", "time_malformed"],
    ["/proof", "ref_malformed"],
    [`/proof?ref=${refWith("99")}`, "time_malformed"],
  ] as const) {
    equal(Reflect.get(await ask(query), "code"), code, query);
  }
});
