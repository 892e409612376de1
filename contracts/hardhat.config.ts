/**
 * The contracts' tool chain, offline: the compiler is the `solc` package from npm (WebAssembly),
 * the machine is Hardhat's own EVM. Sources in `src/`, all that is made in `build/`. Gas is
 * a promise here: the optimiser's settings are part of what was measured. The Solidity tests have
 * settings of their own (hardhat.test.config.ts).
 */
import { join } from "node:path";

import { defineConfig } from "hardhat/config";

import { build, compiler, contracts } from "./settings.ts";

// oxlint-disable-next-line import/no-default-export -- Hardhat reads nothing else.
export default defineConfig({
  solidity: compiler({ viaIR: true, optimizer: { enabled: true, runs: 1_000_000 } }),
  paths: {
    sources: join(contracts, "src"),
    tests: { solidity: join(contracts, "test") },
    artifacts: join(build, "contracts"),
    cache: join(build, "hardhat"),
  },
  networks: { default: { type: "edr-simulated", chainType: "l1", hardfork: "prague" } },
});
