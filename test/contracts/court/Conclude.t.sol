// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Votes} from "../../../contracts/libraries/Votes.sol";
import {CaseKind, CaseStatus, Verdict} from "../../../contracts/types/Case.sol";
import {CourtParameters} from "../../../contracts/types/CourtParameters.sol";
import {LotStatus} from "../../../contracts/types/Lot.sol";
import {Totals} from "../../../contracts/types/Receipt.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {Book, Books} from "../faults/Books.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {CourtFixture} from "./CourtFixture.sol";

/// @dev Who is paid what. Cases that lapse are in Vanishing.t.sol too.
contract CourtConcludeTest is CourtFixture {
    // ---------------------------------------------------------------- refusals

    function test_conclude_refusesALotWithoutACase() external {
        expectStatus(CaseStatus.None);
        conclude();
    }

    function test_conclude_refusesCasesInTime() external {
        challenge();
        uint256 deadline = caseOf().deadline;
        vm.warp(deadline + PHASE);
        expectTooEarly(deadline + PHASE);
        conclude();
    }

    function test_conclude_refusesWhatIsForDecide() external {
        toCommit();
        vm.warp(block.timestamp + 10 * PHASE);
        expectStatus(CaseStatus.Commit);
        conclude();
    }

    function test_conclude_refusesUntilTheAppealDeadlineIsOver() external {
        toDecided(all(0, BAD));
        uint256 deadline = caseOf().deadline;
        vm.warp(deadline);
        expectTooEarly(deadline);
        conclude();
    }

    function test_conclude_refusesAnItemThatHasToBeShown() external {
        toCommit(CaseKind.Item);
        vote(all(0, BAD));
        decide();
        vm.warp(caseOf().deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_ItemNeeded.selector, lotId));
        conclude();
    }

    // ---------------------------------------------------------------- one round

    function test_conclude_slashesALotFoundFaulty() external {
        uint256 buyerFree = free(buyer);
        toDecided(all(0, BAD));
        assertBooks(10 * UNIT);
        vm.warp(caseOf().deadline + 1);
        // Five fees, of the collateral; the bond returns whole.
        expectConcluded(Verdict.Fault, 5 * UNIT, 0, 5 * UNIT, 10 * UNIT, 0, 0);
        conclude();
        assertOver(1, 0);
        assertLotStatus(LotStatus.Open);
        // The buyer is who challenged: the bounty is theirs as well.
        uint256 left = lot.collateral - 5 * UNIT;
        uint256 penalty = lot.penalty < left ? lot.penalty : left;
        assertEq(free(buyer), buyerFree + penalty, "buyer");
        assertEq(free(vault), left - penalty, "vault");
    }

    function test_conclude_givesTheBountyToTheAuditorWhoChallenged() external {
        (uint256 auditorFree, uint256 buyerFree) = (free(auditor), free(buyer));
        challenge(auditor, auditProof(INDEX));
        assertEq(free(auditor), auditorFree - 10 * UNIT, "bond");
        assertEq(free(buyer), buyerFree, "nothing of the buyer's");
        answer();
        openEvidence();
        draw();
        shareKeys();
        vote(all(0, BAD));
        decide();
        concludeLate();
        uint256 left = lot.collateral - 5 * UNIT;
        uint256 penalty = lot.penalty < left ? lot.penalty : left;
        uint256 bounty = (penalty * lot.bountyBps) / 10_000;
        assertEq(free(auditor), auditorFree + bounty, "auditor");
        assertEq(free(buyer), buyerFree + penalty - bounty, "buyer");
        assertOver(1, 0);
    }

    function test_conclude_givesTheBondToAProviderWhoIsRight() external {
        (uint256 providerFree, uint256 buyerFree) = (free(provider), free(buyer));
        uint256 left = market.lotState(lotId).timestamp() - block.timestamp;
        toDecided(votesOf(0, 4, GOOD, BAD));
        (uint32[] memory seatIds, ) = court.juryOf(lotId, 0);
        vm.warp(caseOf().deadline + 1);
        expectConcluded(Verdict.Rejected, 4 * UNIT, 4 * UNIT, 0, 0, 10 * UNIT, 0);
        conclude();
        for (uint256 i = 0; i < 4; i++) assertSeat(seatIds[i], 1, 0);
        assertSeat(seatIds[4], 0, 4);
        assertEq(free(provider), providerFree + 10 * UNIT, "provider");
        assertEq(free(buyer), buyerFree - 10 * UNIT, "buyer");
        assertResumed(left);
        assertOver(1, 0);
    }

    function test_conclude_takesFeesOfTheBondWhenInconclusive() external {
        toDecided(all(0, UNSURE));
        vm.warp(caseOf().deadline + 1);
        expectConcluded(Verdict.Inconclusive, 5 * UNIT, 0, 0, 5 * UNIT, 0, 0);
        conclude();
        assertOver(1, 0);
    }

    function test_conclude_paysOnlyWhoIsNearTheMedianOrHadNoEvidenceWithTheMost() external {
        int16[] memory votes = all(0, Votes.NO_EVIDENCE);
        (votes[0], votes[1]) = (BAD, UNSURE);
        toDecided(votes);
        (uint32[] memory seatIds, ) = court.juryOf(lotId, 0);
        vm.warp(caseOf().deadline + 1);
        // What a juror loses beyond the fees is nobody's who won.
        expectConcluded(Verdict.Rejected, 3 * UNIT, 4 * UNIT, 0, 0, 10 * UNIT, UNIT);
        conclude();
        assertSeat(seatIds[0], 0, 4);
        assertSeat(seatIds[1], 0, 0);
        assertSeat(seatIds[2], 1, 0);
    }

    /// @notice Where a seat stakes fifty fees, to lie costs ten: as the job's version says, whatever it was when the juror came.
    function test_conclude_takesAFifthOfAStake() external {
        CourtParameters memory dearer = Defaults.courtParameters();
        dearer.seatStake = uint96(50 * UNIT);
        MarketParameters memory numbers = Defaults.parameters();
        vm.prank(timelock);
        parameters.append(numbers, dearer);
        openLot(3);
        commitBook();
        int16[] memory votes = all(0, GOOD);
        votes[0] = BAD;
        toDecided(votes);
        (uint32[] memory seatIds, ) = court.juryOf(lotId, 0);
        assertEq(caseOf().penaltyFees, 10);
        assertEq(court.seat(seatIds[1]).reserved, 10 * UNIT);
        vm.warp(caseOf().deadline + 1);
        expectConcluded(Verdict.Rejected, 4 * UNIT, 10 * UNIT, 0, 0, 10 * UNIT, 6 * UNIT);
        conclude();
        assertSeat(seatIds[0], 0, 10);
        assertSeat(seatIds[1], 1, 0);
        assertOver(1, 0);
    }

    function test_conclude_takesTwiceTheBondTheSecondTime() external {
        toDecided(all(0, GOOD));
        concludeLate();
        toDecided(all(0, GOOD));
        assertBooks(20 * UNIT);
        vm.warp(caseOf().deadline + 1);
        expectConcluded(Verdict.Rejected, 5 * UNIT, 0, 0, 0, 15 * UNIT, 0);
        conclude();
        assertOver(2, 0);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooManyChallenges.selector, 2));
        challenge();
    }

    // ---------------------------------------------------------------- lapses

    function test_conclude_givesTheBondToTheProviderWithoutEvidence() external {
        toEvidence();
        vm.warp(caseOf().deadline + 1);
        expectConcluded(Verdict.Rejected, 0, 0, 0, 0, 10 * UNIT, 0);
        conclude();
        assertOver(1, 0);
    }

    function test_conclude_returnsTheBondWithoutAJury() external {
        toDrawing();
        vm.warp(caseOf().deadline + 1);
        expectConcluded(Verdict.None, 0, 0, 0, 10 * UNIT, 0, 0);
        conclude();
        assertOver(1, 0);
    }

    function test_conclude_returnsAnAppealThatNobodyHeard() external {
        toDecided(all(0, BAD));
        appeal(provider);
        assertBooks(21 * UNIT);
        vm.warp(caseOf().deadline + 1);
        expectConcluded(Verdict.Fault, 5 * UNIT, 0, 5 * UNIT, 10 * UNIT, 11 * UNIT, 0);
        conclude();
        assertOver(1, 0);
    }

    function test_conclude_endsWithoutAVerdictOnceTheLotIsSettled() external {
        toCommit();
        vm.warp(block.timestamp + 91 days);
        settle(lot, submission);
        expectConcluded(Verdict.None, 0, 0, 0, 10 * UNIT, 0, 0);
        conclude();
        assertOver(1, 0);
    }

    // ---------------------------------------------------------------- appeals

    function test_conclude_judgesAllRoundsByTheLastVerdict() external {
        toDecided(all(0, BAD));
        (uint32[] memory first, ) = court.juryOf(lotId, 0);
        appeal(provider);
        hearAgain(all(1, GOOD));
        assertBooks(21 * UNIT);
        vm.warp(caseOf().deadline + 1);
        // Five wrong jurors pay twenty fees; the provider has their bond back, and the challenger's.
        expectConcluded(Verdict.Rejected, 11 * UNIT, 20 * UNIT, 0, 0, 21 * UNIT, 9 * UNIT);
        conclude();
        for (uint256 round = 0; round < 2; round++) assertForgotten(round);
        for (uint256 i = 0; i < 5; i++) assertSeat(first[i], 0, 4);
        assertOver(1, 0);
    }

    function test_conclude_penalisesWhoWasAbsentInARoundBefore() external {
        toDecided(votesOf(0, 4, BAD, Votes.ABSENT));
        (uint32[] memory first, ) = court.juryOf(lotId, 0);
        appeal(provider);
        hearAgain(all(1, BAD));
        vm.warp(caseOf().deadline + 1);
        // The provider's bond of eleven fees and the absentee's four pay all fifteen jurors.
        expectConcluded(Verdict.Fault, 15 * UNIT, 4 * UNIT, 0, 10 * UNIT, 0, 0);
        conclude();
        assertSeat(first[4], 0, 4);
        assertOver(1, 0);
    }

    function test_conclude_paysTheLargestJuryAtOnce() external {
        toDecided(all(0, GOOD));
        appeal(buyer);
        hearAgain(all(1, BAD));
        appeal(provider);
        hearAgain(all(2, BAD));
        // 34 fees of the last two juries, of 20 that the first one lost and of the provider's bond, of which 9 are over.
        expectConcluded(Verdict.Fault, 34 * UNIT, 20 * UNIT, 0, 21 * UNIT, 0, 9 * UNIT);
        conclude();
        for (uint256 round = 0; round < 3; round++) assertForgotten(round);
        assertOver(1, 0);
    }

    function test_conclude_takesNoMoreThanTheCollateral() external {
        toDecided(all(0, UNSURE));
        appeal(buyer);
        hearAgain(all(1, UNSURE));
        appeal(buyer);
        int16[] memory votes = all(2, BAD);
        hearAgain(votes);
        // 23 fees for the last jury; twenty are all there is.
        expectConcluded(Verdict.Fault, 23 * UNIT, 0, 20 * UNIT, 41 * UNIT, 0, 0);
        conclude();
        assertOver(1, 0);
    }

    // ---------------------------------------------------------------- items

    function test_concludeItem_voidsTheItemAlone() external {
        toCommit(CaseKind.Item);
        vote(all(0, BAD));
        decide();
        vm.warp(caseOf().deadline + 1);
        // Half of five fees each, rounded for the provider.
        uint256 cost = (5 * UNIT) / 2;
        expectConcluded(Verdict.Fault, 5 * UNIT, 0, cost, 10 * UNIT + cost - 5 * UNIT, 0, 0);
        vm.prank(stranger);
        court.concludeItem(lot, submission, Books.placedLeaf(book(), INDEX - 1), Books.placedLeaf(book(), INDEX));
        assertOver(1, 0);
        assertLotStatus(LotStatus.None);
    }

    /// @notice Of running totals, what the item added: here after an item that ended in an error, and another.
    function test_concludeItem_voidsWhatTheItemAdded() external {
        openLot(3);
        Book memory written = honestBook();
        written.receipts[INDEX - 2].stopReason = Books.STOP_ERROR;
        Books.tally(written);
        submission = commit(written);
        Totals memory before = written.totals[INDEX - 1];
        Totals memory after_ = written.totals[INDEX];
        assertTrue(before.promptTokens != 0 && before.outputTokens != 0 && before.errors != 0, "no item before");

        toFaultyItem(INDEX);
        Totals memory added = Totals({
            promptTokens: after_.promptTokens - before.promptTokens,
            outputTokens: after_.outputTokens - before.outputTokens,
            errors: after_.errors - before.errors
        });
        expectVoided(added);
        court.concludeItem(lot, submission, Books.placedLeaf(written, INDEX - 1), Books.placedLeaf(written, INDEX));
    }

    function test_concludeItem_ofTheFirstNeedsNoneBefore() external {
        toFaultyItem(0);
        expectVoided(book().totals[0]);
        court.concludeItem(lot, submission, Books.noLeaf(), Books.placedLeaf(book(), 0));
    }

    function test_concludeItem_refusesOtherLeavesAndOtherVerdicts() external {
        toCommit(CaseKind.Item);
        vote(all(0, BAD));
        decide();
        vm.warp(caseOf().deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotInTree.selector, INDEX));
        court.concludeItem(lot, submission, Books.placedLeaf(book(), INDEX - 1), Books.placedLeaf(book(), INDEX + 1));
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotInTree.selector, INDEX - 1));
        court.concludeItem(lot, submission, Books.placedLeaf(book(), INDEX), Books.placedLeaf(book(), INDEX));
    }

    function test_concludeItem_refusesAnItemThatWasRight() external {
        toCommit(CaseKind.Item);
        vote(all(0, GOOD));
        decide();
        vm.warp(caseOf().deadline + 1);
        expectStatus(CaseStatus.Decided);
        court.concludeItem(lot, submission, Books.placedLeaf(book(), INDEX - 1), Books.placedLeaf(book(), INDEX));
    }

    function test_concludeItem_refusesAnAuditedItem() external {
        toDecided(all(0, BAD));
        vm.warp(caseOf().deadline + 1);
        expectStatus(CaseStatus.Decided);
        court.concludeItem(lot, submission, Books.placedLeaf(book(), INDEX - 1), Books.placedLeaf(book(), INDEX));
    }

    /// @notice Nothing is left of a round's votes.
    function assertForgotten(uint256 round) private view {
        (, int16[] memory votes) = court.juryOf(lotId, round);
        assertEq(Votes.countRevealed(votes), 0, "votes");
    }

    /// @notice An item outside of the audit set, found wrong, whose verdict nobody may appeal any more.
    function toFaultyItem(uint32 index) private {
        vm.prank(buyer);
        court.challenge(job, lot, submission, index, noProof(), keccak256(abi.encode(CHALLENGER_SECRET)));
        answer();
        openEvidence();
        draw();
        shareKeys();
        vote(all(0, BAD));
        decide();
        vm.warp(caseOf().deadline + 1);
    }

    /// @notice The next call has the Market void this much, for half of five fees.
    function expectVoided(Totals memory voided) private {
        bytes32 digest = Hashes.resultsDigest(submission);
        bytes memory call = abi.encodeCall(IMarket.void, (lot, digest, submission.totals, voided, (5 * UNIT) / 2));
        vm.expectCall(address(market), call, 1);
    }
}
