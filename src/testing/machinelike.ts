/**
 * Runs portablewallet.ts as near to a browser as Node comes, if it is started with
 * `--conditions=browser`: then no module of Node can be loaded, and nobody sees Node's globals.
 *
 *   node [--conditions=browser] src/testing/machinelike.ts RELAY
 *
 * On stdout `deposit N`, which somebody has to credit; at the end one line of JSON, with the
 * files' bytes in base64.
 */
import { isBuiltin, registerHooks } from "node:module";

import { toBase64 } from "../codec/bytes.ts";

const { argv, execArgv, stdout } = process;
if (execArgv.includes("--conditions=browser")) {
  registerHooks({
    resolve: (specifier, context, next) => {
      if (isBuiltin(specifier)) throw new Error(`no browser has ${specifier}`);
      return next(specifier, context);
    },
  });
  for (const name of ["process", "Buffer", "global", "setImmediate"]) hide(name);
  // What a worker of a browser has.
  Reflect.defineProperty(globalThis, "self", { value: globalThis });
}
/** Node's own `fetch` still needs some of them; what comes from a file sees none. */
function hide(name: string): void {
  const value: unknown = Reflect.get(globalThis, name);
  Reflect.defineProperty(globalThis, name, {
    get: () => (new Error().stack?.split("\n")[2]?.includes("file:") === true ? undefined : value),
  });
}

const { livePortably } = await import("./portablewallet.ts");
const life = await livePortably(argv[2] ?? "", (number) => stdout.write(`deposit ${number}\n`));
const files = life.files.map(([path, bytes]) => [path, toBase64(bytes)]);
stdout.write(`${JSON.stringify({ ...life, files })}\n`);
