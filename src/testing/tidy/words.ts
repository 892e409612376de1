/**
 * Words that do not stand in this repository, each with what to write instead. STYLE.md and
 * GLOSSARY.md name them on purpose; so does this folder.
 */
import { linesMatching, type Fault, type Tree } from "./tree.ts";

type Ban = readonly [rule: string, pattern: RegExp, instead: string];

const bans: readonly Ban[] = [
  ["word", /\b(?:TODO|FIXME|XXX|HACK)\b/, "do it now, or state the limit honestly with BUG:"],
  ["word", /\bheartbeats?\b/i, "tick"],
  ["word", /\bparcels?\b/i, "bundle"],
  ["word", /\bcancel(?:ed|ing)\b/i, "cancelled, cancelling"],
  ["word", /\bmerkle root\b|\broot of the tree\b/i, "root hash; the offline key is the root key"],
  ["word", /\bseq(?:uence)? lanes?\b|\bletter lanes?\b/i, "thread; a lane belongs to the airlock"],
  ["word", /\bblacklist|\bwhitelist/i, "say what is refused or allowed"],
  [
    "machine path",
    /(?<![\w.~$)}*-])\/(?:work|home|root|tmp|Users)(?=[/"'`\s).,;:]|$)/,
    "a path of one machine: take a folder as an argument, or mkdtemp(os.tmpdir())",
  ],
  [
    "registry",
    /registry\.(?:npmjs|yarnpkg)|npmjs\.org|verdaccio|artifactory|:4873\b|"resolved": *"http/i,
    "no address of a registry belongs here",
  ],
  [
    "name",
    /\b(?:Carol|Carlos|Charlie|Dave|David|Eve|Erin|Mallory|Trudy|Oscar|Peggy|Trent|Bobby|John|Jane)\b/,
    "the people of our examples are Alice and Bob",
  ],
];

const exempt = /^(?:src\/testing\/tidy\/|STYLE\.md$|GLOSSARY\.md$|LICENSE$)/;
const vague = /^(?:utils?|common|helpers?|shared|misc|aux|stuff)$/;

/** Every banned word in every text, and vague names of files and folders. */
export function checkWords(tree: Tree): readonly Fault[] {
  const faults: Fault[] = [];
  for (const [path, text] of tree.texts) {
    if (exempt.test(path)) continue;
    const locked = path === "package-lock.json";
    for (const [rule, pattern, instead] of bans) {
      if (locked && rule !== "registry") continue;
      for (const { line, found } of linesMatching(text, pattern)) {
        faults.push({ file: path, line, rule, says: `"${found}": ${instead}` });
      }
    }
    if (!locked && /\.(?:md|sh|conf|cjs|txt)$|(?:^|\/)run$/.test(path)) {
      for (const { line } of linesMatching(text, /[ \t]+$/)) {
        faults.push({
          file: path,
          line,
          rule: "blank",
          says: "remove the blanks at the line's end",
        });
      }
    }
  }
  for (const path of tree.sizes.keys()) {
    const found = path.split("/").find((part) => vague.test(part.replace(/\..*$/, "")));
    if (found === undefined) continue;
    const says = `"${found}" says nothing: name it after what it is about`;
    faults.push({ file: path, line: 1, rule: "vague name", says });
  }
  return faults;
}
