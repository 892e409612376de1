/**
 * A text as a QR code, drawn black on white whatever the colours of the page, with the quiet zone
 * that readers need. One path: a picture of any size, sharp, and no style that a policy forbids.
 */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { encode } from "uqr";

/** Modules of white around the code: the standard's four. */
const quiet = 4;

/** `label`: what it carries, for people who do not see it. `most`: its edge at most, in pixels. */
export function QrCode(props: {
  readonly text: string;
  readonly label: string;
  readonly most?: number;
}): JSX.Element {
  const { text, label, most = 620 } = props;
  const { size, path } = useMemo(() => drawn(text), [text]);
  const edge = wholePixels(size, most);
  return (
    <svg
      class="qr"
      role="img"
      aria-label={label}
      width={edge}
      height={edge}
      viewBox={`0 0 ${size} ${size}`}
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  );
}

/** The largest edge of whole pixels a module: a blurred edge is what readers stumble over. */
function wholePixels(modules: number, most: number): number {
  const room = Math.min(innerWidth - 70, most) * devicePixelRatio;
  return (Math.max(1, Math.floor(room / modules)) * modules) / devicePixelRatio;
}

/** The code's modules as runs of each row. */
function drawn(text: string): { readonly size: number; readonly path: string } {
  const { data, size } = encode(text, { ecc: "L", border: quiet });
  const runs = data.flatMap((row, y) =>
    row.flatMap((isDark, x) => {
      if (!isDark || row[x - 1] === true) return [];
      const end = row.indexOf(false, x);
      return [`M${x} ${y}h${(end === -1 ? size : end) - x}v1H${x}z`];
    }),
  );
  return { size, path: runs.join("") };
}
