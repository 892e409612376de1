/**
 * Each house rule catches a fault planted for it, at its line, and says nothing of a clean tree.
 */
import { test } from "node:test";
import { deepEqual, match } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkBrowserClosure, checkIslandClosure, islandEntry } from "./closure.ts";
import { functionsOf } from "./functions.ts";
import { checkDead, checkImports, checkPackages } from "./imports.ts";
import { checkFigures, checkLinks, checkPrecedence } from "./pages.ts";
import { checkProbe } from "./probe.ts";
import { checkCasts, checkPurity } from "./purity.ts";
import { checkSizes } from "./sizes.ts";
import { readSource } from "./source.ts";
import { loadTree, plantTree, type Fault, type Tree } from "./tree.ts";
import { checkWords } from "./words.ts";

const root = join(import.meta.dirname, "..", "..", "..");

const architecture = `# A house

| folder | imports | npm |
|---|---|---|
| codec | – | @scure/base |
| letter | codec | – |
| island | codec letter | – |
| relay | codec | – |
| bin | anything | – |
| testing | anything | anything |
| tests | testing | fast-check |

| package | why |
|---|---|
| @scure/base | strict base64 |
| fast-check | random tests |
`;

const clean: Readonly<Record<string, string>> = {
  "ARCHITECTURE.md": architecture,
  "README.md": "# Read [the letter](docs/spec/refusals.md#top) and [src](src/codec/)\n",
  "package.json": JSON.stringify({
    dependencies: { "@scure/base": "2.4.0" },
    devDependencies: { "fast-check": "4.10.2" },
    bin: { signet: "./src/bin/island.ts" },
  }),
  "tsconfig.pure.json": `// pure\n{ "include": ["src/codec", "src/letter"] }`,
  "docs/spec/refusals.md":
    "# Refusals\n\n| name | when |\n|---|---|\n| `too_long` | a |\n| `late` | b |\n",
  "src/codec/bytes.ts": `/** Bytes. */\nimport { base64 } from "@scure/base";\nexport const bytes: unknown = base64 as never;\n`,
  "src/letter/command.ts":
    `/** Commands. */\nimport { bytes } from "../codec/bytes.ts";\n` +
    `export const letterRefusals = [\n  "too_long", // first\n  "late",\n] as const;\n` +
    `export const read: unknown = bytes ?? /a"b\\/[/]/.test("x as y");\n`,
  "src/letter/command.test.ts": `// Commands.\nimport fc from "fast-check";\nimport { read, letterRefusals } from "./command.ts";\nfc.assert(read as never, letterRefusals);\n`,
  "src/island/island.ts": `/** The island. */\nimport { read } from "../letter/command.ts";\nexport const island: unknown = read;\n`,
  "src/bin/island.ts": `#!/usr/bin/env node\n// Starts it.\nimport { readFileSync } from "node:fs";\nimport { island } from "../island/island.ts";\nreadFileSync(String(island));\n`,
};

const rules: readonly ((tree: Tree) => readonly Fault[])[] = [
  checkImports,
  checkPackages,
  checkDead,
  checkSizes,
  checkWords,
  checkPurity,
  checkCasts,
  checkLinks,
  checkFigures,
  checkPrecedence,
  checkIslandClosure,
  checkBrowserClosure,
];

function found(files: Readonly<Record<string, string>>): readonly string[] {
  const tree = plantTree(root, files);
  return rules.flatMap((rule) =>
    rule(tree).map((fault) => `${fault.file}:${fault.line} ${fault.rule}`),
  );
}

function body(lines: number): string {
  return "  read();\n".repeat(lines);
}

const bin = "src/bin/extra.ts";
const island = "src/island/island.ts";
const islandText = clean[island] ?? "";
const page = "docs/guide/page.md";

/**
 * A file put into the clean tree, and the faults it must cause: `line rule`, all of them in that
 * file.
 */
