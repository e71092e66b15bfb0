import { type CourtParameters, type MarketParameters, marketAbi, parametersAbi } from "@millrace/protocol";
import { type Address, getAbiItem, type Hex, parseEventLogs, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";
import { readRawLogs } from "../core/logs.ts";

/** Both kinds of governed numbers. */
export interface GovernedNumbers {
  market: MarketParameters;
  court: CourtParameters;
}

/** What is in force now, and what bounds the next version. */
export interface GovernedParameters extends GovernedNumbers {
  version: number;
  isPaused: boolean;
  /** When the last pause ended or ends, Unix time; 0 if there never was one. */
  pausedUntil: number;
  /** Who may pause; the zero address for nobody. */
  guardian: Address;
  /** The first version, from which some amounts may move only so far; see `parameterBounds`. */
  first: GovernedNumbers;
  /** The chain's force-inclusion delay: no phase may be shorter. */
  minPhaseSeconds: number;
}

/** A version as it was appended. */
export interface ParametersRecord extends GovernedNumbers {
  version: number;
  /** Unix time. */
  appendedAt: number;
  blockNumber: bigint;
  transactionHash: Hex;
}

const APPENDED = toEventSelector(getAbiItem({ abi: parametersAbi, name: "ParametersAppended" }));

/**
 * Reads all governed numbers.
 *
 * @throws MillraceError `chain-unreachable` (retryable), `chain-error`
 */
export async function readGoverned(core: Core): Promise<GovernedParameters> {
  const contract = { address: await addressOf(core), abi: parametersAbi } as const;
  const { publicClient } = core;
  return withChainErrors(async () => {
    const [[version, isPaused, market], pausedUntil, guardian, minPhaseSeconds, firstMarket, firstCourt] =
      await Promise.all([
        publicClient.readContract({ ...contract, functionName: "current" }),
        publicClient.readContract({ ...contract, functionName: "pausedUntil" }),
        publicClient.readContract({ ...contract, functionName: "guardian" }),
        publicClient.readContract({ ...contract, functionName: "minPhaseSeconds" }),
        publicClient.readContract({ ...contract, functionName: "ofVersion", args: [1] }),
        publicClient.readContract({ ...contract, functionName: "courtOfVersion", args: [1] }),
      ]);
    const court = await publicClient.readContract({
      ...contract,
      functionName: "courtOfVersion",
      args: [version],
    });
    const first = { market: firstMarket, court: firstCourt };
    return { version, isPaused, pausedUntil, guardian, market, court, first, minPhaseSeconds };
  });
}

/**
 * Reads every version that there was, newest first.
 *
 * @throws MillraceError `chain-unreachable` (retryable), `chain-error`
 */
export async function readParametersHistory(core: Core): Promise<ParametersRecord[]> {
  const { network, publicClient } = core;
  const address = await addressOf(core);
  const toBlock = await withChainErrors(() => publicClient.getBlockNumber({ cacheTime: 0 }));
  const logs = parseEventLogs({
    abi: parametersAbi,
    eventName: "ParametersAppended",
    logs: await readRawLogs(core, { address, topics: [APPENDED], fromBlock: network.deployBlock, toBlock }),
  });
  const versions = await withChainErrors(() =>
    Promise.all(
      logs.map(async ({ args, blockNumber, transactionHash }): Promise<ParametersRecord> => {
        const { timestamp } = await publicClient.getBlock({ blockNumber });
        const { version, market, court } = args;
        return { version, market, court, appendedAt: Number(timestamp), blockNumber, transactionHash };
      }),
    ),
  );
  return versions.reverse();
}

/** The Market's own word: the description could name others. */
function addressOf({ network, publicClient }: Core): Promise<Address> {
  return withChainErrors(() =>
    publicClient.readContract({ address: network.market, abi: marketAbi, functionName: "parameters" }),
  );
}
