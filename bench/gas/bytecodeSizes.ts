import { readFileSync } from "node:fs";
import { hexToBytes } from "viem";

/** What a contract may measure on chain: https://eips.ethereum.org/EIPS/eip-170 */
export const BYTECODE_LIMIT_BYTES = 24_576;

const artifacts = {
  Market: "contracts/Market.sol/Market.json",
  Backers: "contracts/Backers.sol/Backers.json",
  Faults: "contracts/Faults.sol/Faults.json",
  Court: "contracts/Court.sol/Court.json",
  Parameters: "contracts/Parameters.sol/Parameters.json",
  ModelRegistry: "contracts/ModelRegistry.sol/ModelRegistry.json",
  Mill: "contracts/governance/Mill.sol/Mill.json",
  StakedMill: "contracts/governance/StakedMill.sol/StakedMill.json",
  MillraceGovernor: "contracts/governance/MillraceGovernor.sol/MillraceGovernor.json",
  MillraceTimelock: "contracts/governance/MillraceTimelock.sol/MillraceTimelock.json",
  TestUSD: "contracts/mocks/TestUSD.sol/TestUSD.json",
};

/** Sizes of the contracts as deployed, in bytes, from the production build. */
export function readBytecodeSizes(): Record<keyof typeof artifacts, number> {
  const sizes = Object.entries(artifacts).map(([name, path]) => {
    const url = new URL(`../../artifacts/${path}`, import.meta.url);
    const { deployedBytecode } = JSON.parse(readFileSync(url, "utf8"));
    return [name, hexToBytes(deployedBytecode).length];
  });
  return Object.fromEntries(sizes);
}
