// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {ISeats} from "../../../contracts/interfaces/ISeats.sol";
import {Votes} from "../../../contracts/libraries/Votes.sol";
import {CaseStatus, Verdict} from "../../../contracts/types/Case.sol";
import {vm} from "../helpers/Vm.sol";
import {CourtFixture} from "./CourtFixture.sol";

/// @dev From the draw to the decision, and appeals. Who can be drawn is in SeatsDraw.t.sol.
contract CourtJuriesTest is CourtFixture {
    // ---------------------------------------------------------------- draw, rearm

    function test_draw_refusesBlocksThatAreNotThereYet() external {
        toDrawing();
        for (uint256 i = 0; i < 2; i++) {
            vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoEntropy.selector, caseOf().armedBlock + 1));
            court.draw(job, lot);
            mine(1);
        }
        court.draw(job, lot);
    }

    function test_draw_refusesBlocksLongGone() external {
        toDrawing();
        mine(258);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoEntropy.selector, caseOf().armedBlock + 1));
        court.draw(job, lot);
    }

    function test_draw_refusesOtherTimes() external {
        challenge();
        expectStatus(CaseStatus.Answer);
        court.draw(job, lot);
        answer();
        openEvidence();
        vm.warp(caseOf().deadline + 1);
        expectTooLate();
        draw();
    }

    function test_draw_excludesBothSidesAndTheAuditor() external {
        address[3] memory parties = [buyer, provider, auditor];
        for (uint256 i = 0; i < parties.length; i++) takeSeat(parties[i]);
        vm.warp(block.timestamp + 61);
        openLot(3);
        commitBook();
        toDrawing();
        for (uint32 id = 5; id <= JURORS; id++) {
            vm.prank(jurorAt(id - 1));
            court.leaveSeat(id);
        }
        mine(2);
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_NotEnough.selector, 4, 5));
        court.draw(job, lot);
    }

    function test_draw_reservesAPenaltyOfEachJuror() external {
        toKeys();
        assertCase(CaseStatus.Keys, block.timestamp + PHASE);
        (uint32[] memory seatIds, int16[] memory votes) = court.juryOf(lotId, 0);
        assertEq(seatIds.length, 5);
        for (uint256 i = 0; i < 5; i++) {
            assertEq(court.seat(seatIds[i]).reserved, 4 * UNIT);
            assertTrue(votes[i] == Votes.ABSENT, "absent");
            for (uint256 j = 0; j < i; j++) assertTrue(seatIds[i] != seatIds[j], "drawn twice");
        }
    }

    function test_draw_isDecidedByBothSecretsAndABlock() external {
        toDrawing();
        mine(2);
        uint256 snapshot = vm.snapshotState();
        court.draw(job, lot);
        (uint32[] memory drawn, ) = court.juryOf(lotId, 0);
        vm.revertToState(snapshot);
        mine(1);
        court.draw(job, lot);
        (uint32[] memory later, ) = court.juryOf(lotId, 0);
        // Whoever draws, and when.
        assertEq(keccak256(abi.encode(drawn)), keccak256(abi.encode(later)));
    }

    function test_rearm_refusesWhileTheBlockIsAtHand() external {
        toDrawing();
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoEntropy.selector, height + 1));
        court.rearm(lotId);
        mine(257);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_EntropyAtHand.selector, caseOf().armedBlock + 1));
        court.rearm(lotId);
    }

    function test_rearm_leavesTheDeadline() external {
        toDrawing();
        uint256 deadline = caseOf().deadline;
        mine(258);
        vm.warp(deadline);
        vm.expectEmit(address(court));
        emit ICourt.JuryArmed(lotId, 0, 0, height, deadline);
        court.rearm(lotId);
        assertCase(CaseStatus.Drawing, deadline);
        vm.warp(deadline + 1);
        expectTooLate();
        court.rearm(lotId);
    }

    // ---------------------------------------------------------------- keys

    function test_shareKeys_refusesOthersCountsAndTimes() external {
        toDrawing();
        bytes[] memory keys = wrappedKeys(5);
        expectStatus(CaseStatus.Drawing);
        court.shareKeys(lot, keys);
        draw();
        expectNotParty(provider, buyer);
        vm.prank(provider);
        court.shareKeys(lot, keys);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongKeyCount.selector, 4, 5));
        vm.prank(buyer);
        court.shareKeys(lot, wrappedKeys(4));
        vm.warp(caseOf().deadline + 1);
        expectTooLate();
        vm.prank(buyer);
        court.shareKeys(lot, keys);
    }

    function test_shareKeys_tellsThemInAnEvent() external {
        toKeys();
        vm.expectEmit(address(court));
        emit ICourt.KeysShared(lotId, wrappedKeys(5), block.timestamp + PHASE);
        shareKeys();
        assertCase(CaseStatus.Commit, block.timestamp + PHASE);
    }

    // ---------------------------------------------------------------- commit, reveal

    function test_commitVote_refusesOthersPlacesAndTimes() external {
        toKeys();
        expectStatus(CaseStatus.Keys);
        court.commitVote(lotId, 0, SALT);
        shareKeys();
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoSuchPlace.selector, 5, 5));
        court.commitVote(lotId, 5, SALT);
        (, address voter) = jurorAtPlace(0);
        expectNotParty(stranger, voter);
        vm.prank(stranger);
        court.commitVote(lotId, 0, SALT);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_InvalidCommitment.selector));
        vm.prank(voter);
        court.commitVote(lotId, 0, 0);
        vm.prank(voter);
        court.commitVote(lotId, 0, SALT);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_AlreadyCommitted.selector, 0));
        vm.prank(voter);
        court.commitVote(lotId, 0, EVIDENCE);
        vm.warp(caseOf().deadline + 1);
        expectTooLate();
        vm.prank(voter);
        court.commitVote(lotId, 0, SALT);
    }

    function test_revealVote_refusesUntilAllHaveCommitted() external {
        toCommit();
        for (uint256 i = 0; i < 4; i++) commitVote(i, BAD);
        vm.warp(caseOf().deadline);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotAllCommitted.selector, 4));
        revealVote(0, BAD);
        commitVote(4, BAD);
        vm.expectEmit(address(court));
        emit ICourt.RevealOpened(lotId, block.timestamp + PHASE);
        revealVote(0, BAD);
        assertCase(CaseStatus.Reveal, block.timestamp + PHASE);
    }

    function test_revealVote_opensByItselfForAPhase() external {
        toCommit();
        for (uint256 i = 0; i < 3; i++) commitVote(i, BAD);
        uint256 deadline = caseOf().deadline;
        vm.warp(deadline + 1);
        revealVote(0, BAD);
        assertCase(CaseStatus.Commit, deadline);
        vm.warp(deadline + PHASE);
        revealVote(1, BAD);
        vm.warp(deadline + PHASE + 1);
        expectTooLate(deadline + PHASE);
        revealVote(2, BAD);
    }

    function test_revealVote_refusesOtherVotesAndTwice() external {
        toCommit();
        for (uint256 i = 0; i < 5; i++) commitVote(i, i == 4 ? Votes.ABSENT : BAD);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongReveal.selector, 0));
        revealVote(0, GOOD);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongReveal.selector, 4));
        revealVote(4, Votes.ABSENT);
        revealVote(0, BAD);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongReveal.selector, 0));
        revealVote(0, BAD);
    }

    /// @notice One who commits to a copy of another's commitment cannot open it.
    function test_attack_copiedCommitmentsDoNotOpen() external {
        toCommit();
        (uint32 seatId, ) = jurorAtPlace(0);
        bytes32 commitment = commitmentOf(seatId, BAD);
        (, address copier) = jurorAtPlace(1);
        vm.prank(copier);
        court.commitVote(lotId, 1, commitment);
        vm.warp(caseOf().deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongReveal.selector, 1));
        revealVote(1, BAD);
    }

    // ---------------------------------------------------------------- decide

    function test_decide_refusesWhileVotesMayCome() external {
        toKeys();
        expectStatus(CaseStatus.Keys);
        court.decide(lotId);
        shareKeys();
        for (uint256 i = 0; i < 5; i++) commitVote(i, BAD);
        for (uint256 i = 0; i < 4; i++) revealVote(i, BAD);
        uint256 deadline = caseOf().deadline;
        expectTooEarly(deadline);
        court.decide(lotId);
        vm.warp(deadline + 1);
        court.decide(lotId);
    }

    function test_decide_saysTheVerdictAtOnceWhenAllHaveRevealed() external {
        toCommit();
        vote(all(0, BAD));
        vm.expectEmit(address(court));
        emit ICourt.CaseDecided(lotId, 0, Verdict.Fault, BAD, block.timestamp + PHASE);
        court.decide(lotId);
        assertCase(CaseStatus.Decided, block.timestamp + PHASE);
        assertEq(uint256(caseOf().verdict), uint256(Verdict.Fault));
    }

    function test_decide_paysWhoRevealedOutOfWhatTheOthersLose() external {
        toCommit();
        vote(votesOf(0, 2, BAD, Votes.ABSENT));
        (uint32[] memory seatIds, ) = court.juryOf(lotId, 0);
        vm.warp(caseOf().deadline + PHASE + 1);
        vm.expectEmit(address(court));
        emit ICourt.JuryFailed(lotId, 0, 0, 2, 10 * UNIT);
        court.decide(lotId);
        for (uint256 i = 0; i < 5; i++) assertSeat(seatIds[i], i < 2 ? 1 : 0, i < 2 ? 0 : 4);
        assertEq(free(vault), 10 * UNIT);
        assertBooks(10 * UNIT);
        draw();
        (uint32[] memory next, ) = court.juryOf(lotId, 0);
        for (uint256 i = 0; i < 5; i++) {
            for (uint256 j = 0; j < 5; j++) assertTrue(next[i] != seatIds[j], "drawn again");
        }
    }

    /// @notice What was said before a redraw is worth nothing after it.
    function test_attack_commitmentsOfAFailedJuryDoNotOpenInTheNext() external {
        toCommit();
        (uint32 seatId, ) = jurorAtPlace(0);
        bytes32 stale = commitmentOf(seatId, BAD);
        commitVote(0, BAD);
        decide();
        draw();
        shareKeys();
        (uint32 nextId, ) = jurorAtPlace(0);
        assertTrue(stale != commitmentOf(nextId, BAD), "the same commitment");
        vm.warp(caseOf().deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongReveal.selector, 0));
        revealVote(0, BAD);
    }

    // ---------------------------------------------------------------- appeal

    function test_appeal_refusesOthersThanWhomTheVerdictIsAgainst() external {
        toDecided(all(0, BAD));
        expectNotAuthorised(buyer, provider);
        appeal(buyer);
    }

    function test_appeal_refusesOtherTimes() external {
        toCommit();
        expectStatus(CaseStatus.Commit);
        appeal(provider);
        vote(all(0, BAD));
        decide();
        vm.warp(caseOf().deadline + 1);
        expectTooLate();
        appeal(provider);
    }

    function test_appeal_refusesTheLastVerdict() external {
        toDecided(all(0, BAD));
        appeal(provider);
        hearAgain(all(1, BAD));
        appeal(provider);
        hearAgain(all(2, BAD));
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_LastRound.selector));
        appeal(provider);
    }

    function test_appeal_drawsALargerJuryOfOthers() external {
        toDecided(all(0, UNSURE));
        (uint32[] memory first, ) = court.juryOf(lotId, 0);
        uint256 buyerFree = free(buyer);
        vm.expectEmit(address(court));
        emit ICourt.CaseAppealed(lotId, buyer, 1, 11 * UNIT);
        appeal(buyer);
        assertEq(free(buyer), buyerFree - 11 * UNIT);
        assertBooks(21 * UNIT);
        assertCase(CaseStatus.Drawing, block.timestamp + PHASE);
        draw();
        (uint32[] memory second, ) = court.juryOf(lotId, 1);
        assertEq(second.length, 11);
        for (uint256 i = 0; i < 11; i++) {
            for (uint256 j = 0; j < 5; j++) assertTrue(second[i] != first[j], "drawn again");
        }
    }
}
