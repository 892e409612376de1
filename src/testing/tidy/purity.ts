/**
 * What the compiler cannot keep out of the pure folders (`Date` and `Math.random` are ECMAScript),
 * and casts: ` as ` belongs to the constructors of brands, in money/ and codec/.
 */
import { lineAt } from "./source.ts";
import { folderOf, isTest, pureFolders, type Fault, type Tree } from "./tree.ts";

const impure: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bDate\b/g, "time is an input: codec/time.ts"],
  [/\bMath\.random\b/g, "randomness is an input"],
  [/\bIntl\b|\blocaleCompare\b|\btoLocale\w+\b/g, "results differ from machine to machine"],
  [/\bMath\.(?:exp|log\w*|pow|sin|cos|tan|a?tan2?|cbrt|sqrt|hypot)\b/g, "integers only"],
  [/\bglobalThis\b|\bWeakRef\b|\bFinalizationRegistry\b/g, "the pure world has only its arguments"],
];

/**
 * Clocks, randomness and machines in the pure folders. Tests run in Node and may use what it has.
 */
export function checkPurity(tree: Tree): readonly Fault[] {
  const pure = pureFolders(tree);
  const faults: Fault[] = [];
  for (const { path, code, imports } of tree.sources) {
    if (!pure.has(folderOf(path) ?? "") || isTest(path)) continue;
    for (const [pattern, instead] of impure) {
      for (const match of code.matchAll(pattern)) {
        const says = `${match[0]} in a pure folder: ${instead}`;
        faults.push({ file: path, line: lineAt(code, match.index), rule: "purity", says });
      }
    }
    for (const { specifier, line } of imports) {
      if (!specifier.startsWith("node:")) continue;
      const says = `${specifier} in a pure folder: let a node folder do it and hand the result in`;
      faults.push({ file: path, line, rule: "purity", says });
    }
  }
  return faults;
}

const mayCast = new Set(["money", "codec", "testing"]);

/** Casts outside money/ and codec/; tests and what only they use may. */
export function checkCasts(tree: Tree): readonly Fault[] {
  return tree.sources.flatMap(({ path, code }) => {
    if (mayCast.has(folderOf(path) ?? "") || isTest(path)) return [];
    const bare = code.replace(
      /\b(?:import|export)\b(?:\s+type)?\s*(?:\{[^}]*\}|\*\s+as\s+\w+)/g,
      (all) => all.replace(/[^\n]/g, " "),
    );
    // Between tags stands prose, where "as" is a word before small letters.
    const cast = path.endsWith("x")
      ? /(?<=[\w)\]}"'`>]\s+)as\s+(?=[A-Z{("'[]|(?:string|number|unknown|never)\b)/g
      : /(?<=[\w)\]}"'`>]\s+)as\s+(?!const\b)(?=[\w{("'[])/g;
    return [...bare.matchAll(cast)].map((match) => ({
      file: path,
      line: lineAt(code, match.index),
      rule: "cast",
      says: "a cast hides a mistake: narrow with a test, or make a constructor in money/ or codec/",
    }));
  });
}