const planted: readonly (readonly [what: string, path: string, text: string, faults: string[]])[] =
  [
    ["folder without a row", "src/shop/x.test.ts", "// X.\n", ["1 folder"]],
    [
      "import outside the table",
      "src/relay/x.test.ts",
      `// X.\n\nimport "../letter/command.ts";\n`,
      ["3 import"],
    ],
    [
      "type import outside the table",
      "src/relay/x.test.ts",
      `// X.\nimport type { A } from\n  "../letter/command.ts";\n`,
      ["3 import"],
    ],
    ["import of bin", "src/testing/x.test.ts", `// X.\nimport "../bin/island.ts";\n`, ["2 import"]],
    ["import of a test", bin, `// X.\nimport "../letter/command.test.ts";\n`, ["2 import"]],
    ["a module of Node without node:", bin, `// X.\nimport "fs";\n`, ["2 import"]],
    ["another folder's package", bin, `// X.\nawait import("@scure/base");\n`, ["2 npm owner"]],
    ["a package of nobody", bin, `// X.\nimport "left-pad";\n`, ["2 npm owner"]],
    ["test packages outside tests", bin, `// X.\nimport "fast-check";\n`, ["2 npm owner"]],
    [
      "a package of nobody, in testing",
      "src/testing/x.test.ts",
      `// X.\nimport "@scure/base";\nimport "left-pad";\n`,
      ["3 npm owner"],
    ],
    ["dead file", "src/codec/dead.ts", "/** Dead. */\n", ["1 dead file"]],
    ["dead page script", "src/web/dead.ts", "/** Dead. */\n", ["1 folder", "1 dead file"]],
    [
      "cast between tags, after an apostrophe and a closing tag",
      "src/web/x.tsx",
      "/** X. */\nconst x = (\n  <p>\n    don't as <b>{y}</b>\n    {y as Foo}\n  </p>\n);\n",
      ["1 folder", "1 dead file", "5 cast"],
    ],
    ["dead export", island, `${islandText}export function unused(): void {}\n`, ["4 dead export"]],
    ["long file", bin, `// X.\n${"read();\n".repeat(500)}`, ["501 file length"]],
    [
      "long template",
      bin,
      `// X.\nread(\`\n${"x".repeat(101)}\n\`);\n//${"x".repeat(99)}\n`,
      ["5 line length"],
    ],
    [
      "long line",
      bin,
      `// X.\nread("${"x".repeat(100)}", ${"y".repeat(100)});\nread("${"x".repeat(100)}");\n`,
      ["2 line length"],
    ],
    [
      "long function",
      bin,
      `// X.\nfunction long(): { a: 1 } {\n${body(69)}}\nlong();\n`,
      ["2 function length"],
    ],
    ["long arrow", bin, `// X.\nread(async (x) => {\n${body(69)}});\n`, ["2 function length"]],
    [
      "long method",
      bin,
      `// X.\nclass Read {\n  read(x: number): void {\n${body(69)}  }\n}\n`,
      ["3 function length"],
    ],
    ["no header", bin, `#!/usr/bin/env node\nread();\n`, ["1 header"]],
    [
      "a test that starts processes",
      "src/letter/x.test.ts",
      `// X.\nimport "node:child_process";\n`,
      ["2 test name"],
    ],
    [
      "a hook before the tests of every file",
      "src/letter/x.test.ts",
      `// X.\nimport { beforeEach } from "node:test";\nbeforeEach(() => {});\n`,
      ["3 test hook"],
    ],
    ["blob", page, "x".repeat(300_001), ["1 blob"]],
    ["work left undone", page, "so\nTODO: more\n", ["2 word"]],
    ["another's word", page, "a heartbeat\n", ["1 word"]],
    ["path of a machine", page, "in `/home/alice/x`\n", ["1 machine path"]],
    ["registry", page, "http://localhost:4873/\n", ["1 registry"]],
    ["a third person", page, "Alice pays Carol\n", ["1 name"]],
    ["blank at the end", page, "so \n", ["1 blank"]],
    ["vague name", "src/bin/utils.ts", "// X.\n", ["1 vague name"]],
    [
      "clock in a pure folder",
      "src/letter/command.ts",
      `${clean["src/letter/command.ts"]}Date.now();\n`,
      ["8 purity"],
    ],
    [
      "disk in a pure folder",
      "src/letter/command.ts",
      `${clean["src/letter/command.ts"]}import "node:fs";\n`,
      ["8 purity"],
    ],
    [
      "cast",
      bin,
      "// X.\nimport { a as b } from './y.js';\nread(b as string, [1] as const);\n",
      ["3 cast"],
    ],
    ["broken link", page, "so\n[x](gone.md)\n", ["2 link"]],
    ["page named in a comment", bin, "// See docs/spec/gone.md.\n", ["1 link"]],
    [
      "refusals in another order",
      "docs/spec/refusals.md",
      "\n| `late` | b |\n| `too_long` | a |\n",
      ["2 precedence"],
    ],
    [
      "refusals that the page lacks",
      "docs/spec/refusals.md",
      "\n| `too_long` | a |\n",
      ["1 precedence"],
    ],
    [
      "a refusal that the code lacks",
      "docs/spec/refusals.md",
      "\n| `too_long` | a |\n| `late` | b |\n| `odd` | c |\n",
      ["4 precedence"],
    ],
    ["socket in the island", island, `${islandText}import "node:net";\n`, ["4 island closure"]],
    [
      "a thread outside its folder",
      island,
      `${islandText}import { Worker } from "node:worker_threads";\nnew Worker("./x.ts");\n`,
      ["4 island closure", "5 island closure"],
    ],
    ["fetch in the island", island, `${islandText}fetch("x");\n`, ["4 island closure"]],
    [
      "time in codec reaches the island",
      "src/codec/bytes.ts",
      `${clean["src/codec/bytes.ts"]}import "node:tls";\n`,
      ["4 purity", "4 island closure"],
    ],
  ];

