import {
  type CourtParameters,
  governorAbi,
  type MarketParameters,
  MillraceError,
  parametersAbi,
} from "@millrace/protocol";
import { type Address, encodeFunctionData, formatEther, type Hex, parseEventLogs } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import { type Core, requireAccount, type SigningCore } from "../core/core.ts";
import { checkBounds } from "./bounds.ts";
import { readStakePosition } from "./position.ts";
import { type GovernedParameters, readGoverned } from "./readGoverned.ts";

/** What is proposed; at least one thing beside the description. */
export interface ProposalDraft {
  /** Numbers of the next version; those left out stay as they are when it is proposed. */
  market?: Partial<MarketParameters>;
  court?: Partial<CourtParameters>;
  /** Who may pause from then on; the zero address for nobody. */
  guardian?: Address;
  /** Ends a pause. */
  unpause?: boolean;
  /** What voters read. Two proposals of the same calls and description cannot be. */
  description: string;
}

/**
 * Proposes a vote. The account needs the governor's threshold in votes.
 *
 * @returns the proposal's id
 * @throws MillraceError `no-account`, `nothing-proposed`, `parameter-out-of-bounds`, `insufficient-votes`,
 * `contract-refused`, `chain-unreachable` (retryable)
 */
export async function propose(core: Core, draft: ProposalDraft): Promise<{ proposalId: bigint }> {
  const signing = requireAccount(core);
  const { network, sender } = signing;
  const calldatas = callsOf(draft, await readGoverned(signing));
  await checkVotes(signing);
  const args = [
    calldatas.map(() => network.parameters),
    calldatas.map(() => 0n),
    calldatas,
    draft.description,
  ] as const;
  const data = encodeFunctionData({ abi: governorAbi, functionName: "propose", args });
  const { logs } = await sender.send({ to: network.governor, data });
  const [created] = parseEventLogs({ abi: governorAbi, eventName: "ProposalCreated", logs });
  // What was mined well has told of it.
  return { proposalId: created!.args.proposalId };
}

function callsOf({ market, court, guardian, unpause }: ProposalDraft, now: GovernedParameters): Hex[] {
  const abi = parametersAbi;
  const calls: Hex[] = [];
  const next = { market: { ...now.market, ...market }, court: { ...now.court, ...court } };
  if (differs(next.market, now.market) || differs(next.court, now.court)) {
    checkBounds(next, now);
    calls.push(encodeFunctionData({ abi, functionName: "append", args: [next.market, next.court] }));
  }
  if (guardian && guardian.toLowerCase() !== now.guardian.toLowerCase()) {
    calls.push(encodeFunctionData({ abi, functionName: "setGuardian", args: [guardian] }));
  }
  if (unpause) calls.push(encodeFunctionData({ abi, functionName: "unpause" }));
  if (calls.length > 0) return calls;
  throw new MillraceError("Nothing would change.", {
    code: "nothing-proposed",
    hints: ["Change a number, or name another guardian."],
  });
}

function differs<T extends object>(a: T, b: T): boolean {
  return (Object.keys(b) as (keyof T)[]).some((field) => a[field] !== b[field]);
}

async function checkVotes(core: SigningCore): Promise<void> {
  const { network, publicClient } = core;
  const [{ votes }, threshold] = await Promise.all([
    readStakePosition(core),
    withChainErrors(() =>
      publicClient.readContract({
        address: network.governor,
        abi: governorAbi,
        functionName: "proposalThreshold",
      }),
    ),
  ]);
  if (votes >= threshold) return;
  throw new MillraceError("The account has too few votes to propose.", {
    code: "insufficient-votes",
    details: `It has ${formatEther(votes)}; ${formatEther(threshold)} are needed.`,
    hints: ["Stake MILL, or let others delegate theirs to it."],
  });
}
