/**
 * Questions to a relay. Every answer is bounded in size and time, whole and for each silence in it:
 * a relay that drips a byte a second is no better than a silent one. Nothing that comes back is
 * believed here.
 */

/** Why there is no answer. */
export type Unanswered = {
  readonly kind: "unanswered";
  /** `silent`: nothing, or not to its end, in time. `absent`: it says 404. */
  readonly why: "silent" | "absent" | "refused" | "too_long";
};
export type Answer = {
  readonly kind: "answer";
  readonly bytes: Uint8Array;
  /** From the question to the answer's first byte, milliseconds. */
  readonly ms: number;
};

export type Bounds = {
  readonly bytesMax: number;
  /** To the last byte. */
  readonly wholeMs: number;
};

const usual: Bounds = { bytesMax: 4_194_304, wholeMs: 8000 };

/** Asks for `path` at a relay. */
export async function ask(
  origin: string,
  path: string,
  bounds: Partial<Bounds> = {},
): Promise<Answer | Unanswered> {
  const { bytesMax, wholeMs } = { ...usual, ...bounds };
  const begun = performance.now();
  try {
    const response = await fetch(origin + path, {
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(wholeMs),
    });
    const ms = performance.now() - begun;
    if (response.status === 404) return { kind: "unanswered", why: "absent" };
    if (response.status !== 200) return { kind: "unanswered", why: "refused" };
    const bytes = await readBounded(response, bytesMax);
    return bytes === undefined
      ? { kind: "unanswered", why: "too_long" }
      : { kind: "answer", bytes, ms };
  } catch {
    // No route, a policy, a timeout, a connection that broke: to the reader it is silence.
    return { kind: "unanswered", why: "silent" };
  }
}

async function readBounded(response: Response, bytesMax: number): Promise<Uint8Array | undefined> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const part = await reader?.read();
    if (part?.value === undefined) break;
    length += part.value.length;
    if (length > bytesMax) {
      await reader?.cancel();
      return undefined;
    }
    parts.push(part.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
