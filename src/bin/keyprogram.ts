/** The commands about an account's keys: each with its options, and its file. */
import type { Command } from "commander";

import type { Registering } from "./ringprogram.ts";

const about = `
A rotation takes effect after a delay; until then both keys sign, and veto ends it. A frozen account
thaws with its next key. Kept apart from the key, on paper: key freeze --print.`;

const aboutRotate = `
KEY is what gpg --export-secret-keys wrote: it is kept here beside the old one. Or what gpg --export
wrote, for a key that stays in gpg: without PROOF, what it has to sign is told.`;

const aboutRevoke = `
It cannot be undone. If the key is in force the account is frozen, and the money comes back only by
the operators' replacement of it, after its delay: 90 days by default. If you still have the key:
signet key rotate instead. What it does is shown and asked about; --yes answers, and is needed where
nobody can be asked.`;

const acts = [
  ["rotate", "[key] [proof]", "to a new key, made here; or to one of gpg's"],
  ["renew", "[certificate]", "the same key with another expiry or other subkeys: at once"],
  ["veto", "", "end the change of the key that waits, whoever began it"],
  ["revoke", "[revocation]", "for ever: a revocation certificate, of this key or another's"],
  ["freeze", "", "nothing leaves the account until its key is another"],
] as const;

/** Registers `key …`. */
export function keyCommands(
  program: Command,
  { run, follows }: Pick<Registering, "run" | "follows">,
): void {
  const key = program.command("key").description("the account's key: another, renewed, no more");
  key.addHelpText("after", about);
  for (const [name, words, description] of acts) {
    const command = key.command(`${name} ${words}`.trim()).description(description);
    command.option("--tag <tag>", "echoed in the report");
    if (name === "rotate") {
      command.option("--words-file <file>", "the new key's words: read from it, or written there");
      command.option("--key-passphrase-file <file>", "what opens KEY, if gpg has it locked");
      command.addHelpText("after", aboutRotate);
    }
    if (name === "revoke") {
      command.option("--certificate <file>", "whose key, if not this one's");
      command.option("--print", "this key's revocation for paper, on stdout; nothing is sent");
      command.option("--yes", "ask nothing: sign what is shown");
      command.addHelpText("after", aboutRevoke);
    }
    if (name === "freeze") {
      command.option("--print", "the letter for paper, on stdout; nothing is sent");
      command.option("--years <n>", "how long the paper is good for (default: 20)");
    }
    run(follows(command), async () => (await import("./key.ts"))[name]);
  }
}
