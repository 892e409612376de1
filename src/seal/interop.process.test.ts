/**
 * Other people's OpenPGP at both ends, as a matrix: their letters open here, our reports open and
 * verify there, for key types × message forms × tools (testing/peertools.ts).
 *
 * Every letter is opened on both paths and every report sealed on both; they must agree. A cell is
 * `ok`, the name of the refusal that its row must have, `cannot` where the tool fails at its own
 * part, or blank where it has no such form. The tables stand in docs/interop.md, are printed, and
 * are compared for those tools that are installed in the version named there; INTEROP_UPDATE=1
 * writes them anew. A tool that is not installed is skipped, and says so.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { generateKey, readPrivateKey } from "openpgp";
import { equalBytes, fromLatin1, toLatin1 } from "../codec/bytes.ts";
import { fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { compareTables, printTable, type Table } from "../testing/interoptables.ts";
import { PeerDesk, posted, type Form, type PeerKey, type PeerTool } from "../testing/peertools.ts";
import { readCertificate, type Certificate } from "./certificate.ts";
import { digestCertificate } from "./fast/digest.ts";
import { openingKey, openingKeysOf, signingKey, signingKeyOf } from "./fast/keys.ts";
import { openFast } from "./fast/open.ts";
import { openByPath } from "./fast/paths.ts";
import { sealFast } from "./fast/seal.ts";
import { customerKeyFromSeed, makeExchangeKeys, readOperatingKeys } from "./keys.ts";
import type { OperatingKeys } from "./keys.ts";
import { readPackets } from "./packets.ts";
import { openLetter, type OpenOptions } from "./open.ts";
import { sealReport } from "./seal.ts";

const text = "signet/1 0000000000000000000000000000000000000000\nby 2026-11-21T12:30:00Z\nSTAT\n";
/** More than the parts in which tools write what they cannot measure beforehand. */
const large = `${text}${"BUY|GLD/BTC|1|1\n".repeat(3500)}`;

/** The tools have no other clock than the machine's, so these tests take place now. */
const made = time(Date.now() - 60_000);
const now = () => time(Date.now());

const desk = new PeerDesk();
const versions = new Map(desk.tools.map(({ name, version }) => [name, version()]));
const tools = desk.tools.filter(({ name }) => versions.get(name) !== undefined);
const keys = new Map<string, { readonly key: PeerKey; readonly certificate: Certificate }>();
let operating: OperatingKeys;
let exchange: PeerKey;
let exchange6: PeerKey;

type Row = {
  readonly key: string;
  readonly form: Form;
  /** The name that the letter is refused by. */
  readonly refused?: string;
  /** Sealed to the exchange's version 6 certificate. */
  readonly to6?: true;
};

/** Key types in the plain forms, then every other form with the key type that most have. */
const own = "its own";
const common = "v4 EdDSA, Cv25519";
const letters: readonly Row[] = [
  ...[own, common, "v4 RSA-2048", "v4 P-256", "v4 Ed25519, X25519"].flatMap((key) => [
    { key, form: "binary" as const },
    { key, form: "text" as const },
  ]),
  { key: "v4 RSA-4096", form: "binary" },
  ...(["armored", "large", "zip", "zlib", "padded", "hidden", "AES-128", "SHA-256"] as const).map(
    (form) => ({ key: common, form }),
  ),
  { key: common, form: "bzip2", refused: "content_compressed" },
  { key: common, form: "3DES", refused: "sealed_damaged" },
  { key: common, form: "SHA-1", refused: "signature_weak" },
  { key: common, form: "unsigned", refused: "content_unsigned" },
  { key: common, form: "tag 20", refused: "sealed_malformed" },
  { key: common, form: "OCB", to6: true },
  { key: common, form: "GCM", to6: true },
  { key: "v4 Ed25519, X25519", form: "OCB", to6: true },
];

const reports: readonly { readonly key: string; readonly form: "small" | "large" | "bytes" }[] = [
  ...[own, common, "v4 RSA-2048", "v4 RSA-4096", "v4 P-256", "v4 Ed25519, X25519"].map((key) => ({
    key,
    form: "small" as const,
  })),
  { key: common, form: "large" },
  { key: common, form: "bytes" },
];

/** Random bytes hold everything that a tool could take for a line's end. */
const contents = { small: text, large, bytes: toLatin1(randomBytes(4096)) };

before(async () => {
  const founded = await makeExchangeKeys({ at: made });
  operating = await readOperatingKeys(founded.operatingSecret, founded.v6.operatingSecret);
  exchange = { name: "exchange", secret: "", ...founded };
  exchange6 = { name: "exchange6", secret: "", ...founded.v6 };
  for (const one of [exchange, exchange6]) keep(one);
  const seeded = await customerKeyFromSeed(new Uint8Array(32).fill(3), { userId: "Alice" });
  await add("cv25519", common, seeded.secret);
  const kinds = [
    ["rsa2048", "v4 RSA-2048", { type: "rsa", rsaBits: 2048 }],
    ["rsa4096", "v4 RSA-4096", { type: "rsa", rsaBits: 4096 }],
    ["p256", "v4 P-256", { type: "ecc", curve: "nistP256" }],
    ["ed25519", "v4 Ed25519, X25519", { type: "curve25519" }],
  ] as const;
  for (const [name, kind, options] of kinds) {
    const date = new Date(made);
    const whose = { userIDs: [{ name }], date };
    await add(name, kind, (await generateKey({ ...whose, ...options })).privateKey);
  }
  for (const [i, { name, ownKey }] of tools.entries()) {
    await add(`own${i}`, `${own} ${name}`, await ownKey());
  }
});

after(() => desk.remove());

