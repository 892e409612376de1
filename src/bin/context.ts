/**
 * What every command shares: the home and relays that its options name, and how it speaks. Data
 * goes to stdout, talk to stderr; `--json` puts one object on stdout and nothing else; without a
 * terminal, or with NO_COLOR or `--plain`, there is no colour and nothing moves.
 */
import type { Card } from "../letter/card.ts";
import type { Account, AskPassphrase } from "../wallet/account.ts";
import { exitOf, troubleLines, type Exit, type Outcome, type Trouble } from "../wallet/errors.ts";
import { homeAt, type DiskHome } from "../wallet/diskhome.ts";
import type { NewestCard } from "../wallet/newest.ts";
import { called, hint } from "./called.ts";
import { readInputText } from "./input.ts";
import { askSecret } from "./prompt.ts";

/** Options that every command takes. */
export type CommonOptions = {
  readonly home?: string;
  readonly profile?: string;
  readonly relay?: readonly string[];
  readonly socks?: string;
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly offline?: boolean;
  readonly passphraseFile?: string;
};

/** What can be printed with `--json`. Numbers of money are texts. */
export type Data =
  | null
  | boolean
  | number
  | string
  | undefined
  | readonly Data[]
  | { readonly [key: string]: Data };

/** How a command ends when nothing is wrong with what it was given. */
export type Ending = {
  readonly ok: true;
  readonly exit: Exit;
  readonly data: Data;
  /** For people, on stdout. */
  readonly lines: readonly string[];
  /** Said after the lines, on stderr: what went wrong beside it, in four lines each. */
  readonly troubles?: readonly Trouble[];
};

/** How a command ends. */
export type Ended = Ending | Trouble;

/** One run of a command. */
export type Context = {
  readonly home: DiskHome;
  /** What another command must say to find this home: nothing, or ` --home DIR`. */
  readonly homeOption: string;
  readonly relays: readonly string[];
  readonly json: boolean;
  readonly offline: boolean;
  /** Whether a person watches: lines may move. */
  readonly live: boolean;
  /** A line of talk. */
  readonly say: (line: string) => void;
  /** The passphrase, from its file or from the person. */
  readonly askPassphrase: AskPassphrase;
  /** Looks for a newer card of the exchange beside what the command does; one look a command. */
  readonly lookForCard: (account: Account) => Promise<NewestCard>;
  /** The account's card, or the newer one that was found by now. */
  readonly cardOf: (account: Account) => Card;
  /** Ends what the command left under way. */
  readonly end: () => void;
};

const colours: ReadonlyMap<string, string> = new Map([
  ["●", "32"],
  ["✓", "32"],
  ["◐", "33"],
  ["○", "2"],
  ["◌", "33"],
  ["✕", "31"],
]);

const plainSigns: ReadonlyMap<string, string> = new Map([
  ["●", "*"],
  ["✓", "ok"],
  ["◐", "+"],
  ["○", "o"],
  ["◌", "?"],
  ["✕", "x"],
  ["·", "-"],
  ["–", "-"],
  ["…", "..."],
  ["“", '"'],
  ["”", '"'],
  ["▓", "#"],
  ["░", "."],
]);

/** A line as this terminal should have it. */
function dress(line: string, how: { readonly plain: boolean; readonly colour: boolean }): string {
  if (how.plain) return line.replace(/[^\x20-\x7e]/g, (sign) => plainSigns.get(sign) ?? sign);
  if (!how.colour) return line;
  return line.replace(/[●✓◐○◌✕]/g, (sign) => `\u001b[${colours.get(sign)}m${sign}\u001b[0m`);
}

function wantsColour(stream: NodeJS.WriteStream): boolean {
  const off = process.env["NO_COLOR"];
  return stream.isTTY && (off === undefined || off === "") && process.env["TERM"] !== "dumb";
}

