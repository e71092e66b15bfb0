import { type Address, encodeAbiParameters, type Hex, keccak256, stringToHex } from "viem";

const encoded = [
  { type: "address[]" },
  { type: "uint256[]" },
  { type: "bytes[]" },
  { type: "bytes32" },
] as const;

/**
 * The id that the Governor gives a proposal: a hash of its calls and its description, by which what somebody tells of it
 * can be checked. As `hashProposal` of OpenZeppelin's Governor.
 */
export function proposalIdOf({
  targets,
  values,
  calldatas,
  description,
}: {
  targets: readonly Address[];
  /** Wei. */
  values: readonly bigint[];
  calldatas: readonly Hex[];
  description: string;
}): bigint {
  const descriptionHash = keccak256(stringToHex(description));
  return BigInt(keccak256(encodeAbiParameters(encoded, [targets, values, calldatas, descriptionHash])));
}
