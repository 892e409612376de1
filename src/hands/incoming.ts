/**
 * Reports that a person carries to the operators' machine as files: a sealed report as a relay
 * gives it, armored or binary, or a whole mailbox as JSON. Each is opened, verified and put into
 * the chain.
 */
import { toLatin1 } from "../codec/bytes.ts";
import { dearmor } from "../letter/armor.ts";
import type { Account } from "../wallet/account.ts";
import { readMailbox } from "../wallet/client.ts";
import { trouble, type Outcome } from "../wallet/errors.ts";
import { parseJson } from "../wallet/json.ts";
import { openMail } from "../wallet/sync.ts";

/** Takes in one file's bytes; says how many reports in it were new. */
export async function takeFile(
  account: Account,
  path: string,
  bytes: Uint8Array,
): Promise<Outcome<number>> {
  const sealed = sealedIn(bytes);
  if (sealed === undefined) {
    return trouble("E115", `${path} is neither a sealed report nor a mailbox.`);
  }
  let fresh = 0;
  for (const message of sealed) {
    const taken = await openMail(account, message);
    if (!taken.ok) return { ...taken, what: `${path}: ${taken.what}` };
    if (taken.value) fresh += 1;
  }
  return { ok: true, value: fresh };
}

function sealedIn(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  if ((bytes[0] ?? 0) >= 0x80) return [bytes];
  const text = toLatin1(bytes);
  const page = readMailbox(parseJson(text));
  if (page) return page.entries.map((entry) => entry.sealed);
  const binary = dearmor(text);
  return binary.ok ? [binary.value] : undefined;
}
