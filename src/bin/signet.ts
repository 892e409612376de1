#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
/**
 * The program `signet`. This file runs on any Node that takes TypeScript at all, so that one that
 * is too old is told so in a sentence; everything else is imported after that.
 */
const needed = 24;
const running = Number(process.versions.node.split(".")[0]);

if (running < needed) {
  console.error(`✕ This is Node ${process.version}; signet needs Node ${needed} or newer.
  Nothing was done.
  Install Node ${needed} (https://nodejs.org), or run \`npm ci\` here: it brings one for Linux on x64.`);
  process.exitCode = 2;
} else {
  const { main } = await import("./program.ts");
  process.exitCode = await main(process.argv);
}
