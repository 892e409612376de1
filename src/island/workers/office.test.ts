/** The office with threads: real threads, real letters, hostile ones too; on both sides of it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serialize } from "node:v8";
import { Worker } from "node:worker_threads";

import { toBase64, toHex } from "../../codec/bytes.ts";
import { fingerprint } from "../../codec/names.ts";
import { time } from "../../codec/time.ts";
import { printLetter } from "../../letter/print.ts";
import { seedOf } from "../../seal/attacks/forge.ts";
import { openReport } from "../../seal/customer.ts";
import { openingKeysOf, signingKeyOf } from "../../seal/fast/keys.ts";
import { openingPart } from "../../seal/separate.ts";
import { flooded } from "../../testing/floodedcertificate.ts";
import {
  correspondent,
  islandNow,
  sealedBy,
  testIsland,
  type Correspondent,
  type TestIsland,
} from "../../testing/island.ts";
import { officeLimits, WorkerOffice } from "./office.ts";

let island: TestIsland;
let people: readonly Correspondent[];
let office: WorkerOffice;
const notes: string[] = [];

before(async () => {
  island = await testIsland("nowhere");
  people = await Promise.all([1, 2, 3].map((number) => correspondent(number)));
  office = await WorkerOffice.start(island.settings.operating, island.certificate, {
    limits: { ...officeLimits(), threads: 2 },
    note: (sentence) => notes.push(sentence),
  });
  await office.learn(
    people.map(({ fingerprint, certificate }) => ({
      account: fingerprint,
      certificate: certificate.binary,
      signs: true,
    })),
  );
});

after(() => office.close());

function textOf(seq: number, command = "NOOP"): string {
  const { exchange } = island.settings;
  return printLetter({ exchange, seq: seq + 1, by: time(islandNow + 60_000), commands: [command] });
}

/** The same exchange with other limits, which knows the first customer. */
async function other(slowCpuMsMax: number): Promise<WorkerOffice> {
  const limits = { ...officeLimits(), threads: 1 };
  const started = await WorkerOffice.start(island.settings.operating, island.certificate, {
    limits: { ...limits, slow: { ...limits.slow, cpuMsMax: slowCpuMsMax } },
    note: (sentence) => notes.push(sentence),
  });
  const [first] = people;
  assert.ok(first);
  await started.learn([
    { account: first.fingerprint, certificate: first.certificate.binary, signs: true },
  ]);
  return started;
}

test("what comes of each letter stands in its place", async () => {
  const letters = await Promise.all(
    Array.from({ length: 150 }, (_, i) => {
      const by = people[i % people.length];
      assert.ok(by);
      return sealedBy(by, island, textOf(i));
    }),
  );
  for (const round of [1, 2]) {
    const opened = await office.open(letters, islandNow, []);
    opened.forEach((one, i) => {
      assert.equal(one.kind, "opened", `${round} ${JSON.stringify(one)}`);
      if (one.kind !== "opened") return;
      assert.equal(one.text, textOf(i));
      assert.equal(one.signer, people[i % people.length]?.fingerprint);
    });
  }
  assert.deepEqual(notes, []);
});

test("each document is sealed to whom it goes", async () => {
  const documents = Array.from({ length: 150 }, (_, i) => ({
    to: people[i % people.length]?.fingerprint ?? island.settings.exchange,
    text: `document ${i}\n`,
  }));
  for (const _ of [1, 2]) {
    const sealed = await office.seal(documents, islandNow);
    for (const [i, bytes] of sealed.entries()) {
      const by = people[i % people.length];
      assert.ok(by && bytes);
      const opened = await openReport(bytes, {
        key: by.key,
        exchange: island.certificate,
        at: islandNow,
      });
      assert.ok(opened.ok, JSON.stringify(opened));
      assert.equal(opened.value, `document ${i}\n`);
    }
  }
});

test("a certificate that takes too long to digest is given up; its owner is served slowly", async () => {
  const [first, , third] = people;
  assert.ok(first && third);
  const created = third.key.key.getCreationTime().getTime();
  const dear = flooded(third.certificate.binary, { seed: seedOf(third.key.key), created }, 120);
  const office = await other(150);
  try {
    await office.learn([{ account: third.fingerprint, certificate: dear, signs: true }]);
    notes.length = 0;
    const hers = await sealedBy(third, island, textOf(1));
    const his = await sealedBy(first, island, textOf(2));
    // The first of hers asks for the digest; no letter waits for it.
    for (let round = 0; round < 10 || notes.length < 2; round += 1) {
      assert.ok(round < 10_000, "it is given up some time");
      const opened = await office.open([hers, his], islandNow, []);
      assert.deepEqual(
        opened.map(({ kind }) => kind),
        ["opened", "opened"],
      );
    }
    assert.match(notes.join("\n"), /a thread took more than 150 ms.*\nno digest of /);
    const sealed = await office.seal([{ to: third.fingerprint, text: "x\n" }], islandNow);
    assert.ok(sealed[0] !== undefined);
  } finally {
    await office.close();
    notes.length = 0;
  }
});

