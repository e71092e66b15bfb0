import { governorAbi, MillraceError } from "@millrace/protocol";
import { encodeFunctionData } from "viem";
import { type Core, requireAccount } from "../core/core.ts";
import { retrieveProposal } from "./proposals.ts";

/** As the Governor counts them. */
const supports = { against: 0, for: 1, abstain: 2 } as const;

/**
 * Casts the account's votes, those that it held at the proposal's `voteStart`.
 *
 * @param reason for all to read. Default: none.
 * @throws MillraceError `no-account`, `unknown-proposal`, `not-votable`, `contract-refused`, `chain-unreachable`
 */
export async function vote(
  core: Core,
  {
    proposalId,
    support,
    reason = "",
  }: { proposalId: bigint | string; support: keyof typeof supports; reason?: string },
): Promise<void> {
  const signing = requireAccount(core);
  const proposal = await retrieveProposal(signing, { proposalId });
  if (proposal.hasVoted) {
    throw new MillraceError("The account has voted already.", { code: "not-votable" });
  }
  if (proposal.state !== "active") {
    throw new MillraceError("Votes cannot be cast now.", {
      code: "not-votable",
      retryable: proposal.state === "pending",
      details:
        proposal.state === "pending"
          ? `From ${new Date(proposal.voteStart * 1000).toISOString()} on they can.`
          : `The proposal is ${proposal.state}.`,
    });
  }
  const id = proposal.proposalId;
  const data =
    reason === ""
      ? encodeFunctionData({ abi: governorAbi, functionName: "castVote", args: [id, supports[support]] })
      : encodeFunctionData({
          abi: governorAbi,
          functionName: "castVoteWithReason",
          args: [id, supports[support], reason],
        });
  await signing.sender.send({ to: signing.network.governor, data });
}
