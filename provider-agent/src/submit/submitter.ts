import { type Delivery, encodeSubmit } from "@millrace/protocol";
import { type Batcher, createBatcher } from "../chain/batcher.ts";
import type { Chain } from "../chain/chain.ts";
import type { Transactions } from "../chain/transactions.ts";

/** Submitting a lot costs some 40,000 gas: so many fit any block. */
const MAX_LOTS = 50;

/** Submits lots, those of the same moment in one transaction. The Market skips what is not ours to submit any more. */
export function createSubmitter({
  chain,
  transactions,
}: {
  chain: Chain;
  transactions: Transactions;
}): Batcher<Delivery> {
  return createBatcher(
    async (take) => {
      await transactions.send(() => {
        const deliveries = take();
        return {
          to: chain.ref.market,
          data: encodeSubmit(deliveries),
          purpose: `submit of ${deliveries.length}`,
        };
      });
    },
    { maxItems: MAX_LOTS },
  );
}
