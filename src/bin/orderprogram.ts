/** The commands about orders and about securities: each with its options, and its file. */
import { Option, type Command } from "commander";

import { called } from "./called.ts";
import type { Registering } from "./ringprogram.ts";

const kinds = `
Kinds of orders:
  ${called} buy 120 GLD/BTC @ 0.04215                     rests until filled or cancelled
  ${called} buy 120 GLD/BTC @ 0.04215 --tif DAY           or until the market's day ends; IOC, FOK
  ${called} buy 120 GLD/BTC @ 0.04215 --until 24h         or until then
  ${called} buy 120 GLD/BTC @ 0.04215 --post-only         refused if it would trade at once
  ${called} buy 120 GLD/BTC --cap 5.1                     at the market, for so much at most
  ${called} sell 120 GLD/BTC --stop 0.0415                waits for that price, then at the market
  ${called} sell 120 GLD/BTC @ 0.041 --stop 0.0415        waits for it, then rests at 0.041
A market without a day never closes: there an order with --tif DAY rests until it is cancelled.`;

/** Registers `buy`, `sell`, `replace`, `cancel` and `cancel-after`. */
export function orderCommands(
  program: Command,
  { run, follows }: Pick<Registering, "run" | "follows">,
): void {
  for (const side of ["buy", "sell"] as const) {
    const command = program
      .command(side)
      .description(`${side} QTY MARKET @ PRICE; without a price, at the market`)
      .argument("<quantity>")
      .argument("<market>")
      .argument("[price...]", "@ PRICE")
      .option("--id <id>", "your own name for the order, new for ever (default: made up)")
      .option("--tag <tag>", "echoed in every record about it: a broker's customer")
      .option("--tif <word>", "time in force: GTC, DAY, IOC, FOK or POST_ONLY")
      .option("--post-only", "refused if it would trade at once")
      .option("--expiry, --until <time>", "cancelled then if still open: 1h or a time")
      .option("--stop <price>", "waits until the last trade is there")
      .option("--own <which>", "what ends if it meets an own order: newest, oldest or both")
      .option("--cap <amount>", "the most a buy at the market pays, fee included")
      .addHelpText("after", kinds);
    run(follows(command), async () => (await import("./trade.ts"))[side]);
  }
  const replace = program
    .command("replace")
    .description("give an open order another quantity, price or stop: ORDER [QTY] [@ PRICE]")
    .argument("<order>", "its id, or order id and line")
    .argument("[change...]", "QTY, what was filled counts; @ PRICE")
    .option("--stop <price>", "another trigger, while it waits")
    .option("--post-only", "refused if it would trade at once; the order then stays as it was")
    .option("--market <market>", "the order's market, if this computer does not know it")
    .option("--tag <tag>", "echoed in the report");
  run(follows(replace), async () => (await import("./trade.ts")).replace);
  const cancel = program
    .command("cancel")
    .description("cancel one order, or all of them with --all [MARKET]")
    .argument("[order]", "its id, or order id and line")
    .option("--all [market]", "every open order, or those of one market")
    .addOption(new Option("--side <side>", "with --all: of one side").choices(["buy", "sell"]))
    .option("--tag <tag>", "echoed in the report");
  run(follows(cancel), async () => (await import("./trade.ts")).cancel);
  const cancelAfter = program
    .command("cancel-after")
    .description("a dead man's switch: all open orders are cancelled then, unless you move it")
    .argument("<time>", "10m, 24h or a time; off turns it off")
    .option("--tag <tag>", "echoed in the report");
  run(follows(cancelAfter), async () => (await import("./trade.ts")).cancelAfter);
}

const issuers = `
Only the issuer whom the exchange names may say these (signet.conf: issuer ASSET FINGERPRINT). What
cannot be undone is shown and asked about; --yes answers, --dry-run prints the letter and stops.`;

/** Registers `issue …`. */
export function issueCommands(
  program: Command,
  { run, follows }: Pick<Registering, "run" | "follows">,
): void {
  const issue = program.command("issue").description("an asset's issuer: shares and what they pay");
  issue.addHelpText("after", issuers);
  const acts = [
    [
      "list",
      "<asset> <shares> <contract>",
      "the shares come into being; CONTRACT: file or SHA-256",
    ],
    ["dividend", "<total> <pay-asset> <on...>", "TOTAL PAYASSET on ASSET, divided by --float"],
    ["ratio", "<asset> <new> <for...>", "a split: ASSET NEW for OLD at PRICE PAYASSET"],
    ["rename", "<asset> <new-asset>", "to the name that the exchange reserves"],
    ["delist", "<asset>", "orders out, markets closed for ever, a closing statement to holders"],
    ["holders", "<asset>", "the list of holders; changes nothing"],
  ] as const;
  for (const [name, words, description] of acts) {
    const command = issue.command(`${name} ${words}`).description(description);
    command.option("--tag <tag>", "echoed in the report");
    if (name !== "holders") command.option("--yes", "ask nothing: sign what is shown");
    if (name === "dividend") {
      command.option("--float <shares>", "the number of shares that TOTAL is divided by");
      command.option("--record <time>", "whoever holds then is paid: 24h or a time (default: now)");
    }
    run(follows(command), async () => (await import("./issue.ts"))[name]);
  }
}
