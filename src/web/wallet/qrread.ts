/**
 * Reading QR codes from a camera's picture or a file's. The reader is loaded when it is first
 * wanted: it is larger than the rest of the page.
 */

/** The pixels of a picture, four bytes each. */
export type Pixels = {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
};

/** Pictures are looked at in this size at most: larger ones only take longer. */
const edgeMost = 1600;

/** The text of the code in a picture; `undefined`: there is none that can be read. */
export async function readCode({ data, width, height }: Pixels): Promise<string | undefined> {
  const { default: found } = await import("jsqr");
  const read = "default" in found ? found.default : found;
  const code = read(data, width, height, { inversionAttempts: "dontInvert" });
  return code === null || code.data === "" ? undefined : code.data;
}

/** What stands on a video's or a picture's surface, small enough to read quickly. */
export function pixelsOf(
  source: CanvasImageSource,
  size: { readonly width: number; readonly height: number },
): Pixels | undefined {
  const scale = Math.min(1, edgeMost / Math.max(size.width, size.height, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(size.width * scale));
  canvas.height = Math.max(1, Math.round(size.height * scale));
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (pen === null) return undefined;
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** The pixels of a picture file; `undefined` if it is none. */
export async function pixelsIn(file: Blob): Promise<Pixels | undefined> {
  try {
    const picture = await createImageBitmap(file);
    const pixels = pixelsOf(picture, picture);
    picture.close();
    return pixels;
  } catch {
    return undefined;
  }
}
