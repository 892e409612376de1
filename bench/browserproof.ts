/**
 * What verification costs where it happens: runs inside the browser, bundled for it by page.ts.
 * Each figure is the median of several runs, milliseconds.
 */
import { sha256, fromAscii } from "../src/codec/bytes.ts";
import { ed25519PublicKey, signEd25519, verifyEd25519 } from "../src/codec/ed25519.ts";
import { checkInclusion, inclusionProof, type ReadHash } from "../src/log/proof.ts";
import { openCheckpoint, printCheckpoint } from "../src/log/checkpoint.ts";
import { printNote } from "../src/log/note.ts";
import { appendLeaf, emptyFrontier, leafHash, nodeHash, rootHash } from "../src/log/tree.ts";

const leaves = 1000;
const runs = 15;

/** Milliseconds of one inclusion proof, of 1,000 leaves appended, of one checkpoint's signature. */
export function measure(): { inclusion: number; append: number; signature: number } {
  const lines = Array.from({ length: leaves }, (_, i) => `TRADE|${i + 1}|GLD/BTC|40|4210|x|buy`);
  let tree = emptyFrontier();
  const append = median(() => {
    tree = emptyFrontier();
    for (const line of lines) tree = appendLeaf(tree, line);
  });
  const hashes = lines.map((line) => leafHash(line));
  const read: ReadHash = ({ level, index }) => subtree(hashes, level, index);
  const proof = inclusionProof(400, leaves, read);
  const head = { size: leaves, root: rootHash(tree) };
  const inclusion = median(() => {
    const leaf = { index: 400, hash: leafHash(lines[400] ?? "") };
    if (!checkInclusion(leaf, head, proof).ok) throw new Error("the proof must hold");
  }, 100);
  const seed = sha256(fromAscii("bench"));
  const log = { name: "signet.log/bench", publicKey: ed25519PublicKey(seed) };
  const text = printCheckpoint({ origin: log.name, size: leaves, root: head.root });
  const note = printNote(text, { ...log, sign: (message) => signEd25519(message, seed) });
  const signature = median(() => {
    if (!openCheckpoint(note, log, verifyEd25519).ok) throw new Error("the signature must hold");
  }, 10);
  return { inclusion, append, signature };
}

function subtree(hashes: readonly Uint8Array[], level: number, index: number): Uint8Array {
  if (level === 0) return hashes[index] ?? new Uint8Array(32);
  const [left, right] = [index * 2, index * 2 + 1];
  return nodeHash(subtree(hashes, level - 1, left), subtree(hashes, level - 1, right));
}

/** A browser's clock is coarse: so many `repeats` at once. */
function median(work: () => void, repeats = 1): number {
  const times = Array.from({ length: runs }, () => {
    const begun = performance.now();
    for (let i = 0; i < repeats; i += 1) work();
    return (performance.now() - begun) / repeats;
  });
  return times.toSorted((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
}
