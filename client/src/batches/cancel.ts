import { type Core, requireAccount } from "../core/core.ts";
import { withdrawItems } from "./cancelJob.ts";
import { followJob } from "./jobLog.ts";
import { viewJob } from "./jobView.ts";
import { readRecord } from "./record.ts";

/**
 * Withdraws what of a batch nobody has taken. Lots under way go on and are paid; run the batch to collect them.
 *
 * @param bidOnly leaves lots that reopened to other providers. Default: false.
 * @returns how many items were withdrawn
 * @throws MillraceError `no-account`, `unknown-batch`, `other-network`, `contract-refused`
 */
export async function cancelBatch(
  core: Core,
  { batchId, bidOnly = false }: { batchId: string; bidOnly?: boolean },
): Promise<{ withdrawnItems: number }> {
  const signing = requireAccount(core);
  const record = await readRecord(core, batchId);
  let withdrawnItems = 0;
  for (const job of record.jobs) {
    const view = viewJob(await followJob(core, job).poll());
    withdrawnItems += await withdrawItems(signing, view, { bidOnly });
  }
  return { withdrawnItems };
}
