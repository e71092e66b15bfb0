import { governorAbi, stakedMillAbi, timelockAbi } from "@millrace/protocol";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";

/** How votes go; none of it can be changed by a vote. */
export interface GovernanceRules {
  /** From the proposal to the second at which votes are counted. */
  votingDelaySeconds: number;
  votingPeriodSeconds: number;
  /** From queuing to execution. */
  timelockDelaySeconds: number;
  /** From the beginning of an exit to the MILL. */
  cooldownSeconds: number;
  /** Votes that a proposer needs, in wei of MILL. */
  proposalThreshold: bigint;
  /** What `for` and `abstain` have to reach together, in wei of MILL. */
  quorum: bigint;
}

/** @throws MillraceError `chain-unreachable` (retryable) */
export async function readRules({ network, publicClient }: Core): Promise<GovernanceRules> {
  const governor = { address: network.governor, abi: governorAbi } as const;
  const [votingDelay, votingPeriod, timelockDelay, cooldown, proposalThreshold, quorum] =
    await withChainErrors(() =>
      Promise.all([
        publicClient.readContract({ ...governor, functionName: "votingDelay" }),
        publicClient.readContract({ ...governor, functionName: "votingPeriod" }),
        publicClient.readContract({
          address: network.timelock,
          abi: timelockAbi,
          functionName: "getMinDelay",
        }),
        publicClient.readContract({
          address: network.stakedMill,
          abi: stakedMillAbi,
          functionName: "cooldown",
        }),
        publicClient.readContract({ ...governor, functionName: "proposalThreshold" }),
        // The same at every time.
        publicClient.readContract({ ...governor, functionName: "quorum", args: [0n] }),
      ]),
    );
  return {
    votingDelaySeconds: Number(votingDelay),
    votingPeriodSeconds: Number(votingPeriod),
    timelockDelaySeconds: Number(timelockDelay),
    cooldownSeconds: Number(cooldown),
    proposalThreshold,
    quorum,
  };
}