function homeOption({ home, profile }: CommonOptions): string {
  const quoted = (text: string): string =>
    /^[\w./~+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  const folder = home === undefined ? "" : ` --home ${quoted(home)}`;
  return profile === undefined ? folder : `${folder} --profile ${quoted(profile)}`;
}

/** The context that the options make. */
export function contextOf(options: CommonOptions): Context {
  const plain = options.plain === true;
  const colour = !plain && wantsColour(process.stderr);
  let newest: NewestCard | undefined;
  return {
    home: homeAt(options),
    homeOption: homeOption(options),
    relays: options.relay ?? [],
    json: options.json === true,
    offline: options.offline === true,
    live: !plain && options.json !== true && process.stderr.isTTY,
    say: (line) => process.stderr.write(`${dress(line, { plain, colour })}\n`),
    askPassphrase: async () => {
      const file = options.passphraseFile ?? process.env["SIGNET_PASSPHRASE_FILE"];
      if (file !== undefined && file !== "") return readSecretFile(file);
      const typed = await askSecret("  Passphrase: ");
      return typed === undefined ? undefined : { ok: true, value: typed };
    },
    lookForCard: async ({ home, exchange }) => {
      const { NewestCard } = await import("../wallet/newest.ts");
      newest ??= new NewestCard(home, exchange);
      return newest;
    },
    cardOf: ({ exchange }) => newest?.exchange.card ?? exchange.card,
    end: () => newest?.end(),
  };
}

/** The first line of a file that holds a secret. */
async function readSecretFile(file: string): Promise<Outcome<string>> {
  const read = await readInputText(file);
  return read.ok ? { ok: true, value: read.value.replace(/\r?\n[^]*$/, "") } : read;
}

/** Prints how a command ended and gives the exit code. */
export function finish(ended: Ended, options: CommonOptions): Exit {
  const plain = options.plain === true;
  const out = { plain, colour: !plain && wantsColour(process.stdout) };
  if (!ended.ok) {
    sayTrouble(ended, options);
    if (options.json === true) print(troubleData(ended));
    return exitOf(ended);
  }
  if (options.json === true) print(ended.data);
  else for (const line of ended.lines) process.stdout.write(`${dress(line, out)}\n`);
  for (const found of ended.troubles ?? []) sayTrouble(found, options);
  return ended.exit;
}

function print(data: Data): void {
  process.stdout.write(`${JSON.stringify(data)}\n`);
}

/** The first three lines of a trouble, with the commands as they are called here. */
export function hintedLines(found: Trouble): readonly string[] {
  const [what = "", meaning = "", next = ""] = troubleLines(found);
  return [what, meaning, hint(next)];
}

/** A trouble as `--json` has it. */
export function troubleData(found: Trouble): Data {
  const [what = "", meaning = "", next = ""] = hintedLines(found);
  return { ok: false, code: found.code, what, meaning, next, exit: exitOf(found) };
}

/** The four lines: what happened, what it means for the money, what to do, the code. */
export function sayTrouble(found: Trouble, options: CommonOptions): void {
  const plain = options.plain === true;
  const how = { plain, colour: !plain && wantsColour(process.stderr) };
  const sign = exitOf(found) === 5 || exitOf(found) === 8 ? "◌" : "✕";
  const [what = "", meaning = "", next = ""] = hintedLines(found);
  const last = `  ${next}`;
  const lines = [`${sign} ${what}`, `  ${meaning}`, `${last.padEnd(80)} ${found.code}`];
  for (const line of lines) process.stderr.write(`${dress(line, how)}\n`);
}

/** Opens the account of the context's home. */
export async function accountOf(context: Context): Promise<Outcome<Account>> {
  const { openAccount } = await import("../wallet/account.ts");
  return openAccount(context.home, { ask: context.askPassphrase, relays: context.relays });
}

/** A signal that Ctrl-C gives once; the second time the program ends as ever. */
export function interruption(context: Context): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => {
    context.say(`  Stopping to watch. The letter stays in the outbox:  ${called} outbox retry`);
    controller.abort();
  });
  return controller.signal;
}
