/** Every kind of order and every tie-break of the uncross, one row a case (floortable.ts). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { casesOf, playCase } from "../testing/floortable.ts";
import type { Listing } from "./market.ts";

function check(title: string, table: string, listing: Partial<Listing> = {}): void {
  for (const each of casesOf(table)) {
    test(`${title}: ${each.name}`, () => {
      assert.deepEqual(playCase(each, listing), { says: each.says, book: each.book });
    });
  }
}

check(
  "priority",
  `
name                    | before                                  | command              | says                                         | book
best price first        | B sell 2@101, B sell 3@102              | A buy 5@102          | A<B 2@101, A<B 3@102                         | /
oldest first            | B sell 2@101, C sell 2@101              | A buy 3@101          | A<B 2@101, A<C 1@101                         | / 1@101
at the maker's price    | B buy 2@101                             | A sell 2@90          | A<B 2@101                                    | /
the rest rests          | B sell 2@101                            | A buy 5@101          | A<B 2@101, 2 rests 3@101                     | 3@101 /
far prices              | B sell 1@1000, B sell 1@999, C sell 1@1 | A buy 3@1000         | A<C 1@1, A<B 1@999, A<B 1@1000               | /
`,
);

check(
  "kinds",
  `
name                    | before                                  | command              | says                                         | book
IOC                     | B sell 2@101                            | A buy 5@101 ioc      | A<B 2@101, 2 ends: immediate                 | /
IOC that meets nothing  | B sell 2@102                            | A buy 5@101 ioc      | 2 ends: immediate                            | / 2@102
FOK, enough             | B sell 2@101, C sell 3@102              | A buy 5@102 fok      | A<B 2@101, A<C 3@102                         | /
FOK, one lot short      | B sell 2@101, C sell 3@102              | A buy 6@102 fok      | refused: fok_unfillable                      | / 2@101 3@102
FOK, enough but dearer  | B sell 2@101, C sell 3@102              | A buy 3@101 fok      | refused: fok_unfillable                      | / 2@101 3@102
FOK, too many orders    | B sell 1@9, C sell 1@9, D sell 1@9, E sell 1@9 | A buy 4@9 fok | refused: fok_unfillable                      | / 4@9
POST_ONLY, behind       | B sell 2@101                            | A buy 5@100 post     | 2 rests 5@100                                | 5@100 / 2@101
POST_ONLY, crossing     | B sell 2@101                            | A buy 5@101 post     | refused: would_cross                         | / 2@101
POST_ONLY, own order    | A sell 2@101                            | A buy 5@101 post     | refused: would_cross                         | / 2@101
market                  | B sell 2@101, B sell 3@900              | A buy 4              | A<B 2@101, A<B 2@900                         | / 1@900
market, book empty      |                                         | A buy 4              | 1 ends: immediate                            | /
market sell             | B buy 2@101, B buy 3@1                  | A sell 9             | A<B 2@101, A<B 3@1, 3 ends: immediate        | /
market with a cap       | B sell 2@101, B sell 3@102              | A buy 5 cap=303      | A<B 2@101, 3 ends: cap                       | / 3@102
a cap that is enough    | B sell 2@101, B sell 3@102              | A buy 5 cap=508      | A<B 2@101, A<B 3@102                         | /
a cap beyond what is free | B sell 2@101                          | A buy 5 cap=10001    | refused: funds_short                         | / 2@101
market, all that is free | B sell 900@11, B sell 100@20           | A buy 1000           | A<B 900@11, A<B 5@20, 3 ends: cap            | / 95@20
market FOK              | B sell 2@101                            | A buy 3 fok          | refused: fok_unfillable                      | / 2@101
market that would rest  | B sell 2@101                            | A buy 3 day          | refused: kind_wrong                          | / 2@101
GTD, too late           |                                         | A buy 3@9 gtd=1      | refused: expiry_passed                       | /
GTD, one before         | A buy 3@9 gtd=50                        | tick 49              |                                              | 3@9 /
GTD, its time           | A buy 3@9 gtd=50, B buy 2@9 gtd=49, C buy 1@9 gtd=50 | tick 50 | 2 ends: expired, 1 ends: expired, 3 ends: expired | /
DAY                     | A buy 3@9 day, B buy 2@9                | phase closed         | phase: closed, 1 ends: expired               | 2@9 /
`,
);

check(
  "changes",
  `
name                    | before                                  | command              | says                                         | book
cancel                  | A buy 3@9                               | A cancel 1           | 1 ends: cancelled                            | /
another's               | A buy 3@9                               | B cancel 1           | refused: order_not_open                      | 3@9 /
reduce keeps its place  | A buy 3@9, B buy 3@9, A reduce 1 1      | C sell 3@9           | C<A 2@9, C<B 1@9                             | 2@9 /
reduce by all           | A buy 3@9                               | A reduce 1 3         | 1 ends: cancelled                            | /
smaller keeps its place | A buy 3@9, B buy 3@9, A replace 1 1@9   | C sell 2@9           | C<A 1@9, C<B 1@9                             | 2@9 /
larger loses it         | A buy 3@9, B buy 3@9, A replace 1 4@9   | C sell 4@9           | C<B 3@9, C<A 1@9                             | 3@9 /
another price loses it  | A buy 3@9, B buy 3@9, A replace 1 @8, A replace 1 @9 | C sell 4@9 | C<B 3@9, C<A 1@9                          | 2@9 /
what was filled counts  | A buy 10@9, C sell 4@9                  | A replace 1 8@9      | 1 has 4@9                                    | 4@9 /
no more than was filled | A buy 10@9, C sell 4@9                  | A replace 1 4@       | 1 ends: cancelled                            | /
crossing trades         | A buy 3@9, B sell 2@10                  | A replace 1 @10      | A<B 2@10, 1 rests 1@10                       | 1@10 /
POST_ONLY stays so      | A buy 3@9 post, B sell 2@10             | A replace 1 @10 post | refused: would_cross                         | 3@9 / 2@10
POST_ONLY given up      | A buy 3@9 post, B sell 2@10             | A replace 1 @10      | A<B 2@10, 1 rests 1@10                       | 1@10 /
refused, it stays       | A buy 3@9                               | A replace 1 1000@900 | refused: funds_short                         | 3@9 /
all of an account       | A buy 3@9, B buy 1@9, A sell 2@11       | A cancelall          | 1 ends: cancelled, 3 ends: cancelled         | 1@9 /
dead man's switch       | A buy 3@9, A after 50, A buy 1@8        | tick 50              | A fires, 1 ends: cancelled, 2 ends: cancelled | /
moved in time           | A buy 3@9, A after 50, A after 60       | tick 50              |                                              | 3@9 /
turned off              | A buy 3@9, A after 50, A after 0        | tick 99              |                                              | 3@9 /
`,
);

check(
  "own orders",
  `
name                    | before                                  | command              | says                                         | book
newest                  | A sell 2@101, B sell 3@102              | A buy 3@102          | 3 ends: own order                            | / 2@101 3@102
newest, after a trade   | B sell 1@100, A sell 2@101              | A buy 3@102          | A<B 1@100, 3 ends: own order                 | / 2@101
oldest                  | A sell 2@101, B sell 3@102              | A buy 3@102 oldest   | 1 ends: own order, A<B 3@102                 | /
both                    | A sell 2@101, B sell 3@102              | A buy 3@102 both     | 1 ends: own order, 3 ends: own order         | / 3@102
FOK, newest             | A sell 2@101, B sell 3@102              | A buy 3@102 fok      | refused: fok_unfillable                      | / 2@101 3@102
FOK, oldest             | A sell 2@101, B sell 3@102              | A buy 3@102 fok oldest | 1 ends: own order, A<B 3@102               | /
FOK, oldest, too few    | A sell 2@101, B sell 3@102              | A buy 4@102 fok oldest | refused: fok_unfillable                    | / 2@101 3@102
`,
);

check(
  "stops",
  `
name                    | before                                  | command              | says                                         | book
waits                   |                                         | A sell 5@1 stop=98   | 1 waits                                      | /
set off                 | A sell 5@97 stop=98, B buy 1@98, C buy 5@97 | D sell 1@98      | D<B 1@98, 1 set off, A<C 5@97                | /
a cascade               | A sell 5@90 stop=98, B sell 5@90 stop=97, C buy 1@98, D buy 5@97, E buy 5@95 | F sell 1@98 | F<C 1@98, 1 set off, A<D 5@97, 2 set off, B<E 5@95 | /
highest trigger first   | A sell 1@1 stop=95, B sell 1@1 stop=97, C buy 1@90, D buy 9@50 | E sell 1@90 | E<C 1@90, 2 set off, B<D 1@50, 1 set off, A<D 1@50 | 7@50 /
buys before sells       | A sell 1@900 stop=100, B buy 1@90 stop=100, C sell 1@100 | D buy 1@100 | D<C 1@100, 2 set off, 2 rests 1@90, 1 set off, 1 rests 1@900 | 1@90 / 1@900
due when it comes       | C sell 1@100, D buy 1@100               | A buy 1@90 stop=99   | 3 set off, 3 rests 1@90                      | 1@90 /
stop without a price    | A buy 5 stop=100 cap=400, B sell 9@100, C buy 1@100 | tick 5   |                                              | / 4@100
no cap                  |                                         | A buy 5 stop=100     | refused: kind_wrong                          | /
FOK                     |                                         | A buy 5@9 stop=8 fok | refused: kind_wrong                          | /
another trigger         | A sell 5@97 stop=98, A replace 1 @ stop=99, B buy 1@99 | C sell 1@99 | C<B 1@99, 1 set off, 1 rests 5@97         | / 5@97
`,
);

check(
  "phases",
  `
name                    | before                                  | command              | says                                         | book
closed                  | phase closed                            | A buy 5@9            | refused: phase_forbids                       | /
closed, cancel          | A buy 5@9, phase closed                 | A cancel 1           | 1 ends: cancelled                            | /
pre-open                | phase pre-open                          | A buy 5@9            | refused: phase_forbids                       | /
pre-open, replace       | A buy 5@9, B sell 5@11, phase pre-open  | A replace 1 @12      | 1 rests 5@12                                 | 5@12 / 5@11
halt                    | A buy 5@9, phase halt                   | A replace 1 @8       | refused: phase_forbids                       | 5@9 /
call, collected         | phase opening, A buy 5@12               | B sell 5@11          | 2 rests 5@11                                 | 5@12 / 5@11
call, IOC               | phase opening                           | B sell 5@11 ioc      | refused: phase_forbids                       | /
call, a stop waits      | phase opening                           | B sell 5@11 stop=12  | 1 waits                                      | /
halt keeps it           | phase opening, A buy 5@12, B sell 5@11  | phase halt           | phase: halt                                  | 5@12 / 5@11
stops after the uncross | phase opening, A buy 5@12, B sell 5@12, C sell 1@13 stop=12 | phase continuous | phase: continuous, A=B 5@12, uncross 5@12, 3 set off, 3 rests 1@13 | / 1@13
own orders, newest      | phase opening, A buy 5@12, A sell 5@11, B sell 5@12 | phase continuous | phase: continuous, 2 ends: own order, A=B 5@12, uncross 5@12 | /
`,
);

check(
  "uncross",
  `
name                    | before                                  | command              | says                                         | book
the page's example      | phase opening, A buy 4@102, B buy 3@100, C sell 5@99, D sell 5@101 | phase continuous | phase: continuous, A=C 4@100, B=C 1@100, uncross 5@100 | 2@100 / 5@101
volume                  | reference 200, phase opening, A buy 5@102, B sell 5@100, C sell 5@103 | phase continuous | phase: continuous, A=B 5@102, uncross 5@102 | / 5@103
surplus                 | reference 1, phase opening, A buy 5@102, B buy 5@100, C sell 5@100 | phase continuous | phase: continuous, A=C 5@101, uncross 5@101 | 5@100 /
pressure, buyers        | reference 1, phase opening, A buy 7@102, B sell 5@100 | phase continuous | phase: continuous, A=B 5@102, uncross 5@102 | 2@102 /
pressure, sellers       | reference 999, phase opening, A buy 5@102, B sell 7@100 | phase continuous | phase: continuous, A=B 5@100, uncross 5@100 | / 2@100
reference               | reference 101, phase opening, A buy 5@102, B sell 5@100 | phase continuous | phase: continuous, A=B 5@101, uncross 5@101 | /
reference, outside      | reference 99, phase opening, A buy 5@102, B sell 5@100 | phase continuous | phase: continuous, A=B 5@100, uncross 5@100 | /
no reference            | phase opening, A buy 5@102, B sell 5@100 | phase continuous    | phase: continuous, A=B 5@100, uncross 5@100  | /
buyers, then sellers    | reference 103, phase opening, A buy 5@105, B buy 2@102, C sell 5@100, D sell 2@103 | phase continuous | phase: continuous, A=C 5@103, uncross 5@103 | 2@102 / 2@103
the smaller surplus     | reference 103, phase opening, A buy 5@105, B buy 2@102, C sell 5@100, D sell 3@103 | phase continuous | phase: continuous, A=C 5@102, uncross 5@102 | 2@102 / 3@103
price, then time        | phase opening, A buy 2@101, B buy 2@102, C buy 2@101, D sell 5@101 | phase closed | phase: closed, B=D 2@101, A=D 2@101, C=D 1@101, uncross 5@101 | 1@101 /
`,
);

check(
  "bands and limits",
  `
name                    | before                                  | command              | says                                         | book
trades up to the band   | reference 100, B sell 1@102, C sell 1@103 | A buy 2@105        | A<B 1@102, phase: volatility, 3 rests 1@105  | 1@105 / 1@103
IOC that has traded     | reference 100, B sell 1@102, C sell 1@103 | A buy 2@105 ioc    | A<B 1@102, phase: volatility, 3 ends: immediate | / 1@103
IOC that traded nothing | reference 100, B sell 1@103             | A buy 2@105 ioc      | 2 ends: immediate                            | / 1@103
own orders are no trade | reference 100, A sell 1@102, B sell 1@103 | A buy 2@105 ioc oldest | 1 ends: own order, 3 ends: immediate     | / 1@103
FOK calls nothing       | reference 100, B sell 1@102, C sell 1@103 | A buy 2@105 fok    | refused: fok_unfillable                      | / 1@102 1@103
stops wait              | reference 100, B sell 1@102, C sell 1@103, D sell 1@99 stop=102 | A buy 2@105 | A<B 1@102, phase: volatility, 4 rests 1@105 | 1@105 / 1@103
the call ends           | reference 100, C sell 1@103, A buy 2@105 | phase continuous    | phase: continuous, A=C 1@105, uncross 1@105  | 1@105 /
too far                 | reference 100                           | A buy 2@111          | refused: price_outside_limits                | /
at the limit            | reference 100                           | A buy 2@110          | 1 rests 2@110                                | 2@110 /
collar                  | reference 100, B sell 1@100, C sell 1@104 | A buy 2            | A<B 1@100, 3 ends: immediate                 | / 1@104
`,
  { bandRate: 20_000, limitRate: 100_000, collarRate: 20_000 },
);

check(
  "bands without a collar",
  `
name                    | before                                  | command              | says                                         | book
market that has traded  | reference 100, B buy 1@98, C buy 1@97   | A sell 2             | A<B 1@98, phase: volatility, 3 ends: immediate | 1@97 /
market, traded nothing  | reference 100, B buy 1@97               | A sell 2             | 2 ends: immediate                            | 1@97 /
stop, traded nothing    | reference 100, A buy 2 stop=100 cap=999, B sell 1@100, C sell 1@103 | D buy 1@100 | D<B 1@100, 1 set off, 1 ends: immediate | / 1@103
stop-limit, so an IOC   | reference 100, A buy 2@105 stop=100 ioc, B sell 1@100, C sell 1@103 | D buy 1@100 | D<B 1@100, 1 set off, 1 ends: immediate | / 1@103
stop-limit that rests   | reference 100, A buy 2@105 stop=100, B sell 1@100, C sell 1@103 | D buy 1@100 | D<B 1@100, 1 set off, phase: volatility, 1 rests 2@105 | 2@105 / 1@103
`,
  { bandRate: 20_000 },
);

check(
  "limits",
  `
name                    | before                                  | command              | says                                         | book
no such price           |                                         | A buy 5@0            | refused: price_not_on_tick                   | /
off the tick            |                                         | A buy 5@103          | refused: price_not_on_tick                   | /
above the highest       |                                         | A buy 5@1005         | refused: price_too_high                      | /
too few                 |                                         | A buy 1@100          | refused: quantity_too_small                  | /
too many                |                                         | A buy 51@100         | refused: quantity_too_large                  | /
too many open           | A buy 2@5, A buy 2@5, A buy 2@5, A buy 2@5, A buy 2@5 | A buy 2@5 | refused: orders_open_limit                | 10@5 /
price before quantity   |                                         | A buy 51@103         | refused: price_not_on_tick                   | /
ticks before the highest |                                        | A buy 5@103 stop=1005 | refused: price_not_on_tick                  | /
a trigger's tick, too   |                                         | A buy 5@1005 stop=103 | refused: price_not_on_tick                  | /
a trigger too high      |                                         | A buy 51@100 stop=1005 | refused: price_too_high                    | /
so if it is replaced    | A buy 5@100 stop=200                    | A replace 1 @103 stop=1005 | refused: price_not_on_tick             | /
its trigger alone       | A buy 5@100 stop=200                    | A replace 1 51@ stop=1005 | refused: price_too_high                 | /
`,
  { tick: 5, quantityMin: 2, quantityMax: 50 },
);

check(
  "funds",
  `
name                    | before                                  | command              | says                                         | book
to the last unit        |                                         | A buy 100@99         | 1 rests 100@99                               | 100@99 /
with its maker fee      |                                         | A buy 100@100        | refused: funds_short                         | /
as the book has it      | B sell 90@100                           | A buy 90@110 ioc     | A<B 90@100                                   | /
what rests, too         | B sell 90@100                           | A buy 90@112         | A<B 90@100                                   | /
its own hold is free    | A buy 90@100                            | A replace 1 @109     | 1 rests 90@109                               | 90@109 /
what is held is not     | A buy 90@100                            | A buy 10@100         | refused: funds_short                         | 90@100 /
too large               |                                         | A buy 1000@9999999999999 | refused: amount_too_large                | /
`,
  { makerRate: 10_000, takerRate: 20_000, priceMax: 1e13 },
);
