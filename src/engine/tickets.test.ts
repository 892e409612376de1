/** Tickets that came with a letter's input end its answer, whatever kind of answer it is. */
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";

import { parseReport, reportHash } from "../letter/report.ts";
import { Floor, fingerprintOf } from "../testing/floor.ts";
import type { Output } from "./input.ts";

const tickets = ["A", "B", "C"].map(
  (letter) => `2026-12-05.${letter.repeat(16)}.${letter.repeat(85)}A`,
);

function post(floor: Floor, commands: readonly string[], seq: number): Output {
  const text = floor.write("Alice", [...commands], { seq });
  return floor.give({ ...floor.letter("Alice", text), tickets });
}

/** The kinds of the records, and the report's own text. */
function answered(output: Output): { readonly kinds: readonly string[]; readonly text: string } {
  const text = output.documents[0]?.text ?? "";
  const report = parseReport(text);
  ok(report.ok);
  const given = report.value.records.flatMap((entry) =>
    entry.kind === "ticket" ? [entry.text] : [],
  );
  deepEqual(given, tickets);
  return { kinds: report.value.records.map(({ kind }) => kind), text };
}

test("a report, a statement and a refusal carry them at their end", () => {
  const floor = new Floor();
  floor.register("Alice");
  const three = ["ticket", "ticket", "ticket"];
  const report = answered(post(floor, ["NOOP"], 2));
  deepEqual(report.kinds, ["done", ...three]);
  equal(floor.state.accounts.get(fingerprintOf("Alice"))?.last, reportHash(report.text));
  const statement = answered(post(floor, ["STAT"], 3)).kinds;
  deepEqual(statement.slice(-3), three);
  ok(statement.length > 3);
  deepEqual(answered(post(floor, ["NOOP|tag=other"], 2)).kinds, ["refused", ...three]);
});

test("a letter that was given none is answered as ever", () => {
  const floor = new Floor();
  floor.register("Alice");
  const output = floor.post("Alice", floor.write("Alice", ["NOOP"], { seq: 2 }));
  deepEqual(
    floor.records(output).map(({ kind }) => kind),
    ["done"],
  );
});
