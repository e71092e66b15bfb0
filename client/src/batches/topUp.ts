import { MillraceError, marketAbi } from "@millrace/protocol";
import { encodeFunctionData } from "viem";
import { checkBalance } from "../account/balance.ts";
import { type Core, requireAccount } from "../core/core.ts";
import { readLotState } from "../core/lotState.ts";
import { escrowOf, max, type Prices } from "../market/pricing.ts";
import { followJob } from "./jobLog.ts";
import { type JobView, viewJob } from "./jobView.ts";
import { readRecord } from "./record.ts";

/** What a top-up came to. */
export interface TopUp {
  /** Items that nobody has taken, whose limits were raised. */
  items: number;
  /** Locked on top, base units of the asset. */
  reserve: bigint;
}

/**
 * Raises what is paid at most for those items of a batch that nobody has taken: its bids, and lots that reopened. Limits
 * only rise: of a job whose limits are as high already, nothing changes.
 *
 * @param promptLimitPerMillion base units per 10⁶ prompt tokens. Default: as it is.
 * @param outputLimitPerMillion base units per 10⁶ output tokens. Default: as it is.
 * @throws MillraceError `no-account`, `unknown-batch`, `other-network`, `insufficient-balance`, `contract-refused`
 * @example
 * await topUpBatch(core, { batchId, outputLimitPerMillion: parseAmount("1.2") });
 */
export async function topUpBatch(
  core: Core,
  {
    batchId,
    promptLimitPerMillion = 0n,
    outputLimitPerMillion = 0n,
  }: { batchId: string; promptLimitPerMillion?: bigint; outputLimitPerMillion?: bigint },
): Promise<TopUp> {
  const signing = requireAccount(core);
  if (promptLimitPerMillion < 0n || outputLimitPerMillion < 0n) {
    throw new MillraceError("A limit cannot be below zero.", { code: "invalid-option" });
  }
  const record = await readRecord(core, batchId);
  const total: TopUp = { items: 0, reserve: 0n };
  for (const job of record.jobs) {
    const view = viewJob(await followJob(core, job).poll());
    const terms = view.job;
    if (!terms) continue;
    const { request } = terms;
    const limits = {
      promptPricePerMillion: max(promptLimitPerMillion, request.promptLimitPerMillion),
      outputPricePerMillion: max(outputLimitPerMillion, request.outputLimitPerMillion),
    };
    const isRaised =
      limits.promptPricePerMillion > request.promptLimitPerMillion ||
      limits.outputPricePerMillion > request.outputLimitPerMillion;
    const open = [...view.lots.values()].filter(({ status }) => status === "open").map(({ lot }) => lot);
    const items = open.reduce((sum, lot) => sum + lot.itemCount, view.bidItems);
    if (!isRaised || items === 0) continue;
    const reserve = await addedReserve(core, view, limits);
    await checkBalance(signing, reserve);
    const args = [terms, limits.promptPricePerMillion, limits.outputPricePerMillion, open] as const;
    const data = encodeFunctionData({ abi: marketAbi, functionName: "topUp", args });
    await signing.sender.send({ to: core.network.market, data });
    total.items += items;
    total.reserve += reserve;
  }
  return total;
}

/** What the raised limits lock on top of what is locked for the items that nobody has taken. */
async function addedReserve(core: Core, { job, lots, bidItems }: JobView, limits: Prices): Promise<bigint> {
  const request = job!.request;
  const before = {
    promptPricePerMillion: request.promptLimitPerMillion,
    outputPricePerMillion: request.outputLimitPerMillion,
  };
  let reserve = escrowOf(bidItems, request, limits) - escrowOf(bidItems, request, before);
  for (const { lotId, lot, status } of lots.values()) {
    if (status !== "open") continue;
    // Release charges came out of it.
    const { escrow } = await readLotState(core, lotId);
    reserve += escrowOf(lot.itemCount, request, limits) - escrow;
  }
  return reserve;
}
