import { setTimeout as delay } from "node:timers/promises";
import { courtAbi, type Network } from "@millrace/protocol";
import { createTestClient, http, publicActions } from "viem";

const POLL_MS = 200;

const clientOf = ({ rpcUrl }: Network) =>
  createTestClient({ mode: "hardhat", transport: http(rpcUrl) }).extend(publicActions);

/** Sets a local chain's clock ahead. */
export async function passSeconds(network: Network, seconds: number): Promise<void> {
  const client = clientOf(network);
  await client.increaseTime({ seconds });
  await client.mine({ blocks: 1 });
}

/** Sets a local chain's clock beyond a deadline, in Unix seconds, unless it is there already. */
export async function passDeadline(network: Network, deadline: number): Promise<void> {
  const { timestamp } = await clientOf(network).getBlock({ blockTag: "latest" });
  const seconds = deadline + 1 - Number(timestamp);
  if (seconds > 0) await passSeconds(network, seconds);
}

/**
 * Watches the court until the signal aborts, and sets the clock ahead over the phases in which nobody is going to act:
 * the answer to a challenge, if the provider gives none, and the time for an appeal.
 */
export async function skipIdlePhases(
  network: Network,
  { doesProviderAnswer, signal }: { doesProviderAnswer: boolean; signal: AbortSignal },
): Promise<void> {
  const client = clientOf(network);
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
