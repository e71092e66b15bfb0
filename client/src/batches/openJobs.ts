import { MillraceError, marketAbi } from "@millrace/protocol";
import { encodeFunctionData, zeroHash } from "viem";
import { ContractError, withChainErrors } from "../core/chainErrors.ts";
import type { SigningCore } from "../core/core.ts";
import { type BatchRecord, type JobRecord, writeRecord } from "./record.ts";

/** After these nothing of a transaction is under way. */
const NOT_SENT = ["contract-refused", "insufficient-gas-funds", "wallet-rejected", "wrong-chain"];

/**
 * Opens those of a batch's jobs that are not open yet. Harmless to repeat, at any time: a job's nonce can be used once.
 *
 * @throws MillraceError `contract-refused`, `wallet-rejected`, `chain-unreachable` (retryable), and what else the sender
 * throws; `partly-opened` in its place where other jobs of the batch are open
 */
export async function openJobs(core: SigningCore, record: BatchRecord): Promise<void> {
  const closed = await unopenedJobs(core, record);
  if (closed.length === 0) return;
  if (!record.isBegun) await writeRecord(core, { ...record, isBegun: true });
  for (const [i, job] of closed.entries()) {
    try {
      await openJob(core, job);
    } catch (error) {
      const open = record.jobs.length - closed.length + i;
      if (open > 0) throw partlyOpened(record, open, error);
      // Of what an earlier attempt sent nobody knows.
      const isSent = !(error instanceof MillraceError && NOT_SENT.includes(error.code));
      if (!record.isBegun && !isSent) await writeRecord(core, record);
      throw error;
    }
  }
}

/** Those of a batch's jobs that were never opened. */
export async function unopenedJobs(core: SigningCore, { jobs }: BatchRecord): Promise<JobRecord[]> {
  const opened = await Promise.all(jobs.map((job) => isOpened(core, job)));
  return jobs.filter((_, i) => !opened[i]);
}

/** Whether the job was ever opened. */
async function isOpened({ network, publicClient }: SigningCore, { jobId }: JobRecord): Promise<boolean> {
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

function partlyOpened({ batchId, jobs }: BatchRecord, open: number, cause: unknown): MillraceError {
  const why = cause instanceof MillraceError ? cause.shortMessage : String(cause);
  return new MillraceError(`${open} of the batch's ${jobs.length} jobs ${open === 1 ? "is" : "are"} open.`, {
    code: "partly-opened",
    retryable: true,
    details: `The next was not opened: ${why}`,
    hints: [`Go on with batch ${batchId}, or open the same file again: what is open is not bought twice.`],
    cause,
  });
}
