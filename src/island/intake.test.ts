/** What the island makes of letters that come in one batch, hostile ones included. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { toBase64 } from "../codec/bytes.ts";
import { time } from "../codec/time.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { printLetter } from "../letter/print.ts";
import {
  correspondent,
  islandNow,
  sealedBy,
  testIsland,
  type Correspondent,
  type TestIsland,
} from "../testing/island.ts";
import { Certificates } from "./certificates.ts";
import { Intake } from "./intake.ts";
import { ReferenceOffice, type Office } from "./office.ts";
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
    reference: new ReferenceOffice(operating, new Certificates(island.certificate)),
    threads: await WorkerOffice.start(operating, island.certificate, about),
  };
  const { fingerprint: account, certificate } = alice;
  for (const office of Object.values(offices)) {
    await office.learn([{ account, certificate: certificate.binary, signs: true }]);
  }
});

after(() => offices.threads.close());

/** An intake that knows Alice, and nobody else. */
function intake(path: Path): Intake {
  return new Intake({ office: offices[path], knows: () => false, note: () => undefined });
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
