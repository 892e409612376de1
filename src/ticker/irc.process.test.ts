/** The bot in a channel of a real IRC server: killed and started again, it never echoes a trade. */
import { test } from "node:test";
import { deepEqual, match, ok } from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { verifierKey } from "../log/note.ts";
import { freePort } from "../testing/exchange.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { TestSocks } from "../testing/socks.ts";

const candidates = ["ngircd", "/usr/sbin/ngircd"];
const ngircd = candidates.find((name) => spawnSync(name, ["--version"]).status === 0);
const skip = ngircd === undefined && "NGIRCD IS NOT INSTALLED: apt-get install ngircd";

const market = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8";
const trade = (number: number): string =>
  `TRADE|${number}|GLD/BTC|10|4210|2026-11-21T11:59:31.000Z|buy`;
const levels = ["LEVEL|GLD/BTC|sell|4215|800", "LEVEL|GLD/BTC|buy|4205|30"];
const patienceMs = 20_000;

async function until(what: string, done: () => boolean): Promise<void> {
  for (const end = Date.now() + patienceMs; !done(); await sleep(20)) {
    ok(Date.now() < end, `${what}: it did not happen`);
  }
}

/** A person in the channel. */
class Person {
  readonly lines: string[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    let buffer = "";
    socket.on("data", (data) => {
      const lines = (buffer + String(data)).split("\r\n");
      buffer = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("PING")) socket.write(line.replace("PING", "PONG") + "\r\n");
        this.lines.push(line);
      }
    });
  }

  static async join(port: number, nick = "alice"): Promise<Person> {
    for (const end = Date.now() + patienceMs; ; await sleep(50)) {
      const socket = connect(port, "127.0.0.1");
      const isUp = await new Promise((resolve) => {
        socket.once("connect", () => resolve(true));
        socket.once("error", () => resolve(false));
      });
      if (isUp === true) {
        const person = new Person(socket);
        socket.write(`NICK ${nick}\r\nUSER ${nick} 0 * :A person\r\nJOIN #gold\r\n`);
        await until("the channel is joined", () => person.lines.some((line) => / 366 /.test(line)));
        return person;
      }
      if (Date.now() > end) throw new Error("couldn't reach the IRC server");
    }
  }

  say(text: string): void {
    this.#socket.write(`PRIVMSG #gold :${text}\r\n`);
  }

  /** What the bot said in the channel. */
  get heard(): readonly string[] {
    return this.lines.flatMap((line) => {
      const [, text] = /^:signet\S* PRIVMSG #gold :(.*)$/.exec(line) ?? [];
      return text === undefined ? [] : [text];
    });
  }

  leave(): void {
    this.#socket.destroy();
  }
}

/** The numbers of the trades that were said. */
function numbers(person: Person): readonly number[] {
  return person.heard.flatMap((text) => {
    const [, number] = /^\[Signet\] .* \{(\d+)\}$/.exec(text) ?? [];
    return number === undefined ? [] : [Number(number)];
  });
}

function startServer(dir: string, port: number): ChildProcess {
  const config = join(dir, "ngircd.conf");
  writeFileSync(
    config,
    `[Global]
Name = irc.signet.invalid
Info = test
Listen = 127.0.0.1
Ports = ${port}
MotdPhrase = "hello"
AdminInfo1 = test
AdminInfo2 = test
AdminEMail = nobody@signet.invalid
[Limits]
MaxConnectionsIP = 0
[Options]
DNS = no
Ident = no
PAM = no
`,
  );
  return spawn(ngircd ?? "", ["-n", "-f", config], { stdio: "ignore" });
}

/** What the bot answers to who asks. */
async function answersOf(alice: Person): Promise<void> {
  const before = alice.heard.length;
  for (const text of ["$depth gld/btc", "$vwap GLD/BTC", "$ticker", "$depth GLD/XYZ", "hello"]) {
    alice.say(text);
  }
  await until("answers", () => alice.heard.length >= before + 4);
  const answers = alice.heard.slice(before).toSorted();
  match(answers[0] ?? "", /^No such market: GLD\/XYZ$/);
  match(answers.join("\n"), /^\[GLD\/BTC\] buys 3 @ 0\.04205 \| sells 80 @ 0\.04215 \(127/m);
  match(answers.join("\n"), /^\[GLD\/BTC\] VWAP 1d /m);
  match(answers.join("\n"), /^\[GLD\/BTC\] last 0\.0421 \{\d+\}, buy 0\.04205, sell 0\.04215/m);
}

test("each trade once, whatever dies; $depth, $vwap, $ticker", { skip }, async () => {
  const world = await RelayWorld.start();
  const dir = mkdtempSync(join(tmpdir(), "signet-irc-"));
  const port = await freePort();
  const server = startServer(dir, port);
  const { log, exchange } = world.publisher;
  writeFileSync(join(dir, "exchange"), `${exchange} ${verifierKey(log.name, log.publicKey)}\n`);
  const program = join(import.meta.dirname, "..", "bin", "signet.ts");
  // Names that only the proxy knows: whatever went around it would reach nobody.
  const socks = await TestSocks.start();
  socks.names.set("irc.onion", port);
  socks.names.set("alder.onion", Number(new URL(world.relay.address).port));
  const startBot = (through: readonly string[] = []): ChildProcess => {
    const [host, relay] =
      through.length > 0 ? ["irc.onion", "http://alder.onion"] : ["127.0.0.1", world.relay.address];
    const words = ["--server", `${host}:${port}`, "--channel", "#gold", "--pace", "20", ...through];
    const where = ["--dir", dir, "--after", "0", "--relay", relay ?? ""];
    return spawn(process.execPath, [program, "ticker", "irc", ...words, ...where], {
      stdio: "ignore",
    });
  };
  let bot: ChildProcess | undefined;
  let number = 0;
  let publication = 0;
  const publish = async (count: number): Promise<void> => {
    const trades = Array.from({ length: count }, () => trade((number += 1)));
    const leaves = publication === 0 ? [market, ...levels, ...trades] : trades;
    publication += 1;
    await world.put(publication, world.publisher.publish({ leaves }));
  };
  try {
    const alice = await Person.join(port);
    await publish(3);
    bot = startBot();
    await until("three trades", () => numbers(alice).length === 3);
    for (let round = 0; round < 2; round += 1) {
      await publish(6);
      const before = numbers(alice).length;
      await until("some more", () => numbers(alice).length > before);
      bot.kill("SIGKILL");
      await sleep(100);
      bot = startBot();
      await publish(1);
      await until("the newest", () => numbers(alice).includes(number));
    }
    const said = numbers(alice);
    deepEqual(
      said,
      [...new Set(said)].toSorted((a, b) => a - b),
      "no echo, and in order",
    );
    ok(said.length >= number - 2, `${said.length} of ${number}: at most one is lost at each death`);
    await answersOf(alice);
    // The same through a SOCKS proxy: relay and server by names that nobody else could find.
    bot.kill("SIGKILL");
    bot = startBot(["--socks", `127.0.0.1:${socks.port}`]);
    await publish(1);
    await until("the newest, through the proxy", () => numbers(alice).includes(number));
    const wanted = new Set(socks.wanted.map(({ host, type }) => `${host} ${type}`));
    deepEqual([...wanted].toSorted(), ["alder.onion 3", "irc.onion 3"]);
    alice.leave();
  } finally {
    await socks.close();
    bot?.kill("SIGKILL");
    server.kill("SIGKILL");
    await world.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
