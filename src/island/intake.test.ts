/** What the island makes of letters that come in one batch, hostile ones included. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { toBase64 } from "../codec/bytes.ts";
import { time } from "../codec/time.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { printLetter } from "../letter/print.ts";
import {
  correspondent,
  holderOf,
  islandNow,
  say,
  sealedBy,
  stateWith,
  testIsland,
  type Correspondent,
  type TestIsland,
} from "../testing/island.ts";
import { Certificates } from "./certificates.ts";
import { Intake } from "./intake.ts";
import { KeyIds } from "./keyids.ts";
import { ReferenceOffice, type Office } from "./office.ts";
import { Registrations } from "./registrations.ts";
import { officeLimits, WorkerOffice } from "./workers/office.ts";

let island: TestIsland;
let alice: Correspondent;
let bob: Correspondent;

const paths = ["reference", "threads"] as const;
type Path = (typeof paths)[number];
let offices: Readonly<Record<Path, Office>>;

before(async () => {
  island = await testIsland("nowhere");
  [alice, bob] = await Promise.all([correspondent(1), correspondent(2)]);
  const { operating } = island.settings;
  const about = { limits: officeLimits(), note: () => undefined };
  offices = {
    reference: new ReferenceOffice(
      operating,
      new Certificates(island.certificate, () => undefined),
    ),
    threads: await WorkerOffice.start(operating, island.certificate, about),
  };
  const { fingerprint: account, certificate } = alice;
  for (const office of Object.values(offices)) {
    await office.learn([{ account, certificate: certificate.binary, signs: true }]);
  }
});

after(() => offices.threads.close());

/** An intake that knows Alice, and nobody else. */
function intake(path: Path, state = stateWith(island, [alice])): Intake {
  const [office, keyIds] = [offices[path], new KeyIds(state)];
  return new Intake({ office, state, keyIds, knows: () => false, note: () => undefined });
}

let seq = 0;
function write(by: Correspondent, command: string): Promise<Uint8Array> {
  seq += 1;
  const { exchange } = island.settings;
  const deadline = time(islandNow + 60_000);
  const text = printLetter({ exchange, seq, by: deadline, commands: [command] });
  return sealedBy(by, island, text);
}

const registration = (who: Correspondent): string => `REGISTER|${toBase64(who.certificate.binary)}`;

async function kindsBy(
  path: Path,
  letters: readonly Promise<Uint8Array>[],
): Promise<readonly string[]> {
  const arrivals = await intake(path).open(await Promise.all(letters), islandNow);
  return arrivals.map(({ kind }) => kind);
}

for (const path of paths) {
  const kinds = (...letters: readonly Promise<Uint8Array>[]): Promise<readonly string[]> =>
    kindsBy(path, letters);

  test(`${path}: a stranger's first order may come in one batch with his registration, on either side`, async () => {
    assert.deepEqual(await kinds(write(bob, registration(bob)), write(bob, "NOOP")), [
      "opened",
      "opened",
    ]);
    assert.deepEqual(await kinds(write(bob, "NOOP"), write(bob, registration(bob))), [
      "opened",
      "opened",
    ]);
  });

  test(`${path}: a stranger's letter without any registration does not open`, async () => {
    assert.deepEqual(await kinds(write(bob, "NOOP"), write(alice, "NOOP")), [
      "unopenable",
      "opened",
    ]);
  });

  test(`${path}: a certificate that nobody judged never comes in, whatever comes with it`, async () => {
    const junk = "REGISTER|AAAA";
    assert.deepEqual(await kinds(write(alice, junk)), ["opened"]);
    assert.deepEqual(await kinds(write(bob, junk), write(bob, registration(bob))), [
      "unopenable",
      "opened",
    ]);
    assert.deepEqual(await kinds(write(bob, registration(alice)), write(bob, "NOOP")), [
      "unopenable",
      "unopenable",
    ]);
  });

  test(`${path}: one letter in two copies is taken once; a mangled copy keeps no good one out`, async () => {
    const good = await write(alice, "NOOP");
    const mangled = Uint8Array.from(good);
    // The first packet is the session key's: inside it, and outside the ref.
    mangled[40] = (mangled[40] ?? 0) ^ 1;
    const refs = [good, mangled].map((bytes) => readEnvelope(bytes));
    assert.ok(refs[0]?.ok && refs[1]?.ok && refs[0].value.ref === refs[1].value.ref);
    const gate = intake(path);
    const first = await gate.open([mangled, good, good], islandNow);
    assert.deepEqual(
      first.map(({ kind }) => kind),
      ["unopenable", "opened"],
    );
    assert.deepEqual(await gate.open([mangled], islandNow), [], "known junk costs nothing more");
  });

  test(`${path}: what is no letter at all is passed over`, async () => {
    assert.deepEqual(await kinds(Promise.resolve(new Uint8Array([1, 2, 3]))), []);
  });
}

