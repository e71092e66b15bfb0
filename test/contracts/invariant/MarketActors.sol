// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, LotTerms, Settlement} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {CallCounter} from "../helpers/CallCounter.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {MarketModel} from "./MarketModel.sol";

/// @title Who calls, for whom, with what
/// @notice Makes each call, counts it and watches the others' money; chooses callers, lots and terms from the runner's
/// inputs.
abstract contract MarketActors is MarketModel, CallCounter {
    uint256 public callsCount;

    // ---------------------------------------------------------------- calls

    /// @dev Calls the market as `by`, who asks for something of `owner`'s, and watches what everyone else has free.
    function _act(string memory name, address by, address owner, bytes memory call) internal returns (bool) {
        return _actOn(address(market), name, by, owner, call);
    }

    function _actOn(
        address target,
        string memory name,
        address by,
        address owner,
        bytes memory call
    ) internal returns (bool succeeded) {
        address[] memory consenting = new address[](1);
        consenting[0] = owner;
        return _actFor(target, name, by, consenting, call);
    }

    function _actFor(
        address target,
        string memory name,
        address by,
        address[] memory consenting,
        bytes memory call
    ) internal returns (bool succeeded) {
        uint256[] memory free = new uint256[](ACTORS);
        for (uint256 i = 0; i < ACTORS; i++) free[i] = market.accountOf(accounts[i]).free;

        vm.prank(by);
        bytes memory result;
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, result) = target.call(call);
        _count(name, succeeded);
        if (!succeeded && bytes4(result) == IMarket.Market_Paused.selector) {
            _expect(parameters.paused(), "pause", "refused without a pause");
            _expect(_isOpening(bytes4(call)), "pause", name);
        }

        for (uint256 i = 0; i < ACTORS; i++) {
            address account = accounts[i];
            if (account == by || market.accountOf(account).free >= free[i]) continue;
            bool consents;
            for (uint256 j = 0; j < consenting.length; j++) consents = consents || consenting[j] == account;
            _expect(consents, "robbed", name);
        }
    }

    function _isOpening(bytes4 selector) private view returns (bool) {
        return selector == market.openJob.selector || selector == market.postOffer.selector;
    }

    function _count(string memory name, bool succeeded) internal override {
        callsCount++;
        super._count(name, succeeded);
    }

    // ---------------------------------------------------------------- choices

    /// @dev The runner's inputs are often small, or the same: every bit of this one counts.
    function _mix(uint256 seed) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed)));
    }

    function _actor(uint256 seed) internal view returns (address) {
        return accounts[seed % ACTORS];
    }

    /// @dev Whom a call of `owner` as a provider comes from: now an operator, now and then anyone.
    function _provides(address owner, uint256 seed) internal view returns (address) {
        return _caller(owner, _providerOperator[owner], seed);
    }

    function _buys(address owner, uint256 seed) internal view returns (address) {
        return _caller(owner, _buyerOperator[owner], seed);
    }

    function _caller(address owner, address operator, uint256 seed) private view returns (address) {
        seed = _mix(seed);
        if (seed % 8 == 0) return _actor(seed / 8);
        return seed % 8 < 4 && operator != address(0) ? operator : owner;
    }

    /// @dev Someone who may not act for `owner` at all.
    function _stranger(address owner, uint256 seed) internal view returns (address actor) {
        actor = _actor(seed);
        bool isOperator = _caps[owner][actor] != 0 || _spendings[owner][actor].periodSeconds != 0;
        if (actor == owner || isOperator) actor = stranger == owner ? rival : timelock;
    }

    function _expectProvides(address owner, address actor) internal {
        _expect(actor == owner || _caps[owner][actor] != 0, "operators", "acted for a provider without leave");
    }

    /// @dev After something was locked.
    function _expectMayLock(address owner, address actor) internal {
        bool mayLock = actor == owner || market.accountOf(owner).locked <= _caps[owner][actor];
        _expect(mayLock, "operators", "locked more than the cap");
    }

    function _expectBuys(address owner, address actor) internal {
        bool mayBuy = actor == owner || _spendings[owner][actor].periodSeconds != 0;
        _expect(mayBuy, "operators", "acted for a buyer without leave");
    }

    /// @dev A lot in this status, or any if there is none: refusals are worth trying.
    function _find(uint256 seed, LotStatus status) internal view returns (uint256) {
        uint256[] storage list = _inStatus[status];
        seed = _mix(seed);
        if (list.length == 0 || seed % 16 == 0) return (seed / 16) % _runs.length;
        return list[(seed / 16) % list.length];
    }

    /// @dev One of the latest of so many, or now and then any.
    function _recent(uint256 seed, uint256 count) internal pure returns (uint256) {
        uint256 back = seed % 4 == 0 || count < 8 ? count : 8;
        return count - 1 - ((seed / 4) % back);
    }

    /// @dev Two of a bid's lots, or fewer.
    function _twoLots(uint256 bid, uint256 seed) internal view returns (uint256[] memory chosen) {
        uint256[] storage lots = _bids[bid].lots;
        chosen = new uint256[](lots.length < 2 ? lots.length : 2);
        for (uint256 i = 0; i < chosen.length; i++) chosen[i] = lots[(seed / 16 + i) % lots.length];
    }

    function _listOf(uint256[] memory indices) internal view returns (Lot[] memory lots) {
        lots = new Lot[](indices.length);
        for (uint256 i = 0; i < indices.length; i++) lots[i] = _runs[indices[i]].lot;
    }

    function _totalOf(address account) internal view returns (uint256) {
        return uint256(market.accountOf(account).free) + market.accountOf(account).locked;
    }

    // ---------------------------------------------------------------- shapes

    function _newOffer(address by, uint256 terms) internal returns (Offer memory offer) {
        offer = Defaults.offer(by);
        offer.promptPricePerMillion = uint64(terms % 1_000_000);
        offer.outputPricePerMillion = uint64((terms >> 32) % 2_000_000);
        offer.capacityItems = uint32((terms >> 64) % 32);
        offer.minLotItems = uint32((terms >> 96) % 4);
        offer.maxLotItems = uint32(4 + ((terms >> 100) % 16));
        offer.minLotValue = uint96((terms >> 120) % 4 == 0 ? 3_000 : 0);
        offer.minTurnaroundSeconds = (terms >> 124) % 8 == 0 ? 601 : 600;
        offer.validUntil = uint40(block.timestamp + ((terms >> 130) % ((terms >> 143) % 2 == 0 ? 120 : 3_600)));
        if ((terms >> 160) % 8 == 0) offer.validUntil = uint40(block.timestamp - 1);
        offer.epoch = market.accountOf(by).offerEpoch;
        if ((terms >> 150) % 16 == 0) offer.epoch++;
        offer.salt = uint64(++_nonce);
    }

    function _newRequest(uint64 limit, uint256 terms) internal returns (JobRequest memory request) {
        request = Defaults.request();
        // Now and then one that was used.
        request.nonce = (terms >> 4) % 16 == 0 ? _nonce : ++_nonce;
        request.itemCount = uint32((terms >> 8) % 41);
        request.promptLimitPerMillion = uint64(bound(limit, terms % 8 == 0 ? 0 : 600_000, 1_500_000));
        request.outputLimitPerMillion = 2 * request.promptLimitPerMillion;
        request.startBps = uint16((terms >> 32) % 10_002);
        request.minLotItems = uint32((terms >> 64) % 5);
        request.minLotValue = uint96((terms >> 80) % 4 == 0 ? 5_000 : 0);
        request.auditor = _actor(terms >> 90);
    }

    /// @dev Pays two lots; the first, one time in eight, with results that nobody submitted.
    function _settlements(
        uint256 first,
        uint256 second,
        uint256 seed
    ) internal view returns (Settlement[] memory list) {
        list = new Settlement[](2);
        list[0] = Defaults.settlement(_runs[first].lot, _submissionOf(_runs[first]));
        list[1] = Defaults.settlement(_runs[second].lot, _submissionOf(_runs[second]));
        if (_isTrue(seed)) return list;
        list[0].totals.outputTokens++;
        if (first == second) list[1].resultsDigest = keccak256("other results");
    }

    /// @dev The call that settles them, under the terms of the first.
    function _settle(uint256 first, uint256 second, uint256 seed) internal view returns (bytes memory) {
        LotTerms memory terms = Defaults.terms(_runs[first].lot);
        return abi.encodeCall(IMarket.settle, (terms, _settlements(first, second, seed)));
    }

    function _haveSameTerms(uint256 first, uint256 second) internal view returns (bool) {
        bytes32 terms = keccak256(abi.encode(Defaults.terms(_runs[first].lot)));
        return terms == keccak256(abi.encode(Defaults.terms(_runs[second].lot)));
    }

    function _isTrue(uint256 seed) internal pure returns (bool) {
        return (_mix(seed) >> 16) % 8 != 0;
    }

    function _isDue(uint256 run) internal view returns (bool) {
        return _isCommitted(run) && block.timestamp > _runs[run].timestamp;
    }

    function _isCommitted(uint256 run) internal view returns (bool) {
        LotStatus status = _runs[run].status;
        return status == LotStatus.Submitted || status == LotStatus.Demanded || status == LotStatus.Challenged;
    }
}
