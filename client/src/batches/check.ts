import { AUDIT_ATTEMPTS, auditSeedOf, MillraceError } from "@millrace/protocol";
import type { Address, Hex } from "viem";
import { checkLot, type LotCheck } from "../check/checkLot.ts";
import { findJobVerifier } from "../check/jobVerifier.ts";
import type { CheckOptions } from "../check/options.ts";
import type { Core } from "../core/core.ts";
import { auditSecretOf, auditTreeOf } from "../input/auditSecrets.ts";
import { buildInput } from "../input/items.ts";
import { allLotResults, keptLots } from "../lots/lotResults.ts";
import { limitsOf } from "../market/pricing.ts";
import { followJob } from "./jobLog.ts";
import { type LotPhase, viewJob } from "./jobView.ts";
import { readItems, readRecord } from "./record.ts";

/** What checking one kept lot came to. */
export interface CheckedLot {
  jobId: Hex;
  lotId: Hex;
  provider: Address;
  firstItem: number;
  itemCount: number;
  status: LotPhase;
  check: LotCheck;
}

/**
 * Computes items of a batch's kept results again, also of lots that are paid. Changes nothing: what is found while a lot's
 * window lasts, `run` takes to court if it is given the same verifiers.
 *
 * @throws MillraceError `unknown-batch`, `other-network`, `cannot-check` (nobody at hand has the model), what the verifier
 * throws
 */
export async function* checkBatch(
  core: Core,
  { batchId, check, signal }: { batchId: string; check: CheckOptions; signal: AbortSignal },
): AsyncGenerator<CheckedLot> {
  const record = await readRecord(core, batchId);
  const [stored, kept] = await Promise.all([readItems(core, record), keptLots(core, batchId)]);
  for (const [i, job] of record.jobs.entries()) {
    const { job: terms, lots } = viewJob(await followJob(core, job).poll());
    const found = await findJobVerifier(core, job, check);
    if (!found.verifier) {
      throw new MillraceError(`Requests for ${job.modelName} cannot be computed again.`, {
        code: "cannot-check",
        details: `${found.reason}.`,
      });
    }
    const { verifier, tolerance } = found;
    const limits = limitsOf(terms?.request ?? job.request);
    const input = buildInput(stored[i]!.items, job.secret);
    const tree = auditTreeOf(job.secret, job.request.itemCount);
    for (const { lotId, lot, status, commitment } of lots.values()) {
      const isKept = commitment !== undefined && kept.get(lotId)?.commitment === commitment;
      if (!isKept || lot.attempt >= AUDIT_ATTEMPTS) continue;
      const results = await allLotResults(core, { batchId, lotId });
      const { jobId, provider, firstItem, itemCount } = lot;
      const seed = auditSeedOf(auditSecretOf(tree, job.secret, lot).secret, commitment);
      const inputs = input.items.slice(firstItem, firstItem + itemCount);
      const { modelId } = job.request;
      const options = { lot, seed, inputs, results, modelId, limits, tolerance, plan: check, signal };
      yield {
        ...{ jobId, lotId, provider, firstItem, itemCount, status },
        check: await checkLot(verifier, options),
      };
    }
  }
}
