/**
 * Random trading days, and what must be true of every one of them: money is conserved, what is held
 * is what is needed, no book is crossed, no order fills beyond its quantity or its limit, reports
 * are gapless and chained, a repeated letter does nothing, and the journal gives the same bytes
 * again from its beginning and from any snapshot.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { equalBytes } from "../codec/bytes.ts";
import * as fc from "fast-check";
import { Floor, fingerprintOf, floorExchange, plainConfiguration } from "../testing/floor.ts";
import { runs } from "../testing/runs.ts";
import { apply } from "./apply.ts";
import { sums } from "./audit.ts";
import { balanceOf } from "./purse.ts";
import { parseSnapshot, printSnapshot, stateHash } from "./snapshot.ts";
import { newState } from "./state.ts";

const customers = ["Alice", "Bob", "the third customer"];
const hands = ["the first operator", "the second operator"];
const stranger = "the fourth customer";
const everyone = [...customers, ...hands, stranger];

const small = fc.integer({ min: 1, max: 12 });
const units = fc.oneof(fc.integer({ min: 1, max: 5_000_000 }), fc.constant(9_007_199_254_740_991));
const asset = fc.constantFrom("BTC", "GLD", "SLV");
const side = fc.constantFrom("BUY", "SELL");
/** Prices near each other, so that most orders meet somebody. */
const limit = fc.integer({ min: 4200, max: 4212 });
const id = fc.constantFrom("", "", "", "|id=a", "|id=b", "|id=c", "|tag=desk");
const expiry = fc.oneof(
  { weight: 4, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 }).map((s) => `|${1_795_262_400 + s}`) },
);

const own = fc.constantFrom("", "", "", "|own=newest", "|own=oldest", "|own=both");
const tif = fc.constantFrom("GTC", "DAY", "IOC", "FOK", "POST_ONLY").map((name) => `|tif=${name}`);
const stop = limit.map((price) => `|stop=${price}`);
const terms = fc.oneof(
  { weight: 5, arbitrary: expiry },
  { weight: 2, arbitrary: tif },
  { weight: 2, arbitrary: stop },
);
const order = fc
  .tuple(side, small, limit, terms, own, id)
  .map(([verb, lots, price, term, mode, label]) => {
    return `${verb}|GLD/BTC|${lots}|${price}${term}${mode}${label}`;
  });
const cap = fc.integer({ min: 1, max: 5_000_000 }).map((units) => `|cap=${units}`);
const market = fc
  .tuple(side, small, fc.constantFrom("", "|tif=FOK", "|tif=DAY"), fc.option(stop), fc.option(cap))
  .map(([verb, lots, force, trigger, most]) => {
    return `${verb}|GLD/BTC|${lots}${force}${trigger ?? ""}${verb === "BUY" ? (most ?? "") : ""}`;
  });
const kept = fc.constant("-");
const replace = fc
  .tuple(
    fc.constantFrom("a", "b", "c"),
    fc.oneof(small, kept),
    fc.oneof(limit, kept),
    fc.constantFrom("", "", "|tif=POST_ONLY", "|stop=4206"),
  )
  .map(([name, lots, price, rest]) => `REPLACE|${name}|${lots}|${price}${rest}`);
const cancel = fc.constantFrom(
  "CANCEL|a",
  "CANCEL|b",
  "CANCELALL",
  "CANCELALL|GLD/BTC",
  "CANCELALL|-|buy",
  "CANCELALL|GLD/BTC|sell",
  "CANCELAFTER|0",
);
const cancelAfter = fc
  .integer({ min: 0, max: 40 })
  .map((seconds) => `CANCELAFTER|${1_795_262_400 + seconds}`);
const halt = fc.constantFrom("HALT|GLD/BTC|news", "RESUME|GLD/BTC|told");
const money = fc.oneof(
  fc
    .tuple(asset, fc.constantFrom(...everyone), units)
    .map(([name, to, amount]) => `PUSH|${name}|${fingerprintOf(to)}|${amount}`),
  fc.tuple(asset, units, id).map(([name, amount, label]) => `DEPOSIT|${name}|${amount}${label}`),
  fc.tuple(asset, units).map(([name, amount]) => `WITHDRAW|${name}|${amount}|bc1q`),
);
/** `CREDIT|3|5` and `APPROVE|3` stand for lines that repeat the request (see `whole`). */
const hand = fc.oneof(
  fc.tuple(small, units).map(([number, amount]) => `CREDIT|${number}|${amount}`),
  small.map((number) => `APPROVE|${number}`),
  fc
    .tuple(small, asset, units)
    .map(([number, ...sum]) => `APPROVE|${number}|${sum.join("|")}|bc1q`),
  small.map((number) => `PAID|${number}|seen`),
  small.map((number) => `REFUSE|${number}|no`),
);
const other = fc.constantFrom("NOOP", "STAT", "STATJSON", "RESEND|1|2", "MKOPT|x", "BUY|GLD/BTC|0");
const command = fc.oneof(
  { weight: 12, arbitrary: order },
  { weight: 2, arbitrary: market },
  { weight: 2, arbitrary: cancel },
  { weight: 3, arbitrary: replace },
  { weight: 1, arbitrary: cancelAfter },
  { weight: 1, arbitrary: halt },
  { weight: 3, arbitrary: money },
  { weight: 3, arbitrary: hand },
  { weight: 1, arbitrary: other },
);

