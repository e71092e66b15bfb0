// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cohort, Pool} from "../../../contracts/types/Pool.sol";
import {vm} from "../helpers/Vm.sol";
import {BackersFixture} from "./BackersFixture.sol";

/// @dev What Backers.sol says of itself: however lots, exits, payments and slashes follow each other, whoever answers for
/// lots has enough for all of them.
contract BackersSolvencyTest is BackersFixture {
    /// @notice A lot that runs.
    struct Lock {
        uint40 graceEndsAt;
        uint96 amount;
    }

    uint256 private constant STEPS = 48;
    /// @dev Amounts are rounded up by less than one in so many.
    uint256 private constant SCALE = 1e27;

    Lock[] private _locks;

    function testFuzz_locks_areCoveredByWhoAnswersForThem(uint256 seed, bool inDust) external {
        uint256 unit = inDust ? 3 : 1_000_000;
        back(alice, 10 * unit);
        for (uint256 i = 0; i < STEPS; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            _step(seed % 8, (seed >> 8) % unit, seed >> 64);
            assertSolvent();
            _assertSum();
        }
        // And so each can be slashed in full, in any order.
        while (_locks.length != 0) {
            seed = uint256(keccak256(abi.encode(seed)));
            _end(seed % _locks.length, true);
            assertSolvent();
        }
        uint256 left = assertSolvent();
        uint256 paid;
        address[2] memory accounts = [alice, bob];
        for (uint256 i = 0; i < accounts.length; i++) {
            if (backers.positionOf(provider, accounts[i]).shares != 0) exitWithAll(accounts[i]);
        }
        for (uint24 cohort = 0; cohort <= pool().generation; cohort++) {
            for (uint256 i = 0; i < accounts.length; i++) {
                if (backers.claimOf(provider, cohort, accounts[i]) != 0) paid += withdraw(accounts[i], cohort);
            }
        }
        assertEq(paid, left, "something stays behind");
        assertEq(assertSolvent(), 0);
    }

    function _step(uint256 kind, uint256 amount, uint256 which) private {
        address who = which % 2 == 0 ? alice : bob;
        which /= 2;
        if (kind == 0) {
            // A pool that was wiped but for a unit or so takes nobody until it is empty.
            vm.prank(who);
            // solhint-disable-next-line avoid-low-level-calls
            (bool backed, ) = address(backers).call(abi.encodeCall(backers.back, (provider, amount)));
            backed;
        } else if (kind == 1) {
            uint256 shares = backers.positionOf(provider, who).shares;
            if (shares != 0) requestExit(who, 1 + (which % shares));
        } else if (kind < 5) {
            vm.warp(block.timestamp + (which % 3));
            uint256 free = backers.unlockedAssets(provider);
            amount = kind == 2 ? free : amount % (free + 1);
            uint40 graceEndsAt = uint40(block.timestamp + 30);
            if (amount != 0 && lockFor(graceEndsAt, amount)) _locks.push(Lock(graceEndsAt, uint96(amount)));
        } else if (kind < 7) {
            if (_locks.length != 0) _end(which % _locks.length, kind == 5);
        } else {
            uint24 cohort = uint24(which % (uint256(pool().generation) + 1));
            if (backers.maxWithdraw(provider, cohort, who) != 0) withdraw(who, cohort);
        }
    }

    /// @dev In full, or in part with a payment.
    function _end(uint256 index, bool isSlashed) private {
        Lock memory lock = _locks[index];
        _locks[index] = _locks[_locks.length - 1];
        _locks.pop();
        uint256 lost = isSlashed ? lock.amount : lock.amount / 3;
        unlockOf(lock.graceEndsAt, lock.amount, lost, isSlashed ? 0 : lock.amount / 7);
    }

    /// @dev The inequality of Backers.sol, for every generation: each part rounded up.
    function _assertSum() private view {
        Pool memory now_ = pool();
        uint256 answering = now_.assets;
        uint256 behind;
        Cohort[] memory cohorts = new Cohort[](uint256(now_.generation) + 1);
        uint256[] memory answers = new uint256[](cohorts.length);
        for (uint256 i = cohorts.length; i > 0; i--) {
            cohorts[i - 1] = cohortAt(uint24(i - 1));
            answering += cohorts[i - 1].assets;
            answers[i - 1] = answering;
            behind += cohorts[i - 1].locked;
        }
        uint256 before;
        for (uint256 i = 0; i < cohorts.length; i++) {
            if (behind != 0) {
                uint256 sum = before + (behind * SCALE) / answers[i];
                assertLe(sum, SCALE, "more than can be slashed");
            }
            if (cohorts[i].locked != 0) before += (uint256(cohorts[i].locked) * SCALE) / answers[i];
            behind -= cohorts[i].locked;
        }
    }
}
