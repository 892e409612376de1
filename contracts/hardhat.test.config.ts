/**
 * The Solidity tests' own settings: compiled as fast as can be, since what they test they deploy by
 * name from what hardhat.config.ts made of `src/` (test/Deploy.sol): the real bytecode. SOAK (a
 * number, default 1) makes the invariants' search that many times longer, a thousand random calls
 * each time, and the other random tests at most ten times.
 */
import { join } from "node:path";

import { defineConfig } from "hardhat/config";

import { build, compiler, contracts, root } from "./settings.ts";

const soak = Number(process.env["SOAK"] ?? 1);

// oxlint-disable-next-line import/no-default-export -- Hardhat reads nothing else.
export default defineConfig({
  // Optimised only where the running takes longer than the compiling.
  solidity: compiler({ optimizer: { enabled: soak > 1 } }),
  paths: {
    sources: join(contracts, "none"),
    tests: { solidity: join(contracts, "test") },
    artifacts: join(build, "tests"),
    cache: join(build, "tests-cache"),
  },
  networks: { default: { type: "edr-simulated", chainType: "l1", hardfork: "prague" } },
  test: {
    solidity: {
      fuzz: { runs: 256 * Math.min(soak, 10) },
      // A revert of an actor is a failure: else what the actors assert would be passed over.
      invariant: { runs: 10 * soak, depth: 100, failOnRevert: true },
      // The vectors, and the bytecode.
      fsPermissions: { readDirectory: [join(root, "vectors"), build] },
    },
  },
});
