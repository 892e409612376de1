/** The tickers' commands, each with its options, and the file that runs it. */
import type { Command } from "commander";

import type { Registering } from "./ringprogram.ts";

const help = `
A trade counts when its leaf is under a checkpoint that the exchange signed; a relay cannot invent
one. The first start begins with the next new trade, or says those above --after.`;

/** Registers `ticker irc` and `ticker webhook`. */
export function tickerCommands(program: Command, { run }: Pick<Registering, "run">): void {
  const ticker = program.command("ticker").description("tell others of trades, as they happen");
  ticker.addHelpText("after", help);
  const irc = ticker
    .command("irc")
    .description("a bot in a channel: each trade once; answers $depth, $vwap and $ticker")
    .requiredOption("--server <host:port>", "the IRC server")
    .requiredOption("--channel <name>", "the channel, such as '#gold'")
    .option("--nick <name>", "its name there", "signet")
    .option("--tls", "speak TLS with the server")
    .option("--pace <ms>", "between lines, after the first few", "1500");
  run(follows(irc), async () => (await import("./ticker.ts")).irc);
  const webhook = ticker
    .command("webhook")
    .description("post each trade to an address, at least once, with its id as idempotency key")
    .requiredOption("--url <url>", "where to; a login in it goes into a header");
  run(follows(webhook), async () => (await import("./ticker.ts")).webhook);
}

function follows(command: Command): Command {
  return command
    .option("--after <trade>", "at the first start: the trades above this number")
    .option("--dir <dir>", "where it keeps its place", "signet-ticker")
    .option("--key-number <digits>", "the exchange's thirty digits; the first time");
}