/** Files of a key, and every tool is offered it; one that does not take it fails later. */
function keep(key: PeerKey): void {
  desk.keep(key);
  for (const tool of tools) {
    try {
      tool.take(key);
    } catch {
      // Its cells say so.
    }
  }
}

async function add(name: string, kind: string, secret: string): Promise<void> {
  const key = await readPrivateKey({ armoredKey: secret });
  const certificate = key.toPublic().armor();
  const read = await readCertificate(key.toPublic().write(), now());
  assert.ok(read.ok, `${kind}: ${read.ok || read.detail}`);
  const peer = { name, fingerprint: key.getFingerprint(), secret, certificate };
  keep(peer);
  keys.set(kind, { key: peer, certificate: read.value });
}

function keyOf(kind: string, tool: PeerTool) {
  const found = keys.get(kind === own ? `${own} ${tool.name}` : kind);
  assert.ok(found, kind);
  return found;
}

function optionsFor(certificate: Certificate): OpenOptions {
  return {
    keys: operating,
    at: now(),
    certificateOf: (keyId) => (certificate.keyIds.includes(keyId) ? certificate : undefined),
    registrationIn: () => undefined,
  };
}

async function letterCell(row: Row, tool: PeerTool): Promise<string> {
  const { key, certificate } = keyOf(row.key, tool);
  const sealing = { form: row.form, key, exchange: row.to6 ? exchange6 : exchange };
  const content = row.form === "large" ? large : text;
  let given: Uint8Array | undefined;
  try {
    given = await tool.seal({ ...sealing, text: content });
  } catch {
    return "cannot";
  }
  if (given === undefined) return "";
  // What relays and the dock see of it; they refuse by names of their own.
  const { binary: sealed, seen } = posted(given);
  assert.equal(seen, row.form === "tag 20" ? "encryption_not_offered" : "accepted", tool.name);
  const body = readPackets(sealed, 5)?.at(-1)?.body;
  if (row.to6) assert.deepEqual([body?.[0], body?.[2]], [2, row.form === "OCB" ? 2 : 3]);
  const options = optionsFor(certificate);
  const reference = await openLetter(sealed, options);
  const either = await openByPath(sealed, options);
  assert.deepEqual(either, reference, `both paths say the same of ${tool.name}, ${row.form}`);
  const digest = await digestCertificate(certificate);
  const fast = openFast(sealed, {
    ...options,
    us: [operating.fingerprint],
    keys: openingKeysOf(operating).map(openingKey),
    certificateOf: (keyId) => (digest.keyIds.includes(keyId) ? digest : undefined),
    isRegistration: () => false,
  });
  const slow = fast.kind === "unsupported" ? " °" : "";
  if (slow === "") assert.deepEqual(fast, reference);
  if (reference.kind === "unopenable") return `${reference.why.replace(/:.*$/, "")}${slow}`;
  assert.equal(reference.signer, fingerprint(key.fingerprint));
  assert.equal(reference.text, content, `${tool.name}, ${row.form}`);
  return reference.kind === "opened" ? `ok${slow}` : `${reference.name}${slow}`;
}

async function reportCell(row: (typeof reports)[number], tool: PeerTool): Promise<string> {
  const { key, certificate: to } = keyOf(row.key, tool);
  const content = contents[row.form];
  const at = now();
  const signer = signingKey(signingKeyOf(operating));
  const fast = sealFast(content, { signer, to: await digestCertificate(to), at });
  const answers: string[] = [];
  for (const sealed of [await sealReport(content, { keys: operating, to, at }), fast]) {
    if (sealed === undefined) continue;
    let opened: Uint8Array;
    try {
      opened = await tool.open(sealed, key, exchange);
    } catch {
      answers.push("cannot");
      continue;
    }
    const isSame = equalBytes(new Uint8Array(opened), fromLatin1(content));
    assert.ok(isSame || row.form === "bytes", `${tool.name}, ${row.form}: another text`);
    answers.push(isSame ? "ok" : "alters");
  }
  const [answer = "", ...others] = answers;
  assert.ok(
    others.every((other) => other === answer),
    `both paths, ${tool.name}, ${row.form}`,
  );
  return fast === undefined ? `${answer} °` : answer;
}

for (const { name } of desk.tools) {
  const skip = versions.get(name) === undefined && `${name} is not installed`;
  test(`${name} makes letters and opens reports`, { skip }, () => undefined);
}

test("the matrix of letters and reports is what docs/interop.md says", async () => {
  const head = desk.tools.map(({ name }) => ({ name, version: versions.get(name) }));
  const table = async <R extends { readonly key: string; readonly form: string }>(
    name: string,
    rows: readonly R[],
    cell: (row: R, tool: PeerTool) => Promise<string>,
  ): Promise<Table> => {
    const lines: { readonly names: readonly string[]; readonly cells: Map<string, string> }[] = [];
    for (const row of rows) {
      const cells = new Map<string, string>();
      for (const tool of tools) cells.set(tool.name, await cell(row, tool));
      lines.push({ names: [row.key, row.form], cells });
    }
    return { name, head, lines };
  };
  const found = [
    await table("letters", letters, letterCell),
    await table("reports", reports, reportCell),
  ];
  for (const one of found) console.log(printTable(one));
  for (const { form, refused, key } of letters) {
    const line = found[0]?.lines.find(({ names }) => names[0] === key && names[1] === form);
    for (const [tool, cell] of line?.cells ?? []) {
      const fine = ["", "cannot", refused ?? "ok"];
      assert.ok(fine.includes(cell.replace(" °", "")), `${tool}, ${key}, ${form}: ${cell}`);
    }
  }
  compareTables(found);
});
