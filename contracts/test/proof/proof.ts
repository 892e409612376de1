/**
 * Claims about whole numbers, put to z3 (SMT-LIB 2, QF_NRA).
 *
 * Every number is declared as a real. That is sound, since every counterexample in whole numbers is
 * one in reals, and quick, since products of reals are decidable; what only whole numbers have is
 * written out instead: `a ≤ b` is denied as `a ≥ b + 1`, and `q = ⌊x / y⌋` is `q·y ≤ x ≤ q·y + y −
 * 1`. So what is proved here holds for whole numbers; what is not proved may still be true.
 */
/** An SMT-LIB expression. */
export type Term = string;

/** `left ≤ right`, the only relation there is. */
export type AtMost = { readonly left: Term; readonly right: Term };

export type Claim = {
  readonly name: string;
  readonly script: string;
};

export const wordMax: Term = String(2n ** 256n - 1n);
export const amountMax: Term = String(2n ** 128n - 1n);

export const plus = (...terms: readonly Term[]): Term => `(+ ${terms.join(" ")})`;
export const minus = (a: Term, b: Term): Term => `(- ${a} ${b})`;
export const times = (a: Term, b: Term): Term => `(* ${a} ${b})`;
export const atMost = (left: Term, right: Term): AtMost => ({ left, right });

/** Numbers, what is known of them, and what is claimed of them. */
export class Proof {
  readonly claims: Claim[] = [];
  readonly #title: string;
  readonly #lines: string[] = [];
  #named = 0;

  constructor(title: string) {
    this.#title = title;
  }

  /** Any whole number between the two. */
  any(min: Term, max: Term): Term {
    this.#named += 1;
    const name = `v${this.#named}`;
    this.#lines.push(`(declare-const ${name} Real)`);
    this.assume(atMost(min, name));
    this.assume(atMost(name, max));
    return name;
  }

  assume({ left, right }: AtMost): void {
    this.#lines.push(`(assert (<= ${left} ${right}))`);
  }

  /** To be proved from everything assumed so far; from then on it is known. */
  claim(name: string, relation: AtMost): void {
    const { left, right } = relation;
    const denied = `(assert (>= ${left} (+ ${right} 1)))`;
    const script = ["(set-logic QF_NRA)", ...this.#lines, denied, "(check-sat)"].join("\n");
    this.claims.push({ name: `${this.#title}: ${name}`, script });
    this.assume(relation);
  }

  /** That what is assumed can be true at all: from a contradiction everything follows. */
  get possible(): string {
    return ["(set-logic QF_NRA)", ...this.#lines, "(check-sat)"].join("\n");
  }

  /** ⌊x / y⌋ of numbers that are not negative; that y is at least 1 is a claim. */
  quotient(name: string, x: Term, y: Term): Term {
    this.claim(`${name}: no division by zero`, atMost("1", y));
    const q = this.any("0", wordMax);
    this.assume(atMost(times(q, y), x));
    this.assume(atMost(x, minus(plus(times(q, y), y), "1")));
    return q;
  }
}
