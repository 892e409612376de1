/**
 * From the engine's outputs to publications: seals every document, appends every leaf to the log's
 * tree and signs a checkpoint for each publication (docs/spec/log.md §5).
 *
 * Invariants: leaves stand in the order of inputs and, within one, its own leaves first, then a
 * REPORT leaf for each document, then for each archive request; the engine counts the same leaves
 * (asserted). All publications of one input are in one frame of `said/`: a crash leaves all of
 * them or none, and what is not in `said/` was never handed out, so that making it anew cannot
 * show two histories.
 */
import { assert } from "../codec/assert.ts";
import { fromLatin1, sha256, toBase64, toHex } from "../codec/bytes.ts";
import { digest, type OrderId, type Ref } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import type { ArchiveRequest, Document } from "../engine/input.ts";
import { encodeSaid, type Archived } from "../journal/said.ts";
import { printEntry } from "../letter/entry.ts";
import { finishAnswer } from "../letter/report.ts";
import { printCheckpoint } from "../log/checkpoint.ts";
import { printLeaf } from "../log/leaf.ts";
import { printNote } from "../log/note.ts";
import { noticeRefsMax, printNotice } from "../log/notice.ts";
import { encodePublication, type Publication } from "../log/publication.ts";
import { appendLeaf, rootHash, type Frontier } from "../log/tree.ts";
import { sealReport } from "../seal/seal.ts";
import type { Segments } from "../store/segments.ts";
import type { Archive } from "./archive.ts";
import type { Certificates } from "./certificates.ts";
import type { Decided } from "./recovery.ts";
import type { Settings } from "./settings.ts";

/** A publication is closed when it holds this much; far below the airlock's payload limit. */
const publicationBytes = 1_048_576;
/** A frame of `said/` is closed at the next input when it holds this much; far below a segment. */
const frameBytes = 8_388_608;
/** Documents sealed at once. */
const sealsMax = 16;

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

type Draft = { -readonly [Key in keyof Publication]: Publication[Key] } & {
  leaves: string[];
  replies: { ref: Ref; sealed: Uint8Array }[];
  mail: { tag: MailPlace["tag"]; index: number; sealed: Uint8Array }[];
  archive: Archived[];
  bytes: number;
};

export class Publisher {
  readonly #settings: Settings;
  readonly #said: Segments;
  readonly #archive: Archive;
  readonly #certificates: Certificates;
  #frontier: Frontier;

  constructor(
    parts: {
      readonly settings: Settings;
      readonly said: Segments;
      readonly archive: Archive;
      readonly certificates: Certificates;
    },
    frontier: Frontier,
  ) {
    this.#settings = parts.settings;
    this.#said = parts.said;
    this.#archive = parts.archive;
    this.#certificates = parts.certificates;
    this.#frontier = frontier;
  }

  get size(): number {
    return this.#frontier.size;
  }

