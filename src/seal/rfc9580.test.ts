/**
 * The sample certificates, keys and messages of RFC 9580, appendix A: what is read here gives what
 * the RFC says, on both paths, and the rest is refused by name.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readKey, readPrivateKey, type PrivateKey } from "openpgp";
import { fromAscii, fromHex, toLatin1 } from "../codec/bytes.ts";
import { fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { readCertificate } from "./certificate.ts";
import { knowsForm, openAead } from "./fast/aead.ts";
import { openingKey, openingKeysOf } from "./fast/keys.ts";
import { unsealFast } from "./fast/open.ts";
import { judge } from "./judge.ts";
import { readPackets, tags } from "./packets.ts";
import { openpgpConfig } from "./policy.ts";
import { openSealed } from "./seipd.ts";
import { readSignatureFacts } from "./signature.ts";
import { readSecretKey } from "./stateless.ts";
import { readContent, unseal, unsealLiteral } from "./unseal.ts";

type Case = {
  readonly section: string;
  readonly what: string;
  readonly kind: "certificate" | "signature" | "key" | "content" | "sealed";
  readonly base64: readonly string[];
  /** `accepted`, or the name of the refusal. */
  readonly expect: string;
  readonly fingerprint?: string;
  readonly by?: string;
  readonly text?: string;
  readonly sealed?: string;
  readonly cipher?: string;
  readonly sessionKey?: string;
};

const file = join(import.meta.dirname, "..", "..", "vectors", "rfc9580.json");
const { cases }: { cases: readonly Case[] } = JSON.parse(readFileSync(file, "utf8"));
const at = time(Date.UTC(2026, 10, 21));
const bounds = { bytesMax: 4096, contentMax: 4096 };

function bytesOf({ base64 }: Case): Uint8Array {
  return new Uint8Array(Buffer.from(base64.join(""), "base64"));
}

function section(name: string): Case {
  const found = cases.find((one) => one.section === name);
  assert.ok(found, name);
  return found;
}

async function secretOfA4(): Promise<PrivateKey> {
  const binaryKey = bytesOf(section("A.4"));
  return readPrivateKey({ binaryKey, config: openpgpConfig });
}

function nameOf(verdict: { readonly ok: true } | { readonly ok: false; readonly name: string }) {
  return verdict.ok ? "accepted" : verdict.name;
}

const checks: Readonly<Record<Case["kind"], (one: Case) => Promise<void>>> = {
  async certificate(one) {
    const key = await readKey({ binaryKey: bytesOf(one), config: openpgpConfig });
    assert.equal(key.getFingerprint(), one.fingerprint);
    assert.equal(nameOf(await readCertificate(bytesOf(one), at)), one.expect);
  },

  async key(one) {
    assert.equal(nameOf(await readSecretKey(bytesOf(one))), one.expect);
    const key = await readPrivateKey({ binaryKey: bytesOf(one), config: openpgpConfig });
    assert.equal(key.getFingerprint(), one.fingerprint);
  },

  /** Everything about it is right but its key; over another text it is wrong before that. */
  async signature(one) {
    const binary = bytesOf(section(one.by ?? ""));
    const key = await readKey({ binaryKey: binary, config: openpgpConfig });
    const name = fingerprint(key.getFingerprint());
    const signer = { fingerprint: name, keyIds: [name.slice(24)], binary, key };
    const body = readPackets(bytesOf(one), 1)?.[0]?.body ?? new Uint8Array(0);
    const facts = readSignatureFacts(body);
    assert.ok(facts);
    assert.equal(facts.issuer, name.slice(24));
    const judged = async (text: string) => {
      const content = { bytes: fromAscii(text), signatures: [{ body, facts }] };
      return judge(content, { at, us: [name], certificateOf: () => signer });
    };
    const good = await judged(one.text ?? "");
    assert.equal(good.kind === "refused" && good.refused.name, one.expect);
    const bad = await judged(`${one.text} `);
    assert.equal(bad.kind === "bad" && bad.refused.name, "signature_wrong");
  },

  async content(one) {
    const bytes = bytesOf(one);
    const key = await secretOfA4();
    assert.equal(nameOf(await unseal(bytes, { key, ...bounds })), one.sealed);
    assert.equal(nameOf(readContent(bytes, bounds.contentMax, false)), one.expect);
  },

  async sealed(one) {
    const bytes = bytesOf(one);
    const key = await secretOfA4();
    assert.equal(nameOf(await unseal(bytes, { key, ...bounds })), one.expect);
    const keys = openingKeysOf({ key }).map(openingKey);
    const fast = unsealFast(bytes, { keys, ...bounds });
    assert.equal(fast === "unsupported" ? fast : nameOf(fast), one.expect);
    if (one.expect === "content_unsigned") {
      const literal = await unsealLiteral(bytes, { key, ...bounds });
      assert.ok(literal.ok);
      assert.equal(toLatin1(literal.value), one.text);
    }
    withSessionKey(one);
  },
};

/** Whoever cannot have the session key here may still have it from the RFC. */
function withSessionKey(one: Case): void {
  const body = readPackets(bytesOf(one), 4)?.find(({ tag }) => tag === tags.sealed)?.body;
  const data = fromHex(one.sessionKey ?? "");
  assert.ok(body && data);
  const isAead = body[0] === 2;
  if (isAead) assert.equal(knowsForm(body), one.text !== undefined);
  const content = isAead
    ? knowsForm(body) && openAead(body, data)
    : openSealed(body, { algorithm: one.cipher ?? null, data });
  if (one.text === undefined) {
    assert.equal(content, false);
    return;
  }
  assert.ok(content instanceof Uint8Array);
  const [literal] = readPackets(content, 2) ?? [];
  assert.equal(literal?.tag, tags.literal);
  assert.ok(toLatin1(literal.body).endsWith(one.text));
}

for (const one of cases) {
  test(`RFC 9580 ${one.section}: ${one.what}`, () => checks[one.kind](one));
}
