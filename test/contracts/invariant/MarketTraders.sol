// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
import {IOperators} from "../../../contracts/interfaces/IOperators.sol";
import {Fill, Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Delivery, Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {MarketActors} from "./MarketActors.sol";

/// @title What buyers, providers, their operators and strangers do to a market, at random
/// @notice Six accounts, a contract wallet and the vault among them, each now buyer, now provider, now operator, now a
/// stranger, also to themselves. A call that the market refuses is counted and forgotten: only what it lets through can
/// break an invariant.
abstract contract MarketTraders is MarketActors {
    // ---------------------------------------------------------------- the ledger

    function deposit(uint256 by, uint256 to, uint256 amount) external {
        amount = bound(amount, 0, 2 * Defaults.DEPOSIT);
        address actor = _actor(by);
        if (_act("deposit", actor, actor, abi.encodeCall(ILedger.deposit, (_actor(to), amount)))) _credit(to, amount);
    }

    function depositWithPermit(uint256 by, uint256 to, uint256 amount, bool spoiled) external {
        address actor = _actor(by);
        amount = bound(amount, 0, Defaults.DEPOSIT);
        vm.prank(actor);
        asset.approve(address(market), 0);
        uint256 signed = spoiled ? amount + 1 : amount;
        (uint8 v, bytes32 r, bytes32 s) = signPermit(actor, _keys[actor], signed, type(uint256).max);
        bytes memory call = abi.encodeCall(ILedger.depositWithPermit, (_actor(to), amount, type(uint256).max, v, r, s));
        if (_act("depositWithPermit", actor, actor, call)) _credit(to, amount);
        vm.prank(actor);
        asset.approve(address(market), type(uint256).max);
    }

    function _credit(uint256 to, uint256 amount) private {
        deposited += amount;
        owned[_actor(to)] += amount;
    }

    function withdraw(uint256 by, uint256 to, uint256 amount) external {
        address actor = _actor(by);
        amount = bound(amount, 0, (uint256(market.accountOf(actor).free) * 5) / 4);
        if (by % 4 != 0) amount /= 8;
        bool isThere = amount <= market.accountOf(actor).free;
        if (_act("withdraw", actor, actor, abi.encodeCall(ILedger.withdraw, (_actor(to), amount)))) {
            _leave(actor, amount);
        } else _expect(!isThere, "exits", "withdraw");
    }

    /// @dev Settles and withdraws in one call, as a provider does.
    function multicall(uint256 by, uint256 which, uint256 amount) external {
        address actor = _actor(by);
        amount = bound(amount, 0, market.accountOf(actor).free / 8);
        bool some = _runs.length != 0;
        uint256 run = some ? _find(which, LotStatus.Submitted) : 0;
        bytes[] memory batch = new bytes[](2);
        batch[0] = abi.encodeCall(ILedger.withdraw, (actor, amount));
        batch[1] = some ? _settle(run, run, which) : abi.encodeCall(ILedger.withdraw, (actor, 0));
        bool pays = some && _isDue(run);
        if (!_act("multicall", actor, actor, abi.encodeCall(market.multicall, (batch)))) return;
        _leave(actor, amount);
        if (pays && _isTrue(which)) _pay(run);
    }

    function _leave(address actor, uint256 amount) private {
        withdrawn += amount;
        owned[actor] -= amount;
    }

    // ---------------------------------------------------------------- operators

    function setProviderOperator(uint256 by, uint256 operator, uint112 cap) external {
        (address actor, address hired) = (_actor(by), _actor(operator));
        if (cap % 4 != 0) cap = uint112(bound(cap, 0, 80_000));
        if (!_act("setProviderOperator", actor, actor, abi.encodeCall(IOperators.setProviderOperator, (hired, cap)))) {
            return;
        }
        _caps[actor][hired] = cap;
        _providerOperator[actor] = hired;
    }

    function setBuyerOperator(uint256 by, uint256 operator, uint96 allowance, uint32 period) external {
        (address actor, address hired) = (_actor(by), _actor(operator));
        allowance = uint96(bound(allowance, 0, 200_000));
        if (period % 4 != 0) period = uint32(bound(period, 1, 1_000));
        bytes memory call = abi.encodeCall(IOperators.setBuyerOperator, (hired, allowance, period));
        if (!_act("setBuyerOperator", actor, actor, call)) return;
        _spendings[actor][hired] = Spending({allowance: allowance, periodSeconds: period, period: 0, spent: 0});
        _buyerOperator[actor] = hired;
    }

    // ---------------------------------------------------------------- offers

    function postOffer(uint256 by, uint256 terms, bool forged) external {
        address provider_ = _actor(by);
        _post(forged ? _actor(terms) : _provides(provider_, by), _newOffer(provider_, _mix(terms)));
    }

    function _post(address actor, Offer memory offer) internal {
        if (!_act("postOffer", actor, actor, abi.encodeCall(IOffers.postOffer, (offer)))) return;
        _expect(!parameters.paused(), "pause", "posted while paused");
        _expectProvides(offer.provider, actor);
        _addAsk(Ask(offer, "", actor, false, false, 0));
    }

    /// @dev Costs no call of the market. Every second one is spoiled, one way or another.
    function signOffer(uint256 by, uint256 terms, uint256 spoil) external {
        address provider_ = _actor(by);
        address signer = _provides(provider_, by);
        spoil = _mix(spoil);
        Ask memory ask = Ask(_newOffer(provider_, _mix(terms)), "", signer, spoil % 2 == 0, false, 0);
        bytes32 digest = market.offerIdOf(ask.offer);
        uint256 key = _keys[signer];
        if (ask.isForged) {
            spoil /= 2;
            // A stranger's key; another chain's digest; another offer's.
            if (spoil % 3 == 0) key = uint256(keccak256("forger"));
            if (spoil % 3 == 1) digest = keccak256(abi.encode(digest, "another chain"));
            if (spoil % 3 == 2) ask.offer.promptPricePerMillion++;
        }
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        ask.signature = abi.encodePacked(r, s, v);
        // A wallet signs for itself alone.
        if (signer == address(_wallet) && provider_ != signer) ask.isForged = true;
        _addAsk(ask);
        _count("signOffer", true);
        if (spoil % 16 < 12) _takeOffer(ask);
    }

    function cancelOffer(uint256 by, uint256 which) external {
        if (_asks.length == 0) return;
        Ask storage ask = _asks[which % _asks.length];
        address provider_ = ask.offer.provider;
        address actor = _provides(provider_, by);
        if (!_act("cancelOffer", actor, actor, abi.encodeCall(IOffers.cancelOffer, (ask.offer)))) return;
        _expectProvides(provider_, actor);
        ask.isCancelled = true;
    }

    function cancelAllOffers(uint256 by, uint256 account) external {
        // Rarely, or there would be no offers to fill.
        address provider_ = _actor(account);
        address actor = by % 4 == 0 ? _provides(provider_, by / 4) : _stranger(provider_, by);
        if (!_act("cancelAllOffers", actor, actor, abi.encodeCall(IOffers.cancelAllOffers, (provider_)))) return;
        _expectProvides(provider_, actor);
    }

    // ---------------------------------------------------------------- jobs

    function openJob(uint256 by, uint64 limit, uint256 terms, uint256[3] calldata fills) external {
        address buyer_ = _actor(by);
        Fill[] memory taken = new Fill[](_asks.length == 0 ? 0 : fills.length);
        for (uint256 i = 0; i < taken.length; i++) {
            uint256 seed = _mix(fills[i]);
            Ask storage ask = _asks[_recent(seed, _asks.length)];
            uint32[] memory lotItems = new uint32[](1 + ((seed >> 64) % 2));
            for (uint256 j = 0; j < lotItems.length; j++) lotItems[j] = uint32((seed >> (70 + 8 * j)) % 10);
            taken[i] = Fill({offer: ask.offer, signature: ask.signature, lotItems: lotItems});
        }
        _open(buyer_, _buys(buyer_, by), _newRequest(limit, _mix(terms)), taken);
    }

    /// @dev Whoever asked for a quote takes it.
    function _takeOffer(Ask memory ask) private {
        JobRequest memory request = Defaults.request();
        request.nonce = ++_nonce;
        Fill[] memory fills = new Fill[](1);
        fills[0] = Fill({offer: ask.offer, signature: ask.signature, lotItems: new uint32[](1)});
        fills[0].lotItems[0] = 5;
        _open(buyer, buyer, request, fills);
    }

    function _open(address buyer_, address actor, JobRequest memory request, Fill[] memory fills) internal {
        Job memory job = Defaults.job(buyer_, request);
        job.parametersVersion = uint32(_versions.length);
        // To offer is to agree to the lock.
        address[] memory consenting = new address[](fills.length + 1);
        for (uint256 i = 0; i < fills.length; i++) consenting[i] = fills[i].offer.provider;
        consenting[fills.length] = buyer_;
        vm.recordLogs();
        bytes memory call = abi.encodeCall(IMarket.openJob, (buyer_, request, fills));
        if (!_actFor(address(market), "openJob", actor, consenting, call)) return;
        _expect(!parameters.paused(), "pause", "opened while paused");
        uint256 bid = _addBid(job);
        _spend(buyer_, actor, _itemEscrow(request) * request.itemCount);
        (Lot[] memory lots, bytes32[] memory offerIds) = assignments();
        for (uint256 i = 0; i < lots.length; i++) {
            _addNext(bid, lots[i]);
            _checkFill(offerIds[i], lots[i], request);
        }
        for (uint256 i = 0; i < fills.length; i++) _checkFilled(fills[i].offer);
    }

    function topUp(uint256 by, uint256 which, uint64 more, uint64 moreOutput) external {
        if (_bids.length == 0) return;
        uint256 bid = _recent(which, _bids.length);
        Job memory job = _bids[bid].job;
        address actor = _buys(job.buyer, by);
        more = job.request.promptLimitPerMillion + uint64(bound(more, 0, 100_000));
        moreOutput = job.request.outputLimitPerMillion + uint64(bound(moreOutput, 0, 100_000));
        uint256[] memory chosen = _twoLots(bid, which);
        bytes memory call = abi.encodeCall(IMarket.topUp, (job, more, moreOutput, _listOf(chosen)));
        if (!_act("topUp", actor, job.buyer, call)) return;
        uint256 before = _itemEscrow(job.request);
        (job.request.promptLimitPerMillion, job.request.outputLimitPerMillion) = (more, moreOutput);
        _bids[bid].job = job;
        uint256 itemEscrow = _itemEscrow(job.request);
        uint256 amount = (itemEscrow - before) * _bids[bid].openItems;
        for (uint256 i = 0; i < chosen.length; i++) {
            Run storage run = _runs[chosen[i]];
            if (run.status != LotStatus.Open) continue;
            amount += itemEscrow * run.lot.itemCount - run.escrow;
            run.escrow = uint96(itemEscrow * run.lot.itemCount);
        }
        owed[job.buyer] += amount;
        _spend(job.buyer, actor, amount);
    }

    function claim(uint256 by, uint256 which, uint32 items) external {
        if (_bids.length == 0) return;
        uint256 bid = _recent(which, _bids.length);
        address provider_ = _actor(by);
        address actor = _provides(provider_, by);
        items = uint32(bound(items, 0, 12));
        bytes memory call = abi.encodeCall(IMarket.claim, (provider_, _bids[bid].job, items, Defaults.PROVIDER_KEY));
        vm.recordLogs();
        if (!_act("claim", actor, provider_, call)) return;
        _expectMayLock(provider_, actor);
        _addNext(bid, assignedLots()[0]);
    }

    function claimReopened(uint256 by, uint256 which) external {
        if (_runs.length == 0) return;
        uint256 index = _find(which, LotStatus.Open);
        Run storage failed = _runs[index];
        address provider_ = _actor(by);
        address actor = _provides(provider_, by);
        Job memory job = _bids[failed.bid].job;
        bytes memory call = abi.encodeCall(IMarket.claimReopened, (provider_, job, failed.lot, Defaults.PROVIDER_KEY));
        vm.recordLogs();
        if (!_act("claimReopened", actor, provider_, call)) return;
        _expectMayLock(provider_, actor);
        Lot memory lot = assignedLots()[0];
        _expect(lot.escrow == failed.escrow, "rules", "another escrow than was left");
        _expect(lot.attempt == failed.lot.attempt + 1, "rules", "an attempt not counted");
        _expect(
            lot.firstItem == failed.lot.firstItem && lot.itemCount == failed.lot.itemCount,
            "rules",
            "other items than were reopened"
        );
        _expect(lot.promptPricePerMillion <= job.request.promptLimitPerMillion, "rules", "above the limit");
        uint256 bid = failed.bid;
        _move(index, LotStatus.None, 0);
        _addRun(bid, lot);
    }

    function cancelRemainder(uint256 by, uint256 which) external {
        if (_bids.length == 0) return;
        uint256 bid = _recent(which, _bids.length);
        Job memory job = _bids[bid].job;
        address actor = _buys(job.buyer, by);
        // Rarely, or there would be nothing to claim.
        if (which % 4 != 0) actor = _stranger(job.buyer, by);
        if (!_act("cancelRemainder", actor, actor, abi.encodeCall(IMarket.cancelRemainder, (job)))) {
            return _expect(actor != job.buyer, "exits", "cancelRemainder");
        }
        _expectBuys(job.buyer, actor);
        _endBid(bid);
    }

    function close(uint256 by, uint256 which) external {
        if (_runs.length == 0) return;
        uint256 bid = _runs[_find(which, LotStatus.Open)].bid;
        Job memory job = _bids[bid].job;
        address actor = _buys(job.buyer, by);
        uint256[] memory chosen = _twoLots(bid, which);
        if (!_act("close", actor, actor, abi.encodeCall(IMarket.close, (job, _listOf(chosen))))) {
            return _expect(actor != job.buyer, "exits", "close");
        }
        _expectBuys(job.buyer, actor);
        _endBid(bid);
        for (uint256 i = 0; i < chosen.length; i++) {
            if (_runs[chosen[i]].status != LotStatus.Open) continue;
            owed[job.buyer] -= _runs[chosen[i]].escrow;
            _move(chosen[i], LotStatus.None, 0);
        }
    }

    function _endBid(uint256 bid) private {
        Job memory job = _bids[bid].job;
        owed[job.buyer] -= _itemEscrow(job.request) * _bids[bid].openItems;
        _bids[bid].openItems = 0;
    }

    // ---------------------------------------------------------------- lots

    function release(uint256 by, uint256 which) external {
        if (_runs.length == 0) return;
        uint256 run = _find(which, LotStatus.Assigned);
        Lot memory lot = _runs[run].lot;
        address actor = _provides(lot.provider, by);
        if (!_act("release", actor, actor, abi.encodeCall(IMarket.release, (lot)))) {
            bool inTime = _runs[run].status == LotStatus.Assigned && block.timestamp <= lot.graceEndsAt;
            return _expect(!inTime || actor != lot.provider, "exits", "release");
        }
        _expect(block.timestamp <= lot.graceEndsAt, "rules", "released after the grace");
        _expectProvides(lot.provider, actor);
        uint256 buyerCharge = lot.attempt < 3 ? lot.releaseCharge : 0;
        _transfer(lot.buyer, vault, buyerCharge);
        _transfer(lot.provider, vault, lot.releaseCharge);
        owed[lot.buyer] -= buyerCharge;
        _reopen(run, lot.escrow - buyerCharge);
    }

    function expire(uint256 by, uint256 which, bool patient) external {
        if (_runs.length == 0) return;
        uint256 run = _find(which, LotStatus.Assigned);
        Lot memory lot = _runs[run].lot;
        if (patient && by % 4 == 0 && block.timestamp <= lot.deadline) vm.warp(lot.deadline + 1);
        uint256 before = _totalOf(lot.provider);
        if (!_act("expire", _actor(by), address(0), abi.encodeCall(IMarket.expire, (lot)))) {
            bool isLate = _runs[run].status == LotStatus.Assigned && block.timestamp > lot.deadline;
            return _expect(!isLate, "exits", "expire");
        }
        _expect(_totalOf(lot.provider) + lot.penalty >= before, "slash", "an expiry above the penalty");
        _expect(block.timestamp > lot.deadline, "rules", "expired too early");
        uint256 bounty = (uint256(lot.penalty) * lot.bountyBps) / 10_000;
        _transfer(lot.provider, _actor(by), bounty);
        _transfer(lot.provider, lot.buyer, lot.penalty - bounty);
        _reopen(run, lot.escrow);
    }

    function submit(uint256 by, uint256 which, uint64 promptTokens, uint64 outputTokens, uint32 errors) external {
        if (_runs.length == 0) return;
        uint256 index = _find(which, LotStatus.Assigned);
        Run storage run = _runs[index];
        Lot memory lot = run.lot;
        bool applies = run.status == LotStatus.Assigned;
        address actor = _provides(lot.provider, by);
        if (applies) {
            // Now and then more than the caps allow, or than the lot has items.
            run.totals.promptTokens = uint64(bound(promptTokens, 0, uint256(lot.itemCount) * 1_100));
            run.totals.outputTokens = uint64(bound(outputTokens, 0, uint256(lot.itemCount) * 550));
            run.totals.errors = errors % 4 == 0 ? uint32(bound(errors, 0, lot.itemCount + 1)) : 0;
        }
        Delivery[] memory list = deliveries(lot, _submissionOf(run));
        bytes memory call = abi.encodeCall(IMarket.submit, (Defaults.terms(lot), list));
        if (!_act("submit", actor, actor, call)) {
            return _expect(actor != lot.provider || run.totals.errors > lot.itemCount, "exits", "submit");
        }
        _expectProvides(lot.provider, actor);
        _expect(run.totals.errors <= lot.itemCount, "rules", "more errors than items");
        if (applies) _move(index, LotStatus.Submitted, block.timestamp + lot.windowSeconds);
    }

    function accept(uint256 by, uint256 which) external {
        if (_runs.length == 0) return;
        uint256 run = _find(which, LotStatus.Submitted);
        Lot memory lot = _runs[run].lot;
        address actor = _buys(lot.buyer, by);
        // The same lot twice, too.
        bytes memory call = abi.encodeCall(IMarket.accept, (Defaults.terms(lot), _settlements(run, run, which)));
        uint256[2] memory before = [_totalOf(lot.buyer), _totalOf(lot.provider)];
        if (!_act("accept", actor, actor, call)) return _expect(actor != lot.buyer, "exits", "accept");
        _expectBuys(lot.buyer, actor);
        if (_runs[run].status == LotStatus.Submitted && _isTrue(which)) _paid(run, before);
    }

    function settle(uint256 by, uint256 which, bool patient) external {
        if (_runs.length == 0) return;
        uint256 run = _find(which, by % 4 == 0 ? LotStatus.Challenged : LotStatus.Submitted);
        // Often of the same fill, and then of the same terms.
        uint256 other = (run + 1 + (by % 8 == 1 ? which % _runs.length : 0)) % _runs.length;
        if (patient && by % 2 == 0 && block.timestamp <= _runs[run].timestamp) vm.warp(_runs[run].timestamp + 1);
        Lot memory lot = _runs[run].lot;
        uint256[2] memory before = [_totalOf(lot.buyer), _totalOf(lot.provider)];
        bool pays = _isDue(run);
        bool paysOther = other != run && _isDue(other) && _haveSameTerms(run, other);
        if (!_act("settle", _actor(by), address(0), _settle(run, other, which))) {
            return _expect(false, "exits", "settle");
        }
        if (paysOther) _pay(other);
        if (pays && _isTrue(which)) {
            if (paysOther) _pay(run);
            else _paid(run, before);
        }
    }

    /// @dev Pays in the books, and looks at what the two sides really lost and got.
    function _paid(uint256 run, uint256[2] memory before) private {
        _pay(run);
        Lot memory lot = _runs[run].lot;
        if (lot.buyer == lot.provider || lot.buyer == vault || lot.provider == vault) return;
        uint256 gain = _totalOf(lot.provider);
        _expect(gain <= before[1] + lot.escrow, "escrow", "more than the escrow");
        _expect(_totalOf(lot.buyer) + lot.escrow >= before[0], "escrow", "more than the escrow left the buyer");
        // What the buyer lost and the provider did not get is the fee.
        uint256 all = before[0] + before[1] - _totalOf(lot.buyer) - gain;
        _expect(all * 10_000 <= uint256(lot.escrow) * MAX_FEE_BPS, "fee", "more than a tenth of the escrow");
    }
}
