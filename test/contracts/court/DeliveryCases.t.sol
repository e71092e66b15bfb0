// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {Votes} from "../../../contracts/libraries/Votes.sol";
import {CaseKind, CaseStatus, Verdict} from "../../../contracts/types/Case.sol";
import {LotStatus} from "../../../contracts/types/Lot.sol";
import {vm} from "../helpers/Vm.sol";
import {CourtFixture} from "./CourtFixture.sol";

/// @dev Demands for delivery, and cases about it.
contract CourtDeliveryTest is CourtFixture {
    function test_demandDelivery_refusesOthersAndAThird() external {
        expectNotAuthorised(stranger, buyer);
        vm.prank(stranger);
        court.demandDelivery(job, lot);
        for (uint256 i = 0; i < 2; i++) {
            demandDelivery();
            expectStatus(CaseStatus.Demanded);
            demandDelivery();
            answerDelivery();
            concludeLate();
        }
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooManyDemands.selector, 2));
        demandDelivery();
    }

    function test_demandDelivery_takesAFeeAndStopsTheWindow() external {
        uint256 buyerFree = free(buyer);
        vm.expectEmit(address(court));
        emit ICourt.DeliveryDemanded(lotId, lot.jobId, provider, UNIT, block.timestamp + PHASE);
        demandDelivery();
        assertCase(CaseStatus.Demanded, block.timestamp + PHASE);
        assertEq(free(buyer), buyerFree - UNIT);
        assertLotStatus(LotStatus.Challenged);
        assertBooks(UNIT);
    }

    function test_answerDelivery_refusesOthersAndOtherTimes() external {
        expectStatus(CaseStatus.None);
        answerDelivery();
        demandDelivery();
        expectNotParty(buyer, provider);
        vm.prank(buyer);
        court.answerDelivery(lot, "key");
        vm.warp(caseOf().deadline + 1);
        expectTooLate();
        answerDelivery();
    }

    function test_answerDelivery_earnsTheFee() external {
        demandDelivery();
        uint256 providerFree = free(provider);
        vm.expectEmit(address(court));
        emit ICourt.DeliveryAnswered(lotId, "key", block.timestamp + PHASE);
        answerDelivery();
        assertCase(CaseStatus.Answered, block.timestamp + PHASE);
        assertEq(free(provider), providerFree + UNIT);
        assertBooks(0);
    }

    function test_conclude_slashesALotThatWasNotDelivered() external {
        uint256 buyerFree = free(buyer);
        demandDelivery();
        vm.warp(caseOf().deadline + 1);
        vm.expectEmit(address(court));
        emit ICourt.DeliveryConcluded(lotId, true, UNIT);
        conclude();
        assertEq(free(buyer), buyerFree + lot.penalty);
        assertLotStatus(LotStatus.Open);
        assertOver(0, 1);
    }

    function test_conclude_letsALotGoOnThatNobodyObjectedTo() external {
        uint256 left = market.lotState(lotId).timestamp() - block.timestamp;
        demandDelivery();
        answerDelivery();
        uint256 deadline = caseOf().deadline;
        vm.warp(deadline);
        expectTooEarly(deadline);
        conclude();
        vm.warp(deadline + 1);
        vm.expectEmit(address(court));
        emit ICourt.DeliveryConcluded(lotId, false, 0);
        conclude();
        assertResumed(left);
        assertOver(0, 1);
    }

    function test_objectDelivery_refusesOthersAndOtherTimes() external {
        expectStatus(CaseStatus.None);
        object(buyer);
        demandDelivery();
        answerDelivery();
        expectNotAuthorised(stranger, buyer);
        object(stranger);
        vm.warp(caseOf().deadline + 1);
        expectTooLate();
        object(buyer);
    }

    function test_objectDelivery_opensACaseThatKeepsTheWindow() external {
        demandDelivery();
        uint256 left = caseOf().windowLeft;
        answerDelivery();
        object(buyer);
        assertCase(CaseStatus.Answer, block.timestamp + PHASE);
        assertEq(uint256(caseOf().kind), uint256(CaseKind.Delivery));
        assertEq(caseOf().windowLeft, left);
        assertBooks(10 * UNIT);
    }

    function test_shareKeys_ofADeliveryAreTheProviders() external {
        toObjection();
        answer();
        openEvidence();
        draw();
        expectNotParty(buyer, provider);
        vm.prank(buyer);
        court.shareKeys(lot, wrappedKeys(5));
        shareKeys();
        assertCase(CaseStatus.Commit, block.timestamp + PHASE);
    }

    function test_conclude_slashesWhatMostJurorsCouldNotOpen() external {
        toCommit(CaseKind.Delivery);
        vote(votesOf(0, 3, Votes.NO_EVIDENCE, GOOD));
        decide();
        vm.warp(caseOf().deadline + 1);
        // Those who could open it are on the other side.
        expectConcluded(Verdict.Fault, 3 * UNIT, 8 * UNIT, 0, 10 * UNIT, 0, 5 * UNIT);
        conclude();
        assertLotStatus(LotStatus.Open);
        assertOver(1, 1);
    }

    function test_conclude_neverPenalisesWhoHadNoEvidence() external {
        toCommit(CaseKind.Delivery);
        vote(votesOf(0, 2, Votes.NO_EVIDENCE, GOOD));
        decide();
        vm.warp(caseOf().deadline + 1);
        expectConcluded(Verdict.Rejected, 3 * UNIT, 0, 0, 0, 7 * UNIT, 0);
        conclude();
        assertOver(1, 1);
    }

    function object(address by) private {
        vm.prank(by);
        court.objectDelivery(job, lot, keccak256(abi.encode(CHALLENGER_SECRET)));
    }
}
