import { backersAbi, courtAbi, faultsAbi, marketAbi, modelRegistryAbi } from "@millrace/protocol";
import { type Address, formatLog, type Hex, type Log, numberToHex, parseEventLogs, type RpcLog } from "viem";
import { nameChainError } from "./chainErrors.ts";
import type { Core } from "./core.ts";

/** Below this many blocks a refusal of the node is not about the range any more. */
const SMALLEST_RANGE_BLOCKS = 500n;

const abi = [...marketAbi, ...modelRegistryAbi, ...backersAbi, ...courtAbi, ...faultsAbi];

interface LogFilter {
  address: Address;
  /** As `eth_getLogs` takes them: a value, alternatives, or null for any. */
  topics: (Hex | Hex[] | null)[];
  fromBlock: bigint;
  toBlock: bigint;
}

/**
 * Reads the market's events by their topics; see {@link readRawLogs}.
 *
 * @throws MillraceError `chain-unreachable` (retryable), `chain-error`
 */
export async function readLogs(core: Core, filter: LogFilter) {
  return parseEventLogs({ abi, logs: await readRawLogs(core, filter) });
}

/**
 * Reads events by their topics, undecoded. A range that the node finds too large is halved until it answers.
 *
 * @throws MillraceError `chain-unreachable` (retryable), `chain-error`
 */
export async function readRawLogs(core: Core, filter: LogFilter): Promise<Log<bigint, number, false>[]> {
  const ranges = [{ from: filter.fromBlock, to: filter.toBlock }];
  const logs: RpcLog[] = [];
  for (let range = ranges.pop(); range; range = ranges.pop()) {
    const { from, to } = range;
    if (from > to) continue;
    try {
      const found = await core.publicClient.request({
        method: "eth_getLogs",
        params: [
          {
            address: filter.address,
            topics: filter.topics,
            fromBlock: numberToHex(from),
            toBlock: numberToHex(to),
          },
        ],
      });
      logs.push(...found);
    } catch (error) {
      const named = nameChainError(error);
      const isUnreachable = (named as { code?: string }).code === "chain-unreachable";
      if (isUnreachable || to - from < SMALLEST_RANGE_BLOCKS) throw named;
      const middle = (from + to) / 2n;
      // A stack: the earlier half comes off first, so that logs stay in order.
      ranges.push({ from: middle + 1n, to }, { from, to: middle });
    }
  }
  // Those of a range have their place.
  return logs.map((log) => formatLog(log) as Log<bigint, number, false>);
}

export type MarketLog = Awaited<ReturnType<typeof readLogs>>[number];
