/** What an event of the floor says, by names, for `signet replay --events`. */
import { end, event, type Events } from "../floor/events.ts";
import { op, phase } from "../floor/command.ts";
import { floorRefusals } from "../floor/refusals.ts";
import { accountShift } from "../floor/streamplay.ts";
import type { Facts } from "./replaytold.ts";

const sides = ["buy", "sell"];

/** The name that a number has in a table. */
function nameIn(table: Readonly<Record<string, number>>, number: number): string | undefined {
  const name = Object.keys(table).find((key) => table[key] === number);
  return name?.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** An event's name and facts. */
export function streamFacts(events: Events, at: number): readonly [string, Facts] {
  const kind = events.kind(at);
  const name = nameIn(event, kind) ?? String(kind);
  const account = events.account(at) - accountShift;
  const instrument = events.market(at);
  const side = sides[events.side(at)];
  switch (kind) {
    case event.rejected: {
      const asked = nameIn(op, events.side(at));
      const why = floorRefusals[events.flags(at) - 1];
      return [name, { instrument, account, order: events.id(at), op: asked, why }];
    }
    case event.trade:
      return [name, { instrument, side, ...tradeFacts(events, at) }];
    case event.ended: {
      const why = nameIn(end, events.flags(at));
      return [name, { instrument, account, side, ...orderFacts(events, at), why }];
    }
    case event.phase:
      return [name, { instrument, phase: nameIn(phase, events.flags(at)) }];
    case event.uncrossed:
      return [name, { instrument, price: events.price(at), quantity: events.quantity(at) }];
    case event.switched:
    case event.fired:
      return [name, { account }];
    default:
      return [name, { instrument, account, side, ...orderFacts(events, at) }];
  }
}

function orderFacts(events: Events, at: number): Facts {
  return { order: events.id(at), price: events.price(at), open: events.quantity(at) };
}

function tradeFacts(events: Events, at: number): Facts {
  return {
    price: events.price(at),
    quantity: events.quantity(at),
    taker: events.id(at),
    maker: events.otherId(at),
    takerAccount: events.account(at) - accountShift,
    makerAccount: events.other(at) - accountShift,
    takerFee: events.fee(at),
    makerFee: events.otherFee(at),
    number: events.number(at),
  };
}
