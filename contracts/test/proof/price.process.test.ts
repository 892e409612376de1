/**
 * The price rule is proved, not only tested: z3 finds no amounts for which it fails, and does find
 * some once the rule is broken. Without z3 (Debian: z3) this is SKIPPED, and says so.
 */
import { deepEqual, equal, notEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { proofsOf } from "./rules.ts";
import { readLibrary } from "./solidity.ts";

const source = readFileSync(
  join(import.meta.dirname, "..", "..", "src", "libraries", "Price.sol"),
  "utf8",
);

const hasProver = spawnSync("z3", ["--version"]).error === undefined;
const skip = hasProver ? false : "z3 is not installed";
if (!hasProver) {
  console.error("!! z3 is not installed: the price rule is NOT PROVED in this run (Debian: z3)");
}

type Answer = "sat" | "unsat" | "unknown";

const secondsAClaim = 20;

/** z3's answer to each script, in one process. */
function ask(scripts: readonly string[]): readonly Answer[] {
  const limit = `(set-option :timeout ${1000 * secondsAClaim})`;
  const input = scripts.map((script) => `(reset)\n${limit}\n${script}\n`).join("");
  const { stdout, error } = spawnSync("z3", ["-in", "-smt2"], { input, encoding: "utf8" });
  if (error !== undefined) throw new Error("couldn't start z3", { cause: error });
  const answers = stdout.split("\n").filter((line) => line !== "");
  equal(answers.length, scripts.length, stdout);
  return answers.map((answer) => {
    if (answer === "sat" || answer === "unsat" || answer === "unknown") return answer;
    throw new Error(`z3 said ${answer}`);
  });
}

/** Names of the claims that z3 does not prove, each with its answer. */
function unproved(text: string): readonly string[] {
  const claims = proofsOf(readLibrary(text)).flatMap((proof) => proof.claims);
  const answers = ask(claims.map(({ script }) => script));
  return claims.flatMap(({ name }, i) =>
    answers[i] === "unsat" ? [] : [`${name}: ${answers[i]}`],
  );
}

test("proof: every claim of the price rule holds for all amounts", { skip }, () => {
  deepEqual(unproved(source), []);
});

test("proof: what is assumed is possible", { skip }, () => {
  for (const answer of ask(proofsOf(readLibrary(source)).map(({ possible }) => possible))) {
    equal(answer, "sat");
  }
});

const broken: readonly (readonly [what: string, from: string, to: string])[] = [
  ["the least is rounded down", "sold * buyAmount + sellAmount - 1", "sold * buyAmount"],
  [
    "the most is rounded up",
    "received * sellAmount / buyAmount",
    "received * sellAmount / buyAmount + 1",
  ],
  ["the limit is turned round", "received * sellAmount >= sold", "sold * sellAmount >= received"],
  ["a share is a part of 99", "amount * percent / 100", "amount * percent / 99"],
  [
    "a fee is rounded up",
    "return whole * part / total",
    "return (whole * part + total - 1) / total",
  ],
  ["a product of three", "amount * percent / 100", "amount * amount * percent / 100 / amount"],
];

for (const [what, from, to] of broken) {
  test(`proof: if ${what}, it fails`, { skip }, () => {
    const text = source.replace(from, to);
    notEqual(text, source);
    equal(
      unproved(text).some((answer) => answer.endsWith(": sat")),
      true,
    );
  });
}

test("proof: code that is not understood is not proved", { skip }, () => {
  for (const [from, to] of [
    ["amount * percent / 100", "amount * percent % 100"],
    ["amount * percent / 100", "msg.value * percent / 100"],
    ["uint256 percent", "uint8 percent"],
  ] as const) {
    notEqual(source.replace(from, to), source);
    let thrown = false;
    try {
      unproved(source.replace(from, to));
    } catch {
      thrown = true;
    }
    equal(thrown, true, to);
  }
});
