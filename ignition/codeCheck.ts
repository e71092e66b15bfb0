import { readFileSync } from "node:fs";
import type { Contracts } from "@millrace/protocol";
import { bytesToHex, type Hex, hexToBytes } from "viem";

interface Artifact {
  deployedBytecode: Hex;
  /** Where the constructor writes values into the code. */
  immutableReferences: Record<string, { start: number; length: number }[]>;
}

const artifacts: Record<keyof Omit<Contracts, "asset">, string> = {
  market: "contracts/Market.sol/Market.json",
  modelRegistry: "contracts/ModelRegistry.sol/ModelRegistry.json",
  parameters: "contracts/Parameters.sol/Parameters.json",
  faults: "contracts/Faults.sol/Faults.json",
  court: "contracts/Court.sol/Court.json",
  backers: "contracts/Backers.sol/Backers.json",
  mill: "contracts/governance/Mill.sol/Mill.json",
  stakedMill: "contracts/governance/StakedMill.sol/StakedMill.json",
  governor: "contracts/governance/MillraceGovernor.sol/MillraceGovernor.json",
  timelock: "contracts/governance/MillraceTimelock.sol/MillraceTimelock.json",
};

/** Whether `code` is what this repository compiles the contract to (`npm run build`), whatever its immutables. */
export function isOurCode(name: keyof typeof artifacts, code: Hex): boolean {
  const file = new URL(`../artifacts/${artifacts[name]}`, import.meta.url);
  const { deployedBytecode, immutableReferences } = JSON.parse(readFileSync(file, "utf8")) as Artifact;
  const holes = Object.values(immutableReferences).flat();
  const mask = (hex: Hex) => {
    const bytes = hexToBytes(hex);
    for (const { start, length } of holes) bytes.fill(0, start, start + length);
    return bytesToHex(bytes);
  };
  return mask(code) === mask(deployedBytecode);
}
