import {
  EMPTY_LEAF,
  hashReceipt,
  hashReceiptLeaf,
  type ItemResult,
  type KnownReceipt,
  knownReceipts,
  PositionalTree,
  randomSecret,
  type Totals,
  writeReceipts,
} from "@millrace/protocol";
import type { Hex } from "viem";
import type { CheatKind } from "./kinds.ts";

/** A lot that was computed as it should be. */
export interface HonestWork {
  jobId: Hex;
  classHash: Hex;
  firstItem: number;
  /** In the lot's order, as are the results. */
  inputLeaves: readonly Hex[];
  results: readonly ItemResult[];
}

/** What a provider says of its work, true or not. */
export interface Deceit {
  /** What its tree holds, by place; undefined: the hash for no receipt. */
  receipts: readonly (KnownReceipt | undefined)[];
  totals: Totals;
  /** What it delivers. */
  delivered: readonly ItemResult[];
  isSilent: {
    /** Nothing comes to the relays, nor is a demand for delivery answered. */
    results?: boolean;
    /** Demands for receipts are not answered. */
    receipts?: boolean;
  };
}

/** Cheats that are lies of bookkeeping or delivery: the work itself is done with the right model. */
export type BookkeepingKind = Extract<
  CheatKind,
  | "wrong-totals"
  | "omitted-item"
  | "repeated-item"
  | "swapped-items"
  | "withheld-results"
  | "withheld-receipts"
  | "equivocation"
>;

/** What this kind of cheat makes of honest work on a lot of two items or more. */
export const deceits: Record<BookkeepingKind, (work: HonestWork) => Deceit> = {
  "wrong-totals"(work) {
    const truth = tell(work);
    return { ...truth, totals: { ...truth.totals, outputTokens: truth.totals.outputTokens * 2n } };
  },

  "omitted-item"(work) {
    const left = middleOf(work);
    // In its place something that costs nothing: the buyer is to find as many answers as items.
    const nothing = { ...work.results[left]!, tokenIds: [], text: "" };
    const told = tell({ ...work, results: work.results.with(left, nothing) });
    return { ...told, receipts: told.receipts.with(left, undefined) };
  },

  "repeated-item"(work) {
    const repeated = middleOf(work);
    const results = work.results.with(repeated, work.results[repeated - 1]!);
    const { receipts } = writeReceipts({ ...work, outcomes: results });
    const known = knownReceipts(receipts.with(repeated, receipts[repeated - 1]!));
    return { ...tell({ ...work, results }), receipts: known };
  },

  "swapped-items"(work) {
    const [a, b] = [0, middleOf(work)];
    const swap = <T>(list: readonly T[]) => list.with(a, list[b]!).with(b, list[a]!);
    const swapped = { ...work, results: swap(work.results), inputLeaves: swap(work.inputLeaves) };
    return tell(swapped);
  },

  "withheld-results": (work) => ({ ...tell(work), isSilent: { results: true } }),

  "withheld-receipts"(work) {
    const delivered = work.results.map((result) => ({ ...result, salt: randomSecret() }));
    return { ...tell(work), delivered, isSilent: { receipts: true } };
  },

  equivocation(work) {
    const other = middleOf(work);
    // Its neighbour's answer: what hashes can tell is in order both in the receipts and in what is delivered.
    const delivered = work.results.with(other, work.results[other - 1]!);
    return { ...tell(work), delivered };
  },
};

/** The tree over what a deceit says. */
export function treeOf({ receipts }: Deceit): PositionalTree {
  return new PositionalTree(
    receipts.map((known) => (known ? hashReceiptLeaf(hashReceipt(known.receipt), known.totals) : EMPTY_LEAF)),
  );
}

/** The truth, or what is said as if it were. */
function tell(work: HonestWork): Deceit {
  const { receipts, totals } = writeReceipts({ ...work, outcomes: work.results });
  return { receipts: knownReceipts(receipts), totals, delivered: work.results, isSilent: {} };
}

const middleOf = ({ results }: HonestWork) => Math.ceil(results.length / 2);
