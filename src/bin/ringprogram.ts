/** The commands of the ring venue: each with its options, and the file that runs it. */
import type { Command } from "commander";

import { called } from "./called.ts";
import type { CommonOptions, Context, Ended } from "./context.ts";

type Act<Options> = (
  context: Context,
  words: readonly string[],
  options: Options,
) => Promise<Ended>;

/** How a program registers commands (program.ts). */
export type Registering = {
  readonly run: <Options extends CommonOptions>(
    command: Command,
    load: () => Promise<Act<Options>>,
  ) => void;
  /** Adds the options of commands that write a letter. */
  readonly follows: (command: Command) => Command;
  readonly portOf: (text: string) => string;
};

const help = `
An order of yours is filled in a ring of orders, in one transaction, at your price or better.
You need tokens at your address (${called} ring address), an approval (${called} ring approve)
and an order (${called} ring offer).`;

/** Registers `ring …`, `broadcast`, `watch` and `miner`. */
export function ringCommands(program: Command, registering: Registering): void {
  const { run, follows } = registering;
  const ring = program.command("ring").description("the ring venue: tokens for tokens, on chain");
  ring.addHelpText("after", help);
  const offer = ring
    .command("offer")
    .description("SELL_AMOUNT TOKEN for BUY_AMOUNT TOKEN, filled in parts unless --all-or-none")
    .argument("<sell>", "how much at most")
    .argument("<token>", "of what")
    .argument("<for...>", "for BUY_AMOUNT TOKEN: at least so much for all of it")
    .option("--until <time>", "its last second: 1h, 7d or a time", "1d")
    .option("--id <id>", "your own name for it, new for ever (default: made up)")
    .option("--tag <tag>", "echoed in every record about it")
    .option("--all-or-none", "all of it in one ring, or nothing")
    .option(
      "--margin <percent>",
      "what the miner may keep of a ring's gain beyond your price",
      "50",
    )
    .option("--fee <amount>", "'AMOUNT TOKEN': what the miner may take for filling all of it")
    .option("--shared", "use the miner's own auth address and send no auth key");
  run(follows(chains(signs(offer))), async () => (await import("./ringoffer.ts")).offer);
  const cancel = ring
    .command("cancel")
    .description("take an order back by a letter, or for good with --on-chain")
    .argument("[order]", "its id or order hash")
    .option("--on-chain", "by a transaction of yours: nobody can fill it afterwards")
    .option("--all", "every order of yours, with --on-chain")
    .option("--tag <tag>", "echoed in the report");
  run(follows(chains(signs(cancel))), async () => (await import("./ringcancel.ts")).cancel);
  reading(ring, run);
  own(ring, run);
  const find = ring
    .command("find")
    .description("the rings in a file of orders; nothing is signed or sent")
    .argument("<orders>", "ORDERS.json; - for stdin")
    .option("--gas-per-order <amount>", "what one order's place in a ring costs", "0");
  run(find, async () => (await import("./ringfind.ts")).ringFind);
  const broadcast = program
    .command("broadcast")
    .description("bring relays' ring transactions onto the chain, for the gas; anybody may")
    .option("--chain <url>", "a node of the venue's chain (or SIGNET_CHAIN)")
    .option("--key-file <file>", "who pays: 64 hex digits (or SIGNET_BROADCAST_KEY)")
    .option("--dir <dir>", "where it keeps what it sent (default: broadcast in the home)")
    .option(
      "--contract <address>",
      "the settlement (default: what a relay says and the chain confirms)",
    )
    .option("--confirmations <n>", "blocks after which a transaction is final", "6");
  run(broadcast, async () => (await import("./broadcast.ts")).broadcast);
  const watch = program
    .command("watch")
    .description("tell the exchange what happens on the venue's chain, as one of its watchers")
    .option("--chain <url>", "a node of the venue's chain (or SIGNET_CHAIN)")
    .option("--confirmations <n>", "blocks on top of the newest that is told of", "3");
  run(watch, async () => (await import("./watch.ts")).watch);
  members(program, ring, registering);
}

