import { formatAmount, MillraceError, marketAbi } from "@millrace/protocol";
import { encodeFunctionData, type Hex } from "viem";
import { checkBalance } from "../account/balance.ts";
import { type Core, requireAccount } from "../core/core.ts";
import { readLotState } from "../core/lotState.ts";
import { escrowOf, limitsOf, max, type Prices } from "../market/pricing.ts";
import { followJob } from "./jobLog.ts";
import { type JobView, viewJob } from "./jobView.ts";
import { readRecord } from "./record.ts";

export interface TopUpOptions {
  batchId: string;
  /** Of its jobs, each for one model, those that are raised. Default: all. */
  jobIds?: readonly Hex[];
  /** Base units per 10⁶ prompt tokens. Default: as it is. */
  promptLimitPerMillion?: bigint;
  /** Base units per 10⁶ output tokens. Default: as it is. */
  outputLimitPerMillion?: bigint;
}

/** What a top-up comes to. */
export interface TopUp {
  /** Items that nobody has taken, whose limits are raised. */
  items: number;
  /** Locked on top, base units of the asset. */
  reserve: bigint;
}

/**
 * What {@link topUpBatch} would come to now. Sends nothing.
 *
 * @throws MillraceError `unknown-batch`, `other-network`, `invalid-option`, `chain-unreachable` (retryable)
 */
export async function quoteTopUp(core: Core, options: TopUpOptions): Promise<TopUp> {
  return totalOf(await planTopUp(core, options));
}

/**
 * Raises what is paid at most for those items of a batch that nobody has taken: its bids, and lots that reopened. Limits
 * only rise: of a job whose limits are as high already, nothing changes.
 *
 * @param maxReserve refuses to lock more than this on top, base units. Default: no limit but the balance.
 * @throws MillraceError `no-account`, `unknown-batch`, `other-network`, `invalid-option`, `reserve-too-high`,
 * `insufficient-balance`, `contract-refused`
 * @example
 * await topUpBatch(core, { batchId, outputLimitPerMillion: parseAmount("1.2") });
 */
export async function topUpBatch(
  core: Core,
  { maxReserve, ...options }: TopUpOptions & { maxReserve?: bigint },
): Promise<TopUp> {
  const signing = requireAccount(core);
  const steps = await planTopUp(core, options);
  const total = totalOf(steps);
  if (maxReserve !== undefined && total.reserve > maxReserve) {
    throw new MillraceError(`The raised limits reserve ${formatAmount(total.reserve)} more.`, {
      code: "reserve-too-high",
      details: `At most ${formatAmount(maxReserve)} more may be locked.`,
    });
  }
  await checkBalance(signing, total.reserve);
  for (const { data } of steps) await signing.sender.send({ to: core.network.market, data });
  return total;
}

/** What raises one job's limits. */
interface TopUpStep extends TopUp {
  data: Hex;
}

async function planTopUp(
  core: Core,
  { batchId, jobIds, promptLimitPerMillion = 0n, outputLimitPerMillion = 0n }: TopUpOptions,
): Promise<TopUpStep[]> {
  if (promptLimitPerMillion < 0n || outputLimitPerMillion < 0n) {
    throw new MillraceError("A limit cannot be below zero.", { code: "invalid-option" });
  }
  const record = await readRecord(core, batchId);
  const steps: TopUpStep[] = [];
  for (const job of record.jobs) {
    if (jobIds && !jobIds.includes(job.jobId)) continue;
    const view = viewJob(await followJob(core, job).poll());
    const terms = view.job;
    if (!terms) continue;
    const before = limitsOf(terms.request);
    const limits = {
      promptPricePerMillion: max(promptLimitPerMillion, before.promptPricePerMillion),
      outputPricePerMillion: max(outputLimitPerMillion, before.outputPricePerMillion),
    };
    const isRaised =
      limits.promptPricePerMillion > before.promptPricePerMillion ||
      limits.outputPricePerMillion > before.outputPricePerMillion;
    const open = [...view.lots.values()].filter(({ status }) => status === "open").map(({ lot }) => lot);
    const items = open.reduce((sum, lot) => sum + lot.itemCount, view.bidItems);
    if (!isRaised || items === 0) continue;
    const args = [terms, limits.promptPricePerMillion, limits.outputPricePerMillion, open] as const;
    const data = encodeFunctionData({ abi: marketAbi, functionName: "topUp", args });
    steps.push({ items, reserve: await addedReserve(core, view, limits), data });
  }
  return steps;
}

const totalOf = (steps: readonly TopUp[]): TopUp => ({
  items: steps.reduce((sum, { items }) => sum + items, 0),
  reserve: steps.reduce((sum, { reserve }) => sum + reserve, 0n),
});

/** What the raised limits lock on top of what is locked for the items that nobody has taken. */
async function addedReserve(core: Core, { job, lots, bidItems }: JobView, limits: Prices): Promise<bigint> {
  const request = job!.request;
  let reserve = escrowOf(bidItems, request, limits) - escrowOf(bidItems, request, limitsOf(request));
  for (const { lotId, lot, status } of lots.values()) {
    if (status !== "open") continue;
    // Release charges came out of it.
    const { escrow } = await readLotState(core, lotId);
    reserve += escrowOf(lot.itemCount, request, limits) - escrow;
  }
  return reserve;
}
