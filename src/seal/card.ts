/**
 * The card (docs/spec/exchange.md) in clear, signed: `gpg --verify` checks it.
 *
 * Clear-signed text is the most fragile form of OpenPGP: what a program shows and what was signed
 * have differed before. So the frame is read here as well, by its own strict grammar, and must give
 * the very text that OpenPGP.js verified. Nothing else in the exchange is ever taken in this form.
 */
import { createCleartextMessage, readCleartextMessage, sign } from "openpgp";
import { assert } from "../codec/assert.ts";
import type { Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { judgedAt } from "./certificate.ts";
import type { ExchangeCertificate, OperatingKeys } from "./keys.ts";
import { openpgpConfig } from "./policy.ts";

/** A signed card, bytes. */
const signedBytesMax = 65_536;

const begin = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n";
const between = "-----BEGIN PGP SIGNATURE-----\n\n";
const end = "-----END PGP SIGNATURE-----\n";

/** Why a clear-signed text is not believed, in order of precedence. */
export const clearSignRefusals = ["signed_malformed", "signed_many", "signed_wrong"] as const;
export type ClearSignRefusal = (typeof clearSignRefusals)[number];

/** Clear-signs a text of printable ASCII lines, the last one ended by LF and none by a blank. */
export async function clearSign(text: string, keys: OperatingKeys, at: Time): Promise<string> {
  assert(
    /^(?:[!-~](?:[ -~]*[!-~])?\n|\n)+$/.test(text),
    "the text is plain lines, each ended by LF",
  );
  const message = await createCleartextMessage({ text: text.slice(0, -1) });
  // The clock of the root's ceremony may run ahead of ours: the newest subkey signs all the same.
  const date = judgedAt(keys.key, at);
  const options = { message, signingKeys: keys.key, date, config: openpgpConfig };
  const signed = await sign({ ...options, format: "armored" });
  return signed.replaceAll("\r\n", "\n");
}

/** The text of a clear-signed card, if the exchange's operating key signed exactly it. */
export async function verifyClearSigned(
  signed: string,
  exchange: ExchangeCertificate,
  at: Time,
): Promise<Verdict<string, ClearSignRefusal>> {
  const text = framedText(signed);
  if (text === undefined) return refuse("signed_malformed", "It is not one clear-signed text.");
  try {
    const message = await readCleartextMessage({ cleartextMessage: signed, config: openpgpConfig });
    const date = judgedAt(exchange.key, at);
    const results = await message.verify([exchange.key], date, openpgpConfig);
    const only = results[0];
    if (only === undefined || results.length !== 1) {
      return refuse("signed_many", `One signature, not ${results.length}.`);
    }
    await only.verified;
    if (`${message.getText()}\n` === text) return accept(text);
  } catch {
    // Malformed, by another key, expired: to the reader it is the same.
  }
  return refuse(
    "signed_wrong",
    "The exchange's operating key did not sign this text now in force.",
  );
}

/** The text inside the frame: ASCII, one `Hash:` header, dashes unescaped, nothing outside. */
function framedText(signed: string): string | undefined {
  if (signed.length > signedBytesMax) return undefined;
  if (!signed.startsWith(begin) || !signed.endsWith(end)) return undefined;
  const [body, signature, ...more] = signed.slice(begin.length, -end.length).split(between);
  if (body === undefined || signature === undefined || more.length > 0) return undefined;
  if (!/^(?:[ -~]*\n)+$/.test(body) || !/^[A-Za-z0-9+/=\n]+$/.test(signature)) return undefined;
  const lines = body.slice(0, -1).split("\n");
  if (lines.some((line) => / $|^-(?! )/.test(line))) return undefined;
  return lines.map((line) => `${line.replace(/^- /, "")}\n`).join("");
}
