// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What Millrace's governor adds to OpenZeppelin's
/// @notice Votes of staked MILL; for, against, abstain; a simple majority. A proposal passes the timelock.
///
/// - Nothing about a vote can be changed by a vote: delay, period, threshold and quorum are fixed, and so is the
///   timelock with its delay. Hence one check at deployment proves for good that nobody who voted is out of the
///   cooldown before what they voted for could be executed:
///   voting delay + voting period + timelock delay ≤ cooldown of staked MILL.
/// - Quorum is 4 % of all MILL, not of what is staked: little stake cannot pass much. Abstentions count for it.
/// - Other rules need another governor: a vote makes it the timelock's proposer instead of this one.
interface IMillraceGovernor {
    error Governor_VotingDelayOutOfBounds(uint256 votingDelay, uint256 min, uint256 max);
    error Governor_VotingPeriodOutOfBounds(uint256 votingPeriod, uint256 min, uint256 max);
    error Governor_ProposalThresholdOutOfBounds(uint256 proposalThreshold, uint256 min, uint256 max);
    error Governor_CooldownTooShort(uint256 cooldown, uint256 needed);
    error Governor_TimelockFixed();
}
