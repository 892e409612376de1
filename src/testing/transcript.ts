/**
 * HTTP transcripts in plain text: requests, what must come back, and prose between. A line is one
 * of
 *
 *   METHOD /PATH                     the next request; {NAME} in the path is a known value
 *   > NAME: VALUE                    a header of the request
 *   send NAME | send text TEXT       its body
 *   signed by the dock               the request carries the dock's signature
 *   code == NUMBER
 *   header NAME == VALUE | header NAME absent
 *   body contains TEXT | body is NAME | body is empty | json PATH == JSON
 *   keep NAME                        the body, for later
 *
 * Anything that begins with a capital letter, or is empty, is prose; any other line is a mistake.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { sign, type KeyObject } from "node:crypto";
import { dockAuthorizationText } from "../log/dockauth.ts";

/** What a transcript is run against and with. */
export type Stage = {
  readonly address: string;
  /** Where the dock asks, if not there. */
  readonly dockAddress?: string;
  readonly dockKey: KeyObject;
  /** Bodies by name; `keep` adds to them. */
  readonly bodies: Map<string, Uint8Array>;
  /** Values for paths. */
  readonly values: ReadonlyMap<string, string>;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sees everything that came back. */
  readonly observe?: (text: string) => void;
};

type Ask = {
  readonly method: string;
  readonly path: string;
  readonly headers: Map<string, string>;
  body: Uint8Array | undefined;
  dock: boolean;
};
type Got = { readonly status: number; readonly headers: Headers; readonly body: Buffer };

/** The header by which the dock signs a request. */
export function dockSignature(key: KeyObject, method: string, path: string, at: string): string {
  const signature = sign(undefined, dockAuthorizationText({ method, path, at }), key);
  return `${at} ${signature.toString("base64")}`;
}

/** Runs a transcript; throws at the first line that is not so, with its number. */
export async function runTranscript(text: string, stage: Stage): Promise<number> {
  let ask: Ask | undefined;
  let got: Got | undefined;
  let requests = 0;
  for (const [index, line] of text.split("\n").entries()) {
    try {
      const request = /^(GET|HEAD|POST|PUT|DELETE|OPTIONS) (\/\S*)$/.exec(line);
      if (request !== null) {
        if (ask !== undefined && got === undefined) await perform(ask, stage);
        requests += 1;
        const path = (request[2] ?? "").replace(/\{(\w+)\}/g, (_, name) => value(stage, name));
        ask = {
          method: request[1] ?? "",
          path,
          headers: new Map(),
          body: undefined,
          dock: false,
        };
        got = undefined;
        continue;
      }
      if (line === "" || /^[A-Z]/.test(line)) continue;
      ok(ask !== undefined, "nothing was asked yet");
      if (prepare(line, ask, stage)) continue;
      got ??= await perform(ask, stage);
      expect(line, got, stage);
    } catch (cause) {
      throw new Error(`line ${index + 1}: ${line}`, { cause });
    }
  }
  return requests;
}

function value(stage: Stage, name: string): string {
  const found = stage.values.get(name);
  ok(found !== undefined, `no value is named ${name}`);
  return found;
}

function bytes(stage: Stage, name: string): Uint8Array {
  const found = stage.bodies.get(name);
  ok(found !== undefined, `nothing is named ${name}`);
  return found;
}

/** Whether the line belongs to the request. */
function prepare(line: string, ask: Ask, stage: Stage): boolean {
  const header = /^> ([\w-]+): (.*)$/.exec(line);
  if (header !== null) ask.headers.set(header[1] ?? "", header[2] ?? "");
  else if (line.startsWith("send text ")) ask.body = Buffer.from(line.slice(10));
  else if (line.startsWith("send ")) ask.body = bytes(stage, line.slice(5));
  else if (line === "signed by the dock") ask.dock = true;
  else return false;
  return true;
}

async function perform(ask: Ask, stage: Stage): Promise<Got> {
  const { method, path, body } = ask;
  const headers = new Headers(stage.headers);
  for (const [name, value] of ask.headers) headers.set(name, value);
  if (ask.dock) {
    const at = new Date().toISOString();
    headers.set("signet-dock", dockSignature(stage.dockKey, method, path, at));
  }
  const sent = body === undefined ? {} : { body: new Uint8Array(body) };
  const isDock = path.startsWith("/v1/dock/");
  const address = isDock ? (stage.dockAddress ?? stage.address) : stage.address;
  const response = await fetch(address + path, {
    method,
    headers,
    redirect: "manual",
    ...sent,
  });
  const got = Buffer.from(await response.arrayBuffer());
  stage.observe?.([...response.headers].map((pair) => pair.join(": ")).join("\n"));
  stage.observe?.(got.toString("latin1"));
  return { status: response.status, headers: response.headers, body: got };
}

function expect(line: string, got: Got, stage: Stage): void {
  const [word = "", ...rest] = line.split(" ");
  const tail = rest.join(" ");
  switch (word) {
    case "code":
      equal(`== ${got.status}`, tail, got.body.toString("utf8"));
      return;
    case "header":
      expectHeader(tail, got.headers);
      return;
    case "body":
      if (tail.startsWith("contains ")) {
        const wanted = tail.slice(9).replace(/\{(\w+)\}/g, (_, name) => value(stage, name));
        ok(got.body.toString("utf8").includes(wanted), got.body.toString("utf8"));
      } else if (tail === "is empty") equal(got.body.length, 0);
      else if (tail.startsWith("is "))
        deepEqual(got.body, Buffer.from(bytes(stage, tail.slice(3))));
      else throw new Error("couldn't understand what the body should be");
      return;
    case "json":
      expectJson(tail, got.body.toString("utf8"));
      return;
    case "keep":
      stage.bodies.set(tail, got.body);
      return;
    default:
      throw new Error("couldn't understand the line");
  }
}

function expectHeader(tail: string, headers: Headers): void {
  const absent = /^(\S+) absent$/.exec(tail);
  if (absent !== null) return equal(headers.get(absent[1] ?? ""), null);
  const is = /^(\S+) == (.*)$/.exec(tail);
  ok(is !== null, "header NAME == VALUE");
  return equal(headers.get(is[1] ?? ""), is[2]);
}

function expectJson(tail: string, text: string): void {
  const match = /^(\S+) == (.*)$/.exec(tail);
  ok(match !== null, "json PATH == JSON");
  let value: unknown = JSON.parse(text);
  for (const name of (match[1] ?? "").split(".")) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  }
  deepEqual(value, JSON.parse(match[2] ?? ""));
}