  /** Seals, signs and stores; when it returns, the batch is on disk and may be handed out. */
  async publish(batch: Batch): Promise<void> {
    const sealed = await this.#sealAll(batch.decided, batch.at);
    let drafts: Draft[] = [];
    const draft = (size = 0): Draft => {
      const last = drafts.at(-1);
      // One document may be larger than a publication should be: it then has one of its own.
      if (last !== undefined && (last.bytes === 0 || last.bytes + size < publicationBytes)) {
        return last;
      }
      const next = emptyDraft(this.#said.last + drafts.length + 1);
      drafts.push(next);
      return next;
    };
    const add = (text: Sealed): void => addSealed(draft(text.bytes.length), text);
    if (batch.card !== undefined) draft().card = batch.card;
    for (let i = 0; i < batch.unopenable.length; i += noticeRefsMax) {
      const next = i === 0 ? draft() : emptyDraft(this.#said.last + drafts.length + 1);
      if (i > 0) drafts.push(next);
      next.unopenable = this.#notice(batch.unopenable.slice(i, i + noticeRefsMax), batch.at);
    }
    for (const { output, number } of batch.decided) {
      for (const leaf of output.leaves) addLeaf(draft(), leaf);
      for (const document of output.documents) add(sealed(document));
      for (const request of output.archive) {
        add(await this.#fromArchive(request, batch, sealed));
      }
      if (drafts.reduce((sum, { bytes }) => sum + bytes, 0) < frameBytes) continue;
      await this.#store(drafts, number);
      drafts = [];
    }
    await this.#store(drafts, batch.upTo);
  }

  async #store(drafts: readonly Draft[], upTo: number): Promise<void> {
    if (drafts.length === 0) return;
    let frontier = this.#frontier;
    const first = this.#said.last + 1;
    const records = drafts.map((draft, i) => {
      for (const leaf of draft.leaves) frontier = appendLeaf(frontier, leaf);
      const { archive, bytes: _, ...publication } = draft;
      const checkpoint = this.#checkpoint(frontier);
      return encodeSaid({
        // Only the frame's last publication says that everything up to there is answered.
        upTo: i === drafts.length - 1 ? upTo : 0,
        frontier,
        publication: encodePublication({ ...publication, checkpoint }),
        archive,
      });
    });
    await this.#said.append(records);
    // From here on it was said: it is found again and may leave the island.
    this.#frontier = frontier;
    drafts.forEach((draft, i) => this.#archive.note(first + i, draft.archive));
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

  async #sealAll(decided: readonly Decided[], at: Time): Promise<(document: Document) => Sealed> {
    const documents = documentsOf(decided);
    const done = new Map<Document, Sealed>();
    for (let i = 0; i < documents.length; i += sealsMax) {
      const some = documents.slice(i, i + sealsMax);
      const bytes = await Promise.all(
        some.map((document) => this.#seal(document.to, document.text, at)),
      );
      some.forEach((document, k) => {
        const sealedBytes = bytes[k];
        assert(sealedBytes !== undefined, "every document was sealed");
        done.set(document, sealedDocument(document, sealedBytes));
      });
    }
    return (document) => {
      const sealed = done.get(document);
      assert(sealed !== undefined, "every document was sealed");
      return sealed;
    };
  }

  async #seal(to: Document["to"], text: string, at: Time): Promise<Uint8Array> {
    const certificate = this.#certificates.of(to);
    assert(certificate !== undefined, "a document goes to a registered customer");
    return sealReport(text, { keys: this.#settings.operating, to: certificate, at });
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
    const sealedText = await this.#seal(to, text, at);
    return { bytes: sealedText, archived: { to, report: undefined, orderId, ref, text: "" } };
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

function sealedDocument(document: Document, bytes: Uint8Array): Sealed {
  const { to, report, text, delivery } = document;
  if (delivery.kind === "mail") {
    const archived = { to, report, orderId: undefined, ref: undefined, text };
    return { bytes, archived, mail: delivery };
  }
  const { ref, stands } = delivery;
  // Only the answer to a letter that counts is the first answer, which a repeat gets again.
  const orderId = stands ? delivery.orderId : undefined;
  return { bytes, archived: { to, report, orderId, ref, text } };
}

function emptyDraft(number: number): Draft {
  return {
    number,
    leaves: [],
    replies: [],
    mail: [],
    checkpoint: "",
    archive: [],
    bytes: 0,
  };
}

function addLeaf(draft: Draft, leaf: string): void {
  draft.leaves.push(leaf);
  draft.bytes += leaf.length;
}

function addSealed(draft: Draft, sealed: Sealed): void {
  const { bytes, archived, mail } = sealed;
  addLeaf(draft, printLeaf({ kind: "report", digest: digest(toHex(sha256(bytes))) }));
  draft.bytes += bytes.length;
  draft.archive.push(archived);
  if (mail !== undefined) draft.mail.push({ tag: mail.tag, index: mail.index, sealed: bytes });
  else if (archived.ref !== undefined) draft.replies.push({ ref: archived.ref, sealed: bytes });
}
