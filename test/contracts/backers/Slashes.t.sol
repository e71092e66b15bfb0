// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {Lot} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {BackersFixture} from "./BackersFixture.sol";

/// @dev Who pays when a backed lot is slashed.
contract BackersSlashesTest is BackersFixture {
    // ---------------------------------------------------------------- those who stay and those who left

    function test_slash_isBornePartForPart() external {
        back(alice, 30_000);
        back(bob, 10_000);
        Lot memory lot = submitted(1);
        exitWithAll(bob);
        slashed(lot);
        // A quarter is 2,888.75.
        assertEq(cohortAt(0).assets, 10_000 - 2_889);
        assertEq(cohortAt(0).claims, 10_000);
        assertPool(30_000 - 8_666, 0);
        assertEq(backers.convertToAssets(provider, 30_000 * SHARES), 30_000 - 8_666);
        assertEq(backers.maxWithdraw(provider, 0, bob), 10_000 - 2_889);
        assertEq(withdraw(bob, 0), 10_000 - 2_889);
    }

    function test_slash_ofALaterLotSparesWhoLeftBefore() external {
        back(alice, 2 * BACKED);
        back(bob, BACKED);
        Lot memory first = submitted(1);
        exitWithAll(bob);
        vm.warp(block.timestamp + 1);
        Lot memory second = submitted(2);
        holdLot(second, block.timestamp + 1 days);
        vm.expectEmit(address(backers));
        emit IBackers.PoolSlashed(provider, 1, BACKED);
        slashLot(second, stranger, 0);
        assertEq(cohortAt(0).assets, BACKED);
        assertPool(BACKED, BACKED);
        accept(first);
        assertEq(withdraw(bob, 0), BACKED);
    }

    function test_slash_ofAnEarlierLotIsBorneByWhoLeftLaterToo() external {
        back(alice, 2 * BACKED);
        back(bob, 2 * BACKED);
        Lot memory first = submitted(1);
        requestExit(alice, BACKED * SHARES);
        vm.warp(block.timestamp + 1);
        submitted(2);
        requestExit(bob, BACKED * SHARES);
        slashed(first);
        // Each of both cohorts has a quarter of what answers, and the pool has half: 2,888.75 and 5,777.5.
        assertEq(cohortAt(0).assets, BACKED - 2_889);
        assertEq(cohortAt(1).assets, BACKED - 2_889);
        assertPool(2 * BACKED - 5_777, BACKED);
    }

    function test_slash_takesNoMoreThanItsPartOfManySmallCohorts() external {
        back(alice, 1_000);
        uint256 start = block.timestamp;
        for (uint256 i = 0; i < 3; i++) {
            vm.warp(start + i);
            lockFor(block.timestamp + 30, 1);
            requestExit(alice, SHARES);
        }
        // One unit, which the first of them bears whole.
        unlockOf(start + 30, 1, 1, 0);
        assertEq(cohortAt(0).assets, 0);
        assertEq(cohortAt(1).assets, 1);
        assertEq(cohortAt(2).assets, 1);
        assertEq(pool().assets, 997);
        // Of three the first two.
        lockFor(start + 33, 2);
        unlockOf(start + 31, 1, 1, 0);
        assertEq(cohortAt(1).assets, 0);
        assertEq(cohortAt(2).assets, 1);
        assertSolvent();
    }

    function test_slash_ofEverythingAfterEveryoneLeft() external {
        back(alice, 3 * BACKED);
        Lot memory lot = submitted(1);
        exitWithAll(alice);
        assertEq(pool().assets, 0);
        slashed(lot);
        assertEq(cohortAt(0).assets, 2 * BACKED);
        // Nobody had shares that could be void.
        assertEq(pool().epoch, 0);
        assertEq(withdraw(alice, 0), 2 * BACKED);
        assertBooks();
    }

    function test_slash_endsItsOwnLockAlone() external {
        back(alice, 2 * BACKED);
        Lot memory first = submitted(1);
        Lot memory second = submitted(2);
        slashed(first);
        assertPool(BACKED, BACKED);
        slashed(second);
        assertPool(0, 0);
    }

    // ---------------------------------------------------------------- exits after a slash

    function test_requestExit_afterASlashIsInAnotherCohort() external {
        back(alice, 2 * BACKED);
        back(bob, 2 * BACKED);
        Lot memory lot = submitted(1);
        exitWithAll(alice);
        slashed(lot);
        assertEq(pool().generation, 0);
        (uint24 cohort, uint256 assets) = exitWithAll(bob);
        assertEq(cohort, 1);
        assertEq(pool().generation, 1);
        assertEq(pool().generationDay, block.timestamp / 1 days);
        // What bob left with bears nothing of it again.
        assertEq(backers.claimOf(provider, 1, bob), assets);
        assertEq(withdraw(bob, 1), assets);
        assertEq(withdraw(alice, 0), 4 * BACKED - BACKED - assets);
        assertBooks();
    }

    /// @dev In a day that has had all its generations.
    function test_requestExit_intoASlashedCohortComesAtItsWorth() external {
        back(alice, 100_000);
        back(bob, 50_000);
        uint256 start = _fillGenerations();
        requestExit(alice, 40_000 * SHARES);
        lockFor(start + 1_000, 30_000);
        unlockOf(start + 1_000, 30_000, 30_000, 0);
        uint256 assetsBefore = cohortAt(64).assets;
        uint256 claimsBefore = cohortAt(64).claims;
        assertTrue(assetsBefore < claimsBefore, "not slashed");

        (uint24 cohort, uint256 assets) = exitWithAll(bob);
        assertEq(cohort, 64);
        uint256 claim = (assets * claimsBefore) / assetsBefore;
        assertEq(backers.claimOf(provider, 64, bob), claim);
        assertEq(backers.positionOf(provider, bob).exiting, claim);
        assertEq(cohortAt(64).assets, assetsBefore + assets);
        assertEq(cohortAt(64).claims, claimsBefore + claim);
        for (uint256 i = 1; i <= 65; i++) unlockOf(start + i + 30, 1, 0, 0);
        uint256 paid = withdraw(bob, 64);
        assertLe(assets - 1, paid, "lost by a slash before");
        assertLe(paid, assets, "gained");
        assertSolvent();
    }

    function test_requestExit_intoAWipedCohort() external {
        back(alice, 1_000);
        back(bob, 1_000);
        uint256 start = _fillGenerations();
        // The only unit of the cohort goes.
        unlockOf(start + 65 + 30, 1, 1, 0);
        assertEq(cohortAt(64).assets, 0);
        assertEq(cohortAt(64).claims, 1);
        (uint24 cohort, uint256 assets) = exitWithAll(bob);
        assertEq(cohort, 64);
        assertEq(backers.claimOf(provider, 64, bob), assets);
        for (uint256 i = 1; i <= 64; i++) unlockOf(start + i + 30, 1, 0, 0);
        assertLe(assets - 1, withdraw(bob, 64), "lost to a claim that was wiped");
    }

    function test_requestExit_theDayAfterIsInAnotherCohort() external {
        back(alice, 1_000);
        back(bob, 1_000);
        uint256 start = _fillGenerations();
        unlockOf(start + 65 + 30, 1, 1, 0);
        vm.warp(block.timestamp + 1 days);
        (uint24 cohort, uint256 assets) = exitWithAll(bob);
        assertEq(cohort, 65);
        assertEq(backers.claimOf(provider, 65, bob), assets);
    }

    // ---------------------------------------------------------------- epochs

    function test_slash_ofAllThatStaysVoidsItsShares() external {
        back(alice, BACKED);
        Lot memory lot = submitted(1);
        holdLot(lot, block.timestamp + 1 days);
        vm.expectEmit(address(backers));
        emit IBackers.PoolSlashed(provider, 0, BACKED);
        vm.expectEmit(address(backers));
        emit IBackers.PoolWiped(provider, 1);
        slashLot(lot, stranger, 0);
        assertEq(pool().epoch, 1);
        assertEq(pool().shares, 0);
        assertEq(backers.sharesOf(provider, alice), 0);
        assertEq(backers.positionOf(provider, alice).epoch, 1);
        assertPool(0, 0);
        vm.expectRevert(abi.encodeWithSelector(IBackers.Backers_InsufficientShares.selector, provider, alice, 0, 1));
        requestExit(alice, 1);

        // The next epoch begins as the first did, for both.
        assertEq(back(bob, 500), 500 * SHARES);
        assertEq(back(alice, 700), 700 * SHARES);
        assertEq(backers.sharesOf(provider, alice), 700 * SHARES);
        assertPool(1_200, 0);
    }

    function test_slash_ofAllButOneUnitVoidsNothing() external {
        uint256 shares = back(alice, BACKED + 1);
        slashed(submitted(1));
        assertEq(pool().epoch, 0);
        assertEq(backers.sharesOf(provider, alice), shares);
        assertPool(1, 0);
        (, uint256 assets) = requestExit(alice, shares);
        assertEq(assets, 1);
    }

    function test_epoch_leavesClaimsOfTheOneBefore() external {
        back(alice, BACKED + 500);
        requestExit(alice, 500 * SHARES);
        slashed(submitted(1));
        assertEq(pool().epoch, 1);
        assertEq(backers.sharesOf(provider, alice), 500);
        // Kept when the position is written anew.
        back(alice, 300);
        assertEq(backers.sharesOf(provider, alice), 300 * SHARES + 500);
        assertEq(withdraw(alice, 0), 500);
        assertEq(backers.sharesOf(provider, alice), 300 * SHARES);
        assertPool(300, 0);
    }

    function test_epoch_takesNoSharesOfTheOneBeforeAlong() external {
        back(alice, BACKED);
        slashed(submitted(1));
        back(bob, BACKED);
        assertEq(back(alice, 1), SHARES);
        assertEq(backers.sharesOf(provider, alice), SHARES);
        vm.warp(block.timestamp + 1);
        slashed(submitted(2));
        assertEq(pool().epoch, 1);
        assertPool(1, 0);
    }

    // ---------------------------------------------------------------- fuzz

    /// @dev Nobody bears more than their part and a unit, whoever left, whenever.
    function testFuzz_slash_isBornePartForPart(uint96 first, uint96 second, uint96 third, uint256 lost) external {
        uint256[3] memory assets = [bound(first, 1, 1e8), bound(second, 1, 1e8), bound(third, 1, 1e8)];
        uint256 total = assets[0] + assets[1] + assets[2];
        back(alice, assets[0] + assets[2]);
        back(bob, assets[1]);
        lost = bound(lost, 0, total);
        lockFor(block.timestamp + 30, total);
        exitWithAll(bob);
        requestExit(alice, assets[2] * SHARES);
        unlockOf(block.timestamp + 30, total, lost, 0);
        uint256 left = assets[1] + assets[2] - cohortAt(0).assets;
        uint256 part = (lost * (assets[1] + assets[2])) / total;
        assertLe(part, left, "the cohort bore less");
        assertLe(left, part + 1, "the cohort bore more");
        assertEq(pool().assets, assets[0] - (lost - left));
    }

    /// @dev As many generations as a day has, the last with a lot and a claim of one unit as all others.
    function _fillGenerations() private returns (uint256 start) {
        start = block.timestamp;
        for (uint256 i = 1; i <= 65; i++) {
            vm.warp(start + i);
            lockFor(block.timestamp + 30, 1);
            requestExit(alice, SHARES);
        }
        assertEq(pool().generation, 64);
    }
}
