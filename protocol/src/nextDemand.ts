import type { Hex } from "viem";
import type { PositionalTree } from "./tree.ts";

/** Where an answered receipt stands. */
export interface ShownPath {
  index: number;
  path: readonly Hex[];
}

/**
 * Which receipt to demand next, to find where the tree that a provider committed to departs from the one over what was
 * delivered; undefined if every departure that the answers tell of is shown.
 *
 * A path tells the hash of everything beside it. So an answer that shows no departure itself shows at least which half of
 * what is in question holds one: after depth + 1 demands, which is as many as a lot allows, one leaf is left, and its
 * receipt is shown, contradicting what was delivered, or the provider is slashed for not showing it.
 *
 * @param delivered the tree over the receipts of what was delivered, whose root is not the one committed to
 */
export function nextDemand(delivered: PositionalTree, answers: readonly ShownPath[]): number | undefined {
  if (answers.length === 0) return 0;
  let narrowest: { level: number; start: number } | undefined;
  for (const { index, path } of answers) {
    for (const [level, sibling] of path.entries()) {
      const position = Math.floor(index / 2 ** level);
      const beside = position % 2 === 0 ? position + 1 : position - 1;
      const start = beside * 2 ** level;
      // Behind the last leaf is padding: what stands there instead changes the root, and nothing that is paid for.
      if (start >= delivered.count || delivered.node(level, beside) === sibling) continue;
      if (narrowest && narrowest.level <= level) break;
      const isShown = answers.some((answer) => answer.index >= start && answer.index < start + 2 ** level);
      if (!isShown) narrowest = { level, start };
    }
  }
  return narrowest?.start;
}
