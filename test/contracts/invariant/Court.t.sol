// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {InvariantTest} from "../helpers/InvariantTest.sol";
import {CourtHandler} from "./CourtHandler.sol";

/// @notice The invariants of README.md beside this file that are about the court, one test each.
contract CourtInvariantTest is InvariantTest {
    CourtHandler private _handler;
    address private _court;

    function setUp() external {
        _handler = new CourtHandler();
        _court = address(_handler.courtHandled());
        bytes4[] memory selectors = new bytes4[](28);
        selectors[0] = _handler.openLot.selector;
        selectors[1] = _handler.settle.selector;
        selectors[2] = _handler.accept.selector;
        selectors[3] = _handler.prove.selector;
        selectors[4] = _handler.challenge.selector;
        selectors[5] = _handler.answer.selector;
        selectors[6] = _handler.openEvidence.selector;
        selectors[7] = _handler.appeal.selector;
        selectors[8] = _handler.demandDelivery.selector;
        selectors[9] = _handler.answerDelivery.selector;
        selectors[10] = _handler.objectDelivery.selector;
        selectors[11] = _handler.draw.selector;
        selectors[12] = _handler.rearm.selector;
        selectors[13] = _handler.shareKeys.selector;
        selectors[14] = _handler.commitVote.selector;
        selectors[15] = _handler.revealVote.selector;
        selectors[16] = _handler.decide.selector;
        selectors[17] = _handler.conclude.selector;
        selectors[18] = _handler.concludeItem.selector;
        selectors[19] = _handler.preemptAsSomeone.selector;
        selectors[20] = CourtHandler.step.selector;
        selectors[21] = CourtHandler.hear.selector;
        selectors[22] = CourtHandler.takeSeat.selector;
        selectors[23] = CourtHandler.leaveSeat.selector;
        selectors[24] = CourtHandler.collect.selector;
        selectors[25] = CourtHandler.vote.selector;
        selectors[26] = CourtHandler.pass.selector;
        selectors[27] = CourtHandler.hush.selector;
        target(address(_handler), selectors);
    }

    function afterInvariant() external {
        report("Court", _handler);
    }

    function invariant_theCourtHoldsWhatItOwes() external view {
        assertEq(_handler.worthOf(_court), _handler.owed(), "to all");
        assertEq(_handler.seatThatDiffers(), 0, "seat");
    }

    function invariant_everyoneHasWhatTheRulesGiveThem() external view {
        (uint256 sum, address differs) = _handler.addUp();
        assertEq(differs, address(0));
        assertEq(_handler.total(), sum + _handler.worthOf(_court), "from nowhere");
    }

    function invariant_lotsAreSlashedForAReason() external view {
        assertEq(_handler.unwarranted(), "");
    }

    function invariant_anHonestMajorityLosesNothing() external view {
        assertEq(_handler.robbed(), "");
    }

    function invariant_whatIsPaidIsThere() external view {
        assertEq(_handler.overpaid(), "");
    }

    function invariant_casesAreWhereTheirHistoryPutsThem() external view {
        for (uint256 i = 0; i < 4; i++) assertTrue(_handler.isWhereHistoryPutsIt(i), "elsewhere");
        assertTrue(_handler.areCountsWithinLimits(), "too often");
        assertEq(_handler.misdrawn(), "");
    }

    function invariant_nobodyDoesWhatIsNotTheirs() external view {
        assertEq(_handler.wrong(), "");
    }

    function invariant_whatMustWorkIsNeverRefused() external view {
        assertEq(_handler.refused(), "");
    }

    /// @dev What it changes is undone by the runner.
    function invariant_everyCaseHasAnExit() external {
        _handler.endAll();
        _handler.leaveAll();
        assertEq(_handler.worthOf(_court), 0, "what nobody can get");
        assertEq(_handler.total(), 0, "what nobody can withdraw");
    }
}
