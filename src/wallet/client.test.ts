/** What a relay may send: the largest mail there can be, and nothing beyond it. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, test } from "node:test";

import { assert as hold } from "../codec/assert.ts";
import { toBase64 } from "../codec/bytes.ts";
import { publicationBytesMax } from "../log/publication.ts";
import { fetchMailbox } from "./client.ts";

let server: Server;
let url: string;
let sealedBytes = 0;

before(async () => {
  server = createServer((_request, response) => {
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
