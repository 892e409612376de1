/**
 * The command line: every command with its options, and the file that runs it, imported when it is
 * needed so that `--help` and errors are quick. Nothing is decided here.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

import { trouble } from "../wallet/errors.ts";
import { called } from "./called.ts";
import { finish, type CommonOptions, type Context, type Ended } from "./context.ts";
import { ceremonyCommands } from "./exchangeprogram.ts";
import { keyCommands } from "./keyprogram.ts";
import { logCommands } from "./logprogram.ts";
import { issueCommands, orderCommands } from "./orderprogram.ts";
import { reasonsOf } from "./reasons.ts";
import { ringCommands } from "./ringprogram.ts";
import { tickerCommands } from "./tickerprogram.ts";

type Run<Options> = (
  context: Context,
  words: readonly string[],
  options: Options,
) => Promise<Ended>;

let exit = 0;

/** Runs the program; gives its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads our output may stop reading (`| head`): that is no failure of ours.
  process.stdout.on("error", (cause) => {
    if ("code" in cause && cause.code === "EPIPE") process.exit(exit);
    throw cause;
  });
  const program = new Command(called);
  program
    .description("An exchange that nobody logs into: every instruction is a sealed letter.")
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .addHelpText("after", exitCodes);
  accountCommands(program);
  orderCommands(program, { run, follows });
  moneyCommands(program);
  keyCommands(program, { run, follows });
  issueCommands(program, { run, follows });
  readCommands(program);
  rawCommands(program);
  relayCommands(program);
  handsCommands(program);
  exchangeCommands(program);
  ringCommands(program, { run, follows, portOf });
  tickerCommands(program, { run });
  logCommands(program, { run, portOf });
  program
    .command("sop")
    .description("stateless OpenPGP over our codec, for test suites: sop SUBCOMMAND …")
    .helpOption(false);
  // Its words are another specification's, with exit codes of its own: not for this parser.
  if (argv[2] === "sop") return (await import("./sop.ts")).sop(argv.slice(3));
  try {
    await program.parseAsync([...argv]);
    return exit;
  } catch (cause) {
    const json = argv.includes("--json");
    if (!(cause instanceof CommanderError)) return broken(cause, json);
    if (cause.exitCode === 0) return 0;
    // Without a command at all, the help was printed already.
    const isHelp = cause.code === "commander.help";
    const what = isHelp ? "Name a command." : cause.message.replace(/^error: /, "").trim();
    if (isHelp && !json) return 2;
    return finish(trouble("E100", what), { json });
  }
}

const exitCodes = `
Exit codes: 0 done · 1 this computer failed · 2 usage · 3 refused before sending · 4 final, not executed
· 5 not known yet, safe to ask again · 6 a signature did not check · 7 local key · 8 nothing reachable`;

/** This computer or this program failed: said with every cause, because only a person can help. */
function broken(cause: unknown, json: boolean): number {
  finish(trouble("E901", `${reasonsOf(cause)}.`), { json });
  if (process.env["SIGNET_DEBUG"] !== undefined) console.error(cause);
  return 1;
}

/** Adds what every command takes, and runs it. */
function run<Options extends CommonOptions>(
  command: Command,
  load: () => Promise<Run<Options>>,
): void {
  command
    .option("--home <dir>", "the account's folder (default: SIGNET_HOME or ~/.signet)")
    .option("--profile <name>", "another account beside the first")
    .option("--relay <url>", "a relay to use as well; may be repeated", gather)
    .option("--socks <host:port>", "reach everybody through a SOCKS proxy (or SIGNET_SOCKS)")
    .option("--json", "one object on stdout")
    .option("--plain", "ASCII only, nothing moves")
    .option("--passphrase-file <file>", "the key's passphrase (or SIGNET_PASSPHRASE_FILE)");
  command.action(async (...given: unknown[]) => {
    const options = command.opts<Options>();
    const socks = options.socks ?? process.env["SIGNET_SOCKS"] ?? "";
    const { goThrough } = await import("./outward.ts");
    const outward = socks === "" ? undefined : goThrough(socks);
    if (outward?.ok === false) {
      exit = finish(outward, options);
      return;
    }
    const { contextOf } = await import("./context.ts");
    const words = given.flat().filter((word) => typeof word === "string");
    const act = await load();
    const context = contextOf(options);
    try {
      exit = finish(await act(context, words, options), options);
    } finally {
      context.end();
    }
  });
}

