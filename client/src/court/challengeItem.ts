import { auditSeedOf, auditSetOf, commitmentOf, MillraceError, NOT_IN_AUDIT_SET } from "@millrace/protocol";
import type { Hex } from "viem";
import type { LotView } from "../batches/jobView.ts";
import { wrongStatus } from "../batches/lotsByHand.ts";
import type { OpenedJob } from "../batches/readJob.ts";
import { type BatchRecord, readItems } from "../batches/record.ts";
import { type Core, requireAccount, type SigningCore } from "../core/core.ts";
import { auditSecretOf, auditTreeOf } from "../input/auditSecrets.ts";
import { buildInput } from "../input/items.ts";
import { keepLotResults, keptLots } from "../lots/lotResults.ts";
import { verifyLot } from "../lots/verifyLot.ts";
import { readDispute } from "./readDispute.ts";
import { sendChallenge } from "./sendChallenge.ts";

/** Which item of a batch's lot is disputed. */
export interface ChallengeOptions {
  batchId: string;
  lotId: Hex;
  /** Counted from 0 within the lot. */
  index: number;
  /** Base units that may be in bonds for this job, this one's included. Default: all that is free. */
  maxBonds?: bigint;
  signal?: AbortSignal;
}

/**
 * Disputes one item of a submitted lot, for jurors to compute it again, at a bond of ten of their fees (of twenty the second
 * time; there is no third). The lot's results are fetched, checked and kept first: they are the evidence. `batches.run`
 * then carries the case on; the bond is lost to who keeps nothing running.
 *
 * @throws MillraceError `no-account`, `unknown-batch`, `other-network`, `unknown-lot`, `unknown-item`, `wrong-lot-status`,
 * `too-late`, `results-missing` (retryable), `unverified` (hashes show it already: run the batch), `challenge-impossible`,
 * `contract-refused`, `chain-unreachable` (retryable); the signal's reason
 */
export async function challengeItem(core: Core, options: ChallengeOptions): Promise<void> {
  const { batchId, lotId, index, maxBonds, signal = new AbortController().signal } = options;
  const signing = requireAccount(core);
  const { record, job, opened, view, obstacle } = await readDispute(signing, { batchId, lotId, maxBonds });
  const { lot, submission } = view;
  if (!Number.isSafeInteger(index) || index < 0 || index >= lot.itemCount) {
    throw new MillraceError(`The lot has items 0 to ${lot.itemCount - 1}.`, { code: "unknown-item" });
  }
  if (obstacle || !submission) throw obstacle ?? wrongStatus(view);
  await keepResults(signing, { record, jobIndex: record.jobs.indexOf(job), opened, view, signal });
  const tree = auditTreeOf(job.secret, job.request.itemCount);
  const audit = auditSecretOf(tree, job.secret, lot);
  const seed = auditSeedOf(audit.secret, commitmentOf(lotId, submission));
  const place = auditSetOf(seed, lot.itemCount).indexOf(index);
  const position = place >= 0 ? place : NOT_IN_AUDIT_SET;
  await sendChallenge(signing, {
    view,
    terms: opened.job,
    submission,
    secret: job.secret,
    audit,
    index,
    position,
  });
}

/** Jurors are shown what is kept. */
async function keepResults(
  core: SigningCore,
  {
    record,
    jobIndex,
    opened,
    view,
    signal,
  }: { record: BatchRecord; jobIndex: number; opened: OpenedJob; view: LotView; signal: AbortSignal },
): Promise<void> {
  const { batchId } = record;
  const { lotId, lot, submission, commitment } = view;
  const kept = await keptLots(core, batchId);
  if (!submission || !commitment || kept.get(lotId)?.commitment === commitment) return;
  const job = record.jobs[jobIndex]!;
  const stored = await readItems(core, record);
  const verdict = await verifyLot(core, {
    lot,
    submission,
    isSettled: false,
    job: opened.job,
    classHash: job.classHash,
    secret: job.secret,
    input: buildInput(stored[jobIndex]!.items, job.secret),
    wrappedKey: view.cases.at(-1)?.wrappedKey,
    signal,
  });
  if (verdict.outcome === "verified") {
    await keepLotResults(core, { batchId, lotId, commitment, submission, results: verdict.results });
    return;
  }
  const isMissing = verdict.outcome === "missing";
  throw new MillraceError("Jurors cannot be shown the lot's results.", {
    code: verdict.code,
    retryable: isMissing,
    details: verdict.message,
    hints: ["Run the batch: it demands what is missing, and proves what hashes show to be wrong."],
  });
}
