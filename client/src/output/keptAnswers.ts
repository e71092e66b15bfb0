import type { Hex } from "viem";
import { followJob } from "../batches/jobLog.ts";
import { isCommitted, type LotView, viewJob } from "../batches/jobView.ts";
import { readItems, readRecord } from "../batches/record.ts";
import type { Core } from "../core/core.ts";
import { type KeptLot, keptLots, readLotResults } from "../lots/lotResults.ts";
import { formatResult } from "./resultLine.ts";

/**
 * The lots of a batch whose answers are kept here and are what their providers committed to, less those in which an item
 * was found to be computed otherwise than agreed.
 *
 * @throws MillraceError `unknown-batch`, `other-network`, `chain-unreachable` (retryable)
 */
export async function verifiedLots(core: Core, { batchId }: { batchId: string }): Promise<Hex[]> {
  const [record, kept] = await Promise.all([readRecord(core, batchId), keptLots(core, batchId)]);
  const views = await Promise.all(record.jobs.map(async (job) => viewJob(await followJob(core, job).poll())));
  return views.flatMap(({ lots }) =>
    [...lots.values()].filter((lot) => isVerified(lot, kept)).map(({ lotId }) => lotId),
  );
}

/**
 * The answers of {@link verifiedLots}, also of lots that are not paid yet, as lines of OpenAI's batch output without line
 * ends: one job after the other, in the order of assignment.
 *
 * @throws MillraceError `unknown-batch`, `other-network`, `damaged-state`, `chain-unreachable` (retryable)
 */
export async function* batchAnswers(core: Core, { batchId }: { batchId: string }): AsyncGenerator<string> {
  const record = await readRecord(core, batchId);
  const [stored, kept] = await Promise.all([readItems(core, record), keptLots(core, batchId)]);
  for (const [i, { jobId, ...job }] of record.jobs.entries()) {
    const { job: terms, lots } = viewJob(await followJob(core, { jobId, ...job }).poll());
    for (const view of lots.values()) {
      if (!isVerified(view, kept)) continue;
      const { lotId, lot } = view;
      let index = lot.firstItem;
      for await (const result of readLotResults(core, { batchId, lotId })) {
        const { customId } = stored[i]!.items[index]!;
        const about = { jobId, index, customId, model: job.modelName, created: terms?.openedAt ?? 0 };
        yield formatResult(about, lotId, result);
        index++;
      }
    }
  }
}

function isVerified({ lotId, status, commitment }: LotView, kept: ReadonlyMap<Hex, KeptLot>): boolean {
  const known = kept.get(lotId);
  const isThere = isCommitted(status) || status === "settled";
  return isThere && known !== undefined && known.commitment === commitment && !known.check?.fault;
}
