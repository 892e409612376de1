/** The script of a thread that does as it is told: what a real one does in its worst hours. */
import { workerData } from "node:worker_threads";

import { serve } from "../island/workers/post.ts";

/** What it is to do before it answers with `echo`. */
export type BadWork = {
  readonly echo: number;
  readonly delayMs?: number;
  /** Attempts so far, by `echo`, and at how many of them it dies, and how. */
  readonly attempts?: Int32Array;
  readonly deaths?: number;
  readonly death?: "exit" | "throw" | "reject";
  readonly misdeed?: "burn" | "heap" | "buffers" | "sleep";
  /** Tries to leave its confinement; answers with what came of each try. */
  readonly tryDoors?: string;
};

const data: { readonly broken?: boolean } | null = workerData;
if (data?.broken === true) throw new Error("never ready");

const heap: unknown[] = [];

async function work(given: BadWork): Promise<{ done: unknown; transfer: readonly ArrayBuffer[] }> {
  const { echo, delayMs = 0, attempts, deaths = 0, misdeed, tryDoors } = given;
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  const attempt = attempts === undefined ? 0 : Atomics.add(attempts, echo, 1);
  if (attempt < deaths) die(given.death ?? "exit");
  if (misdeed !== undefined) await misbehave(misdeed);
  const done = tryDoors === undefined ? echo : await doors(tryDoors);
  return { done, transfer: [] };
}

/** Memory, too, is taken for ever: who stops is not caught. */
async function misbehave(how: NonNullable<BadWork["misdeed"]>): Promise<never> {
  if (how === "sleep") await new Promise(() => undefined);
  for (;;) {
    if (how === "heap") heap.push(Array.from({ length: 1000 }, () => how));
    if (how === "buffers") heap.push(new Uint8Array(1_048_576).fill(1));
    if (how === "buffers") await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function die(how: "exit" | "throw" | "reject"): void {
  if (how === "exit") process.exit(3);
  if (how === "reject") void Promise.reject(new Error("lost"));
  throw new Error("lost");
}

async function doors(file: string): Promise<readonly string[]> {
  const tries: readonly (() => Promise<unknown>)[] = [
    async () => (await import("node:fs")).readFileSync(file),
    async () => (await import("node:fs")).writeFileSync(`${file}.new`, ""),
    async () => (await import("node:child_process")).spawnSync("true"),
    async () => new (await import("node:worker_threads")).Worker("1", { eval: true }),
    async () => {
      if (Object.keys(process.env).length > 0) throw new Error("there is an environment");
      return undefined;
    },
  ];
  return Promise.all(
    tries.map((one) =>
      one().then(
        () => "done",
        (error: { readonly code?: string }) => error.code ?? "failed",
      ),
    ),
  );
}

serve(work, () => undefined);
