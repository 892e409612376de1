/** nginx before a relay changes nothing: the same transcript through it. Skipped without nginx. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ok } from "node:assert/strict";
import { RelayWorld } from "../testing/relayworld.ts";
import { runTranscript } from "../testing/transcript.ts";

const candidates = ["nginx", "/usr/sbin/nginx"];
const nginx = candidates.find((name) => spawnSync(name, ["-v"]).status === 0);

function configuration(dir: string, port: number, relay: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${dir}/${name};`)
    .join("\n");
  return `daemon off;
master_process off;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log;
events { worker_connections 64; }
http {
  access_log off;
${temporary}
  client_max_body_size 4m;
  proxy_read_timeout 75s;
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass ${relay}; }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilAnswers(address: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await fetch(`${address}/v1/relay`).catch(() => undefined))?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("couldn't reach the relay through nginx");
}

const skip = nginx === undefined && "NGINX IS NOT INSTALLED: apt-get install nginx-light";

test("the transcript through nginx", { skip }, async () => {
  const dir = mkdtempSync(join(tmpdir(), "signet-nginx-"));
  const world = await RelayWorld.start();
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const config = join(dir, "nginx.conf");
  writeFileSync(config, configuration(dir, port, world.relay.address));
  const args = ["-p", dir, "-c", config, "-e", join(dir, "error.log")];
  const child = spawn(nginx ?? "", args, { stdio: "ignore" });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  try {
    await untilAnswers(address);
    const text = readFileSync(new URL("relay.http.txt", import.meta.url), "utf8");
    ok((await runTranscript(text, world.stage(address))) > 70);
  } finally {
    child.kill("SIGKILL");
    await gone;
    await world.close();
    rmSync(dir, { recursive: true });
  }
});
