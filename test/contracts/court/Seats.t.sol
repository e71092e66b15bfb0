// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Faults} from "../../../contracts/Faults.sol";
import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {IArbiter} from "../../../contracts/interfaces/IArbiter.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IOperators} from "../../../contracts/interfaces/IOperators.sol";
import {ISeats} from "../../../contracts/interfaces/ISeats.sol";
import {Market} from "../../../contracts/Market.sol";
import {Parameters} from "../../../contracts/Parameters.sol";
import {CourtParameters} from "../../../contracts/types/CourtParameters.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {SeatView} from "../../../contracts/types/Seat.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {SeatsFixture} from "./SeatsFixture.sol";
import {SeatsHarness} from "./SeatsHarness.sol";

/// @dev Taking a seat, leaving it, and what it earns; who is drawn is in SeatsDraw.t.sol.
contract SeatsTest is SeatsFixture {
    // ---------------------------------------------------------------- bind

    function test_bind_refusesASecondMarket() external {
        assertEq(address(seats.market()), address(market));
        assertEq(address(seats.backers()), address(backers));
        Faults others = new Faults();
        ICourt court_ = seats.asCourt();
        vm.expectRevert(abi.encodeWithSelector(IArbiter.Arbiter_AlreadyBound.selector, address(market)));
        new Market(asset, parameters, vault, others, court_, IBackers(address(0)));
    }

    // ---------------------------------------------------------------- takeSeat

    function test_takeSeat_refusesNobodyAsOwnerOrVoter() external {
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_ZeroAddress.selector));
        take(address(0), voter);
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_ZeroAddress.selector));
        take(owner, address(0));
    }

    function test_takeSeat_refusesAStrangersMoney() external {
        expectNotAuthorised(stranger, owner);
        vm.prank(stranger);
        seats.takeSeat(owner, stranger, Defaults.MODEL, JUROR_KEY);
    }

    function test_takeSeat_refusesMoreThanTheOwnerHasFree() external {
        fund(stranger, STAKE - 1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.Ledger_InsufficientFree.selector, stranger, STAKE - 1, STAKE));
        take(stranger, stranger);
        assertSeats(0, 0);
    }

    function test_takeSeat_refusesAStakeThatDoesNotFit() external {
        MarketParameters memory first = Defaults.parameters();
        CourtParameters memory firstCourt = Defaults.courtParameters();
        first.minLotCollateral = 2 ** 90;
        first.receiptFee = 2 ** 81;
        firstCourt.jurorFee = 2 ** 76;
        firstCourt.seatStake = 2 ** 80;
        SeatsHarness dear = new SeatsHarness(backers);
        new Market(
            asset,
            new Parameters(timelock, guardian, 5, first, firstCourt),
            vault,
            new Faults(),
            dear.asCourt(),
            IBackers(address(0))
        );
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 80, uint256(2 ** 80)));
        dear.takeSeat(address(this), voter, Defaults.MODEL, JUROR_KEY);
    }

    function test_takeSeat_takesTheStakeAndTheLastPosition() external {
        takeMany(0, 2);
        uint40 activeAt = uint40(block.timestamp) + ACTIVATION;
        vm.expectEmit(address(seats));
        emit ISeats.SeatTaken(3, Defaults.MODEL, owner, voter, JUROR_KEY, STAKE, activeAt);
        assertEq(takeOwn(), 3);

        SeatView memory taken = seats.seat(3);
        assertEq(taken.modelId, Defaults.MODEL);
        assertEq(taken.owner, owner);
        assertEq(taken.voter, voter);
        assertEq(seats.voterOf(3), voter);
        assertEq(taken.activeAt, activeAt);
        assertEq(taken.position, 2);
        assertPurse(3, STAKE, 0, 0);
        assertSeats(3, 3 * STAKE);
        assertAccount(owner, Defaults.DEPOSIT - STAKE, 0);
        assertAccount(address(seats), 3 * STAKE, 0);
        assertEq(seats.seatCountAt(Defaults.MODEL, uint40(block.timestamp)), 3);
        assertEq(seats.seatCountAt(Defaults.MODEL, uint40(block.timestamp - 1)), 2);
        assertEq(seats.seatAt(Defaults.MODEL, 2, uint40(block.timestamp)), 3);
        assertEq(seats.seatAt(Defaults.MODEL, 2, uint40(block.timestamp - 1)), 0);
    }

    function test_takeSeat_letsOneBeOwnerAndVoter() external {
        uint32 seatId = take(owner, owner);
        assertEq(seats.seat(seatId).owner, owner);
        assertEq(seats.seat(seatId).voter, owner);
    }

    function test_takeSeat_keepsModelsApart() external {
        takeOwn();
        bytes32 other = keccak256("other model");
        vm.prank(owner);
        uint32 seatId = seats.takeSeat(owner, voter, other, JUROR_KEY);
        assertEq(seats.seat(seatId).position, 0);
        assertSeats(1, STAKE);
        (uint32 count, uint128 stake) = seats.seatsOf(other);
        assertEq(count, 1);
        assertEq(stake, STAKE);
    }

    function test_takeSeat_letsABuyerOperatorSpendItsAllowance() external {
        vm.prank(owner);
        market.setBuyerOperator(voter, uint96(STAKE), 1 days);
        vm.startPrank(voter);
        seats.takeSeat(owner, voter, Defaults.MODEL, JUROR_KEY);
        vm.expectRevert(abi.encodeWithSelector(IOperators.Operators_AllowanceExceeded.selector, voter, STAKE, 0));
        seats.takeSeat(owner, voter, Defaults.MODEL, JUROR_KEY);
    }

    function test_takeSeat_costsWhatTheVersionInForceSays() external {
        takeOwn();
        append(2 * uint96(STAKE), uint96(FEE));
        uint32 seatId = takeOwn();
        assertPurse(1, STAKE, 0, 0);
        assertPurse(seatId, 2 * STAKE, 0, 0);
        assertSeats(2, 3 * STAKE);
    }

    // ---------------------------------------------------------------- leaveSeat

    function test_leaveSeat_refusesASeatThatIsNotThere() external {
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_UnknownSeat.selector, 1));
        seats.leaveSeat(1);
        uint32 seatId = takeOwn();
        activate();
        giveUp(seatId);
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_UnknownSeat.selector, seatId));
        vm.prank(owner);
        seats.leaveSeat(seatId);
    }

    function test_leaveSeat_refusesAStranger() external {
        uint32 seatId = takeOwn();
        activate();
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_NotYours.selector, seatId, stranger));
        vm.prank(stranger);
        seats.leaveSeat(seatId);
    }

    function test_leaveSeat_refusesUntilTheSeatIsActive() external {
        uint32 seatId = takeOwn();
        uint40 activeAt = seats.seat(seatId).activeAt;
        vm.warp(activeAt - 1);
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_NotActive.selector, seatId, activeAt - 1, activeAt));
        vm.prank(owner);
        seats.leaveSeat(seatId);

        vm.warp(activeAt);
        giveUp(seatId);
        assertSeats(0, 0);
    }

    function test_leaveSeat_refusesInACase() external {
        uint32 seatId = takeOwn();
        activate();
        seats.drawJury(drawOf(1));
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_InCase.selector, seatId, PENALTY));
        vm.prank(voter);
        seats.leaveSeat(seatId);

        seats.settleSeat(seatId, PENALTY, 0, 0);
        vm.prank(voter);
        seats.leaveSeat(seatId);
        assertAccount(owner, Defaults.DEPOSIT, 0);
    }

    function test_leaveSeat_returnsStakeAndEarningsToTheOwner() external {
        uint32 seatId = takeOwn();
        activate();
        seats.drawJury(drawOf(1));
        fund(address(seats), FEE);
        seats.settleSeat(seatId, PENALTY, 700, FEE);

        vm.expectEmit(address(seats));
        emit ISeats.SeatLeft(seatId, Defaults.MODEL, owner, STAKE - 700 + FEE);
        vm.prank(voter);
        seats.leaveSeat(seatId);
        SeatView memory left = seats.seat(seatId);
        assertEq(keccak256(abi.encode(left)), keccak256(new bytes(8 * 32)));
        assertEq(seats.voterOf(seatId), address(0));
        assertSeats(0, 0);
        assertAccount(owner, Defaults.DEPOSIT - 700 + FEE, 0);
        assertAccount(voter, 0, 0);
        // What was taken is the case's.
        assertAccount(address(seats), 700, 0);
    }

    function test_leaveSeat_putsTheLastSeatInItsPlace() external {
        takeMany(0, 4);
        vm.warp(block.timestamp + 1);
        uint40 before = uint40(block.timestamp - 1);
        giveUp(2);

        assertEq(seats.seat(4).position, 1);
        assertSeats(3, 3 * STAKE);
        uint40 now_ = uint40(block.timestamp);
        uint32[4] memory past = [uint32(1), 2, 3, 4];
        uint32[4] memory present = [uint32(1), 4, 3, 0];
        for (uint32 i = 0; i < 4; i++) {
            assertEq(seats.seatAt(Defaults.MODEL, i, before), past[i]);
            assertEq(seats.seatAt(Defaults.MODEL, i, now_), present[i]);
        }
    }

    function test_leaveSeat_ofTheLastMovesNobody() external {
        takeMany(0, 3);
        giveUp(3);
        assertEq(seats.seat(1).position, 0);
        assertEq(seats.seat(2).position, 1);
        assertSeats(2, 2 * STAKE);
    }

    function test_leaveSeat_letsAnyoneEvictWhoCannotPayAPenalty() external {
        uint32 seatId = takeOwn();
        activate();
        // Two of them would go on covering exactly one.
        append(40_000, 2_500);
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_NotYours.selector, seatId, stranger));
        vm.prank(stranger);
        seats.leaveSeat(seatId);

        seats.drawJury(drawOf(1));
        seats.settleSeat(seatId, PENALTY, 1, 0);
        vm.prank(stranger);
        seats.leaveSeat(seatId);
        assertAccount(owner, Defaults.DEPOSIT - 1, 0);
        assertAccount(stranger, 0, 0);
    }

    function test_leaveSeat_evictsNobodyOutOfACase() external {
        uint32 seatId = takeOwn();
        activate();
        seats.drawJury(drawOf(1));
        append(40_000, 2_501);
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_InCase.selector, seatId, PENALTY));
        vm.prank(stranger);
        seats.leaveSeat(seatId);
    }

    // ---------------------------------------------------------------- settling and collecting

    function test_settleSeat_takesThePenaltyAndAddsThePay() external {
        uint32 seatId = takeOwn();
        activate();
        seats.drawJury(drawOf(1));
        _drawInAnotherCase();
        assertPurse(seatId, STAKE, 2 * PENALTY, 0);

        vm.expectEmit(address(seats));
        emit ISeats.SeatSettled(seatId, PENALTY, 0);
        seats.settleSeat(seatId, PENALTY, PENALTY, 0);
        assertPurse(seatId, STAKE - PENALTY, PENALTY, 0);
        assertSeats(1, STAKE - PENALTY);
        vm.expectEmit(address(seats));
        emit ISeats.SeatSettled(seatId, 0, FEE);
        seats.settleSeat(seatId, PENALTY, 0, FEE);
        assertPurse(seatId, STAKE - PENALTY, 0, FEE);
        assertSeats(1, STAKE - PENALTY);
    }

    function test_collect_refusesASeatThatIsNotThere() external {
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_UnknownSeat.selector, 1));
        seats.collect(1);
    }

    function test_collect_paysTheOwnerWhoeverCalls() external {
        uint32 seatId = takeOwn();
        activate();
        seats.drawJury(drawOf(1));
        fund(address(seats), FEE);
        seats.settleSeat(seatId, PENALTY, 0, FEE);
        _drawInAnotherCase();

        vm.expectEmit(address(seats));
        emit ISeats.EarningsCollected(seatId, owner, FEE);
        vm.prank(stranger);
        seats.collect(seatId);
        assertPurse(seatId, STAKE, PENALTY, 0);
        assertAccount(owner, Defaults.DEPOSIT - STAKE + FEE, 0);
        assertAccount(address(seats), STAKE, 0);

        seats.collect(seatId);
        assertAccount(owner, Defaults.DEPOSIT - STAKE + FEE, 0);
    }

    /// @dev Draws one juror in another case.
    function _drawInAnotherCase() private {
        SeatsHarness.Draw memory draw = drawOf(1);
        draw.caseId = keccak256("second case");
        seats.drawJury(draw);
    }
}
