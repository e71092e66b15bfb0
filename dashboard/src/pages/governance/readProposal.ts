import { type IndexerClient, type Millrace, proposalIdOf } from "@millrace/client";
import type { ProposalDetail } from "@millrace/protocol";

/**
 * What is proposed, and how the vote goes. What people vote on hangs on no indexer: its id is the hash of that. Where an
 * indexer tells something else it lies, or its database cannot hold the text; then the chain tells.
 *
 * @throws MillraceError `unknown-proposal`, `invalid-indexer-reply`, `indexer-unreachable`, `chain-unreachable` (retryable)
 */
export async function readProposal(
  { indexer, millrace }: { indexer: IndexerClient; millrace: Millrace },
  { proposalId }: { proposalId: string },
): Promise<ProposalDetail> {
  const told = await indexer.proposal({ proposalId });
  const id = proposalIdOf({ ...told, values: told.values.map(BigInt) });
  if (id === BigInt(proposalId)) return told;
  const { targets, values, calldatas, description, proposer, voteStart, voteEnd } =
    await millrace.governance.proposals.retrieve({ proposalId });
  return {
    ...told,
    targets: [...targets],
    values: values.map(String),
    calldatas: [...calldatas],
    description,
    proposer,
    voteStart,
    voteEnd,
  };
}
