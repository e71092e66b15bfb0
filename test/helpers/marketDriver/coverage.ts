import type { Network } from "@millrace/protocol";
import { type Abi, type AbiEvent, createPublicClient, http, parseEventLogs } from "viem";
import { abis, type ContractName } from "./marketDriver.ts";

/** Contracts whose events are the market's; what a token moves is not. */
const indexed = [
  "market",
  "modelRegistry",
  "parameters",
  "faults",
  "court",
  "backers",
  "stakedMill",
  "governor",
  "timelock",
] as const satisfies readonly ContractName[];

/** Events in the ABIs that nothing can cause. */
const impossible: Readonly<Record<string, string>> = {
  EIP712DomainChanged: "no contract changes its name or version",
  RoleAdminChanged: "the timelock's roles have OpenZeppelin's administrator, and nothing sets another",
};

/** How often each event of each contract occurred, by names such as `market.JobOpened`; those that cannot are left out. */
export async function countEvents(network: Network): Promise<Map<string, number>> {
  const reader = createPublicClient({ transport: http(network.rpcUrl) });
  const counts = new Map<string, number>();
  for (const contract of indexed) {
    const abi = abis[contract] as Abi;
    for (const { type, name } of abi as readonly AbiEvent[]) {
      if (type === "event" && !(name in impossible)) counts.set(`${contract}.${name}`, 0);
    }
    const logs = await reader.getLogs({ address: network[contract], fromBlock: 0n });
    for (const { eventName } of parseEventLogs({ abi, logs })) {
      const name = `${contract}.${eventName}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}
