// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArbiter} from "../../../contracts/interfaces/IArbiter.sol";
import {IFaults} from "../../../contracts/interfaces/IFaults.sol";

import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {PositionalTree} from "../../../contracts/libraries/PositionalTree.sol";
import {FaultKind, PlacedReceipt} from "../../../contracts/types/Fault.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {DemandsFixture} from "./DemandsFixture.sol";

/// @notice Attacks of the threat model that touch faults and demands.
contract FaultsAttacksTest is DemandsFixture {
    // ---------------------------------------------------------------- whose arbiter

    function test_attack_bindingAnArbiterThatBelongsToAMarket() external {
        vm.expectRevert(abi.encodeWithSelector(IArbiter.Arbiter_AlreadyBound.selector, address(market)));
        vm.prank(stranger);
        faults.bind();
        vm.expectRevert(abi.encodeWithSelector(IArbiter.Arbiter_AlreadyBound.selector, address(market)));
        vm.prank(address(market));
        faults.bind();
        assertEq(address(faults.market()), address(market));
    }

    // ---------------------------------------------------------------- shielding

    /// @dev The provider's own sybil challenges, so that nobody can prove the fault. A fault pre-empts the case.
    function test_attack_aShieldChallengeDoesNotStopAProof() external {
        _commitFaulty();
        holdLot(lot, block.timestamp + 30 days);
        sayCost(0);
        expectPreempt(lot, 1);
        _provesFault(stranger);
    }

    /// @dev The same with demands, which only the buyer can make, but which stop the window all the same.
    function test_attack_aDemandDoesNotStopAProof() external {
        _commitFaulty();
        demand(0);
        demand(INDEX);
        uint256 free = market.accountOf(buyer).free;
        Book memory faulty = book();
        vm.prank(stranger);
        faults.proveClass(job, lot, submission, INDEX, Books.placed(faulty, INDEX), spec());
        assertStatus(lot, LotStatus.Open);
        uint256 bounty = (uint256(lot.penalty) * lot.bountyBps) / 10_000;
        assertEq(market.accountOf(buyer).free, free + 2 * FEE + lot.penalty - bounty, "fees and penalty");
        assertFees(0);
        assertConserved();
    }

    /// @dev Showing a faulty receipt in time is an answer, and no excuse: the event tells everyone the preimages.
    function test_attack_answeringDoesNotHealAFault() external {
        _commitFaulty();
        demand(INDEX);
        answer(INDEX);
        assertStatus(lot, LotStatus.Submitted);
        _provesFault(stranger);
    }

    /// @dev Who proves their own fault gets no more than the bounty of what they lose.
    function test_attack_aProviderThatProvesItsOwnFaultGainsNothing() external {
        _commitFaulty();
        Book memory faulty = book();
        uint256 before = market.accountOf(provider).free + market.accountOf(provider).locked;
        vm.prank(provider);
        faults.proveClass(job, lot, submission, INDEX, Books.placed(faulty, INDEX), spec());
        uint256 bounty = (uint256(lot.penalty) * lot.bountyBps) / 10_000;
        uint256 afterwards = market.accountOf(provider).free + market.accountOf(provider).locked;
        assertEq(afterwards, before - lot.collateral + bounty, "loss");
        assertLe(bounty, lot.penalty / 2, "bounty");
    }

    // ---------------------------------------------------------------- replay

    function test_attack_aProofAgainstALotThatWasAssignedAgain() external {
        _commitFaulty();
        Book memory faulty = book();
        _provesFault(stranger);
        Lot memory again = claimReopened(rival, job, lot);
        assertStatus(again, LotStatus.Assigned);
        PlacedReceipt memory placed = Books.placed(faulty, INDEX);
        expectNotCommitted(again, LotStatus.Assigned);
        faults.proveClass(job, again, submission, INDEX, placed, spec());

        // The next provider commits to something else: the old submission is no longer anyone's.
        Book memory honest = honestBook();
        submit(again, Books.submission(honest));
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_OtherSubmission.selector, Hashes.lotId(again)));
        faults.proveClass(job, again, submission, INDEX, placed, spec());
    }

    /// @dev Two lots of one job and provider: what is wrong with one is not wrong with the other.
    function test_attack_aProofAgainstAnotherLotOfTheSameProvider() external {
        Lot memory honestLot = lot;
        Submission memory honestSubmission = submission;
        reopen(LOT_ITEMS, 3);
        Book memory faulty = _spoilt();
        Submission memory faultySubmission = commit(faulty);
        PlacedReceipt memory placed = Books.placed(faulty, INDEX);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_OtherSubmission.selector, lotId));
        faults.proveStatement(honestLot, faultySubmission, INDEX, placed);
        expectNotInTree(INDEX);
        faults.proveStatement(honestLot, honestSubmission, INDEX, placed);
        assertStatus(honestLot, LotStatus.Submitted);
    }

    // ---------------------------------------------------------------- trees

    /// @dev Inner nodes have another preimage than leaves, and paths one length: none passes for a leaf.
    function test_attack_anInnerNodeAsALeaf() external {
        bytes32[] memory leaves = book().leaves;
        bytes32 left = PositionalTree.hashNode(leaves[0], leaves[1]);
        bytes32 right = PositionalTree.hashNode(leaves[2], leaves[3]);
        bytes32[] memory path = Books.pathOf(leaves, 0);
        bytes32[] memory above = new bytes32[](2);
        (above[0], above[1]) = (right, path[2]);
        assertEq(left, PositionalTree.hashNode(leaves[0], path[0]));
        PlacedReceipt memory placed = Books.placed(book(), 0);
        placed.path = above;
        expectNotInTree(0);
        faults.proveStatement(lot, submission, 0, placed);
        expectNotInTree(1);
        faults.proveStatement(lot, submission, 1, placed);
    }

    /// @dev Leaving one item out and repeating another: the receipt says where it belongs.
    function test_attack_repeatingAReceiptInPlaceOfAnother() external {
        reopen(4, 2);
        Book memory repeated = honestBook();
        repeated.receipts[2] = repeated.receipts[1];
        Books.tally(repeated);
        Submission memory ofRepeated = commit(repeated);
        expectProven(FaultKind.Statement, 2, stranger);
        vm.prank(stranger);
        faults.proveStatement(lot, ofRepeated, 2, Books.placed(repeated, 2));
        assertSlashed(stranger);
    }

    function test_attack_twoReceiptsInEachOthersPlace() external {
        reopen(4, 2);
        Book memory exchanged = honestBook();
        (exchanged.receipts[1], exchanged.receipts[2]) = (exchanged.receipts[2], exchanged.receipts[1]);
        Books.tally(exchanged);
        Submission memory ofExchanged = commit(exchanged);
        expectProven(FaultKind.Statement, 1, stranger);
        vm.prank(stranger);
        faults.proveStatement(lot, ofExchanged, 1, Books.placed(exchanged, 1));
        assertSlashed(stranger);
    }

    // ---------------------------------------------------------------- delaying

    /// @dev The most that a buyer can hold a payment back if every answer comes in the last second: a bounded number of
    /// answers' times, each paid for. Then the window that was left runs out, and no demand stops it again.
    function test_attack_aBuyerCannotDelayPaymentForEver() external {
        uint256 free = market.accountOf(provider).free;
        uint256 levels = 4;
        for (uint256 i = 0; i < levels; i++) {
            demand(i);
            vm.warp(block.timestamp + ANSWER_SECONDS);
            answer(i);
        }
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_TooManyDemands.selector, levels, levels));
        demand(levels);
        assertEq(market.accountOf(provider).free, free + levels * FEE, "paid for every answer");
        vm.warp(block.timestamp + WINDOW_SECONDS + 1);
        assertEq(block.timestamp, Defaults.START + levels * ANSWER_SECONDS + WINDOW_SECONDS + 1);
        settle(lot, submission);
        assertStatus(lot, LotStatus.None);
    }

    /// @dev Nor by missing to call the default: silence pays the provider.
    function test_attack_aBuyerWhoForgetsTheirDemandPays() external {
        demand(INDEX);
        uint256 until = block.timestamp + 2 * ANSWER_SECONDS;
        vm.warp(until);
        settle(lot, submission);
        assertStatus(lot, LotStatus.Demanded);
        vm.warp(until + 1);
        settle(lot, submission);
        assertStatus(lot, LotStatus.None);
        faults.reclaim(lot);
        assertFees(0);
    }

    /// @dev A second demand shortly before the hold ends moves its end, but not the first demand's deadline.
    function test_attack_aFurtherDemandDoesNotExtendAnAnswersTime() external {
        demand(0);
        uint40 deadline = faults.answerDeadlineOf(lotId, 0);
        vm.warp(deadline);
        demand(1);
        assertEq(faults.answerDeadlineOf(lotId, 0), deadline);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_AnswerTooLate.selector, deadline + 1, deadline));
        answer(0);
        faults.failDemand(lot, 0);
        assertStatus(lot, LotStatus.Open);
    }

    /// @dev The fee and the time are those of the job's own version, whatever is voted on while it runs.
    function test_attack_aVoteDoesNotChangeARunningLotsDemands() external {
        MarketParameters memory next = Defaults.parameters();
        next.receiptFee = 10;
        next.answerSeconds = 5;
        vm.prank(timelock);
        parameters.append(next, Defaults.courtParameters());
        demand(INDEX);
        assertEq(faults.answerDeadlineOf(lotId, INDEX), block.timestamp + ANSWER_SECONDS);
        assertFees(FEE);
    }

    /// @dev Whoever opens the lot's demands twice cannot have fees returned that are another lot's.
    function test_attack_reclaimingTwiceTakesNothingFromOthers() external {
        Lot memory settled = lot;
        Submission memory ofSettled = submission;
        demand(0);
        vm.warp(block.timestamp + 2 * ANSWER_SECONDS + 1);
        settle(settled, ofSettled);
        reopen(4, 2);
        use(honestBook());
        commit(book());
        demand(0);
        assertFees(2 * FEE);
        faults.reclaim(settled);
        assertFees(FEE);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NothingToReclaim.selector, Hashes.lotId(settled)));
        faults.reclaim(settled);
        assertFees(FEE);
    }

    // ---------------------------------------------------------------- steps

    /// @notice Another lot, with another class at INDEX.
    function _commitFaulty() private {
        reopen(LOT_ITEMS, 2);
        use(_spoilt());
        commit(book());
    }

    function _spoilt() private view returns (Book memory faulty) {
        faulty = honestBook();
        faulty.receipts[INDEX].classHash = keccak256("a cheaper class");
        Books.seal(faulty);
    }

    function _provesFault(address by) private {
        Book memory faulty = book();
        expectProven(FaultKind.Class, INDEX, by);
        vm.prank(by);
        faults.proveClass(job, lot, submission, INDEX, Books.placed(faulty, INDEX), spec());
        assertSlashed(by);
    }
}
