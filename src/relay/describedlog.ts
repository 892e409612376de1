/** The routes of the log and of the dock, as described.ts has the others. */
import { standing } from "./describedsnapshots.ts";
import {
  json,
  list,
  moment,
  number,
  object,
  plain,
  query,
  text,
  whole,
  type Answer,
  type Described,
  type Schema,
} from "./schema.ts";

const note = plain("a signed note (docs/spec/log.md §2)");
const time = { ...text, description: "a time like 2026-11-21T12:00:00Z" };
const octets: { readonly 200: Answer } = {
  200: { says: "hashes, or entries each after its length", type: "application/octet-stream" },
};
const tile: Described = {
  summary: "A tile of the log, or a bundle of its entries (C2SP tlog-tiles)",
  params: query(
    {
      "*": {
        ...text,
        description: "LEVEL/INDEX or entries/INDEX, as in 0/x001/067 and 1/004.p/43",
      },
    },
    ["*"],
  ),
  answers: octets,
  problems: [404],
};
const checkpoint: Described = {
  summary: "The newest signed checkpoint",
  answers: note,
  problems: [404],
};
const dockSigned = "With the header signet-dock (docs/spec/receipt.md §4)";

/** A block of reads. */
export const block: Schema = object({
  leaf: whole,
  span: { type: "string", enum: ["block", "hour"] },
  from: moment,
  to: moment,
  count: whole,
  root: { type: "string", pattern: "^[0-9a-f]{64}$" },
});

/** The log as C2SP has it, and what was read. */
export const logRoutes: { readonly [route: string]: Described } = {
  "GET /checkpoint": checkpoint,
  "GET /v1/log/checkpoint": checkpoint,
  "GET /v1/checkpoint": checkpoint,
  "GET /tile/*": tile,
  "GET /v1/log/tile/*": tile,
  "GET /v1/proof": {
    summary: "A leaf's inclusion proof (C2SP tlog-proof)",
    querystring: query({ leaf: number("its number"), size: number("of a checkpoint") }, ["leaf"]),
    answers: plain("the proof with its checkpoint (docs/spec/log.md §8)"),
    problems: [400, 404],
  },
  "GET /v1/snapshot": {
    summary: "The newest signed snapshot's index",
    answers: plain("the index (docs/spec/log.md §12)"),
    problems: [404],
  },
  "GET /v1/snapshot/parts/:sha256": {
    summary: "A part of a snapshot, by its hash",
    params: query({ sha256: { ...text, description: "64 hex digits" } }, ["sha256"]),
    answers: plain("the part"),
    problems: [400, 404],
  },
  "GET /v1/reads": {
    summary: "Blocks of reads that touch a time",
    querystring: query({ from: time, to: time }, ["from", "to"]),
    answers: json(
      "at most 1,000",
      object({
        blocks: list(block),
      }),
    ),
    problems: [400],
  },
  "GET /v1/reads/proof": {
    summary: "Whether the exchange read a letter, proved",
    querystring: query(
      { ref: { ...text, description: "64 hex digits" }, from: time, until: time },
      ["ref", "from", "until"],
    ),
    answers: plain("the proof (docs/spec/log.md §11)"),
    problems: [400, 404],
  },
};

/** What only the dock may, and the watermark. */
export const dockRoutes: { readonly [route: string]: Described } = {
  "GET /v1/dock/watermark": {
    summary: "The last publication that was applied",
    answers: standing,
  },
  "GET /v1/dock/letters": {
    summary: `Letters above a number. ${dockSigned}`,
    querystring: query({ after: number("letters above it"), wait: number("seconds, at most 60") }),
    answers: {
      200: { says: "letters, each after its number and length", type: "application/octet-stream" },
    },
    problems: [400, 403, 503],
  },
  "PUT /v1/dock/publications/:number": {
    summary: `Brings a publication. ${dockSigned}`,
    params: query({ number: { ...text, description: "which: digits" } }, ["number"]),
    takes: { type: "application/octet-stream", says: "the publication (docs/spec/log.md §5)" },
    answers: standing,
    problems: [400, 403, 413, 422],
  },
};
