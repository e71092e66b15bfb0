import { MillraceError, type Tolerance } from "@millrace/protocol";
import type { JobRecord } from "../batches/record.ts";
import type { Core } from "../core/core.ts";
import { listModels } from "../market/listModels.ts";
import { findClass } from "./findClass.ts";
import type { CheckOptions } from "./options.ts";
import type { Verifier } from "./verifier.ts";

/** Who checks a job's items, and by which numbers; or why nobody can. */
export type JobVerifier =
  | { verifier: Verifier; tolerance: Tolerance }
  | { verifier: undefined; reason: string };

/**
 * Finds who can check a job. Where the model is at hand and its class does not fit this machine, nobody can.
 *
 * @throws MillraceError `chain-unreachable` (retryable), `invalid-class`; what the verifier's engine throws
 */
export async function findJobVerifier(
  core: Core,
  job: JobRecord,
  check: CheckOptions | undefined,
): Promise<JobVerifier> {
  const none = (reason: string): JobVerifier => ({ verifier: undefined, reason });
  if (!check) return none("checking was not asked for");
  const { modelId } = job.request;
  const model = (await listModels(core)).find((one) => one.modelId === modelId);
  if (!model) return none(`nobody published ${job.modelName}`);
  const verifier = check.verifiers.find((one) => one.has(model.spec));
  if (!verifier) {
    return none(`nobody at hand has ${job.modelName} with a context of ${model.spec.contextTokens} tokens`);
  }
  const modelClass = await findClass(core, {
    modelId,
    classHash: job.classHash,
    atHand: check.classes ?? [],
  });
  if (!modelClass) return none(`nobody shows the class of ${job.modelName}`);
  if (!modelClass.tolerance) return none(`${job.modelName} is not calibrated`);
  try {
    await verifier.calibrate(modelClass);
  } catch (error) {
    if (error instanceof MillraceError && error.code === "calibration-fails-here") {
      return none(error.shortMessage);
    }
    throw error;
  }
  return { verifier, tolerance: modelClass.tolerance };
}
