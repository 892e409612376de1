/** A line as the tour shows it: one that is too long for a screen is cut, and says so. */

/** At most `columnsMax` characters; `…` stands for what is missing. */
export function cut(line: string, columnsMax: number): string {
  return line.length <= columnsMax ? line : `${line.slice(0, columnsMax - 1)}…`;
}
