// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {CaseKind, CaseStatus} from "../../../contracts/types/Case.sol";
import {PlacedLeaf} from "../../../contracts/types/Fault.sol";
import {LotStatus} from "../../../contracts/types/Lot.sol";
import {SeatView} from "../../../contracts/types/Seat.sol";
import {vm} from "../helpers/Vm.sol";
import {CourtBench} from "./CourtBench.sol";
import {CourtRules} from "./CourtRules.sol";

/// @title How cases end, watched
/// @notice What seats and the provider have before and after is looked up in the contracts, beside all bookkeeping.
abstract contract CourtEndings is CourtBench {
    /// @dev What is looked at before a case ends.
    struct Before {
        uint256 stakes;
        uint256 earnings;
        uint256 bonds;
        uint256 provider;
        uint256[] jurorStakes;
        /// @dev Whether most of the jury that has the last word found the truth, and said so.
        bool isHonest;
        bool isWarranted;
        /// @dev That jury.
        uint256 last;
    }

    uint256 private constant NONE = type(uint256).max;

    /// @notice A slash that had no cause, or nothing.
    string public unwarranted;
    /// @notice How an honest majority lost something, or nothing.
    string public robbed;
    /// @notice What was paid beyond what there was, or nothing.
    string public overpaid;
    // ---------------------------------------------------------------- endings

    function conclude(uint256 by, uint256 which) external {
        Entry storage e = _pickRipe(which);
        if (e.lotId != 0) _conclude(e, actors[by % actors.length]);
    }

    /// @notice Now and then with a leaf that is not that of the item.
    function concludeItem(uint256 by, uint256 which, uint256 spoilt) external {
        Entry storage e = _pickRipe(which);
        if (e.lotId != 0) _concludeItem(e, actors[by % actors.length], spoilt % 8);
    }

    /// @notice Never anyone's but the Market's.
    function preemptAsSomeone(uint256 by, uint256 which) external {
        if (by % 16 != 0) return;
        Entry storage e = entries[which % TABLES];
        vm.prank(actors[(by / 16) % actors.length]);
        try court.preempt(e.lotId) {
            wrong = "preempt";
        } catch {}
    }

    // ---------------------------------------------------------------- internals

    function _conclude(Entry storage e, address by) internal {
        Before memory before = _lookBefore(e);
        string memory name = isDemand(e) ? "concludeDemand" : "conclude";
        if (isConcludable(e) && e.status != LotStatus.Challenged) name = "concludeSettled";
        if (!act(name, by, abi.encodeCall(ICourt.conclude, (e.lot)), isConcludable(e))) return;
        _lookAfter(e, before);
        if (!isDemand(e) && market.lotState(e.lotId).status() == LotStatus.Open) _count("concludedFault", true);
        conclude(e);
    }

    /// @param spoilt 0: with the next item's leaf.
    function _concludeItem(Entry storage e, address by, uint256 spoilt) internal {
        Before memory before = _lookBefore(e);
        uint256 index = e.suit.index;
        PlacedLeaf memory previous;
        if (index != 0) previous = leafAt(e.isLarge, index - 1);
        uint256 shown = spoilt == 0 ? (index + 1) % e.lot.itemCount : index;
        bytes memory call = abi.encodeCall(
            ICourt.concludeItem,
            (e.lot, submissionOf(e.isLarge, e.isOff), previous, leafAt(e.isLarge, shown))
        );
        if (!act("concludeItem", by, call, isItemConcludable(e) && spoilt != 0)) return;
        _lookAfter(e, before);
        concludeItem(e);
    }

    function _lookBefore(Entry storage e) private view returns (Before memory before) {
        if (!isConcludable(e) && !isItemConcludable(e)) return before;
        (before.stakes, before.earnings) = _purses();
        before.bonds = e.suit.challengerBonds + e.suit.providerBonds;
        before.provider = worthOf(e.lot.provider);
        if (e.status != LotStatus.Challenged) return before;
        bool isDelivery = e.suit.kind == CaseKind.Delivery;
        // Silence slashes where the results are owed.
        before.isWarranted = isDelivery && (isIn(e, CaseStatus.Demanded) || isIn(e, CaseStatus.Keys));
        before.last = _lastVerdictOf(e);
        if (before.last == NONE) return before;
        before.isWarranted = e.suit.kind != CaseKind.Item;
        Jury storage jury = juries[caseIdOf(e)][before.last];
        uint256 honest;
        before.jurorStakes = new uint256[](jury.places.length);
        for (uint256 i = 0; i < jury.places.length; i++) {
            if (!_isHonest(jury, i)) continue;
            honest++;
            before.jurorStakes[i] = court.seat(jury.places[i].seatId).stake;
        }
        before.isHonest = 2 * honest > jury.places.length;
        if (!before.isHonest || !before.isWarranted) return before;
        before.isWarranted = isDelivery ? jury.truth == CourtRules.NO_EVIDENCE : jury.truth >= 37;
    }

    function _lookAfter(Entry storage e, Before memory before) private {
        (uint256 stakes, uint256 earnings) = _purses();
        uint256 provider_ = worthOf(e.lot.provider);
        uint256 lost = provider_ < before.provider ? before.provider - provider_ : 0;
        if (lost > e.lot.collateral) overpaid = "more than the collateral";
        if (earnings - before.earnings > before.bonds + before.stakes - stakes + lost) overpaid = "fees from nowhere";
        if (market.lotState(e.lotId).status() == LotStatus.Open && !before.isWarranted) {
            // It may have been slashed by a fault that is proven; then it was not held any more.
            if (e.status == LotStatus.Challenged) unwarranted = "slashed";
        }
        if (!before.isHonest) return;
        _count("honestMajority", true);
        Jury storage jury = juries[caseIdOf(e)][before.last];
        for (uint256 i = 0; i < jury.places.length; i++) {
            if (_isHonest(jury, i) && court.seat(jury.places[i].seatId).stake < before.jurorStakes[i]) robbed = "juror";
        }
    }

    /// @dev The jury whose verdict would stand if the case ended now; NONE if there is none.
    function _lastVerdictOf(Entry storage e) private view returns (uint256) {
        bool isUnheard = isIn(e, CaseStatus.Drawing) || isIn(e, CaseStatus.Failed);
        if (!isIn(e, CaseStatus.Decided) && !isUnheard) return NONE;
        Jury[] storage all = juries[caseIdOf(e)];
        for (uint256 i = all.length; i != 0; i--) if (!all[i - 1].isSettled) return i - 1;
        return NONE;
    }

    /// @dev A vote near the truth, revealed.
    function _isHonest(Jury storage jury, uint256 i) private view returns (bool) {
        Place storage place = jury.places[i];
        if (!place.hasRevealed) return false;
        if (jury.truth == CourtRules.NO_EVIDENCE || place.plan == CourtRules.NO_EVIDENCE) {
            return place.plan == jury.truth;
        }
        int256 off = int256(place.plan) - jury.truth;
        return off <= 16 && off >= -16;
    }

    /// @dev All stakes and all earnings, as the court has them.
    function _purses() private view returns (uint256 stakes, uint256 earnings) {
        for (uint32 seatId = 1; seatId < chairs.length; seatId++) {
            SeatView memory shown = court.seat(seatId);
            stakes += shown.stake;
            earnings += shown.earnings;
        }
    }

    /// @dev A case that is over but for saying so, or mostly one with a case.
    function _pickRipe(uint256 which) internal view returns (Entry storage e) {
        for (uint256 i = 0; i < TABLES && which % 8 != 0; i++) {
            e = entries[((which / 8) + i) % TABLES];
            if (isConcludable(e) || isItemConcludable(e)) return e;
        }
        return entries[(which / 8) % TABLES];
    }
}
