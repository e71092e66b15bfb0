// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {FaultKind, PlacedReceipt} from "../../../contracts/types/Fault.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {Receipt, Totals} from "../../../contracts/types/Receipt.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {DemandsFixture} from "./DemandsFixture.sol";

contract AnswerReceiptTest is DemandsFixture {
    function setUp() public override {
        super.setUp();
        vm.warp(block.timestamp + 10);
        demand(INDEX);
    }

    // ---------------------------------------------------------------- refused

    function test_refusesAReceiptThatIsNotDemanded() external {
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NotDemanded.selector, INDEX + 1));
        answer(INDEX + 1);
    }

    function test_refusesASecondAnswer() external {
        answer(INDEX);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NotDemanded.selector, INDEX));
        answer(INDEX);
    }

    function test_refusesAnAnswerAfterTheDeadline() external {
        uint256 deadline = block.timestamp + ANSWER_SECONDS;
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_AnswerTooLate.selector, deadline + 1, deadline));
        answer(INDEX);
    }

    function test_refusesAnotherReceipt() external {
        for (uint256 word = 0; word < 12; word++) {
            PlacedReceipt memory placed = Books.placed(book(), INDEX);
            placed.receipt = abi.decode(flip(abi.encode(placed.receipt), word), (Receipt));
            _refusesOutsideTheTree(placed);
        }
        for (uint256 word = 0; word < 3; word++) {
            PlacedReceipt memory placed = Books.placed(book(), INDEX);
            placed.totals = abi.decode(flip(abi.encode(placed.totals), word), (Totals));
            _refusesOutsideTheTree(placed);
        }
        for (uint256 level = 0; level < 3; level++) {
            PlacedReceipt memory placed = Books.placed(book(), INDEX);
            placed.path[level] ^= bytes32(uint256(1));
            _refusesOutsideTheTree(placed);
        }
        for (uint256 i = 0; i < LOT_ITEMS; i++) {
            if (i != INDEX) _refusesOutsideTheTree(Books.placed(book(), i));
        }
    }

    function test_refusesAnotherLotOrSubmission() external {
        PlacedReceipt memory placed = Books.placed(book(), INDEX);
        for (uint256 word = 0; word < 17; word++) {
            Lot memory other = abi.decode(flip(abi.encode(lot), word), (Lot));
            expectNotCommitted(other, LotStatus.None);
            faults.answerReceipt(other, submission, INDEX, placed);
        }
        for (uint256 word = 0; word < 6; word++) {
            Submission memory other = abi.decode(flip(abi.encode(submission), word), (Submission));
            vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_OtherSubmission.selector, lotId));
            faults.answerReceipt(lot, other, INDEX, placed);
        }
    }

    function _refusesOutsideTheTree(PlacedReceipt memory placed) private {
        expectNotInTree(INDEX);
        faults.answerReceipt(lot, submission, INDEX, placed);
    }

    // ---------------------------------------------------------------- answered

    function test_answers() external {
        uint256 free = market.accountOf(provider).free;
        uint256 locked = market.accountOf(provider).locked;
        vm.warp(block.timestamp + 7);
        uint40 windowEnd = uint40(block.timestamp) + WINDOW_SECONDS - 10;
        vm.expectEmit(address(faults));
        emit IFaults.ReceiptAnswered(lotId, lot.jobId, provider, INDEX, Books.placed(book(), INDEX), FEE);
        vm.expectEmit(address(market));
        emit IMarket.LotResumed(lotId, windowEnd);
        answer(INDEX);

        assertState(0, 1, WINDOW_SECONDS - 10);
        assertEq(faults.answerDeadlineOf(lotId, INDEX), 0);
        assertStatus(lot, LotStatus.Submitted);
        assertEq(market.lotState(lotId).timestamp(), windowEnd);
        assertAccount(provider, free + FEE, locked);
        assertFees(0);
        assertConserved();
    }

    function test_answers_inTheLastSecond() external {
        vm.warp(block.timestamp + ANSWER_SECONDS);
        answer(INDEX);
        assertStatus(lot, LotStatus.Submitted);
    }

    function test_answers_byAnyoneAndPaysTheProvider() external {
        uint256 free = market.accountOf(provider).free;
        vm.prank(stranger);
        faults.answerReceipt(lot, submission, INDEX, Books.placed(book(), INDEX));
        assertEq(market.accountOf(provider).free, free + FEE, "provider");
        assertEq(market.accountOf(stranger).free, 0, "stranger");
    }

    function test_answers_oneOfThreeAndHoldsTheLotForTheOthers() external {
        demand(0);
        demand(1);
        uint256 free = market.accountOf(provider).free;
        uint40 hold = market.lotState(lotId).timestamp();
        answer(INDEX);
        answer(0);
        assertState(1, 3, WINDOW_SECONDS - 10);
        assertStatus(lot, LotStatus.Demanded);
        assertEq(market.lotState(lotId).timestamp(), hold);
        assertEq(market.accountOf(provider).free, free + 2 * FEE, "provider");
        assertFees(FEE);
        answer(1);
        assertStatus(lot, LotStatus.Submitted);
        assertFees(0);
    }

    /// @dev Demands stop the window; answers do not make it longer than it was.
    function test_answers_leaveTheRestOfTheWindowTwice() external {
        answer(INDEX);
        vm.warp(block.timestamp + 20);
        demand(0);
        vm.warp(block.timestamp + 3);
        answer(0);
        uint256 windowEnd = block.timestamp + WINDOW_SECONDS - 30;
        assertEq(market.lotState(lotId).timestamp(), windowEnd);
        vm.warp(windowEnd + 1);
        settle(lot, submission);
        assertStatus(lot, LotStatus.None);
    }
}

