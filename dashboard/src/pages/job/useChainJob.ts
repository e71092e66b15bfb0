import type { OpenedJob } from "@millrace/client";
import type { JobSummary } from "@millrace/protocol";
import type { UseQueryResult } from "@tanstack/react-query";
import { useChain } from "../../market/useChain.ts";

/** A job by the chain's own events, for what can be done about it; nothing can about one that is done. */
export function useChainJob({ jobId, openedAt, status }: JobSummary): UseQueryResult<OpenedJob> {
  return useChain(
    ["job", jobId, openedAt.block],
    (millrace) => millrace.jobs.retrieve({ jobId, fromBlock: BigInt(openedAt.block) }),
    { enabled: status !== "done" },
  );
}
