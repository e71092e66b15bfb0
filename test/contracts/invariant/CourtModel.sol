// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CaseKind, CaseStatus, Verdict} from "../../../contracts/types/Case.sol";
import {CourtParameters} from "../../../contracts/types/CourtParameters.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {CourtActors} from "./CourtActors.sol";
import {CourtRules} from "./CourtRules.sol";

/// @title A second bookkeeping of cases
/// @notice From the rules alone: where each lot and its case are, who sits and has voted, and what everyone has. The
/// contracts are asked for nothing but whom they drew.
abstract contract CourtModel is CourtActors {
    /// @notice A case, or a demand for a delivery.
    struct Suit {
        CaseStatus status;
        CaseKind kind;
        /// @dev Of the last jury that decided, with its median.
        Verdict verdict;
        int16 median;
        address challenger;
        bool isAnswered;
        /// @dev Who bonded the last appeal.
        bool isProviders;
        uint256 deadline;
        uint256 windowLeft;
        uint256 index;
        uint256 round;
        /// @dev Juries of this round that failed.
        uint256 redraws;
        uint256 armedBlock;
        uint256 prepaid;
        uint256 challengerBonds;
        uint256 providerBonds;
        /// @dev Part of one of these: for the round that is not heard yet.
        uint256 lastBond;
    }

    /// @notice A lot that was submitted.
    struct Entry {
        Job job;
        Lot lot;
        bytes32 lotId;
        CourtParameters terms;
        bool isLarge;
        bool isOff;
        uint256 dice;
        LotStatus status;
        /// @dev Last second of the window or of the hold.
        uint256 until;
        uint256 challenges;
        uint256 demands;
        /// @dev Seats as they were when the second began in which the job was opened.
        uint256 seats;
        Suit suit;
    }

    struct Place {
        uint32 seatId;
        /// @dev What the juror commits to.
        int16 plan;
        bool hasCommitted;
        bool hasRevealed;
    }

    struct Jury {
        bytes32 id;
        uint256 round;
        bool isSettled;
        /// @dev What an honest juror finds.
        int16 truth;
        uint256 mood;
        Place[] places;
    }

    /// @notice A juror's seat.
    struct Chair {
        address owner;
        address voter;
        uint256 activeAt;
        uint256 stake;
        uint256 reserved;
        uint256 earnings;
    }

    uint256 internal constant TABLES = 4;

    /// @dev Lots that are about something, or over; then another takes the place.
    Entry[TABLES] internal entries;
    mapping(bytes32 caseId => Jury[]) internal juries;
    /// @dev By seat id; the first is none.
    Chair[] internal chairs;
    uint256 internal seated;
    /// @dev When that last changed, and what it was before that second.
    uint256 private _seatedSince;
    uint256 private _seatedBefore;
    /// @notice What each account should have, apart from the court.
    mapping(address account => uint256) public dues;

    // ---------------------------------------------------------------- what is known

    function phaseOf(Entry storage e) internal view returns (uint256) {
        return e.terms.phaseSeconds;
    }

    function isIn(Entry storage e, CaseStatus status) internal view returns (bool) {
        return e.suit.status == status;
    }

    function isTimely(Entry storage e, CaseStatus status) internal view returns (bool) {
        return isIn(e, status) && block.timestamp <= e.suit.deadline;
    }

    function isDemand(Entry storage e) internal view returns (bool) {
        return isIn(e, CaseStatus.Demanded) || isIn(e, CaseStatus.Answered);
    }

    function isSitting(Entry storage e) internal view returns (bool) {
        return isIn(e, CaseStatus.Keys) || isIn(e, CaseStatus.Commit) || isIn(e, CaseStatus.Reveal);
    }

    function caseIdOf(Entry storage e) internal view returns (bytes32) {
        return keccak256(abi.encode(e.lotId, e.challenges));
    }

    /// @notice The jury that was drawn last.
    function benchOf(Entry storage e) internal view returns (Jury storage) {
        Jury[] storage all = juries[caseIdOf(e)];
        return all[all.length - 1];
    }

    function votesOf(Jury storage jury) internal view returns (int16[] memory votes) {
        votes = new int16[](jury.places.length);
        for (uint256 i = 0; i < votes.length; i++) {
            votes[i] = jury.places[i].hasRevealed ? jury.places[i].plan : CourtRules.ABSENT;
        }
    }

    function countRevealed(Jury storage jury) internal view returns (uint256 revealed) {
        for (uint256 i = 0; i < jury.places.length; i++) if (jury.places[i].hasRevealed) revealed++;
    }

    function haveAllCommitted(Jury storage jury) internal view returns (bool) {
        for (uint256 i = 0; i < jury.places.length; i++) if (!jury.places[i].hasCommitted) return false;
        return true;
    }

    /// @notice What the case can take of each juror.
    function penaltyOf(Entry storage e) internal view returns (uint256) {
        return CourtRules.penaltyOf(e.terms.seatStake, e.terms.jurorFee);
    }

    function firstBondOf(Entry storage e, uint256 challenges) internal view returns (uint256) {
        return 10 * challenges * e.terms.jurorFee;
    }

    function seatedAtOpening() internal view returns (uint256) {
        return _seatedSince == block.timestamp ? _seatedBefore : seated;
    }

    /// @notice All that seats stake.
    function stakeOfAll() internal view returns (uint256 stake) {
        for (uint256 i = 1; i < chairs.length; i++) stake += chairs[i].stake;
    }

    function isProtected(Entry storage e) internal view returns (bool) {
        uint256 seats = seated < e.seats ? seated : e.seats;
        uint256 stake = stakeOfAll();
        if (stake > seats * e.terms.seatStake) stake = seats * e.terms.seatStake;
        uint256 worth = uint256(e.lot.escrow) + e.lot.collateral;
        return seats >= e.terms.minSeats && worth * 10_000 <= stake * e.terms.kappaBps;
    }

    /// @notice Whether the court can take hold of a lot.
    function isOpenToDispute(Entry storage e) internal view returns (bool) {
        return isIn(e, CaseStatus.None) && e.status == LotStatus.Submitted && block.timestamp <= e.until;
    }

    /// @notice The verdict that a case would end with now.
    function verdictOf(Entry storage e) internal view returns (Verdict) {
        CaseStatus status = e.suit.status;
        if (status == CaseStatus.Keys) return e.suit.kind == CaseKind.Delivery ? Verdict.Fault : Verdict.Rejected;
        if (status == CaseStatus.Answer || status == CaseStatus.Evidence) return Verdict.Rejected;
        return e.suit.verdict;
    }

    /// @notice Whether a case of a held lot is over but for saying so.
    function isRipe(Entry storage e) internal view returns (bool) {
        CaseStatus status = e.suit.status;
        if (status == CaseStatus.None || status == CaseStatus.Commit || status == CaseStatus.Reveal) return false;
        if (status == CaseStatus.Failed) return true;
        if (status == CaseStatus.Decided && e.suit.round == CourtRules.LAST_ROUND) return true;
        return block.timestamp > e.suit.deadline + (status == CaseStatus.Answer ? phaseOf(e) : 0);
    }

    function isConcludable(Entry storage e) internal view returns (bool) {
        if (isIn(e, CaseStatus.None)) return false;
        if (e.status != LotStatus.Challenged) return true;
        return isRipe(e) && (isDemand(e) || e.suit.kind != CaseKind.Item || verdictOf(e) != Verdict.Fault);
    }

    function isItemConcludable(Entry storage e) internal view returns (bool) {
        return
            e.status == LotStatus.Challenged &&
            isRipe(e) &&
            !isDemand(e) &&
            e.suit.kind == CaseKind.Item &&
            verdictOf(e) == Verdict.Fault;
    }

    /// @notice Last second to reveal; zero where nobody votes.
    function revealEnd(Entry storage e) internal view returns (uint256) {
        if (isIn(e, CaseStatus.Reveal)) return e.suit.deadline;
        return isIn(e, CaseStatus.Commit) ? e.suit.deadline + phaseOf(e) : 0;
    }

    function isRevealable(Entry storage e) internal view returns (bool) {
        if (isTimely(e, CaseStatus.Commit)) return haveAllCommitted(benchOf(e));
        return block.timestamp <= revealEnd(e);
    }

    function isDecidable(Entry storage e) internal view returns (bool) {
        if (revealEnd(e) == 0) return false;
        Jury storage jury = benchOf(e);
        return block.timestamp > revealEnd(e) || countRevealed(jury) == jury.places.length;
    }

    /// @notice What the court owes for cases that live: bonds, and what is prepaid.
    function heldForCases() public view returns (uint256 held) {
        for (uint256 i = 0; i < TABLES; i++) {
            Suit storage suit = entries[i].suit;
            held += suit.challengerBonds + suit.providerBonds + suit.prepaid;
        }
    }

    function setSeated(uint256 count_) internal {
        if (_seatedSince != block.timestamp) (_seatedSince, _seatedBefore) = (block.timestamp, seated);
        seated = count_;
    }

    // ---------------------------------------------------------------- steps

    function advanceTo(Entry storage e, CaseStatus status) internal {
        e.suit.status = status;
        e.suit.deadline = block.timestamp + phaseOf(e);
    }

    function arm(Entry storage e) internal {
        advanceTo(e, CaseStatus.Drawing);
        e.suit.armedBlock = block.number;
    }

    function hold(Entry storage e) internal {
        e.status = LotStatus.Challenged;
        e.until = block.timestamp + 90 days;
    }

    function bond(Entry storage e, bool isProviders, uint256 amount) internal {
        Suit storage suit = e.suit;
        if (isProviders) {
            suit.providerBonds += amount;
            dues[e.lot.provider] -= amount;
        } else {
            suit.challengerBonds += amount;
            dues[suit.challenger] -= amount;
        }
        suit.isProviders = isProviders;
        suit.lastBond = amount;
    }
}
