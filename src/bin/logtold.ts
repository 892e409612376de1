/** What `signet log verify` says: a line for each relay, claim and witness, then what is wrong. */
import { toBase64 } from "../codec/bytes.ts";
import { printTime, time } from "../codec/time.ts";
import type { Verifier } from "../log/note.ts";
import { exitOf, exits, trouble, type Trouble } from "../wallet/errors.ts";
import { now } from "../wallet/times.ts";
import type { WitnessAnswer } from "../witness/ask.ts";
import type { Claim, Comparison, RelayFinding } from "../witness/compare.ts";
import type { Data, Ending } from "./context.ts";

export type Told = {
  readonly log: Verifier;
  readonly compared: Comparison;
  /** Where the proofs of forks were written. */
  readonly files: readonly string[];
  readonly answers: readonly WitnessAnswer[];
  /** What the log had to go on from. */
  readonly known: readonly Claim[];
  /** From which age on a relay is stale, milliseconds. */
  readonly oldMs: number;
};

/** How the command ends. */
export function told(all: Told): Ending {
  const { log, compared, answers, files } = all;
  const head = compared.newest?.head.checkpoint;
  const lines = [
    ...(head === undefined
      ? []
      : [`● ${log.name}`, `  ${head.size} leaves, root hash ${toBase64(head.root)}`]),
    ...[...compared.relays].map(([url, finding]) => relayLine(url, finding, all)),
    ...goneOnFrom(all).map(
      ({ from, checkpoint }) => `✓ it goes on from ${from}: ${checkpoint.size} leaves`,
    ),
    ...answers.map(witnessLine),
  ];
  const troubles = troublesOf(all);
  // A lie outweighs silence, and silence what is merely not known yet.
  const order = [exits.unverified, exits.unreachable, exits.unknown];
  const exit = order.find((exit) => troubles.some((found) => exitOf(found) === exit)) ?? exits.done;
  const data = {
    ok: exit === exits.done,
    log: log.name,
    size: head?.size,
    root: head && toBase64(head.root),
    relays: [...compared.relays].map(([url, finding]) => relayData(url, finding, all)),
    ahead: compared.ahead.map(({ from, checkpoint }) => ({ from, size: checkpoint.size })),
    forks: compared.forks.map(({ between, size }, at) => ({
      between: [...between],
      size,
      file: files[at],
    })),
    witnesses: answers.map(witnessData),
    codes: troubles.map(({ code }) => code),
    exit,
  };
  return { ok: true, exit, lines, data, troubles };
}

function goneOnFrom({ compared, known }: Told): readonly Claim[] {
  if (compared.newest === undefined) return [];
  const forked = new Set(compared.forks.flatMap(({ between }) => between));
  return known.filter((claim) => !compared.ahead.includes(claim) && !forked.has(claim.from));
}

/** Milliseconds since the log's last word here; `undefined`: its newest leaves tell no time. */
function ageOf(finding: RelayFinding): number | undefined {
  if (finding.kind === "refused" || finding.at === undefined) return undefined;
  return Math.max(0, now() - finding.at);
}

function isOld(finding: RelayFinding, { oldMs }: Told): boolean {
  return (ageOf(finding) ?? 0) > oldMs;
}

/** An age as people say it: the largest unit of which there are two. */
function printAge(ms: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
  ] as const;
  for (const [unit, length] of units)
    if (ms >= 2 * length) return `${Math.floor(ms / length)} ${unit}`;
  return `${(ms / 1000).toFixed(1)} s`;
}

function relayLine(url: string, finding: RelayFinding, all: Told): string {
  if (finding.kind === "refused") {
    const sign = finding.name === "relay_silent" ? "◌" : "✕";
    return `${sign} ${url}  ${finding.name}: ${finding.detail}`;
  }
  const age = ageOf(finding);
  const { size } = finding.head.checkpoint;
  const forked = all.compared.forks.some(({ between }) => between.includes(url));
  const sign = forked ? "✕" : isOld(finding, all) ? "◌" : "✓";
  const stale = isOld(finding, all) ? ", stale" : "";
  const word = age === undefined ? "of unknown age" : `${printAge(age)} old${stale}`;
  return `${sign} ${url}  ${size} leaves, ${word}${forked ? ", in a fork" : ""}`;
}

function relayData(url: string, finding: RelayFinding, all: Told): Data {
  if (finding.kind === "refused") return { url, state: finding.name, detail: finding.detail };
  const { size, root } = finding.head.checkpoint;
  return {
    url,
    state: isOld(finding, all) ? "stale" : "told",
    size,
    root: toBase64(root),
    at: finding.at && printTime(finding.at),
    ageSeconds: ageOf(finding) === undefined ? undefined : (ageOf(finding) ?? 0) / 1000,
  };
}

function witnessLine(answer: WitnessAnswer): string {
  const { name } = answer.witness.key;
  switch (answer.kind) {
    case "cosigned":
      return `✓ ${name}  cosigned, ${printTime(time(answer.seconds * 1000))}`;
    case "ahead":
      return `◌ ${name}  has seen ${answer.size} leaves: more than the relays show`;
    case "differs":
      return `✕ ${name}  cosigned another root hash of this size`;
    default:
      return `◌ ${name}  did not cosign: ${answer.why}`;
  }
}

function witnessData(answer: WitnessAnswer): Data {
  const { witness, ...rest } = answer;
  const { kind } = rest;
  const facts = { name: witness.key.name, url: witness.url, state: kind };
  if (kind === "cosigned") return { ...facts, at: printTime(time(rest.seconds * 1000)) };
  if (kind === "ahead") return { ...facts, size: rest.size };
  return kind === "differs" ? facts : { ...facts, detail: rest.why };
}

function troublesOf(all: Told): readonly Trouble[] {
  const { compared, files, answers } = all;
  const found: Trouble[] = compared.forks.map(({ between, size }, at) =>
    trouble(
      "E609",
      `The log told two histories of ${size} leaves: ${between.join(" and ")}. ${files[at] ?? ""}`,
    ),
  );
  for (const [url, finding] of compared.relays) {
    if (finding.kind === "told" || finding.name === "relay_silent") continue;
    found.push(trouble("E610", `${url}: ${finding.detail} (${finding.name}).`));
  }
  for (const { witness, kind } of answers) {
    if (kind !== "differs") continue;
    const what = `${witness.key.name} cosigned another root hash of this size.`;
    const next = "Its operator has both checkpoints in the file `fork`: signet log fork FILE";
    found.push(trouble("E610", what, { next }));
  }
  if (compared.newest === undefined) return [...found, trouble("E808")];
  const findings = [...compared.relays];
  const fresh = findings.some(([, finding]) => finding.kind === "told" && !isOld(finding, all));
  for (const { from, checkpoint } of compared.ahead) {
    const what = `${from} has ${checkpoint.size} leaves, more than any relay shows.`;
    found.push(trouble("E506", what));
  }
  for (const [url, finding] of findings) {
    // Where one relay is fresh, a stale one is named in its line and costs nothing.
    if (fresh || !isOld(finding, all)) continue;
    found.push(
      trouble("E506", `${url} shows nothing newer than ${printAge(ageOf(finding) ?? 0)}.`),
    );
  }
  for (const answer of answers) {
    if (answer.kind === "cosigned" || answer.kind === "differs") continue;
    found.push(trouble("E507", witnessLine(answer).slice(2)));
  }
  return found;
}
