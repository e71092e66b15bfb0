import { hashReceipt, type ItemResult, knownReceipts, type Lot, writeReceipts } from "@millrace/protocol";
import type { Hex } from "viem";
import type { JobInput } from "../input/items.ts";

/** A leaf of a lot's tree of receipts, as the Court takes it. */
interface PlacedLeaf {
  receiptHash: Hex;
  totals: { promptTokens: bigint; outputTokens: bigint; errors: number };
  path: readonly Hex[];
}

/**
 * The leaf of an item's receipt and the one before it, which together tell what the item counts. Of the first item the
 * one before is not read.
 *
 * @param results all of the lot's, checked against its commitment
 */
export function itemLeaves({
  lot,
  classHash,
  input,
  results,
  index,
}: {
  lot: Lot;
  classHash: Hex;
  /** The job's. */
  input: JobInput;
  results: readonly ItemResult[];
  index: number;
}): [previous: PlacedLeaf, placed: PlacedLeaf] {
  const { jobId, firstItem, itemCount } = lot;
  const inputLeaves = input.leaves.slice(firstItem, firstItem + itemCount);
  const { receipts, tree } = writeReceipts({ jobId, classHash, firstItem, inputLeaves, outcomes: results });
  const known = knownReceipts(receipts);
  const leafAt = (at: number): PlacedLeaf => {
    const { receipt, totals } = known[at]!;
    return { receiptHash: hashReceipt(receipt), totals, path: tree.path(at) };
  };
  return [leafAt(Math.max(0, index - 1)), leafAt(index)];
}
