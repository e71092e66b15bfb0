// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {ISeats} from "../../../contracts/interfaces/ISeats.sol";
import {CaseKind, CaseStatus} from "../../../contracts/types/Case.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {CourtParties} from "./CourtParties.sol";
import {CourtRules} from "./CourtRules.sol";

/// @title What jurors and their juries do, at random
/// @notice Whole juries lean one way: some are honest but for one, some are bought, of some most stay away.
abstract contract CourtBench is CourtParties {
    bytes32 private constant SALT = keccak256("salt");

    /// @notice Who was drawn and must not have been, or nothing.
    string public misdrawn;

    constructor() {
        chairs.push();
        for (uint256 i = 0; i < JURORS; i++) {
            fund(jurorAt(i), 3 * STAKE);
            dues[jurorAt(i)] = 3 * STAKE;
            _seat(jurorAt(i), jurorAt(i));
        }
        for (uint256 i = 0; i < actors.length; i++) dues[actors[i]] = worthOf(actors[i]);
        _seat(buyer, buyer);
        _seat(provider, provider);
        _seat(auditor, auditor);
        _seat(patron, jurorAt(0));
        vm.warp(block.timestamp + 61);
    }

    function _seat(address owner, address voter) private {
        vm.prank(owner);
        court.takeSeat(owner, voter, Defaults.MODEL, bytes32(0));
        sitDown(owner, voter);
    }

    function sitDown(address owner, address voter) internal {
        chairs.push(Chair(owner, voter, block.timestamp + current.activationSeconds, current.seatStake, 0, 0));
        dues[owner] -= current.seatStake;
        setSeated(seated + 1);
    }

    // ---------------------------------------------------------------- juries

    function draw(uint256 by, uint256 which) external {
        Entry storage e = _pick(which, CaseStatus.Drawing);
        if (e.lotId == 0) return;
        if (which % 4 != 0 && isIn(e, CaseStatus.Drawing) && height < e.suit.armedBlock + 2) mine(2);
        _draw(e, actors[by % actors.length]);
    }

    function rearm(uint256 by, uint256 which, uint256 blocks) external {
        Entry storage e = _pick(which, CaseStatus.Drawing);
        if (e.lotId == 0) return;
        if (blocks % 8 == 0) mine(260);
        _rearm(e, actors[by % actors.length]);
    }

    function shareKeys(uint256 by, uint256 which, uint256 dice) external {
        Entry storage e = _pick(which, CaseStatus.Keys);
        if (e.lotId != 0) _shareKeys(e, callerFor(by, _keyHolderOf(e)), dice);
    }

    function commitVote(uint256 by, uint256 which, uint256 place, uint256 dice) external {
        Entry storage e = _pick(which, CaseStatus.Commit);
        if (e.lotId != 0 && juries[caseIdOf(e)].length != 0) _commit(e, by, place, dice);
    }

    function revealVote(uint256 by, uint256 which, uint256 place, uint256 dice) external {
        Entry storage e = _pick(which, which % 2 == 0 ? CaseStatus.Commit : CaseStatus.Reveal);
        if (e.lotId != 0 && juries[caseIdOf(e)].length != 0) _reveal(e, by, place, dice);
    }

    function decide(uint256 by, uint256 which) external {
        Entry storage e = _pick(which, which % 2 == 0 ? CaseStatus.Commit : CaseStatus.Reveal);
        if (e.lotId != 0) _decide(e, actors[by % actors.length]);
    }

    // ---------------------------------------------------------------- internals: the draw

    function _draw(Entry storage e, address by) internal returns (bool) {
        bool isDue =
            isTimely(e, CaseStatus.Drawing) &&
                block.number > e.suit.armedBlock + 1 &&
                block.number <= e.suit.armedBlock + 257;
        uint256 size = CourtRules.sizeOf(e.suit.round);
        bytes memory call = abi.encodeCall(ICourt.draw, (e.job, e.lot));
        (bool succeeded, bytes memory returned) = tryTo("draw", by, address(court), call);
        if (succeeded && !isDue) wrong = "draw";
        if (!succeeded && isDue) {
            bool areFew = bytes4(returned) == ISeats.Seats_NotEnough.selector;
            // With five more than are needed it is next to impossible to miss so many.
            if (!areFew || _countEligible(e) >= size + 5) refused = "draw";
        }
        if (!succeeded || !isDue) return false;
        _recordJury(e, size);
        return true;
    }

    function _recordJury(Entry storage e, uint256 size) private {
        (uint32[] memory seatIds, ) = court.juryOf(e.lotId, e.suit.round);
        if (seatIds.length != size) misdrawn = "size";
        bytes32 caseId = caseIdOf(e);
        uint256 first;
        for (uint256 i = 0; i < juries[caseId].length; i++) first += juries[caseId][i].places.length;
        for (uint256 i = 0; i < size; i++) {
            if (!_isEligible(e, seatIds[i])) misdrawn = "who may not";
            for (uint256 j = 0; j < i; j++) if (seatIds[i] == seatIds[j]) misdrawn = "twice in a jury";
        }
        Jury storage jury = juries[caseId].push();
        jury.id = keccak256(abi.encode(caseId, first));
        jury.round = e.suit.round;
        for (uint256 i = 0; i < size; i++) {
            jury.places.push(Place(seatIds[i], 0, false, false));
            chairs[seatIds[i]].reserved += penaltyOf(e);
        }
        advanceTo(e, CaseStatus.Keys);
    }

    /// @dev Whether a seat may be drawn for a case: not for a party, not twice, not if it came too late or cannot pay.
    function _isEligible(Entry storage e, uint256 seatId) private view returns (bool) {
        Chair storage chair = chairs[seatId];
        if (chair.owner == address(0) || chair.activeAt > e.job.openedAt) return false;
        if (chair.stake - chair.reserved < penaltyOf(e)) return false;
        if (_isParty(e, chair.owner) || _isParty(e, chair.voter)) return false;
        Jury[] storage all = juries[caseIdOf(e)];
        for (uint256 i = 0; i < all.length; i++) {
            for (uint256 j = 0; j < all[i].places.length; j++) if (all[i].places[j].seatId == seatId) return false;
        }
        return true;
    }

    function _isParty(Entry storage e, address account) private view returns (bool) {
        return
            account == e.lot.buyer ||
            account == e.lot.provider ||
            account == e.job.request.auditor ||
            account == e.suit.challenger;
    }

    function _countEligible(Entry storage e) private view returns (uint256 eligible) {
        for (uint256 i = 1; i < chairs.length; i++) if (_isEligible(e, i)) eligible++;
    }

    function _rearm(Entry storage e, address by) internal {
        bool isDue = isTimely(e, CaseStatus.Drawing) && block.number > e.suit.armedBlock + 257;
        if (act("rearm", by, abi.encodeCall(ICourt.rearm, (e.lotId)), isDue)) e.suit.armedBlock = block.number;
    }

    // ---------------------------------------------------------------- internals: votes

    function _keyHolderOf(Entry storage e) internal view returns (address) {
        return e.suit.kind == CaseKind.Delivery ? e.lot.provider : e.suit.challenger;
    }

    /// @param dice Once in eight there is a key too few.
    function _shareKeys(Entry storage e, address by, uint256 dice) internal {
        bool isDelivery = e.suit.kind == CaseKind.Delivery;
        bool isDue = isTimely(e, CaseStatus.Keys) && dice % 8 != 0;
        isDue = isDue && (isDelivery ? providesFor(by, e.lot.provider) : spendsFor(by, e.suit.challenger));
        uint256 size = CourtRules.sizeOf(e.suit.round) - (dice % 8 == 0 ? 1 : 0);
        if (!act("shareKeys", by, abi.encodeCall(ICourt.shareKeys, (e.lot, wrappedKeys(size))), isDue)) return;
        advanceTo(e, CaseStatus.Commit);
        Jury storage jury = benchOf(e);
        jury.mood = uint256(keccak256(abi.encode(e.dice, jury.id)));
        jury.truth = truthOf(e);
    }

    /// @notice What an honest juror finds now. In half of the lots no item is wrong; now and then keys are useless.
    function truthOf(Entry storage e) internal view returns (int16) {
        uint256 roll = uint256(keccak256(abi.encode(e.dice, e.challenges)));
        if (e.suit.kind == CaseKind.Delivery) return roll % 2 == 0 ? int16(-100) : CourtRules.NO_EVIDENCE;
        if (roll % 8 == 0) return CourtRules.NO_EVIDENCE;
        if (e.dice % 2 == 0) return -100;
        return [int16(-100), 80, 80, 10][uint256(keccak256(abi.encode(e.dice, e.suit.index))) % 4];
    }

    /// @dev How a juror of a jury in this mood votes; ABSENT: not at all.
    function _planOf(Jury storage jury, uint256 place) private view returns (int16) {
        uint256 roll = uint256(keccak256(abi.encode(jury.mood, place)));
        uint256 honest = [uint256(100), 90, 70, 50, 10, 10][jury.mood % 6];
        int16 truth = jury.truth;
        if (roll % 100 < honest) {
            return truth == CourtRules.NO_EVIDENCE ? truth : truth + int16(int256((roll >> 16) % 33)) - 16;
        }
        uint256 way = (roll >> 32) % 4;
        // One of three such juries stays away as a whole.
        if (way == 0 || (jury.mood >> 16) % 3 == 0) return CourtRules.ABSENT;
        if (way == 1) return CourtRules.NO_EVIDENCE;
        // Bribes are for votes on the other side, or for what is hard to prove.
        int16 bribed =
            truth > -64 && truth < 37 ? [int16(-90), 70][(jury.mood >> 24) % 2] : (truth > 0 ? -90 : int16(70));
        if (way == 2 || (jury.mood >> 32) % 4 != 0) return bribed + int16(int256((roll >> 48) % 40)) - 20;
        return int16(uint16(roll >> 64));
    }

    /// @param dice Once in sixteen by someone else, and once a commitment to nothing.
    function _commit(Entry storage e, uint256 by, uint256 place, uint256 dice) internal {
        Jury storage jury = benchOf(e);
        uint256 size = jury.places.length;
        place = dice % 16 == 0 ? size : place % size;
        bytes32 commitment;
        address voter = actors[by % actors.length];
        int16 plan;
        bool isDue = isTimely(e, CaseStatus.Commit) && place < size;
        if (isDue) {
            Place storage taken = jury.places[place];
            address right = chairs[taken.seatId].voter;
            if (dice % 16 != 1) voter = right;
            plan = _planOf(jury, place);
            if (dice % 16 != 2) commitment = keccak256(abi.encode(jury.id, taken.seatId, plan, SALT));
            isDue = voter == right && !taken.hasCommitted && commitment != 0;
        }
        if (!act("commitVote", voter, abi.encodeCall(ICourt.commitVote, (e.lotId, place, commitment)), isDue)) return;
        jury.places[place].plan = plan;
        jury.places[place].hasCommitted = true;
    }

    /// @param dice Once in sixteen another vote than was committed to, and once from another place.
    function _reveal(Entry storage e, uint256 by, uint256 place, uint256 dice) internal {
        Jury storage jury = benchOf(e);
        place = dice % 16 == 0 ? place % 32 : place % jury.places.length;
        bool isDue = isRevealable(e) && place < jury.places.length && dice % 16 != 1;
        int16 vote_;
        if (place < jury.places.length) {
            Place storage taken = jury.places[place];
            vote_ = taken.plan;
            isDue = isDue && taken.hasCommitted && !taken.hasRevealed && vote_ != CourtRules.ABSENT;
        }
        if (dice % 16 == 1) vote_ = vote_ == 1 ? int16(2) : int16(1);
        bytes memory call = abi.encodeCall(ICourt.revealVote, (e.lotId, place, vote_, SALT));
        if (!act("revealVote", actors[by % actors.length], call, isDue)) return;
        jury.places[place].hasRevealed = true;
        if (block.timestamp <= e.suit.deadline && isIn(e, CaseStatus.Commit)) advanceTo(e, CaseStatus.Reveal);
    }

    /// @dev But those who stay away. Of the others one in four juries has one who commits and then stays away.
    function _commitAll(Entry storage e, uint256 dice) internal {
        Jury storage jury = benchOf(e);
        for (uint256 i = 0; i < jury.places.length; i++) {
            if (jury.places[i].hasCommitted) continue;
            if (_planOf(jury, i) == CourtRules.ABSENT && dice % 4 != 0) continue;
            _commit(e, 0, i, 15);
        }
    }

    function _revealAll(Entry storage e) internal {
        Jury storage jury = benchOf(e);
        for (uint256 i = 0; i < jury.places.length && isRevealable(e); i++) {
            Place storage place = jury.places[i];
            if (place.hasCommitted && !place.hasRevealed && place.plan != CourtRules.ABSENT) _reveal(e, 0, i, 15);
        }
    }

    function _decide(Entry storage e, address by) internal {
        if (!act("decide", by, abi.encodeCall(ICourt.decide, (e.lotId)), isDecidable(e))) return;
        judge(e);
        if (isIn(e, CaseStatus.Failed)) _count("failed", true);
        if (isIn(e, CaseStatus.Decided) && e.suit.round != 0) {
            _count(e.suit.round == 1 ? "decidedSecond" : "decidedLast", true);
        }
    }
}
