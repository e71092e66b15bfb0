// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {IMillraceGovernor} from "../interfaces/IMillraceGovernor.sol";
import {MillraceTimelock} from "./MillraceTimelock.sol";
import {StakedMill} from "./StakedMill.sol";

/// @title The governor, composed from OpenZeppelin's parts; what it promises is in IGovernor and IMillraceGovernor
/// @dev GovernorStorage is absent on purpose: `ProposalCreated` says all that `queue` and `execute` need.
contract MillraceGovernor is
    IMillraceGovernor,
    Governor,
    GovernorCountingSimple,
    GovernorVotes,
    GovernorTimelockControl
{
    /// @dev At least a second, so that a proposal's votes are counted after it is known.
    uint256 private constant MIN_VOTING_DELAY = 1 seconds;
    uint256 private constant MAX_VOTING_DELAY = 14 days;
    uint256 private constant MIN_VOTING_PERIOD = 1 minutes;
    uint256 private constant MAX_VOTING_PERIOD = 30 days;
    /// @dev From one MILL, so that spam costs something, to a quarter of the quorum.
    uint256 private constant MIN_PROPOSAL_THRESHOLD = 1e18;
    uint256 private constant MAX_PROPOSAL_THRESHOLD = 10_000_000e18;
    uint256 private constant QUORUM_PERCENT = 4;

    uint256 private immutable VOTING_DELAY;
    uint256 private immutable VOTING_PERIOD;
    uint256 private immutable PROPOSAL_THRESHOLD;
    uint256 private immutable QUORUM;

    /// @param votingDelay_ From the proposal to the snapshot of votes, in seconds.
    /// @param votingPeriod_ From the snapshot to the end of the vote, in seconds.
    /// @param proposalThreshold_ Votes that a proposer needs, in wei of MILL.
    constructor(
        StakedMill staked,
        MillraceTimelock timelock_,
        uint256 votingDelay_,
        uint256 votingPeriod_,
        uint256 proposalThreshold_
    ) Governor("Millrace Governor") GovernorVotes(staked) GovernorTimelockControl(timelock_) {
        require(
            votingDelay_ >= MIN_VOTING_DELAY && votingDelay_ <= MAX_VOTING_DELAY,
            Governor_VotingDelayOutOfBounds(votingDelay_, MIN_VOTING_DELAY, MAX_VOTING_DELAY)
        );
        require(
            votingPeriod_ >= MIN_VOTING_PERIOD && votingPeriod_ <= MAX_VOTING_PERIOD,
            Governor_VotingPeriodOutOfBounds(votingPeriod_, MIN_VOTING_PERIOD, MAX_VOTING_PERIOD)
        );
        require(
            proposalThreshold_ >= MIN_PROPOSAL_THRESHOLD && proposalThreshold_ <= MAX_PROPOSAL_THRESHOLD,
            Governor_ProposalThresholdOutOfBounds(proposalThreshold_, MIN_PROPOSAL_THRESHOLD, MAX_PROPOSAL_THRESHOLD)
        );
        uint256 needed = votingDelay_ + votingPeriod_ + timelock_.getMinDelay();
        require(staked.cooldown() >= needed, Governor_CooldownTooShort(staked.cooldown(), needed));
        VOTING_DELAY = votingDelay_;
        VOTING_PERIOD = votingPeriod_;
        PROPOSAL_THRESHOLD = proposalThreshold_;
        // Nobody can mint or burn MILL.
        QUORUM = (staked.mill().totalSupply() * QUORUM_PERCENT) / 100;
    }

    /// @notice Refused, to everyone.
    function updateTimelock(TimelockController) public pure override {
        revert Governor_TimelockFixed();
    }

    /// @inheritdoc IGovernor
    function votingDelay() public view override returns (uint256) {
        return VOTING_DELAY;
    }

    /// @inheritdoc IGovernor
    function votingPeriod() public view override returns (uint256) {
        return VOTING_PERIOD;
    }

    /// @inheritdoc Governor
    function proposalThreshold() public view override returns (uint256) {
        return PROPOSAL_THRESHOLD;
    }

    /// @inheritdoc IGovernor
    function quorum(uint256) public view override returns (uint256) {
        return QUORUM;
    }

    // ---------------------------------------------------------------- what two of the parts have

    /// @inheritdoc GovernorTimelockControl
    function state(uint256 proposalId) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        return super.state(proposalId);
    }

    /// @inheritdoc GovernorTimelockControl
    function proposalNeedsQueuing(
        uint256 proposalId
    ) public view override(Governor, GovernorTimelockControl) returns (bool) {
        return super.proposalNeedsQueuing(proposalId);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
