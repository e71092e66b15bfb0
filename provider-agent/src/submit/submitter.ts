import { marketAbi, type Submission } from "@millrace/protocol";
import { encodeFunctionData } from "viem";
import { type Batcher, createBatcher } from "../chain/batcher.ts";
import type { Chain } from "../chain/chain.ts";
import type { Transactions } from "../chain/transactions.ts";
import type { OwnLot } from "../lots/lotBook.ts";

/** Submitting a lot costs some 60,000 gas: so many fit any block. */
const MAX_LOTS = 50;

/** Submits lots, those of the same moment in one transaction. The Market skips what is not ours to submit any more. */
export function createSubmitter({
  chain,
  transactions,
}: {
  chain: Chain;
  transactions: Transactions;
}): Batcher<{ own: OwnLot; submission: Submission }> {
  return createBatcher(
    async (take) => {
      await transactions.send(() => {
        const lots = take();
        return {
          to: chain.ref.market,
          data: encodeFunctionData({
            abi: marketAbi,
            functionName: "submit",
            args: [lots.map(({ own }) => own.lot), lots.map(({ submission }) => submission)],
          }),
          purpose: `submit of ${lots.length}`,
        };
      });
    },
    { maxItems: MAX_LOTS },
  );
}
