// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {ISeats} from "../../../contracts/interfaces/ISeats.sol";
import {CaseStatus, Verdict} from "../../../contracts/types/Case.sol";
import {PlacedLeaf} from "../../../contracts/types/Fault.sol";
import {LotStatus} from "../../../contracts/types/Lot.sol";
import {SeatView} from "../../../contracts/types/Seat.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {CourtEndings} from "./CourtEndings.sol";
import {CourtRules} from "./CourtRules.sol";

/// @title Everything that anyone may do about cases, at random
/// @notice Beside single calls, by right and wrong callers at right and wrong times, there are those that lead a case on
/// by its next step, so that appeals and their appeals are reached. Whether a call goes through must be what the rules
/// say, each way.
contract CourtHandler is CourtEndings {
    // ---------------------------------------------------------------- a case at a time

    /// @notice The next proper step of a case, or a new one.
    function step(uint256 which, uint256 dice) external {
        _stray(entries[which % TABLES], dice >> 128);
        _step(entries[which % TABLES], dice);
        _count("step", true);
    }

    /// @notice As many steps as lead to a verdict, or from there to that of an appeal.
    function hear(uint256 which, uint256 dice) external {
        Entry storage e = entries[which % TABLES];
        for (uint256 i = 0; i < 10; i++) {
            uint256 roll = uint256(keccak256(abi.encode(dice, i)));
            if (roll % 8 < 3) _stray(e, roll >> 128);
            _step(e, roll);
            if (isIn(e, CaseStatus.Decided) || isIn(e, CaseStatus.Failed)) break;
        }
        _count("hear", true);
    }

    /// @notice Nobody does anything until the case is over, or its jury is; then someone tries to go on.
    function hush(uint256 which, uint256 dice) external {
        Entry storage e = entries[which % TABLES];
        if (e.lotId == 0) return;
        if (isOpenToDispute(e)) _challenge(e, e.lot.buyer, dice >> 8, dice >> 16);
        if (!isIn(e, CaseStatus.None)) waitUntil(e.suit.deadline + phaseOf(e) + 1);
        if (isDecidable(e)) _decide(e, stranger);
        else if (isItemConcludable(e)) _concludeItem(e, stranger, 1);
        else if (isConcludable(e)) _conclude(e, stranger);
        _stray(e, dice >> 128);
        _count("hush", true);
    }

    /// @dev A call that fits where the case is, mostly with something wrong about it.
    function _stray(Entry storage e, uint256 dice) private {
        if (e.lotId == 0) return;
        CaseStatus status = e.suit.status;
        address by = _strayCaller(e, dice);
        uint256 roll = dice >> 16;
        if (status == CaseStatus.None && dice % 3 == 0) _demandDelivery(e, by);
        else if (status == CaseStatus.None) _challenge(e, by, roll, roll >> 16);
        else if (dice % 5 == 0) _conclude(e, by);
        else if (status == CaseStatus.Demanded) _answerDelivery(e, by);
        else if (status == CaseStatus.Answered) _objectDelivery(e, by);
        else if (status == CaseStatus.Answer && dice % 2 == 0) _answer(e, by);
        else if (status == CaseStatus.Answer || status == CaseStatus.Evidence) _openEvidence(e, by, roll % 12);
        else if (status == CaseStatus.Drawing && dice % 2 == 0) _draw(e, by);
        else if (status == CaseStatus.Drawing) _rearm(e, by);
        else if (status == CaseStatus.Keys) _shareKeys(e, by, roll);
        else if (status == CaseStatus.Decided) _appeal(e, by);
        else if (status == CaseStatus.Failed) _concludeItem(e, by, roll % 8);
        else _strayVote(e, dice, roll);
    }

    function _strayVote(Entry storage e, uint256 dice, uint256 roll) private {
        if (dice % 3 == 0) _commit(e, roll, roll >> 16, roll % 4);
        else if (dice % 3 == 1) _reveal(e, roll, roll >> 16, roll % 4);
        else _decide(e, stranger);
    }

    /// @dev Anyone, or who would be right.
    function _strayCaller(Entry storage e, uint256 dice) private view returns (address) {
        if (dice % 2 == 0) return actors[(dice >> 8) % actors.length];
        CaseStatus status = e.suit.status;
        if (status == CaseStatus.None) return e.lot.buyer;
        bool isProviders = status == CaseStatus.Demanded || (status == CaseStatus.Answer && dice % 4 == 1);
        if (status == CaseStatus.Decided) isProviders = e.suit.verdict == Verdict.Fault;
        if (status == CaseStatus.Keys) return _keyHolderOf(e);
        return isProviders ? e.lot.provider : e.suit.challenger;
    }

    function _step(Entry storage e, uint256 dice) private {
        CaseStatus status = e.suit.status;
        if (status == CaseStatus.None) _stepToCase(e, dice);
        else if (isConcludable(e)) _conclude(e, stranger);
        else if (isItemConcludable(e)) _concludeItem(e, stranger, 1);
        else if (isDecidable(e)) _decide(e, stranger);
        else if (status == CaseStatus.Demanded) _answerDelivery(e, e.lot.provider);
        else if (status == CaseStatus.Answered) _stepFromAnswered(e);
        else if (status == CaseStatus.Answer) _stepFromAnswer(e);
        else if (status == CaseStatus.Evidence) _openEvidence(e, e.suit.challenger, 1);
        else if (status == CaseStatus.Drawing) _stepFromDrawing(e);
        else if (status == CaseStatus.Keys) _shareKeys(e, _keyHolderOf(e), 1);
        else if (status == CaseStatus.Decided) _stepFromDecided(e, dice);
        else _stepOfJury(e, dice);
    }

    function _stepToCase(Entry storage e, uint256 dice) private {
        // What has had all its cases, and now and then another, is left to its end.
        bool isDone = (e.challenges == 2 && e.demands == 2) || dice % 8 == 7;
        if (isDone && isOpenToDispute(e)) waitUntil(e.until + 1);
        if (!isOpenToDispute(e)) {
            if (e.status == LotStatus.Submitted) {
                _settle("settle", e, stranger, true, abi.encodeWithSelector(market.settle.selector));
            }
            _open(e, dice, dice >> 8);
        } else if (dice % 4 == 0) {
            _demandDelivery(e, e.lot.buyer);
        } else {
            _challenge(e, dice % 4 == 1 ? _challengerFor(7, e) : e.lot.buyer, dice >> 8, (dice >> 16) % 14);
        }
    }

    function _stepFromAnswered(Entry storage e) private {
        if (e.challenges < 2 && isProtected(e)) _objectDelivery(e, e.lot.buyer);
        else waitUntil(e.suit.deadline + 1);
    }

    function _stepFromAnswer(Entry storage e) private {
        if (block.timestamp <= e.suit.deadline) _answer(e, e.lot.provider);
        else _openEvidence(e, e.suit.challenger, 1);
    }

    function _stepFromDrawing(Entry storage e) private {
        if (height < e.suit.armedBlock + 2) mine(2);
        if (height > e.suit.armedBlock + 257) {
            _rearm(e, stranger);
            mine(2);
        }
        // Where too few seats are left.
        if (!_draw(e, stranger)) waitUntil(e.suit.deadline + 1);
    }

    function _stepFromDecided(Entry storage e, uint256 dice) private {
        address appellant = e.suit.verdict == Verdict.Fault ? e.lot.provider : e.suit.challenger;
        if (dice % 4 != 0) _appeal(e, appellant);
        else waitUntil(e.suit.deadline + 1);
    }

    /// @dev All vote as they plan to.
    function _stepOfJury(Entry storage e, uint256 dice) private {
        if (isTimely(e, CaseStatus.Commit)) _commitAll(e, dice);
        if (!isRevealable(e)) waitUntil(e.suit.deadline + 1);
        _revealAll(e);
        if (!isDecidable(e)) waitUntil(revealEnd(e) + 1);
        _decide(e, stranger);
    }

    // ---------------------------------------------------------------- seats

    function takeSeat(uint256 by, uint256 for_, uint256 votes) external {
        // Lists stay short enough to be drawn from.
        if (seated > 58) return;
        address actor = by % 2 == 0 ? actors[(by / 2) % actors.length] : jurorAt(by % JURORS);
        address owner = for_ % 8 == 0 ? actors[(for_ / 8) % actors.length] : actor;
        address voter = votes % 2 == 0 ? owner : jurorAt(votes % JURORS);
        bool isDue = spendsFor(actor, owner) && free(owner) >= current.seatStake;
        bytes memory call = abi.encodeCall(ISeats.takeSeat, (owner, voter, Defaults.MODEL, bytes32(0)));
        if (act("takeSeat", actor, call, isDue)) sitDown(owner, voter);
    }

    function leaveSeat(uint256 by, uint256 which) external {
        uint32 seatId = uint32(which % chairs.length);
        Chair memory left = chairs[seatId];
        uint256 penalty = CourtRules.penaltyOf(current.seatStake, current.jurorFee);
        // Rarely one that can serve, so that enough are left.
        if (left.stake >= 2 * penalty && (which / chairs.length) % 4 != 0) return;
        address actor = by % 4 == 0 ? actors[(by / 4) % actors.length] : (by % 2 == 0 ? left.owner : left.voter);
        bool isDue = left.owner != address(0) && block.timestamp >= left.activeAt && left.reserved == 0;
        isDue = isDue && (actor == left.owner || actor == left.voter || left.stake < penalty);
        if (actor == address(0)) actor = stranger;
        if (act("leaveSeat", actor, abi.encodeCall(ISeats.leaveSeat, (seatId)), isDue)) {
            dues[left.owner] += left.stake + left.earnings;
            delete chairs[seatId];
            setSeated(seated - 1);
        }
    }

    function collect(uint256 by, uint256 which) external {
        uint32 seatId = uint32(which % chairs.length);
        Chair storage chair = chairs[seatId];
        bytes memory call = abi.encodeCall(ISeats.collect, (seatId));
        if (act("collect", actors[by % actors.length], call, chair.owner != address(0))) {
            dues[chair.owner] += chair.earnings;
            chair.earnings = 0;
        }
    }

    // ---------------------------------------------------------------- votes and time

    /// @notice Other numbers for jobs that are opened from now on.
    function vote(uint256 fee, uint256 stake, uint256 kappa) external {
        if (kappa % 4 != 0) return;
        current.jurorFee = uint96(bound(fee, 100, 1_000));
        current.seatStake = uint96(current.jurorFee * bound(stake, 8, 40));
        current.kappaBps = (kappa / 4) % 8 == 0 ? 500 : 10_000;
        current.phaseSeconds = uint32(bound(stake, 20, 60));
        vm.prank(timelock);
        parameters.append(_marketParameters(), current);
        version++;
        _count("vote", true);
    }

    /// @notice Mostly a little time, often the last second of a deadline or the first after, rarely more than a hold.
    function pass(uint256 time, uint256 which, uint256 blocks) external {
        mine(blocks % 32 == 0 ? 300 : blocks % 4);
        uint256 deadline = entries[which % TABLES].suit.deadline;
        if (time % 64 == 0) vm.warp(block.timestamp + 91 days);
        else if (time % 4 == 0 && deadline >= block.timestamp) vm.warp(deadline + ((time / 64) % 2));
        else vm.warp(block.timestamp + ((time / 64) % (time % 8 == 1 ? 60 : 6)));
        _count("pass", true);
    }

    // ---------------------------------------------------------------- exits

    /// @notice With all parties gone, a stranger ends each case, and settles each lot; every other one by waiting.
    function endAll() external {
        for (uint256 i = 0; i < TABLES; i++) if (i % 2 == 0) _endCase(entries[i]);
        vm.warp(block.timestamp + 91 days);
        for (uint256 i = 0; i < TABLES; i++) _endLot(entries[i]);
    }

    /// @notice All seats leave, and everyone takes what they have.
    function leaveAll() external {
        for (uint32 seatId = 1; seatId < chairs.length; seatId++) {
            address owner = court.seat(seatId).owner;
            if (owner == address(0)) continue;
            vm.prank(owner);
            court.leaveSeat(seatId);
        }
        for (uint256 i = 0; i < actors.length; i++) _withdraw(actors[i]);
        for (uint256 i = 0; i < JURORS; i++) _withdraw(jurorAt(i));
        _withdraw(vault);
    }

    function _endCase(Entry storage e) private {
        // A jury votes, or not; two more can fail to be drawn.
        for (uint256 i = 0; i < 4 && !isIn(e, CaseStatus.None); i++) {
            vm.warp(block.timestamp + 10 minutes);
            if (isDecidable(e)) _decide(e, stranger);
            else if (isItemConcludable(e)) _concludeItem(e, stranger, 1);
            else _conclude(e, stranger);
        }
        require(_liveStatusOf(e) == CaseStatus.None, "a case without an end");
    }

    function _endLot(Entry storage e) private {
        if (e.lotId == 0) return;
        LotStatus status = market.lotState(e.lotId).status();
        if (status == LotStatus.Open) {
            vm.prank(e.lot.buyer);
            market.close(e.job, listOf(e.lot));
        } else if (status != LotStatus.None) {
            vm.prank(stranger);
            market.settle(Defaults.terms(e.lot), settlements(e.lot, submissionOf(e.isLarge, e.isOff)));
        }
        require(market.lotState(e.lotId).status() == LotStatus.None, "a lot without an end");
        if (_liveStatusOf(e) == CaseStatus.None) return;
        vm.prank(stranger);
        court.conclude(e.lot);
        require(_liveStatusOf(e) == CaseStatus.None, "a case without an end");
    }

    function _liveStatusOf(Entry storage e) private view returns (CaseStatus) {
        return CaseStatus((court.docketOf(e.lotId).head >> 224) & 15);
    }

    function _withdraw(address account) private {
        uint256 amount = free(account);
        vm.prank(account);
        market.withdraw(account, amount);
    }

    // ---------------------------------------------------------------- what happened

    /// @notice Compares what the contracts know of each lot and its case with where their history puts them.
    function isWhereHistoryPutsIt(uint256 i) external view returns (bool) {
        Entry storage e = entries[i];
        if (e.lotId == 0) return true;
        return _isLotInPlace(e) && _isCaseInPlace(e);
    }

    function _isLotInPlace(Entry storage e) private view returns (bool) {
        if (market.lotState(e.lotId).status() != e.status) return false;
        return e.status == LotStatus.None || market.lotState(e.lotId).timestamp() == e.until;
    }

    function _isCaseInPlace(Entry storage e) private view returns (bool) {
        uint256 head = court.docketOf(e.lotId).head >> 160;
        Suit storage suit = e.suit;
        uint256 counts = e.challenges | (e.demands << 2);
        if (suit.status == CaseStatus.None) return head == counts << 80 && court.docketOf(e.lotId).terms == 0;
        return
            uint40(head) == suit.deadline &&
            (head >> 64) & 15 == uint256(suit.status) &&
            (head >> 68) & 3 == uint256(suit.kind) &&
            (head >> 70) & 3 == uint256(suit.verdict) &&
            (head >> 72) & 3 == suit.round &&
            head >> 80 == counts;
    }

    function areCountsWithinLimits() external view returns (bool) {
        for (uint256 i = 0; i < TABLES; i++) if (entries[i].challenges > 2 || entries[i].demands > 2) return false;
        return true;
    }

    /// @notice The first seat that has not what the second bookkeeping says; zero if there is none.
    function seatThatDiffers() external view returns (uint32 seatId) {
        for (seatId = 1; seatId < chairs.length; seatId++) if (!_isAsReckoned(seatId)) return seatId;
        return 0;
    }

    function _isAsReckoned(uint32 seatId) private view returns (bool) {
        SeatView memory shown = court.seat(seatId);
        Chair storage chair = chairs[seatId];
        return
            shown.owner == chair.owner &&
            shown.stake == chair.stake &&
            shown.reserved == chair.reserved &&
            shown.earnings == chair.earnings;
    }

    /// @notice All that the court owes, by the second bookkeeping.
    function owed() external view returns (uint256 sum) {
        sum = heldForCases();
        for (uint256 i = 1; i < chairs.length; i++) sum += chairs[i].stake + chairs[i].earnings;
    }

    /// @notice Compares what everyone has, the vault too, with what they should, and adds it up.
    function addUp() external view returns (uint256 sum, address differs) {
        for (uint256 i = 0; i < actors.length + JURORS + 1; i++) {
            address account =
                i < actors.length ? actors[i] : (i < actors.length + JURORS ? jurorAt(i - actors.length) : vault);
            uint256 worth = worthOf(account);
            sum += worth;
            if (worth != dues[account]) differs = account;
        }
    }

    function total() external view returns (uint256) {
        return asset.balanceOf(address(market));
    }
}
