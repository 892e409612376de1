/**
 * How this program was called, so that the commands it names are ones that work here: after `npm
 * ci` no `signet` is on the path; `npx signet` runs it from a folder `node_modules/.bin`.
 */

/** What stands before a command, by the path under which the program was started. */
export function calledBy(path: string | undefined): string {
  return /[/\\]node_modules[/\\]\.bin[/\\][^/\\]*$/.test(path ?? "") ? "npx signet" : "signet";
}

/** What stands before a command of ours here. */
export const called: string = calledBy(process.argv[1]);

/** A hint with its commands as they are called here. Only for texts of ours: it looks for words. */
export function hint(text: string, program: string = called): string {
  return text.replaceAll(/(?<![\w/-])signet (?=[a-z]|--)/g, `${program} `);
}
