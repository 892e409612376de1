/**
 * `npm run tour`: plays the first scenario (scenarios/first-trade.txt) live, on an exchange of its
 * own in a temporary folder. Alice uses the signet command; Bob has nothing but gpg, curl and an
 * editor. Every command shown is the command that runs. Between the two orders the island is killed
 * with SIGKILL. At last three strangers settle a ring on a chain (tourring.ts).
 *
 * The day's sentences are read from the scenario's file, so that the story, its test and this tour
 * are one. Ends with exit code 1 if anything is not as the story says.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { assert } from "../codec/assert.ts";
import { parseConfiguration, type Configuration } from "../engine/configuration.ts";
import { parseDecimal } from "../money/decimal.ts";
import { cut } from "./cut.ts";
import { playRing } from "./tourring.ts";
import { chainPortAbove } from "./venue.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const columnsMax = 110;
const scenario = "scenarios/first-trade.txt";
const isBright = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
const bold = (text: string): string => (isBright ? `\u001b[1m${text}\u001b[0m` : text);
const dim = (text: string): string => (isBright ? `\u001b[2m${text}\u001b[0m` : text);
const print = (text = ""): void => console.log(text);

/** Where everything of this tour lies, and how its commands are called. */
type Stage = {
  readonly dir: string;
  readonly relay: string;
  readonly env: Readonly<Record<string, string>>;
  readonly exchange: ChildProcess;
};

/** Shows a command and runs it; its output follows, indented. Fails the tour if it fails. */
function run(stage: Stage, who: string, command: string): string {
  print(`\n${bold(`${who} $`)} ${command}`);
  // What is read by this program stays apart from what is said to people.
  const merged = command.includes("--json") ? command : `{ ${command}; } 2>&1`;
  const done = spawnSync("bash", ["-c", `set -o pipefail; ${merged}`], {
    cwd: stage.dir,
    env: { ...process.env, ...stage.env },
    encoding: "utf8",
  });
  const said = `${done.stdout}${done.stderr}`;
  for (const line of said.trimEnd().split("\n")) print(dim(`    ${cut(line, columnsMax)}`));
  if (done.status !== 0) throw new Error(`couldn't go on: the command ended with ${done.status}`);
  return done.stdout;
}

/** Runs a command without showing it. */
function ask(stage: Stage, command: string): string {
  const env = { ...process.env, ...stage.env };
  const done = spawnSync("bash", ["-c", command], { cwd: stage.dir, env, encoding: "utf8" });
  return `${done.stdout}${done.stderr}`;
}

/**
 * A letter of Bob's: written, shown, signed and sealed by gpg, carried by curl, the answer opened.
 */
class GpgCustomer {
  readonly #stage: Stage;
  readonly #exchange: string;
  #seq = 0;

  constructor(stage: Stage, exchange: string) {
    this.#stage = stage;
    this.#exchange = exchange;
  }

