// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {MillraceGovernor} from "../../../contracts/governance/MillraceGovernor.sol";
import {MillraceTimelock} from "../../../contracts/governance/MillraceTimelock.sol";
import {StakedMill} from "../../../contracts/governance/StakedMill.sol";
import {IMillraceGovernor} from "../../../contracts/interfaces/IMillraceGovernor.sol";
import {IStakedMill} from "../../../contracts/interfaces/IStakedMill.sol";
import {vm} from "../helpers/Vm.sol";
import {BareLedger, GovernanceFixture, Proposal} from "./GovernanceFixture.sol";

contract MillraceGovernorTest is GovernanceFixture {
    uint8 private constant AGAINST = 0;
    uint8 private constant FOR = 1;
    uint8 private constant ABSTAIN = 2;

    /// @dev What the timelock has to give away.
    uint256 private constant TREASURY = 5e18;

    function setUp() public override {
        super.setUp();
        mill.transfer(address(timelock), TREASURY);
    }

    // ---------------------------------------------------------------- constructor

    function test_constructor_refusesAVotingDelayOutOfBounds() external {
        _expectOutOfBounds(IMillraceGovernor.Governor_VotingDelayOutOfBounds.selector, 0, 1, 14 days);
        new MillraceGovernor(staked, timelock, 0, VOTING_PERIOD, THRESHOLD);
        _expectOutOfBounds(IMillraceGovernor.Governor_VotingDelayOutOfBounds.selector, 14 days + 1, 1, 14 days);
        new MillraceGovernor(staked, timelock, 14 days + 1, VOTING_PERIOD, THRESHOLD);
    }

    function test_constructor_refusesAVotingPeriodOutOfBounds() external {
        _expectOutOfBounds(IMillraceGovernor.Governor_VotingPeriodOutOfBounds.selector, 59, 60, 30 days);
        new MillraceGovernor(staked, timelock, VOTING_DELAY, 59, THRESHOLD);
        _expectOutOfBounds(IMillraceGovernor.Governor_VotingPeriodOutOfBounds.selector, 30 days + 1, 60, 30 days);
        new MillraceGovernor(staked, timelock, VOTING_DELAY, 30 days + 1, THRESHOLD);
    }

    function test_constructor_refusesAThresholdOutOfBounds() external {
        bytes4 selector = IMillraceGovernor.Governor_ProposalThresholdOutOfBounds.selector;
        _expectOutOfBounds(selector, 1e18 - 1, 1e18, 10_000_000e18);
        new MillraceGovernor(staked, timelock, VOTING_DELAY, VOTING_PERIOD, 1e18 - 1);
        _expectOutOfBounds(selector, 10_000_000e18 + 1, 1e18, 10_000_000e18);
        new MillraceGovernor(staked, timelock, VOTING_DELAY, VOTING_PERIOD, 10_000_000e18 + 1);
    }

    function test_constructor_refusesACooldownShorterThanAVote() external {
        StakedMill short = new StakedMill(mill, asset, COOLDOWN - 1, address(this));
        vm.expectRevert(
            abi.encodeWithSelector(IMillraceGovernor.Governor_CooldownTooShort.selector, COOLDOWN - 1, COOLDOWN)
        );
        new MillraceGovernor(short, timelock, VOTING_DELAY, VOTING_PERIOD, THRESHOLD);
    }

    function test_constructor_takesTheLeast() external {
        MillraceTimelock soon = new MillraceTimelock(1, address(this));
        StakedMill short = new StakedMill(mill, asset, 62, address(this));
        MillraceGovernor quick = new MillraceGovernor(short, soon, 1, 60, 1e18);
        assertEq(quick.votingDelay() + quick.votingPeriod() + soon.getMinDelay(), short.cooldown());
        assertEq(quick.proposalThreshold(), 1e18);
    }

    function test_constructor_takesTheMost() external {
        MillraceTimelock late = new MillraceTimelock(30 days, address(this));
        StakedMill long = new StakedMill(mill, asset, 74 days, address(this));
        MillraceGovernor slow = new MillraceGovernor(long, late, 14 days, 30 days, 10_000_000e18);
        assertEq(slow.votingDelay() + slow.votingPeriod() + late.getMinDelay(), long.cooldown());
        assertEq(slow.proposalThreshold(), 10_000_000e18);
    }

    function test_constructor_setsWhatItIsGiven() external view {
        assertEq(governor.name(), "Millrace Governor");
        assertEq(governor.votingDelay(), VOTING_DELAY);
        assertEq(governor.votingPeriod(), VOTING_PERIOD);
        assertEq(governor.proposalThreshold(), THRESHOLD);
        assertEq(governor.quorum(block.timestamp), (SUPPLY * 4) / 100);
        assertEq(governor.timelock(), address(timelock));
        assertEq(governor.proposalNeedsQueuing(0), true);
        assertEq(address(governor.token()), address(staked));
        assertEq(governor.clock(), block.timestamp);
        assertEq(governor.CLOCK_MODE(), "mode=timestamp");
        assertEq(governor.COUNTING_MODE(), "support=bravo&quorum=for,abstain");
    }

    // ---------------------------------------------------------------- propose

    function test_propose_refusesLessThanTheThreshold() external {
        stake(alice, THRESHOLD - 1);
        skip(1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernor.GovernorInsufficientProposerVotes.selector,
                alice,
                THRESHOLD - 1,
                THRESHOLD
            )
        );
        propose(alice, _grant());
    }

    function test_propose_takesTheThreshold() external {
        stake(alice, THRESHOLD);
        skip(1);
        uint256 proposalId = propose(alice, _grant());
        assertState(proposalId, IGovernor.ProposalState.Pending);
        assertEq(governor.proposalProposer(proposalId), alice);
        assertEq(governor.proposalSnapshot(proposalId), block.timestamp + VOTING_DELAY);
        assertEq(governor.proposalDeadline(proposalId), block.timestamp + VOTING_DELAY + VOTING_PERIOD);
    }

    function test_propose_takesDelegatedVotes() external {
        stake(alice, THRESHOLD);
        vm.prank(alice);
        staked.delegate(stranger);
        skip(1);
        assertState(propose(stranger, _grant()), IGovernor.ProposalState.Pending);
    }

    function test_attack_stakeAndProposeAtOnce_isRefused() external {
        stake(alice, HOLDING);
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, alice, 0, THRESHOLD)
        );
        propose(alice, _grant());
    }

    // ---------------------------------------------------------------- vote

    function test_vote_opensASecondAfterTheSnapshot() external {
        uint256 proposalId = _proposed();
        vm.warp(governor.proposalSnapshot(proposalId));
        expectUnexpectedState(proposalId, IGovernor.ProposalState.Pending, IGovernor.ProposalState.Active);
        vote(alice, proposalId, FOR);
        skip(1);
        assertEq(vote(alice, proposalId, FOR), QUORUM);
    }

    function test_vote_closesAfterTheDeadline() external {
        uint256 proposalId = _proposed();
        vm.warp(governor.proposalDeadline(proposalId));
        assertState(proposalId, IGovernor.ProposalState.Active);
        skip(1);
        expectUnexpectedState(proposalId, IGovernor.ProposalState.Defeated, IGovernor.ProposalState.Active);
        vote(alice, proposalId, FOR);
    }

    function test_vote_countsOnce() external {
        uint256 proposalId = _proposed();
        warpIntoVote(proposalId);
        vote(alice, proposalId, FOR);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, alice));
        vote(alice, proposalId, FOR);
    }

    function test_vote_countsWhatWasStakedAtTheSnapshot() external {
        uint256 proposalId = _proposed();
        vm.warp(governor.proposalSnapshot(proposalId));
        stake(bob, 70);
        skip(1);
        stake(bob, 5);
        stake(carol, 9);
        assertEq(vote(bob, proposalId, AGAINST), 70);
        assertEq(vote(carol, proposalId, AGAINST), 0);
    }

    function test_vote_countsForWhoLeavesAfterTheSnapshot() external {
        uint256 proposalId = _proposed();
        warpIntoVote(proposalId);
        beginExit(alice, QUORUM);
        assertEq(vote(alice, proposalId, FOR), QUORUM);
    }

    function test_vote_countsNothingForWhoLeftAtTheSnapshot() external {
        uint256 proposalId = _proposed();
        vm.warp(governor.proposalSnapshot(proposalId));
        beginExit(alice, QUORUM);
        skip(1);
        assertEq(vote(alice, proposalId, FOR), 0);
    }

    function test_vote_worksBySignature() external {
        uint256 proposalId = _proposed();
        warpIntoVote(proposalId);
        vm.prank(stranger);
        assertEq(governor.castVoteBySig(proposalId, FOR, alice, _signBallot(proposalId, FOR)), QUORUM);
        assertTrue(governor.hasVoted(proposalId, alice), "alice has voted");
    }

    function test_attack_stakeAfterTheSnapshot_hasNoVote() external {
        uint256 proposalId = _proposed();
        warpIntoVote(proposalId);
        stake(bob, HOLDING);
        skip(1);
        assertEq(vote(bob, proposalId, AGAINST), 0);
    }

    // ---------------------------------------------------------------- quorum and majority

    function test_quorum_isMissedByOneVote() external {
        uint256 proposalId = _voted(QUORUM - 1, 0, 0);
        assertState(proposalId, IGovernor.ProposalState.Defeated);
        Proposal memory proposal = _grant();
        expectUnexpectedState(proposalId, IGovernor.ProposalState.Defeated, IGovernor.ProposalState.Succeeded);
        queue(proposal);
    }

    function test_quorum_isReachedByTheLastVote() external {
        assertState(_voted(QUORUM, 0, 0), IGovernor.ProposalState.Succeeded);
    }

    function test_quorum_countsAbstentions() external {
        assertState(_voted(THRESHOLD, 0, QUORUM - THRESHOLD), IGovernor.ProposalState.Succeeded);
    }

    function test_quorum_countsNoneAgainst() external {
        assertState(_voted(QUORUM - 1, 1, 0), IGovernor.ProposalState.Defeated);
    }

    function test_majority_isMissedByATie() external {
        assertState(_voted(QUORUM, QUORUM, 0), IGovernor.ProposalState.Defeated);
    }

    function test_majority_isReachedByOneVote() external {
        assertState(_voted(QUORUM + 1, QUORUM, 0), IGovernor.ProposalState.Succeeded);
    }

    function testFuzz_state_isWhatTheVotesSay(uint96 votesFor, uint96 votesAgainst, uint96 abstentions) external {
        uint256 yes = bound(votesFor, THRESHOLD, HOLDING);
        uint256 no = bound(votesAgainst, 0, HOLDING);
        uint256 none = bound(abstentions, 0, HOLDING);
        bool passes = yes > no && yes + none >= QUORUM;
        assertState(
            _voted(yes, no, none),
            passes ? IGovernor.ProposalState.Succeeded : IGovernor.ProposalState.Defeated
        );
    }

    // ---------------------------------------------------------------- queue and execute

    function test_execute_refusesBeforeTheTimelocksDelayIsOver() external {
        Proposal memory proposal = _grant();
        uint256 proposalId = _voted(QUORUM, 0, 0);
        expectUnexpectedState(proposalId, IGovernor.ProposalState.Succeeded, IGovernor.ProposalState.Queued);
        execute(proposal);
        queue(proposal);
        assertState(proposalId, IGovernor.ProposalState.Queued);
        assertEq(governor.proposalEta(proposalId), block.timestamp + TIMELOCK_DELAY);
        skip(TIMELOCK_DELAY - 1);
        bytes32 operation = _operationOf(proposal);
        vm.expectRevert(
            abi.encodeWithSelector(
                TimelockController.TimelockUnexpectedOperationState.selector,
                operation,
                bytes32(1 << uint8(TimelockController.OperationState.Ready))
            )
        );
        execute(proposal);
    }

    function test_execute_worksForAnyoneWhenTheDelayIsOver() external {
        Proposal memory proposal = _grant();
        uint256 proposalId = _voted(QUORUM, 0, 0);
        queue(proposal);
        skip(TIMELOCK_DELAY);
        execute(proposal);
        assertState(proposalId, IGovernor.ProposalState.Executed);
        assertEq(mill.balanceOf(stranger), TREASURY);
        expectUnexpectedState(proposalId, IGovernor.ProposalState.Executed, IGovernor.ProposalState.Queued);
        execute(proposal);
    }

    function test_execute_worksOnTheTimelockItself() external {
        Proposal memory proposal = _grant();
        uint256 proposalId = _voted(QUORUM, 0, 0);
        queue(proposal);
        skip(TIMELOCK_DELAY);
        vm.prank(stranger);
        timelock.executeBatch(proposal.targets, proposal.values, proposal.calldatas, 0, _saltOf(proposal));
        assertEq(mill.balanceOf(stranger), TREASURY);
        assertState(proposalId, IGovernor.ProposalState.Executed);
    }

    function test_execute_changesWhatTheTimelockOwns() external {
        BareLedger next = new BareLedger(asset);
        stake(alice, QUORUM);
        skip(1);
        pass(alice, proposalOf(address(staked), abi.encodeCall(IStakedMill.setLedger, (next))));
        assertEq(address(staked.ledger()), address(next));
    }

    function test_updateTimelock_isRefusedToAVoteToo() external {
        vm.expectRevert(abi.encodeWithSelector(IMillraceGovernor.Governor_TimelockFixed.selector));
        governor.updateTimelock(timelock);

        stake(alice, QUORUM);
        skip(1);
        Proposal memory proposal = proposalOf(
            address(governor),
            abi.encodeCall(GovernorTimelockControl.updateTimelock, (timelock))
        );
        uint256 proposalId = propose(alice, proposal);
        warpIntoVote(proposalId);
        vote(alice, proposalId, FOR);
        warpBehindVote(proposalId);
        queue(proposal);
        skip(TIMELOCK_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IMillraceGovernor.Governor_TimelockFixed.selector));
        execute(proposal);
    }

    /// @dev The only way to other rules.
    function test_execute_mayNameAnotherGovernor() external {
        MillraceGovernor next = new MillraceGovernor(staked, timelock, 1, 1 days, THRESHOLD);
        bytes32 proposer = timelock.PROPOSER_ROLE();
        stake(alice, QUORUM);
        skip(1);
        pass(alice, proposalOf(address(timelock), abi.encodeCall(timelock.grantRole, (proposer, address(next)))));
        pass(alice, proposalOf(address(timelock), abi.encodeCall(timelock.revokeRole, (proposer, address(governor)))));
        governor = next;
        pass(alice, _grant());
        assertEq(mill.balanceOf(stranger), TREASURY);
    }

    // ---------------------------------------------------------------- cancel

    function test_cancel_refusesOthersThanTheProposer() external {
        uint256 proposalId = _proposed();
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, proposalId, bob));
        cancel(bob, _grant());
    }

    function test_cancel_refusesOnceVotesAreCounted() external {
        uint256 proposalId = _proposed();
        warpIntoVote(proposalId);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, proposalId, alice));
        cancel(alice, _grant());
    }

    function test_cancel_endsTheProposal() external {
        uint256 proposalId = _proposed();
        vm.warp(governor.proposalSnapshot(proposalId));
        cancel(alice, _grant());
        assertState(proposalId, IGovernor.ProposalState.Canceled);
        skip(1);
        expectUnexpectedState(proposalId, IGovernor.ProposalState.Canceled, IGovernor.ProposalState.Active);
        vote(alice, proposalId, FOR);
    }

    // ---------------------------------------------------------------- helpers

    function _grant() private view returns (Proposal memory) {
        return grantOf(stranger, TREASURY);
    }

    /// @dev By alice, who has a quorum.
    function _proposed() private returns (uint256 proposalId) {
        stake(alice, QUORUM);
        skip(1);
        return propose(alice, _grant());
    }

    /// @dev Alice votes for, bob against, carol abstains.
    function _voted(uint256 yes, uint256 no, uint256 none) private returns (uint256 proposalId) {
        stake(alice, yes);
        if (no != 0) stake(bob, no);
        if (none != 0) stake(carol, none);
        skip(1);
        proposalId = propose(alice, _grant());
        warpIntoVote(proposalId);
        vote(alice, proposalId, FOR);
        vote(bob, proposalId, AGAINST);
        vote(carol, proposalId, ABSTAIN);
        warpBehindVote(proposalId);
    }

    function _saltOf(Proposal memory proposal) private view returns (bytes32) {
        return bytes20(address(governor)) ^ descriptionHash(proposal);
    }

    function _operationOf(Proposal memory proposal) private view returns (bytes32) {
        return timelock.hashOperationBatch(proposal.targets, proposal.values, proposal.calldatas, 0, _saltOf(proposal));
    }

    function _signBallot(uint256 proposalId, uint8 support) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Millrace Governor"),
                keccak256("1"),
                block.chainid,
                address(governor)
            )
        );
        bytes32 structHash = keccak256(abi.encode(governor.BALLOT_TYPEHASH(), proposalId, support, alice, 0));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
        return abi.encodePacked(r, s, v);
    }

    function _expectOutOfBounds(bytes4 selector, uint256 value, uint256 min, uint256 max) private {
        vm.expectRevert(abi.encodeWithSelector(selector, value, min, max));
    }
}
