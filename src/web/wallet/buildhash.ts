/**
 * The hash of the build that this page says it is: of `build.txt`, which names every file with its
 * own. It tells apart honest hosts with different builds; a dishonest host shows what it likes.
 */

/** SHA-256 of the list of files, hex; `undefined` if the host has none. */
export async function buildHash(): Promise<string | undefined> {
  try {
    const answer = await fetch("/build.txt", { cache: "no-store", credentials: "omit" });
    if (!answer.ok) return undefined;
    const hash = await crypto.subtle.digest("SHA-256", await answer.arrayBuffer());
    return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
  } catch {
    return undefined;
  }
}
