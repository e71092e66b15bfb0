import { type Hex, hexToBytes } from "viem";
import { wireReceipt } from "./faults.ts";
import { isAboveCaps, isMisstated } from "./findFault.ts";
import { hashReceipt, hashReceiptLeaf } from "./hashes.ts";
import type { ItemInput } from "./items.ts";
import { addTo, type Outcome, receiptOf } from "./receipts.ts";
import { RootBuilder } from "./rootBuilder.ts";
import type { Lot, Submission, Totals } from "./types.ts";

/** What checking a lot's results came to. */
export type ResultsFinding =
  /** They are what was committed to, and no proof of a fault could be made of them. */
  | "clean"
  /** They are what was committed to, and there is a fault: `findFault` tells which. */
  | "faulty"
  /** They are not what was committed to. */
  | "other";

/**
 * Checks everything that hashes can tell of a lot's results, one by one as they stream by, in memory that does not grow
 * with the lot. Receipts are written from the results and from the job's own input leaves, so most faults (another input,
 * another class, a miscount) show as another root.
 */
export class ResultsCheck {
  readonly #lot: Lot;
  readonly #submission: Submission;
  readonly #classHash: Hex;
  readonly #items: readonly ItemInput[];
  readonly #leaves: readonly Hex[];
  readonly #root = new RootBuilder();
  readonly #totals: Totals = { promptTokens: 0n, outputTokens: 0n, errors: 0 };
  #isFaulty = false;

  /** @param items, leaves of the whole job */
  constructor(options: {
    lot: Lot;
    submission: Submission;
    classHash: Hex;
    items: readonly ItemInput[];
    leaves: readonly Hex[];
  }) {
    this.#lot = options.lot;
    this.#submission = options.submission;
    this.#classHash = options.classHash;
    this.#items = options.items;
    this.#leaves = options.leaves;
  }

  /** The results come in order. */
  add(outcome: Outcome): void {
    const { jobId, firstItem } = this.#lot;
    const index = this.#root.count;
    const itemIndex = firstItem + index;
    const inputLeaf = this.#leaves[itemIndex]!;
    const receipt = receiptOf({ jobId, classHash: this.#classHash, itemIndex, inputLeaf, outcome });
    addTo(this.#totals, receipt);
    this.#root.add(hexToBytes(hashReceiptLeaf(hashReceipt(receipt), this.#totals)));
    this.#isFaulty ||=
      isMisstated(this.#lot, index, wireReceipt(receipt)) || isAboveCaps(receipt, this.#items[itemIndex]!);
  }

  /** Once all have come. */
  finding(): ResultsFinding {
    const { root, totals } = this.#submission;
    if (this.#root.count !== this.#lot.itemCount || this.#root.root() !== root) return "other";
    const { promptTokens, outputTokens, errors } = this.#totals;
    const isTotal =
      promptTokens === totals.promptTokens &&
      outputTokens === totals.outputTokens &&
      errors === totals.errors;
    return this.#isFaulty || !isTotal ? "faulty" : "clean";
  }
}