test("a letter whose thread is killed is unopenable with the why, and no other is", async () => {
  const [first, second] = people;
  assert.ok(first && second);
  // So little that no registration can be judged within it.
  const office = await other(1000);
  const strict = await WorkerOffice.start(island.settings.operating, island.certificate, {
    limits: { ...officeLimits(), slow: { cpuMsMax: 0.1, megabytesMax: 256 } },
    note: (sentence) => notes.push(sentence),
  });
  try {
    const binary = toBase64(second.certificate.binary);
    const registration = await sealedBy(second, island, textOf(0, `REGISTER|${binary}`));
    const stranger = await sealedBy(second, island, textOf(1));
    const his = await sealedBy(first, island, textOf(2));
    const kinds = async (by: WorkerOffice): Promise<readonly string[]> =>
      (await by.open([stranger, registration, his, registration], islandNow, [])).map(
        (one) => one.kind,
      );
    assert.deepEqual(await kinds(office), ["unopenable", "opened", "opened", "opened"]);
    const outcomes = await strict.open([registration, stranger], islandNow, []);
    for (const outcome of outcomes) {
      assert.ok(outcome.kind === "unopenable");
      assert.match(outcome.why, /^(the thread that opened it (took|gave)|signer_unknown)/);
    }
  } finally {
    await Promise.all([office.close(), strict.close()]);
    notes.length = 0;
  }
});

test("what opens is never given what signs, nor the other way round", async () => {
  const keys = island.settings.operating;
  const { seed } = signingKeyOf(keys);
  const secrets = openingKeysOf(keys).flatMap(({ secret }) => [secret, secret.toReversed()]);
  assert.ok(secrets.length >= 2);
  const holds = (data: unknown, secret: Uint8Array): boolean =>
    toHex(serialize(data)).includes(toHex(secret));
  const slow = await openingPart(keys);
  assert.ok(!holds(slow, seed), "the slow opener has nothing that signs");
  assert.ok(secrets.some((secret) => holds(slow, secret)));
  assert.ok(secrets.every((secret) => !holds(signingKeyOf(keys), secret)));
  assert.ok(!holds(openingKeysOf(keys), seed));
  if (keys.v6 !== undefined) {
    for (const { keyPacket } of keys.v6.key.subkeys) {
      const { seed: second }: { seed?: Uint8Array } = Object(
        Reflect.get(keyPacket, "privateParams"),
      );
      if (second !== undefined) assert.ok(!holds(slow, second));
    }
  }
  // And nothing of either is posted later.
  const posted: unknown[] = [];
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function spy(this: Worker, message: unknown, ...rest: [[]]) {
    posted.push(toHex(serialize(message)));
    Reflect.apply(postMessage, this, [message, ...rest]);
  };
  try {
    const [first] = people;
    assert.ok(first);
    const started = await other(1000);
    const letter = await sealedBy(first, island, textOf(9));
    await started.open([letter], islandNow, []);
    await started.seal([{ to: first.fingerprint, text: "x\n" }], islandNow);
    await started.close();
  } finally {
    Worker.prototype.postMessage = postMessage;
  }
  assert.ok(posted.length > 4);
  for (const message of posted) {
    for (const secret of [seed, ...secrets]) assert.ok(!String(message).includes(toHex(secret)));
  }
});

test("nobody known is sealed to by nobody; the first owner of a key id keeps it", async () => {
  const [first, second] = people;
  assert.ok(first && second);
  const unknown = fingerprint("00".repeat(20));
  assert.deepEqual(await office.seal([{ to: unknown, text: "x\n" }], islandNow), [undefined]);
  // Another account that registers the very certificate does not get his letters.
  await office.learn([{ account: unknown, certificate: first.certificate.binary, signs: true }]);
  const [opened] = await office.open([await sealedBy(first, island, textOf(3))], islandNow, []);
  assert.ok(opened?.kind === "opened" && opened.signer === first.fingerprint);
});

test("a certificate that cannot be read stops nothing; its owner signs with nothing", async () => {
  const [first] = people;
  assert.ok(first);
  const started = await other(1000);
  try {
    const account = fingerprint("11".repeat(20));
    notes.length = 0;
    await started.learn([{ account, certificate: new Uint8Array([65]), signs: true }]);
    assert.ok(notes.some((note) => note.startsWith(`ALARM: the certificate of ${account}`)));
    assert.deepEqual(await started.seal([{ to: account, text: "x\n" }], islandNow), [undefined]);
    const [his] = await started.open([await sealedBy(first, island, textOf(4))], islandNow, []);
    assert.equal(his?.kind, "opened");
  } finally {
    await started.close();
    notes.length = 0;
  }
});
