/**
 * Whatever the reason for which a letter does not open, the world is told one thing: that its ref
 * is among those that did not open. The public bytes depend on the ref and the time, and on nothing
 * else; the reason goes to the operator's log alone.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { concat, equalBytes } from "../../codec/bytes.ts";
import { ref, type Ref } from "../../codec/names.ts";
import type { Time } from "../../codec/time.ts";
import { newState } from "../../engine/state.ts";
import { decodeSaid } from "../../journal/said.ts";
import { emptyFrontier } from "../../log/tree.ts";
import { PublicView } from "../../market/publicview.ts";
import {
  content,
  forge,
  literal,
  newCustomer,
  newExchange,
  open,
  text,
  type Customer,
  type Exchange,
} from "../../seal/attacks/forge.ts";
import { message, seal1, targetOf, wrap } from "../../seal/attacks/wire.ts";
import { tags, writePacket } from "../../seal/packets.ts";
import { openSegments } from "../../store/segments.ts";
import { islandNow, testIsland, type TestIsland } from "../../testing/island.ts";
import { Archive } from "../archive.ts";
import { Certificates } from "../certificates.ts";
import { Intake } from "../intake.ts";
import { KeyIds } from "../keyids.ts";
import { ReferenceOffice } from "../office.ts";
import { Publisher } from "../publish.ts";

let dir: string;
let island: TestIsland;
let exchange: Exchange;
let alice: Customer;
before(async () => {
  [exchange, alice] = [await newExchange(islandNow), await newCustomer("Alice", 1)];
  dir = mkdtempSync(join(tmpdir(), "signet-answer-"));
  island = await testIsland(dir);
});
after(() => rmSync(dir, { recursive: true, force: true }));

/** Letters that do not open, each for another reason. */
async function brokenLetters(): Promise<ReadonlyMap<string, Uint8Array>> {
  const target = targetOf(exchange.certificate.key);
  const stranger = await newCustomer("Bob", 2);
  const good = content({ by: alice.key });
  const { head, signature } = forge({ by: alice.key });
  const bent = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] ?? 0) ^ 1);
  const sealed = message(good, target);
  return new Map([
    ["another's", message(good, { ...target, fingerprint: "ab".repeat(20) })],
    ["wrapping", message(good, target, { wrap: { wrapped: (bytes) => bent(bytes, 9) } })],
    ["checksum", message(good, target, { wrap: { checksum: () => 0 } })],
    ["padding", message(good, target, { wrap: { padded: (plain) => plain.with(39, 9) } })],
    ["cipher", message(good, target, { wrap: { cipher: 2 } })],
    ["data", bent(sealed, sealed.length - 30)],
    ["code", bent(sealed, sealed.length - 3)],
    ["no packets", message(new Uint8Array(200), target)],
    ["nothing signs", message(literal(text), target)],
    ["compressed badly", message(writePacket(8, new Uint8Array([3, 1, 2])), target)],
    ["a stranger", message(content({ by: stranger.key }), target)],
    ["a wrong signature", message(concat([head, literal("other"), signature]), target)],
    ["a weak hash", message(content({ by: alice.key, hash: "sha1" }), target)],
  ]);
}

/** An intake that knows Alice, and opens by every path at once. */
function intake(notes: string[]): Intake {
  const office = {
    open: (letters: readonly Uint8Array[], at: Time) =>
      Promise.all(
        letters.map(async (letter) => {
          const opened = await open(letter, exchange, { registered: [alice], at });
          assert.ok(opened.kind === "unopenable");
          return opened;
        }),
      ),
  };
  const state = newState(island.settings.exchange);
  const keyIds = new KeyIds(state);
  const note = (sentence: string): void => void notes.push(sentence);
  return new Intake({ office, state, keyIds, knows: () => false, note });
}

let published = 0;

/** The bytes that leave the island when these letters did not open. */
async function publicBytes(refs: readonly Ref[]): Promise<Uint8Array> {
  published += 1;
  const said = await openSegments(join(dir, `said-${published}`));
  const certificates = new Certificates(island.certificate, () => undefined);
  const office = new ReferenceOffice(island.settings.operating, certificates);
  const parts = {
    settings: island.settings,
    said,
    archive: new Archive(said),
    certificates,
    office,
    note: (): void => undefined,
  };
  const nothing = { frontier: emptyFrontier(), view: new PublicView(), already: 0 };
  const publisher = new Publisher(parts, nothing);
  const batch = { decided: [], upTo: 1, unopenable: refs, card: undefined, at: islandNow };
  await publisher.publish(batch);
  const record = decodeSaid(said.get(said.last));
  await said.close();
  assert.ok(record.ok);
  return record.value.publication;
}

test("what does not open is told by its ref alone, whatever the reason", async () => {
  const notes: string[] = [];
  const letters = await brokenLetters();
  const gate = intake(notes);
  const arrivals = await gate.open([...letters.values()], islandNow);
  assert.equal(arrivals.length, letters.size);
  const reasons = new Set<string>();
  for (const [i, arrival] of arrivals.entries()) {
    assert.ok(arrival.kind === "unopenable", `${[...letters.keys()][i]}`);
    reasons.add(arrival.why);
    // Nothing is in it that could go further: no signer, no text, no certificate.
    assert.deepEqual(Object.keys(arrival).toSorted(), ["kind", "ref", "why"]);
  }
  assert.ok(reasons.size >= 7, `${[...reasons].join("\n")}`);
  assert.ok(notes.length === letters.size && notes.every((note) => !note.includes("signet/1 0")));
});

test("the public bytes are the same for every reason", async () => {
  const one = ref("ab".repeat(32));
  const first = await publicBytes([one]);
  assert.ok(equalBytes(first, await publicBytes([one])), "a function of the ref and the time");
  for (const why of ["11", "22", "ff"]) {
    const bytes = await publicBytes([ref(why.repeat(32))]);
    assert.equal(bytes.length, first.length, "and as long for every ref");
  }
});

test("one sealed packet under four session keys fails in four ways, and one thing is said", async () => {
  const target = targetOf(exchange.certificate.key);
  const [key, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const bad = content({ by: alice.key, hash: "sha1" });
  const data = writePacket(tags.sealed, seal1(bad, key));
  const letters = [
    concat([wrap(key, { ...target, fingerprint: "ab".repeat(20) }), data]),
    concat([wrap(key, target, { wrapped: (bytes) => bytes.with(3, 1) }), data]),
    concat([wrap(other, target), data]),
    concat([wrap(key, target), data]),
  ];
  const notes: string[] = [];
  const outcomes = new Set<string>();
  const why = new Set<string>();
  for (const letter of letters) {
    const arrivals = await intake(notes).open([letter], islandNow);
    const refs = arrivals.map((arrival) => arrival.ref);
    outcomes.add(Buffer.from(await publicBytes(refs)).toString("hex"));
    for (const arrival of arrivals) why.add(arrival.kind === "unopenable" ? arrival.why : "");
  }
  assert.equal(why.size, 3, "not ours, damaged, weak");
  assert.equal(outcomes.size, 1);
});