contract FailDemandTest is DemandsFixture {
    // ---------------------------------------------------------------- refused

    function test_refusesADemandWhoseTimeRuns() external {
        demand(INDEX);
        uint256 deadline = block.timestamp + ANSWER_SECONDS;
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_AnswerNotDue.selector, deadline, deadline));
        faults.failDemand(lot, INDEX);
    }

    function test_refusesAnIndexThatIsNotDemanded() external {
        demand(INDEX);
        vm.warp(block.timestamp + ANSWER_SECONDS + 1);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NotDemanded.selector, INDEX + 1));
        faults.failDemand(lot, INDEX + 1);
    }

    function test_refusesAnAnsweredDemand() external {
        demand(INDEX);
        demand(INDEX + 1);
        answer(INDEX);
        vm.warp(block.timestamp + ANSWER_SECONDS + 1);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NotDemanded.selector, INDEX));
        faults.failDemand(lot, INDEX);
    }

    function test_refusesAnotherLot() external {
        demand(INDEX);
        vm.warp(block.timestamp + ANSWER_SECONDS + 1);
        for (uint256 word = 0; word < 17; word++) {
            Lot memory other = abi.decode(flip(abi.encode(lot), word), (Lot));
            vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NotDemanded.selector, INDEX));
            faults.failDemand(other, INDEX);
        }
    }

    function test_refusesALotThatIsSettled() external {
        demand(INDEX);
        vm.warp(block.timestamp + 2 * ANSWER_SECONDS + 1);
        settle(lot, submission);
        expectWrongStatus(lot, LotStatus.None);
        faults.failDemand(lot, INDEX);
    }

    function test_refusesALotThatIsSlashed() external {
        demand(INDEX);
        demand(INDEX + 1);
        vm.warp(block.timestamp + ANSWER_SECONDS + 1);
        faults.failDemand(lot, INDEX);
        expectWrongStatus(lot, LotStatus.Open);
        faults.failDemand(lot, INDEX + 1);
    }

    // ---------------------------------------------------------------- failed

    function test_slashes_fromTheFirstSecondAfterTheDeadline() external {
        demand(INDEX);
        vm.warp(block.timestamp + ANSWER_SECONDS + 1);
        _fails(INDEX, 1);
    }

    function test_slashes_inTheLastSecondOfTheHold() external {
        demand(INDEX);
        vm.warp(block.timestamp + 2 * ANSWER_SECONDS);
        settle(lot, submission);
        assertStatus(lot, LotStatus.Demanded);
        _fails(INDEX, 1);
    }

    function test_slashes_afterTheHoldWhileNobodySettled() external {
        demand(INDEX);
        vm.warp(block.timestamp + 2 * ANSWER_SECONDS + 1);
        _fails(INDEX, 1);
    }

    /// @dev One of three in time, one not yet due: the one missed decides.
    function test_slashes_andReturnsAllThatIsPrepaid() external {
        demand(0);
        demand(1);
        vm.warp(block.timestamp + 10);
        demand(2);
        answer(1);
        vm.warp(block.timestamp + ANSWER_SECONDS - 9);
        _fails(0, 2);
        assertState(0, 3, WINDOW_SECONDS);
    }

    function _fails(uint256 index, uint256 open) private {
        expectProven(FaultKind.NoAnswer, index, stranger);
        vm.expectEmit(address(faults));
        emit IFaults.DemandsReturned(lotId, buyer, open * FEE);
        vm.prank(stranger);
        faults.failDemand(lot, index);
        // What assertSlashed knows of the buyer is from before.
        vm.prank(buyer);
        market.withdraw(buyer, open * FEE);
        assertSlashed(stranger);
    }
}

contract ReclaimTest is DemandsFixture {
    function test_refusesALotWithoutDemands() external {
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NothingToReclaim.selector, lotId));
        faults.reclaim(lot);
    }

    function test_refusesALotThatIsHeld() external {
        demand(INDEX);
        vm.warp(block.timestamp + 365 days);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NothingToReclaim.selector, lotId));
        faults.reclaim(lot);
    }

    function test_refusesASecondTime() external {
        _settled();
        faults.reclaim(lot);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NothingToReclaim.selector, lotId));
        faults.reclaim(lot);
    }

    function test_refusesALotThatWasSlashed() external {
        demand(INDEX);
        vm.warp(block.timestamp + ANSWER_SECONDS + 1);
        faults.failDemand(lot, INDEX);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NothingToReclaim.selector, lotId));
        faults.reclaim(lot);
    }

    function test_reclaims_whatALotSettledInSilenceLeaves() external {
        _settled();
        assertFees(2 * FEE);
        uint256 free = market.accountOf(buyer).free;
        uint256 locked = market.accountOf(buyer).locked;
        vm.expectEmit(address(faults));
        emit IFaults.DemandsReturned(lotId, buyer, 2 * FEE);
        vm.prank(stranger);
        faults.reclaim(lot);
        assertAccount(buyer, free + 2 * FEE, locked);
        assertState(0, 2, WINDOW_SECONDS);
        assertFees(0);
        assertConserved();
    }

    function _settled() private {
        demand(0);
        demand(1);
        vm.warp(block.timestamp + 2 * ANSWER_SECONDS + 1);
        settle(lot, submission);
        assertStatus(lot, LotStatus.None);
    }
}
