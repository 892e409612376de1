/**
 * Finds the functions of a masked source and how many lines each takes, from its name to its
 * closing brace. An arrow's body is a `{` after `=>`; any other body is a `{` after a parameter
 * list, perhaps with a return type between. What follows `if`, `for`, `while`, `switch`, `catch` is
 * no function.
 */
import { lineAt, type Source } from "./source.ts";

export type Measured = { readonly line: number; readonly lines: number; readonly suite: boolean };

const control = /\b(?:if|for|while|switch|catch|with)\s*$/;
const typeMayBegin = /(?:[:|&<,([=?]|=>|\bkeyof|\breadonly|\bextends|\bis)\s*$/;

/** Every function with a block body, the outer before the inner. */
export function functionsOf(source: Source): readonly Measured[] {
  const { code } = source;
  const found: Measured[] = [];
  for (let i = code.indexOf("{"); i !== -1; i = code.indexOf("{", i + 1)) {
    const head = /=>\s*$/.test(code.slice(Math.max(0, i - 40), i)) ? arrowHead(code, i) : undefined;
    if (head !== undefined) found.push(measure(code, head, i));
  }
  for (let i = code.indexOf("("); i !== -1; i = code.indexOf("(", i + 1)) {
    const before = code.slice(Math.max(0, i - 200), i);
    if (!/[\w$>]\s*$/.test(before) || control.test(before)) continue;
    const body = bodyAfter(code, matching(code, i) + 1);
    if (body !== undefined) found.push(measure(code, i, body));
  }
  return found.toSorted((a, b) => a.line - b.line);
}

function measure(code: string, head: number, body: number): Measured {
  const line = lineAt(code, head);
  // `describe(…, () => { … })` is a heading, not a function that decides anything.
  const lineStart = code.lastIndexOf("\n", head) + 1;
  const suite = /^\s*(?:await )?(?:describe|suite)(?:\.\w+)?\(/.test(code.slice(lineStart, body));
  return { line, lines: lineAt(code, matching(code, body)) - line + 1, suite };
}

/** Where an arrow function begins, or `undefined` if the `{` begins an object type after `=>`. */
function arrowHead(code: string, brace: number): number | undefined {
  const arrow = code.lastIndexOf("=>", brace);
  let i = arrow - 1;
  while (i > 0 && /\s/.test(code.charAt(i))) i -= 1;
  return i;
}

/** The offset of the bracket that closes the one at `open`; the end of the text if none does. */
function matching(code: string, open: number): number {
  let depth = 0;
  for (let i = open; i < code.length; i += 1) {
    const c = code.charAt(i);
    if (c === "{" || c === "(" || c === "[") depth += 1;
    if (c === "}" || c === ")" || c === "]") depth -= 1;
    if (depth === 0) return i;
  }
  return code.length;
}

/** The `{` of a function body after a parameter list that ended before `from`, if there is one. */
function bodyAfter(code: string, from: number): number | undefined {
  let i = from;
  while (/\s/.test(code.charAt(i))) i += 1;
  if (code.charAt(i) === "{") return i;
  if (code.charAt(i) !== ":") return undefined;
  for (i += 1; i < code.length; i += 1) {
    const c = code.charAt(i);
    if (c === "{" && !typeMayBegin.test(code.slice(Math.max(from, i - 40), i))) return i;
    if (c === "{" || c === "(" || c === "[") i = matching(code, i);
    else if (c === ";" || c === "}" || c === ")" || c === "]") return undefined;
    else if (c === "=" && code.charAt(i + 1) !== ">") return undefined;
    else if (c === "," && !/<[^<>]*$/.test(code.slice(from, i))) return undefined;
  }
  return undefined;
}