/** Relays and miners on line that share orders. */
function members(program: Command, ring: Command, { run, portOf }: Registering): void {
  const miner = program
    .command("miner")
    .description("share ring orders with members, and mine rings of them")
    .option("--dir <dir>", "its folder", "signet-miner")
    .option("--chain <url>", "a node of the venue's chain (or SIGNET_CHAIN)")
    .option("--key-file <file>", "who pays the gas: 64 hex digits (or SIGNET_BROADCAST_KEY)")
    .option("--port <n>", "where it listens, on this machine", portOf)
    .option("--contract <address>", "the settlement; the first time")
    .option("--name <name>", "its name among the members; the first time")
    .option("--orders-only", "no miner: carries orders and shows their depth; the first time");
  run(miner, async () => (await import("./miner.ts")).miner);
  const accounts = ring
    .command("accounts")
    .description("what members who share orders owe each other, from what settled on chain")
    .option("--chain <url>", "a node of the venue's chain (or SIGNET_CHAIN)")
    .option("--contract <address>", "the settlement")
    .option("--members <file>", "members.conf")
    .option("--from <block>", "the first block", "0")
    .option("--to <block>", "the last one (default: the newest)")
    .option("--share <percent>", "of fee or margin, for who brought the order", "50");
  run(accounts, async () => (await import("./ringaccounts.ts")).accounts);
}

function reading(ring: Command, run: Registering["run"]): void {
  const offline = (command: Command): Command =>
    command.option("--offline", "ask nobody: what is on this computer");
  const list = ring
    .command("list")
    .description("your ring orders (open ones; --all for all)")
    .option("--all", "also those that are over");
  run(offline(list), async () => (await import("./ringread.ts")).list);
  const status = ring
    .command("status")
    .description("what became of one ring order: each ring, and its transaction")
    .argument("<order>", "its id or order hash");
  run(offline(status), async () => (await import("./ringread.ts")).status);
  const venue = ring.command("venue").description("chain, contract, miner and tokens");
  run(offline(venue), async () => (await import("./ringread.ts")).venue);
  const depth = ring
    .command("depth")
    .description("what a pair of tokens could be had for through rings, as a relay tells it")
    .argument("<pair>", "SELL/BUY");
  run(depth, async () => (await import("./ringread.ts")).depth);
}

function own(ring: Command, run: Registering["run"]): void {
  const address = ring.command("address").description("the Ethereum address that owns your orders");
  run(signs(address), async () => (await import("./ringkeys.ts")).address);
  const key = ring
    .command("key")
    .description("put an Ethereum key into this home, sealed to its OpenPGP key")
    .option("--words-file <file>", "the account's 24 words; - for stdin")
    .option("--key-file <file>", "any key: 64 hex digits; - for stdin")
    .option("--replace", "in place of the one that is there");
  run(key, async () => (await import("./ringkeys.ts")).key);
  const approve = ring
    .command("approve")
    .description("let the ring contract take so much of a token, in all; 0 takes it back")
    .argument("<amount>", "or: unlimited")
    .argument("<token>")
    .option("--dry-run", "print the transaction, and stop");
  run(chains(signs(approve)), async () => (await import("./ringmoney.ts")).approve);
  const faucet = ring
    .command("faucet")
    .description("play money, on a development chain")
    .argument("[amount]", "of each token", "1000")
    .argument("[token]", "only of this");
  run(chains(signs(faucet)), async () => (await import("./ringmoney.ts")).faucet);
}

function signs(command: Command): Command {
  return command
    .option("--signer <url>", "another wallet, by JSON-RPC (default: this home's Ethereum key)")
    .option("--owner <address>", "whose orders (default: the signer's first account)")
    .option("--contract-wallet", "the owner is a contract that accepts the signature (ERC-1271)");
}

function chains(command: Command): Command {
  return command.option("--chain <url>", "a node (or SIGNET_CHAIN; default: that of npm start)");
}
