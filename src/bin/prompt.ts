/**
 * Questions to the person at the terminal. Where there is none, nothing is asked and the answer is
 * `undefined`. What is typed as a secret is not shown and never leaves this process.
 */
import { createInterface } from "node:readline/promises";

/** Whether somebody can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks in the open. */
export async function ask(question: string): Promise<string | undefined> {
  if (!canAsk()) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(question)).trim();
  } finally {
    lines.close();
  }
}

/** Asks for a secret: a star for each character. Ctrl-C ends the program. */
export async function askSecret(question: string): Promise<string | undefined> {
  if (!canAsk()) return undefined;
  const { stdin } = process;
  // The terminal stops echoing before it is asked: who types ahead is not overlooked.
  stdin.setRawMode(true);
  process.stderr.write(question);
  stdin.resume();
  try {
    return await readHidden();
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    process.stderr.write("\n");
  }
}

async function readHidden(): Promise<string> {
  const { stdin } = process;
  return new Promise((resolve) => {
    let typed = "";
    const take = (bytes: Buffer): void => {
      for (const character of bytes.toString("utf8")) {
        if (character === "\r" || character === "\n") {
          stdin.off("data", take);
          resolve(typed);
          return;
        }
        if (character === "\u0003") process.exit(130);
        if (character === "\u007f" || character === "\b") {
          if (typed !== "") process.stderr.write("\b \b");
          typed = typed.slice(0, -1);
        } else if (character >= " ") {
          typed += character;
          process.stderr.write("*");
        }
      }
    };
    stdin.on("data", take);
  });
}
