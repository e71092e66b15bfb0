import type { Hex } from "viem";
import { hashOf, levelsOf, words } from "./plainHashes.ts";

const positions = 128;
const attempts = 8;

const hashed = (link: Hex): Hex => words(["bytes32", link]);
/** The secrets of all assignments that begin with an item, the first assignment's first, and then what comes of each. */
function chainOf(start: Hex): Hex[] {
  const chain = [start];
  for (let i = 1; i < attempts; i++) chain.push(hashed(chain.at(-1)!));
  return chain.reverse();
}

const trees = [1, 2, 5, 1_000].map((itemCount) => {
  const chains = Array.from({ length: itemCount }, (_, i) => chainOf(hashOf(`chain ${i}`)));
  const levels = levelsOf(chains.map((chain) => hashed(chain[0]!)));
  const firstItems = itemCount < 10 ? chains.map((_, i) => i) : [0, 1, 511, 512, 999];
  return {
    itemCount,
    auditRoot: levels.at(-1)![0]!,
    lots: firstItems.flatMap((firstItem) =>
      [0, 1, attempts - 1].map((attempt) => ({
        firstItem,
        attempt,
        secret: chains[firstItem]![attempt]!,
        path: levels.slice(0, -1).map((level, height) => level[(firstItem >> height) ^ 1]!),
      })),
    ),
  };
});

const sets = [1, 2, 127, 128, 129, 256, 1_000_003, 2 ** 32 - 1].map((itemCount) => {
  const secret = hashOf(`secret of ${itemCount}`);
  const commitment = hashOf(`commitment to ${itemCount}`);
  const seed = words(["bytes32", secret], ["bytes32", commitment]);
  const items = Array.from({ length: Math.min(itemCount, positions) }, (_, position) =>
    itemCount <= positions
      ? position
      : Number(BigInt(words(["bytes32", seed], ["uint256", position])) % BigInt(itemCount)),
  );
  return { itemCount, secret, commitment, seed, items };
});

export const auditSet = { positions, attempts, trees, sets };
