/**
 * What happens in a journal, a line for each event: what the engine was told (a letter with each of
 * its lines, a tick, a configuration), then what it said (public leaves, every record of every
 * report). For an auditor who looks for one record, and for programs that play the past again.
 */
import { printTime } from "../codec/time.ts";
import type { Input, Output } from "../engine/input.ts";
import { printEntry } from "../letter/entry.ts";
import { parseReport } from "../letter/report.ts";
import type { Facts, Lines } from "./replaytold.ts";

/** Tells an input and its output. */
export function tellOutput(lines: Lines): (output: Output, number: number, input: Input) => void {
  return (output, number, input) => {
    const where = { record: number, at: printTime(input.at) };
    const tell = (event: string, facts: Facts): void => lines.event(where, event, facts);
    tellInput(input, tell);
    for (const text of output.leaves) tell("leaf", { text });
    for (const { to, report, text } of output.documents) {
      const kind = report === undefined ? "answer" : "report";
      tell(kind, { to, number: report });
      const read = parseReport(text);
      if (!read.ok) continue;
      for (const entry of read.value.records) tell("entry", { to, text: printEntry(entry) });
    }
    for (const { kind, ref } of output.archive) tell(kind, { ref });
    for (const { number: submission } of output.submissions) {
      tell("submission_taken", { number: submission });
    }
  };
}

function tellInput(input: Input, tell: (event: string, facts: Facts) => void): void {
  switch (input.kind) {
    case "tick":
      return tell("tick", {});
    case "submission":
      return tell("submission", { bytes: input.calldata.length / 2 });
    case "configure":
      tell("configure", {});
      return tellLines(input.text, tell);
    case "refused":
      return tell("refused", { signer: input.signer, ref: input.ref, why: input.name });
    default:
      tell(input.kind, { signer: input.signer, ref: input.ref });
      return tellLines(input.text, tell);
  }
}

function tellLines(text: string, tell: (event: string, facts: Facts) => void): void {
  for (const line of text.split("\n")) {
    if (line === "" || line === "pad" || line.startsWith("pad ")) continue;
    tell("line", { text: plain(line) });
  }
}

/** What a stranger wrote must not move a terminal. */
function plain(line: string): string {
  return line.replace(/[^ -~]/g, "?");
}
