/** The five order streams, made from their seed. */
import { readStream, type Stream } from "../src/floor/stream.ts";
import type { Stage } from "./figure.ts";
import { makeStream, mixes } from "./streammaker.ts";

/** Timed commands of each. */
export const streamCommands = 1_000_000;

/** One of the five streams, made and read. */
export function soundStream(name: string, stage: Pick<Stage, "say">): Stream {
  const mix = mixes[name];
  if (mix === undefined) throw new Error(`couldn't find the mix of ${name}`);
  stage.say(`${name}: making the stream`);
  const stream = readStream(makeStream(mix, streamCommands, 1));
  if (!stream.ok) throw new Error(`couldn't read our own stream: ${stream.detail}`);
  return stream.value;
}
