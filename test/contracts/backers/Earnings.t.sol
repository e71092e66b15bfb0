// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {BackersFixture} from "./BackersFixture.sol";

/// @dev How what a pool earns becomes its backers'.
contract BackersEarningsTest is BackersFixture {
    uint256 private constant WEEK = 7 days;

    function test_unlock_keepsTheCommissionBack() external {
        back(alice, 1_000);
        assertEq(_earn(1_001), 900);
        assertEq(pool().assets, 1_900);
        assertEq(pool().vesting, 900);
        assertEq(pool().vestingFrom, block.timestamp);
        assertEq(pool().vestingUntil, block.timestamp + WEEK);
    }

    function test_unlock_sharesNothingUnderACommissionOfAll() external {
        vm.prank(rival);
        backers.openPool(10_000);
        vm.prank(alice);
        backers.back(rival, 1_000);
        vm.recordLogs();
        vm.prank(address(market));
        assertEq(backers.unlock(rival, uint40(block.timestamp), 0, 0, 1_000), 0);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(backers.poolOf(rival).assets, 1_000);
    }

    function test_unlock_sharesNoMoreThanFits() external {
        back(alice, 1_000);
        assertEq(_earn(type(uint112).max), type(uint96).max - 1_000);
        assertEq(pool().assets, type(uint96).max);
        assertEq(_earn(1_000), 0);
        vm.warp(block.timestamp + WEEK);
        (, uint256 assets) = exitWithAll(alice);
        assertEq(assets, type(uint96).max);
    }

    function test_earnings_vestEvenlyToTheSecond() external {
        uint256 shares = back(alice, 1_000_000);
        _earn(WEEK);
        uint256 start = block.timestamp;
        uint256 share = (WEEK * 9) / 10;
        assertEq(backers.totalAssets(provider), 1_000_000);
        vm.warp(start + 1);
        // What has not vested is rounded up.
        assertEq(backers.totalAssets(provider), 1_000_000);
        vm.warp(start + 2);
        assertEq(backers.totalAssets(provider), 1_000_001);
        vm.warp(start + 10);
        assertEq(backers.totalAssets(provider), 1_000_009);
        vm.warp(start + WEEK - 1);
        assertEq(backers.totalAssets(provider), 1_000_000 + share - 1);
        vm.warp(start + WEEK);
        assertEq(backers.totalAssets(provider), 1_000_000 + share);
        vm.warp(start + 2 * WEEK);
        assertEq(backers.totalAssets(provider), 1_000_000 + share);
        (, uint256 assets) = requestExit(alice, shares);
        assertEq(assets, 1_000_000 + share);
    }

    function test_earnings_goOnAtTheMeanOfBothTimes() external {
        back(alice, 1_000_000);
        _earn(10_000);
        vm.warp(block.timestamp + WEEK / 2);
        _earn(5_000);
        // 4,500 for half a week more, and 4,500 for a week.
        assertEq(pool().vesting, 9_000);
        assertEq(pool().vestingUntil, block.timestamp + (WEEK * 3) / 4);
        assertEq(backers.totalAssets(provider), 1_004_500);
        vm.warp(block.timestamp + (WEEK * 3) / 8);
        assertEq(backers.totalAssets(provider), 1_009_000);
    }

    function test_earnings_areNotHeldUpBySmallOnes() external {
        back(alice, 1_000_000);
        _earn(1_000_000);
        uint256 end = block.timestamp + WEEK;
        for (uint256 i = 0; i < 6; i++) {
            vm.warp(block.timestamp + 1 days);
            _earn(2);
            assertLe(pool().vestingUntil, end + 20, "held up");
        }
    }

    function test_earnings_afterTheLastVestedTakeAWeek() external {
        back(alice, 1_000);
        _earn(1_000);
        vm.warp(block.timestamp + 3 * WEEK);
        _earn(500);
        assertEq(pool().vesting, 450);
        assertEq(pool().vestingFrom, block.timestamp);
        assertEq(pool().vestingUntil, block.timestamp + WEEK);
        assertEq(backers.totalAssets(provider), 1_900);
    }

    function test_earnings_loseTheirPartInASlash() external {
        back(alice, 10_000);
        lockFor(block.timestamp + 30, 5_450);
        _earn(1_000);
        // Half of 10,900.
        unlockOf(block.timestamp + 30, 5_450, 5_450, 0);
        assertEq(pool().assets, 5_450);
        assertEq(pool().vesting, 450);
        assertEq(backers.totalAssets(provider), 5_000);
        vm.warp(block.timestamp + WEEK);
        assertEq(backers.totalAssets(provider), 5_450);
    }

    function test_earnings_notVestedStayWithWhoStays() external {
        back(alice, 10_000);
        back(bob, 10_000);
        _earn(10_000);
        vm.warp(block.timestamp + WEEK / 2);
        (, uint256 assets) = exitWithAll(alice);
        // And what a share that nobody has would get.
        assertEq(assets, 12_249);
        vm.warp(block.timestamp + WEEK / 2);
        (, assets) = exitWithAll(bob);
        assertEq(assets, 16_751);
    }

    function test_earnings_ofALaterBackerAreThoseOfItsTime() external {
        back(alice, 10_000);
        _earn(10_000);
        vm.warp(block.timestamp + WEEK / 2);
        // 4,500 have vested for alice alone.
        back(bob, 14_500);
        vm.warp(block.timestamp + WEEK / 2);
        (, uint256 assets) = exitWithAll(bob);
        assertEq(assets, 14_500 + 2_250 - 1);
        (, assets) = exitWithAll(alice);
        assertEq(assets, 10_000 + 4_500 + 2_250 + 1);
    }

    function test_views_ofAPoolThatNobodyOpened() external view {
        assertEq(backers.totalAssets(rival), 0);
        assertEq(backers.unlockedAssets(rival), 0);
        assertEq(backers.convertToShares(rival, 5), 5 * SHARES);
        assertEq(backers.convertToAssets(rival, 5 * SHARES), 5);
        assertEq(backers.maxWithdraw(rival, 0, alice), 0);
    }

    // ---------------------------------------------------------------- fuzz

    /// @dev ERC-4626's rounding: against whoever comes or goes, by less than two units each way.
    function testFuzz_conversions_roundForThePool(
        uint256 first,
        uint256 earned,
        uint256 elapsed,
        uint256 second
    ) external {
        first = bound(first, 1, Defaults.DEPOSIT);
        second = bound(second, 1, Defaults.DEPOSIT);
        back(alice, first);
        _earn(bound(earned, 0, 1e12));
        vm.warp(block.timestamp + bound(elapsed, 0, 2 * WEEK));
        uint256 shares = backers.convertToShares(provider, second);
        vm.assume(shares != 0);
        uint256 price = backers.totalAssets(provider) / (first * SHARES) + 2;
        assertEq(back(bob, second), shares);
        uint256 worth = backers.convertToAssets(provider, shares);
        assertLe(worth, second, "shares for nothing");
        assertLe(second, worth + price, "lost by coming");
        (, uint256 assets) = exitWithAll(bob);
        assertEq(assets, worth);
    }

    /// @dev Whatever is paid when, what has not vested is never more than there is, and vests in a week.
    function testFuzz_earnings_vestWithinAWeek(uint96[6] memory amounts, uint32[6] memory times) external {
        back(alice, 1_000);
        uint256 before = 1_000;
        uint256 share;
        for (uint256 i = 0; i < amounts.length; i++) {
            share += _earn(bound(amounts[i], 0, 1e12));
            assertGe(backers.totalAssets(provider), before, "vested went back");
            assertLe(pool().vestingUntil, block.timestamp + WEEK, "longer than a week");
            vm.warp(block.timestamp + bound(times[i], 0, WEEK));
            before = backers.totalAssets(provider);
        }
        vm.warp(block.timestamp + WEEK);
        assertEq(backers.totalAssets(provider), 1_000 + share);
    }

    function _earn(uint256 earned) private returns (uint256 share) {
        return unlockOf(block.timestamp + 30, 0, 0, earned);
    }
}
