import { governorAbi, MillraceError } from "@millrace/protocol";
import { type Address, getAbiItem, type Hex, parseEventLogs, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";
import { readRawLogs } from "../core/logs.ts";

/** As the Governor counts its states. */
const proposalStates = [
  "pending",
  "active",
  "cancelled",
  "defeated",
  "succeeded",
  "queued",
  "expired",
  "executed",
] as const;

/**
 * `pending`: votes are not counted yet; `active`: they are; `succeeded`: may be queued; `queued`: may be executed from
 * `eta` on.
 */
export type ProposalState = (typeof proposalStates)[number];

/** A proposal, as it stands at the latest block. Votes are wei of MILL, times Unix time. */
export interface Proposal {
  proposalId: bigint;
  proposer: Address;
  description: string;
  targets: readonly Address[];
  values: readonly bigint[];
  calldatas: readonly Hex[];
  /** Votes count as they are held at this second, and can be cast after it. */
  voteStart: number;
  /** The last second to vote. */
  voteEnd: number;
  state: ProposalState;
  votes: { for: bigint; against: bigint; abstain: bigint };
  /** What `for` and `abstain` have to reach together. */
  quorum: bigint;
  /** When it may be executed; undefined until queued. */
  eta?: number;
  /** Whether the client's account has voted; undefined without one. */
  hasVoted?: boolean;
  proposedAt: { blockNumber: bigint; transactionHash: Hex };
}

const CREATED = toEventSelector(getAbiItem({ abi: governorAbi, name: "ProposalCreated" }));

/**
 * Reads all proposals, newest first.
 *
 * @throws MillraceError `chain-unreachable` (retryable)
 */
export async function listProposals(core: Core): Promise<Proposal[]> {
  const logs = await readCreated(core);
  return Promise.all(logs.reverse().map((log) => readProposal(core, log)));
}

/**
 * Reads one proposal.
 *
 * @throws MillraceError `unknown-proposal`, `chain-unreachable` (retryable)
 */
export async function retrieveProposal(
  core: Core,
  { proposalId }: { proposalId: bigint | string },
): Promise<Proposal> {
  const wanted = BigInt(proposalId);
  const log = (await readCreated(core)).find(({ args }) => args.proposalId === wanted);
  if (log) return readProposal(core, log);
  throw new MillraceError(`There is no proposal ${wanted}.`, { code: "unknown-proposal" });
}

type Created = Awaited<ReturnType<typeof readCreated>>[number];

async function readCreated(core: Core) {
  const { network, publicClient } = core;
  const toBlock = await withChainErrors(() => publicClient.getBlockNumber({ cacheTime: 0 }));
  const filter = { address: network.governor, fromBlock: network.deployBlock, toBlock };
  const logs = await readRawLogs(core, { ...filter, topics: [CREATED] });
  return parseEventLogs({ abi: governorAbi, eventName: "ProposalCreated", logs });
}

async function readProposal(
  { network, publicClient, account }: Core,
  { args, blockNumber, transactionHash }: Created,
): Promise<Proposal> {
  const { proposalId, proposer, description, targets, values, calldatas, voteStart, voteEnd } = args;
  const governor = { address: network.governor, abi: governorAbi } as const;
  const [state, [against, inFavour, abstain], quorum, eta, hasVoted] = await withChainErrors(() =>
    Promise.all([
      publicClient.readContract({ ...governor, functionName: "state", args: [proposalId] }),
      publicClient.readContract({ ...governor, functionName: "proposalVotes", args: [proposalId] }),
      publicClient.readContract({ ...governor, functionName: "quorum", args: [voteStart] }),
      publicClient.readContract({ ...governor, functionName: "proposalEta", args: [proposalId] }),
      account &&
        publicClient.readContract({
          ...governor,
          functionName: "hasVoted",
          args: [proposalId, account.address],
        }),
    ]),
  );
  return {
    proposalId,
    proposer,
    description,
    targets,
    values,
    calldatas,
    voteStart: Number(voteStart),
    voteEnd: Number(voteEnd),
    state: stateOf(state),
    votes: { for: inFavour, against, abstain },
    quorum,
    ...(eta > 0n && { eta: Number(eta) }),
    ...(hasVoted !== undefined && { hasVoted }),
    proposedAt: { blockNumber, transactionHash },
  };
}

function stateOf(index: number): ProposalState {
  const state = proposalStates[index];
  if (state) return state;
  throw new MillraceError(`The governor knows a state ${index}, this client does not.`, {
    code: "chain-error",
  });
}
