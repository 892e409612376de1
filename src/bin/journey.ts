/**
 * A letter's journey as a person sees it: one line a step, never backwards, and while nothing
 * happens a line that says what is waited for and until when. All of it is talk; the data comes at
 * the end.
 */
import { shortId } from "../codec/names.ts";
import { printSeconds } from "../codec/time.ts";
import type { OutboxEntry } from "../wallet/outbox.ts";
import type { Step } from "../wallet/follow.ts";
import { payingWords } from "../wallet/postage.ts";
import { called } from "./called.ts";
import type { Context } from "./context.ts";

/** What a follower reports to, and how it ends. */
export type Journey = {
  readonly onStep: (step: Step) => void;
  /** Prints what is still unsaid and clears the waiting line. */
  readonly end: () => void;
};

const unusualMs = 2000;
const barWidth = 10;
/** Relays answer within milliseconds of one another: one line for all who do. */
const gatherMs = 60;
/** A clock this far from the relays' is worth a word. */
const skewMs = 20_000;

/** Says that a letter lies in the outbox, and tells its way from there. */
export function tellJourney(context: Context, entry: OutboxEntry, relays: number): Journey {
  context.say(`● signed and sealed       ref ${shortId(entry.ref)}   ${entry.bytes} bytes`);
  const carried: string[] = [];
  let said = 0;
  let gathering: NodeJS.Timeout | undefined;
  let skewSaid = false;
  // What each relay that gives no answer was last said to do: the same again is no news.
  const silent = new Map<string, string>();
  const sayCarried = (): void => {
    gathering = undefined;
    if (carried.length === said) return;
    said = carried.length;
    context.say(
      `● carried by ${said} of ${relays}          ${carried.join(" · ")}   receipts verified`,
    );
  };
  const waiting = startWaiting(context, entry);
  return {
    onStep: (step) => {
      waiting.clear();
      switch (step.kind) {
        case "carried": {
          silent.delete(step.relay);
          carried.push(`${step.relay} ${step.ms} ms`);
          gathering ??= setTimeout(sayCarried, gatherMs);
          const skew = Date.now() - step.receipt.at;
          // A letter sent again gets its first receipt again: it says nothing of today's clock.
          const isFresh = Date.now() - entry.at < skewMs / 2;
          if (isFresh && Math.abs(skew) > skewMs && !skewSaid) {
            skewSaid = true;
            const side = skew > 0 ? "ahead of" : "behind";
            context.say(
              `  Your clock is ${Math.round(Math.abs(skew) / 1000)} s ${side} ${step.relay}'s ` +
                `(${called} explain E105).`,
            );
          }
          return;
        }
        case "refused":
          context.say(`✕ refused by ${step.relay}: ${step.why}`);
          return;
        case "paying":
          context.say(`○ ${step.relay}: ${payingWords(step.paying)}`);
          return;
        case "again":
          if (silent.delete(step.relay)) context.say(`○ ${step.relay} answers again`);
          return;
        case "silent":
          if (silent.get(step.relay) === step.why) return;
          silent.set(step.relay, step.why);
          context.say(`○ ${step.relay}: ${step.why}`);
          return;
        case "dropped":
          sayDropped(context, step);
          return;
        case "read":
          context.say(readLine(step));
          return;
        case "unopenable":
          context.say("◌ the exchange says that a copy of this letter did not open");
          return;
      }
    },
    end: () => {
      clearTimeout(gathering);
      waiting.end();
      sayCarried();
    },
  };
}

function sayDropped(context: Context, step: Extract<Step, { kind: "dropped" }>): void {
  context.say(`✕ ${step.trouble.what}  ${step.trouble.code}`);
  context.say(`  Thrown away. ${step.relay} is not asked again (${called} relay forgive URL).`);
}

function readLine({ relay, from, to }: Extract<Step, { kind: "read" }>): string {
  const span = `between ${printSeconds(from)} and ${printSeconds(to)}`;
  return `● read                   ${span}   proved by ${relay}; the answer is on its way`;
}

function startWaiting(
  context: Context,
  entry: OutboxEntry,
): { readonly clear: () => void; readonly end: () => void } {
  if (!context.live) return { clear: () => undefined, end: () => undefined };
  const started = Date.now();
  const whole = Math.max(1, entry.by - started);
  let shown = false;
  const clear = (): void => {
    if (shown) process.stderr.write("\r\u001b[K");
    shown = false;
  };
  const timer = setInterval(() => {
    const passed = Date.now() - started;
    if (passed < unusualMs) return;
    const part = Math.min(barWidth, Math.floor((passed / whole) * barWidth));
    const bar = "▓".repeat(part) + "░".repeat(barWidth - part);
    const until = printSeconds(entry.by).slice(11, 19);
    const seconds = `${Math.floor(passed / 1000)} s of ${Math.round(whole / 1000)}`;
    process.stderr.write(`\r\u001b[K◌ not known until ${until} UTC   ${bar}  ${seconds}`);
    shown = true;
  }, 250);
  timer.unref();
  return {
    clear,
    end: () => {
      clearInterval(timer);
      clear();
    },
  };
}