  say(command: string): string {
    this.#seq += 1;
    const by = `${new Date(Date.now() + 120_000).toISOString().slice(0, 19)}Z`;
    const letter = `signet/1 ${this.#exchange}\nseq ${this.#seq}\nby ${by}\n${command}\n`;
    const file = `letter-${this.#seq}`;
    writeFileSync(join(this.#stage.dir, `${file}.txt`), letter);
    print(`\n${bold("Bob")} writes ${file}.txt:`);
    for (const line of letter.trimEnd().split("\n")) print(dim(`    ${cut(line, columnsMax)}`));
    const seal = `gpg -q -u Bob -r ${this.#exchange} --trust-model always -a -se < ${file}.txt`;
    const post = `curl -s --data-binary @- "$RELAY/v1/letters?wait=30" > ${file}.reply.asc`;
    run(this.#stage, "Bob", `${seal} | ${post}`);
    return run(
      this.#stage,
      "Bob",
      `gpg -q --trust-model always -d ${file}.reply.asc | grep -v '^pad'`,
    );
  }
}

/** What the day's sentences mean in units. */
type Order = { readonly who: string; readonly verb: string; quantity: string; price: string };

function main(): Promise<number> {
  print(
    bold("Signet, the tour: two customers, one trade, and an engine that is killed in between."),
  );
  print(`The day is ${scenario}. Alice has the signet command; Bob has gpg and curl.`);
  const dir = mkdtempSync(join(tmpdir(), "signet-tour-"));
  return play(dir).finally(() => rmSync(dir, { recursive: true, force: true }));
}

async function play(dir: string): Promise<number> {
  const stage = await open(dir);
  try {
    const configuration = read(readFileSync(join(dir, "exchange/signet.conf"), "utf8"));
    const sentences = readFileSync(join(root, scenario), "utf8")
      .split("\n")
      .filter((line) => /^(Alice|Bob) /.test(line))
      .map((line) => line.replace(/\.$/, ""));
    const bob = register(stage);
    let hasTraded = false;
    for (const sentence of sentences) {
      const order = /^(Alice|Bob) (buys|sells) (\S+) (\S+) at (\S+)$/.exec(sentence);
      const owns = /^(Alice|Bob) has (\S+) ([A-Z.]+)(?:, of which (\S+) is held)?$/.exec(sentence);
      assert(order !== null || owns !== null, `the tour knows no sentence like: ${sentence}`);
      print(`\n${bold(`── ${sentence}.`)}`);
      if (order) {
        const [, who = "", verb = "", quantity = "", asset = "", price = ""] = order;
        if (hasTraded) await kill(stage);
        hasTraded = true;
        trade(stage, bob, { who, verb, quantity: `${quantity} ${asset}`, price }, configuration);
      } else if (owns) {
        const [, who = "", quantity = "", asset = "", held] = owns;
        if (hasTraded) check(stage, bob, { who, quantity, asset, held }, configuration);
        else fund(stage, bob, { who, quantity, asset }, configuration);
      }
    }
    await playRing({
      run: (who, command) => run(stage, who, command),
      ask: (command) => ask(stage, command),
      title: (text) => print(`\n${bold(text)}`),
      say: (text) => print(dim(text)),
    });
    print(`\n${bold("Done.")} Everything above was real, and is gone now. \`npm start\` is yours.`);
    return 0;
  } finally {
    stage.exchange.kill("SIGINT");
    await new Promise((resolve) => stage.exchange.once("exit", resolve));
  }
}

function read(text: string): Configuration {
  const read = parseConfiguration(text);
  assert(read.ok, "the exchange was founded with a good configuration");
  return read.value;
}

/** Founds and starts an exchange, as `npm start` does. */
async function open(dir: string): Promise<Stage> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  await new Promise((resolve) => server.close(resolve));
  const relay = `http://127.0.0.1:${port}`;
  print(`\n${bold("Exchange $")} npx signet start --data exchange --port ${port}`);
  const words = [join(root, "src/bin/signet.ts"), "start", "--data", "exchange"];
  const exchange = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", ...words, "--port", String(port)],
    { cwd: dir, stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  exchange.stderr.on("data", (data: Buffer) => (said += data.toString()));
  for (const end = Date.now() + 30_000; !said.includes("Ctrl-C stops"); await sleep(20)) {
    if (Date.now() > end || exchange.exitCode !== null) {
      throw new Error(`couldn't start the exchange:\n${said}`);
    }
  }
  for (const line of said.trimEnd().split("\n")) print(dim(`    ${line}`));
  mkdirSync(join(dir, "bob"), { mode: 0o700 });
  // Bob has no card reader; without this gpg looks for one, and says so.
  writeFileSync(join(dir, "bob/gpg-agent.conf"), "disable-scdaemon\n");
  mkdirSync(join(dir, "bin"));
  const call = `exec "${process.execPath}" --disable-warning=ExperimentalWarning`;
  const signet = `#!/bin/sh\n${call} "${join(root, "src/bin/signet.ts")}" "$@"\n`;
  writeFileSync(join(dir, "bin/signet"), signet, { mode: 0o755 });
  const env = {
    PATH: `${join(dir, "bin")}:${process.env["PATH"] ?? ""}`,
    RELAY: relay,
    SIGNET_CHAIN: `http://127.0.0.1:${(port ?? 0) + chainPortAbove}`,
    SIGNET_HOME: join(dir, "alice"),
    GNUPGHOME: join(dir, "bob"),
  };
  return { dir, relay, env, exchange };
}

/** Both open their accounts. */
function register(stage: Stage): GpgCustomer {
  print(`\n${bold("── Both open an account. Nobody logs in: a key and a letter are enough.")}`);
  run(stage, "Alice", "signet setup --relay $RELAY --words-file words.txt --yes");
  run(
    stage,
    "Bob",
    "gpg -q --batch --passphrase '' --quick-gen-key Bob future-default default never",
  );
  run(stage, "Bob", "curl -s $RELAY/v1/exchange/certificate | gpg -q --import");
  const card = run(
    stage,
    "Bob",
    "curl -s $RELAY/v1/exchange/card | gpg -q --trust-model always -d | head -3",
  );
  const exchange = /^exchange ([0-9a-f]{40})$/m.exec(card)?.[1] ?? "";
  const bob = new GpgCustomer(stage, exchange);
  const certificate = spawnSync("gpg", ["--export", "Bob"], {
    env: { ...process.env, ...stage.env },
  }).stdout.toString("base64");
  bob.say(`REGISTER|${certificate}`);
  return bob;
}

type Holding = { readonly who: string; readonly quantity: string; readonly asset: string };

/**
 * Announces a deposit; the operator, who has seen the money come, credits it by a signed letter.
 */
function fund(stage: Stage, bob: GpgCustomer, holding: Holding, { assets }: Configuration): void {
  const { who, quantity, asset } = holding;
  const units = parseDecimal(quantity, assets.get(asset)?.decimals ?? 0);
  if (who === "Alice") run(stage, "Alice", `signet deposit ${quantity} ${asset}`);
  else bob.say(`DEPOSIT|${asset}|${units}`);
  const listed = run(stage, "Operator", "signet hands list --home exchange/hands --json");
  const deposit = [...listed.matchAll(/"number":\s*"?(\d+)/g)].at(-1)?.[1] ?? "";
  const credit = `signet hands credit ${deposit} ${quantity} bank-slip-${deposit}`;
  run(stage, "Operator", `${credit} --send --home exchange/hands`);
}

function trade(stage: Stage, bob: GpgCustomer, order: Order, { markets }: Configuration): void {
  const [quantity = "", asset = ""] = order.quantity.split(" ");
  const market = [...markets.values()].find(({ base }) => base === asset);
  assert(market !== undefined, "the scenario trades what the exchange lists");
  const verb = order.verb === "buys" ? "buy" : "sell";
  if (order.who === "Alice") {
    run(stage, "Alice", `signet ${verb} ${quantity} ${market.name} @ ${order.price}`);
    return;
  }
  const lots = (parseDecimal(quantity, 1) ?? 0) / market.lot;
  const price = parseDecimal(order.price, market.priceDecimals);
  bob.say(`${verb.toUpperCase()}|${market.name}|${lots}|${price}`);
}

/** Power cut: the island dies at once; `signet start` brings it back from its journal. */
async function kill(stage: Stage): Promise<void> {
  const file = join(stage.dir, "exchange/island/island.pid");
  const before = readFileSync(file, "utf8");
  run(stage, "Power cut", "kill -9 $(cat exchange/island/island.pid)");
  while (readFileSync(file, "utf8") === before) await sleep(10);
  print(
    dim("    The island is dead, and comes back from its journal while the next letter waits."),
  );
}

/** Compares what the story says with what the exchange says. */
function check(
  stage: Stage,
  bob: GpgCustomer,
  holding: Holding & { readonly held: string | undefined },
  { assets }: Configuration,
): void {
  const { who, quantity, asset, held = "0" } = holding;
  const decimals = assets.get(asset)?.decimals ?? 0;
  const total = parseDecimal(quantity, decimals) ?? 0;
  const bound = parseDecimal(held, decimals) ?? 0;
  let is: boolean;
  if (who === "Alice") {
    const words = run(stage, "Alice", "signet balance").split(/\s+/);
    is = words[words.indexOf(asset) + 1] === quantity;
  } else {
    const text = bob.say("STAT");
    is = text.includes(`BALANCE|${asset}|${total}|${total - bound}|${bound}`);
  }
  print(is ? bold("    ✓ as the story says") : bold("    ✕ NOT as the story says"));
  if (!is) throw new Error(`couldn't find that ${who} has ${quantity} ${asset}`);
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? `✕ ${error.message}` : error);
  return 1;
});
