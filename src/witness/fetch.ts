/**
 * HTTP to those whom nobody believes: an answer is bounded in bytes and in time, redirects are not
 * followed, and what failed is a sentence.
 */

/** What came, or why nothing did. */
export type Fetched =
  | { readonly kind: "answer"; readonly status: number; readonly body: Uint8Array }
  | { readonly kind: "failed"; readonly why: string };

const timeoutMs = 10_000;

/** Asks, with a body by POST. */
export async function fetchBounded(
  url: string,
  request: { readonly bytesMax: number; readonly body?: Uint8Array },
): Promise<Fetched> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      ...(request.body === undefined ? {} : { method: "POST", body: new Uint8Array(request.body) }),
      redirect: "error",
      signal,
    });
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of response.body ?? []) {
      bytes += part.length;
      if (bytes > request.bytesMax) return { kind: "failed", why: "its answer is too long" };
      parts.push(part);
    }
    const body = new Uint8Array(Buffer.concat(parts));
    return { kind: "answer", status: response.status, body };
  } catch (cause) {
    if (signal.aborted) return { kind: "failed", why: `no answer in ${timeoutMs / 1000} s` };
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    const why = inner instanceof Error ? inner.message : "no answer";
    return { kind: "failed", why: why.replace(/[^\x20-\x7e]/g, "?").slice(0, 100) };
  }
}
