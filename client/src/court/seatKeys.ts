import { courtAbi } from "@millrace/protocol";
import { getAbiItem, type Hex, numberToHex, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";
import { readLogs } from "../core/logs.ts";

const SEAT_TAKEN = toEventSelector(getAbiItem({ abi: courtAbi, name: "SeatTaken" }));

/** The keys that evidence for these seats is encrypted to, in their order. The chain has them in events alone. */
export async function readSeatKeys(core: Core, seatIds: readonly number[]): Promise<Hex[]> {
  const { network, publicClient } = core;
  const toBlock = await withChainErrors(() => publicClient.getBlockNumber({ cacheTime: 0 }));
  const logs = await readLogs(core, {
    address: network.court,
    topics: [SEAT_TAKEN, seatIds.map((id) => numberToHex(id, { size: 32 }))],
    fromBlock: network.deployBlock,
    toBlock,
  });
  const keys = new Map<number, Hex>();
  for (const log of logs)
    if (log.eventName === "SeatTaken") keys.set(log.args.seatId, log.args.encryptionKey);
  // A seat that was drawn was taken.
  return seatIds.map((id) => keys.get(id)!);
}
