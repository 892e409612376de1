/**
 * Reading QR codes from a camera's picture or a file's. The reader is loaded when it is first
 * wanted: it is larger than the rest of the page.
 */

/** The pixels of a picture, four bytes each. */
type Pixels = {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
};

/** Pictures are looked at in this size at most: larger ones only take longer. */
const edgeMost = 1800;
/**
 * The reader takes a code for none at some sizes of its modules, blurred by a camera or a screen
 * (measured: 2.5, 3.3 and 5.3 pixels); at another size it reads the same picture.
 */
const scales = [1, 1.35, 0.8, 1.8, 2.4] as const;

/** The text of the code in a picture; `undefined`: there is none that can be read. */
async function readCode({ data, width, height }: Pixels): Promise<string | undefined> {
  const { default: found } = await import("jsqr");
  const read = "default" in found ? found.default : found;
  const code = read(data, width, height, { inversionAttempts: "dontInvert" });
  return code === null || code.data === "" ? undefined : code.data;
}

/** A picture of this size. */
type Surface = {
  readonly source: CanvasImageSource;
  readonly width: number;
  readonly height: number;
};

/** Looks at a picture in one size after another; `from` says with which to begin. */
export async function readSurface(
  surface: Surface,
  { from = 0, turns = scales.length }: { readonly from?: number; readonly turns?: number } = {},
): Promise<string | undefined> {
  for (let turn = from; turn < from + turns; turn += 1) {
    const pixels = pixelsOf(surface, scales[turn % scales.length] ?? 1);
    const text = pixels && (await readCode(pixels));
    if (text !== undefined) return text;
  }
  return undefined;
}

function pixelsOf({ source, ...size }: Surface, wanted: number): Pixels | undefined {
  const scale = Math.min(wanted, edgeMost / Math.max(size.width, size.height, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(size.width * scale));
  canvas.height = Math.max(1, Math.round(size.height * scale));
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (pen === null) return undefined;
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** The text of the code in a picture file; `undefined` if it has none, or is no picture. */
export async function readPicture(file: Blob): Promise<string | undefined> {
  try {
    const source = await createImageBitmap(file);
    const { width, height } = source;
    const text = await readSurface({ source, width, height });
    source.close();
    return text;
  } catch {
    return undefined;
  }
}
