import { isFailure } from "@millrace/protocol";
import type { Hex } from "viem";
import type { JobOutcome, LotFailure } from "../batches/jobOutcome.ts";
import type { LotView } from "../batches/jobView.ts";
import type { JobRecord } from "../batches/record.ts";
import type { Core } from "../core/core.ts";
import type { JobItem } from "../input/items.ts";
import { readLotResults } from "../lots/lotResults.ts";
import { formatFailure, formatResult } from "./resultLine.ts";

const outputKey = (batchId: string) => `batches/${batchId}/output.jsonl`;

/** A finished job with its items and where they stand in the batch. */
export interface FinishedJob {
  job: JobRecord;
  items: readonly JobItem[];
  positions: readonly number[];
  outcome: JobOutcome;
}

/** How many items a batch answered, and how many it could not. */
export interface ItemCounts {
  total: number;
  completed: number;
  failed: number;
}

/** Writes a batch's output to its state: a line for every item, in the order of the input. */
export async function writeOutput(
  core: Core,
  { batchId, jobs }: { batchId: string; jobs: readonly FinishedJob[] },
): Promise<ItemCounts> {
  const counts: ItemCounts = { total: 0, completed: 0, failed: 0 };
  const lines = async function* () {
    const sources = jobs.map((job) => jobLines(core, batchId, job));
    const heads = await Promise.all(sources.map((source) => source.next()));
    for (;;) {
      let first = -1;
      for (const [i, head] of heads.entries()) {
        if (head.done) continue;
        const other = first < 0 ? undefined : heads[first];
        if (!other || other.done || head.value.position < other.value.position) first = i;
      }
      const head = heads[first];
      if (!head || head.done) return;
      counts.total++;
      if (head.value.isFailed) counts.failed++;
      else counts.completed++;
      yield head.value.line;
      heads[first] = await sources[first]!.next();
    }
  };
  await core.state.writeLines(outputKey(batchId), lines());
  return counts;
}

/** The lines of a batch's output, nothing if it is not written yet. */
export function readOutput({ state }: Core, batchId: string): AsyncIterable<string> {
  return state.readLines(outputKey(batchId));
}

interface OutputLine {
  position: number;
  line: string;
  isFailed: boolean;
}

/** One job's lines, in its items' order. */
async function* jobLines(core: Core, batchId: string, finished: FinishedJob): AsyncGenerator<OutputLine> {
  const { job, items, positions, outcome } = finished;
  const { view, failures } = outcome;
  const describe = (index: number) => ({
    jobId: job.jobId,
    index,
    customId: items[index]!.customId,
    model: job.modelName,
    created: view.job?.openedAt ?? 0,
  });
  const failAll = function* (from: number, to: number, failure: { code: string; message: string }) {
    for (let index = from; index < to; index++) {
      yield { position: positions[index]!, line: formatFailure(describe(index), failure), isFailed: true };
    }
  };
  let next = 0;
  for (const { lotId, lot, status, commitment } of finalLots(finished)) {
    const end = lot.firstItem + lot.itemCount;
    yield* failAll(next, lot.firstItem, notTaken);
    const failure = status === "closed" ? notTaken : failureOf(failures.get(lotId), commitment);
    next = lot.firstItem;
    if (!failure) {
      for await (const result of readLotResults(core, { batchId, lotId })) {
        const line = formatResult(describe(next), lotId, result);
        yield { position: positions[next]!, line, isFailed: isFailure(result.stopReason) };
        next++;
      }
    }
    yield* failAll(next, end, failure ?? lost);
    next = end;
  }
  yield* failAll(next, items.length, notTaken);
}

/** A failure counts for the submission that it is about: after a reorg another may have been right. */
function failureOf(failure: LotFailure | undefined, commitment: Hex | undefined): LotFailure | undefined {
  return failure?.commitment === commitment ? failure : undefined;
}

/** The last lot of each run of items, by first item. */
function finalLots({ outcome }: FinishedJob) {
  const byFirst = new Map<number, LotView>();
  // In the order of assignment: a later attempt replaces an earlier one.
  for (const lot of outcome.view.lots.values()) byFirst.set(lot.lot.firstItem, lot);
  return [...byFirst.values()].sort((a, b) => a.lot.firstItem - b.lot.firstItem);
}

const notTaken = {
  code: "not-taken",
  message: "No provider took this request in time; it was not paid for.",
};
const lost = { code: "internal", message: "The results kept for this request are incomplete." };
