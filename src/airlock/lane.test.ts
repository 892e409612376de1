/**
 * Both halves over a carrier that promises nothing: exactly once, in order; and what a fork does.
 */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { AssertionFailed } from "../codec/assert.ts";
import { digest } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import {
  type Chance,
  chanceFrom,
  type Harm,
  LossyCarrier,
  MemoryDirectory,
} from "../testing/carrier.ts";
import { runs } from "../testing/runs.ts";
import { encodeBundle } from "./bundle.ts";
import { laneStart, type Position, signer, verifier } from "./lane.ts";
import { Receiver } from "./receive.ts";
import { Sender } from "./send.ts";

const lane = "dock-1";
const epoch = 1;
const senderKey = generateKeyPairSync("ed25519");
const receiverKey = generateKeyPairSync("ed25519");
const sign = signer(senderKey.privateKey);
const signAck = signer(receiverKey.privateKey);
const verify = verifier(raw(senderKey.publicKey));
const verifyAck = verifier(raw(receiverKey.publicKey));

function raw(key: typeof senderKey.publicKey): Uint8Array {
  return key.export({ format: "der", type: "spki" }).subarray(-32);
}

/** Both halves, and what each has on disk: that alone survives `restart…`. */
class World {
  readonly spool: Uint8Array[] = [];
  readonly out = new MemoryDirectory();
  readonly in = new MemoryDirectory();
  readonly acksOut = new MemoryDirectory();
  readonly acksIn = new MemoryDirectory();
  readonly delivered: Uint8Array[] = [];
  readonly alarms: string[] = [];
  position: Position = laneStart;
  saved: Uint8Array | undefined;
  now = 1_000_000;
  sender: Sender;
  receiver: Receiver;

  constructor() {
    this.sender = this.restartSender();
    this.receiver = this.restartReceiver();
  }

  restartSender(): Sender {
    this.sender = new Sender({
      lane,
      epoch,
      read: (from, max) => this.spool.slice(from - 1, from - 1 + max),
      bundles: this.out,
      acks: this.acksIn,
      load: () => this.saved,
      save: (bytes) => {
        this.saved = bytes;
        return Promise.resolve();
      },
      sign,
      verify: verifyAck,
      clock: () => this.now,
      onFork: (detail) => this.alarms.push(detail),
    });
    return this.sender;
  }

  restartReceiver(): Receiver {
    this.receiver = new Receiver({
      lane,
      epoch,
      from: this.position,
      bundles: this.in,
      acks: this.acksOut,
      verify,
      sign: signAck,
      clock: () => time(this.now),
      onFork: (detail) => this.alarms.push(detail),
    });
    return this.receiver;
  }

  /** Payloads and position in one write, as the island's journal has them. */
  commit(payloads: readonly Uint8Array[], position: Position): void {
    this.delivered.push(...payloads);
    this.position = position;
  }

  receive(max?: number): number {
    const { payloads, position } = this.receiver.poll(max);
    if (payloads.length === 0) return 0;
    this.commit(payloads, position);
    this.receiver.acknowledge(position);
    return payloads.length;
  }

  /** A carrier that works. */
  carry(): void {
    for (const [name, bytes] of this.out.empty()) this.in.put(name, bytes);
    this.carryAcks();
  }

  carryAcks(): void {
    for (const [name, bytes] of this.acksOut.empty()) this.acksIn.put(name, bytes);
  }

  write(count: number): void {
    for (let i = 0; i < count; i += 1)
      this.spool.push(Buffer.from(`payload ${this.spool.length + 1}`));
  }
}

const bad: Harm = { lost: 0.3, repeated: 0.2, cut: 0.03, flipped: 0.03, stepsMax: 8 };

/** One history; says how many bundles were put for each payload. */
async function simulate(seed: number, harm: Harm, total: number): Promise<void> {
  const chance = chanceFrom(seed);
  const world = new World();
  const bundles = new LossyCarrier(world.out, world.in, chance, harm);
  const acks = new LossyCarrier(world.acksOut, world.acksIn, chance, harm);
  const maybe = (probability: number): boolean => chance() < probability;
  for (let step = 0; world.sender.acked <= total; step += 1) {
    ok(step < 20_000, "the lane goes on");
    world.now += Math.floor(chance() * 900);
    if (world.spool.length < total) {
      world.write(Math.min(total - world.spool.length, Math.floor(chance() ** 4 * 300)));
    }
    if (maybe(0.01)) world.restartSender();
    world.sender.kick();
    await turn();
    bundles.step();
    acks.step();
    receiveOrDie(world, chance);
    equal(world.alarms.length, 0, world.alarms[0]);
  }
  deepEqual(world.delivered, world.spool);
}

