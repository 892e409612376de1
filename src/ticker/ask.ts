/** Questions to a relay: bounded in time and bytes, never following anybody elsewhere. */
import { reachOf } from "../codec/reach.ts";

const askMs = 15_000;
/** A thousand leaves of a thousand bytes, in JSON. */
const answerMax = 4_194_304;

/** What a relay said; `undefined`: there is no such thing, or it has another name now. */
export async function ask(
  relay: string,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const reach = reachOf(relay.replace(/\/+$/, ""));
  if (reach === undefined) throw new Error("couldn't ask a relay without an address");
  const { url, name, authorization } = reach;
  try {
    const response = await fetch(url + path, {
      headers: authorization === undefined ? {} : { authorization },
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(askMs)]),
    });
    const text = await textOf(response);
    if (response.status === 404 || response.status === 308) return undefined;
    if (response.status !== 200) throw new Error(`it answered ${response.status}`);
    return text;
  } catch (cause) {
    throw new Error(`couldn't read ${path.replace(/\?.*/, "")} from ${name}`, { cause });
  }
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > answerMax) throw new Error(`it answered more than ${answerMax} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** The object's field, whatever it is. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}
