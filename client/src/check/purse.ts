import { formatAmount, MillraceError } from "@millrace/protocol";
import type { CreateBatchOptions } from "../batches/create.ts";
import type { BatchResult } from "../batches/run.ts";

/** Tells a purse how a batch gets on. */
type PurseHooks = Required<Pick<CreateBatchOptions, "onQuote" | "onKept">>;

/** What may be spent on batches, several at a time. */
export class Purse {
  /** Base units; undefined for no limit. */
  #left: bigint | undefined;

  constructor(left: bigint | undefined) {
    this.#left = left;
  }

  /**
   * Runs a batch if its reserve is in the purse; what is not spent of that returns.
   *
   * @param run hands the hooks to the batch
   * @throws MillraceError `reserve-too-high`; what `run` throws
   */
  async pay(run: (hooks: PurseHooks) => Promise<BatchResult>): Promise<BatchResult> {
    let reserve = 0n;
    let isKept = false;
    try {
      const result = await run({
        onQuote: (quote) => {
          this.#take(quote.reserve);
          ({ reserve } = quote);
        },
        onKept: () => {
          isKept = true;
        },
      });
      const { paid, fee, charges, locked } = result.settlement;
      this.#give(reserve - paid - fee - charges - locked);
      return result;
    } catch (error) {
      // What was kept may have been opened, and be spent yet.
      if (!isKept) this.#give(reserve);
      throw error;
    }
  }

  #take(reserve: bigint): void {
    if (this.#left === undefined) return;
    if (reserve > this.#left) {
      throw new MillraceError("The checks would cost more than they may.", {
        code: "reserve-too-high",
        details: `An order of scores reserves ${formatAmount(reserve)}; ${formatAmount(this.#left)} is left for them.`,
      });
    }
    this.#left -= reserve;
  }

  #give(amount: bigint): void {
    if (this.#left !== undefined) this.#left += amount;
  }
}
