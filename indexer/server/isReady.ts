import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

const PROBE_INTERVAL_MS = 100;

/**
 * Waits until an indexer has read all that there is.
 *
 * @throws Error when its process has ended, or not done so in time; the signal's reason
 */
export async function isReady(
  url: string,
  { child, timeoutMs, signal }: { child: ChildProcess; timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await answers(url))) {
    signal?.throwIfAborted();
    if (child.exitCode !== null || child.signalCode !== null) throw new Error("It ended.");
    if (performance.now() > deadline) throw new Error(`It had not read all after ${timeoutMs} ms.`);
    await sleep(PROBE_INTERVAL_MS);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/v1/status`);
    // Read to its end, or its connection is kept from the next.
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