/** One poll, with the power going before or after the write in one of ten. */
function receiveOrDie(world: World, chance: Chance): void {
  const { payloads, position } = world.receiver.poll(1 + Math.floor(chance() * 256));
  if (chance() < 0.05) {
    world.restartReceiver();
    return;
  }
  if (payloads.length === 0) return;
  world.commit(payloads, position);
  if (chance() < 0.05) world.restartReceiver();
  else world.receiver.acknowledge(position);
}

test("exactly once, in order, whatever is lost, repeated, cut or restarted", async () => {
  const start = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  for (let i = 0; i < runs(25); i += 1) {
    const seed = start + i;
    try {
      await simulate(seed, bad, 400);
    } catch (cause) {
      throw new Error(`reproduce: SEED=${seed} node --test src/airlock/lane.test.ts`, { cause });
    }
  }
});

test("at 60 % loss it is slow, and right", async () => {
  await simulate(20_261_121, { ...bad, lost: 0.6 }, 200);
});

test("over a carrier that works each bundle goes once", async () => {
  const world = new World();
  world.write(1000);
  world.sender.kick();
  equal(world.sender.out, 4);
  // Here both halves share one directory: nobody carries.
  for (const name of world.out.names()) world.in.put(name, world.out.read(name, 1 << 23) ?? raw0);
  equal(world.receive(), 256);
  while (world.receive() > 0);
  deepEqual(world.delivered, world.spool);
  deepEqual(world.in.names(), []);
  equal(world.out.names().length, 4);
  world.carryAcks();
  world.now += 1000;
  world.sender.kick();
  await turn();
  deepEqual(world.out.names(), []);
  equal(world.sender.acked, 1001);
  equal(world.sender.settled, 1001);
  equal(world.sender.out, 0);
  equal(world.out.puts, 4);
  equal(world.receiver.counts.repeats, 0);
});

const raw0 = new Uint8Array(0);

test("at most 64 bundles are out, again after 2 s, then less and less", () => {
  const world = new World();
  for (let i = 0; i < 100; i += 1) {
    world.write(1);
    world.sender.kick();
  }
  equal(world.sender.out, 64);
  equal(world.out.puts, 64);
  const puts: number[] = [];
  for (let second = 0; second < 180; second += 1) {
    world.now += 1000;
    const before = world.out.puts;
    // One kick puts 16 again at most; a second has many.
    for (let i = 0; i < 4; i += 1) world.sender.kick();
    if (world.out.puts > before) puts.push(second + 1);
  }
  deepEqual(puts, [2, 6, 14, 30, 60, 90, 120, 150, 180]);
  world.now -= 3_600_000;
  world.sender.kick();
  world.now += 31_000;
  const before = world.out.puts;
  world.sender.kick();
  ok(world.out.puts > before, "a clock that jumps back does not silence the lane");
});

test("what lies beyond a gap is kept aside, told, and delivered when the gap is filled", () => {
  const world = new World();
  for (let i = 0; i < 5; i += 1) {
    world.write(2);
    world.sender.kick();
  }
  world.carry();
  const gap = "dock-1-1-1-2.bundle";
  const held = world.in.read(gap, 1 << 20) ?? raw0;
  world.in.remove(gap);
  equal(world.receive(), 0);
  const ack = Buffer.from(world.acksOut.read("dock-1.ack", 4096) ?? raw0).toString();
  ok(ack.includes("\nnext 1\n") && ack.includes("\nhave 3-10\n"), ack);
  // What is known to lie there is not put out again soon, the gap is.
  world.carry();
  world.sender.kick();
  world.now += 2500;
  world.sender.kick();
  deepEqual(world.out.names(), [gap]);
  world.in.put(gap, held);
  equal(world.receive(), 10);
  deepEqual(world.delivered, world.spool);
});

