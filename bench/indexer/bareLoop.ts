import type { Network } from "@millrace/protocol";
import { type Abi, createPublicClient, http, parseEventLogs } from "viem";
import { abis, type ContractName } from "../../test/helpers/marketDriver/marketDriver.ts";

/** Some megabytes of logs in a reply, of the ten that viem takes. */
const BLOCKS_PER_CALL = 25n;

/** Reads and decodes all logs of the contracts that an indexer follows, and does nothing with them. */
export async function readAllLogs(network: Network): Promise<{ events: number; ms: number }> {
  const names: ContractName[] = [
    "market",
    "modelRegistry",
    "parameters",
    "faults",
    "court",
    "backers",
    "stakedMill",
    "governor",
    "timelock",
  ];
  const address = names.map((name) => network[name]);
  const abi = names.flatMap((name) => [...abis[name]]) as Abi;
  const reader = createPublicClient({ transport: http(network.rpcUrl) });
  const startedAt = performance.now();
  const head = await reader.getBlockNumber();
  let events = 0;
  for (let fromBlock = 0n; fromBlock <= head; fromBlock += BLOCKS_PER_CALL) {
    const last = fromBlock + BLOCKS_PER_CALL - 1n;
    const logs = await reader.getLogs({ address, fromBlock, toBlock: last < head ? last : head });
    events += parseEventLogs({ abi, logs }).length;
  }
  return { events, ms: performance.now() - startedAt };
}
