/** Letters under pressure: waiting for a reply, many at once, garbage, limits, copies. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { asyncProperty, assert, oneof, string, uint8Array } from "fast-check";
import { time } from "../codec/time.ts";
import { armor } from "../letter/armor.ts";
import { openReceipt, openRefusal } from "../log/receipt.ts";
import { rawPublicKey, testKey, verifyEd25519 } from "../testing/publisher.ts";
import { RelayWorld, refOf } from "../testing/relayworld.ts";
import { runs } from "../testing/runs.ts";
import { sealedLetter } from "../testing/sealed.ts";
import { postedIn } from "./form.ts";
import { openDatabase, writeFact } from "./database.ts";
import { copiesMax, Letters } from "./letters.ts";
import { Waiters } from "./waiters.ts";

const relayKey = { name: "alder", publicKey: rawPublicKey(testKey(3)) };

async function withWorld(work: (world: RelayWorld) => Promise<void>): Promise<void> {
  const world = await RelayWorld.start();
  try {
    await work(world);
  } finally {
    await world.close();
  }
}

test("everybody who waits for a letter is woken by its reply, and nobody else", async () => {
  await withWorld(async (world) => {
    const [letter, other] = [sealedLetter("waited"), sealedLetter("other")];
    const waiting = Array.from({ length: 5 }, () => world.post(letter, "?wait=30"));
    const stranger = world.post(other, "?wait=1");
    // The letter is here when its state says so; only then is the reply published.
    while ((await world.get(`/v1/letters/${refOf(letter)}`)).status === 404);
    const sealed = sealedLetter("the reply");
    await world.put(1, world.publisher.publish({ replies: [{ ref: refOf(letter), sealed }] }));
    for (const response of await Promise.all(waiting)) {
      equal(response.status, 200);
      equal(await response.text(), armor(sealed));
    }
    equal((await stranger).status, 202);
  });
});

test("many letters at once: numbers without a gap, each the number of its letter", async () => {
  await withWorld(async (world) => {
    const letters = Array.from({ length: 40 }, (_, i) => sealedLetter(`many ${i % 30}`));
    const notes = await Promise.all(
      letters.map(async (letter) => (await world.post(letter)).text()),
    );
    const receipts = notes.map((note) => openReceipt(note, relayKey, verifyEd25519));
    const byNumber = new Map<number, string>();
    for (const [index, receipt] of receipts.entries()) {
      ok(receipt.ok);
      equal(receipt.value.ref, refOf(letters[index] ?? new Uint8Array(0)));
      equal(receipt.value.deliverBy - receipt.value.at, 60_000);
      byNumber.set(receipt.value.number, receipt.value.ref);
    }
    deepEqual(
      [...byNumber.keys()].toSorted((a, b) => a - b),
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    const path = "/v1/dock/letters?after=0";
    const headers = { "signet-dock": world.signature("GET", path) };
    const answer = await fetch(world.relay.address + path, { headers });
    const bytes = Buffer.from(await answer.arrayBuffer());
    let count = 0;
    for (let offset = 0; offset < bytes.length; count += 1) {
      const number = Number(bytes.readBigUInt64BE(offset));
      equal(bytes[offset + 8], 0, "no postage was asked");
      const length = bytes.readUInt32BE(offset + 9);
      const letter = bytes.subarray(offset + 13, offset + 13 + length);
      equal(refOf(new Uint8Array(letter)), byNumber.get(number));
      offset += 13 + length;
    }
    equal(count, 30);
  });
});

test("what the dock collected is kept with the next letter, and costs no write of its own", async () => {
  const dir = mkdtempSync(join(tmpdir(), "signet-letters-"));
  const database = openDatabase(dir);
  try {
    const letters = new Letters(database);
    const take = (word: string): unknown => {
      const binary = sealedLetter(word);
      return letters.take([{ ref: refOf(binary), binary, at: time(0) }]);
    };
    const writes = (): unknown => database.prepare("SELECT total_changes() AS n").get()?.["n"];
    take("first");
    take("second");
    const before = writes();
    letters.noteCollected(2);
    equal(letters.waiting, 0);
    equal(writes(), before);
    take("third");
    equal(letters.waiting, 1);
    equal(new Letters(database).waiting, 1);
  } finally {
    database.close();
    rmSync(dir, { recursive: true });
  }
});

test("whatever is too large is told the letter's own limits", async () => {
  await withWorld(async (world) => {
    const armored = new Uint8Array(200_000).fill(0x41);
    for (const letter of [new Uint8Array(3_000_000), new Uint8Array(100_000).fill(0xc1), armored]) {
      const response = await world.post(letter);
      equal(response.status, 413);
      const { code, detail } = (await response.json()) as { code: string; detail: string };
      equal(code, "too_large");
      const most = "a letter has at most 98304, or 140000 armored.";
      equal(detail, `${letter.length} bytes are too many: ${most}`);
    }
  });
});

test("the dock's poll ends as soon as a letter comes", async () => {
  await withWorld(async (world) => {
    const path = "/v1/dock/letters?after=0&wait=60";
    const headers = { "signet-dock": world.signature("GET", path) };
    const polled = fetch(world.relay.address + path, { headers });
    const letter = sealedLetter("polled");
    await world.post(letter);
    const bytes = new Uint8Array(await (await polled).arrayBuffer());
    deepEqual(bytes.subarray(13), letter);
  });
});

test("copies of one ref are taken up to a limit, then refused with a signature", async () => {
  await withWorld(async (world) => {
    ok(copiesMax >= 1000, "whoever mangles one letter cannot block it with a handful of copies");
    const copies = Array.from({ length: copiesMax - 1 }, (_, copy) => {
      const binary = sealedLetter("one", 100, `copy ${copy}`);
      return { ref: refOf(binary), binary, at: time(0) };
    });
    await world.restart(() => {
      const database = openDatabase(world.dir);
      const letters = new Letters(database);
      ok(letters.take(copies).every(({ kind }) => kind === "taken"));
      // The dock has them: otherwise so many that wait would have their price.
      writeFact(database, "collected", String(letters.last));
      database.close();
    });
    equal((await world.post(sealedLetter("one", 100, "the last"))).status, 202);
    const refused = await world.post(sealedLetter("one", 100, "one more"));
    equal(refused.status, 429);
    const { refusal } = (await refused.json()) as { refusal: string };
    const opened = openRefusal(refusal, relayKey, verifyEd25519);
    equal(opened.ok && opened.value.reason, "copies_too_many");
    equal((await world.post(sealedLetter("one", 100, "copy 0"))).status, 202);
  });
});

test("a notice about one copy says nothing about a copy that comes later", async () => {
  await withWorld(async (world) => {
    const [mangled, good] = ["mangled", "good"].map((keys) => sealedLetter("one", 500, keys));
    ok(mangled !== undefined && good !== undefined);
    const { ref } = { ref: refOf(good) };
    const taken = openReceipt(await (await world.post(mangled)).text(), relayKey, verifyEd25519);
    ok(taken.ok);
    const unopenable = { at: taken.value.at, refs: [ref] };
    await world.put(1, world.publisher.publish({ unopenable }));
    equal((await world.post(mangled, "?wait=5")).status, 422);
    const waiting = world.post(good, "?wait=30");
    const state = async (): Promise<string> => {
      const path = "/v1/dock/letters?after=1";
      const headers = { "signet-dock": world.signature("GET", path) };
      return (await fetch(world.relay.address + path, { headers })).text();
    };
    while ((await state()) === "");
    const sealed = sealedLetter("reply");
    await world.put(2, world.publisher.publish({ replies: [{ ref, sealed }] }));
    equal((await waiting).status, 200);
    equal((await world.post(mangled, "?wait=5")).status, 200, "a reply wins over a notice");
  });
});

test("garbage is refused by name, never with a failure", async () => {
  await withWorld(async (world) => {
    const junk = oneof(string(), uint8Array({ maxLength: 300 }));
    const types = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "a/b"];
    await assert(
      asyncProperty(
        junk,
        oneof(...types.map((type) => string().map(() => type))),
        async (body, type) => {
          const response = await fetch(`${world.relay.address}/v1/letters`, {
            method: "POST",
            headers: { "content-type": type },
            body: typeof body === "string" ? body : new Uint8Array(body),
          });
          ok(response.status >= 400 && response.status < 500);
          const { code, refusal } = (await response.json()) as { code: string; refusal: string };
          const opened = openRefusal(refusal, relayKey, verifyEd25519);
          equal(opened.ok && opened.value.reason, code);
        },
      ),
      { numRuns: runs(60) },
    );
  });
});

test("what is not HTTP gets an answer and nothing more", async () => {
  await withWorld(async (world) => {
    const { port } = new URL(world.relay.address);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), "127.0.0.1", () => socket.write("signet/1 hello\n\n"));
      let text = "";
      socket.on("data", (bytes) => (text += bytes.toString("latin1")));
      socket.on("close", () => resolve(text));
      socket.on("error", reject);
    });
    match(answer, /^HTTP\/1\.1 400 /);
    match(answer, /request_malformed/);
  });
});

test("a form's letter is found, or there is none", () => {
  const form = "application/x-www-form-urlencoded";
  const found = (type: string, body: string): string | undefined => {
    const { letter } = postedIn(type, Buffer.from(body));
    return letter === undefined ? undefined : Buffer.from(letter).toString("latin1");
  };
  equal(found(form, "msg=a%2Bb%3D"), "a+b=");
  equal(found(form, "x=1&msg=a"), "a");
  equal(found(form, "x=1"), undefined);
  equal(found(form, `${"x=1&".repeat(21)}msg=a`), undefined);
  equal(found(form, "-----BEGIN PGP MESSAGE-----"), "-----BEGIN PGP MESSAGE-----");
  equal(found("text/plain", "msg=a"), "msg=a");
  const multipart = "multipart/form-data; boundary=B";
  const part = (name: string, body: string): string =>
    `--B\r\nContent-Disposition: form-data; name="${name}"; filename="a"\r\n\r\n${body}\r\n`;
  equal(found(multipart, `${part("x", "1")}${part("msg", "a\r\nb")}--B--\r\n`), "a\r\nb");
  equal(found(multipart, `${part("x", "msg")}--B--\r\n`), undefined);
  equal(found(multipart, "--B"), undefined);
});

test("where no place is left, whoever has fewer waits takes that of who has the most", async () => {
  const waiters = new Waiters(4);
  const ended: string[] = [];
  const wait = (name: string, source: string): Promise<void> =>
    waiters
      .wait(name, 60_000, new AbortController().signal, source)
      .then((): void => void ended.push(name));
  const all = [wait("a1", "a"), wait("a2", "a"), wait("a3", "a"), wait("b1", "b")];
  await wait("a4", "a");
  all.push(wait("b2", "b"));
  await all[0];
  await wait("b3", "b");
  await wait("a5", "a");
  all.push(wait("c1", "c"));
  await all[1];
  deepEqual(ended, ["a4", "a1", "b3", "a5", "a2"]);
  waiters.wake("a3");
  await all[2];
  all.push(wait("c2", "c"));
  waiters.close();
  await Promise.all(all);
  deepEqual(ended.slice(5), ["a3", "b1", "b2", "c1", "c2"]);
});

test("waits end: woken, timed out, gone, or at the close", async () => {
  const waiters = new Waiters(2);
  const gone = new AbortController();
  const ended: string[] = [];
  const note = (name: string) => (): void => void ended.push(name);
  const first = waiters.wait("a", 60_000, new AbortController().signal).then(note("first"));
  equal(waiters.full, false);
  const second = waiters.wait("b", 60_000, gone.signal).then(note("second"));
  equal(waiters.full, true);
  waiters.wake("b-not");
  gone.abort();
  await second;
  await waiters.wait("c", 1, new AbortController().signal).then(note("timed"));
  waiters.close();
  await first;
  await waiters.wait("d", 60_000, new AbortController().signal).then(note("late"));
  deepEqual(ended, ["second", "timed", "first", "late"]);
});