test("at most 64 bundles lie aside: the farthest goes, and comes again", () => {
  const world = new World();
  const chain = digest("1".repeat(64));
  for (let first = 100; first < 170; first += 1) {
    const payloads = [Buffer.from(`${first}`)];
    const bytes = encodeBundle({ lane, epoch, first, previous: chain, payloads }, sign);
    world.in.put(`dock-1-1-${first}-1.bundle`, bytes);
  }
  equal(world.receive(), 0);
  equal(world.in.names().length, 64);
  ok(world.in.names().includes("dock-1-1-163-1.bundle"));
  ok(!world.in.names().includes("dock-1-1-164-1.bundle"));
});

test("bad bundles are removed and counted, those of other lanes left alone", () => {
  const world = new World();
  world.write(3);
  world.sender.kick();
  world.carry();
  const good = world.in.read("dock-1-1-1-3.bundle", 1 << 20) ?? raw0;
  world.in.put("dock-1-1-1-1.bundle", good.slice(0, -1));
  world.in.put(
    "dock-1-1-1-2.bundle",
    good.map((byte, i) => (i === 200 ? byte ^ 1 : byte)),
  );
  world.in.put("dock-1-2-1-3.bundle", Buffer.from(good).fill("2", 34, 35));
  world.in.put("dock-2-1-1-1.bundle", good);
  world.in.put("dock-1.ack", good);
  equal(world.receive(), 3);
  deepEqual([...world.in.names()].sort(), ["dock-1.ack", "dock-2-1-1-1.bundle"]);
  const { bundles, head_invalid, signature_invalid } = world.receiver.counts;
  deepEqual([bundles, head_invalid, signature_invalid > 0], [1, 1, true]);
});

test("a file goes when all of it is on disk, and is not taken twice before", () => {
  const world = new World();
  world.write(3);
  world.sender.kick();
  world.carry();
  const one = world.receiver.poll(1);
  const two = world.receiver.poll(1);
  deepEqual([...one.payloads, ...two.payloads], world.spool.slice(0, 2));
  world.commit([...one.payloads, ...two.payloads], two.position);
  world.receiver.acknowledge(two.position);
  deepEqual(world.receiver.poll(1).payloads, world.spool.slice(2));
  deepEqual(world.receiver.poll(1).payloads, []);
  equal(world.receiver.counts.repeats, 0);
  equal(world.in.names().length, 1);
  // Power goes: the rest is still there.
  world.restartReceiver();
  equal(world.receive(), 1);
  deepEqual(world.delivered, world.spool);
  deepEqual(world.in.names(), []);
  equal(world.receiver.counts.repeats, 0);
});

test("an acknowledgement that was lost comes again: with a repeat, and after a start", () => {
  const world = new World();
  world.write(3);
  world.sender.kick();
  world.carry();
  equal(world.receive(), 3);
  equal(world.acksOut.empty().length, 1);
  world.now += 2000;
  world.sender.kick();
  world.carry();
  equal(world.receive(), 0);
  deepEqual([world.receiver.counts.repeats, world.in.names().length], [1, 0]);
  equal(world.acksOut.empty().length, 1);
  equal(world.receive(), 0);
  equal(world.acksOut.names().length, 0);
  world.restartReceiver();
  equal(world.receive(), 0);
  world.carry();
  world.sender.kick();
  equal(world.sender.acked, 4);
});

test("a start takes back the lane's old files, and no others", () => {
  const world = new World();
  world.write(2);
  world.sender.kick();
  world.out.put("dock-1-1-7-1.bundle", raw0);
  world.out.put("dock-2-1-7-1.bundle", raw0);
  world.write(2);
  world.restartSender().kick();
  deepEqual([...world.out.names()].sort(), ["dock-1-1-1-4.bundle", "dock-2-1-7-1.bundle"]);
});

test("a bundle with another history is evidence of a fork: the lane stops", () => {
  const cases = [
    [4, false],
    [4, true],
    [6, false],
    [6, true],
  ] as const;
  for (const [first, restart] of cases) {
    const world = new World();
    world.write(5);
    world.sender.kick();
    world.carry();
    equal(world.receive(), 5);
    if (restart) world.restartReceiver();
    const texts = first === 4 ? ["payload 4", "another 5", "payload 6"] : ["payload 6"];
    const payloads = texts.map((text) => Buffer.from(text));
    const previous = first === 4 ? world.position.chain : laneStart.chain;
    const name = `dock-1-1-${first}-${payloads.length}.bundle`;
    world.in.put(name, encodeBundle({ lane, epoch, first, previous, payloads }, sign));
    equal(world.receive(), 0);
    equal(world.alarms.length, 1);
    ok(world.receiver.fork?.includes(name));
    deepEqual(world.in.names(), [name]);
    world.write(5);
    world.sender.kick();
    world.carry();
    equal(world.receive(), 0);
    equal(world.alarms.length, 1);
  }
});

