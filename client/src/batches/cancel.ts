import { marketAbi } from "@millrace/protocol";
import { encodeFunctionData } from "viem";
import { type Core, requireAccount } from "../core/core.ts";
import { followJob } from "./jobLog.ts";
import { viewJob } from "./jobView.ts";
import { readRecord } from "./record.ts";

/**
 * Withdraws what of a batch nobody has taken. Lots under way go on and are paid; run the batch to collect them.
 *
 * @param bidOnly leaves lots that reopened to other providers. Default: false.
 * @returns how many items were withdrawn
 * @throws MillraceError `no-account`, `unknown-batch`, `other-network`, `contract-refused`
 */
export async function cancelBatch(
  core: Core,
  { batchId, bidOnly = false }: { batchId: string; bidOnly?: boolean },
): Promise<{ withdrawnItems: number }> {
  const signing = requireAccount(core);
  const record = await readRecord(core, batchId);
  let withdrawnItems = 0;
  for (const job of record.jobs) {
    const { job: terms, lots, bidItems } = viewJob(await followJob(core, job).poll());
    const open = bidOnly ? [] : [...lots.values()].filter(({ status }) => status === "open");
    const items = open.reduce((sum, { lot }) => sum + lot.itemCount, bidItems);
    if (!terms || items === 0) continue;
    const data =
      open.length === 0
        ? encodeFunctionData({ abi: marketAbi, functionName: "cancelRemainder", args: [terms] })
        : encodeFunctionData({
            abi: marketAbi,
            functionName: "close",
            args: [terms, open.map(({ lot }) => lot)],
          });
    await signing.sender.send({ to: core.network.market, data });
    withdrawnItems += items;
  }
  return { withdrawnItems };
}
