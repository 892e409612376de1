/**
 * What a relay says when it is asked, in its own words: the card, checkpoints, leaves, snapshots.
 * Shapes are looked at here, truth in verify.ts.
 */
import { toLatin1 } from "../../codec/bytes.ts";
import type { Digest } from "../../codec/names.ts";
import { decodeNote, splitNote } from "../../log/note.ts";
import { indexBytesMax, partBytesMax } from "../../market/snapshot.ts";
import { listOf, numberOf, objectOf, parseJson, textOf } from "../../wallet/json.ts";
import { ask, type Unanswered } from "./ask.ts";

export type Note = { readonly kind: "note"; readonly note: string; readonly ms: number };
export type Leaves = { readonly kind: "leaves"; readonly lines: readonly string[] };
export type CardParts = {
  readonly kind: "card";
  /** Clear-signed. */
  readonly card: string;
  readonly certificate: string;
};
export type Text = { readonly kind: "text"; readonly text: string };
/** It answered, but nothing that a relay answers: a web page, for instance. */
export type Nonsense = { readonly kind: "nonsense" };

const noteBytes = 65_536;
/** A publication's leaves are at most as many bytes. */
const leavesBytes = 9_437_184;
const cardBytes = 262_144;
const partMs = 30_000;

/** The newest signed checkpoint. */
export async function askCheckpoint(origin: string): Promise<Note | Unanswered | Nonsense> {
  const answer = await ask(origin, "/v1/checkpoint", { bytesMax: noteBytes, wholeMs: 5000 });
  if (answer.kind === "unanswered") return answer;
  const note = decodeNote(answer.bytes);
  if (note === undefined || !splitNote(note).ok) return { kind: "nonsense" };
  return { kind: "note", note, ms: answer.ms };
}

/** Leaves from number `from` on, as many as the relay gives at once. */
export async function askLeaves(
  origin: string,
  from: number,
): Promise<Leaves | Unanswered | Nonsense> {
  const path = from === 0 ? "/v1/leaves" : `/v1/leaves?after=${from - 1}`;
  const answer = await ask(origin, path, { bytesMax: leavesBytes });
  if (answer.kind === "unanswered") return answer;
  const said = objectOf(parseJson(toLatin1(answer.bytes)));
  const lines = listOf(said["leaves"]).flatMap((line) => textOf(line) ?? []);
  if (numberOf(said["first"]) !== from) return { kind: "nonsense" };
  return { kind: "leaves", lines };
}

/** The exchange's card and certificate. */
export async function askCard(origin: string): Promise<CardParts | Unanswered | Nonsense> {
  const answer = await ask(origin, "/v1/exchange", { bytesMax: cardBytes });
  if (answer.kind === "unanswered") return answer;
  const said = objectOf(parseJson(toLatin1(answer.bytes)));
  const [card, certificate] = [textOf(said["card"]), textOf(said["certificate"])];
  if (card === undefined || certificate === undefined) return { kind: "nonsense" };
  return { kind: "card", card, certificate };
}

/** The index of the newest snapshot. */
export function askIndex(origin: string): Promise<Text | Unanswered> {
  return askText(origin, "/v1/snapshot", indexBytesMax);
}

/** A snapshot's part. */
export function askPart(origin: string, digest: Digest): Promise<Text | Unanswered> {
  return askText(origin, `/v1/snapshot/parts/${digest}`, partBytesMax);
}

async function askText(origin: string, path: string, bytesMax: number): Promise<Text | Unanswered> {
  const answer = await ask(origin, path, { bytesMax, wholeMs: partMs });
  return answer.kind === "unanswered" ? answer : { kind: "text", text: toLatin1(answer.bytes) };
}
