/** `signet exchange …`: the ceremony of the exchange's keys. Nothing is decided here. */
import type { Command } from "commander";

type Run = {
  readonly run: (options: Record<string, string>, words: readonly string[]) => Promise<number>;
};

/** Adds them; `lead` has a command run. */
export function ceremonyCommands(
  program: Command,
  lead: (command: Command, load: () => Promise<Run>) => void,
): void {
  const exchange = program
    .command("exchange")
    .description("new operating keys under the root key: rotate, install");
  const data = "the exchange's folder (default: signet-data)";
  const json = "one object on standard output";
  lead(
    exchange
      .command("rotate")
      .description("the root key makes and certifies new operating keys")
      .option("--data <dir>", data)
      .option("--root <file>", "the root key (default: root/root.key.asc in the folder)")
      .option("--grace <days>", "how long the old decryption keys still open letters", "30")
      .option("--compromised", "revoke the old keys: somebody else may have them")
      .option("--out <dir>", "write the rotation there, to be carried to the island")
      .option("--passphrase-file <file>", "the root key's passphrase")
      .option("--json", json),
    async () => ({ run: (await import("./rotate.ts")).rotate }),
  );
  lead(
    exchange
      .command("install")
      .description("put a rotation that was carried here in its place")
      .argument("<dir>", "what rotate --out wrote")
      .option("--data <dir>", data)
      .option("--json", json),
    async () => ({ run: (await import("./rotate.ts")).install }),
  );
}