test("an acknowledgement of what was never sent, or of other bytes, stops the sender", async () => {
  const ahead = new World();
  ahead.write(5);
  ahead.sender.kick();
  ahead.carry();
  ahead.receive();
  ahead.carry();
  // The sending machine comes back from a backup: its spool is shorter than what was taken from it.
  ahead.spool.length = 3;
  ahead.restartSender().kick();
  ok(ahead.sender.fork?.includes("the spool ends at 3"), ahead.sender.fork);
  const other = new World();
  other.write(5);
  other.sender.kick();
  other.carry();
  other.receive();
  other.carry();
  other.spool[2] = Buffer.from("another 3");
  other.restartSender().kick();
  ok(other.sender.fork?.includes("another history"), other.sender.fork);
  equal(other.alarms.length, 1);
  other.write(5);
  const { puts } = other.out;
  other.sender.kick();
  await turn();
  equal(other.out.puts, puts);
});

test("a start goes on from the saved position, or hashes all if it is lost", async () => {
  const world = new World();
  world.write(700);
  for (let i = 0; i < 4; i += 1) {
    world.now += 1000;
    world.sender.kick();
    world.carry();
    while (world.receive() > 0);
    world.carry();
  }
  world.now += 1000;
  world.sender.kick();
  await turn();
  equal(world.sender.settled, 701);
  for (const lost of [false, true]) {
    if (lost) world.saved = undefined;
    const { puts } = world.out;
    world.restartSender().kick();
    equal(world.sender.acked, 701);
    equal(world.out.puts, puts, "nothing is sent again that is acknowledged");
  }
  world.saved = Buffer.from("half a fi");
  throws(() => world.restartSender(), /couldn't read the position of lane dock-1/);
});

test("an acknowledgement that goes back, or is none, changes nothing", () => {
  const world = new World();
  world.write(2);
  world.sender.kick();
  world.carry();
  world.receive();
  const old = world.acksOut.read("dock-1.ack", 4096) ?? raw0;
  world.carry();
  world.write(2);
  world.sender.kick();
  world.carry();
  world.receive();
  world.carry();
  world.sender.kick();
  equal(world.sender.acked, 5);
  world.acksIn.put("dock-1.ack", old);
  world.sender.kick();
  world.acksIn.put("dock-1.ack", old.slice(0, 40));
  world.sender.kick();
  world.sender.kick();
  equal(world.sender.acked, 5);
  equal(world.sender.refusedAcks, 1);
  equal(world.sender.fork, undefined);
});

test("an older acknowledgement of a part of a bundle does not take anything back", () => {
  const world = new World();
  world.write(4);
  world.sender.kick();
  world.carry();
  const acks: Uint8Array[] = [];
  for (let i = 0; i < 3; i += 1) {
    equal(world.receive(1), 1);
    acks.push(world.acksOut.read("dock-1.ack", 4096) ?? raw0);
  }
  for (const [i, acked] of [
    [1, 3],
    [0, 3],
    [2, 4],
    [1, 4],
  ] as const) {
    world.acksIn.put("dock-1.ack", acks[i] ?? raw0);
    world.sender.kick();
    equal(world.sender.acked, acked);
  }
});

test("a carrier that fails is noted; only our own mistakes are thrown", () => {
  const world = new World();
  world.write(2);
  const { put } = world.out;
  world.out.put = () => {
    throw new Error("couldn't write: no space");
  };
  world.sender.kick();
  ok(world.sender.trouble?.includes("no space"));
  world.out.put = put;
  world.now += 2000;
  world.sender.kick();
  equal(world.sender.trouble, undefined);
  world.carry();
  const { read } = world.in;
  world.in.read = () => {
    throw new Error("couldn't read: input/output error");
  };
  equal(world.receive(), 0);
  ok(world.receiver.trouble?.includes("input/output"));
  world.in.read = read;
  equal(world.receive(), 2);
  throws(() => world.receiver.acknowledge({ ...world.position, next: 9 }), AssertionFailed);
  throws(
    () => world.receiver.acknowledge({ ...world.position, chain: laneStart.chain }),
    AssertionFailed,
  );
});
