/**
 * Why something failed, in one line for a terminal: every cause of an error, each bounded and
 * without control characters, whoever wrote it (a node's or a relay's words stand among them).
 */

const causesMax = 8;
const charactersMax = 240;
/** Troubles that are remembered as said. */
const troublesMax = 100;

/** A stranger's words as a terminal may have them. */
export function harmless(text: string): string {
  const plain = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
  return plain.length > charactersMax ? `${plain.slice(0, charactersMax)}…` : plain;
}

/** The error's sentence and those of what caused it. */
export function reasonsOf(cause: unknown): string {
  const reasons: string[] = [];
  for (let at: unknown = cause; at instanceof Error; at = at.cause) {
    if (reasons.push(harmless(at.message)) === causesMax) break;
  }
  return reasons.join(": ") || "something failed that should not";
}

/**
 * The same trouble (a line with ◌) is not said again until something else happened: nodes and
 * relays may be away for hours, several at once.
 */
export function sayingOnce(say: (line: string) => void): (line: string) => void {
  const troubles = new Set<string>();
  return (line) => {
    const isTrouble = line.startsWith("◌");
    if (isTrouble && troubles.has(line)) return;
    // What happens means that all of them may have ended.
    if (!isTrouble || troubles.size === troublesMax) troubles.clear();
    if (isTrouble) troubles.add(line);
    say(line);
  };
}