test("a clean tree has no fault", () => {
  deepEqual(found(clean), []);
});

for (const [what, path, text, faults] of planted) {
  test(`planted: ${what}`, () => {
    deepEqual(
      found({ ...clean, [path]: text }),
      faults.map((fault) => `${path}:${fault}`),
    );
  });
}

test("planted: loose version, missing reason, missing owner, reason for nothing", () => {
  const dependencies = { "@scure/base": "^2.4.0", "left-pad": "1.3.0" };
  deepEqual(found({ ...clean, "package.json": JSON.stringify({ dependencies }) }), [
    "package.json:1 npm package",
    "package.json:1 npm package",
    "package.json:1 npm package",
    "ARCHITECTURE.md:11 npm package",
  ]);
});

test("planted: a figure that the code does not have", () => {
  const figures = "\nAt most 1,024 lines (`linesMax`), 7 (`bytes`)\n";
  deepEqual(
    found({
      ...clean,
      "ARCHITECTURE.md": architecture + figures,
      [island]: `${islandText}export const linesMax: number = 2 * 1_000;\nexport const linesRefusals = linesMax;\n`,
    }),
    [
      "src/island/island.ts:4 dead export",
      "ARCHITECTURE.md:18 figure",
      "ARCHITECTURE.md:18 figure",
    ],
  );
});

test("planted: a script for a program that is gone", () => {
  const manifest = (clean["package.json"] ?? "").replace("src/bin/island.ts", "src/bin/tour.ts");
  deepEqual(found({ ...clean, "package.json": manifest }), ["package.json:1 link"]);
});

test("planted: the island loses its program", () => {
  const rest = Object.entries(clean).filter(([path]) => path !== islandEntry);
  deepEqual(found(Object.fromEntries(rest)), [
    "src/island/island.ts:1 dead file",
    "src/island/island.ts:3 dead export",
    "package.json:1 link",
    "src/bin/island.ts:1 island closure",
  ]);
});

test("planted: what a browser loads names a module of Node", () => {
  const tree = {
    ...clean,
    "ARCHITECTURE.md": architecture.replace("| bin |", "| web | codec |  |\n| bin |"),
    "package.json": (clean["package.json"] ?? "").replace(
      "{",
      '{"imports":{"#machine":{"browser":"./src/web/machine.ts","default":"./src/relay/machine.ts"}},',
    ),
    "tsconfig.web.json": `{ "include": ["src/web", "src/relay"], "exclude": ["src/relay/machine.ts"] }`,
    "src/relay/portable.ts": `/** Portable. */\nimport { x } from "#machine";\nx();\n`,
    "src/relay/machine.ts": `/** Node. */\nimport "node:fs";\nexport function x(): void {}\n`,
    "src/web/machine.ts": `/** Browser. */\nexport function x(): void {}\n`,
    "src/bin/extra.ts": `// X.\nimport "../relay/portable.ts";\n`,
  };
  deepEqual(found(tree), []);
  const portable = `/** Portable. */\nimport { x } from "#machine";\nimport "./machine.ts";\nx();\n`;
  deepEqual(found({ ...tree, "src/relay/portable.ts": portable }), [
    "src/relay/machine.ts:2 browser closure",
  ]);
  deepEqual(found({ ...tree, "src/web/machine.ts": tree["src/relay/machine.ts"] }), [
    "src/web/machine.ts:2 browser closure",
  ]);
});

