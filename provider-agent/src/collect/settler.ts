import { encodeSettle, type Settlement } from "@millrace/protocol";
import { type Batcher, createBatcher } from "../chain/batcher.ts";
import type { Chain } from "../chain/chain.ts";
import type { Transactions } from "../chain/transactions.ts";

const MAX_LOTS = 50;

/** Settles lots whose window is over, those of the same moment in one transaction. */
export function createSettler({
  chain,
  transactions,
}: {
  chain: Chain;
  transactions: Transactions;
}): Batcher<Settlement> {
  return createBatcher(
    async (take) => {
      await transactions.send(() => {
        const settlements = take();
        return {
          to: chain.ref.market,
          data: encodeSettle(settlements),
          purpose: `settlement of ${settlements.length}`,
        };
      });
    },
    { maxItems: MAX_LOTS },
  );
}
