/**
 * Every trading day in scenarios/ goes as its text says, with exactly the events in the file
 * beside it.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { runScenario } from "./scenario.ts";

const folder = join(import.meta.dirname, "../../scenarios");
const update = process.env["SCENARIO_UPDATE"] === "1";

for (const name of readdirSync(folder).filter((file) => file.endsWith(".txt"))) {
  test(`scenario: ${name.replace(".txt", "")}`, () => {
    const events = runScenario(readFileSync(join(folder, name), "utf8"));
    const golden = join(folder, name.replace(/txt$/, "golden"));
    if (update) writeFileSync(golden, events);
    assert.ok(existsSync(golden), `${golden} is there`);
    assert.equal(events, readFileSync(golden, "utf8"));
  });
}

const head = "asset BTC decimals 8 supply 21000000.\n";

test("a sentence of no known form is an error, with its line", () => {
  assert.throws(
    () => runScenario(`${head}Alice hopes for the best.\n`),
    /^Error: line 2: no sentence/,
  );
});

test("what is not so is an error that says what is so", () => {
  const day = `${head}Alice has 5 BTC.\nThe day begins.\nAlice has 6 BTC.\n`;
  assert.throws(() => runScenario(day), /line 4: .*Alice has 5 BTC, 0 of it held/);
});
