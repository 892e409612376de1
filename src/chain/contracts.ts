/** The contracts' creation bytecode, which contracts/writecommitted.ts writes. */
import { readFileSync } from "node:fs";

import { hexIn, field, type Hex } from "./answers.ts";

type Name = "RingSettlement" | "RingReads" | "TestToken";

let known: unknown;

/** The bytes that create a contract, without its constructor's arguments. */
export function bytecodeOf(name: Name): Hex {
  known ??= JSON.parse(readFileSync(new URL("./contracts.json", import.meta.url), "utf8"));
  return hexIn(field(known, name));
}
