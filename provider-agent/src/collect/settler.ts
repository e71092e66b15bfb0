import { marketAbi } from "@millrace/protocol";
import { encodeFunctionData } from "viem";
import { type Batcher, createBatcher } from "../chain/batcher.ts";
import type { Chain } from "../chain/chain.ts";
import type { Transactions } from "../chain/transactions.ts";
import type { OwnLot } from "../lots/lotBook.ts";

const MAX_LOTS = 50;

/** Settles lots whose window is over, those of the same moment in one transaction. */
export function createSettler({
  chain,
  transactions,
}: {
  chain: Chain;
  transactions: Transactions;
}): Batcher<OwnLot> {
  return createBatcher(
    async (take) => {
      await transactions.send(() => {
        const lots = take();
        return {
          to: chain.ref.market,
          data: encodeFunctionData({
            abi: marketAbi,
            functionName: "settle",
            args: [lots.map(({ lot }) => lot)],
          }),
          purpose: `settlement of ${lots.length}`,
        };
      });
    },
    { maxItems: MAX_LOTS },
  );
}
