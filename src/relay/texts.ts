/**
 * What a publication holds beside leaves, as the relay keeps it: replies, mail, notices, the card.
 * Part of the transaction that applies the publication.
 *
 * Publications come in order, but for those that fill a gap: they are older than what is there.
 */
import type { DatabaseSync } from "node:sqlite";
import { isHex64, ref, type Ref } from "../codec/names.ts";
import type { Publication } from "../log/publication.ts";
import { readFact, writeFact } from "./database.ts";

/** Keeps the texts of a publication: of the newest one, or of one older than others here. */
export function storeTexts(
  database: DatabaseSync,
  publication: Publication,
  age: "newest" | "older",
): void {
  const [later, earlier] = age === "newest" ? ["REPLACE", "IGNORE"] : ["IGNORE", "REPLACE"];
  const reply = database.prepare(`INSERT OR ${later} INTO replies VALUES (?, ?)`);
  for (const { ref, sealed } of publication.replies) reply.run(ref, sealed);
  // The first text under a number stands: a later one there could only be the exchange's mistake.
  const mail = database.prepare(`INSERT OR ${earlier} INTO mail VALUES (?, ?, ?)`);
  for (const { tag, index, sealed } of publication.mail) mail.run(tag, index, sealed);
  if (publication.unopenable !== undefined) {
    const { number, unopenable } = publication;
    database.prepare("INSERT OR IGNORE INTO notices VALUES (?, ?)").run(number, unopenable);
    const listed = database.prepare(`INSERT OR ${later} INTO unopenable VALUES (?, ?)`);
    for (const ref of refsOf(unopenable)) listed.run(ref, number);
  }
  if (publication.card === undefined) return;
  // A card that came beside a snapshot is shown until all before it is here, and nothing older.
  writeFact(database, age === "newest" ? "card" : "filledCard", publication.card);
  if (age === "newest") writeFact(database, "cardOf", String(publication.number));
}

/**
 * The gap before publication `upTo` is filled: the last card in it takes the place of the one that
 * came beside the snapshot, which nobody signed for us; part of the open transaction.
 */
export function settleCard(database: DatabaseSync, upTo: number): void {
  const filled = readFact(database, "filledCard") ?? "";
  const isOurs = Number(readFact(database, "cardOf") ?? "0") < upTo;
  if (filled !== "" && isOurs) writeFact(database, "card", filled);
  writeFact(database, "filledCard", "");
}

/** The refs of a notice whose signature and form were checked. */
function refsOf(note: string): readonly Ref[] {
  return note
    .split("\n")
    .filter((line) => isHex64(line))
    .map((line) => ref(line));
}