function whole(floor: Floor, line: string): string {
  const [verb, number, units, ...rest] = line.split("|");
  if (verb === "APPROVE" && units === undefined) return floor.approveLine(Number(number));
  if (verb !== "CREDIT" || rest.length > 0) return line;
  return floor.creditLine(Number(number), Number(units), "seen");
}

type Step =
  | { kind: "letter"; who: string; commands: string[]; skip: number; thread: number; late: boolean }
  | { kind: "pass"; seconds: number }
  | { kind: "repeat"; which: number; fault: boolean }
  | { kind: "configuration"; maker: number; limits: string; day: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("letter" as const),
      who: fc.constantFrom(...customers, ...customers, ...hands),
      commands: fc.array(command, { minLength: 1, maxLength: 6 }),
      skip: fc.constantFrom(0, 0, 0, 1, 1100),
      thread: fc.constantFrom(0, 0, 7),
      late: fc.constantFrom(false, false, false, false, false, false, true),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      seconds: fc.integer({ min: 0, max: 9 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("repeat" as const),
      which: fc.nat(1000),
      fault: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("configuration" as const),
      maker: fc.nat(9),
      limits: fc.constantFrom(
        "",
        "limits GLD/BTC collar 0.1% orders 0.15% trades 0.05% reference 0.04206",
        "limits GLD/BTC collar none orders none trades 0.1%\nvolatility GLD/BTC 3s",
      ),
      // The floor opens at noon; its clock goes on by seconds.
      day: fc.constantFrom(
        "",
        "day GLD/BTC mon-sun pre-open 11:58 opening 11:59 continuous 12:00 closing 12:01 closed 12:02",
        "day GLD/BTC mon-sun opening 11:30 continuous 12:01 closed 12:02",
      ),
    }),
  },
);

/** A floor on which everybody can trade a little. */
function opened(): Floor {
  const floor = new Floor();
  for (const name of hands) floor.register(name);
  for (const name of customers) {
    floor.fund(name, "BTC", 30_000_000);
    floor.fund(name, "GLD", 60);
  }
  floor.say("Alice", `PUSH|BTC|${fingerprintOf(stranger)}|9`);
  return floor;
}

function take(floor: Floor, step: Step): void {
  switch (step.kind) {
    case "letter":
      return sayOne(floor, step);
    case "pass":
      floor.pass(step.seconds * 1000);
      floor.tick();
      return;
    case "repeat": {
      const letters = floor.journal.filter((input) => input.kind === "letter");
      const letter = letters[step.which % letters.length];
      if (letter?.kind !== "letter") return;
      const { ref, signer, text } = letter;
      const at = floor.now;
      floor.give(step.fault ? { kind: "fault", at, ref, signer, text } : { ...letter, at });
      return;
    }
    case "configuration": {
      const fees = plainConfiguration.replace("maker 0.1%", `maker 0.${step.maker}%`);
      const text = `${fees}\n${step.limits}\n${step.day}\n`;
      floor.give({ kind: "configure", at: floor.now, text });
    }
  }
}

function sayOne(floor: Floor, step: Extract<Step, { kind: "letter" }>): void {
  const { who, commands, thread, late, skip } = step;
  const high = floor.state.accounts.get(fingerprintOf(who))?.threads.get(thread)?.high ?? 0;
  const seq = high + 1 + skip;
  const lines = commands.map((line) => whole(floor, line));
  const text = floor.write(who, lines, { thread, seq });
  const by = "2026-11-21T11:00:00Z";
  floor.post(who, late ? text.replace(/^by .*$/m, `by ${by}`) : text);
}

