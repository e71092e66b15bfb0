import type { EventPlace } from "@millrace/protocol";

interface Logged {
  block: { number: bigint; timestamp: bigint };
  transaction: { hash: `0x${string}` };
  log: { logIndex: number };
}

/** No block has room for so many logs. */
const LOGS_PER_BLOCK = 2 ** 20;

/** Numbers all events in the order of the chain. Exact up to block 2³³. */
export function sequenceOf({ block, log }: Pick<Logged, "block" | "log">): number {
  return Number(block.number) * LOGS_PER_BLOCK + log.logIndex;
}

export function placeOf({ block, transaction }: Omit<Logged, "log">): EventPlace {
  return {
    block: Number(block.number),
    time: Number(block.timestamp),
    transactionHash: transaction.hash,
  };
}
