/** The bytecode and interfaces that the programs outside use are those of the contracts. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { type Abi, type AbiItem, toEventSignature, toFunctionSignature } from "viem";

import { readsAbi, settlementAbi, tokenAbi } from "../../src/chain/abi.ts";
import { committedPath, compileCommitted } from "../committed.ts";

const writer = "contracts/writecommitted.ts";

/** One line an item; a constructor's has its types alone. */
function lineOf(item: AbiItem): string | undefined {
  if (item.type === "function") {
    const outputs = item.outputs.map(({ type }) => type).join(",");
    return `${toFunctionSignature(item)} ${item.stateMutability} (${outputs})`;
  }
  if (item.type === "event") {
    const indexed = item.inputs.map((input) => (input.indexed === true ? "i" : "d")).join("");
    return `event ${toEventSignature(item)} ${indexed}`;
  }
  if (item.type === "error" || item.type === "constructor") {
    const name = item.type === "error" ? item.name : "constructor";
    return toFunctionSignature({
      ...item,
      type: "function",
      name,
      outputs: [],
      stateMutability: "pure",
    });
  }
  return undefined;
}

test("the committed bytecode is what the compiler gives", async () => {
  const { text } = await compileCommitted();
  const committed = readFileSync(committedPath, "utf8");
  ok(text === committed, `src/chain/contracts.json is old: run node ${writer}`);
});

test("every line of our interfaces is the compiler's, and no error is missing", async () => {
  const { contracts } = await compileCommitted();
  const ours: Readonly<Record<string, Abi>> = {
    RingSettlement: settlementAbi,
    RingReads: readsAbi,
    TestToken: tokenAbi,
  };
  equal(contracts.length, Object.keys(ours).length);
  for (const { name, abi } of contracts) {
    const theirs = new Set((abi as Abi).map(lineOf));
    const missing = (ours[name] ?? []).map(lineOf).filter((line) => !theirs.has(line));
    deepEqual(missing, [], `${name} has no such thing`);
  }
  const settlement = contracts.find(({ name }) => name === "RingSettlement");
  const errorsOf = (abi: Abi): string[] =>
    abi.flatMap((item) => (item.type === "error" ? [item.name] : [])).toSorted();
  deepEqual(errorsOf(settlementAbi), errorsOf(settlement?.abi as Abi));
});
