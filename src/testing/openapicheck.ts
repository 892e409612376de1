/**
 * OpenAPI 3.1's structure, checked strictly: what must be there, what may, and nothing else; that
 * references lead somewhere, and that a path's parameters are those of its template. Schemas are
 * read by jsonschema.ts.
 */
import { misfit } from "./jsonschema.ts";

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown, at: string) => readonly string[];

const verbs = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

function fieldsOf(value: unknown): Fields | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? Object.fromEntries(Object.entries(value)) : undefined;
}

const text: Check = (value, at) => (typeof value === "string" && value !== "" ? [] : [at]);
const truth: Check = (value, at) => (typeof value === "boolean" ? [] : [at]);

/** An object with these fields; those that end with `!` must be there. */
function object(known: Readonly<Record<string, Check>>): Check {
  return (value, at) => {
    const fields = fieldsOf(value);
    if (fields === undefined) return [`${at} is no object`];
    const missing = Object.keys(known)
      .filter((name) => name.endsWith("!") && !(name.slice(0, -1) in fields))
      .map((name) => `${at}.${name.slice(0, -1)} is missing`);
    const faults = Object.entries(fields).flatMap(([name, each]) => {
      const check = known[name] ?? known[`${name}!`];
      return check === undefined ? [`${at}.${name} is unknown`] : check(each, `${at}.${name}`);
    });
    return [...missing, ...faults];
  };
}

function map(key: RegExp, check: Check): Check {
  return (value, at) => {
    const fields = fieldsOf(value);
    if (fields === undefined) return [`${at} is no object`];
    return Object.entries(fields).flatMap(([name, each]) =>
      key.test(name) ? check(each, `${at}.${name}`) : [`${at}.${name} is no name here`],
    );
  };
}

function list(check: Check): Check {
  return (value, at) =>
    Array.isArray(value)
      ? value.flatMap((each, i) => check(each, `${at}[${i}]`))
      : [`${at} is no list`];
}

function oneOf(...words: readonly string[]): Check {
  return (value, at) => (words.some((word) => word === value) ? [] : [`${at} is ${String(value)}`]);
}

/** A schema is readable: a keyword that nobody knows is a fault, wherever it stands. */
const schema: Check = (value, at) => {
  const fields = fieldsOf(value);
  if (fields === undefined) return [`${at} is no schema`];
  if ("$ref" in fields) return text(fields["$ref"], `${at}.$ref`);
  const inside = [
    ...Object.values(fieldsOf(fields["properties"]) ?? {}),
    ...(Array.isArray(fields["anyOf"]) ? fields["anyOf"] : []),
    ...("items" in fields ? [fields["items"]] : []),
  ];
  try {
    misfit(undefined, fields);
    misfit("", { pattern: fields["pattern"] ?? "" });
  } catch (cause) {
    return [`${at}: ${String(cause)}`];
  }
  return inside.flatMap((each) => schema(each, at));
};

const content = map(/^[\w*]+\/[\w.*+-]+$/, object({ schema }));
const parameter = object({
  "name!": text,
  "in!": oneOf("path", "query", "header", "cookie"),
  required: truth,
  "schema!": schema,
});
const response = object({ "description!": text, content });
const operation = object({
  "summary!": text,
  parameters: list(parameter),
  requestBody: object({ description: text, "content!": content, required: truth }),
  "responses!": map(/^(?:[1-5]\d\d|default)$/, response),
});
const page = object({
  "openapi!": (value, at) => (/^3\.1\.\d+$/.test(String(value)) ? [] : [at]),
  "info!": object({
    "title!": text,
    "version!": text,
    description: text,
    license: object({ "name!": text, identifier: text }),
  }),
  "paths!": map(/^\//, object(Object.fromEntries(verbs.map((verb) => [verb, operation])))),
  components: object({ schemas: map(/^[\w.-]+$/, schema) }),
});

/** A template's names are its operations' path parameters, each once and required. */
function templateFaults(path: string, said: unknown): readonly string[] {
  const names = [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name);
  const parameters = fieldsOf(said)?.["parameters"];
  const listed = (Array.isArray(parameters) ? parameters : []).map(fieldsOf);
  const inPath = listed.filter((each) => each?.["in"] === "path");
  const isSame = JSON.stringify(inPath.map((each) => each?.["name"])) === JSON.stringify(names);
  const keys = listed.map((each) => `${String(each?.["in"])} ${String(each?.["name"])}`);
  return [
    ...(isSame ? [] : [`${path}: its parameters are not those of the template`]),
    ...(inPath.every((each) => each?.["required"] === true) ? [] : [`${path}: one is optional`]),
    ...(new Set(keys).size === keys.length ? [] : [`${path}: a parameter stands twice`]),
  ];
}

/** What is wrong with a document; nothing if it is OpenAPI 3.1. */
export function openApiFaults(document: unknown): readonly string[] {
  const structure = page(document, "$");
  const paths = fieldsOf(fieldsOf(document)?.["paths"]) ?? {};
  const templates = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(fieldsOf(methods) ?? {}).flatMap((each) => templateFaults(path, each)),
  );
  // Two templates that differ in their names only are one.
  const shapes = Object.keys(paths).map((path) => path.replace(/\{[^{}]*\}/g, "{}"));
  const twice = shapes.filter((shape, i) => shapes.indexOf(shape) !== i);
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(
    ([, to = ""]) => to,
  );
  const lost = refs.filter((to) => {
    const [hash = "", ...way] = to.split("/");
    const found = way.reduce<unknown>((at, name) => fieldsOf(at)?.[name], document);
    return hash !== "#" || found === undefined;
  });
  return [...structure, ...templates, ...twice, ...lost];
}
