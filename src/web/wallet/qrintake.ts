/**
 * What comes in by hand: the text of a scanned code, pasted text, or a file, as the bytes of one
 * sealed message. A code says which part of what it is; a PGP message and a file are taken for what
 * is wanted. Everything is bounded; whether it opens is for whoever has the key.
 */
import { toLatin1 } from "../../codec/bytes.ts";
import { accept, refuse, type Verdict } from "../../codec/verdict.ts";
import { dearmor } from "../../letter/armor.ts";
import { readEnvelope } from "../../letter/envelope.ts";
import { armoredBytesMax } from "../../letter/limits.ts";
import {
  partBytesMax,
  partsMax,
  readPart,
  takePart,
  type Carries,
  type Gathered,
  type Gathering,
} from "./qrframe.ts";

/** The largest file that is taken: a reply of as many parts as there can be, armored. */
export const intakeBytesMax: number = Math.max(armoredBytesMax, partBytesMax * partsMax * 2);

/** Takes a text, scanned or pasted. The refusal's detail is a sentence for its reader. */
export function takeText(
  before: Gathered | undefined,
  given: string,
  wants: Carries,
): Verdict<Gathering, string> {
  if (given.length > intakeBytesMax) return refuse("too_large", "That is more than one letter.");
  const text = given.trim();
  if (text.startsWith("-----BEGIN PGP MESSAGE-----")) return takeArmored(text, wants);
  const part = readPart(text);
  if (!part.ok) return part;
  if (part.value.carries !== wants) {
    const is = part.value.carries === "letter" ? "a letter" : "a reply";
    return refuse("other_kind", `This code carries ${is}; wanted is a ${wants}.`);
  }
  return whole(takePart(before, part.value), wants);
}

/** Takes a file: binary or armored, or the text of a code. */
export function takeFile(
  before: Gathered | undefined,
  bytes: Uint8Array,
  wants: Carries,
): Verdict<Gathering, string> {
  if (bytes.length > intakeBytesMax) return refuse("too_large", "The file is too large.");
  const isText = bytes.every((byte) => byte < 0x80);
  if (isText) return takeText(before, toLatin1(bytes), wants);
  return whole(accept({ kind: "whole", carries: wants, bytes }), wants);
}

function takeArmored(text: string, wants: Carries): Verdict<Gathering, string> {
  const bytes = dearmor(text);
  if (!bytes.ok) return bytes;
  return whole(accept({ kind: "whole", carries: wants, bytes: bytes.value }), wants);
}

/** A whole letter must be sealed as letters are, or no relay would take it. */
function whole(gathering: Verdict<Gathering, string>, wants: Carries): Verdict<Gathering, string> {
  if (!gathering.ok || gathering.value.kind !== "whole" || wants !== "letter") return gathering;
  const envelope = readEnvelope(gathering.value.bytes);
  return envelope.ok ? gathering : refuse(envelope.name, envelope.detail);
}
