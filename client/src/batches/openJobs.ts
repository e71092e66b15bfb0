import { marketAbi } from "@millrace/protocol";
import { encodeFunctionData, zeroHash } from "viem";
import { ContractError, withChainErrors } from "../core/chainErrors.ts";
import type { SigningCore } from "../core/core.ts";
import type { BatchRecord, JobRecord } from "./record.ts";

/**
 * Opens those of a batch's jobs that are not open yet. Harmless to repeat, at any time: a job's nonce can be used once.
 *
 * @throws MillraceError `contract-refused`, `chain-unreachable` (retryable)
 */
export async function openJobs(core: SigningCore, record: BatchRecord): Promise<void> {
  for (const job of record.jobs) {
    if (!(await isOpened(core, job))) await openJob(core, job);
  }
}

/** Whether the job was ever opened. */
export async function isOpened(
  { network, publicClient }: SigningCore,
  { jobId }: JobRecord,
): Promise<boolean> {
  const state = await withChainErrors(() =>
    publicClient.readContract({
      address: network.market,
      abi: marketAbi,
      functionName: "jobState",
      args: [jobId],
    }),
  );
  return state.termsHash !== zeroHash;
}

async function openJob(
  { network, account, sender }: SigningCore,
  { request, fills }: JobRecord,
): Promise<void> {
  const args = [account.address, request, fills] as const;
  const data = encodeFunctionData({ abi: marketAbi, functionName: "openJob", args });
  try {
    await sender.send({ to: network.market, data });
  } catch (error) {
    // An earlier attempt, thought lost, was mined after all.
    if (error instanceof ContractError && error.errorName === "Market_JobExists") return;
    throw error;
  }
}
