import { type Job, type Lot, marketAbi } from "@millrace/protocol";
import {
  type Address,
  encodeFunctionData,
  type Hex,
  isAddressEqual,
  parseEventLogs,
  type TransactionReceipt,
} from "viem";
import type { Chain } from "../chain/chain.ts";
import type { Transactions } from "../chain/transactions.ts";

/** Takes work from the Market for a provider. Every call throws AgentError `transaction-reverted` if someone else was faster. */
export interface Claimer {
  claim(job: Job, items: number): Promise<void>;
  claimReopened(job: Job, failed: Lot): Promise<void>;
  /** Reopens a late lot of someone else, for the bounty. */
  expire(lot: Lot): Promise<void>;
}

/** @param onAssigned learns of each lot as soon as its transaction is mined, before the watcher sees it. */
export function createClaimer({
  chain,
  transactions,
  provider,
  encryptionKey,
  onAssigned,
}: {
  chain: Chain;
  transactions: Transactions;
  provider: Address;
  encryptionKey: Hex;
  onAssigned(entry: { lot: Lot; job: Job }): Promise<void>;
}): Claimer {
  const to = chain.ref.market;

  async function assigned(job: Job, receipt: TransactionReceipt | undefined): Promise<void> {
    const logs = parseEventLogs({ abi: marketAbi, eventName: "LotAssigned", logs: receipt?.logs ?? [] });
    for (const { args } of logs) {
      if (isAddressEqual(args.provider, provider)) await onAssigned({ lot: args.lot, job });
    }
  }

  return {
    async claim(job, items) {
      const receipt = await transactions.send(() => ({
        to,
        data: encodeFunctionData({
          abi: marketAbi,
          functionName: "claim",
          args: [provider, job, items, encryptionKey],
        }),
        purpose: `claim of ${items} items`,
      }));
      await assigned(job, receipt);
    },
    async claimReopened(job, failed) {
      const receipt = await transactions.send(() => ({
        to,
        data: encodeFunctionData({
          abi: marketAbi,
          functionName: "claimReopened",
          args: [provider, job, failed, encryptionKey],
        }),
        purpose: "claim of a reopened lot",
      }));
      await assigned(job, receipt);
    },
    async expire(lot) {
      await transactions.send(() => ({
        to,
        data: encodeFunctionData({ abi: marketAbi, functionName: "expire", args: [lot] }),
        purpose: "expiry of a late lot",
      }));
    },
  };
}
