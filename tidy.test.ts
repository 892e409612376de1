/**
 * The house rules that no compiler checks, executed over the repository: the import table, sizes,
 * words, purity, dead files, what the island can reach, pages against code. STYLE.md says why.
 * That each rule catches what it should is shown in src/testing/tidy/planted.test.ts.
 */
import { test } from "node:test";
import { fail } from "node:assert/strict";
import { checkBrowserClosure, checkIslandClosure } from "./src/testing/tidy/closure.ts";
import { checkDead, checkImports, checkPackages } from "./src/testing/tidy/imports.ts";
import { checkFigures, checkLinks, checkPrecedence } from "./src/testing/tidy/pages.ts";
import { checkProbe } from "./src/testing/tidy/probe.ts";
import { checkCasts, checkPurity } from "./src/testing/tidy/purity.ts";
import { checkSizes } from "./src/testing/tidy/sizes.ts";
import { loadTree, type Fault } from "./src/testing/tidy/tree.ts";
import { checkWords } from "./src/testing/tidy/words.ts";

const tree = loadTree(import.meta.dirname);

function clean(name: string, faults: readonly Fault[]): void {
  test(`tidy: ${name}`, () => {
    const said = faults.map(({ file, line, rule, says }) => `${file}:${line}  ${rule}: ${says}\n`);
    if (said.length > 0) fail(`${said.length} against the rules of STYLE.md:\n${said.join("")}`);
  });
}

clean("every import is in the table of ARCHITECTURE.md", checkImports(tree));
clean("every npm package is pinned, owned and has a reason", checkPackages(tree));
clean("no file and no exported value is dead", checkDead(tree));
clean("files, functions and lines are short; files have a header", checkSizes(tree));
clean("words and names", checkWords(tree));
clean("the pure folders name no clock, no randomness, no machine", checkPurity(tree));
clean("casts stand only where brands are made", checkCasts(tree));
clean("links and paths exist", checkLinks(tree));
clean("figures with a name are those of the code", checkFigures(tree));
clean("refusals stand in the order of their precedence", checkPrecedence(tree));
clean("the island can reach no network", checkIslandClosure(tree));
clean("what a browser loads names nothing of Node", checkBrowserClosure(tree));
clean("machines are type errors in the pure world", checkProbe(import.meta.dirname));
