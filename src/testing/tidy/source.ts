/**
 * Reads TypeScript (or JavaScript) just well enough for the house rules: what is code and what is
 * comment, string, template or regular expression; which modules are imported; where functions end.
 *
 *   text   the file as it stands
 *   code   the same length and line ends, with the inside of comments, strings, templates and
 *          regular expressions blanked, so that a word found there is a word of the program
 *
 * A `/` begins a regular expression where an expression may begin: after an operator, an opening
 * bracket, `}` or a keyword such as `return`. That is a heuristic, and right for what oxfmt writes.
 * In a `.tsx` file the slashes of tags begin none, and an apostrophe inside a word begins no
 * string.
 */

/** A string, a part of a template, or a regular expression, without its quotes. */
export type Literal = { readonly start: number; readonly value: string };

type Import = {
  readonly specifier: string;
  readonly line: number;
  /** `import type`, erased before the program runs. */
  readonly typeOnly: boolean;
  /** `require("…")`, which no browser has. */
  readonly isRequire: boolean;
};

export type Source = {
  readonly path: string;
  readonly text: string;
  readonly code: string;
  readonly literals: readonly Literal[];
  readonly imports: readonly Import[];
};

const wordsBeforeRegex =
  /\b(?:return|typeof|case|in|of|do|else|void|delete|await|yield|throw|new)$/;

/** One file, masked, with its imports. */
export function readSource(path: string, text: string): Source {
  const { code, literals } = mask(text, path.endsWith("x"));
  return { path, text, code, literals, imports: importsOf(code, literals) };
}

/** The line number, from 1, of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i !== -1 && i < offset; i = text.indexOf("\n", i + 1)) line += 1;
  return line;
}

type Masking = {
  readonly text: string;
  /** Whether elements may stand in it. */
  readonly isMarkup: boolean;
  readonly out: string[];
  readonly literals: Literal[];
  /** The brace depth outside each template that is open at an interpolation. */
  readonly templates: number[];
  depth: number;
};

function mask(text: string, isMarkup: boolean): { code: string; literals: readonly Literal[] } {
  const masking: Masking = {
    text,
    isMarkup,
    out: text.split(""),
    literals: [],
    templates: [],
    depth: 0,
  };
  let i = text.startsWith("#!") ? skipLine(masking, 0) : 0;
  while (i < text.length) i = step(masking, i);
  return { code: masking.out.join(""), literals: masking.literals };
}

/** Handles what begins at `i`; returns where to go on. */
function step(masking: Masking, i: number): number {
  const { text } = masking;
  const c = text.charAt(i);
  const next = text.charAt(i + 1);
  if (c === "/" && next === "/") return skipLine(masking, i);
  if (c === "/" && next === "*") {
    const end = text.indexOf("*/", i + 2);
    return blank(masking, i, end === -1 ? text.length : end + 2);
  }
  if (masking.isMarkup && isMarkup(c, text.charAt(i - 1), next)) return i + 1;
  if (c === '"' || c === "'") return skipString(masking, i, c);
  if (c === "`") return skipTemplate(masking, i + 1);
  if (c === "/" && regexMayBegin(masking, i)) return skipRegex(masking, i);
  if (c === "{") masking.depth += 1;
  if (c === "}") {
    if (masking.templates.at(-1) === masking.depth) {
      masking.templates.pop();
      return skipTemplate(masking, blank(masking, i, i + 1));
    }
    masking.depth -= 1;
  }
  return i + 1;
}

/** The slash of a tag, or the apostrophe of a word. */
function isMarkup(c: string, before: string, next: string): boolean {
  if (c === "/") return before === "<" || next === ">";
  return c === "'" && /\w/.test(before);
}

function blank(masking: Masking, from: number, to: number): number {
  for (let i = from; i < to; i += 1) if (masking.out[i] !== "\n") masking.out[i] = " ";
  return to;
}

function skipLine(masking: Masking, i: number): number {
  const end = masking.text.indexOf("\n", i);
  return blank(masking, i, end === -1 ? masking.text.length : end);
}

function skipString(masking: Masking, start: number, quote: string): number {
  const { text } = masking;
  let i = start + 1;
  while (i < text.length && text.charAt(i) !== quote && text.charAt(i) !== "\n") {
    i += text.charAt(i) === "\\" ? 2 : 1;
  }
  masking.literals.push({ start, value: text.slice(start + 1, i) });
  blank(masking, start + 1, i);
  return i + 1;
}

function skipTemplate(masking: Masking, start: number): number {
  const { text } = masking;
  let i = start;
  while (i < text.length && text.charAt(i) !== "`") {
    if (text.startsWith("${", i)) {
      masking.templates.push(masking.depth);
      return blank(masking, start, i + 2);
    }
    i += text.charAt(i) === "\\" ? 2 : 1;
  }
  masking.literals.push({ start: start - 1, value: text.slice(start, i) });
  blank(masking, start, i);
  return i + 1;
}

function regexMayBegin(masking: Masking, i: number): boolean {
  let end = i;
  while (end > 0 && /\s/.test(masking.out[end - 1] ?? "")) end -= 1;
  if (end === 0) return true;
  const before = masking.out.slice(Math.max(0, end - 12), end).join("");
  return /[(,=:[!&|?{};+\-*%~^<>]$/.test(before) || wordsBeforeRegex.test(before);
}

function skipRegex(masking: Masking, start: number): number {
  const { text } = masking;
  let inClass = false;
  let i = start + 1;
  for (; i < text.length && text.charAt(i) !== "\n"; i += 1) {
    const c = text.charAt(i);
    if (c === "\\") i += 1;
    else if (c === "[") inClass = true;
    else if (c === "]") inClass = false;
    else if (c === "/" && !inClass) break;
  }
  masking.literals.push({ start, value: text.slice(start + 1, i) });
  blank(masking, start + 1, i);
  return i + 1;
}

function importsOf(code: string, literals: readonly Literal[]): readonly Import[] {
  const imports: Import[] = [];
  for (const { start, value } of literals) {
    if (!/["']/.test(code.charAt(start))) continue;
    const before = code.slice(Math.max(0, start - 4000), start);
    if (!/(?:\bfrom|\bimport|\bimport\s*\(|[rR]equire\s*\()\s*$/.test(before)) continue;
    const statement = before.slice(
      Math.max(0, before.search(/\b(?:import|export)\b(?!.*\b(?:import|export)\b)/s)),
    );
    imports.push({
      specifier: value,
      line: lineAt(code, start),
      typeOnly: /^(?:import|export)\s+type\b/.test(statement),
      isRequire: /[rR]equire\s*\(\s*$/.test(before),
    });
  }
  return imports;
}
