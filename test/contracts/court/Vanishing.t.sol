// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Votes} from "../../../contracts/libraries/Votes.sol";
import {CaseKind, CaseStatus, Verdict} from "../../../contracts/types/Case.sol";
import {LotStatus} from "../../../contracts/types/Lot.sol";
import {CourtFixture} from "./CourtFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @title Every state of a case, and whoever it waits for gone for good
/// @notice One who is party to nothing ends each, alone, once a deadline is over. Nothing is left in a case then: no bond, no
/// reserve of a seat, and the lot is paid, open or where it was.
///
/// | state     | who vanishes             | what ends it                         | how                                   |
/// |-----------|--------------------------|--------------------------------------|---------------------------------------|
/// | Demanded  | provider                 | conclude                             | the lot is slashed, the fee returns   |
/// | Answered  | buyer                    | conclude                             | the lot goes on                       |
/// | Answer    | provider                 | openEvidence, by the challenger      | the case goes on                      |
/// | Answer    | provider, challenger     | conclude, a phase later              | Rejected                              |
/// | Evidence  | challenger               | conclude                             | Rejected                              |
/// | Drawing   | everyone until now       | rearm, draw                          | the case goes on                      |
/// | Drawing   | enough seats             | conclude                             | no verdict, or the one before stands  |
/// | Keys      | challenger               | conclude                             | Rejected                              |
/// | Keys      | provider, of a delivery  | conclude                             | Fault                                 |
/// | Commit    | some jurors              | revealVote by the others, decide     | the others' verdict                   |
/// | Commit    | most jurors              | decide, draw                         | the jury is drawn again               |
/// | Reveal    | some jurors              | decide                               | the others' verdict                   |
/// | Reveal    | most jurors, three times | decide, conclude                     | no verdict, or the one before stands  |
/// | Decided   | both parties             | conclude                             | the verdict                           |
/// | Failed    | everyone                 | conclude                             | no verdict, or the one before stands  |
/// | any       | everyone, for 90 days    | settle at the Market, then conclude  | the provider is paid, no verdict      |
contract CourtVanishingTest is CourtFixture {
    function test_demanded_withoutTheProvider() external {
        demandDelivery();
        concludeLate();
        assertOver(0, 1);
        assertLotStatus(LotStatus.Open);
    }

    function test_answered_withoutTheBuyer() external {
        demandDelivery();
        answerDelivery();
        concludeLate();
        assertOver(0, 1);
        assertLotStatus(LotStatus.Submitted);
    }

    function test_answer_withoutTheProvider() external {
        challenge();
        vm.warp(caseOf().deadline + 1);
        vm.prank(buyer);
        court.openEvidence(lotId, CHALLENGER_SECRET, 0, EVIDENCE);
        assertCase(CaseStatus.Drawing, block.timestamp + PHASE);
    }

    function test_answer_withoutBothParties() external {
        challenge();
        vm.warp(caseOf().deadline + PHASE + 1);
        conclude();
        assertOver(1, 0);
        assertLotStatus(LotStatus.Submitted);
    }

    function test_evidence_withoutTheChallenger() external {
        toEvidence();
        concludeLate();
        assertOver(1, 0);
        assertLotStatus(LotStatus.Submitted);
    }

    function test_drawing_withoutAnyoneForTooManyBlocks() external {
        toDrawing();
        mine(300);
        vm.prank(stranger);
        court.rearm(lotId);
        draw();
        assertEq(uint256(caseOf().status), uint256(CaseStatus.Keys));
    }

    function test_drawing_withoutEnoughSeats() external {
        toDrawing();
        leaveSeats(JURORS - 4);
        concludeLate();
        assertEq(caseOf().challenges, 1);
        assertBooks(0);
        assertLotStatus(LotStatus.Submitted);
    }

    function test_drawing_withoutEnoughSeats_inAnAppeal() external {
        toDecided(all(0, BAD));
        appeal(provider);
        leaveSeats(JURORS - 9);
        concludeLate();
        assertBooks(0);
        // As the first jury said.
        assertLotStatus(LotStatus.Open);
    }

    /// @dev The jurors could do nothing: they have earned nothing and lose nothing.
    function test_keys_withoutTheChallenger() external {
        toKeys();
        (uint32[] memory seatIds, ) = court.juryOf(lotId, 0);
        vm.warp(caseOf().deadline + 1);
        expectConcluded(Verdict.Rejected, 0, 0, 0, 0, 10 * UNIT, 0);
        conclude();
        for (uint256 i = 0; i < seatIds.length; i++) assertSeat(seatIds[i], 0, 0);
        assertOver(1, 0);
        assertLotStatus(LotStatus.Submitted);
    }

    function test_keys_withoutTheChallenger_inAnAppealOfTheProvider() external {
        toDecided(all(0, BAD));
        appeal(provider);
        draw();
        concludeLate();
        assertOver(1, 0);
        assertLotStatus(LotStatus.Submitted);
    }

    function test_keys_withoutTheProvider_ofADelivery() external {
        toObjection();
        answer();
        openEvidence();
        draw();
        concludeLate();
        assertOver(1, 1);
        assertLotStatus(LotStatus.Open);
    }

    function test_commit_withoutTwoJurors() external {
        toDecided(votesOf(0, 3, BAD, Votes.ABSENT));
        concludeLate();
        assertOver(1, 0);
        assertLotStatus(LotStatus.Open);
    }

    function test_commit_withoutThreeJurors() external {
        toCommit();
        vote(votesOf(0, 2, BAD, Votes.ABSENT));
        decide();
        assertCase(CaseStatus.Drawing, block.timestamp + PHASE);
        hearAgain(all(0, BAD));
        concludeLate();
        assertOver(1, 0);
        assertLotStatus(LotStatus.Open);
    }

    function test_reveal_withoutTwoJurors() external {
        toCommit();
        for (uint256 i = 0; i < 5; i++) commitVote(i, BAD);
        for (uint256 i = 0; i < 3; i++) revealVote(i, BAD);
        decide();
        concludeLate();
        assertOver(1, 0);
        assertLotStatus(LotStatus.Open);
    }

    function test_reveal_withoutMostJurorsThreeTimes() external {
        fail();
        conclude();
        assertOver(1, 0);
        assertLotStatus(LotStatus.Submitted);
    }

    function test_reveal_withoutMostJurorsThreeTimes_inAnAppeal() external {
        toDecided(all(0, BAD));
        appeal(provider);
        for (uint256 i = 0; i < 3; i++) hearAgain(all(1, Votes.ABSENT));
        conclude();
        assertOver(1, 0);
        assertLotStatus(LotStatus.Open);
    }

    function test_decided_withoutBothParties() external {
        toDecided(all(0, UNSURE));
        concludeLate();
        assertOver(1, 0);
        assertLotStatus(LotStatus.Submitted);
    }

    /// @dev Each status, left alone for longer than the Market holds a lot.
    function test_everyStatus_withoutAnyoneForNinetyDays() external {
        CaseStatus last = CaseStatus.Failed;
        for (uint8 status = uint8(CaseStatus.Demanded); status <= uint8(last); status++) {
            uint256 snapshot = vm.snapshotState();
            reach(CaseStatus(status));
            assertEq(uint256(caseOf().status), status, "reached");
            vm.warp(block.timestamp + 91 days);
            settle(lot, submission);
            assertLotStatus(LotStatus.None);
            conclude();
            assertOver(caseOf().challenges, caseOf().demands);
            vm.revertToState(snapshot);
        }
    }

    // ---------------------------------------------------------------- steps

    function reach(CaseStatus status) private {
        if (status == CaseStatus.Demanded || status == CaseStatus.Answered) {
            demandDelivery();
            if (status == CaseStatus.Answered) answerDelivery();
            return;
        }
        challenge();
        if (status == CaseStatus.Answer) return;
        answer();
        if (status == CaseStatus.Evidence) return;
        openEvidence();
        if (status == CaseStatus.Drawing) return;
        draw();
        if (status == CaseStatus.Keys) return;
        shareKeys();
        if (status == CaseStatus.Commit) return;
        if (status == CaseStatus.Failed) {
            failFromCommit();
            return;
        }
        for (uint256 i = 0; i < 5; i++) commitVote(i, BAD);
        revealVote(0, BAD);
        if (status == CaseStatus.Reveal) return;
        for (uint256 i = 1; i < 5; i++) revealVote(i, BAD);
        decide();
    }

    function fail() private {
        toCommit();
        failFromCommit();
    }

    function failFromCommit() private {
        decide();
        for (uint256 i = 0; i < 2; i++) hearAgain(all(0, Votes.ABSENT));
        assertEq(uint256(caseOf().status), uint256(CaseStatus.Failed));
    }

    /// @dev Of those who are in no case, the first `count`.
    function leaveSeats(uint256 count) private {
        for (uint32 id = 1; id <= JURORS && count != 0; id++) {
            if (court.seat(id).reserved != 0) continue;
            vm.prank(jurorAt(id - 1));
            court.leaveSeat(id);
            count--;
        }
    }
}
