/**
 * Sizes and shapes: lines, functions, files, the header comment, large blobs, how tests are named.
 */
import { functionsOf } from "./functions.ts";
import { lineAt, type Literal } from "./source.ts";
import { isTest, type Fault, type Tree } from "./tree.ts";

const fileLinesMax = 500;
const functionLinesMax = 70;
const columnsMax = 100;
const solidityColumnsMax = 145;
const blobBytesMax = 300_000;

/** Every size rule over every file. */
export function checkSizes(tree: Tree): readonly Fault[] {
  const faults: Fault[] = [];
  for (const { path, text, literals } of tree.sources) {
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    if (lines.length > fileLinesMax) {
      const says = `${lines.length} lines, at most ${fileLinesMax}: split it along its nouns`;
      faults.push({ file: path, line: fileLinesMax + 1, rule: "file length", says });
    }
    const quoted = quotedColumns(text, literals);
    lines.forEach((line, i) => {
      if (line.length - (quoted.get(i + 1) ?? 0) <= columnsMax) return;
      const says = `${line.length} columns, at most ${columnsMax}`;
      faults.push({ file: path, line: i + 1, rule: "line length", says });
    });
    if (!/^(?:#![^\n]*\n)?\s*(?:\/\*|\/\/)/.test(text)) {
      const says =
        "begin with a comment: what this file is, its format or algorithm, its invariants";
      faults.push({ file: path, line: 1, rule: "header", says });
    }
  }
  faults.push(...checkSolidity(tree));
  for (const [path, size] of tree.sizes) {
    if (size <= blobBytesMax || path === "package-lock.json") continue;
    const says = `${size} bytes, at most ${blobBytesMax}: generate it, or make it smaller`;
    faults.push({ file: path, line: 1, rule: "blob", says });
  }
  return [...faults, ...checkFunctions(tree), ...checkTestNames(tree)];
}

/** Contracts: as short files, somewhat longer lines; comments of sections are drawn to the edge. */
function checkSolidity(tree: Tree): readonly Fault[] {
  return [...tree.texts].flatMap(([path, text]) => {
    if (!path.endsWith(".sol")) return [];
    const lines = text.trimEnd().split("\n");
    const faults: Fault[] = [];
    if (lines.length > fileLinesMax) {
      const says = `${lines.length} lines, at most ${fileLinesMax}: split it along its nouns`;
      faults.push({ file: path, line: fileLinesMax + 1, rule: "file length", says });
    }
    for (const [i, line] of lines.entries()) {
      if (line.length <= solidityColumnsMax) continue;
      const says = `${line.length} columns, at most ${solidityColumnsMax}`;
      faults.push({ file: path, line: i + 1, rule: "line length", says });
    }
    return faults;
  });
}

/**
 * How many columns of each line are the inside of a literal. They do not count: a sentence in
 * quotes is whole so that it can be searched for, and a line of a template is somebody else's
 * format.
 */
function quotedColumns(text: string, literals: readonly Literal[]): ReadonlyMap<number, number> {
  const columns = new Map<number, number>();
  for (const { start, value } of literals) {
    let line = lineAt(text, start);
    for (const part of value.split("\n")) {
      columns.set(line, (columns.get(line) ?? 0) + part.length);
      line += 1;
    }
  }
  return columns;
}

function checkFunctions(tree: Tree): readonly Fault[] {
  return tree.sources.flatMap((source) =>
    functionsOf(source)
      .filter(({ lines, suite }) => lines > functionLinesMax && !suite)
      .map(({ line, lines }) => ({
        file: source.path,
        line,
        rule: "function length",
        says: `${lines} lines, at most ${functionLinesMax}: keep the decisions, move arithmetic to leaves`,
      })),
  );
}

/** A test that starts processes says so in its name, and then runs alone. */
function checkTestNames(tree: Tree): readonly Fault[] {
  return tree.sources.flatMap(({ path, text, imports }) => {
    if (!isTest(path) || path.endsWith(".process.test.ts")) return [];
    const faults: Fault[] = [];
    const found = imports.find(({ specifier }) => specifier === "node:child_process");
    if (found !== undefined) {
      const says =
        "this test starts processes: name it x.process.test.ts (STYLE.md), so that it runs alone";
      faults.push({ file: path, line: found.line, rule: "test name", says });
    }
    const hook = /^(?:before|after)Each\(/m.exec(text);
    if (hook !== null) {
      const says = "it runs for the tests of every file, all in one process: call it in each test";
      faults.push({ file: path, line: lineAt(text, hook.index), rule: "test hook", says });
    }
    return faults;
  });
}