test("a key that only comes registers nothing, whatever happens to it in the same batch", async () => {
  const state = stateWith(island, [alice]);
  const certificate = toBase64(bob.certificate.binary);
  say(state, alice, `ROTATE|${bob.fingerprint}|${certificate}|AAAA`, ["good"]);
  const { operating } = island.settings;
  const office = new ReferenceOffice(
    operating,
    new Certificates(island.certificate, () => undefined),
  );
  await office.learn(new Registrations(state).all());
  const keyIds = new KeyIds(state);
  const gate = new Intake({ office, state, keyIds, knows: () => false, note: () => undefined });
  const letters = [write(alice, "VETO"), write(bob, "REGISTER|AAAA"), write(bob, "NOOP")];
  const arrivals = await gate.open(await Promise.all(letters), islandNow);
  assert.deepEqual(
    arrivals.map(({ kind }) => kind),
    ["opened", "unopenable", "opened"],
  );
});

test("a known key's certificate comes in by no registration, and is nobody's guest", async () => {
  // The office does not know Bob's key: as if it were a subkey that he has dropped.
  const gate = intake("reference", stateWith(island, [alice, bob]));
  const letters = await Promise.all([write(bob, registration(bob)), write(bob, "NOOP")]);
  const arrivals = await gate.open(letters, islandNow);
  assert.ok(arrivals.length === 2 && arrivals.every(({ kind }) => kind === "unopenable"));
});

test("two strangers bring one signing key: the first has it, and the other may try again", async () => {
  const [signing, encryption] = [new Uint8Array(32).fill(9), new Uint8Array(32).fill(8)];
  const [one, two] = await Promise.all(
    [3, 4].map((n) => holderOf({ primary: new Uint8Array(32).fill(n), signing, encryption })),
  );
  assert.ok(one && two);
  const letters = await Promise.all([one, two].map((who) => write(who, registration(who))));
  const gate = intake("reference");
  const kinds = (await gate.open(letters, islandNow)).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["opened", "unopenable"]);
  const again = await gate.open(letters.slice(1), islandNow);
  assert.equal(again[0]?.kind, "opened");
  const later = intake("reference", stateWith(island, [one]));
  const late = await later.open(letters.slice(1), islandNow);
  assert.ok(late[0]?.kind === "unopenable", "it is taken for good");
});

test("one registration in many copies is one guest", async () => {
  const guests: number[] = [];
  const state = stateWith(island, [alice]);
  const office: Pick<Office, "open"> = {
    open: (letters, at, brought) => {
      guests.push(brought.length);
      return offices.reference.open(letters, at, brought);
    },
  };
  const keyIds = new KeyIds(state);
  const gate = new Intake({ office, state, keyIds, knows: () => false, note: () => undefined });
  const letters = [1, 2, 3].map(() => write(bob, registration(bob)));
  await gate.open(await Promise.all([...letters, write(bob, "NOOP")]), islandNow);
  assert.deepEqual(guests, [0, 1]);
});

test("a letter that came before its signer was known opens once he is", async () => {
  const gate = intake("reference");
  const early = await write(bob, "NOOP");
  assert.equal((await gate.open([early], islandNow))[0]?.kind, "unopenable");
  assert.deepEqual(await gate.open([early], islandNow), [], "until then it is junk");
  const { fingerprint: account, certificate } = bob;
  await offices.reference.learn([{ account, certificate: certificate.binary, signs: true }]);
  gate.learned();
  assert.equal((await gate.open([early], islandNow))[0]?.kind, "opened");
});
