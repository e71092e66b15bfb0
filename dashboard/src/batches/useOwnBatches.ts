import type { BatchState } from "@millrace/client";
import type { UseQueryResult } from "@tanstack/react-query";
import { useChain } from "../market/useChain.ts";

/**
 * The batches that this browser keeps, as they stand on the chain, newest first.
 *
 * @param most so many are read: each takes a look through the chain's events
 */
export function useOwnBatches(most: number): UseQueryResult<{ batches: BatchState[]; total: number }> {
  return useChain(["batches", most], async (millrace) => {
    const kept = await millrace.batches.list();
    const batches = await Promise.all(
      kept.slice(0, most).map(({ batchId }) => millrace.batches.retrieve({ batchId })),
    );
    return { batches, total: kept.length };
  });
}