function gather(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function follows(command: Command): Command {
  return command
    .option("--by <time>", "void if not read until then: 60s, 10m, or a time", "60s")
    .option("--thread <n>", "sequence thread, 0 to 254: one for each program of yours", "0")
    .addOption(
      new Option("--wait <state>", "how far to follow")
        .choices(["carried", "read", "done"])
        .default("read"),
    )
    .option("--timeout <time>", "stop watching after this long; the letter stays valid")
    .option("--dry-run", "print exactly what would be signed, and stop");
}

function accountCommands(program: Command): void {
  run(
    program
      .command("setup")
      .description("make words, key and account; pin the exchange")
      .option("--words-file <file>", "24 words; made and written there if the file does not exist")
      .option("--key-number <digits>", "the exchange's thirty digits, to pin without asking")
      .option("--yes", "ask nothing: trust the key number that the relay shows"),
    async () => (await import("./setup.ts")).setup,
  );
  run(
    program
      .command("restore")
      .description("24 words and any relay bring back everything; in a home, whatever it lacks")
      .option("--words-file <file>", "the 24 words; - for stdin")
      .option("--key-number <digits>", "the exchange's thirty digits, to pin without asking")
      .option("--yes", "ask nothing: trust the key number that the relay shows"),
    async () => (await import("./setup.ts")).restore,
  );
  run(
    program
      .command("card")
      .description("the exchange's card, or your own certificate, for people with gpg")
      .argument("[whose]", "exchange or mine", "exchange")
      .option("--certificate", "the exchange's certificate alone, for gpg --import"),
    async () => (await import("./card.ts")).card,
  );
}

function moneyCommands(program: Command): void {
  const deposit = program
    .command("deposit")
    .description("announce a payment: AMOUNT ASSET")
    .argument("<amount>")
    .argument("<asset>")
    .option("--id <id>", "your own name for it")
    .option("--tag <tag>", "echoed in every record about it");
  run(follows(deposit), async () => (await import("./money.ts")).deposit);
  const withdraw = program
    .command("withdraw")
    .description("ask to be paid: AMOUNT ASSET to ADDRESS")
    .argument("<amount>")
    .argument("<asset>")
    .argument("<to...>", "to ADDRESS")
    .option("--id <id>", "your own name for it")
    .option("--tag <tag>", "echoed in every record about it");
  run(follows(withdraw), async () => (await import("./money.ts")).withdraw);
  const push = program
    .command("push")
    .description("give to another customer: AMOUNT ASSET to FINGERPRINT")
    .argument("<amount>")
    .argument("<asset>")
    .argument("<to...>", "to FINGERPRINT")
    .option("--tag <tag>", "echoed in your report");
  run(follows(push), async () => (await import("./money.ts")).push);
  const submit = program
    .command("submit")
    .description("a broker's file: one command a row, each its own letter, none sent twice")
    .argument("<file>", "rows like BUY|GLD/BTC|1200|4215|id=desk-42; - for stdin")
    .option("--threads <n>", "letters on their way at once", "4")
    .option("--by <time>", "each letter is void if not read until then", "10m");
  run(submit, async () => (await import("./submit.ts")).submit);
}

function readCommands(program: Command): void {
  const reading: readonly (readonly ["balance" | "orders" | "fills" | "statement", string])[] = [
    ["balance", "what you have, free and held"],
    ["orders", "your orders (open ones; --all for all)"],
    ["fills", "your trades"],
    ["statement", "balance, orders, deposits and withdrawals, from your own reports"],
  ];
  for (const [name, description] of reading) {
    const command = program
      .command(name)
      .description(description)
      .option("--offline", "ask nobody: what the reports on this computer say");
    if (name === "orders") command.option("--all", "also those that are over");
    run(command, async () => (await import("./read.ts"))[name]);
  }
  run(
    program
      .command("market")
      .description("phases and prices as a relay tells them; of one MARKET its book and trades")
      .argument("[market]", "such as GLD/BTC"),
    async () => (await import("./market.ts")).market,
  );
  run(
    program
      .command("status")
      .description("what became of a letter or an order")
      .argument("<name>", "id, ref, order id, or THREAD-SEQ")
      .option("--offline", "ask nobody"),
    async () => (await import("./read.ts")).status,
  );
  run(
    program
      .command("outbox")
      .description("letters and their fates: list, retry [NAME], drop NAME")
      .argument("[act]", "list, retry or drop", "list")
      .argument("[name]", "THREAD-SEQ, id or ref")
      .option("--all", "list also what was answered"),
    async () => (await import("./outbox.ts")).outbox,
  );
  run(
    program
      .command("receipt")
      .description("a letter's fate as one file, and each link of its chain: export, verify")
      .argument("<act>", "export or verify")
      .argument("<name>", "a letter's id, ref or THREAD-SEQ; a file to verify, - for stdin"),
    async () => (await import("./receipt.ts")).receipt,
  );
  run(
    program
      .command("explain")
      .description("what a code like E464, a refusal's name or an order's why= means")
      .argument("[code]"),
    async () => (await import("./explain.ts")).explain,
  );
}

function relayCommands(program: Command): void {
  run(
    program
      .command("relay")
      .description("your relays: list, add URL, remove URL, test [URL], forgive URL")
      .argument("[act]", "list, add, remove, test or forgive", "list")
      .argument("[url]", "a relay's address, or a proxy's before one")
      .option("--offline", "ask nobody: what is on this computer"),
    async () => (await import("./relay.ts")).relay,
  );
  run(
    program
      .command("proxy-config")
      .description("a blind proxy before a relay (--relay URL), for a server you run already")
      .argument("<server>", "nginx, caddy, worker or php"),
    async () => (await import("./proxyconfig.ts")).proxyConfig,
  );
}

const registerHelp = `
REGISTER takes the certificate of a key that does not expire: a registered certificate cannot be
renewed yet (${called} explain E703).`;

function rawCommands(program: Command): void {
  const raw = program.command("raw").description("letters by hand, for people with gpg");
  run(
    raw
      .command("template")
      .description("the text of a letter, to be edited, signed and sealed")
      .argument("[command...]", "lines such as 'BUY|GLD/BTC|100|4210|id=desk-1'")
      .option("--by <time>", "the deadline", "10m")
      .option("--thread <n>", "the thread of letters written by hand", "255")
      .addHelpText("after", registerHelp),
    async () => (await import("./raw.ts")).template,
  );
  const acts = [
    ["seal", "sign and seal a letter's text, as gpg -se would"],
    ["send", "post a sealed letter and print its ref; --wait prints the sealed reply"],
    ["open", "open and verify a sealed report"],
  ] as const;
  for (const [name, description] of acts) {
    const command = raw
      .command(name)
      .description(description)
      .argument("[file]", "default: stdin", "-");
    if (name === "send") command.option("--wait <time>", "wait this long for the reply");
    run(command, async () => (await import("./raw.ts"))[name]);
  }
}

const sendHelp = "post it at once, where this machine is online";

function handsCommands(program: Command): void {
  const hands = program.command("hands").description("the operators' side, on a third machine");
  const acts = [
    ["list", "[files...]", "requests in words; takes sealed reports or mailboxes as files"],
    ["credit", "<deposit> <amount> <evidence...>", "this much of a deposit has really arrived"],
    ["approve", "<withdrawal>", "the withdrawal may be paid"],
    ["refuse", "<withdrawal> <evidence>", "it may not; evidence says why"],
    ["paid", "<withdrawal> <evidence>", "it was paid; evidence is the payment's reference"],
    [
      "reconcile",
      "<payments>",
      "compare a CSV of real payments with the ledger; exit 4 if they differ",
    ],
    ["send", "[files...]", "post letters that were written here, and follow them"],
    ["fetch", "", "bring the reports here, where this machine is online"],
    ["mailbox", "", "where the operators' mail lies, to be fetched by another machine"],
    ["halt", "<market> <reason...>", "the market stops, whatever its calendar says"],
    ["resume", "<market> <reason...>", "the halted market goes on as its calendar says"],
    ["skip", "<record> <reason>", "a signed file that lets the island pass over a journal record"],
  ] as const;
  for (const [name, words, description] of acts) {
    const command = hands.command(`${name} ${words}`.trim()).description(description);
    command.option("--by <time>", "the letter's deadline: carrying takes time", "24h");
    command.option("--out <file>", "where the letter's file goes");
    if (name === "list" || name === "fetch") {
      command.option("--all", "also what is settled").option("--offline", "ask no relay");
    }
    if (["credit", "approve", "refuse", "paid", "halt", "resume"].includes(name)) {
      command.option("--send", sendHelp);
    }
    run(command, async () => (await import("./hands.ts"))[name]);
  }
  const rekey = hands
    .command("rekey <account> <certificate> <proof> <evidence...>")
    .description("another key for an account whose key is lost: public, after a long delay")
    .option("--by <time>", "the letter's deadline: carrying takes time", "24h")
    .option("--out <file>", "where the letter's file goes")
    .option("--send", sendHelp)
    .addHelpText("after", "\nPROOF is - where a frozen account is to keep its key.");
  run(rekey, async () => (await import("./handsrekey.ts")).rekey);
}

function exchangeCommands(program: Command): void {
  const lead = (command: Command, load: () => Promise<RunOf>): void => {
    command.action(async () => {
      try {
        exit = await (await load()).run(command.opts(), command.args);
      } catch (cause) {
        if (!isPortTaken(cause)) throw cause;
        const what = `${cause.message}: something else listens there.`;
        exit = finish(trouble("E902", what), command.opts<CommonOptions>());
      }
    });
  };
  lead(
    program
      .command("start")
      .description("the whole exchange on this machine: relay, dock and island")
      .option("--data <dir>", "its folder (default: signet-data)")
      .option("--port <n>", "the first relay's port", portOf)
      .option("--chain <node>", "for the ring venue: a node's URL, `none`, or `local`", "local")
      .option("--json", "errors as one object on standard output"),
    () => import("./start.ts"),
  );
  lead(
    program
      .command("replay")
      .description("fold a journal or an order stream again: hashes, sums, events, the book")
      .argument("[path]", "an exchange's folder, a journal, or a file with a stream")
      .option("--data <dir>", "the exchange's folder (default: signet-data)")
      .option("--from-genesis", "without the snapshots")
      .option("--until <n>", "only up to this record or command")
      .option("--events", "everything that happens, a line each; without the snapshots")
      .option("--book <market>", "its levels at the end; of a stream: the instrument's number")
      .option("--json", "one object on standard output; with --events one a line, this the last"),
    () => import("./replay.ts"),
  );
  ceremonyCommands(program, lead);
}

function portOf(text: string): string {
  if (/^[1-9][0-9]{0,4}$/.test(text) && Number(text) < 65_536) return text;
  throw new InvalidArgumentError("It is a number from 1 to 65535.");
}

function isPortTaken(cause: unknown): cause is Error {
  if (!(cause instanceof Error) || !(cause.cause instanceof Error)) return false;
  return "code" in cause.cause && cause.cause.code === "EADDRINUSE";
}

type RunOf = {
  readonly run: (options: Record<string, string>, words: readonly string[]) => Promise<number>;
};
