import {
  auditSeedOf,
  commitmentOf,
  encodeEvidence,
  type ItemResult,
  type Job,
  type JudgedItem,
  judgedItems,
  type Lot,
  lotIdOf,
  NOT_IN_AUDIT_SET,
  type Submission,
  type Totals,
  writeReceipts,
} from "@millrace/protocol";
import type { Hex } from "viem";
import type { AuditSecret } from "../input/auditSecrets.ts";
import type { JobInput } from "../input/items.ts";

/**
 * Packs what jurors need to judge the item at a position of a lot's audit set: it and those that are judged with it, and
 * all that ties them to what the chain knows. They see no other item of the job. Outside the audit set an item is judged
 * alone.
 *
 * @param results all of the lot's, checked against its commitment
 */
export function buildEvidence({
  job,
  lot,
  submission,
  classHash,
  input,
  results,
  audit,
  position,
  index,
}: {
  job: Job;
  lot: Lot;
  submission: Submission;
  classHash: Hex;
  /** The job's. */
  input: JobInput;
  results: readonly ItemResult[];
  audit: AuditSecret;
  position: number;
  /** The disputed item, in the lot. */
  index: number;
}): Uint8Array {
  const { firstItem, itemCount, jobId } = lot;
  const inputLeaves = input.leaves.slice(firstItem, firstItem + itemCount);
  const { tree } = writeReceipts({ jobId, classHash, firstItem, inputLeaves, outcomes: results });
  const totals = runningTotals(results);
  const isInSet = position !== NOT_IN_AUDIT_SET;
  const seed = auditSeedOf(audit.secret, commitmentOf(lotIdOf(lot), submission));
  const items = (isInSet ? judgedItems(seed, itemCount, position) : [index]).map(
    (at): JudgedItem => ({
      index: at,
      input: input.items[firstItem + at]!,
      inputPath: input.tree.path(firstItem + at),
      result: results[at]!,
      totals: totals[at]!,
      receiptPath: tree.path(at),
    }),
  );
  return encodeEvidence({ job, lot, submission, audit: isInSet ? { ...audit, position } : undefined, items });
}

/** As `writeReceipts` puts them into each leaf. */
function runningTotals(results: readonly ItemResult[]): Totals[] {
  const sum: Totals = { promptTokens: 0n, outputTokens: 0n, errors: 0 };
  return results.map(({ promptTokens, tokenIds, stopReason }) => {
    sum.promptTokens += BigInt(promptTokens);
    sum.outputTokens += BigInt(tokenIds.length);
    if (stopReason === "error") sum.errors++;
    return { ...sum };
  });
}
