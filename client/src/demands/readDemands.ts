import { faultsAbi, type PlacedReceipt } from "@millrace/protocol";
import { getAbiItem, type Hex, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";
import { readLogs } from "../core/logs.ts";

/** What was demanded of a lot's receipts, and what came of it. Indices count within the lot. */
export interface Demands {
  /** Not answered; `deadline` is the last second for that, in Unix time. */
  open: { index: number; deadline: number }[];
  /** Shown on-chain: all of them stand in the committed tree. */
  shown: (PlacedReceipt & { index: number })[];
}

const selector = (name: "ReceiptDemanded" | "ReceiptAnswered") =>
  toEventSelector(getAbiItem({ abi: faultsAbi, name }));
const EVENTS = [selector("ReceiptDemanded"), selector("ReceiptAnswered")];

/**
 * Reads a lot's demands from their events.
 *
 * @param fromBlock no later than the lot's submission
 * @throws MillraceError `chain-unreachable` (retryable)
 */
export async function readDemands(
  core: Core,
  { lotId, fromBlock }: { lotId: Hex; fromBlock: bigint },
): Promise<Demands> {
  const { network, publicClient } = core;
  const toBlock = await withChainErrors(() => publicClient.getBlockNumber({ cacheTime: 0 }));
  const logs = await readLogs(core, { address: network.faults, topics: [EVENTS, lotId], fromBlock, toBlock });
  const open = new Map<number, number>();
  const shown: Demands["shown"] = [];
  for (const log of logs) {
    if (log.eventName === "ReceiptDemanded") open.set(Number(log.args.index), log.args.deadline);
    if (log.eventName !== "ReceiptAnswered") continue;
    const index = Number(log.args.index);
    open.delete(index);
    shown.push({ ...log.args.placed, index });
  }
  return { open: [...open].map(([index, deadline]) => ({ index, deadline })), shown };
}
