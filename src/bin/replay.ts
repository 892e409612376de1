/**
 * `signet replay`: folds the journal of a stopped exchange and prints what comes out
 * (docs/spec/journal.md §7): records, rate, state hash, every asset's sum. Changes nothing.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

import { time } from "../codec/time.ts";
import { sums } from "../engine/audit.ts";
import { stateHash } from "../engine/snapshot.ts";
import { replayJournal } from "../island/recovery.ts";
import { readSettings } from "../island/settings.ts";
import { passedOver } from "../island/skips.ts";
import { exits, trouble } from "../wallet/errors.ts";
import { finish } from "./context.ts";

export async function run(options: {
  data?: string;
  fromGenesis?: boolean;
  json?: boolean;
}): Promise<number> {
  const dir = resolve(options.data ?? "signet-data");
  if (!existsSync(join(dir, "island/journal"))) {
    const found = trouble("E115", `There is no exchange in ${dir}.`, {
      meaning: "Nothing was read.",
      next: "Name its folder: --data DIR",
    });
    return finish(found, options);
  }
  const started = process.hrtime.bigint();
  const settings = await readSettings(join(dir, "island"));
  const skips = { dir: settings.dir, keys: settings.operating, at: time(Date.now()) };
  const { state, records, from } = await replayJournal({
    dir: settings.dir,
    exchange: settings.exchange,
    passedOver: (number, before) => passedOver(skips, number, before),
    fromGenesis: options.fromGenesis ?? false,
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const isEven = [...sums(state)].every(([, sum]) => sum === 0);
  const exit = isEven ? exits.done : exits.broken;
  const found = {
    ok: isEven,
    records,
    from,
    seconds: Number(seconds.toFixed(3)),
    perSecond: Math.round((records - from) / seconds),
    stateHash: stateHash(state),
    sums: Object.fromEntries(sums(state)),
    exit,
  };
  if (options.json === true) {
    console.log(JSON.stringify(found));
  } else {
    console.log(`records     ${records}${from > 0 ? ` (snapshot at ${from})` : ""}`);
    console.log(`rate        ${found.perSecond} a second, ${found.seconds} s`);
    console.log(`state hash  ${found.stateHash}`);
    for (const [asset, sum] of sums(state)) console.log(`sum ${asset.padEnd(8)}${sum}`);
  }
  return exit;
}
