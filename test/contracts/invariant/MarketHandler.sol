// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Fill, Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotState, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @title Everything that anyone may do to a market, at random
/// @notice Five accounts, the vault among them, each now buyer, now provider, now a stranger, also to themselves. A call
/// that the market refuses is counted and forgotten: only what it lets through can break an invariant.
contract MarketHandler is MarketFixture {
    /// @notice How often one function went through, and how often it was refused.
    struct Calls {
        uint256 succeeded;
        uint256 reverted;
    }

    address[] public actors;
    mapping(address => uint256) private _keys;
    Offer[] private _offers;
    Job[] private _jobs;
    Lot[] private _lots;
    uint256 private _nonce;

    string[] public functions;
    mapping(string name => Calls) public calls;

    /// @notice What the accounts brought in and took out.
    uint256 public deposited;
    uint256 public withdrawn;
    /// @notice Whose balance fell though they did nothing, or nobody.
    address public robbed;

    constructor() {
        fixture();
        string[5] memory names = ["buyer", "provider", "rival", "stranger", "vault"];
        for (uint256 i = 0; i < names.length; i++) {
            (address actor, uint256 key) = makeAccount(names[i]);
            actors.push(actor);
            _keys[actor] = key;
            asset.mint(actor, Defaults.DEPOSIT);
            vm.prank(actor);
            asset.approve(address(market), type(uint256).max);
            deposited += market.accountOf(actor).free;
        }
    }

    // ---------------------------------------------------------------- the ledger

    function deposit(uint256 by, uint256 to, uint256 amount) external {
        amount = bound(amount, 0, 2 * Defaults.DEPOSIT);
        if (_act("deposit", _actor(by), abi.encodeCall(ILedger.deposit, (_actor(to), amount)))) deposited += amount;
    }

    function depositWithPermit(uint256 by, uint256 to, uint256 amount, bool spoiled) external {
        address actor = _actor(by);
        amount = bound(amount, 0, Defaults.DEPOSIT);
        vm.prank(actor);
        asset.approve(address(market), 0);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(
            actor,
            _keys[actor],
            spoiled ? amount + 1 : amount,
            type(uint256).max
        );
        bytes memory call = abi.encodeCall(ILedger.depositWithPermit, (_actor(to), amount, type(uint256).max, v, r, s));
        if (_act("depositWithPermit", actor, call)) deposited += amount;
        vm.prank(actor);
        asset.approve(address(market), type(uint256).max);
    }

    function withdraw(uint256 by, uint256 to, uint256 amount) external {
        address actor = _actor(by);
        amount = bound(amount, 0, (uint256(market.accountOf(actor).free) * 5) / 4);
        if (_act("withdraw", actor, abi.encodeCall(ILedger.withdraw, (_actor(to), amount)))) withdrawn += amount;
    }

    /// @dev Settles and withdraws in one call, as a provider does.
    function multicall(uint256 by, uint256 which, uint256 amount) external {
        address actor = _actor(by);
        amount = bound(amount, 0, market.accountOf(actor).free);
        bytes[] memory batch = new bytes[](2);
        batch[0] = abi.encodeCall(IMarket.settle, (_lotList(which)));
        batch[1] = abi.encodeCall(ILedger.withdraw, (actor, amount));
        if (_act("multicall", actor, abi.encodeCall(market.multicall, (batch)))) withdrawn += amount;
    }

    // ---------------------------------------------------------------- offers

    function postOffer(uint256 by, uint64 price, uint32 capacity, uint32 longest, bool forged) external {
        address actor = _actor(by);
        Offer memory offer = _newOffer(actor, price, capacity, longest);
        if (forged) offer.provider = _actor(by / 7);
        if (_act("postOffer", actor, abi.encodeCall(IMarket.postOffer, (offer)))) _offers.push(offer);
    }

    function cancelOffer(uint256 by, uint256 which) external {
        if (_offers.length == 0) return;
        Offer memory offer = _offers[which % _offers.length];
        _act("cancelOffer", _mostly(offer.provider, by), abi.encodeCall(IMarket.cancelOffer, (offer)));
    }

    function updateOffer(uint256 by, uint256 which, uint64 price) external {
        if (_offers.length == 0) return;
        Offer memory previous = _offers[which % _offers.length];
        Offer memory next = _newOffer(previous.provider, price, previous.capacityItems, previous.maxLotItems);
        bytes memory call = abi.encodeCall(IMarket.updateOffer, (previous, next));
        if (_act("updateOffer", _mostly(previous.provider, by), call)) _offers.push(next);
    }

    function cancelAllOffers(uint256 by) external {
        // Rarely, or there would be no offers to fill.
        if (by % 4 == 0) _act("cancelAllOffers", _actor(by / 4), abi.encodeCall(IMarket.cancelAllOffers, ()));
    }

    // ---------------------------------------------------------------- jobs

    function openJob(uint256 by, uint64 limit, uint32 items, uint16 startBps, uint256[3] calldata fills) external {
        JobRequest memory request = Defaults.request();
        request.nonce = by % 16 == 0 ? _nonce : ++_nonce;
        request.itemCount = uint32(bound(items, 0, 40));
        request.promptLimitPerMillion = uint64(bound(limit, 0, 2_000_000));
        request.outputLimitPerMillion = uint64(bound(limit / 3, 0, 4_000_000));
        request.startBps = uint16(bound(startBps, 0, 10_000));
        request.minLotItems = uint32(bound(items / 5, 0, 4));
        Fill[] memory taken = new Fill[](_offers.length == 0 ? 0 : fills.length);
        for (uint256 i = 0; i < taken.length; i++) {
            taken[i].offer = _offers[fills[i] % _offers.length];
            taken[i].itemCount = uint32((fills[i] / 1_000) % 20);
        }
        address actor = _actor(by);
        Job memory job = Defaults.job(actor, request);
        if (_act("openJob", actor, abi.encodeCall(IMarket.openJob, (request, taken)))) _jobs.push(job);
    }

    function claim(uint256 by, uint256 which, uint32 items) external {
        if (_jobs.length == 0) return;
        Job memory job = _jobs[which % _jobs.length];
        uint32 some = uint32(bound(items, 0, 12));
        _act("claim", _actor(by), abi.encodeCall(IMarket.claim, (job, some, Defaults.PROVIDER_KEY)));
    }

    function claimReopened(uint256 by, uint256 which) external {
        if (_lots.length == 0) return;
        Lot memory failed = _find(which, LotStatus.Open);
        bytes memory call = abi.encodeCall(IMarket.claimReopened, (_jobOf(failed), failed, Defaults.PROVIDER_KEY));
        _act("claimReopened", _actor(by), call);
    }

    function close(uint256 by, uint256 which) external {
        if (_jobs.length == 0) return;
        Job memory job = _jobs[which % _jobs.length];
        _act("close", _mostly(job.buyer, by), abi.encodeCall(IMarket.close, (job, _lotsOf(job))));
    }

    // ---------------------------------------------------------------- lots

    function release(uint256 by, uint256 which) external {
        if (_lots.length == 0) return;
        Lot memory lot = _find(which, LotStatus.Assigned);
        _act("release", _mostly(lot.provider, by), abi.encodeCall(IMarket.release, (lot)));
    }

    function expire(uint256 by, uint256 which, bool patient) external {
        if (_lots.length == 0) return;
        Lot memory lot = _find(which, LotStatus.Assigned);
        if (patient && block.timestamp <= lot.deadline) vm.warp(lot.deadline + 1);
        _act("expire", _actor(by), abi.encodeCall(IMarket.expire, (lot)));
    }

    function submit(uint256 by, uint256 which, uint64 promptTokens, uint64 outputTokens, uint32 errors) external {
        if (_lots.length == 0) return;
        Lot memory lot = _find(which, LotStatus.Assigned);
        Submission memory submission = Defaults.submission();
        // Now and then more than the caps allow.
        submission.promptTokens = uint64(bound(promptTokens, 0, uint256(lot.itemCount) * 1_100));
        submission.outputTokens = uint64(bound(outputTokens, 0, uint256(lot.itemCount) * 550));
        submission.errors = errors % 3 == 0 ? uint32(bound(errors, 0, lot.itemCount + 1)) : 0;
        bytes memory call = abi.encodeCall(IMarket.submit, (listOf(lot), listOf(submission)));
        _act("submit", _mostly(lot.provider, by), call);
    }

    function accept(uint256 by, uint256 which) external {
        if (_lots.length == 0) return;
        Lot memory lot = _find(which, LotStatus.Submitted);
        // The same lot twice, too.
        Lot[] memory list = which % 2 == 0 ? listOf(lot) : listOf(lot, lot);
        _act("accept", _mostly(lot.buyer, by), abi.encodeCall(IMarket.accept, (list)));
    }

    function settle(uint256 by, uint256 which) external {
        _act("settle", _actor(by), abi.encodeCall(IMarket.settle, (_lotList(which))));
    }

    function pass(uint256 elapsed) external {
        vm.warp(block.timestamp + bound(elapsed, 1, 120));
    }

    // ---------------------------------------------------------------- what holds

    function marketHandled() external view returns (IMarket) {
        return market;
    }

    function balance() external view returns (uint256) {
        return asset.balanceOf(address(market));
    }

    function lots() external view returns (Lot[] memory) {
        return _lots;
    }

    function jobs() external view returns (Job[] memory) {
        return _jobs;
    }

    function functionsCount() external view returns (uint256) {
        return functions.length;
    }

    function actorsCount() external view returns (uint256) {
        return actors.length;
    }

    /// @notice What `account` must have locked, counted from its bids and lots.
    function owedLock(address account) external view returns (uint256 locked) {
        for (uint256 i = 0; i < _jobs.length; i++) {
            Job memory job = _jobs[i];
            if (job.buyer != account) continue;
            uint256 open = market.jobState(jobIdOf(job)).openItems;
            uint256 item = 1_000 * uint256(job.request.promptLimitPerMillion);
            item += 500 * uint256(job.request.outputLimitPerMillion);
            locked += open * ((item + 1e6 - 1) / 1e6);
        }
        for (uint256 i = 0; i < _lots.length; i++) {
            Lot memory lot = _lots[i];
            LotState memory state = market.lotState(Hashes.lotId(lot));
            bool running = state.status == LotStatus.Assigned || state.status == LotStatus.Submitted;
            if (running && lot.buyer == account) locked += lot.escrow;
            if (running && lot.provider == account) locked += lot.collateral;
            if (state.status == LotStatus.Open && lot.buyer == account) locked += state.amount;
        }
    }

    // ---------------------------------------------------------------- helpers

    /// @dev Calls the market as `by`, learns of new lots as an agent does, and watches everyone's balance.
    function _act(string memory name, address by, bytes memory call) private returns (bool succeeded) {
        uint256[] memory free = new uint256[](actors.length);
        for (uint256 i = 0; i < free.length; i++) free[i] = market.accountOf(actors[i]).free;

        vm.recordLogs();
        vm.prank(by);
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, ) = address(market).call(call);
        Lot[] memory assigned = assignedLots();
        for (uint256 i = 0; i < assigned.length; i++) _lots.push(assigned[i]);

        for (uint256 i = 0; i < free.length; i++) {
            bool asked = actors[i] == by;
            // Posting an offer is asking for its collateral to be locked.
            for (uint256 j = 0; j < assigned.length; j++) asked = asked || assigned[j].provider == actors[i];
            if (!asked && market.accountOf(actors[i]).free < free[i]) robbed = actors[i];
        }
        _count(name, succeeded);
    }

    function _count(string memory name, bool succeeded) private {
        Calls storage count = calls[name];
        if (count.succeeded + count.reverted == 0) functions.push(name);
        if (succeeded) count.succeeded++;
        else count.reverted++;
    }

    function _actor(uint256 seed) private view returns (address) {
        return actors[seed % actors.length];
    }

    /// @dev Whom a call is for, and once in eight someone else.
    function _mostly(address right, uint256 seed) private view returns (address) {
        return seed % 8 == 0 ? _actor(seed / 8) : right;
    }

    function _newOffer(address by, uint64 price, uint32 capacity, uint32 longest) private returns (Offer memory offer) {
        offer = Defaults.offer(by);
        offer.promptPricePerMillion = uint64(bound(price, 0, 2_000_000));
        offer.outputPricePerMillion = uint64(bound(price / 2, 0, 2_000_000));
        offer.capacityItems = uint32(bound(capacity, 0, 60));
        offer.maxLotItems = uint32(bound(longest, 0, 30));
        offer.validUntil = uint40(block.timestamp + 1 hours);
        offer.epoch = market.accountOf(by).offerEpoch;
        offer.salt = uint64(++_nonce);
    }

    /// @dev A lot in this status from a random place on, or any if there is none: refusals are worth trying.
    function _find(uint256 seed, LotStatus status) private view returns (Lot memory lot) {
        for (uint256 i = 0; i < _lots.length; i++) {
            lot = _lots[((seed % _lots.length) + i) % _lots.length];
            if (market.lotState(Hashes.lotId(lot)).status == status) return lot;
        }
    }

    function _lotList(uint256 seed) private view returns (Lot[] memory list) {
        if (_lots.length == 0) return list;
        return listOf(_find(seed, LotStatus.Submitted), _lots[seed % _lots.length]);
    }

    function _jobOf(Lot memory lot) private view returns (Job memory job) {
        for (uint256 i = 0; i < _jobs.length; i++) {
            job = _jobs[i];
            if (jobIdOf(job) == lot.jobId) return job;
        }
    }

    function _lotsOf(Job memory job) private view returns (Lot[] memory list) {
        bytes32 jobId = jobIdOf(job);
        uint256 count;
        for (uint256 i = 0; i < _lots.length; i++) if (_lots[i].jobId == jobId) count++;
        list = new Lot[](count);
        for (uint256 i = _lots.length; i > 0; i--) if (_lots[i - 1].jobId == jobId) list[--count] = _lots[i - 1];
    }
}
