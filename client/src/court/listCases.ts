import type { Address, Hex } from "viem";
import { followJob } from "../batches/jobLog.ts";
import { type LotPhase, viewJob } from "../batches/jobView.ts";
import { listRecords } from "../batches/record.ts";
import type { Core } from "../core/core.ts";
import type { CaseView } from "./caseView.ts";

/** A case about a lot of a batch that is kept here. */
export interface BatchCase extends CaseView {
  batchId: string;
  jobId: Hex;
  lotId: Hex;
  provider: Address;
  /** The first item of its lot, in the job. */
  firstItem: number;
  lotStatus: LotPhase;
}

/**
 * The cases of all batches kept here for this network, newest batch first.
 *
 * @param lotId only of this lot; its first digits will do
 * @throws MillraceError `chain-unreachable` (retryable)
 */
export async function listCases(core: Core, { lotId = "0x" }: { lotId?: Hex } = {}): Promise<BatchCase[]> {
  const { chainId, market } = core.network;
  const records = await listRecords(core);
  const jobs = records
    .filter((record) => record.chainId === chainId && record.market === market)
    .flatMap(({ batchId, jobs }) => jobs.map((job) => ({ batchId, job })));
  const found: BatchCase[] = [];
  for (const { batchId, job } of jobs) {
    const { lots } = viewJob(await followJob(core, job).poll());
    for (const { lotId: id, lot, status, cases } of lots.values()) {
      if (!id.startsWith(lotId.toLowerCase())) continue;
      const { jobId, provider, firstItem } = lot;
      const about = { batchId, jobId, lotId: id, provider, firstItem, lotStatus: status };
      found.push(...cases.map((one) => ({ ...one, ...about })));
    }
  }
  return found;
}
