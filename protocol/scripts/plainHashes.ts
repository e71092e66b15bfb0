// The plainest hashes there are, by viem's encoders: what the vectors are made of.
import { encodeAbiParameters, type Hex, keccak256, stringToHex } from "viem";

export const hashOf = (name: string): Hex => keccak256(stringToHex(name));

/** keccak256 over `abi.encode` of these values of these types. */
export const words = (...values: [string, string | number | bigint][]): Hex =>
  keccak256(
    encodeAbiParameters(
      values.map(([type]) => ({ type })),
      values.map(([, value]) => value),
    ),
  );

export const node = hashOf("millrace.tree.node.v1");
export const pad = hashOf("millrace.tree.pad.v1");
const hashNode = (left: Hex, right: Hex): Hex =>
  words(["bytes32", node], ["bytes32", left], ["bytes32", right]);

/** All levels, padded to a power of two: the definition, word for word. */
export function levelsOf(leaves: Hex[]): Hex[][] {
  let width = 1;
  while (width < leaves.length) width *= 2;
  const levels = [[...leaves, ...Array.from({ length: width - leaves.length }, () => pad)]];
  while (levels.at(-1)!.length > 1) {
    const below = levels.at(-1)!;
    levels.push(
      Array.from({ length: below.length / 2 }, (_, i) => hashNode(below[2 * i]!, below[2 * i + 1]!)),
    );
  }
  return levels;
}