test("planted: a name of the machine that a folder may not have, or that nothing means", () => {
  const imports = `{"imports":{"#machine":"./src/codec/bytes.ts","#letters":"./src/letter/command.ts"},`;
  const tree = {
    ...clean,
    "package.json": (clean["package.json"] ?? "").replace("{", imports),
    "src/relay/x.test.ts": `// X.\nimport "#machine";\nimport "#letters";\nimport "#none";\n`,
  };
  deepEqual(found(tree), ["src/relay/x.test.ts:3 import", "src/relay/x.test.ts:4 npm owner"]);
});

test("planted: an installed package brings a socket to the island", () => {
  // commander starts subcommands as processes: a real package with a forbidden import, one level
  // down.
  const said = found({
    ...clean,
    "ARCHITECTURE.md": architecture.replace(
      "| bin | anything | – |",
      "| bin | anything | commander |",
    ),
    "src/bin/island.ts": `${clean["src/bin/island.ts"]}import "commander";\n`,
  });
  match(said.join("\n"), /^node_modules\/commander\/lib\/command\.js:\d+ island closure$/m);
});

test("planted: a thread's script brings a socket to the island; another one makes a thread", () => {
  const script = `new URL("../../relay/script.ts", import.meta.url)`;
  const pool = `import "./pool.ts";\n`;
  const worker = `import { Worker } from "node:worker_threads";\n`;
  const said = found({
    ...clean,
    "src/relay/script.ts": `// A thread.\nimport "node:net";\n`,
    "src/island/workers/pool.ts": `// Threads.\n${worker}new Worker(${script});\n`,
    "src/island/workers/thread.ts": `// One.\n${worker}${pool}new Worker(${script}, { eval: 0 });\n`,
    [island]: `${islandText}import "./workers/thread.ts";\n`,
  });
  deepEqual(said.toSorted(), [
    "src/island/workers/pool.ts:3 island closure",
    "src/island/workers/thread.ts:4 island closure",
    "src/relay/script.ts:2 island closure",
  ]);
});

test("words that only look like an import are none", () => {
  const text = 'read(`${from}"x" ${from})`, y.from, "a", import.meta.url, "from", "b");\n';
  deepEqual(readSource("x.ts", text).imports, []);
});

test("what a mask hides: comments, strings, templates, regular expressions", () => {
  const text =
    "const a = `x ${b ? `y ${'}'}` : {}} Date`; // Date\n" +
    'const c = /[/\'"]Date/.test(\'Date\') ? 4 / 2 / 1 : "\\"Date"; /* Date */ Date;\n';
  const { code } = readSource("x.ts", text);
  deepEqual(
    [...code.matchAll(/Date/g)].map(({ index }) => index),
    [text.lastIndexOf("Date")],
  );
  deepEqual(code.length, text.length);
});

test("functions are measured from head to brace, and types are not bodies", () => {
  const text =
    "function a(\n  x: number,\n): { y: number } {\n  if (x) {\n  }\n}\n" +
    "type F = (x: number) => void;\nconst b = c(d) ? e(f) : { g: 1 };\n" +
    "describe('suite', () => {\n  test('x', () => {\n  });\n});\n";
  deepEqual(
    functionsOf(readSource("x.ts", text)).map(({ line, lines, suite }) => [line, lines, suite]),
    [
      [1, 6, false],
      [9, 4, true],
      [10, 2, false],
    ],
  );
});

test("a tree on disk is read as it stands, and a pure world with a DOM is caught", () => {
  mkdirSync(join(root, "build"), { recursive: true });
  const folder = mkdtempSync(join(root, "build", "planted-"));
  try {
    mkdirSync(join(folder, "src", "shop"), { recursive: true });
    writeFileSync(join(folder, "src", "shop", "x.ts"), "export {};\n");
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(
      join(folder, "tsconfig.pure.json"),
      `{ "compilerOptions": { "lib": ["es2024", "dom"], "types": [] }, "include": ["src/shop"] }`,
    );
    const tree = loadTree(folder);
    deepEqual([...tree.sizes.keys()].toSorted(), ["src/shop/x.ts", "tsconfig.pure.json"]);
    deepEqual(
      checkImports(tree).map(({ rule }) => rule),
      ["folder"],
    );
    deepEqual(
      checkProbe(folder).map(({ says }) => says.split(" ")[0]),
      ["fetch", "setTimeout", "console", "TextEncoder", "crypto"],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
