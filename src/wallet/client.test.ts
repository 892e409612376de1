/** What a relay may send, the largest mail and nothing beyond it; and a URL with a login. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, test } from "node:test";

import { assert as hold } from "../codec/assert.ts";
import { toBase64 } from "../codec/bytes.ts";
import { publicationBytesMax } from "../log/publication.ts";
import { fetchJson, fetchMailbox, postJson } from "./client.ts";

let server: Server;
let url: string;
let sealedBytes = 0;
let login: string | undefined;

before(async () => {
  server = createServer((request, response) => {
    login = request.headers.authorization;
    const sealed = toBase64(new Uint8Array(sealedBytes));
    response.end(JSON.stringify({ tag: "", entries: [{ index: 7, sealed }], more: true }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  hold(typeof address === "object" && address !== null, "it listens");
  url = `http://127.0.0.1:${address.port}`;
});

after(() => void server.close());

test("the largest entry of mail is read, a larger one is no answer", async () => {
  const { signal } = new AbortController();
  sealedBytes = publicationBytesMax;
  const page = await fetchMailbox(url, "aa", 6, signal);
  assert.equal(page?.entries[0]?.sealed.length, publicationBytesMax);
  assert.equal(page.more, true);
  sealedBytes += 65_536;
  assert.equal(await fetchMailbox(url, "aa", 6, signal), undefined);
});

test("a login in a URL goes into a header, and into no sentence", async () => {
  const within = (text: string): string => text.replace("//", "//alice:hunter2@");
  sealedBytes = 1;
  assert.equal((await fetchJson(within(url), "/")).kind, "answer");
  assert.equal(login, `Basic ${Buffer.from("alice:hunter2").toString("base64")}`);
  const nobody = [
    "http://127.0.0.1:1",
    "http://[",
    "ftp://127.0.0.1",
    "//127.0.0.1",
    "http://no.invalid",
  ];
  for (const place of nobody) {
    for (const answer of [fetchJson(within(place), "/"), postJson(within(place), "{}", 5000)]) {
      const found = await answer;
      assert.equal(found.kind, "failed");
      assert.doesNotMatch(JSON.stringify(found), /hunter2|alice/);
    }
  }
});
