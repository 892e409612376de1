/**
 * What a witness must never forget: its key, and the checkpoint it cosigned last.
 *
 *   DIR/key.pem           its Ed25519 key, made at the first start
 *   DIR/name              its name, given or made then
 *   DIR/checkpoint        the last checkpoint, as the log signed it
 *   DIR/fork              the first proof that the log told two histories, if it ever did
 *   DIR/lock              one process at a time
 *
 * Judging, writing and signing happen without giving way to anything else, in this order. If we die
 * before the write is on disk, nobody has a cosignature and the old checkpoint stands; after it,
 * the new one stands whether or not somebody heard, and asking again brings the cosignature.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "../codec/bytes.ts";
import { accept, type Verdict } from "../codec/verdict.ts";
import { judgeCheckpoint, type AddCheckpoint, type WitnessRefusal } from "../log/addcheckpoint.ts";
import { openCheckpoint, printCheckpoint, type Checkpoint } from "../log/checkpoint.ts";
import { printCosignature } from "../log/cosignature.ts";
import { printFork } from "../log/fork.ts";
import { decodeNote, encodeNote, type Signer, type Verifier } from "../log/note.ts";
import { readIfPresent, writeDurablySync } from "../store/durable.ts";
import { lockDirectory } from "../store/lock.ts";
import { newKeyText, publicKeyOf, readKeyText, signerOf, verifyEd25519 } from "./ed25519.ts";

type Known = { readonly note: string; readonly checkpoint: Checkpoint };

export class WitnessMemory {
  readonly signer: Signer;
  readonly log: Verifier;
  readonly #dir: string;
  readonly #unlock: () => void;
  #last: Known | undefined;

  /** Opens the folder, made at the first start; `name` is the witness's own, for ever. */
  constructor(dir: string, log: Verifier, name: string | undefined) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.#dir = dir;
    this.#unlock = lockDirectory(dir);
    this.log = log;
    try {
      const key = readKeyText(this.#readOr("key.pem", newKeyText));
      const own = `signet.witness/${toHex(publicKeyOf(key).subarray(0, 8))}`;
      const known = this.#readOr("name", () => `${name ?? own}\n`).trim();
      if (name !== undefined && name !== known) {
        throw new Error(`couldn't be ${name}: the witness in ${dir} is ${known}`);
      }
      this.signer = signerOf(known, key);
      this.#last = this.#known();
    } catch (cause) {
      this.#unlock();
      throw cause;
    }
  }

  close(): void {
    this.#unlock();
  }

  /** How many leaves the checkpoint has that was cosigned last; 0: none yet. */
  get size(): number {
    return this.#last?.checkpoint.size ?? 0;
  }

  /** The cosignature line for a checkpoint, after it is on disk; or why there is none. */
  cosign(request: AddCheckpoint, seconds: number): Verdict<string, WitnessRefusal> {
    const last = this.#last?.checkpoint;
    const judged = judgeCheckpoint(request, { log: this.log, verify: verifyEd25519, last });
    const note = request.checkpoint;
    if (!judged.ok) {
      if (judged.name === "root_differs") this.#keepFork(note);
      return judged;
    }
    if (last === undefined || last.size < judged.value.size) {
      this.#write("checkpoint", encodeNote(note));
      this.#last = { note, checkpoint: judged.value };
    }
    return accept(printCosignature(printCheckpoint(judged.value), seconds, this.signer));
  }

  /** Two checkpoints of one size: the log's word against the log's word. The first proof stands. */
  #keepFork(second: string): void {
    if (this.#last === undefined || this.#read("fork") !== undefined) return;
    const text = printFork({ first: this.#last.note, second });
    this.#write("fork", encodeNote(text));
  }

  #known(): Known | undefined {
    const note = this.#read("checkpoint");
    if (note === undefined) return undefined;
    const opened = openCheckpoint(note, this.log, verifyEd25519);
    if (!opened.ok) {
      throw new Error(`couldn't take ${join(this.#dir, "checkpoint")} for one of ${this.log.name}`);
    }
    return { note, checkpoint: opened.value };
  }

  /** What the file says; what `make` gives, written there, if there is none. */
  #readOr(name: string, make: () => string): string {
    const known = this.#read(name);
    if (known !== undefined) return known;
    const text = make();
    this.#write(name, encodeNote(text));
    return text;
  }

  #read(name: string): string | undefined {
    const path = join(this.#dir, name);
    const bytes = readIfPresent(path);
    const text = bytes && decodeNote(bytes);
    if (bytes !== undefined && text === undefined)
      throw new Error(`couldn't read ${path}: garbage`);
    return text;
  }

  #write(name: string, bytes: Uint8Array): void {
    writeDurablySync(join(this.#dir, name), bytes);
  }
}