/** No order filled beyond its quantity or past its limit, by what its owner was told. */
function checkFills(floor: Floor): void {
  for (const told of floor.told.values()) {
    const orders = new Map<string, { requested: number; prices: (number | undefined)[] }>();
    const filled = new Map<string, number>();
    for (const { records } of told) {
      // Of what was replaced on the way, the last price before this report counts as well.
      for (const order of orders.values()) order.prices.splice(0, order.prices.length - 1);
      for (const entry of records) {
        if (entry.kind !== "order") continue;
        const key = JSON.stringify(entry.key);
        const order = orders.get(key) ?? { requested: 0, prices: [] };
        order.requested = Math.max(order.requested, entry.requested);
        order.prices.push(entry.price);
        orders.set(key, order);
      }
      for (const entry of records) {
        if (entry.kind !== "fill") continue;
        const key = JSON.stringify(entry.key);
        const order = orders.get(key);
        assert.ok(order, "a fill is of an order that was told");
        const sum = (filled.get(key) ?? 0) + entry.quantity;
        filled.set(key, sum);
        assert.ok(sum <= order.requested, "no order fills beyond its quantity");
        const isInside = order.prices.some((price) => {
          if (price === undefined) return true;
          return entry.side === "buy" ? entry.price <= price : entry.price >= price;
        });
        assert.ok(isInside, "no order fills past its limit");
      }
    }
  }
}

/** Each account's books, folded from its reports alone, are the engine's. */
function checkReports(floor: Floor): void {
  for (const [account, told] of floor.told) {
    const totals = new Map<string, number>();
    const held = new Map<string, number>();
    for (const said of told) {
      if (said.kind !== "report") continue;
      for (const entry of said.records) {
        if (entry.kind === "move") {
          const total = (totals.get(entry.asset) ?? 0) + entry.change;
          assert.equal(total, entry.total);
          totals.set(entry.asset, total);
        } else if (entry.kind === "hold") {
          const sum = (held.get(entry.asset) ?? 0) + entry.change;
          assert.equal(sum, entry.held);
          held.set(entry.asset, sum);
        }
      }
    }
    for (const name of ["BTC", "GLD"]) {
      const balance = { total: totals.get(name) ?? 0, held: held.get(name) ?? 0 };
      const whose = floor.state.accounts.get(account);
      const known = whose ? balanceOf(floor.state, whose, name) : { total: 0, held: 0 };
      assert.deepEqual(known, balance);
    }
  }
}

/** The journal again: from the beginning, and from a snapshot taken at `cut`. */
function checkReplay(floor: Floor, cut: number): void {
  let state = newState(floorExchange);
  floor.journal.forEach((input, index) => {
    if (index === cut) {
      const bytes = printSnapshot(state);
      state = parseSnapshot(bytes);
      assert.ok(equalBytes(printSnapshot(state), bytes));
      sums(state);
    }
    assert.deepEqual(apply(state, input), floor.outputs[index]);
  });
  assert.ok(equalBytes(printSnapshot(state), printSnapshot(floor.state)));
}

test("every trading day keeps every promise", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(1000), (steps, cut) => {
      const floor = opened();
      for (const each of steps) {
        take(floor, each);
        for (const sum of sums(floor.state).values()) assert.equal(sum, 0);
      }
      checkFills(floor);
      checkReports(floor);
      checkReplay(floor, cut % floor.journal.length);
    }),
    { numRuns: runs(60) },
  );
});

test("a letter that comes again changes nothing and is answered as before", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 12 }),
      fc.array(command, { minLength: 1 }),
      (steps, commands) => {
        const floor = opened();
        // That it was read again is in the next block of reads; nothing else changes.
        floor.state.reads = undefined;
        for (const each of steps) take(floor, each);
        const lines = commands.map((line) => whole(floor, line));
        const text = floor.write("Bob", lines, { thread: 9 });
        const first = floor.post("Bob", text);
        const hash = stateHash(floor.state);
        const again = floor.post("Bob", text);
        assert.deepEqual(again.documents, []);
        assert.deepEqual(again.leaves, []);
        const reply = first.documents.find(({ delivery }) => delivery.kind === "reply");
        const named = reply?.delivery.kind === "reply" ? reply.delivery.orderId : first.archive[0];
        const [request, ...more] = again.archive;
        assert.equal(more.length, 0);
        assert.equal(request?.kind, "repeat");
        if (request?.kind === "repeat" && typeof named === "string")
          assert.equal(request.first, named);
        floor.state.logSize -= 1;
        assert.equal(stateHash(floor.state), hash);
      },
    ),
    { numRuns: runs(30) },
  );
});

test("two thousand commands in one day", () => {
  const day = fc.array(command, { minLength: 2000, maxLength: 2000 });
  fc.assert(
    fc.property(day, (commands) => {
      const floor = opened();
      for (let i = 0; i < commands.length; i += 5) {
        const lines = commands.slice(i, i + 5).map((line) => whole(floor, line));
        floor.say(everyone[(i / 5) % 5] ?? "", ...lines);
        floor.pass(10);
      }
      sums(floor.state);
      checkReports(floor);
      checkReplay(floor, Math.floor(floor.journal.length / 2));
    }),
    { numRuns: runs(1) },
  );
});
