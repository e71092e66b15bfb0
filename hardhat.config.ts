import { createRequire } from "node:module";
import hardhatIgnitionViem from "@nomicfoundation/hardhat-ignition-viem";
import hardhatViem from "@nomicfoundation/hardhat-viem";
import { defineConfig } from "hardhat/config";

// The edit-test loop: Solidity tests, coverage. What is deployed is compiled by hardhat.production.config.ts.

// solc cannot be downloaded everywhere: the compiler is the pinned npm package.
export const compiler = {
  version: "0.8.37",
  path: createRequire(import.meta.url).resolve("solc/soljson.js"),
};
export const settings = {
  // The newest EVM that Base and Arbitrum run; newer solc releases default to one beyond it.
  evmVersion: "prague",
  // Nobody looks for a metadata hash at the end of the code, and the Market has little room.
  metadata: { appendCBOR: false },
  // More runs cost code size, of which the Market has little left, and save it less than 1 % of gas.
  optimizer: { enabled: true, runs: 200 },
};

const solidityTests = { fsPermissions: { readDirectory: ["protocol/vectors"] } };
// Handlers catch what the market refuses, so a revert is a mistake in a test.
const invariants = { failOnRevert: true };

export default defineConfig({
  plugins: [hardhatViem, hardhatIgnitionViem],
  // Legacy pipeline: a third of viaIR's compile time.
  solidity: { ...compiler, settings },
  // Apart from artifacts/, so that a test run never replaces what is deployed.
  paths: { artifacts: "cache/tests/artifacts", cache: "cache/tests", tests: { solidity: "test/contracts" } },
  networks: {
    // The chain of `./millrace dev`: served over HTTP on a free loopback port.
    // Without same timestamps, each of a burst of blocks would put its clock a second ahead of the deadlines.
    node: {
      type: "edr-simulated",
      chainType: "op",
      chainId: 31337,
      allowBlocksWithSameTimestamp: true,
      mining: { auto: true, interval: 1_000 },
    },
  },
  test: {
    solidity: {
      profiles: {
        default: { ...solidityTests, fuzz: { runs: 256 }, invariant: { ...invariants, runs: 32, depth: 64 } },
        // `npm run fuzz`: over twenty invariants, so well over a million calls.
        long: {
          fsPermissions: {
            ...solidityTests.fsPermissions,
            dangerouslyReadWriteDirectory: ["cache/tests/fuzz"],
          },
          fuzz: { runs: 5_000 },
          invariant: { ...invariants, runs: 256, depth: 256 },
        },
      },
    },
  },
});
