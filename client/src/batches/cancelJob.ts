import { marketAbi } from "@millrace/protocol";
import { encodeFunctionData, type Hex } from "viem";
import { type Core, requireAccount, type SigningCore } from "../core/core.ts";
import type { JobView } from "./jobView.ts";
import { requireBuyer } from "./lotsByHand.ts";
import { readJob } from "./readJob.ts";

/**
 * Withdraws what of a job nobody has taken. Lots under way go on and are paid. Only its buyer. Needs nothing but the
 * chain.
 *
 * @param bidOnly leaves lots that reopened to other providers. Default: false.
 * @returns how many items were withdrawn
 * @throws MillraceError `no-account`, `unknown-job`, `other-account`, `contract-refused`, `chain-unreachable` (retryable)
 */
export async function cancelJob(
  core: Core,
  { jobId, bidOnly = false }: { jobId: Hex; bidOnly?: boolean },
): Promise<{ withdrawnItems: number }> {
  const signing = requireAccount(core);
  const view = await readJob(signing, { jobId });
  requireBuyer(signing, view.job.buyer);
  return { withdrawnItems: await withdrawItems(signing, view, { bidOnly }) };
}

/** Withdraws what waits for a provider; returns how many items that was. */
export async function withdrawItems(
  { network, sender }: SigningCore,
  { job: terms, lots, bidItems }: JobView,
  { bidOnly }: { bidOnly: boolean },
): Promise<number> {
  const open = bidOnly ? [] : [...lots.values()].filter(({ status }) => status === "open");
  const items = open.reduce((sum, { lot }) => sum + lot.itemCount, bidItems);
  if (!terms || items === 0) return 0;
  const data =
    open.length === 0
      ? encodeFunctionData({ abi: marketAbi, functionName: "cancelRemainder", args: [terms] })
      : encodeFunctionData({
          abi: marketAbi,
          functionName: "close",
          args: [terms, open.map(({ lot }) => lot)],
        });
  await sender.send({ to: network.market, data });
  return items;
}
