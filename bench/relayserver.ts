/**
 * The served half of bench/relay.ts: a relay over the folder that is named, and a bare `node:http`
 * server that answers `/bare/BYTES` with so many bytes. Says where they listen, and runs until it
 * is ended.
 */
import { createServer } from "node:http";

import { relayOptions } from "../src/testing/relayworld.ts";
import { startRelay } from "../src/relay/server.ts";

const relay = await startRelay(relayOptions(process.argv[2] ?? ""));
const answers = new Map<string, Buffer>();
const bare = createServer((request, response) => {
  const url = request.url ?? "";
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
