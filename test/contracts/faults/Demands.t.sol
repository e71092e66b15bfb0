// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOperators} from "../../../contracts/interfaces/IOperators.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {DemandState, FaultKind} from "../../../contracts/types/Fault.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {DemandsFixture} from "./DemandsFixture.sol";

contract DemandReceiptTest is DemandsFixture {
    // ---------------------------------------------------------------- refused

    function test_refusesWhoIsNotTheBuyer() external {
        address[3] memory others = [provider, stranger, vault];
        for (uint256 i = 0; i < others.length; i++) {
            expectNotBuyer(others[i]);
            vm.prank(others[i]);
            faults.demandReceipt(job, lot, INDEX);
        }
    }

    function test_refusesAnOperatorBeyondTheirAllowance() external {
        vm.prank(buyer);
        market.setBuyerOperator(stranger, uint96(FEE - 1), 1 days);
        vm.expectRevert(
            abi.encodeWithSelector(IOperators.Operators_AllowanceExceeded.selector, stranger, FEE, FEE - 1)
        );
        vm.prank(stranger);
        faults.demandReceipt(job, lot, INDEX);
    }

    function test_refusesABuyerWhoHasTooLittleFree() external {
        uint256 free = market.accountOf(buyer).free;
        vm.prank(buyer);
        market.withdraw(buyer, free - FEE + 1);
        expectInsufficientFree(buyer, FEE - 1, FEE);
        demand(INDEX);
    }

    function test_refusesOtherTermsOfTheJob() external {
        for (uint256 word = 0; word < 19; word++) {
            Job memory other = abi.decode(flip(abi.encode(job), word), (Job));
            bytes32 jobId = market.jobIdOf(other.buyer, other.request.nonce);
            vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
            vm.prank(buyer);
            faults.demandReceipt(other, lot, INDEX);
        }
    }

    function test_refusesAnotherJob() external {
        bytes32 lotJobId = lot.jobId;
        openJob(JOB_ITEMS, SEED + 1);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_OtherJob.selector, lotJobId, jobIdOf(job)));
        demand(INDEX);
    }

    function test_refusesAnIndexBehindTheLast() external {
        uint256[3] memory others = [uint256(LOT_ITEMS), INDEX + (1 << 32), type(uint256).max];
        for (uint256 i = 0; i < others.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NoSuchReceipt.selector, others[i], LOT_ITEMS));
            demand(others[i]);
        }
    }

    function test_refusesTheSameReceiptWhileItIsDemanded() external {
        demand(INDEX);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_AlreadyDemanded.selector, INDEX));
        demand(INDEX);
    }

    function test_refusesAFourthAtOnce() external {
        for (uint256 i = 0; i < 3; i++) demand(i);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_TooManyDemands.selector, 3, 3));
        demand(3);
    }

    function test_refusesMoreThanTheTreeHasLevels() external {
        for (uint256 i = 0; i < 4; i++) {
            demand(i);
            answer(i);
        }
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_TooManyDemands.selector, 4, 4));
        demand(4);
    }

    function test_refusesALotWhoseWindowIsOver() external {
        vm.warp(Defaults.START + WINDOW_SECONDS + 1);
        expectWrongStatus(lot, LotStatus.Submitted);
        demand(INDEX);
    }

    function test_refusesALotWhoseHoldIsOver() external {
        demand(INDEX);
        vm.warp(block.timestamp + 2 * ANSWER_SECONDS + 1);
        expectWrongStatus(lot, LotStatus.Demanded);
        demand(INDEX + 1);
    }

    function test_refusesALotThatIsNotSubmitted() external {
        reopen(4, 2);
        expectWrongStatus(lot, LotStatus.Assigned);
        demand(0);
    }

    function test_refusesALotThatIsSettled() external {
        vm.warp(block.timestamp + WINDOW_SECONDS + 1);
        settle(lot, submission);
        expectWrongStatus(lot, LotStatus.None);
        demand(INDEX);
    }

    function test_refusesALotThatTheCourtHolds() external {
        holdLot(lot, block.timestamp + 1 days);
        expectWrongStatus(lot, LotStatus.Challenged);
        demand(INDEX);
    }

    // ---------------------------------------------------------------- demanded

    function test_demands() external {
        uint256 free = market.accountOf(buyer).free;
        uint256 locked = market.accountOf(buyer).locked;
        vm.warp(block.timestamp + 10);
        uint40 deadline = uint40(block.timestamp) + ANSWER_SECONDS;
        vm.expectEmit(address(market));
        emit IMarket.LotHeld(lotId, LotStatus.Demanded, deadline + ANSWER_SECONDS);
        vm.expectEmit(address(faults));
        emit IFaults.ReceiptDemanded(lotId, lot.jobId, provider, INDEX, deadline, FEE);
        demand(INDEX);

        assertState(1, 1, WINDOW_SECONDS - 10);
        assertEq(faults.answerDeadlineOf(lotId, INDEX), deadline);
        assertStatus(lot, LotStatus.Demanded);
        assertEq(market.lotState(lotId).timestamp(), deadline + ANSWER_SECONDS);
        assertAccount(buyer, free - FEE, locked);
        assertFees(FEE);
        assertConserved();
    }

    function test_demands_forAnOperatorWithinTheirAllowance() external {
        vm.prank(buyer);
        market.setBuyerOperator(stranger, uint96(FEE), 1 days);
        uint256 free = market.accountOf(buyer).free;
        vm.prank(stranger);
        faults.demandReceipt(job, lot, INDEX);
        assertEq(market.accountOf(buyer).free, free - FEE, "paid by the buyer");
        assertEq(market.buyerOperatorOf(buyer, stranger).spent, FEE, "spent");
        assertFees(FEE);
    }

    function test_demands_inTheLastSecondOfTheWindow() external {
        vm.warp(Defaults.START + WINDOW_SECONDS);
        demand(INDEX);
        assertState(1, 1, 0);
    }

    function test_demands_threeAtOnceAndKeepsTheFirstOnesWindow() external {
        vm.warp(block.timestamp + 10);
        demand(0);
        vm.warp(block.timestamp + 5);
        demand(LOT_ITEMS - 1);
        vm.warp(block.timestamp + 5);
        demand(3);
        assertState(3, 3, WINDOW_SECONDS - 10);
        assertEq(faults.answerDeadlineOf(lotId, 0), block.timestamp - 10 + ANSWER_SECONDS);
        assertEq(faults.answerDeadlineOf(lotId, 3), block.timestamp + ANSWER_SECONDS);
        assertEq(market.lotState(lotId).timestamp(), block.timestamp + 2 * ANSWER_SECONDS);
        assertFees(3 * FEE);
    }

    function test_demands_inTheLastSecondOfTheHold() external {
        demand(INDEX);
        vm.warp(block.timestamp + 2 * ANSWER_SECONDS);
        demand(INDEX + 1);
        assertState(2, 2, WINDOW_SECONDS);
    }

    function test_demands_againWhatWasAnswered() external {
        demand(INDEX);
        answer(INDEX);
        demand(INDEX);
        assertState(1, 2, WINDOW_SECONDS);
    }

    /// @dev Each path halves what is in question: one demand for each level, and one for the leaf.
    function testFuzz_demands_asManyAsTheTreeHasLevels(uint32 count, uint256 seed) external {
        use(commitHonest(count, seed));
        uint256 maximum = 1;
        for (uint256 width = 1; width < lot.itemCount; width *= 2) maximum++;
        for (uint256 i = 0; i < maximum; i++) {
            demand(i);
            answer(i);
        }
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_TooManyDemands.selector, maximum, maximum));
        demand(0);
    }
}
