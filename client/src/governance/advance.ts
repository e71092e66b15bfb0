import { governorAbi, MillraceError } from "@millrace/protocol";
import { encodeFunctionData, isAddressEqual, keccak256, stringToBytes } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import { type Core, requireAccount, type SigningCore } from "../core/core.ts";
import { type Proposal, retrieveProposal } from "./proposals.ts";

interface ProposalOptions {
  proposalId: bigint | string;
}

/**
 * Puts a proposal that won into the timelock. Anyone may.
 *
 * @throws MillraceError `no-account`, `unknown-proposal`, `not-queuable`, `contract-refused`, `chain-unreachable`
 */
export async function queueProposal(core: Core, { proposalId }: ProposalOptions): Promise<void> {
  const signing = requireAccount(core);
  const proposal = await retrieveProposal(signing, { proposalId });
  if (proposal.state !== "succeeded") throw refusal("not-queuable", "It cannot be queued now.", proposal);
  await send(signing, "queue", proposal);
}

/**
 * Carries out a proposal whose time in the timelock is over. Anyone may.
 *
 * @throws MillraceError `no-account`, `unknown-proposal`, `not-executable` (retryable while its time runs),
 * `contract-refused`, `chain-unreachable` (retryable)
 */
export async function executeProposal(core: Core, { proposalId }: ProposalOptions): Promise<void> {
  const signing = requireAccount(core);
  const proposal = await retrieveProposal(signing, { proposalId });
  const { state, eta } = proposal;
  if (state !== "queued" || eta === undefined) {
    throw refusal("not-executable", "It cannot be executed now.", proposal);
  }
  const { timestamp } = await withChainErrors(() => signing.publicClient.getBlock({ blockTag: "latest" }));
  if (timestamp < BigInt(eta)) {
    throw new MillraceError("It cannot be executed yet.", {
      code: "not-executable",
      retryable: true,
      details: `From ${new Date(eta * 1000).toISOString()} on it can.`,
    });
  }
  await send(signing, "execute", proposal);
}

/**
 * Withdraws a proposal. Only its proposer may, before its votes are counted.
 *
 * @throws MillraceError `no-account`, `unknown-proposal`, `not-cancellable`, `contract-refused`, `chain-unreachable`
 */
export async function cancelProposal(core: Core, { proposalId }: ProposalOptions): Promise<void> {
  const signing = requireAccount(core);
  const proposal = await retrieveProposal(signing, { proposalId });
  if (proposal.state !== "pending")
    throw refusal("not-cancellable", "It cannot be withdrawn any more.", proposal);
  if (!isAddressEqual(proposal.proposer, signing.account.address)) {
    throw new MillraceError("Only its proposer can withdraw it.", {
      code: "not-cancellable",
      details: `That is ${proposal.proposer}.`,
    });
  }
  await send(signing, "cancel", proposal);
}

async function send(
  { network, sender }: SigningCore,
  functionName: "queue" | "execute" | "cancel",
  { targets, values, calldatas, description }: Proposal,
): Promise<void> {
  const args = [targets, values, calldatas, keccak256(stringToBytes(description))] as const;
  await sender.send({
    to: network.governor,
    data: encodeFunctionData({ abi: governorAbi, functionName, args }),
  });
}

function refusal(code: string, message: string, { state }: Proposal): MillraceError {
  return new MillraceError(message, { code, details: `It is ${state}.` });
}
