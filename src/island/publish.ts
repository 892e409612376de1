/**
 * From the engine's outputs to publications: seals every document, appends every leaf to the log's
 * tree and signs a checkpoint for each publication (docs/spec/log.md §5).
 *
 * Invariants:
 *   items    an input gives its own leaves, then one REPORT leaf for each document, then for each
 *            archive request; the engine counts the same leaves (asserted)
 *   frames   a frame of `said/` holds a run of items without a gap; `upTo` stands at the end of an
 *            input only. After a crash in the middle of a long input the log's size tells how many
 *            of its items were said: those are passed over, never said twice
 *   order    within a publication market leaves come first and everything sealed is sorted by its
 *            hash, so that nobody reads from the order which letter caused which trade
 *   snapshot a publication before which one is due begins with a SNAPSHOT leaf (docs/spec/log.md
 *            §12). Whether and which is a function of the leaves in `said/` before it: a crash at
 *            any point, and the next start makes the same
 *
 * What is not in `said/` was never handed out: making it anew cannot show two histories.
 */
import { hash } from "node:crypto";

import { assert } from "../codec/assert.ts";
import { fromHex, fromLatin1, sha256, toBase64, toHex } from "../codec/bytes.ts";
import { digest, type OrderId, type Ref } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import type { ArchiveRequest, Document, Output } from "../engine/input.ts";
import { encodeSaid, type Archived } from "../journal/said.ts";
import { printEntry } from "../letter/entry.ts";
import { finishAnswer } from "../letter/report.ts";
import { printCheckpoint } from "../log/checkpoint.ts";
import { parseLeaf, printLeaf } from "../log/leaf.ts";
import { printNote } from "../log/note.ts";
import { noticeRefsMax, printNotice } from "../log/notice.ts";
import {
  encodePublication,
  type Publication,
  type PublishedSubmission,
} from "../log/publication.ts";
import { appendLeaf, rootHash, type Frontier } from "../log/tree.ts";
import type { PublicView } from "../market/publicview.ts";
import { SnapshotPrinter } from "../market/snapshot.ts";
import type { Segments } from "../store/segments.ts";
import type { Archive } from "./archive.ts";
import type { Office, ToBeSealed } from "./office.ts";
import type { Decided } from "./recovery.ts";
import type { Settings } from "./settings.ts";

/** A publication is closed when it holds this much; far below the airlock's payload limit. */
const publicationBytes = 1_048_576;
/** A frame of `said/` is closed at the next input when it holds this much; far below a segment. */
const frameBytes = 8_388_608;

/** One batch to be answered. */
export type Batch = {
  readonly decided: readonly Decided[];
  /** The last journal record of the batch, those that decide nothing included. */
  readonly upTo: number;
  readonly unopenable: readonly Ref[];
  readonly card: string | undefined;
  readonly at: Time;
};

/** One sealed text on its way out. */
type Sealed = {
  readonly bytes: Uint8Array;
  readonly archived: Archived;
  readonly mail?: MailPlace;
};
type MailPlace = Extract<Document["delivery"], { kind: "mail" }>;

/** A publication in the making. */
type Draft = {
  readonly number: number;
  readonly leaves: string[];
  readonly submissions: PublishedSubmission[];
  readonly reads: Ref[];
  readonly sealed: Sealed[];
  unopenable: string | undefined;
  card: string | undefined;
  bytes: number;
};

export class Publisher {
  readonly #settings: Settings;
  readonly #said: Segments;
  readonly #archive: Archive;
  readonly #office: Pick<Office, "seal">;
  readonly #note: (sentence: string) => void;
  readonly #view: PublicView;
  readonly #printer: SnapshotPrinter;
  #frontier: Frontier;
  #drafts: Draft[] = [];
  /** Items of the batch in hand that a frame before the last crash holds already. */
  #alreadySaid: number;

