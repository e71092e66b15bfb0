import { createRequire } from "node:module";
import hardhatIgnitionViem from "@nomicfoundation/hardhat-ignition-viem";
import hardhatViem from "@nomicfoundation/hardhat-viem";
import { defineConfig } from "hardhat/config";

// solc cannot be downloaded everywhere: the compiler is the pinned npm package.
const compiler = { version: "0.8.37", path: createRequire(import.meta.url).resolve("solc/soljson.js") };
// The newest EVM that Base and Arbitrum run; newer solc releases default to one beyond it.
const evmVersion = "prague";

export default defineConfig({
  plugins: [hardhatViem, hardhatIgnitionViem],
  solidity: {
    profiles: {
      // Legacy pipeline: a third of viaIR's compile time, for the edit-test loop and coverage.
      default: { ...compiler, settings: { evmVersion, optimizer: { enabled: true, runs: 10_000 } } },
      // What is deployed, and what the gas and size snapshots measure.
      production: {
        ...compiler,
        settings: { evmVersion, viaIR: true, optimizer: { enabled: true, runs: 10_000 } },
      },
    },
  },
  paths: { tests: { solidity: "test/contracts" } },
  networks: {
    // The chain of `./millrace dev`: served over HTTP on a free loopback port.
    node: { type: "edr-simulated", chainType: "op", chainId: 31337, mining: { auto: true, interval: 1_000 } },
  },
  test: {
    solidity: {
      fsPermissions: { readDirectory: ["protocol/vectors"] },
      fuzz: { runs: 256 },
      invariant: { runs: 32, depth: 64, failOnRevert: true },
    },
  },
});
