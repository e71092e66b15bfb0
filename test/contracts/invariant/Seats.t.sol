// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SeatView} from "../../../contracts/types/Seat.sol";
import {SeatsHarness} from "../court/SeatsHarness.sol";
import {InvariantTest} from "../helpers/InvariantTest.sol";
import {SeatsHandler} from "./SeatsHandler.sol";

/// @notice The invariants of README.md beside this file that are about seats, one test each.
contract SeatsInvariantTest is InvariantTest {
    SeatsHandler private _handler;
    SeatsHarness private _seats;

    function setUp() external {
        _handler = new SeatsHandler();
        _seats = _handler.handled();
        bytes4[] memory selectors = new bytes4[](8);
        selectors[0] = SeatsHandler.takeSeat.selector;
        selectors[1] = SeatsHandler.takeSome.selector;
        selectors[2] = SeatsHandler.leaveSeat.selector;
        selectors[3] = SeatsHandler.collect.selector;
        selectors[4] = SeatsHandler.drawJury.selector;
        selectors[5] = SeatsHandler.settleSeat.selector;
        selectors[6] = SeatsHandler.vote.selector;
        selectors[7] = SeatsHandler.pass.selector;
        target(address(_handler), selectors);
    }

    function afterInvariant() external {
        report("Seats", _handler);
    }

    function invariant_whatTheCourtHoldsIsStakesEarningsAndThePot() external view {
        uint256 owed = _handler.pot();
        for (uint32 seatId = 1; seatId <= _handler.lastSeatId(); seatId++) {
            SeatView memory shown = _seats.seat(seatId);
            owed += uint256(shown.stake) + shown.earnings;
        }
        assertEq(_handler.held(), owed);
    }

    function invariant_whatIsReservedIsWhatOpenCasesMayTake() external view {
        for (uint32 seatId = 1; seatId <= _handler.lastSeatId(); seatId++) {
            SeatView memory shown = _seats.seat(seatId);
            assertEq(shown.reserved, _handler.reservedOf(seatId), "reserved");
            assertLe(shown.reserved, shown.stake, "promised twice");
        }
    }

    function invariant_listsHaveEachSeatOnceAndNoGap() external view {
        uint256 listed;
        for (uint256 m = 0; m < 2; m++) {
            bytes32 modelId = _handler.modelAt(m);
            (uint32 count, uint128 stake) = _seats.seatsOf(modelId);
            uint256 sum;
            for (uint32 i = 0; i < count; i++) {
                SeatView memory shown = _seats.seat(_seats.seatAt(modelId, i, uint40(block.timestamp)));
                assertEq(shown.position, i, "position");
                assertEq(shown.modelId, modelId, "model");
                sum += shown.stake;
            }
            assertEq(sum, stake, "stake of all");
            listed += count;
        }
        uint256 alive;
        for (uint32 seatId = 1; seatId <= _handler.lastSeatId(); seatId++) {
            if (_seats.seat(seatId).voter != address(0)) alive++;
        }
        assertEq(listed, alive, "lost");
    }

    function invariant_thePastOfAListNeverChanges() external view {
        assertTrue(_handler.pastIsUnchanged(), "changed afterwards");
    }

    function invariant_juriesAndExitsAreThoseOfTheRules() external view {
        assertEq(_handler.wrong(), "");
    }

    /// @dev What it changes is undone by the runner.
    function invariant_everySeatHasAnExit() external {
        _handler.endAll();
        assertEq(_handler.held(), _handler.pot(), "a stake without an exit");
    }
}
