/**
 * A strict little check that a text is well-formed: every element is closed in order, attributes
 * are quoted and not repeated, references are known, nothing stands outside the one root element.
 * HTML's elements without an end are known, so that our page passes too.
 */

const endlessInHtml: ReadonlySet<string> = new Set(["meta", "link", "br", "img", "input"]);
const reference = /&(?:(?:amp|lt|gt|quot|apos|middot);|#\d+;)/g;

/** What is wrong with the text, or nothing. */
export function checkMarkup(text: string): string | undefined {
  const isHtml = text.startsWith("<!doctype html>\n");
  const endless = isHtml ? endlessInHtml : new Set<string>();
  const head = /^(?:<\?xml version="1\.0" encoding="utf-8"\?>|<!doctype html>)\n/;
  const body = text.replace(head, "").trim();
  const open: string[] = [];
  let offset = 0;
  for (const tag of body.matchAll(/<[^>]*>/g)) {
    const between = body.slice(offset, tag.index);
    if (/[<>]/.test(between) || between.replace(reference, "").includes("&")) {
      return `bare markup in ${JSON.stringify(between)}`;
    }
    if (open.length === 0 && offset > 0) return `something after the root: ${tag[0]}`;
    offset = tag.index + tag[0].length;
    const wrong = takeTag(tag[0], open, endless);
    if (wrong !== undefined) return wrong;
  }
  if (open.length > 0) return `never closed: ${open.join(" ")}`;
  return offset === body.length && offset > 0 ? undefined : "text outside the root";
}

function takeTag(tag: string, open: string[], endless: ReadonlySet<string>): string | undefined {
  const end = /^<\/([\w:]+)>$/.exec(tag);
  if (end !== null) {
    const last = open.pop();
    return last === end[1] ? undefined : `${tag} closes ${last ?? "nothing"}`;
  }
  const start = /^<([\w:]+)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>$/.exec(tag);
  if (start === null) return `malformed: ${tag}`;
  const [, name = "", attributes = "", slash] = start;
  const names = [...attributes.matchAll(/\s([\w:-]+)(?:="([^"]*)")?/g)];
  if (new Set(names.map((match) => match[1])).size !== names.length) return `repeated in ${tag}`;
  const values = names.map((match) => match[2] ?? "").join("");
  if (values.replace(reference, "").includes("&")) return `bare ampersand in ${tag}`;
  if (slash === "" && !endless.has(name)) open.push(name);
  return undefined;
}
