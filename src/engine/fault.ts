/**
 * A letter that tripped an assertion, passed over by the operators (docs/spec/journal.md §6): it
 * takes its number, if that could be taken, is answered `engine_fault`, and does nothing else.
 */
import { orderIdOf } from "../letter/orderid.ts";
import { parseLetter } from "../letter/parse.ts";
import type { Letter } from "../letter/command.ts";
import type { Input } from "./input.ts";
import { refuseKey } from "./keys.ts";
import { engineFault } from "./refusals.ts";
import { answerAgain, answerRefused } from "./reports.ts";
import { remember, standing } from "./seq.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";

type FaultInput = Extract<Input, { kind: "fault" }>;

/** Answers a letter that nothing else may be done with. */
export function passOver(turn: Turn, input: FaultInput): void {
  const { state } = turn;
  const { ref, signer, text, at } = input;
  const account = state.keys.get(signer)?.account;
  // A stranger has no certificate here that an answer could be sealed to.
  if (!account) return;
  const { fingerprint } = account;
  const orderId = orderIdOf(fingerprint, text);
  const letter = readIfPossible(state, text);
  let stands = false;
  if (letter) {
    const heard = { letter, orderId, at };
    const { kind } = standing(account, heard);
    if (kind === "repeat") return answerAgain(turn, ref, orderId);
    stands = kind === "new" && refuseKey(state, signer, letter) === undefined;
    if (stands) remember(account, heard);
  }
  const refusal = { name: engineFault, detail: "The exchange could not process this letter." };
  const answered = { account: fingerprint, answers: { orderId, ref, seq: letter?.seq } };
  answerRefused(turn, answered, refusal, stands);
}

/** Reading it may be what went wrong. */
function readIfPossible(state: State, text: string): Letter | undefined {
  try {
    const parsed = parseLetter(text, state.exchange);
    return parsed.ok ? parsed.value : undefined;
  } catch {
    return undefined;
  }
}
