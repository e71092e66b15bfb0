// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {Votes} from "../../../contracts/libraries/Votes.sol";
import {CaseStatus, Verdict} from "../../../contracts/types/Case.sol";
import {LotStatus} from "../../../contracts/types/Lot.sol";
import {Book, Books} from "../faults/Books.sol";
import {vm} from "../helpers/Vm.sol";
import {CourtFixture} from "./CourtFixture.sol";

/// @dev An objective fault, proven while the court holds the lot: the book's last totals are not the submission's.
contract CasePreemptTest is CourtFixture {
    function setUp() public override {
        super.setUp();
        openLot(3);
        submission = Books.submission(honestBook());
        submission.totals.promptTokens++;
        submit(lot, submission);
    }

    function test_preempt_refusesOthersThanTheMarket() external {
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotMarket.selector, stranger));
        vm.prank(stranger);
        court.preempt(lotId);
    }

    function test_preempt_ofALotWithoutACaseCostsNothing() external {
        vm.prank(address(market));
        assertEq(court.preempt(lotId), 0);
    }

    function test_preempt_returnsTheBondBeforeADraw() external {
        toEvidence();
        expectConcluded(Verdict.None, 0, 0, 0, 10 * UNIT, 0, 0);
        prove();
        assertOver(1, 0);
        assertLotStatus(LotStatus.Open);
    }

    function test_preempt_paysJurorsWhoWereDrawnFromTheSlash() external {
        toKeys();
        (uint32[] memory seatIds, ) = court.juryOf(lotId, 0);
        expectConcluded(Verdict.None, 5 * UNIT, 0, 5 * UNIT, 10 * UNIT, 0, 0);
        prove();
        for (uint256 i = 0; i < 5; i++) assertSeat(seatIds[i], 1, 0);
        assertOver(1, 0);
    }

    function test_preempt_returnsTheBondsOfBothSides() external {
        toDecided(all(0, BAD));
        appeal(provider);
        draw();
        expectConcluded(Verdict.None, 16 * UNIT, 0, 16 * UNIT, 10 * UNIT, 11 * UNIT, 0);
        prove();
        assertOver(1, 0);
    }

    function test_preempt_takesNoMoreThanTheCollateral() external {
        toDecided(all(0, BAD));
        appeal(provider);
        hearAgain(all(1, BAD));
        appeal(provider);
        draw();
        // 39 fees, of which the collateral pays twenty, and the bonds of ten and 34 the others.
        uint256 toBuyer = (uint256(10 * UNIT) * 25) / 44;
        expectConcluded(Verdict.None, 39 * UNIT, 0, 20 * UNIT, toBuyer, 25 * UNIT - toBuyer, 0);
        prove();
        assertOver(1, 0);
    }

    function test_preempt_returnsTheFeeOfADemand() external {
        demandDelivery();
        vm.expectEmit(address(court));
        emit ICourt.DeliveryConcluded(lotId, false, UNIT);
        prove();
        assertOver(0, 1);
    }

    function test_preempt_ofAnAnsweredDemandHasNothingToReturn() external {
        demandDelivery();
        answerDelivery();
        prove();
        assertOver(0, 1);
    }

    function prove() private {
        Book memory written = honestBook();
        vm.prank(stranger);
        faults.proveLotTotals(lot, submission, Books.placedLeaf(written, LOT_ITEMS - 1));
    }
}
