/** Files with certificates, proofs and revocations, binary or armored, as gpg writes them. */
import { readCertificate, type Certificate } from "../seal/certificate.ts";
import { readArmored } from "../seal/keylife.ts";
import { trouble, type Outcome } from "../wallet/errors.ts";
import { now } from "../wallet/times.ts";
import { readInput } from "./input.ts";

/** A certificate that an account could be opened with now. */
export async function certificateIn(file: string): Promise<Outcome<Certificate>> {
  const bytes = await bytesIn(file);
  return bytes.ok ? judged(bytes.value, file) : bytes;
}

/** The same of bytes that are called `name`. */
export async function judged(binary: Uint8Array, name: string): Promise<Outcome<Certificate>> {
  const read = await readCertificate(binary, now());
  if (read.ok) return read;
  return trouble("E115", `${name} is no certificate that is taken: ${read.detail}`);
}

/** What a file holds, without its armor. */
export async function bytesIn(file: string): Promise<Outcome<Uint8Array>> {
  const input = await readInput(file);
  if (!input.ok) return input;
  const value = await readArmored(input.value);
  return value === undefined
    ? trouble("E115", `${file} is neither OpenPGP packets nor one block of armor.`)
    : { ok: true, value };
}
