import { type Job, MillraceError } from "@millrace/protocol";
import type { Hex } from "viem";
import type { Core } from "../core/core.ts";
import { followJob } from "./jobLog.ts";
import { type JobView, type LotView, viewJob } from "./jobView.ts";

/** What became of a job that was opened. */
export type OpenedJob = JobView & { job: Job };

/**
 * Reads from the chain alone what became of any job.
 *
 * @param fromBlock where to begin to look; no word of it need be true, for a job that was opened earlier is not found
 * then. Default: the market's first.
 * @throws MillraceError `unknown-job`, `chain-unreachable` (retryable)
 */
export async function readJob(
  core: Core,
  { jobId, fromBlock = core.network.deployBlock }: { jobId: Hex; fromBlock?: bigint },
): Promise<OpenedJob> {
  const view = viewJob(await followJob(core, { jobId, fromBlock }).poll());
  if (view.job) return { ...view, job: view.job };
  throw new MillraceError(`No job ${jobId} was opened in this market.`, { code: "unknown-job" });
}

/** @throws MillraceError `unknown-lot` for one that is not of the job */
export function lotsOf({ lots }: JobView, lotIds: readonly Hex[]): LotView[] {
  return [...new Set(lotIds)].map((lotId) => {
    const lot = lots.get(lotId.toLowerCase() as Hex);
    if (lot) return lot;
    throw new MillraceError(`The job has no lot ${lotId}.`, { code: "unknown-lot" });
  });
}
