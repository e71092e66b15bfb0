import { setTimeout as delay } from "node:timers/promises";
import { courtAbi, type Network } from "@millrace/protocol";
import { createTestClient, http, publicActions } from "viem";

const POLL_MS = 200;

/** Sets a local chain's clock beyond a deadline, in Unix seconds, unless it is there already. */
export async function passDeadline(network: Network, deadline: number): Promise<void> {
  const client = createTestClient({ mode: "hardhat", transport: http(network.rpcUrl) }).extend(publicActions);
  const { timestamp } = await client.getBlock({ blockTag: "latest" });
  const seconds = deadline + 1 - Number(timestamp);
  if (seconds <= 0) return;
  await client.increaseTime({ seconds });
  await client.mine({ blocks: 1 });
}

/**
 * Watches the court until the signal aborts, and sets the clock ahead over the phases in which nobody is going to act:
 * the answer to a challenge, if the provider gives none, and the time for an appeal.
 */
export async function skipIdlePhases(
  network: Network,
  { doesProviderAnswer, signal }: { doesProviderAnswer: boolean; signal: AbortSignal },
): Promise<void> {
  const client = createTestClient({ mode: "hardhat", transport: http(network.rpcUrl) }).extend(publicActions);
  const court = { abi: courtAbi, address: network.court, strict: true } as const;
  let fromBlock = (await client.getBlockNumber({ cacheTime: 0 })) + 1n;
  while (!signal.aborted) {
    const toBlock = await client.getBlockNumber({ cacheTime: 0 });
    if (toBlock >= fromBlock) {
      const logs = await client.getContractEvents({ ...court, fromBlock, toBlock });
      fromBlock = toBlock + 1n;
      for (const { eventName, args } of logs) {
        const isIdle = eventName === "CaseDecided" || (eventName === "CaseOpened" && !doesProviderAnswer);
        if (isIdle) await passDeadline(network, Number(args.deadline));
      }
    }
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
  }
}
