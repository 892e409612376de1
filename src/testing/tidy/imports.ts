/**
 * Who imports whom, which folder owns which npm package, which file and which exported value nobody
 * uses. The tables are in ARCHITECTURE.md; the versions in package.json.
 */
import { posix } from "node:path";
import { isBuiltin } from "node:module";
import { machineFile, packageName } from "./resolve.ts";
import { lineAt, type Source } from "./source.ts";
import { importTable, owned, packageReasons, type Row } from "./table.ts";
import { folderOf, isTest, type Fault, type Tree } from "./tree.ts";

/** Every import against the table. */
export function checkImports(tree: Tree): readonly Fault[] {
  const table = importTable(tree);
  const faults: Fault[] = [];
  for (const source of tree.sources) {
    const folder = folderOf(source.path);
    if (folder === undefined) continue;
    const row = table.get(folder);
    if (row === undefined) {
      faults.push({
        file: source.path,
        line: 1,
        rule: "folder",
        says: `src/${folder}/ has no row in the import table of ARCHITECTURE.md: add one, or move the file`,
      });
      continue;
    }
    faults.push(...importFaults(tree, source, { folder, row, table }));
  }
  return faults;
}

function importFaults(
  tree: Tree,
  source: Source,
  about: {
    readonly folder: string;
    readonly row: Row;
    readonly table: ReadonlyMap<string, Row>;
  },
): readonly Fault[] {
  const { folder, row, table } = about;
  const test = isTest(source.path);
  const extra = test ? table.get("tests") : undefined;
  return source.imports.flatMap(({ specifier, line }): readonly Fault[] => {
    const fault = (rule: string, says: string): readonly Fault[] => [
      { file: source.path, line, rule, says },
    ];
    if (isBuiltin(specifier)) {
      return specifier.startsWith("node:")
        ? []
        : fault("import", `write "node:${specifier}", so that a package cannot take its place`);
    }
    // A name of package.json's `imports` is the file that it has under Node: the one for browsers
    // does the same, and who may have it is not a question of folders.
    const machine = specifier[0] === "#" ? machineFile(tree, specifier, "node") : undefined;
    if (specifier[0] !== "." && machine === undefined) {
      const name = packageName(specifier);
      const owner = [...table].find(([, other]) => owned(other).has(name))?.[0];
      if (row.npm === "anything" ? owner !== undefined : row.npm.has(name)) return [];
      if (extra !== undefined && owned(extra).has(name)) return [];
      return fault(
        "npm owner",
        owner === undefined
          ? `${name} has no owning folder in ARCHITECTURE.md: add it there with a reason, or do without`
          : `only ${owner} imports ${name}: ask ${owner} for what you need`,
      );
    }
    const target = machine ?? resolved(source.path, specifier);
    if (isTest(target))
      return fault("import", "nobody imports a test: move what is shared out of it");
    const other = folderOf(target);
    if (other === undefined || other === folder) return [];
    const allowed = (set: Row["imports"] | undefined): boolean =>
      set === "anything" ? other !== "bin" : set?.has(other) === true;
    return allowed(row.imports) || allowed(extra?.imports)
      ? []
      : fault("import", `${folder} may not import ${other} (table in ARCHITECTURE.md)`);
  });
}

