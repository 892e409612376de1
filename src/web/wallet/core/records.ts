/**
 * How a wallet lies in a browser's storage: each file one record, whose name and content only the
 * wallet's key tells.
 *
 *   data key   32 random bytes, kept only wrapped (waystoopen.ts)
 *   id         HMAC-SHA-256(HKDF(data key, "names"), file's path), hex
 *   box        12 random bytes ∥ AES-256-GCM(HKDF(data key, "records"), AAD = id, inner)
 *   inner      path's length (2) ∥ path ∥ content's length (4) ∥ content ∥ zeros to 1 KiB steps
 *
 * A record that is put in another's place, cut or changed does not open. What the storage does
 * tell: how many records there are, about how large, and which were written when.
 */

/** A record as it is stored. */
export type StoredRecord = { readonly id: string; readonly box: Uint8Array<ArrayBuffer> };

/** A file of the home. */
export type HomeFile = { readonly path: string; readonly bytes: Uint8Array };

/** The two keys that a data key gives; neither can be read back. */
export type RecordKeys = { readonly names: CryptoKey; readonly records: CryptoKey };

const step = 1024;
const ivBytes = 12;
const none = new Uint8Array();

/** The keys of a data key. */
export async function recordKeys(dataKey: Uint8Array): Promise<RecordKeys> {
  const secret = new Uint8Array(dataKey);
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  secret.fill(0);
  const names = { name: "HMAC", hash: "SHA-256", length: 256 };
  const records = { name: "AES-GCM", length: 256 };
  return {
    names: await crypto.subtle.deriveKey(hkdf("names"), base, names, false, ["sign"]),
    records: await crypto.subtle.deriveKey(hkdf("records"), base, records, false, [
      "encrypt",
      "decrypt",
    ]),
  };
}

function hkdf(label: string): HkdfParams {
  const info = new TextEncoder().encode(`signet wallet ${label}`);
  return { name: "HKDF", hash: "SHA-256", salt: none, info };
}

/** A file as a record; every time another box. */
export async function sealRecord(keys: RecordKeys, file: HomeFile): Promise<StoredRecord> {
  const id = await recordId(keys, file.path);
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const inner = innerOf(file);
  const sealed = await crypto.subtle.encrypt(gcm(iv, id), keys.records, inner);
  inner.fill(0);
  const box = new Uint8Array(ivBytes + sealed.byteLength);
  box.set(iv);
  box.set(new Uint8Array(sealed), ivBytes);
  return { id, box };
}

/** The file of a record; `undefined` if the record is not one that this key made under this id. */
export async function openRecord(
  keys: RecordKeys,
  { id, box }: StoredRecord,
): Promise<HomeFile | undefined> {
  const iv = box.slice(0, ivBytes);
  try {
    const inner = await crypto.subtle.decrypt(gcm(iv, id), keys.records, box.slice(ivBytes));
    return fileOf(new Uint8Array(inner));
  } catch {
    return undefined;
  }
}

function gcm(iv: Uint8Array<ArrayBuffer>, id: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(id) };
}

async function recordId(keys: RecordKeys, path: string): Promise<string> {
  const mac = await crypto.subtle.sign("HMAC", keys.names, new TextEncoder().encode(path));
  return Array.from(new Uint8Array(mac), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function innerOf({ path, bytes }: HomeFile): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(path);
  const used = 6 + name.length + bytes.length;
  const inner = new Uint8Array(Math.ceil(used / step) * step);
  const view = new DataView(inner.buffer);
  view.setUint16(0, name.length);
  inner.set(name, 2);
  view.setUint32(2 + name.length, bytes.length);
  inner.set(bytes, 6 + name.length);
  return inner;
}

function fileOf(inner: Uint8Array): HomeFile {
  const view = new DataView(inner.buffer, inner.byteOffset, inner.byteLength);
  const name = view.getUint16(0);
  const path = new TextDecoder().decode(inner.subarray(2, 2 + name));
  const length = view.getUint32(2 + name);
  return { path, bytes: inner.slice(6 + name, 6 + name + length) };
}
