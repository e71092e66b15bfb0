import { setTimeout as sleep } from "node:timers/promises";
import type { IndexerStatus } from "@millrace/protocol";
import type { PublicClient } from "viem";

const PROBE_INTERVAL_MS = 25;

/** Waits until an indexer has read the head of a chain that stands still. */
export async function awaitHead(
  url: string,
  reader: PublicClient,
  { timeoutMs }: { timeoutMs: number },
): Promise<void> {
  const { number, timestamp } = await reader.getBlock();
  const deadline = performance.now() + timeoutMs;
  let status: IndexerStatus | undefined;
  while (performance.now() < deadline) {
    status = await statusOf(url);
    // The time too: after a reorg there are other blocks under the same numbers.
    if (status?.block === Number(number) && status.time === Number(timestamp)) return;
    await sleep(PROBE_INTERVAL_MS);
  }
  throw new Error(`The indexer stands at block ${status?.block}, and the chain at ${number}.`);
}

async function statusOf(url: string): Promise<IndexerStatus | undefined> {
  const response = await fetch(`${url}/v1/status`).catch(() => undefined);
  return response?.ok ? ((await response.json()) as IndexerStatus) : undefined;
}
