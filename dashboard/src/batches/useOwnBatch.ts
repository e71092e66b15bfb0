import { useQuery } from "@tanstack/react-query";
import type { Hex } from "viem";
import { useMillrace } from "../market/useMillrace.ts";

/** The batch that this browser keeps for a job; undefined while that is not known, and for others' jobs. */
export function useOwnBatch(jobId: Hex): string | undefined {
  const millrace = useMillrace();
  const { market } = millrace.network;
  const { data } = useQuery({
    // Which batch a job is of never changes, and each was kept before its job was opened.
    queryKey: ["batch of job", market, jobId],
    queryFn: async () => {
      const kept = await millrace.batches.list({ withScores: true });
      const own = kept.find(({ jobIds }) => jobIds.some((id) => id.toLowerCase() === jobId.toLowerCase()));
      return own?.batchId ?? null;
    },
  });
  return data ?? undefined;
}
