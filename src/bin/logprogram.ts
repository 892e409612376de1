/** `signet log …` and `signet witness`: the commands and their options. Nothing is decided here. */
import type { Command } from "commander";

import type { ringCommands } from "./ringprogram.ts";

type Registering = Pick<Parameters<typeof ringCommands>[1], "run" | "portOf">;

/** Adds them. */
export function logCommands(program: Command, { run, portOf }: Registering): void {
  const log = program.command("log").description("the exchange's public log, checked by yourself");
  const verify = log
    .command("verify")
    .description("compare what relays tell with each other and with what was seen before")
    .option("--vkey <key>", "the log's key (default: from the pinned exchange's card)")
    .option("--from <file>", "a checkpoint or proof from elsewhere that the log must go on from")
    .option("--witness <url=key>", "a witness to ask as well; may be repeated", gather)
    .option("--old <time>", "a relay whose newest word is older than this is stale", "60s");
  run(verify, async () => (await import("./logverify.ts")).verifyLog);
  const fork = log
    .command("fork")
    .description("check the proof that a log told two histories")
    .argument("<file>", "as log verify or a witness wrote it; - for stdin")
    .option("--vkey <key>", "the log's key (default: from the pinned exchange's card)");
  run(fork, async () => (await import("./logverify.ts")).verifyFork);
  const witness = program
    .command("witness")
    .description("remember a log for others: cosign what it says, never two histories")
    .option("--dir <dir>", "its folder", "signet-witness")
    .requiredOption("--log <key>", "the log's key")
    .option("--listen <port>", "where it answers", portOf, "8201")
    .option("--host <address>", "who can reach it (default: this machine only)", "127.0.0.1")
    .option("--name <name>", "its name in cosignatures, for as long as it lives; the first time");
  run(witness, async () => (await import("./witness.ts")).witness);
}

function gather(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
