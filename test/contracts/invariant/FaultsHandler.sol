// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {FaultKind} from "../../../contracts/types/Fault.sol";
import {Lot, LotStatus, LotView, Submission} from "../../../contracts/types/Lot.sol";
import {Book, Books} from "../faults/Books.sol";
import {FaultsFixture} from "../faults/FaultsFixture.sol";
import {Case, Proofs} from "../faults/Proofs.sol";
import {CallCounter} from "../helpers/CallCounter.sol";
import {vm} from "../helpers/Vm.sol";

/// @title Everything that anyone may do about faults, at random
/// @notice Lots of one provider that is honest in some of them and in others has one known fault, or does not answer.
/// Where it is honest it answers every demand before its time is over, and does nothing else to defend itself. A call that
/// is refused is counted and forgotten, but for those that must go through.
contract FaultsHandler is FaultsFixture, CallCounter {
    /// @notice A lot that was submitted once.
    struct Entry {
        Lot lot;
        bool isHonest;
        /// @dev Of dishonest ones. NoAnswer: nothing is wrong but that nobody answers.
        FaultKind kind;
        uint256 index;
        /// @dev A Case, encoded: the compiler's legacy pipeline does not copy lists of structs into storage.
        bytes encoded;
    }

    address[4] private _actors;
    Entry[] private _entries;
    uint256 private _seed = SEED;

    constructor() {
        setUp();
        _actors = [buyer, provider, rival, stranger];
    }

    // ---------------------------------------------------------------- lots

    /// @notice Opens a job, and has the provider submit a lot of it: in two of three cases honestly.
    function submitLot(uint32 count, uint256 dice, uint256 kind, uint256 index) external {
        count = uint32(bound(count, 1, 9));
        openJob(count + uint32(dice % 3), ++_seed);
        lot = claim(provider, job, count);
        Case memory c = honestCase();
        bool isHonest = dice % 3 != 0;
        FaultKind fault = FaultKind(kind % (Proofs.COUNT + 1));
        index = bound(index, 0, count - 1);
        if (fault == FaultKind.LotTotals) index = count - 1;
        if (!isHonest && fault != FaultKind.NoAnswer) Proofs.spoil(fault, c, index);
        submit(lot, c.submission);
        _entries.push(Entry(lot, isHonest, fault, index, abi.encode(c)));
        _count("submitLot", true);
    }

    function settleLot(uint256 which) external {
        if (_entries.length == 0) return;
        Entry storage entry = _find(which, which % 2 == 0);
        Case memory c = _case(entry);
        settle(entry.lot, c.submission);
        _count("settleLot", _statusOf(entry) == LotStatus.None);
    }

    // ---------------------------------------------------------------- proofs

    /// @notice A fault that is there is proven, as long as its lot is not settled: this must go through.
    function proveFault(uint256 by, uint256 which) external {
        if (_entries.length == 0) return;
        Entry storage entry = _find(which, false);
        if (entry.isHonest || entry.kind == FaultKind.NoAnswer || !_isCommitted(entry)) return;
        bytes memory call = Proofs.encode(entry.kind, _case(entry), entry.index);
        // solhint-disable-next-line avoid-low-level-calls
        vm.prank(_actors[by % _actors.length]);
        (bool succeeded, ) = address(faults).call(call);
        assertTrue(succeeded, "a fault that cannot be proven");
        assertEq(uint256(_statusOf(entry)), uint256(LotStatus.Open), "proven and not slashed");
        _count("proveFault", true);
    }

    /// @notice Any proof of anything, put together from what lots have and then spoilt, or not.
    function attack(uint256 by, uint256 which, uint256 other, uint256 kind, uint256 index, uint256 spoilt) external {
        if (_entries.length == 0) return;
        Entry storage entry = _find(which, true);
        Case memory c = _case(entry);
        if (other % 4 == 0) c.book = _case(_entries[other % _entries.length]).book;
        if (other % 4 == 1) c.submission = _case(_entries[other % _entries.length]).submission;
        // The case has as many items as the book has receipts, whoever's it is, or else there is nothing to encode.
        if (c.items.length < c.lot.firstItem + c.book.leaves.length) return;
        index = bound(index, 0, c.book.leaves.length - 1);
        bytes memory call = Proofs.encode(FaultKind(kind % Proofs.COUNT), c, index);
        if (spoilt % 2 == 0) call[4 + ((spoilt / 16) % (call.length - 4))] ^= bytes1(uint8(1 << ((spoilt / 2) % 8)));
        _act("attack", _actors[by % _actors.length], call);
    }

    // ---------------------------------------------------------------- demands

    function demand(uint256 by, uint256 which, uint256 index) external {
        if (_entries.length == 0) return;
        Entry storage entry = _find(which, which % 2 == 0);
        // Once in eight not the buyer.
        address actor = by % 8 == 0 ? _actors[(by / 8) % _actors.length] : buyer;
        index = bound(index, 0, entry.lot.itemCount - 1);
        _act("demand", actor, abi.encodeCall(IFaults.demandReceipt, (_case(entry).job, entry.lot, index)));
    }

    function answer(uint256 by, uint256 which, uint256 index) external {
        if (_entries.length == 0) return;
        Entry storage entry = _find(which, true);
        index = _demandedFrom(entry, bound(index, 0, entry.lot.itemCount - 1));
        _answer(_actors[by % _actors.length], entry, index);
    }

    function failDemand(uint256 by, uint256 which, uint256 index) external {
        if (_entries.length == 0) return;
        // Mostly where the provider lets demands lie.
        Entry storage entry = _find(which, which % 4 == 0);
        index = _demandedFrom(entry, bound(index, 0, entry.lot.itemCount - 1));
        _act("failDemand", _actors[by % _actors.length], abi.encodeCall(IFaults.failDemand, (entry.lot, index)));
    }

    function reclaim(uint256 by, uint256 which) external {
        if (_entries.length == 0) return;
        // Mostly one where there is something to reclaim, or will be.
        uint256 i = 0;
        while (i < _entries.length && faults.demandsOf(Hashes.lotId(_entries[i].lot)).open == 0) i++;
        Lot memory ofEntry = _entries[(i == _entries.length || which % 8 == 0 ? which : i) % _entries.length].lot;
        _act("reclaim", _actors[by % _actors.length], abi.encodeCall(IFaults.reclaim, (ofEntry)));
    }

    // ---------------------------------------------------------------- the court, and time

    function challenge(uint256 which, uint256 length) external {
        // Rarely: nothing can be demanded meanwhile.
        if (_entries.length == 0 || length % 4 != 0) return;
        Entry storage entry = _find(which, true);
        uint40 until = uint40(block.timestamp + bound(length, 1, 1 days));
        sayCost(0);
        _act("challenge", address(court), address(market), abi.encodeCall(IMarket.hold, (entry.lot, until)));
    }

    function dismiss(uint256 which, uint256 left) external {
        if (_entries.length == 0) return;
        Entry storage entry = _find(which, true);
        uint40 windowEnd = uint40(block.timestamp + bound(left, 0, WINDOW_SECONDS));
        _act("dismiss", address(court), address(market), abi.encodeCall(IMarket.resume, (entry.lot, windowEnd)));
    }

    /// @notice Time passes; an honest provider answers before.
    function pass(uint256 time) external {
        time = bound(time, 1, 2 * ANSWER_SECONDS + 1);
        for (uint256 i = 0; i < _entries.length; i++) {
            Entry storage entry = _entries[i];
            if (!entry.isHonest || faults.demandsOf(Hashes.lotId(entry.lot)).open == 0) continue;
            for (uint256 index = 0; index < entry.lot.itemCount; index++) {
                if (faults.answerDeadlineOf(Hashes.lotId(entry.lot), index) != 0) {
                    assertTrue(_answer(provider, entry, index), "an honest answer was refused");
                }
            }
        }
        vm.warp(block.timestamp + time);
        _count("pass", true);
    }

    // ---------------------------------------------------------------- what happened

    function entriesCount() external view returns (uint256) {
        return _entries.length;
    }

    function entryAt(uint256 i) external view returns (Entry memory) {
        return _entries[i];
    }

    function submissionAt(uint256 i) external view returns (Submission memory) {
        return _case(_entries[i]).submission;
    }

    function faultsHandled() external view returns (IFaults) {
        return faults;
    }

    /// @notice What the account of Faults holds.
    function feesHeld() external view returns (uint256) {
        return market.accountOf(address(faults)).free + market.accountOf(address(faults)).locked;
    }

    function statusAt(uint256 i) external view returns (LotStatus) {
        return _statusOf(_entries[i]);
    }

    /// @notice When anyone may settle a lot that is committed.
    function settleableAt(uint256 i) external view returns (uint256) {
        return market.lotState(Hashes.lotId(_entries[i].lot)).timestamp() + 1;
    }

    function checkConserved() external view {
        assertConserved();
    }

    function settleAt(uint256 i) external {
        settle(_entries[i].lot, _case(_entries[i]).submission);
    }

    // ---------------------------------------------------------------- internals

    function _answer(address by, Entry storage entry, uint256 index) private returns (bool) {
        Case memory c = _case(entry);
        bytes memory call = abi.encodeCall(
            IFaults.answerReceipt,
            (c.lot, c.submission, index, Books.placed(c.book, index))
        );
        return _act("answer", by, call);
    }

    function _act(string memory name, address by, bytes memory call) private returns (bool succeeded) {
        return _act(name, by, address(faults), call);
    }

    function _act(string memory name, address by, address to, bytes memory call) private returns (bool succeeded) {
        vm.prank(by);
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, ) = to.call(call);
        _count(name, succeeded);
    }

    /// @dev A committed lot from a random place on, dishonest if only such are asked for; or any if there is none.
    function _find(uint256 which, bool honestToo) private view returns (Entry storage entry) {
        for (uint256 i = 0; i < _entries.length; i++) {
            entry = _entries[((which % _entries.length) + i) % _entries.length];
            if (_isCommitted(entry) && (honestToo || !entry.isHonest)) return entry;
        }
        return _entries[which % _entries.length];
    }

    /// @dev The first demanded index from a random one on, or that one if none is.
    function _demandedFrom(Entry storage entry, uint256 start) private view returns (uint256 index) {
        for (uint256 i = 0; i < entry.lot.itemCount; i++) {
            index = (start + i) % entry.lot.itemCount;
            if (faults.answerDeadlineOf(Hashes.lotId(entry.lot), index) != 0) return index;
        }
    }

    function _case(Entry storage entry) private view returns (Case memory) {
        return abi.decode(entry.encoded, (Case));
    }

    function _statusOf(Entry storage entry) private view returns (LotStatus) {
        return market.lotState(Hashes.lotId(entry.lot)).status();
    }

    function _isCommitted(Entry storage entry) private view returns (bool) {
        LotStatus status = _statusOf(entry);
        return status == LotStatus.Submitted || status == LotStatus.Demanded || status == LotStatus.Challenged;
    }
}