  constructor(
    parts: {
      readonly settings: Settings;
      readonly said: Segments;
      readonly archive: Archive;
      readonly office: Pick<Office, "seal">;
      readonly note: (sentence: string) => void;
    },
    log: { readonly frontier: Frontier; readonly view: PublicView; readonly already: number },
  ) {
    this.#settings = parts.settings;
    this.#said = parts.said;
    this.#archive = parts.archive;
    this.#office = parts.office;
    this.#note = parts.note;
    this.#frontier = log.frontier;
    this.#view = log.view;
    this.#printer = new SnapshotPrinter(log.view, (text) => hash("sha256", text));
    this.#alreadySaid = log.already;
  }

  /** Leaves of the log that the engine said. */
  get engineLeaves(): number {
    return this.#view.engineLeaves;
  }

  /** The log as far as it was said, for who keeps it beside `said/`. */
  get log(): { readonly frontier: Frontier; readonly view: PublicView } {
    return { frontier: this.#frontier, view: this.#view };
  }

  /** Seals, signs and stores; when it returns, the batch is on disk and may be handed out. */
  async publish(batch: Batch): Promise<void> {
    const sealed = await this.#sealAll(batch);
    if (batch.card !== undefined) this.#draft(0).card = batch.card;
    for (let i = 0; i < batch.unopenable.length; i += noticeRefsMax) {
      const refs = batch.unopenable.slice(i, i + noticeRefsMax);
      (i === 0 ? this.#draft(0) : this.#newDraft()).unopenable = this.#notice(refs, batch.at);
    }
    for (const { output, number } of batch.decided) {
      for (const leaf of output.leaves) {
        if (this.#isFresh()) await this.#addLeaf(leaf, output);
      }
      for (const document of output.documents) {
        if (this.#isFresh()) await this.#addSealed(sealed(document));
      }
      for (const request of output.archive) {
        if (this.#isFresh()) await this.#addSealed(await this.#fromArchive(request, batch, sealed));
      }
      if (this.#isFrameFull()) await this.#store(number);
    }
    assert(this.#alreadySaid === 0, "what was said before the crash is part of what is said now");
    await this.#store(batch.upTo);
  }

  /** Whether the next item was not said yet. */
  #isFresh(): boolean {
    if (this.#alreadySaid === 0) return true;
    this.#alreadySaid -= 1;
    return false;
  }

  /** A submission goes out with its leaf, and so do the refs of a block of reads. */
  async #addLeaf(leaf: string, output: Output): Promise<void> {
    const submission = submissionOf(output, leaf);
    const reads = leaf.startsWith("READ|") ? output.reads : [];
    const size = leaf.length + (submission?.calldata.length ?? 0) + reads.length * 32;
    const draft = this.#draft(size);
    draft.leaves.push(leaf);
    for (const ref of reads) draft.reads.push(ref);
    if (submission !== undefined) draft.submissions.push(submission);
    draft.bytes += size;
    if (this.#isFrameFull()) await this.#store(0);
  }

  async #addSealed(sealed: Sealed): Promise<void> {
    const draft = this.#draft(sealed.bytes.length);
    draft.sealed.push(sealed);
    draft.bytes += sealed.bytes.length;
    if (this.#isFrameFull()) await this.#store(0);
  }

  #isFrameFull(): boolean {
    return this.#drafts.reduce((sum, { bytes }) => sum + bytes, 0) >= frameBytes;
  }

  /**
   * The draft that takes `size` more bytes. A document may be larger: it then has one of its own.
   */
  #draft(size: number): Draft {
    const last = this.#drafts.at(-1);
    if (last === undefined) return this.#newDraft();
    const hasRoom = last.bytes === 0 || last.bytes + size < publicationBytes;
    return hasRoom ? last : this.#newDraft();
  }

  #newDraft(): Draft {
    const number = this.#said.last + this.#drafts.length + 1;
    const draft: Draft = {
      number,
      leaves: [],
      submissions: [],
      reads: [],
      sealed: [],
      unopenable: undefined,
      card: undefined,
      bytes: 0,
    };
    this.#drafts.push(draft);
    return draft;
  }

  /** One frame. With `upTo` 0 the input in hand goes on in the next. */
  async #store(upTo: number): Promise<void> {
    const drafts = this.#drafts;
    this.#drafts = [];
    if (drafts.length === 0) return;
    let frontier = this.#frontier;
    const first = this.#said.last + 1;
    const records = drafts.map((draft, i) => {
      const { leaves: own, ...contents } = contentsOf(draft);
      const leaves = [...this.#snapshot(frontier), ...own];
      for (const leaf of leaves) frontier = this.#append(frontier, leaf);
      const checkpoint = this.#checkpoint(frontier);
      return encodeSaid({
        upTo: i === drafts.length - 1 ? upTo : 0,
        frontier,
        publication: encodePublication({ leaves, ...contents, checkpoint }),
        archive: draft.sealed.map(({ archived }) => archived),
      });
    });
    await this.#said.append(records);
    // From here on it was said: it is found again and may leave the island.
    this.#frontier = frontier;
    drafts.forEach(({ sealed }, i) => {
      this.#archive.note(
        first + i,
        sealed.map(({ archived }) => archived),
      );
    });
  }

  /** The SNAPSHOT leaf, if one is due. */
  #snapshot(frontier: Frontier): readonly string[] {
    if (!this.#view.isSnapshotDue) return [];
    const { digest } = this.#printer.print(this.#settings.exchange, frontier);
    return [printLeaf({ kind: "snapshot", size: frontier.size, digest })];
  }

  /** If what is folded here cannot be stored, the island stops, and the view goes with it. */
  #append(frontier: Frontier, line: string): Frontier {
    const leaf = parseLeaf(line);
    assert(leaf !== undefined, "what is said is a leaf");
    this.#view.apply(leaf);
    return appendLeaf(frontier, line);
  }

  #checkpoint(frontier: Frontier): string {
    const { name, publicKey, sign } = this.#settings.log;
    const text = printCheckpoint({ origin: name, size: frontier.size, root: rootHash(frontier) });
    return printNote(text, { name, publicKey, sign });
  }

  #notice(refs: readonly Ref[], at: Time): string {
    const { name, publicKey, sign } = this.#settings.log;
    const text = printNotice({ exchange: this.#settings.exchange, at, refs: [...refs].sort() });
    return printNote(text, { name, publicKey, sign });
  }

  async #sealAll({ decided, at }: Batch): Promise<(document: Document) => Sealed> {
    const documents = documentsOf(decided);
    const sealedTexts = await this.#seal(documents, at);
    const done = new Map<Document, Sealed>();
    documents.forEach((document, i) => {
      const bytes = sealedTexts[i];
      assert(bytes !== undefined, "every document was sealed");
      done.set(document, sealedDocument(document, bytes));
    });
    return (document) => {
      const sealed = done.get(document);
      assert(sealed !== undefined, "every document was sealed");
      return sealed;
    };
  }

  /** Seals to customers; to the exchange itself what is addressed to it (a decoy). */
  async #seal(documents: readonly ToBeSealed[], at: Time): Promise<readonly Uint8Array[]> {
    const { exchange } = this.#settings;
    const sealed = await this.#office.seal(documents, at);
    const unsealed = documents.filter((_, i) => sealed[i] === undefined);
    if (unsealed.length === 0) return sealed.filter((bytes) => bytes !== undefined);
    // The exchange goes on: this customer cannot read the answer, nor can anybody else.
    for (const { to } of unsealed) this.#note(`ALARM: a document could not be sealed to ${to}`);
    const ours = unsealed.map(({ text }) => ({ to: exchange, text }));
    const instead = [...(await this.#office.seal(ours, at))];
    return sealed.map((bytes) => {
      const whole = bytes ?? instead.shift();
      if (whole === undefined) throw new Error("couldn't seal a document to the exchange itself");
      return whole;
    });
  }

  /** What the engine cannot say from its state: an earlier answer, or earlier reports. */
  async #fromArchive(
    request: ArchiveRequest,
    { decided, at }: Batch,
    sealed: (document: Document) => Sealed,
  ): Promise<Sealed> {
    const documents = documentsOf(decided);
    if (request.kind === "repeat") {
      const { bytes, to } = this.#firstAnswer(request.first, documents, sealed);
      const archived = { to, report: undefined, orderId: undefined, ref: request.ref, text: "" };
      return { bytes, archived };
    }
    const records: string[] = [];
    let length = 0;
    for (let number = request.from; number <= request.upTo; number += 1) {
      // Long reports come a few at a time: one answer must fit into a publication.
      if (length > publicationBytes) break;
      const fresh = documents.find(({ to, report }) => to === request.to && report === number);
      const text = fresh?.text ?? this.#archive.report(request.to, number);
      const record = { report: number, text: toBase64(fromLatin1(text)) };
      records.push(printEntry({ kind: "resent", ...record }));
      length += record.text.length;
    }
    const text = finishAnswer(request.head, records);
    const { to, ref, orderId } = request;
    const [bytes] = await this.#seal([{ to, text }], at);
    assert(bytes !== undefined, "every document was sealed");
    return { bytes, archived: { to, report: undefined, orderId, ref, text: "" } };
  }

  #firstAnswer(
    first: OrderId,
    documents: readonly Document[],
    sealed: (document: Document) => Sealed,
  ): { readonly bytes: Uint8Array; readonly to: Document["to"] } {
    // The letter and its repeat may stand in one batch.
    const fresh = documents.find(
      ({ delivery }) => delivery.kind === "reply" && delivery.stands && delivery.orderId === first,
    );
    if (fresh !== undefined) return { bytes: sealed(fresh).bytes, to: fresh.to };
    const { sealed: bytes, to } = this.#archive.firstAnswer(first);
    return { bytes, to };
  }
}

