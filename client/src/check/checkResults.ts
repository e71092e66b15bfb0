import {
  AUDIT_ATTEMPTS,
  auditSeedOf,
  type ItemResult,
  isFailure,
  type Lot,
  lotIdOf,
  MillraceError,
} from "@millrace/protocol";
import type { Hex } from "viem";
import type { JobRecord } from "../batches/record.ts";
import type { Core } from "../core/core.ts";
import type { AuditSecret } from "../input/auditSecrets.ts";
import type { JobInput } from "../input/items.ts";
import type { Prices } from "../market/pricing.ts";
import { type CheckPlan, checkLot, type LotCheck } from "./checkLot.ts";
import type { JobVerifier } from "./jobVerifier.ts";
import { countCheckedLot } from "./providerRecord.ts";

/**
 * Computes some items of a lot again, if somebody can, and adds what that came to to its provider's record.
 *
 * @param results all of the lot's, checked against its commitment
 * @param auditSecretOf the lot's
 * @returns the results with texts that stand for their tokens, where the model is at hand to tell
 */
export async function checkResults(
  core: Core,
  {
    job,
    limits,
    lot,
    commitment,
    input,
    results,
    jobVerifier,
    plan,
    auditSecretOf,
    onWarning,
    signal,
  }: {
    job: JobRecord;
    /** Of the job, as they stand. */
    limits: Prices;
    lot: Lot;
    commitment: Hex;
    /** The job's. */
    input: JobInput;
    results: readonly ItemResult[];
    jobVerifier: JobVerifier;
    plan: CheckPlan;
    auditSecretOf: (lot: Lot) => AuditSecret;
    onWarning: (error: MillraceError) => void;
    signal: AbortSignal;
  },
): Promise<{ check: LotCheck | undefined; results: readonly ItemResult[] }> {
  // From the ninth assignment on a lot has no audit set.
  if (!jobVerifier.verifier || lot.attempt >= AUDIT_ATTEMPTS) return { check: undefined, results };
  const { verifier, tolerance } = jobVerifier;
  const inputs = input.items.slice(lot.firstItem, lot.firstItem + lot.itemCount);
  const seed = auditSeedOf(auditSecretOf(lot).secret, commitment);
  const { modelId } = job.request;
  const options = { lot, seed, inputs, results, modelId, limits, tolerance, plan, signal };
  const check = await checkLot(verifier, options).catch((error: unknown) => {
    // Where those who could score are not there, it is as if nobody had been asked.
    if (!(error instanceof MillraceError) || error.code !== "too-few-verifiers") throw error;
    onWarning(error);
    return undefined;
  });
  if (!check) return { check, results };
  await countCheckedLot(core, {
    provider: lot.provider,
    lotId: lotIdOf(lot),
    commitment,
    classHash: job.classHash,
    tolerance,
    statistics: check.statistics,
    isFaulty: check.fault !== undefined,
  });
  const { textOf } = verifier;
  if (!textOf) return { check, results };
  const read = results.map((result, i): ItemResult => {
    if (isFailure(result.stopReason)) return result;
    const request = JSON.parse(inputs[i]!.request) as unknown;
    return { ...result, text: textOf(request, result.tokenIds, result.stopReason) };
  });
  return { check, results: read };
}
