import type { Hex } from "viem";
import type { Core } from "../core/core.ts";
import { readItems, readRecord } from "./record.ts";

/** Where one request of a batch went. */
export interface BatchItem {
  customId: string;
  /** Of the requests of its file, from 0. */
  position: number;
  jobId: Hex;
  /** Of the items of its job, from 0: what lots and receipts count by. */
  index: number;
}

/**
 * Lists where a batch's requests went, in the order of its file: a job has only those for one model.
 *
 * @throws MillraceError `unknown-batch`, `other-network`, `damaged-state`
 */
export async function batchItems(core: Core, { batchId }: { batchId: string }): Promise<BatchItem[]> {
  const record = await readRecord(core, batchId);
  const byJob = await readItems(core, record);
  return byJob
    .flatMap(({ items, positions }, job) =>
      items.map(({ customId }, index) => ({
        customId,
        position: positions[index]!,
        jobId: record.jobs[job]!.jobId,
        index,
      })),
    )
    .sort((a, b) => a.position - b.position);
}
