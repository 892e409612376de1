/**
 * OBSERVE: a watcher's word about the chain. It is believed when as many watchers as are needed say
 * so (pool/claims.ts); of each only the newest word counts.
 *
 * What is taken says nothing of its own: a watcher writes hundreds of lines a letter.
 */
import { refuse } from "../codec/verdict.ts";
import type { Command, Line } from "../letter/command.ts";
import { claim } from "../pool/claims.ts";
import { factKey } from "../ring/fact.ts";
import { rejectEntry } from "./records.ts";
import type { EngineRefusal } from "./refusals.ts";
import { clockKey } from "./ringbook.ts";
import { touchFact } from "./ringfates.ts";
import type { Account } from "./state.ts";
import { note, type Turn } from "./turn.ts";

type ObserveCommand = Extract<Command, { kind: "observe" }>;

/** Notes what a watcher says, if it is one and was asked. */
export function observe(turn: Turn, account: Account, line: Line, command: ObserveCommand): void {
  const { rings, configuration } = turn.state;
  const { fingerprint } = account;
  const rejected = (name: EngineRefusal, sentence: string): void => {
    note(turn, fingerprint, rejectEntry(line, refuse(name, sentence)));
  };
  if (!configuration.watchers.includes(fingerprint)) {
    return rejected("not_a_watcher", "Only watchers of this exchange may say that.");
  }
  const { fact } = command;
  const key = factKey(fact);
  if (key !== clockKey && !rings.watched.has(key)) {
    return rejected("observation_not_wanted", "Nothing here depends on that now.");
  }
  claim(rings.claims, fingerprint, fact);
  touchFact(turn, fact);
}
