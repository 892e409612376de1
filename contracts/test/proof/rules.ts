/**
 * The money rules of docs/spec/ring.md §5 for one order, as claims for all amounts below 2^128,
 * limits of at least 1 and shares of at most 100 percent. Prices and shares are the functions of
 * `Price.sol`; what `RingSettlement` does with them (§5.1 to §5.5) is written here as the page has
 * it.
 */
import { amountMax, atMost, minus, plus, Proof, type Term, times } from "./proof.ts";
import { type Library, numberOf, truthOf } from "./solidity.ts";

/** A fill whose limit was checked, of an order. */
type Settled = {
  readonly proof: Proof;
  readonly sell: Term;
  readonly buy: Term;
  readonly fill: Term;
  readonly inflow: Term;
  readonly split: Term;
};

export function proofsOf(library: Library): readonly Proof[] {
  return [
    sellDriven(library),
    buyDriven(library),
    buyDrivenOverFills(library),
    sellDrivenOverFills(library),
    fees(library),
    shares(library),
    counter(),
  ];
}

/** §5.2 holds: inflow · s ≥ fill · b. */
function settled(library: Library, title: string): Settled {
  const proof = new Proof(title);
  const [sell, buy] = [proof.any("1", amountMax), proof.any("1", amountMax)];
  const [fill, inflow] = [proof.any("1", amountMax), proof.any("1", amountMax)];
  const split = proof.any("0", "100");
  const args = [fill, inflow, sell, buy];
  proof.assume(truthOf(proof, library, { name: "keepsLimit", args }));
  return { proof, sell, buy, fill, inflow, split };
}

/** §5.4 and §5.5 of an order that ends when it has sold: the margin comes off what it receives. */
function receivedOf(library: Library, { proof, sell, buy, fill, inflow, split }: Settled): Term {
  const least = numberOf(proof, library, { name: "leastReceived", args: [fill, sell, buy] });
  proof.claim("the saving is not negative", atMost(least, inflow));
  const saving = minus(inflow, least);
  const margin = numberOf(proof, library, { name: "share", args: [saving, split] });
  proof.claim("the margin is not more than the saving", atMost(margin, saving));
  proof.claim("the least is received", atMost(least, minus(inflow, margin)));
  return minus(inflow, margin);
}

function sellDriven(library: Library): Proof {
  const order = settled(library, "sell-driven");
  const { proof, sell, buy, fill } = order;
  const received = receivedOf(library, order);
  proof.claim("received · s ≥ sold · b", atMost(times(fill, buy), times(received, sell)));
  proof.claim("received fits an amount", atMost(received, amountMax));
  proof.claim("received is not negative", atMost("0", received));
  return proof;
}

/** The same of one that ends when it has bought: the margin is sold in addition. */
function soldOf(library: Library, { proof, sell, buy, fill, inflow, split }: Settled): Term {
  const most = numberOf(proof, library, { name: "mostSold", args: [inflow, sell, buy] });
  proof.claim("the saving is not negative", atMost(fill, most));
  const saving = minus(most, fill);
  const margin = numberOf(proof, library, { name: "share", args: [saving, split] });
  proof.claim("the margin is not more than the saving", atMost(margin, saving));
  proof.claim("no more than the most is sold", atMost(plus(fill, margin), most));
  return plus(fill, margin);
}

/**
 * That it buys no more than `b` must be known before shares are made of it: without that, a hundred
 * times the saving would not fit a word. The contract counts first.
 */
function buyDriven(library: Library): Proof {
  const order = settled(library, "buy-driven");
  const { proof, sell, buy, inflow } = order;
  proof.assume(atMost(inflow, buy));
  const sold = soldOf(library, order);
  proof.claim("received · s ≥ sold · b", atMost(times(sold, buy), times(inflow, sell)));
  proof.claim("sold ≤ s, and so it fits an amount", atMost(sold, sell));
  return proof;
}

/**
 * One more fill of an order of which `bought` was counted, for which `sold` was given: if bought ·
 * s ≥ sold · b held, it holds again, and all that is sold is at most s because all that is bought
 * is at most b.
 */
function buyDrivenOverFills(library: Library): Proof {
  const order = settled(library, "buy-driven, over all fills");
  const { proof, sell, buy, inflow } = order;
  const [bought, sold] = [proof.any("0", amountMax), proof.any("0", amountMax)];
  proof.assume(atMost(plus(bought, inflow), buy));
  proof.assume(atMost(times(sold, buy), times(bought, sell)));
  const more = soldOf(library, order);
  const [boughtThen, soldThen] = [plus(bought, inflow), plus(sold, more)];
  proof.claim("the limit price is kept", atMost(times(soldThen, buy), times(boughtThen, sell)));
  proof.claim("sold ≤ s", atMost(soldThen, sell));
  return proof;
}

function sellDrivenOverFills(library: Library): Proof {
  const order = settled(library, "sell-driven, over all fills");
  const { proof, sell, buy, fill } = order;
  const [sold, received] = [proof.any("0", amountMax), proof.any("0", amountMax)];
  proof.assume(atMost(plus(sold, fill), sell));
  proof.assume(atMost(times(sold, buy), times(received, sell)));
  const more = receivedOf(library, order);
  const [soldThen, receivedThen] = [plus(sold, fill), plus(received, more)];
  proof.claim("the limit price is kept", atMost(times(soldThen, buy), times(receivedThen, sell)));
  proof.claim("sold ≤ s", atMost(soldThen, sell));
  return proof;
}

/**
 * §5.3, one more fill of `amount` after `paid` for `counted`: no more than the whole fee in the
 * end.
 */
function fees(library: Library): Proof {
  const proof = new Proof("fee");
  const [whole, most] = [proof.any("0", amountMax), proof.any("1", amountMax)];
  const [counted, paid] = [proof.any("0", amountMax), proof.any("0", amountMax)];
  const amount = proof.any("0", amountMax);
  proof.assume(atMost(plus(counted, amount), most));
  proof.assume(atMost(times(paid, most), times(whole, counted)));
  const fee = numberOf(proof, library, { name: "proportion", args: [whole, amount, most] });
  const [paidThen, countedThen] = [plus(paid, fee), plus(counted, amount)];
  proof.claim("in proportion", atMost(times(paidThen, most), times(whole, countedThen)));
  proof.claim("all fees ≤ feeAmount", atMost(paidThen, whole));
  return proof;
}

/** What the wallet gets of a fee or margin, and what is left. */
function shares(library: Library): Proof {
  const proof = new Proof("share");
  const [amount, split] = [proof.any("0", amountMax), proof.any("0", "100")];
  const part = numberOf(proof, library, { name: "share", args: [amount, split] });
  proof.claim("the wallet gets no more than there is", atMost(part, amount));
  return proof;
}

/** Two counters in a word: adding to one of them, with §5.1 kept, does not reach the other. */
function counter(): Proof {
  const proof = new Proof("counter");
  const [low, high] = [proof.any("0", amountMax), proof.any("0", amountMax)];
  const [most, amount] = [proof.any("0", amountMax), proof.any("0", amountMax)];
  const half = String(2n ** 128n);
  const word = plus(times(high, half), low);
  proof.assume(atMost(plus(low, amount), most));
  const lower = plus(word, amount);
  const upper = plus(times(high, half), amountMax);
  proof.claim("the lower one stays in its half", atMost(lower, upper));
  proof.assume(atMost(plus(high, amount), most));
  const raised = plus(word, times(amount, half));
  proof.claim("the upper one stays in the word", atMost(raised, minus(times(half, half), "1")));
  return proof;
}
