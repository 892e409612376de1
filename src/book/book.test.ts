/**
 * The book against the slow oracle, over random command streams; and the promises it makes by
 * itself.
 */
import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { price, quantity, type Price, type Quantity } from "../money/amount.ts";
import { runs } from "../testing/runs.ts";
import { Book, type BookOrder, type Place, type Side } from "./book.ts";
import { NaiveBook } from "./naive.ts";

type Order = BookOrder & { readonly id: number };

type Step =
  | { kind: "limit"; side: Side; price: number; quantity: number }
  | { kind: "market"; side: Side; quantity: number }
  | { kind: "cancel"; which: number }
  | { kind: "expire"; count: number };

const side = fc.constantFrom<Side>("buy", "sell");
const lots = fc.integer({ min: 1, max: 30 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("limit"), side, price: lots, quantity: lots }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("market"), side, quantity: lots }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel"), which: fc.nat(1000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("expire"), count: fc.integer({ min: 1, max: 4 }) }),
  },
) as fc.Arbitrary<Step>;

/** Both books under the same commands. Whatever differs, differs here. */
class Pair {
  readonly book = new Book<Order>();
  readonly naive = new NaiveBook<Order>();
  readonly places = new Map<number, Place<Order>>();
  private next = 1;

  run(step: Step): void {
    if (step.kind === "cancel") this.drop(step.which, 1);
    else if (step.kind === "expire") this.drop(0, step.count);
    else this.take(step, step.kind === "limit" ? price(step.price) : undefined);
    this.book.audit();
  }

  private drop(from: number, count: number): void {
    const ids = [...this.places.keys()];
    for (let i = 0; i < count && i < ids.length; i += 1) {
      const id = ids[(from + i) % ids.length] ?? 0;
      const place = this.places.get(id);
      const twin = this.naive.orders.find((order) => order.id === id);
      if (!place || !twin) continue;
      this.book.remove(place);
      this.naive.remove(twin);
      this.places.delete(id);
    }
  }

  private take(step: { side: Side; quantity: number }, limit: Price | undefined): void {
    const want = { side: step.side, quantity: quantity(step.quantity), limit };
    const quote = this.book.quote(want);
    const fills = this.book.match(want);
    const twins = this.naive.match(want);
    const text = (list: typeof fills): string[] =>
      list.map((fill) => `${fill.maker.id} ${fill.price} ${fill.quantity} ${fill.maker.open}`);
    assert.deepEqual(text(fills), text(twins));
    const filled = fills.reduce((sum, fill) => sum + fill.quantity, 0);
    const turnover = fills.reduce((sum, fill) => sum + fill.quantity * fill.price, 0);
    assert.deepEqual(quote, { quantity: filled, turnover: BigInt(turnover) });
    for (const fill of fills) if (fill.maker.open === 0) this.places.delete(fill.maker.id);
    const open = step.quantity - filled;
    if (open === 0 || limit === undefined) return;
    const id = this.next;
    this.next += 1;
    const order = { id, side: step.side, price: limit, open: quantity(open) };
    this.places.set(id, this.book.add(order));
    this.naive.add({ ...order });
  }
}

test("the book fills what the naive book fills, over random commands", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const pair = new Pair();
      for (const each of steps) pair.run(each);
      for (const side of ["buy", "sell"] as const) {
        for (const level of pair.book.levels(side)) {
          assert.equal(level.quantity, pair.naive.quantityAt(side, level.price));
        }
      }
    }),
    { numRuns: runs(300) },
  );
});

function rest(book: Book<Order>, id: number, side: Side, at: number, open: number): Place<Order> {
  return book.add({ id, side, price: price(at), open: quantity(open) });
}

const four: Quantity = quantity(4);

test("better prices first, older orders first, at the maker's price", () => {
  const book = new Book<Order>();
  rest(book, 1, "sell", 12, 2);
  rest(book, 2, "sell", 11, 1);
  rest(book, 3, "sell", 11, 1);
  const fills = book.match({ side: "buy", quantity: four, limit: price(20) });
  assert.deepEqual(
    fills.map((fill) => [fill.maker.id, fill.price, fill.quantity]),
    [
      [2, 11, 1],
      [3, 11, 1],
      [1, 12, 2],
    ],
  );
  assert.equal(book.best("sell"), undefined);
});

test("an order that would trade at once cannot be put to rest", () => {
  const book = new Book<Order>();
  rest(book, 1, "sell", 10, 1);
  assert.throws(() => rest(book, 2, "buy", 10, 1), /never crossed/);
});

test("an order is removed once", () => {
  const book = new Book<Order>();
  const place = rest(book, 1, "buy", 10, 1);
  book.remove(place);
  assert.throws(() => book.remove(place), /removed once/);
});

test("a hundred thousand orders at one price are cancelled one by one, from the middle too", () => {
  const book = new Book<Order>();
  const places = Array.from({ length: 100_000 }, (_, id) => rest(book, id, "buy", 7, 1));
  for (const place of places.filter((_, i) => i % 2 === 1)) book.remove(place);
  for (const place of places.filter((_, i) => i % 2 === 0)) book.remove(place);
  assert.equal(book.best("buy"), undefined);
});
