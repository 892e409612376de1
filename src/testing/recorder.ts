/**
 * Loaded before a program (`node --import`), it writes down every byte that leaves it: requests and
 * their addresses, what is written to files, pipes and terminals, the words of children it starts.
 * One line of base64 each, in the file that SIGNET_RECORD names. For tests that look for a secret.
 */
import childProcess from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const into = fs.openSync(process.env["SIGNET_RECORD"] ?? "", "a");
const append = fs.writeSync;

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return Buffer.from(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}

function record(values: readonly unknown[]): void {
  for (const value of values) {
    if (typeof value === "function" || typeof value === "number") continue;
    append(into, `${Buffer.from(bytesOf(value)).toString("base64")}\n`);
  }
}

/** Has an object's functions say what they were given. */
function listen(to: object, names: readonly string[]): void {
  for (const name of names) {
    const own: unknown = Reflect.get(to, name);
    if (typeof own !== "function") continue;
    const heard = function heard(this: unknown, ...words: unknown[]): unknown {
      record(words);
      return Reflect.apply(own, this, words);
    };
    Reflect.set(to, name, heard);
  }
}

listen(fs, ["write", "writeSync", "writeFile", "writeFileSync", "appendFileSync", "renameSync"]);
listen(fs, ["openSync", "mkdirSync", "symlinkSync"]);
listen(fs.promises, ["writeFile", "appendFile", "open", "rename", "mkdir"]);
listen(childProcess, ["spawn", "spawnSync", "exec", "execFile", "execFileSync", "fork"]);
listen(process.stdout, ["write"]);
listen(process.stderr, ["write"]);
syncBuiltinESMExports();

const ask = globalThis.fetch;
globalThis.fetch = (input, init) => {
  record([input instanceof Request ? input.url : String(input), init?.body, init?.headers]);
  return ask(input, init);
};
