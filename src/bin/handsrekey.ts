/**
 * `signet hands rekey …`: an account's lost key is to be replaced (docs/spec/keys.md §5). What the
 * line carries is checked here as the island will check it, before anybody signs.
 */
import { parseFingerprint } from "../letter/atoms.ts";
import { toBase64 } from "../codec/bytes.ts";
import { rotationText } from "../letter/keygrammar.ts";
import { isSignedBy } from "../seal/keylife.ts";
import { printable } from "../wallet/amounts.ts";
import { trouble } from "../wallet/errors.ts";
import { now } from "../wallet/times.ts";
import { accountOf, type Context, type Ended } from "./context.ts";
import { decide, type HandsOptions } from "./hands.ts";
import { bytesIn, certificateIn } from "./keyfiles.ts";

/** `signet hands rekey ACCOUNT CERTIFICATE PROOF EVIDENCE`; PROOF `-`: the key stays. */
export async function rekey(
  context: Context,
  words: readonly string[],
  options: HandsOptions,
): Promise<Ended> {
  const [named = "", certificateFile = "", proofFile = "", ...rest] = words;
  const account = parseFingerprint(named.replaceAll(" ", ""));
  if (account === undefined) return trouble("E110", `${printable(named)} is not a fingerprint.`);
  const operator = await accountOf(context);
  if (!operator.ok) return operator;
  const next = await certificateIn(certificateFile);
  if (!next.ok) return next;
  const { fingerprint: key, binary } = next.value;
  const said = { account, key, certificate: toBase64(binary), evidence: rest.join(" ") };
  if (proofFile === "-") {
    return decide(context, { verb: "rekey", ...said, proof: undefined }, options);
  }
  const proof = await bytesIn(proofFile);
  if (!proof.ok) return proof;
  const { fingerprint: us } = operator.value.exchange;
  const text = rotationText(us, account, key);
  if (!(await isSignedBy(proof.value, text, { certificate: next.value, at: now(), us }))) {
    return trouble("E115", `${proofFile} is not the new key's signature over that line.`, {
      next: `Whose key it is signs: echo '${text.trimEnd()}' | gpg -u ${key} --detach-sign`,
    });
  }
  return decide(context, { verb: "rekey", ...said, proof: toBase64(proof.value) }, options);
}