/** Exact versions, one owner and one reason for each package; and no row for what is gone. */
export function checkPackages(tree: Tree): readonly Fault[] {
  const text = tree.texts.get("package.json") ?? "{}";
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(text);
  const table = importTable(tree);
  const reasons = packageReasons(tree);
  const faults: Fault[] = [];
  const fault = (file: string, word: string, says: string): void => {
    const line = lineAt(tree.texts.get(file) ?? "", (tree.texts.get(file) ?? "").indexOf(word));
    faults.push({ file, line, rule: "npm package", says });
  };
  const kinds = ["dependencies", "devDependencies", "optionalDependencies"];
  const all = new Map(kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {})));
  for (const [name, version] of all) {
    if (!/^\d+\.\d+\.\d+$/.test(version)) {
      fault("package.json", `"${name}"`, `${name} "${version}": pin one exact version`);
    }
    if ((reasons.get(name) ?? "") === "") {
      fault(
        "package.json",
        `"${name}"`,
        `${name} has no reason in ARCHITECTURE.md: add a row there`,
      );
    }
    const owners = [...table].filter(([, row]) => owned(row).has(name)).map(([folder]) => folder);
    if (owners.length > 1) {
      fault(
        "ARCHITECTURE.md",
        name,
        `${name} has ${owners.length} owners (${owners.join(", ")}): one`,
      );
    }
    if (owners.length === 0 && manifest["dependencies"]?.[name] !== undefined) {
      fault("package.json", `"${name}"`, `${name} has no owning folder in the import table`);
    }
  }
  const named = new Set(reasons.keys());
  for (const row of table.values()) for (const name of owned(row)) named.add(name);
  for (const name of named) {
    if (!all.has(name)) {
      fault("ARCHITECTURE.md", name, `${name} is not in package.json: remove it here`);
    }
  }
  return faults;
}

/** Files that nothing imports, starts or names, and exported values that no other file names. */
export function checkDead(tree: Tree): readonly Fault[] {
  const named = new Set<string>();
  for (const source of tree.sources) {
    for (const { value } of source.literals) {
      if (/^\..*\.tsx?$/.test(value)) named.add(resolved(source.path, value));
      else if (/^(?:src|sim|bench|contracts)\/.*\.ts$/.test(value)) named.add(value);
    }
  }
  // A page starts its entry module.
  for (const [path, text] of tree.texts) {
    if (!path.endsWith(".html")) continue;
    for (const [, value = ""] of text.matchAll(/<script [^>]*src="(\.[^"]+)"/g)) {
      named.add(resolved(path, value));
    }
  }
  for (const match of (tree.texts.get("package.json") ?? "").matchAll(/[\w./-]+\.ts\b/g)) {
    named.add(posix.normalize(match[0]));
  }
  const namedIn = filesByWord(tree);
  const faults: Fault[] = [];
  for (const source of tree.sources) {
    const { path } = source;
    const entry = isTest(path) || /^(?:(?:src\/bin|bench)\/|vite\.config\.ts$)/.test(path);
    if (!entry && !named.has(path)) {
      const says = "nothing imports or starts this file: use it or remove it";
      faults.push({ file: path, line: 1, rule: "dead file", says });
    }
    if (folderOf(path) !== undefined) faults.push(...deadExports(source, namedIn));
  }
  return faults;
}

/** Which files name which word, outside comments and strings. */
function filesByWord(tree: Tree): ReadonlyMap<string, ReadonlySet<string>> {
  const files = new Map<string, Set<string>>();
  for (const { path, code } of tree.sources) {
    for (const [word] of code.matchAll(/[A-Za-z_$][\w$]*/g)) {
      const known = files.get(word);
      if (known === undefined) files.set(word, new Set([path]));
      else known.add(path);
    }
  }
  return files;
}

function deadExports(
  source: Source,
  namedIn: ReadonlyMap<string, ReadonlySet<string>>,
): readonly Fault[] {
  const faults: Fault[] = [];
  const pattern = /^export (?:async )?(?:const|let|function\*?|class) (\w+)/gm;
  for (const match of source.code.matchAll(pattern)) {
    const name = match[1] ?? "";
    // The lists of refusals are there to be read, whoever uses them.
    if ((namedIn.get(name)?.size ?? 0) > 1 || /[rR]efusals$/.test(name)) continue;
    faults.push({
      file: source.path,
      line: lineAt(source.code, match.index),
      rule: "dead export",
      says: `no other file names ${name}: remove "export", or the whole of it`,
    });
  }
  return faults;
}

/** The path from the root that a relative specifier in `from` means. */
function resolved(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier));
}
