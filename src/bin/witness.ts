/**
 * `signet witness`: a witness of one log (docs/spec/log.md §9). Ctrl-C ends it; `kill -9` loses
 * nothing.
 */
import { once } from "node:events";
import { resolve } from "node:path";

import { witnessKey } from "../log/cosignature.ts";
import { parseVerifierKey } from "../log/note.ts";
import { exits, trouble } from "../wallet/errors.ts";
import { WitnessMemory } from "../witness/memory.ts";
import { startWitness } from "../witness/server.ts";
import type { CommonOptions, Context, Ended } from "./context.ts";

export type WitnessOptions = CommonOptions & {
  readonly dir: string;
  readonly log: string;
  readonly listen: string;
  readonly host: string;
  readonly name?: string;
};

/** Runs until it is told to end. */
export async function witness(
  context: Context,
  _words: readonly string[],
  options: WitnessOptions,
): Promise<Ended> {
  const log = parseVerifierKey(options.log);
  if (log === undefined) return trouble("E100", "--log takes a key: NAME+ID+BASE64.");
  if (options.name !== undefined && !/^[!-*,-~]{1,200}$/.test(options.name)) {
    return trouble("E100", "--name takes ASCII without blanks and plus signs.");
  }
  const memory = new WitnessMemory(resolve(options.dir), log, options.name);
  try {
    const server = await startWitness(memory, { host: options.host, port: Number(options.listen) });
    const { name, publicKey } = memory.signer;
    const key = witnessKey(name, publicKey);
    context.say(`● witness of ${log.name}, ${memory.size} leaves known, on ${server.address}`);
    context.say(`  its key  ${key}`);
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    await server.close();
    const data = { ok: true, key, size: memory.size, exit: exits.done };
    return { ok: true, exit: exits.done, lines: [], data };
  } finally {
    memory.close();
  }
}
