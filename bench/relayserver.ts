/**
 * The served half of bench/relay.ts: a relay over the folder that is named, and a bare `node:http`
 * server that answers `/bare/BYTES` with so many bytes, and appends and syncs what is posted to it.
 * Says where they listen, and runs until it is ended.
 */
import { createServer, type IncomingMessage } from "node:http";
import { open } from "node:fs/promises";
import { join } from "node:path";

import { relayOptions } from "../src/testing/relayworld.ts";
import { startRelay } from "../src/relay/server.ts";

const dir = process.argv[2] ?? "";
const relay = await startRelay(relayOptions(dir));
const answers = new Map<string, Buffer>();
const file = await open(join(dir, "appended"), "a");

/** As little as a durable answer can be: the body on the disk, then 300 bytes. */
async function append(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  await file.write(Buffer.concat(parts));
  await file.datasync();
  return Buffer.alloc(300, "x");
}

const bare = createServer((request, response) => {
  const url = request.url ?? "";
  if (request.method === "POST") {
    append(request)
      .then((body) => response.writeHead(202).end(body))
      .catch(() => response.destroy());
    return;
  }
  const body = answers.get(url) ?? Buffer.alloc(Number(url.split("/").at(-1)), "x");
  answers.set(url, body);
  response.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "content-length": body.length,
  });
  response.end(body);
});
bare.listen(0, "127.0.0.1", () => {
  const address = bare.address();
  const port = typeof address === "object" ? address?.port : 0;
  process.send?.({ relay: relay.address, bare: `http://127.0.0.1:${port}` });
});
