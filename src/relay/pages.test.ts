/** What of a card that nobody verified comes into the policy of a page. */
import { hash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";
import { time } from "../codec/time.ts";
import { printCard } from "../letter/card.ts";
import { goldCard } from "../testing/gold.ts";
import { Publisher, testKey } from "../testing/publisher.ts";
import { relayOptions } from "../testing/relayworld.ts";
import { dockSignature } from "../testing/transcript.ts";
import { startRelay } from "./server.ts";

const key = `alder+5c1e77d0+${"A".repeat(43)}=`;
const plain = ["http://alder.example:8101", "https://10.0.0.1", "http://[2001:db8::1]:81"];
const hostile = [
  "https://*",
  "https://*.example",
  "https://a;script-src",
  "https://a;script-src:443",
  "https://a,b",
  "https://'unsafe-inline'",
  "https://user@*:8101/",
];

test("a page may speak with plain origins of the card, and with nobody else that it names", async () => {
  const dir = mkdtempSync(join(tmpdir(), "signet-pages-"));
  const pages = join(dir, "web");
  mkdirSync(pages);
  const page = "<!doctype html>\n";
  writeFileSync(join(pages, "index.html"), page);
  writeFileSync(join(pages, "build.txt"), `${hash("sha256", page)}  index.html\n`);
  const relay = await startRelay({ ...relayOptions(join(dir, "relay")), pages });
  try {
    const { exchange } = relayOptions("");
    const relays = [...plain, ...hostile].map((url, i) => ({ name: `relay-${i}`, url, key }));
    const log = key.replace("alder", `signet.log/${exchange}`);
    const card = printCard({ ...goldCard, log, relays, at: time(1_795_258_800_000) });
    const signed = `-----BEGIN PGP SIGNED MESSAGE-----\n\n${card}-----BEGIN PGP SIGNATURE-----\n`;
    const body = new Uint8Array(new Publisher(exchange, testKey(1)).publish({ card: signed }));
    const path = "/v1/dock/publications/1";
    const at = new Date().toISOString();
    const headers = { "signet-dock": dockSignature(testKey(9), "PUT", path, at) };
    const put = await fetch(relay.address + path, { method: "PUT", headers, body });
    equal(put.status, 200, await put.text());
    const answer = await fetch(`${relay.address}/`);
    equal(await answer.text(), page);
    const policy = answer.headers.get("content-security-policy") ?? "";
    const rules = new Map(policy.split("; ").map((rule) => [rule.split(" ")[0], rule]));
    const wanted = plain.flatMap((origin) => [origin, origin.replace("http", "ws")]);
    equal(rules.get("connect-src"), ["connect-src 'self'", ...wanted].join(" "));
    deepEqual(
      [...rules.keys()],
      [
        "default-src",
        "script-src",
        "style-src",
        "img-src",
        "connect-src",
        "worker-src",
        "form-action",
        "base-uri",
        "frame-ancestors",
      ],
    );
  } finally {
    await relay.close();
    rmSync(dir, { recursive: true });
  }
});
