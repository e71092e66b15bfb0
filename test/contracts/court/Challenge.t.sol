// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOperators} from "../../../contracts/interfaces/IOperators.sol";
import {AuditProof, Case, CaseKind, CaseStatus} from "../../../contracts/types/Case.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {vm} from "../helpers/Vm.sol";
import {CourtFixture} from "./CourtFixture.sol";

/// @dev From the challenge to the evidence.
contract CourtChallengeTest is CourtFixture {
    // ---------------------------------------------------------------- challenge

    function test_challenge_refusesStrangersAndTheProvider() external {
        address[2] memory others = [stranger, provider];
        for (uint256 i = 0; i < others.length; i++) {
            expectNotAuthorised(others[i], buyer);
            challenge(others[i], auditProof(INDEX));
        }
    }

    function test_challenge_refusesOtherTerms() external {
        Job memory other = job;
        other.request.itemCount++;
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, lot.jobId));
        vm.prank(buyer);
        court.challenge(other, lot, submission, INDEX, auditProof(INDEX), 0);
    }

    function test_challenge_refusesALotOfAnotherJob() external {
        Lot memory other = lot;
        bytes32 jobId = lot.jobId;
        other.jobId = bytes32(uint256(1));
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_OtherJob.selector, other.jobId, jobId));
        vm.prank(buyer);
        court.challenge(job, other, submission, INDEX, auditProof(INDEX), 0);
    }

    function test_challenge_refusesItemsBeyondTheLot() external {
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoSuchItem.selector, LOT_ITEMS, LOT_ITEMS));
        vm.prank(buyer);
        court.challenge(job, lot, submission, LOT_ITEMS, auditProof(INDEX), 0);
    }

    function test_challenge_refusesAnotherSubmission() external {
        Submission memory other = submission;
        other.root = ~other.root;
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_OtherSubmission.selector, lotId));
        vm.prank(buyer);
        court.challenge(job, lot, other, INDEX, auditProof(INDEX), 0);
    }

    function test_challenge_refusesSecretsOfOtherLots() external {
        AuditProof memory proof = auditProof(INDEX);
        proof.secret = auditSecret(FIRST_ITEM + 1, 0);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotAuditSecret.selector, proof.secret));
        challenge(buyer, proof);
        proof.secret = auditSecret(FIRST_ITEM, 1);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotAuditSecret.selector, proof.secret));
        challenge(buyer, proof);
    }

    function test_challenge_refusesItemsElsewhereInTheSet() external {
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotInAuditSet.selector, INDEX, INDEX + 1));
        challenge(buyer, auditProof(INDEX + 1));
    }

    function test_challenge_refusesALotWhoseWindowIsOver() external {
        vm.warp(market.lotState(lotId).timestamp() + 1);
        expectWrongStatus(lot, LotStatus.Submitted);
        challenge();
    }

    function test_challenge_refusesASecondCaseAtOnce() external {
        challenge();
        expectStatus(CaseStatus.Answer);
        challenge();
    }

    function test_challenge_refusesALotWithoutProtection() external {
        for (uint32 id = 1; id <= JURORS - 22; id++) {
            vm.prank(jurorAt(id - 1));
            court.leaveSeat(id);
        }
        (uint256 seats, uint256 stake, bool isProtected) = court.protectionOf(job, lot);
        assertEq(seats, 22);
        assertEq(stake, 22 * STAKE);
        assertEq(isProtected, false);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotProtected.selector, 22, 22 * STAKE));
        challenge();
    }

    /// @notice Whose few seats were the model's only ones when the job was opened would be drawn alone: the seats of others
    /// that make it look protected came too late to be drawn.
    function test_attack_seatsThatCameAfterTheJobDoNotProtectIt() external {
        for (uint32 id = 1; id <= JURORS - 22; id++) {
            vm.prank(jurorAt(id - 1));
            court.leaveSeat(id);
        }
        vm.warp(block.timestamp + 1);
        openLot(3);
        for (uint256 i = 0; i < JURORS; i++) takeSeat(jurorAt(JURORS + i));
        commitBook();
        (uint256 seats, uint256 stake, bool isProtected) = court.protectionOf(job, lot);
        assertEq(seats, 22);
        assertEq(stake, 22 * STAKE);
        assertEq(isProtected, false);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotProtected.selector, 22, 22 * STAKE));
        challenge();
    }

    /// @notice Nor does what such latecomers stake, or one seat that stakes more than others.
    function test_protectionOf_countsASeatsStakeForEachThatCanBeDrawn() external {
        takeSeat(jurorAt(JURORS));
        (uint256 seats, uint256 stake, bool isProtected) = court.protectionOf(job, lot);
        assertEq(seats, JURORS);
        assertEq(stake, JURORS * STAKE);
        assertTrue(isProtected, "protected");
    }

    function test_protectionOf_takesTheLeastSeats() external {
        for (uint32 id = 1; id <= JURORS - 23; id++) {
            vm.prank(jurorAt(id - 1));
            court.leaveSeat(id);
        }
        (uint256 seats, , bool isProtected) = court.protectionOf(job, lot);
        assertEq(seats, 23);
        assertTrue(isProtected, "protected");
    }

    /// @notice κ is 1: no more is protected than all seats stake.
    function test_protectionOf_isUpToKappaOfTheStake() external view {
        Lot memory dear = lot;
        dear.escrow = uint96(JURORS * STAKE - lot.collateral);
        (, , bool isProtected) = court.protectionOf(job, dear);
        assertTrue(isProtected, "as much as is staked");
        dear.escrow++;
        (, , isProtected) = court.protectionOf(job, dear);
        assertEq(isProtected, false);
    }

    function test_challenge_refusesWhoCannotPayTheBond() external {
        uint256 left = free(buyer) - 10 * UNIT + 1;
        vm.prank(buyer);
        market.withdraw(buyer, left);
        expectInsufficientFree(buyer, 10 * UNIT - 1, 10 * UNIT);
        challenge();
    }

    function test_challenge_takesTheBondAndHoldsTheLot() external {
        uint256 buyerFree = free(buyer);
        uint256 left = market.lotState(lotId).timestamp() - block.timestamp;
        uint256 deadline = block.timestamp + PHASE;
        bytes32 commitment = keccak256(abi.encode(CHALLENGER_SECRET));
        vm.expectEmit(address(court));
        emit ICourt.CaseOpened(lotId, lot.jobId, buyer, CaseKind.Audit, INDEX, INDEX, 10 * UNIT, commitment, deadline);
        challenge();
        assertCase(CaseStatus.Answer, deadline);
        Case memory c = caseOf();
        assertEq(c.challenger, buyer);
        assertEq(c.phaseSeconds, PHASE);
        assertEq(c.jurorFee, UNIT);
        assertEq(c.windowLeft, left);
        assertEq(c.index, INDEX);
        assertEq(c.coveredFees, lot.collateral / UNIT);
        assertEq(c.challenges, 1);
        assertEq(free(buyer), buyerFree - 10 * UNIT);
        assertLotStatus(LotStatus.Challenged);
        assertEq(market.lotState(lotId).timestamp(), block.timestamp + 90 days);
        assertBooks(10 * UNIT);
    }

    function test_challenge_ofOneOutsideTheSetCanVoidItAlone() external {
        challengeItem();
        assertEq(uint256(caseOf().kind), uint256(CaseKind.Item));
    }

    function test_challenge_byAnOperatorIsTheBuyersWithinTheAllowance() external {
        vm.prank(buyer);
        market.setBuyerOperator(stranger, uint96(10 * UNIT - 1), 1 days);
        vm.expectRevert(
            abi.encodeWithSelector(IOperators.Operators_AllowanceExceeded.selector, stranger, 10 * UNIT, 10 * UNIT - 1)
        );
        challenge(stranger, auditProof(INDEX));
        vm.prank(buyer);
        market.setBuyerOperator(stranger, uint96(10 * UNIT), 1 days);
        challenge(stranger, auditProof(INDEX));
        assertEq(caseOf().challenger, buyer);
    }

    // ---------------------------------------------------------------- answer

    function test_answer_refusesOthersAndOtherTimes() external {
        expectStatus(CaseStatus.None);
        answer();
        challenge();
        expectNotParty(buyer, provider);
        vm.prank(buyer);
        court.answer(lot, PROVIDER_SECRET);
        vm.warp(caseOf().deadline + 1);
        expectTooLate();
        answer();
    }

    function test_answer_mixesTheSecretIn() external {
        challenge();
        vm.warp(caseOf().deadline);
        bytes32 seed = court.docketOf(lotId).seed;
        vm.expectEmit(address(court));
        emit ICourt.CaseAnswered(lotId, PROVIDER_SECRET, block.timestamp + PHASE);
        answer();
        assertCase(CaseStatus.Evidence, block.timestamp + PHASE);
        assertEq(court.docketOf(lotId).seed, keccak256(abi.encode(seed, PROVIDER_SECRET)));
    }

    function test_answer_isOpenToOperatorsOfTheProvider() external {
        challenge();
        vm.prank(provider);
        market.setProviderOperator(stranger, 1);
        vm.prank(stranger);
        court.answer(lot, PROVIDER_SECRET);
        assertEq(uint256(caseOf().status), uint256(CaseStatus.Evidence));
    }

    // ---------------------------------------------------------------- evidence

    function test_openEvidence_refusesWrongSecrets() external {
        toEvidence();
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongSecret.selector));
        vm.prank(buyer);
        court.openEvidence(lotId, PROVIDER_SECRET, PROVIDER_SECRET, EVIDENCE);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongSecret.selector));
        vm.prank(buyer);
        court.openEvidence(lotId, CHALLENGER_SECRET, 0, EVIDENCE);
    }

    function test_openEvidence_refusesOthersAndOtherTimes() external {
        expectStatus(CaseStatus.None);
        tell(buyer);
        challenge();
        uint256 deadline = caseOf().deadline;
        expectTooEarly(deadline);
        tell(buyer);
        answer();
        expectNotParty(stranger, buyer);
        tell(stranger);
        vm.warp(caseOf().deadline + 1);
        expectTooLate();
        tell(buyer);
    }

    function test_openEvidence_withoutAnAnswerHasOnePhase() external {
        challenge();
        uint256 deadline = caseOf().deadline + PHASE;
        vm.warp(deadline + 1);
        expectTooLate(deadline);
        vm.prank(buyer);
        court.openEvidence(lotId, CHALLENGER_SECRET, 0, EVIDENCE);
    }

    function test_openEvidence_isOpenToOperatorsOfTheChallenger() external {
        toEvidence();
        vm.prank(buyer);
        market.setBuyerOperator(stranger, 1, 1 days);
        tell(stranger);
        assertEq(uint256(caseOf().status), uint256(CaseStatus.Drawing));
    }

    function test_openEvidence_armsTheDraw() external {
        toEvidence();
        vm.warp(caseOf().deadline);
        vm.expectEmit(address(court));
        emit ICourt.EvidenceOpened(lotId, EVIDENCE);
        vm.expectEmit(address(court));
        emit ICourt.JuryArmed(lotId, 0, 0, height, block.timestamp + PHASE);
        openEvidence();
        assertCase(CaseStatus.Drawing, block.timestamp + PHASE);
        assertEq(court.docketOf(lotId).seed, keccak256(abi.encode(CHALLENGER_SECRET, PROVIDER_SECRET)));
    }

    function tell(address by) private {
        vm.prank(by);
        court.openEvidence(lotId, CHALLENGER_SECRET, PROVIDER_SECRET, EVIDENCE);
    }
}
