/**
 * Letters that only read: STAT and RESEND. They carry no sequence number and change nothing, so
 * they are not kept; a lost one is simply written again.
 */
import { randomBytes } from "#primitives";

import { assert } from "../codec/assert.ts";
import { fromBase64, toLatin1 } from "../codec/bytes.ts";
import type { Fingerprint, OrderId } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { resendMax } from "../letter/limits.ts";
import { orderIdOf } from "../letter/orderid.ts";
import { printCommand, printLetter } from "../letter/print.ts";
import type { Report } from "../letter/report.ts";
import { sealLetter } from "../seal/customer.ts";
import type { CustomerKey } from "../seal/keys.ts";
import type { Account } from "./account.ts";
import { keepReport, readReport } from "./archive.ts";
import { rejected, trouble, type Outcome, type Trouble } from "./errors.ts";
import { padStep } from "./outbox.ts";
import { follow, type Following, type Travelling } from "./follow.ts";
import { signingKey } from "./keyring.ts";
import { exchangeToSealTo } from "./sealed.ts";
import { now } from "./times.ts";

/** How long the exchange has to answer a letter that only reads. */
const patienceMs = 15_000;

/** A question's way may begin before the account's name is known: restore.ts. */
type Asking = Partial<Following> & {
  /** Who signs; by default the key that signs now. */
  readonly by?: CustomerKey;
  /** Whoever the exchange says that the key's account is. */
  readonly anyName?: boolean;
};

/** Seals a letter of reading commands. */
async function sealQuestion(
  account: Account,
  key: CustomerKey,
  commands: readonly string[],
): Promise<Travelling & { readonly text: string }> {
  const at = now();
  // The exchange answers equal texts with the first answer; a deadline of its own makes each text
  // new.
  const [high = 0, low = 0] = randomBytes(2);
  const by = time(at + patienceMs + 1000 * (1 + ((high * 256 + low) % 600)));
  const exchange = account.exchange.fingerprint;
  const text = printLetter({ exchange, by, commands, pad: padStep });
  const { certificate } = await exchangeToSealTo(account);
  const sealed = await sealLetter(text, { key, exchange: certificate, at });
  const envelope = readEnvelope(sealed);
  assert(envelope.ok, "what we seal is a letter");
  return {
    ref: envelope.value.ref,
    orderId: orderIdOf(account.fingerprint, text),
    sealed,
    by,
    at: undefined,
    text,
  };
}

/** Asks the exchange something that changes nothing. */
export async function askExchange(
  account: Account,
  commands: readonly string[],
  { by, anyName = false, ...following }: Asking = {},
): Promise<Outcome<Report>> {
  const signer = by === undefined ? signingKey(account, now()) : { ok: true as const, value: by };
  if (!signer.ok) return signer;
  const { text, ...question } = await sealQuestion(account, signer.value, commands);
  const until = following.until ?? time(Date.now() + patienceMs);
  const idFor = (name: Fingerprint): OrderId => orderIdOf(name, text);
  const letter = anyName ? { ...question, idFor } : question;
  const fate = await follow(account, letter, { ...following, wait: "read", until });
  if (fate.kind === "trouble") return fate.trouble;
  if (fate.kind !== "answered") return trouble("E501");
  const refused = fate.report.records.find((record) => record.kind === "refused");
  if (refused) return rejected(refused.name, refused.sentence);
  return { ok: true, value: fate.report };
}

/** What came of asking for reports again. */
export type Resent = { readonly kept: number; readonly trouble: Trouble | undefined };

/** Fetches reports `from` to `to` again and keeps them; as far as it gets. */
export async function askReports(
  account: Account,
  range: { readonly from: number; readonly to: number },
  onKept?: (number: number) => void,
): Promise<Resent> {
  let kept = 0;
  let next = range.from;
  while (next <= range.to) {
    const to = Math.min(range.to, next + resendMax - 1);
    const answer = await askExchange(account, [printCommand({ kind: "resend", from: next, to })]);
    if (!answer.ok) return { kept, trouble: answer };
    const taken = keepResent(account, answer.value, next, onKept);
    if (!taken.ok) return { kept, trouble: taken };
    if (taken.value === 0)
      return { kept, trouble: trouble("E505", `Report ${next} did not come.`) };
    kept += taken.value;
    // An answer has a size: where reports are long, fewer than asked for come at once.
    next += taken.value;
  }
  return { kept, trouble: undefined };
}

/**
 * Keeps the reports inside an answer to RESEND, which must begin at `from`; says how many they are.
 */
function keepResent(
  account: Account,
  answer: Report,
  from: number,
  onKept?: (number: number) => void,
): Outcome<number> {
  const parties = { exchange: account.exchange.fingerprint, account: account.fingerprint };
  let expected = from;
  for (const record of answer.records) {
    if (record.kind === "reject") return rejected(record.name, record.sentence);
    if (record.kind !== "resent") continue;
    const text = toLatin1(fromBase64(record.text) ?? new Uint8Array());
    const report = readReport(text, parties);
    if (!report.ok) return report;
    if (report.value.report !== expected || record.report !== expected) {
      return trouble("E604", `Report ${record.report} came where ${expected} was asked for.`);
    }
    const kept = keepReport(account.home, report.value, text);
    if (!kept.ok) return kept;
    onKept?.(expected);
    expected += 1;
  }
  return { ok: true, value: expected - from };
}