function documentsOf(decided: readonly Decided[]): readonly Document[] {
  return decided.flatMap(({ output }) => output.documents);
}

/** The submission that the leaf is about, if it is about one. */
function submissionOf(output: Output, line: string): PublishedSubmission | undefined {
  if (output.submissions.length === 0) return undefined;
  const leaf = parseLeaf(line);
  if (leaf?.kind !== "submission") return undefined;
  const found = output.submissions.find(({ number }) => number === leaf.number);
  const calldata = found && fromHex(found.calldata);
  assert(calldata !== undefined, "a submission's leaf comes with its calldata");
  return { number: leaf.number, calldata };
}

function sealedDocument(document: Document, bytes: Uint8Array): Sealed {
  const { to, report, text, delivery } = document;
  // Only reports are ever sent again by number.
  const kept = report === undefined ? "" : text;
  if (delivery.kind === "mail") {
    const archived = { to, report, orderId: undefined, ref: undefined, text: kept };
    return { bytes, archived, mail: delivery };
  }
  const { ref, stands } = delivery;
  // Only the answer to a letter that counts is the first answer, which a repeat gets again.
  const orderId = stands ? delivery.orderId : undefined;
  return { bytes, archived: { to, report, orderId, ref, text: kept } };
}

/** What goes out: market leaves first, then everything sealed by its hash, each with its leaf. */
function contentsOf(draft: Draft): Omit<Publication, "checkpoint"> {
  const hashed = draft.sealed
    .map((sealed) => ({ ...sealed, hash: digest(toHex(sha256(sealed.bytes))) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const reports = hashed.map(({ hash }) => printLeaf({ kind: "report", digest: hash }));
  const replies: { ref: Ref; sealed: Uint8Array }[] = [];
  const mail: { tag: MailPlace["tag"]; index: number; sealed: Uint8Array }[] = [];
  for (const { bytes: sealed, archived, mail: place } of hashed) {
    if (place !== undefined) mail.push({ tag: place.tag, index: place.index, sealed });
    else if (archived.ref !== undefined) replies.push({ ref: archived.ref, sealed });
  }
  const { number, unopenable, card, submissions, reads } = draft;
  return {
    number,
    submissions,
    reads,
    leaves: [...draft.leaves, ...reports],
    replies,
    mail,
    ...(unopenable === undefined ? {} : { unopenable }),
    ...(card === undefined ? {} : { card }),
  };
}
