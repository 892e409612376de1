/**
 * The pure world really has no machine in it: a probe file, compiled with the settings of
 * tsconfig.pure.json, must fail on exactly the lines that name one.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import type { Fault } from "./tree.ts";

const machines = ["fetch", "process", "setTimeout", "Buffer", "console", "TextEncoder", "crypto"];
const innocent = ["Math.max", "JSON.parse", "Uint8Array"];

/** Compiles the probe in `build/` below `root`; needs the installed compiler. */
export function checkProbe(root: string): readonly Fault[] {
  const folder = join(root, "build", "probe");
  mkdirSync(folder, { recursive: true });
  const names = [...machines, ...innocent];
  const lines = names.map((name, i) => `export const probe${i}: unknown = ${name};`);
  writeFileSync(join(folder, "probe.ts"), `${lines.join("\n")}\n`);
  // Everything else, the libraries and types above all, is what tsconfig.pure.json says.
  const compilerOptions = {
    composite: false,
    declaration: true,
    noEmit: true,
    emitDeclarationOnly: false,
    rootDir: ".",
  };
  const settings = {
    extends: "../../tsconfig.pure.json",
    compilerOptions,
    include: ["probe.ts"],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { stdout, error } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], {
    encoding: "utf8",
  });
  if (error !== undefined) throw new Error("couldn't run the compiler", { cause: error });
  const other = stdout
    .split("\n")
    .find((line) => /\berror\b/.test(line) && !/probe\.ts\(/.test(line));
  if (other !== undefined) throw new Error(`couldn't compile the probe: ${other}`);
  const failing = new Set(
    [...stdout.matchAll(/probe\.ts\((\d+),/g)].map((match) => Number(match[1])),
  );
  return names.flatMap((name, i) => {
    const fails = failing.has(i + 1);
    if (fails === machines.includes(name)) return [];
    const says = fails
      ? `the probe should compile with ${name} but does not:\n${stdout}`
      : `${name} compiles in the pure world: keep "types": [] and no DOM`;
    return [{ file: "tsconfig.pure.json", line: 1, rule: "pure world", says }];
  });
}
