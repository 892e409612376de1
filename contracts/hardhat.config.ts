/**
 * The contracts' tool chain, offline: the compiler is the `solc` package from npm (WebAssembly),
 * the machine is Hardhat's own EVM. Sources in `src/`, Solidity tests in `test/`, all that is made
 * in `build/`. Gas is a promise here: the optimiser's settings are part of what was measured.
 */
import { createRequire } from "node:module";
import { join } from "node:path";

import { defineConfig } from "hardhat/config";

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, "..");
const build = process.env["SIGNET_BUILD"] ?? join(root, "build");

// oxlint-disable-next-line import/no-default-export -- Hardhat reads nothing else.
export default defineConfig({
  solidity: {
    version: "0.8.37",
    path: require.resolve("solc/soljson.js"),
    settings: {
      evmVersion: "prague",
      viaIR: true,
      optimizer: { enabled: true, runs: 1_000_000 },
      metadata: { bytecodeHash: "none" },
    },
  },
  paths: {
    sources: join(root, "contracts", "src"),
    tests: { solidity: join(root, "contracts", "test") },
    artifacts: join(build, "contracts"),
    cache: join(build, "hardhat"),
  },
  networks: {
    default: { type: "edr-simulated", chainType: "l1", hardfork: "prague" },
  },
  test: {
    solidity: {
      fuzz: { runs: 256 },
      // The vectors, read by Vectors.t.sol.
      fsPermissions: { readDirectory: [join(root, "vectors")] },
    },
  },
});
