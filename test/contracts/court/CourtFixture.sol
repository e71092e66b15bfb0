// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {Votes} from "../../../contracts/libraries/Votes.sol";
import {AuditProof, Case, CaseKind, CaseStatus, Docket, Verdict} from "../../../contracts/types/Case.sol";
import {LotStatus} from "../../../contracts/types/Lot.sol";
import {SeatView} from "../../../contracts/types/Seat.sol";
import {vm} from "../helpers/Vm.sol";
import {CourtLot} from "./CourtLot.sol";

/// @title The steps of a case about the submitted lot, and what must be true after them
abstract contract CourtFixture is CourtLot {
    Docket private _docket;

    // ---------------------------------------------------------------- steps

    /// @notice The buyer challenges an item of the audit set.
    function challenge() internal {
        challenge(buyer, auditProof(INDEX));
    }

    /// @notice The buyer challenges an item outside of it.
    function challengeItem() internal {
        challenge(buyer, noProof());
    }

    function challenge(address by, AuditProof memory proof) internal {
        vm.prank(by);
        court.challenge(job, lot, submission, INDEX, proof, keccak256(abi.encode(CHALLENGER_SECRET)));
    }

    function answer() internal {
        vm.prank(provider);
        court.answer(lot, PROVIDER_SECRET);
    }

    /// @notice By the challenger, after an answer.
    function openEvidence() internal {
        vm.prank(caseOf().challenger);
        court.openEvidence(lotId, CHALLENGER_SECRET, PROVIDER_SECRET, EVIDENCE);
    }

    /// @notice Two blocks later, by anyone.
    function draw() internal {
        mine(2);
        vm.prank(stranger);
        court.draw(job, lot);
    }

    /// @notice By whose turn it is.
    function shareKeys() internal {
        Case memory c = caseOf();
        bytes[] memory keys = wrappedKeys(Votes.sizeOf(c.round));
        vm.prank(c.kind == CaseKind.Delivery ? provider : c.challenger);
        court.shareKeys(lot, keys);
    }

    function commitVote(uint256 place, int16 vote_) internal {
        (uint32 seatId, address voter) = jurorAtPlace(place);
        bytes32 commitment = commitmentOf(seatId, vote_);
        vm.prank(voter);
        court.commitVote(lotId, place, commitment);
    }

    /// @notice By anyone.
    function revealVote(uint256 place, int16 vote_) internal {
        vm.prank(stranger);
        court.revealVote(lotId, place, vote_, SALT);
    }

    /// @notice All of the jury commit and reveal, but those who are ABSENT.
    function vote(int16[] memory votes) internal {
        for (uint256 i = 0; i < votes.length; i++) if (votes[i] != Votes.ABSENT) commitVote(i, votes[i]);
        if (Votes.countRevealed(votes) != votes.length) vm.warp(caseOf().deadline + 1);
        for (uint256 i = 0; i < votes.length; i++) if (votes[i] != Votes.ABSENT) revealVote(i, votes[i]);
    }

    /// @notice By anyone, as soon as that is possible.
    function decide() internal {
        Case memory c = caseOf();
        (, int16[] memory votes) = court.juryOf(lotId, c.round);
        if (Votes.countRevealed(votes) != votes.length) {
            vm.warp(c.deadline + (c.status == CaseStatus.Commit ? PHASE : 0) + 1);
        }
        vm.prank(stranger);
        court.decide(lotId);
    }

    function appeal(address by) internal {
        vm.prank(by);
        court.appeal(lot);
    }

    /// @notice By anyone, now.
    function conclude() internal {
        vm.prank(stranger);
        court.conclude(lot);
    }

    /// @notice By anyone, after the deadline.
    function concludeLate() internal {
        vm.warp(caseOf().deadline + 1);
        conclude();
    }

    // ---------------------------------------------------------------- steps together

    function toEvidence() internal {
        challenge();
        answer();
    }

    function toDrawing() internal {
        toEvidence();
        openEvidence();
    }

    function toKeys() internal {
        toDrawing();
        draw();
    }

    function toCommit() internal {
        toKeys();
        shareKeys();
    }

    /// @notice A case of this kind up to the keys.
    function toCommit(CaseKind kind) internal {
        if (kind == CaseKind.Audit) challenge();
        if (kind == CaseKind.Item) challengeItem();
        if (kind == CaseKind.Delivery) toObjection();
        answer();
        openEvidence();
        draw();
        shareKeys();
    }

    function toDecided(int16[] memory votes) internal {
        toCommit();
        vote(votes);
        decide();
    }

    /// @notice From a drawing of an appeal on.
    function hearAgain(int16[] memory votes) internal {
        draw();
        shareKeys();
        vote(votes);
        decide();
    }

    function demandDelivery() internal {
        vm.prank(buyer);
        court.demandDelivery(job, lot);
    }

    function answerDelivery() internal {
        vm.prank(provider);
        court.answerDelivery(lot, "key");
    }

    function toObjection() internal {
        demandDelivery();
        answerDelivery();
        vm.prank(buyer);
        court.objectDelivery(job, lot, keccak256(abi.encode(CHALLENGER_SECRET)));
    }

    function mine(uint256 blocks) internal {
        height += blocks;
        vm.roll(height);
    }

    // ---------------------------------------------------------------- what is known

    function caseOf() internal returns (Case memory c) {
        _docket = court.docketOf(lotId);
        c = _docket.readHead(lotId);
        _docket.readTerms(c);
    }

    /// @notice Of the present jury.
    function jurorAtPlace(uint256 place) internal returns (uint32 seatId, address voter) {
        (uint32[] memory seatIds, ) = court.juryOf(lotId, caseOf().round);
        return (seatIds[place], court.seat(seatIds[place]).voter);
    }

    /// @dev Written out again, as a juror's client would.
    function juryId() internal returns (bytes32) {
        Case memory c = caseOf();
        uint256 first;
        for (uint256 round = 0; round <= c.round; round++) {
            uint256 redraws = (c.redraws >> (2 * round)) & 3;
            first += (round == c.round ? redraws : redraws + 1) * Votes.sizeOf(round);
        }
        return keccak256(abi.encode(keccak256(abi.encode(lotId, c.challenges)), first));
    }

    function commitmentOf(uint32 seatId, int16 vote_) internal returns (bytes32) {
        return keccak256(abi.encode(juryId(), seatId, vote_, SALT));
    }

    function free(address account) internal view returns (uint256) {
        return market.accountOf(account).free;
    }

    // ---------------------------------------------------------------- expectations

    function assertCase(CaseStatus status, uint256 deadline) internal {
        Case memory c = caseOf();
        assertEq(uint256(c.status), uint256(status), "status");
        assertEq(c.deadline, deadline, "deadline");
    }

    /// @notice The case is over: nothing is left of it but counts.
    function assertOver(uint256 challenges, uint256 demands) internal view {
        Docket memory docket = court.docketOf(lotId);
        assertEq(docket.head, (challenges << 240) | (demands << 242), "head");
        assertEq(docket.terms, 0, "terms");
        assertEq(docket.seed, bytes32(0), "seed");
        assertEq(docket.provider, address(0));
        assertBooks(0);
        for (uint32 id = 1; id <= JURORS; id++) assertEq(court.seat(id).reserved, 0, "reserved");
    }

    function assertLotStatus(LotStatus status) internal view {
        assertEq(uint256(market.lotState(lotId).status()), uint256(status), "lot");
    }

    /// @notice The lot is as it was, with `left` seconds of its window.
    function assertResumed(uint256 left) internal view {
        assertLotStatus(LotStatus.Submitted);
        assertEq(market.lotState(lotId).timestamp(), block.timestamp + left, "window");
    }

    /// @notice The court has what its seats stake and have earned and `inCase`, to the unit; and so has the Market of
    /// everyone.
    function assertBooks(uint256 inCase) internal view {
        uint256 seats;
        uint256 all = free(address(court));
        for (uint32 id = 1; id <= JURORS; id++) {
            SeatView memory seat = court.seat(id);
            seats += uint256(seat.stake) + seat.earnings;
            all += free(jurorAt(id - 1));
        }
        assertEq(free(address(court)), seats + inCase, "the court's money");
        (, uint256 stake) = court.seatsOf(job.request.modelId);
        uint256 stakes;
        for (uint32 id = 1; id <= JURORS; id++) stakes += court.seat(id).stake;
        assertEq(stake, stakes, "stake of all seats");
        address[7] memory others = [buyer, provider, rival, stranger, vault, address(faults), auditor];
        for (uint256 i = 0; i < others.length; i++) {
            all += free(others[i]) + market.accountOf(others[i]).locked;
        }
        assertEq(asset.balanceOf(address(market)), all, "everyone's money");
    }

    /// @notice What a seat has earned and lost, in fees.
    function assertSeat(uint32 seatId, uint256 earned, uint256 lost) internal view {
        SeatView memory seat = court.seat(seatId);
        assertEq(seat.earnings, earned * UNIT, "earnings");
        assertEq(seat.stake, STAKE - lost * UNIT, "stake");
    }

    function expectStatus(CaseStatus status) internal {
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongStatus.selector, lotId, status));
    }

    function expectTooLate() internal {
        uint256 deadline = caseOf().deadline;
        expectTooLate(deadline);
    }

    function expectTooLate(uint256 deadline) internal {
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooLate.selector, block.timestamp, deadline));
    }

    function expectTooEarly(uint256 deadline) internal {
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, block.timestamp, deadline));
    }

    function expectNotParty(address caller, address party) internal {
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotParty.selector, caller, party));
    }

    /// @notice What the next call pays: to whom, in base units.
    function expectConcluded(
        Verdict verdict,
        uint256 fees,
        uint256 penalties,
        uint256 cost,
        uint256 toChallenger,
        uint256 toProvider,
        uint256 toVault
    ) internal {
        vm.expectEmit(address(court));
        emit ICourt.CaseConcluded(lotId, verdict, fees, penalties, cost, toChallenger, toProvider, toVault);
    }
}
