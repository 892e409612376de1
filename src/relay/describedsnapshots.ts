/** The routes of snapshots and of catching up, as described.ts has the others. */
import { json, object, orNull, plain, query, text, truth, whole } from "./schema.ts";
import type { Described, Schema } from "./schema.ts";

/** What /v1/relay says beside who the relay is. */
export const replicaFields: { readonly [name: string]: Schema } = {
  snapshot: orNull(whole),
  snapshotDiffers: orNull(whole),
  snapshotPassed: orNull(whole),
  history: object({ filled: whole, from: whole }),
  catchUp: orNull(
    object({
      what: { type: "string", enum: ["publications", "history"] },
      done: whole,
      of: whole,
      perSecond: { type: "number", minimum: 0 },
      leavesPerSecond: { type: "number", minimum: 0 },
      secondsLeft: orNull(whole),
    }),
  ),
};

/** What the dock is told. */
export const standing = json(
  "where the relay stands now",
  object({
    publication: whole,
    size: whole,
    history: orNull(object({ publication: whole, upTo: whole, wanted: truth })),
  }),
);
const handover = "a handover (docs/spec/log.md §12)";

/** By `METHOD PATH`. */
export const snapshotDescribed: { readonly [route: string]: Described } = {
  "GET /v1/snapshot": {
    summary: "The index of the newest snapshot that the exchange signed",
    answers: plain("the index (docs/spec/log.md §12)"),
    problems: [404, 503],
  },
  "GET /v1/snapshot/parts/:sha256": {
    summary: "A part of one of the last two snapshots, or an index, by its hash",
    params: query({ sha256: { ...text, description: "64 hex digits" } }, ["sha256"]),
    answers: plain("the part, for ever the same"),
    problems: [404, 503],
  },
  "PUT /v1/dock/snapshot": {
    summary: "A signed snapshot for a relay that is far behind; the dock's alone",
    takes: { type: "application/octet-stream", says: handover },
    answers: standing,
    problems: [403, 422],
  },
  "PUT /v1/dock/history": {
    summary: "Publications of the past, after a snapshot; the dock's alone",
    takes: { type: "application/octet-stream", says: handover },
    answers: standing,
    problems: [403, 422],
  },
};
