/**
 * A program that folds what is the same everywhere and prints hashes on the way, for
 * `npm run soak -- node-major` (nodemajor.ts): the five order streams, random floor commands of
 * every kind, letters through the whole engine, and the journals or streams that argv names. Two
 * runs must print the same bytes, whatever Node runs them.
 */
import { sha256Hex, toHex } from "../codec/bytes.ts";
import { apply } from "../engine/apply.ts";
import { stateHash as engineHash } from "../engine/snapshot.ts";
import { newState } from "../engine/state.ts";
import { readSnapshot, stateHash, writeSnapshot } from "../floor/snapshot.ts";
import { readStream } from "../floor/stream.ts";
import { openFloor, play } from "../floor/streamplay.ts";
import { makeStream, mixes } from "../../bench/streammaker.ts";
import { Floor, floorExchange } from "./floor.ts";
import { Commands, largeWorld, smallWorld } from "./floorcommands.ts";
import { FloorPair } from "./floorpair.ts";
import { randomFrom } from "./seed.ts";

const streamCommands = 200_000;
const hashEach = 50_000;
const worlds = 20;
const commandsPerWorld = 2000;
const letters = 400;
const ordersPerLetter = 10;

function print(...words: readonly (string | number)[]): void {
  console.log(words.join(" "));
}

function hashStreams(): void {
  for (const [name, mix] of Object.entries(mixes)) {
    const bytes = makeStream(mix, streamCommands, 1);
    const stream = readStream(bytes);
    if (!stream.ok) throw new Error(`couldn't read our own stream: ${stream.detail}`);
    const state = openFloor(stream.value, stream.value.words);
    const { commands } = stream.value;
    for (let from = 0; from < commands; from += hashEach) {
      const to = Math.min(commands, from + hashEach);
      play(state, from, to);
      const { hash, floor } = state;
      print(name, to, hash.digest(), hash.trades, state.rejects, toHex(stateHash(floor)));
    }
  }
}

/** Every order type, phase and switch; half way each floor goes on from its own snapshot. */
function hashCommands(): void {
  for (let seed = 1; seed <= worlds; seed += 1) {
    const isLarge = seed % 4 === 0;
    const world = isLarge ? largeWorld(seed) : smallWorld(seed);
    const pair = new FloorPair(world);
    const commands = new Commands(world, seed, isLarge);
    for (const told of commands.opening()) pair.step(told);
    for (let i = 1; i <= commandsPerWorld; i += 1) {
      pair.step(commands.next());
      if (i === commandsPerWorld / 2) {
        pair.fast = readSnapshot(writeSnapshot(pair.fast), pair.fast.options);
      }
    }
    print("commands", seed, toHex(stateHash(pair.fast)));
  }
}

/** Letters through the engine; then the journal once more from genesis. */
function hashLetters(): void {
  const random = randomFrom(6);
  const floor = new Floor();
  const people = ["Alice", "Bob", "somebody", "somebody else"];
  for (const name of people) {
    floor.fund(name, "BTC", 1_000_000_000_000);
    floor.fund(name, "GLD", 1_000_000);
  }
  for (let i = 1; i <= letters; i += 1) {
    const name = people[i % people.length] ?? "";
    const lines = Array.from({ length: ordersPerLetter }, () => {
      const [side, price] = random(2) === 0 ? ["BUY", 4180] : ["SELL", 4200];
      return `${side}|GLD/BTC|${1 + random(90)}|${price + random(25)}`;
    });
    floor.pass(random(2000));
    floor.post(name, floor.write(name, random(20) === 0 ? ["CANCELALL"] : lines));
    if (random(10) === 0) floor.tick();
    if (i % 50 === 0) print("letters", i, floor.leaves.length, engineHash(floor.state));
  }
  const said = floor.outputs.map((output) => JSON.stringify(output)).join("\n");
  print("letters", "outputs", sha256Hex(said));
  const again = newState(floorExchange);
  for (const input of floor.journal) apply(again, input);
  print("letters", "again", engineHash(again));
}

hashStreams();
hashCommands();
hashLetters();
