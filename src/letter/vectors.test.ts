/**
 * Runs `vectors/letter.json`, `envelope.json` and `report.json`, and proves of each list of
 * refusals that every name is reached and that of two adjacent ones the first is the answer when
 * both apply.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromBase64, fromLatin1 } from "../codec/bytes.ts";
import { fingerprint } from "../codec/names.ts";
import { letterRefusals, lineRefusals } from "./command.ts";
import { parseEntry, printEntry } from "./entry.ts";
import { envelopeRefusals, readEnvelope } from "./envelope.ts";
import { entryRefusals } from "./fields.ts";
import { parseLine } from "./grammar.ts";
import { orderIdOf } from "./orderid.ts";
import { parseLetter, registrationIn } from "./parse.ts";
import { printCommand } from "./print.ts";
import { parseReport, printReport, reportHash, reportRefusals } from "./report.ts";

const exchange = fingerprint("49979888511191774776929750563049979888ab");
const account = fingerprint("1885085226279871822692468867440515074405");

type Text = string | readonly (string | { readonly repeat: string; readonly times: number })[];
type Vector = {
  readonly name: string;
  readonly text?: Text;
  readonly base64?: string;
  readonly line?: Text;
  readonly record?: string;
  readonly expect: string;
  /** Every rule that the case breaks; `expect` is the first in the list of refusals. */
  readonly breaks?: readonly string[];
  readonly prints?: Text;
  readonly commands?: number;
  readonly orderid?: string;
  readonly ref?: string;
  readonly hash?: string;
};

