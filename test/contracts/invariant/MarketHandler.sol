// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IParameters} from "../../../contracts/interfaces/IParameters.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {PlacedReceipt} from "../../../contracts/types/Fault.sol";
import {Fill, Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, LotView} from "../../../contracts/types/Lot.sol";
import {CourtParameters} from "../../../contracts/types/CourtParameters.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {MarketTraders} from "./MarketTraders.sol";

/// @title Everything that anyone may do to a market, at random
/// @notice To what MarketTraders does, the arbiters, votes and the guardian. The court does whatever it likes within its
/// seams; a court that is dead never lets a lot go.
contract MarketHandler is MarketTraders {
    /// @dev What the court says its jurors are owed when a fault pre-empts a case.
    uint256 private _cost;

    /// @notice Starts a run with something of everything.
    function populate() external {
        address[3] memory providers = [provider, rival, address(_wallet)];
        Fill[] memory fills = new Fill[](providers.length);
        for (uint256 i = 0; i < providers.length; i++) {
            Offer memory offer = Defaults.offer(providers[i]);
            _post(providers[i], offer);
            fills[i] = Fill({offer: offer, signature: "", lotItems: new uint32[](2)});
            (fills[i].lotItems[0], fills[i].lotItems[1]) = (2, 3);
        }
        JobRequest memory request = Defaults.request();
        request.itemCount = 25;
        for (uint256 i = 0; i < 3; i++) {
            request.nonce = ++_nonce;
            _open(buyer, buyer, request, fills);
        }
        // Each account's operator is the next.
        for (uint256 i = 0; i < ACTORS; i++) {
            this.setProviderOperator(i, i + 1, 40_000);
            this.setBuyerOperator(i, i + 1, 60_000, 500);
        }
        this.claim(2, 0, 4);
        for (uint256 i = 0; i < 3; i++) this.submit(1, i, 3_000, 1_500, 1);
    }

    // ---------------------------------------------------------------- the court

    function hold(uint256 by, uint256 which, uint256 until, uint256 cost) external {
        if (_runs.length == 0) return;
        uint256 run = _find(which, by % 4 == 0 ? LotStatus.Challenged : LotStatus.Submitted);
        until = block.timestamp + bound(until, 0, by % 8 == 1 ? 120 days : 300);
        _cost = bound(cost, 0, 2 * uint256(_runs[run].lot.collateral));
        sayCost(_cost);
        bytes memory call = abi.encodeCall(IMarket.hold, (_runs[run].lot, uint40(until)));
        if (!_act("hold", address(court), address(0), call)) return;
        _expect(block.timestamp <= _runs[run].timestamp, "rules", "held after the window");
        _expect(until <= block.timestamp + 90 days, "rules", "held for too long");
        _move(run, LotStatus.Challenged, until);
    }

    function resume(uint256 which, uint256 windowEnd) external {
        if (_runs.length == 0) return;
        uint256 run = _find(which, LotStatus.Challenged);
        windowEnd = block.timestamp + bound(windowEnd, 0, uint256(_runs[run].lot.windowSeconds) + 5);
        bytes memory call = abi.encodeCall(IMarket.resume, (_runs[run].lot, uint40(windowEnd)));
        if (!_act("resume", address(court), address(0), call)) return;
        _expect(windowEnd <= block.timestamp + _runs[run].lot.windowSeconds, "rules", "a longer window");
        _move(run, LotStatus.Submitted, windowEnd);
    }

    function slash(uint256 by, uint256 which, uint256 cost) external {
        if (_runs.length == 0) return;
        uint256 run = _find(which, LotStatus.Challenged);
        Lot memory lot = _runs[run].lot;
        cost = bound(cost, 0, 2 * uint256(lot.collateral));
        address prover = _actor(by / 8);
        bytes memory call = abi.encodeCall(IMarket.slash, (lot, prover, cost));
        uint256 before = _totalOf(lot.provider);
        if (!_act("slash", address(court), address(0), call)) {
            return _expect(_runs[run].status != LotStatus.Challenged, "exits", "slash");
        }
        _expectSlash(lot, before);
        _takeCollateral(run, prover, cost);
    }

    function take(uint256 by, uint256 from, uint256 amount) external {
        address account = _actor(from);
        address actor = _buys(account, by);
        amount = bound(amount, 0, 200_000);
        bytes memory call = abi.encodeCall(IMarket.take, (account, actor, amount));
        if (!_act("take", address(court), account, call)) return;
        _spend(account, actor, amount);
        _transfer(account, address(court), amount);
    }

    function give(uint256 to, uint256 amount) external {
        amount = bound(amount, 0, (uint256(market.accountOf(address(court)).free) * 5) / 4);
        bytes memory call = abi.encodeCall(IMarket.give, (_actor(to), amount));
        if (_act("give", address(court), address(0), call)) _transfer(address(court), _actor(to), amount);
    }

    /// @notice What only arbiters may do, by someone who is none.
    function usurp(uint256 by, uint256 which, uint256 what) external {
        if (_runs.length == 0) return;
        address actor = _actor(by);
        Lot memory lot = _runs[_find(which, what % 2 == 0 ? LotStatus.Submitted : LotStatus.Challenged)].lot;
        bool done;
        if (what % 5 == 0) {
            done = _act("hold", actor, actor, abi.encodeCall(IMarket.hold, (lot, uint40(block.timestamp + 10))));
        } else if (what % 5 == 1) {
            done = _act("resume", actor, actor, abi.encodeCall(IMarket.resume, (lot, uint40(block.timestamp))));
        } else if (what % 5 == 2) {
            done = _act("slash", actor, actor, abi.encodeCall(IMarket.slash, (lot, actor, 0)));
        } else if (what % 5 == 3) {
            done = _act("take", actor, actor, abi.encodeCall(IMarket.take, (lot.buyer, lot.buyer, 1)));
        } else {
            done = _act("give", actor, actor, abi.encodeCall(IMarket.give, (lot.buyer, 1)));
        }
        _expect(!done, "robbed", "an arbiter's call by someone else");
    }

    // ---------------------------------------------------------------- faults

    function demandReceipt(uint256 by, uint256 which, uint256 index) external {
        if (_runs.length == 0) return;
        uint256 run = _find(which, by % 4 == 0 ? LotStatus.Demanded : LotStatus.Submitted);
        Lot memory lot = _runs[run].lot;
        Job memory job = _bids[_runs[run].bid].job;
        address actor = _buys(job.buyer, by / 4);
        // Only the first can be answered.
        index = _mix(index) % 4 == 0 ? (index / 4) % (lot.itemCount + 1) : 0;
        bytes memory call = abi.encodeCall(IFaults.demandReceipt, (job, lot, index));
        if (!_actOn(address(faults), "demandReceipt", actor, job.buyer, call)) return;
        MarketParameters memory p = _versions[job.parametersVersion - 1];
        _expect(block.timestamp <= _runs[run].timestamp, "rules", "demanded after the window");
        _spend(job.buyer, actor, p.receiptFee);
        _transfer(job.buyer, address(faults), p.receiptFee);
        prepaid += p.receiptFee;
        _runs[run].demands++;
        _runs[run].fee = p.receiptFee;
        _move(run, LotStatus.Demanded, block.timestamp + 2 * uint256(p.answerSeconds));
    }

    function answerReceipt(uint256 by, uint256 which) external {
        if (_runs.length == 0) return;
        uint256 run = _find(which, LotStatus.Demanded);
        Lot memory lot = _runs[run].lot;
        PlacedReceipt memory placed = PlacedReceipt({
            receipt: _receipt(),
            totals: Defaults.submission().totals,
            path: _path(lot.itemCount)
        });
        bytes memory call = abi.encodeCall(IFaults.answerReceipt, (lot, _submissionOf(_runs[run]), 0, placed));
        if (!_actOn(address(faults), "answerReceipt", _actor(by), address(0), call)) return;
        _transfer(address(faults), lot.provider, _runs[run].fee);
        prepaid -= _runs[run].fee;
        if (--_runs[run].demands != 0) return;
        // The window goes on with what was left of it.
        uint256 windowEnd = market.lotState(Hashes.lotId(lot)).timestamp();
        _expect(windowEnd <= block.timestamp + lot.windowSeconds, "rules", "a longer window");
        _move(run, LotStatus.Submitted, windowEnd);
    }

    function failDemand(uint256 by, uint256 which, uint256 index, bool patient) external {
        if (_runs.length == 0) return;
        uint256 run = _find(which, LotStatus.Demanded);
        Lot memory lot = _runs[run].lot;
        index = _mix(index) % 4 == 0 ? (index / 4) % lot.itemCount : 0;
        if (patient) vm.warp(block.timestamp + _versions[0].answerSeconds);
        uint256 before = _totalOf(lot.provider);
        bytes memory call = abi.encodeCall(IFaults.failDemand, (lot, index));
        if (!_actOn(address(faults), "failDemand", _actor(by), address(0), call)) return;
        _convict(run, _actor(by), before);
    }

    function proveStatement(uint256 by, uint256 which) external {
        if (_runs.length == 0) return;
        // Rarely, or it would be the end of every lot. A case of the court may be pending.
        if (_mix(by) % 4 != 0) return;
        uint256 run = _find(which, by % 2 == 0 ? LotStatus.Challenged : LotStatus.Submitted);
        Lot memory lot = _runs[run].lot;
        PlacedReceipt memory placed = PlacedReceipt({
            receipt: _receipt(),
            totals: Defaults.submission().totals,
            path: _path(lot.itemCount)
        });
        uint256 before = _totalOf(lot.provider);
        bytes memory call = abi.encodeCall(IFaults.proveStatement, (lot, _submissionOf(_runs[run]), 0, placed));
        if (!_actOn(address(faults), "proveStatement", _actor(by), address(0), call)) {
            return _expect(!_isCommitted(run), "exits", "proveStatement");
        }
        _convict(run, _actor(by), before);
    }

    function reclaim(uint256 by, uint256 which) external {
        if (_runs.length == 0) return;
        uint256 run = _find(which, LotStatus.None);
        bytes memory call = abi.encodeCall(IFaults.reclaim, (_runs[run].lot));
        bool isThere = _runs[run].demands != 0 && !_isCommitted(run);
        if (_actOn(address(faults), "reclaim", _actor(by), address(0), call)) _returnFees(run);
        else _expect(!isThere, "exits", "reclaim");
    }

    function _convict(uint256 run, address prover, uint256 before) private {
        _expectSlash(_runs[run].lot, before);
        _returnFees(run);
        _takeCollateral(run, prover, _runs[run].status == LotStatus.Challenged ? _cost : 0);
    }

    function _expectSlash(Lot memory lot, uint256 before) private {
        _expect(_totalOf(lot.provider) + lot.collateral >= before, "slash", "more than the collateral");
    }

    // ---------------------------------------------------------------- votes, the guardian, time

    function append(uint256 by, uint256 seed) external {
        seed = _mix(seed);
        MarketParameters memory p;
        p.feeBps = uint16(seed % 1_011);
        p.collateralBps = uint32(5_000 + ((seed >> 16) % 20_000));
        p.penaltyBps = uint16(1_000 + ((seed >> 32) % 250));
        p.releaseBps = uint16(10 + ((seed >> 48) % 91));
        p.bountyBps = uint16((seed >> 64) % 5_001);
        p.graceSeconds = uint32(1 + ((seed >> 80) % 60));
        p.submitGraceSeconds = uint32((seed >> 96) % 20);
        p.windowSeconds = uint32(60 + ((seed >> 112) % 1_000));
        p.answerSeconds = uint32(5 + ((seed >> 128) % 180));
        p.minLotCollateral = uint96(100 + ((seed >> 144) % 30_000));
        p.receiptFee = uint96(31 + ((seed >> 160) % 70));
        p.bidSeconds = uint32(1 days + ((seed >> 176) % 29 days));
        address actor = by % 8 == 0 ? _actor(by / 8) : timelock;
        bytes memory call = abi.encodeCall(IParameters.append, (p, _courtNumbers(_mix(seed), p.minLotCollateral)));
        if (!_actOn(address(parameters), "append", actor, address(0), call)) return;
        _expect(actor == timelock, "rules", "appended by someone else");
        _versions.push(p);
    }

    function _courtNumbers(uint256 seed, uint256 lotCollateral) private pure returns (CourtParameters memory p) {
        p.jurorFee = uint96(5 + (seed % (lotCollateral / 10 - 4)));
        p.seatStake = uint96(p.jurorFee * (8 + ((seed >> 32) % 93)));
        p.minSeats = uint16(5 + ((seed >> 48) % 30));
        p.kappaBps = uint32(100 + ((seed >> 64) % 49_901));
        p.activationSeconds = uint32(5 + ((seed >> 80) % 3_000));
        p.phaseSeconds = uint32(5 + ((seed >> 96) % 3_000));
    }

    function pause(uint256 by, bool patient) external {
        address actor = by % 8 == 0 ? _actor(by / 8) : guardian;
        uint256 next = uint256(parameters.pausedUntil()) + 14 days;
        // Rarely, as it ends whatever is going on.
        if (by % 16 == 1 && block.timestamp < next) vm.warp(next);
        if (!patient) _actOn(address(parameters), "pause", actor, address(0), abi.encodeCall(IParameters.pause, ()));
    }

    function unpause(uint256 by) external {
        address actor = by % 8 == 0 ? _actor(by / 8) : guardian;
        _actOn(address(parameters), "unpause", actor, address(0), abi.encodeCall(IParameters.unpause, ()));
    }

    function pass(uint256 elapsed) external {
        vm.warp(block.timestamp + bound(elapsed, 1, 60));
        _count("pass", true);
    }

    // ---------------------------------------------------------------- what holds

    /// @notice The first call that went against `concern`; empty if none did.
    function broken(string calldata concern) external view returns (string memory) {
        return _broken[concern];
    }

    function marketHandled() external view returns (IMarket) {
        return market;
    }

    function balance() external view returns (uint256) {
        return asset.balanceOf(address(market));
    }

    function accountsCount() external view returns (uint256) {
        return accounts.length;
    }

    /// @notice The first job whose terms, or version whose numbers, are not what they were; empty if there is none.
    function changedRules() external view returns (string memory) {
        for (uint256 i = 0; i < _bids.length; i++) {
            Job memory job = _bids[i].job;
            if (market.jobState(jobIdOf(job)).termsHash != Hashes.hashJob(job)) return "a job's terms";
        }
        for (uint256 i = 0; i < _versions.length; i++) {
            bytes32 now_ = keccak256(abi.encode(parameters.ofVersion(uint32(i + 1))));
            if (now_ != keccak256(abi.encode(_versions[i]))) return "a version's numbers";
        }
        return _broken["rules"];
    }

    /// @notice The first lot or bid that is not where its history puts it; empty if there is none.
    function misplaced() external view returns (string memory) {
        for (uint256 i = 0; i < _runs.length; i++) {
            LotView memory state = market.lotState(Hashes.lotId(_runs[i].lot)).unpack();
            if (state.status != _runs[i].status) return "a lot's status";
            bool isTimed = state.status != LotStatus.None && state.status != LotStatus.Assigned;
            if (isTimed && state.timestamp != _runs[i].timestamp) return "a lot's time";
            if (state.status == LotStatus.Open && state.escrow != _runs[i].escrow) return "a lot's escrow";
        }
        for (uint256 i = 0; i < _bids.length; i++) {
            if (market.jobState(jobIdOf(_bids[i].job)).openItems != _bids[i].openItems) return "a bid's items";
        }
        return "";
    }

    /// @notice Ends everything, each thing by one party alone once its deadline is over, while the market is paused if
    /// it can be: the court does nothing any more, nor does any provider.
    function endAll() external {
        vm.prank(guardian);
        try parameters.pause() {} catch {}
        for (uint256 i = 0; i < _runs.length; i++) _end(i);
        for (uint256 i = 0; i < _bids.length; i++) {
            vm.prank(_bids[i].job.buyer);
            market.close(_bids[i].job, _listOf(_bids[i].lots));
        }
        for (uint256 i = 0; i < ACTORS; i++) {
            address actor = accounts[i];
            assertEq(market.accountOf(actor).locked, 0, "still locked");
            uint256 free = market.accountOf(actor).free;
            vm.prank(actor);
            market.withdraw(actor, free);
        }
        // The court's own is left.
        assertEq(asset.balanceOf(address(market)), market.accountOf(address(court)).free, "the market keeps something");
    }

    function _end(uint256 index) private {
        Lot memory lot = _runs[index].lot;
        LotView memory state = market.lotState(Hashes.lotId(lot)).unpack();
        if (state.status == LotStatus.Assigned) {
            if (block.timestamp <= lot.deadline) vm.warp(lot.deadline + 1);
            vm.prank(_actor(index));
            market.expire(lot);
        } else if (state.status != LotStatus.None && state.status != LotStatus.Open) {
            if (block.timestamp <= state.timestamp) vm.warp(state.timestamp + 1);
            vm.prank(_actor(index));
            market.settle(Defaults.terms(lot), settlements(lot, _submissionOf(_runs[index])));
            assertStatus(lot, LotStatus.None);
        }
        if (_runs[index].demands != 0) faults.reclaim(lot);
    }
}
