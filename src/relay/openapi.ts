/**
 * The relay's routes as OpenAPI 3.1, made of the schemas by which they are checked: each route gets
 * its schema when it is added (described.ts, or its own), and the page is printed from what the
 * routes then have.
 */
import type { FastifyInstance } from "fastify";
import { assert } from "../codec/assert.ts";
import { described } from "./described.ts";
import { object, text, whole, type Answer, type Described, type Schema } from "./schema.ts";

/** The API's version; grows with what is added, and its first number with what is taken away. */
const version = "1.1.0";

/** The pages' own files, which are for browsers: everything at the top, and what is in assets/. */
const pageFile = /^\/(?:assets\/.*|[^/]*)$/;

const problem: Schema = {
  ...object({
    title: text,
    status: whole,
    detail: text,
    code: text,
    fate: text,
    money: text,
    next: text,
  }),
  properties: {
    title: text,
    status: whole,
    detail: text,
    code: text,
    fate: { ...text, description: "what became of what was sent" },
    money: text,
    next: { ...text, description: "what to do" },
    refusal: { ...text, description: "the relay's signed refusal of a letter" },
  },
};

/** Gives every route that is added later its schema, and serves the page about them all. */
export function describeRoutes(app: FastifyInstance): void {
  const routes = new Map<string, Described>();
  app.addHook("onRoute", (route) => {
    // Those two are HTTP's own.
    if (typeof route.method !== "string" || /^(?:HEAD|OPTIONS)$/.test(route.method)) return;
    const name = `${route.method} ${route.url}`;
    const about = described[name];
    assert(about !== undefined || pageFile.test(route.url), `${name} is described`);
    if (about === undefined) return;
    const { params, querystring } = about;
    route.schema = {
      ...(params === undefined ? {} : { params }),
      ...(querystring === undefined ? {} : { querystring }),
    };
    routes.set(name, about);
  });
  let page: string | undefined;
  app.get("/v1/openapi.json", (_request, reply) => {
    page ??= `${JSON.stringify(openApi(routes))}\n`;
    return reply.header("content-type", "application/json; charset=utf-8").send(page);
  });
}

function openApi(routes: ReadonlyMap<string, Described>): Schema {
  const paths: { [path: string]: { [method: string]: Schema } } = {};
  for (const [route, about] of routes) {
    const [method = "", url = ""] = route.split(" ");
    const path = url.replace(/:(\w+)/g, "{$1}").replace("*", `{${rest}}`);
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(about) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Signet relay",
      version,
      description: "Everything is public; nobody logs in. See docs/spec/receipt.md and api.md.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths,
    components: { schemas: { Problem: problem } },
  };
}

function operation(about: Described): Schema {
  const { summary, takes, answers, problems = [] } = about;
  const parameters = [
    ...parametersIn("path", about.params),
    ...parametersIn("query", about.querystring),
  ];
  const responses = {
    ...Object.fromEntries(Object.entries(answers).map(([status, each]) => [status, answer(each)])),
    ...Object.fromEntries(problems.map((status) => [status, troubled])),
    default: troubled,
  };
  const body =
    takes === undefined
      ? {}
      : { requestBody: { description: takes.says, content: { [takes.type]: {} }, required: true } };
  return { summary, parameters, ...body, responses };
}

/** What the rest of a path is called, slashes and all. */
const rest = "path";

const troubled: Schema = {
  description: "what happened, what became of it, what to do",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

function answer({ says, type, schema }: Answer): Schema {
  if (type === undefined) return { description: says };
  return { description: says, content: { [type]: schema === undefined ? {} : { schema } } };
}

/** The fields of a query or path schema as parameters. */
function parametersIn(where: "path" | "query", schema: Schema | undefined): readonly Schema[] {
  const { properties = {}, required = [] } = schema ?? {};
  const needed = Array.isArray(required) ? required : [];
  if (typeof properties !== "object" || properties === null) return [];
  return Object.entries(properties).map(([name, field]) => ({
    name: name === "*" ? rest : name,
    in: where,
    required: needed.includes(name),
    schema: field,
  }));
}