function load(file: string): readonly Vector[] {
  const url = new URL(`../../vectors/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as Vector[];
}

/** Latin-1: one character a byte. */
function textOf(text: Text): string {
  if (typeof text === "string") return text;
  return text.map((p) => (typeof p === "string" ? p : p.repeat.repeat(p.times))).join("");
}

function nameOf(verdict: { ok: true } | { ok: false; name: string; detail: string }): string {
  if (verdict.ok) return "accepted";
  assert.match(verdict.detail, /^[!-{}~]([ -{}~]*[!-{}~])?$/, "a sentence fits into a record");
  assert.ok(verdict.detail.length <= 400, "a sentence is short");
  return verdict.name;
}

/** Every name reached, every adjacent pair ordered unless the two cannot both apply. */
function prove(names: readonly string[], cases: readonly Vector[], exclusive: readonly string[]) {
  const reached = new Set(cases.map((c) => c.expect));
  for (const name of names) assert.ok(reached.has(name), `${name} is reached`);
  for (const { name, expect, breaks } of cases) {
    if (breaks === undefined) continue;
    const first = names.find((n) => breaks.includes(n));
    assert.equal(expect, first, name);
  }
  const pairs = names.slice(1).map((name, i) => [names[i] ?? "", name] as const);
  for (const [first, second] of pairs) {
    const both = cases.some((c) => c.breaks?.includes(first) && c.breaks.includes(second));
    const cannot = exclusive.includes(`${first} ${second}`);
    assert.ok(both !== cannot, `${first} before ${second}`);
  }
  const refused = cases.filter((c) => c.expect !== "accepted").length;
  assert.ok(refused > cases.length - refused, "refusals outnumber acceptances");
  assert.equal(new Set(cases.map((c) => c.name)).size, cases.length, "names are unique");
}

const letterCases = load("letter.json");
const wholeLetters = letterCases.filter((c) => c.text !== undefined);
const lines = letterCases.filter((c) => c.line !== undefined);

test("letters", () => {
  for (const { name, text, expect, commands, orderid } of wholeLetters) {
    const signed = textOf(text ?? "");
    const letter = parseLetter(signed, exchange);
    assert.equal(nameOf(letter), expect, name);
    registrationIn(signed);
    if (!letter.ok) continue;
    assert.equal(letter.value.lines.length, commands, name);
    const byHand = createHash("sha256").update(`${account}\n`).update(signed, "latin1");
    assert.equal(orderIdOf(account, signed), orderid, name);
    assert.equal(byHand.digest("hex"), orderid, name);
  }
});

test("letter refusals are all reached, in order", () => {
  const grammar = letterRefusals.slice(0, letterRefusals.indexOf("key_not_in_force"));
  prove(grammar, wholeLetters, [
    "header_missing version_unknown",
    "header_malformed exchange_wrong",
    "commands_missing commands_too_many",
  ]);
});

test("lines", () => {
  for (const { name, line, expect, prints } of lines) {
    const read = parseLine(textOf(line ?? ""), 1);
    assert.equal(nameOf(read.command), expect, name);
    if (read.command.ok) {
      assert.equal(printCommand(read.command.value, read), textOf(prints ?? ""), name);
    }
  }
});

test("line refusals are all reached, in order", () => {
  prove(lineRefusals, lines, [
    // One verb, one reason.
    "derivatives_not_offered verb_unknown",
    "verb_unknown fields_wrong",
    // One field, one reason.
    "quantity_malformed quantity_zero",
    "price_malformed price_zero",
    "amount_malformed amount_zero",
    // No command has both fields.
    "market_malformed asset_malformed",
    "asset_malformed quantity_malformed",
    "cap_not_here side_malformed",
    "side_malformed time_malformed",
    "fingerprint_malformed address_malformed",
    "address_malformed order_malformed",
    "order_malformed range_malformed",
    "range_too_long number_malformed",
    "evidence_malformed hash_malformed",
    "hash_malformed ratio_malformed",
    "ratio_malformed certificate_malformed",
    "proof_malformed revocation_malformed",
    "revocation_malformed ring_order_malformed",
    "ring_auth_malformed ring_name_malformed",
    "ring_name_malformed observation_malformed",
  ]);
});

const envelopes = load("envelope.json");

test("envelopes", () => {
  for (const { name, base64, text, expect, ref } of envelopes) {
    const bytes = base64 === undefined ? fromLatin1(textOf(text ?? "")) : fromBase64(base64);
    assert.ok(bytes !== undefined);
    const envelope = readEnvelope(bytes);
    assert.equal(nameOf(envelope), expect, name);
    if (envelope.ok) assert.equal(envelope.value.ref, ref, name);
  }
});

test("envelope refusals are all reached, in order", () => {
  prove(envelopeRefusals, envelopes, [
    "empty too_large",
    // Text or binary, but not both.
    "not_encrypted not_openpgp",
    "not_openpgp armor_malformed",
    // Framing is read from the front and ends at its first fault.
    "packet_truncated packet_malformed",
    // Without both, the first packet already is refused by its kind.
    "session_key_missing sealed_data_missing",
  ]);
});

const reportCases = load("report.json");
const reports = reportCases.filter((c) => c.text !== undefined);
const records = reportCases.filter((c) => c.record !== undefined);

test("reports", () => {
  for (const { name, text, expect, hash } of reports) {
    const whole = textOf(text ?? "");
    const report = parseReport(whole);
    assert.equal(nameOf(report), expect, name);
    if (!report.ok) continue;
    assert.equal(printReport(report.value), whole, name);
    assert.equal(reportHash(whole), hash, name);
  }
});

test("records", () => {
  for (const { name, record, expect } of records) {
    const entry = parseEntry(record ?? "");
    assert.equal(nameOf(entry), expect, name);
    if (entry.ok) assert.equal(printEntry(entry.value), record, name);
  }
});

test("report and record refusals are all reached, in order", () => {
  const ofText = reportRefusals.slice(0, reportRefusals.indexOf("record_unknown") + 1);
  prove(ofText, reports, []);
  assert.deepEqual(reportRefusals.slice(ofText.length - 1), entryRefusals);
  prove(entryRefusals, records, ["record_unknown record_fields_wrong"]);
});

test("the page lists every refusal, in order", () => {
  const page = readFileSync(new URL("../../docs/spec/refusals.md", import.meta.url), "utf8");
  const sections = new Map(page.split("\n## ").map((part) => [part.split("\n", 1)[0], part]));
  const listed = (heading: string): readonly string[] =>
    [...(sections.get(heading) ?? "").matchAll(/^\| `([a-z_]+)` \|/gm)].map(
      ([, name]) => name ?? "",
    );
  assert.deepEqual(listed("Transport"), envelopeRefusals);
  assert.deepEqual(listed("Letter"), letterRefusals);
  assert.deepEqual(listed("Line grammar"), lineRefusals);
  assert.deepEqual(listed("Reports"), reportRefusals);
});
