// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Backers} from "../../../contracts/Backers.sol";
import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {FirstLoss} from "../../../contracts/libraries/FirstLoss.sol";
import {JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Totals} from "../../../contracts/types/Receipt.sol";
import {BackersFixture} from "../backers/BackersFixture.sol";
import {CallCounter} from "../helpers/CallCounter.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";

/// @title Everything that anyone may do about backers, at random
/// @notice Five accounts, two providers among them, back both of these and leave; their lots are taken, released, left to
/// expire, paid, voided in part and slashed; pools open and close. A refused call is counted and forgotten.
contract BackersHandler is BackersFixture, CallCounter {
    address[5] private _actors;
    Lot[] private _lots;
    mapping(bytes32 lotId => uint256) private _backedOf;
    uint256 private _nonce;
    /// @notice What someone put on the contract's account for nothing.
    uint256 public donated;
    /// @notice What a call did that none may, or nothing.
    string public wrong;

    constructor() {
        setUp();
        fund(stranger, Defaults.DEPOSIT);
        fund(buyer, 1_000 * Defaults.DEPOSIT);
        _actors = [alice, bob, stranger, provider, rival];
        vm.prank(rival);
        backers.openPool(0);
    }

    /// @notice Starts a run with something of everything.
    function populate() external {
        for (uint256 i = 0; i < 2; i++) {
            vm.prank(alice);
            backers.back(_providerAt(i), 1_000_000);
            this.open(i, 5);
        }
    }

    // ---------------------------------------------------------------- pools

    function openPool(uint256 by, uint16 commissionBps) external {
        uint256 bps = bound(commissionBps, 0, 10_001);
        _act("openPool", address(backers), _actor(by), abi.encodeCall(IBackers.openPool, (uint16(bps))));
    }

    function closePool(uint256 by) external {
        _act("closePool", address(backers), _actor(by), abi.encodeCall(IBackers.closePool, ()));
    }

    function back(uint256 by, uint256 of_, uint256 assets) external {
        // Often next to nothing, for that is where roundings show.
        assets = bound(assets, 0, of_ % 3 == 0 ? 3 : 100_000);
        bytes memory call = abi.encodeCall(IBackers.back, (_providerAt(of_ / 3), assets));
        _act("back", address(backers), _actor(by), call);
    }

    function requestExit(uint256 by, uint256 of_, uint256 part) external {
        (address actor, address whose) = (_actor(by), _providerAt(of_));
        uint256 shares = backers.positionOf(whose, actor).shares;
        uint256 wanted = part % 4 == 0 ? shares : bound(part, 0, shares + 1);
        bytes memory call = abi.encodeCall(IBackers.requestExit, (whose, wanted));
        bool succeeded = _act("requestExit", address(backers), actor, call);
        if (succeeded != (wanted != 0 && wanted <= shares)) wrong = "an exit was refused, or one of others' shares";
    }

    function withdrawExit(uint256 by, uint256 of_, uint256 cohort) external {
        (address actor, address whose) = (_actor(by), _providerAt(of_));
        uint24 number = uint24(bound(cohort, 0, backers.poolOf(whose).generation));
        uint256 claim = backers.claimOf(whose, number, actor);
        uint256 payable_ = backers.maxWithdraw(whose, number, actor);
        uint256 before = market.accountOf(actor).free;
        bytes memory call = abi.encodeCall(IBackers.withdrawExit, (whose, number));
        bool succeeded = _act("withdrawExit", address(backers), actor, call);
        uint256 paid = market.accountOf(actor).free - before;
        if (paid != (succeeded ? payable_ : 0)) wrong = "another amount than it showed";
        if (succeeded && (claim == 0 || paid > claim)) wrong = "more than was claimed";
        if (succeeded && _runsUpTo(whose, number)) wrong = "paid while a lot ran";
    }

    /// @notice What only the Market and the contract itself may do, by someone else; and a gift to it.
    function usurp(uint256 by, uint256 what, uint256 amount) external {
        address actor = _actor(by);
        (address whose, uint40 time) = (_providerAt(what / 4), uint40(block.timestamp + 30));
        amount = bound(amount, 0, 1_000);
        bool done;
        if (what % 4 == 0) {
            done = _act("usurp", address(backers), actor, abi.encodeCall(IBackers.lock, (whose, time, amount)));
        } else if (what % 4 == 1) {
            bytes memory call = abi.encodeCall(IBackers.unlock, (whose, time, 0, amount, amount));
            done = _act("usurp", address(backers), actor, call);
        } else if (what % 4 == 2) {
            done = _act("usurp", address(market), actor, abi.encodeCall(IMarket.setBacked, (whose, what % 8 < 4)));
        } else {
            fund(address(backers), amount);
            donated += amount;
            _count("usurp", true);
        }
        if (done) wrong = "a call of the Market's by someone else";
    }

    // ---------------------------------------------------------------- lots

    function open(uint256 of_, uint256 items) external {
        Offer memory offer = Defaults.offer(_providerAt(of_));
        offer.salt = uint64(++_nonce);
        offer.validUntil = uint40(block.timestamp + 1);
        post(offer);
        JobRequest memory request = Defaults.request();
        request.nonce = _nonce;
        request.itemCount = uint32(bound(items, 2, 40));
        bool isBacked = market.accountOf(offer.provider).isBacked;
        uint256 unlocked = backers.unlockedAssets(offer.provider);
        (, Lot[] memory lots) = open(request, fillsOf(offer, request.itemCount));
        _count("open", lots.length == 1);
        if (lots.length == 0) return;
        _lots.push(lots[0]);
        if (!isBacked) return;
        uint256 backed = lots[0].collateral - FirstLoss.ownPart(lots[0].collateral, lots[0].penalty);
        if (backed > unlocked) wrong = "more than was free";
        _backedOf[Hashes.lotId(lots[0])] = backed;
    }

    /// @notice Ends a lot in one of the ways that there are.
    function end(uint256 which, uint256 how, uint256 cost, uint32 errors) external {
        if (_lots.length == 0) return;
        which = bound(which, 0, _lots.length - 1);
        Lot memory lot = _lots[which];
        uint256[2] memory pools = [uint256(backers.poolOf(provider).assets), backers.poolOf(rival).assets];
        how = how % 5;
        if (how == 0 && block.timestamp > lot.graceEndsAt) how = 1;
        if (how == 0) {
            vm.prank(lot.provider);
            market.release(lot);
            _count("release", true);
        } else if (how == 1) {
            // No time goes back.
            if (block.timestamp <= lot.deadline) vm.warp(lot.deadline + 1);
            vm.prank(stranger);
            market.expire(lot);
            _count("expire", true);
        } else {
            errors = uint32(bound(errors, 0, lot.itemCount));
            submit(lot, withErrors(errors));
            holdLot(lot, block.timestamp + 1 days);
            if (how == 2) _slash(lot, bound(cost, 0, lot.collateral / 2));
            else _pay(lot, errors, how == 3, cost);
        }
        bool mayLose = how == 2 || how == 3;
        if (!mayLose && backers.poolOf(provider).assets < pools[0]) wrong = "a pool lost";
        if (!mayLose && backers.poolOf(rival).assets < pools[1]) wrong = "a pool lost";
        _lots[which] = _lots[_lots.length - 1];
        _lots.pop();
    }

    function pass(uint256 time, bool isLong) external {
        vm.warp(block.timestamp + bound(time, 1, isLong ? 2 days : 40));
        _count("pass", true);
    }

    // ---------------------------------------------------------------- what happened

    function backersHandled() external view returns (Backers) {
        return backers;
    }

    function free(address account) external view returns (uint256) {
        return market.accountOf(account).free;
    }

    function lockedOf(address account) external view returns (uint256) {
        return market.accountOf(account).locked;
    }

    function providerAt(uint256 i) external view returns (address) {
        return _providerAt(i);
    }

    function actorAt(uint256 i) external view returns (address) {
        return _actors[i];
    }

    /// @notice What lots of `of` that run have locked of its own and of its backers'.
    function collateralOf(address whose) external view returns (uint256 own, uint256 backed) {
        for (uint256 i = 0; i < _lots.length; i++) {
            if (_lots[i].provider != whose) continue;
            uint256 part = _backedOf[Hashes.lotId(_lots[i])];
            backed += part;
            own += _lots[i].collateral - part;
        }
    }

    /// @notice Slashes what runs, and has everyone leave.
    function endAll() external {
        while (_lots.length != 0) this.end(0, 2, 0, 0);
        for (uint256 p = 0; p < 2; p++) {
            address whose = _providerAt(p);
            for (uint256 i = 0; i < _actors.length; i++) {
                uint256 shares = backers.positionOf(whose, _actors[i]).shares;
                if (shares == 0) continue;
                vm.prank(_actors[i]);
                backers.requestExit(whose, shares);
            }
            for (uint24 cohort = 0; cohort <= backers.poolOf(whose).generation; cohort++) {
                for (uint256 i = 0; i < _actors.length; i++) {
                    if (backers.claimOf(whose, cohort, _actors[i]) == 0) continue;
                    vm.prank(_actors[i]);
                    backers.withdrawExit(whose, cohort);
                }
            }
        }
    }

    // ---------------------------------------------------------------- internals

    function _slash(Lot memory lot, uint256 cost) private {
        uint256 before = market.accountOf(buyer).free + market.accountOf(stranger).free;
        uint256 own = lot.collateral - _backedOf[Hashes.lotId(lot)];
        slashLot(lot, stranger, cost);
        _count("slash", true);
        uint256 paid = market.accountOf(buyer).free + market.accountOf(stranger).free - before;
        if (paid > own) wrong = "more than the first loss";
    }

    function _pay(Lot memory lot, uint32 errors, bool isVoided, uint256 cost) private {
        if (isVoided) {
            voidItem(lot, withErrors(errors), Totals(600, 400, 0), bound(cost, 0, lot.collateral));
        } else {
            resumeLot(lot, block.timestamp);
            vm.prank(buyer);
            market.accept(Defaults.terms(lot), settlements(lot, withErrors(errors)));
        }
        _count(isVoided ? "void" : "accept", true);
    }

    /// @dev Whether a lot runs that who left with this cohort or before answers for.
    function _runsUpTo(address whose, uint24 cohort) private view returns (bool) {
        for (uint24 i = 0; i <= cohort; i++) if (backers.cohortOf(whose, i).locked != 0) return true;
        return false;
    }

    /// @dev Nobody gets shares but by their own call.
    function _act(string memory name, address target, address by, bytes memory call) private returns (bool succeeded) {
        uint256[10] memory before = _shares();
        vm.prank(by);
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, ) = target.call(call);
        _count(name, succeeded);
        uint256[10] memory after_ = _shares();
        for (uint256 i = 0; i < 10; i++) {
            if (_actors[i / 2] != by && before[i] != after_[i]) wrong = "another's shares";
        }
    }

    function _shares() private view returns (uint256[10] memory shares) {
        for (uint256 i = 0; i < 10; i++) shares[i] = backers.sharesOf(_providerAt(i), _actors[i / 2]);
    }

    function _actor(uint256 seed) private view returns (address) {
        return _actors[seed % _actors.length];
    }

    function _providerAt(uint256 seed) private view returns (address) {
        return seed % 2 == 0 ? provider : rival;
    }
}
