// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {JobRequest} from "../../../contracts/types/Job.sol";
import {Lot} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Position} from "../../../contracts/types/Pool.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {BackersFixture} from "./BackersFixture.sol";

contract BackersExitsTest is BackersFixture {
    // ---------------------------------------------------------------- requestExit

    function test_requestExit_refusesNothing() external {
        back(alice, 100);
        vm.expectRevert(abi.encodeWithSelector(IBackers.Backers_ZeroShares.selector));
        requestExit(alice, 0);
    }

    function test_requestExit_refusesMoreThanOneHas() external {
        uint256 shares = back(alice, 100);
        back(bob, 100);
        _expectInsufficient(shares, shares + 1);
        requestExit(alice, shares + 1);
        requestExit(alice, shares);
        _expectInsufficient(0, 1);
        requestExit(alice, 1);
    }

    function test_requestExit_makesAClaim() external {
        back(alice, 600);
        back(bob, 400);
        vm.expectEmit(address(backers));
        emit IBackers.ExitRequested(provider, alice, 0, 500 * SHARES, 500);
        (uint24 cohort, uint256 assets) = requestExit(alice, 500 * SHARES);
        assertEq(cohort, 0);
        assertEq(assets, 500);

        assertEq(backers.claimOf(provider, 0, alice), 500);
        assertEq(cohortAt(0).assets, 500);
        assertEq(cohortAt(0).claims, 500);
        assertEq(cohortAt(0).isLeaving, true);
        Position memory position = backers.positionOf(provider, alice);
        assertEq(position.shares, 100 * SHARES);
        assertEq(position.exiting, 500);
        assertEq(backers.sharesOf(provider, alice), 100 * SHARES + 500);
        assertEq(pool().shares, 500 * SHARES);
        assertAccount(alice, Defaults.DEPOSIT - 600, 0);
        assertPool(500, 0);
    }

    function test_requestExit_addsToAClaim() external {
        back(alice, 600);
        requestExit(alice, 500 * SHARES);
        requestExit(alice, 60 * SHARES);
        assertEq(backers.claimOf(provider, 0, alice), 560);
        assertEq(backers.positionOf(provider, alice).exiting, 560);
        assertEq(cohortAt(0).claims, 560);
        assertPool(40, 0);
    }

    function test_requestExit_roundsForThoseWhoStay() external {
        back(alice, 1_000);
        back(bob, 1_000);
        lockFor(block.timestamp + 30, 0);
        // 2,007 for 2,000 shares, and a part of a unit for those that nobody has: 3 shares are worth 3.01.
        unlockOf(block.timestamp + 30, 0, 0, 8);
        vm.warp(block.timestamp + 7 days);
        (, uint256 assets) = requestExit(alice, 3 * SHARES);
        assertEq(assets, 3);
        (, assets) = requestExit(alice, SHARES - 1);
        assertEq(assets, 1);
        (, assets) = requestExit(alice, SHARES / 2);
        assertEq(assets, 0);
        assertEq(pool().assets, 2_003);
    }

    function test_requestExit_ofAllButOneShareLeavesABacker() external {
        back(alice, 1);
        requestExit(alice, SHARES - 1);
        assertEq(backers.positionOf(provider, alice).shares, 1);
        assertEq(backers.sharesOf(provider, alice), 1);
    }

    function test_requestExit_ofTheLastSharesTakesEverything() external {
        back(alice, 2 * BACKED);
        uint256 shares = back(bob, BACKED);
        accept(submitted(1));
        requestExit(bob, shares);
        // What has not vested, and what roundings left.
        (, uint256 assets) = exitWithAll(alice);
        assertEq(assets, 2 * BACKED + EARNED);
        assertEq(pool().shares, 0);
        assertEq(pool().vesting, 0);
        assertEq(backers.totalAssets(provider), 0);
        assertPool(0, 0);
        // And a new pool begins as the first did.
        assertEq(back(bob, 7), 7 * SHARES);
    }

    function test_requestExit_earnsNothingMore() external {
        uint256 shares = back(alice, BACKED);
        back(bob, BACKED);
        Lot memory lot = submitted(1);
        requestExit(alice, shares);
        accept(lot);
        assertPool(BACKED + EARNED, 0);
        assertEq(withdraw(alice, 0), BACKED);
    }

    function test_requestExit_joinsNoNewLock() external {
        uint256 shares = back(alice, BACKED);
        back(bob, BACKED);
        _open(1, 1);
        requestExit(alice, shares);
        assertEq(backers.unlockedAssets(provider), 0);
        vm.warp(block.timestamp + 1);
        _open(2, 0);
        assertPool(BACKED, BACKED);
    }

    function test_requestExit_leavesNoMoreThanAllLocks() external {
        uint256 shares = back(alice, BACKED);
        _open(1, 1);
        requestExit(alice, shares);
        // Fewer assets stay than are locked, and none can be locked.
        assertEq(backers.unlockedAssets(provider), 0);
        assertPool(0, BACKED);
    }

    // ---------------------------------------------------------------- generations

    function test_lock_inTheSecondOfTheLastOneAndAfterAnExitIsRefused() external {
        back(alice, 4 * BACKED);
        _open(1, 1);
        requestExit(alice, BACKED * SHARES);
        // Its grace would end with that of a lot which the cohort answers for.
        _open(2, 0);
        assertEq(pool().generation, 1);
        vm.warp(block.timestamp + 1);
        _open(3, 1);
        assertEq(pool().generation, 1);
        assertEq(cohortAt(0).locked, BACKED);
        assertEq(cohortAt(1).locked, BACKED);
        assertEq(cohortAt(1).startsAfter, Defaults.START + 30);
        assertPool(3 * BACKED, 2 * BACKED);
    }

    function test_lock_afterNoExitStaysInItsGeneration() external {
        back(alice, 4 * BACKED);
        _open(1, 1);
        vm.warp(block.timestamp + 1);
        _open(2, 1);
        assertEq(pool().generation, 0);
        assertEq(cohortAt(0).locked, 2 * BACKED);
    }

    /// @dev A lot pays for looking only where there are many.
    function test_lock_looksForTheFirstOpenGenerationOnlyAmongMany() external {
        back(alice, 10_000);
        uint256 start = block.timestamp;
        for (uint256 i = 0; i < 64; i++) _lockAndLeave();
        for (uint256 i = 1; i < 64; i++) unlockOf(start + i + 30, 1, 0, 0);
        assertEq(pool().generation, 63);
        _lockAndLeave();
        assertEq(pool().generation, 64);
        assertEq(pool().firstOpen, 0);
        _lockAndLeave();
        assertEq(pool().generation, 65);
        assertEq(pool().firstOpen, 63);
    }

    function test_lock_opensAnotherWhereNoneRunsAnyMore() external {
        back(alice, 10_000);
        uint256 start = block.timestamp;
        for (uint256 i = 0; i < 65; i++) _lockAndLeave();
        for (uint256 i = 1; i <= 65; i++) unlockOf(start + i + 30, 1, 0, 0);
        _lockAndLeave();
        assertEq(pool().generation, 65);
        // The one that was the last, in which others had left.
        assertEq(pool().firstOpen, 64);
    }

    function test_unlock_findsTheGenerationOfEachLot() external {
        back(alice, 1_000);
        uint256 start = block.timestamp;
        for (uint256 i = 0; i < 9; i++) {
            vm.warp(start + 10 * i);
            assertEq(lockFor(block.timestamp + 30, 10 + i), true);
            if (i % 2 == 0) requestExit(alice, SHARES);
        }
        // Two lots of each generation but the first.
        assertEq(pool().generation, 4);
        for (uint256 i = 9; i > 0; i--) {
            uint24 generation = uint24(i / 2);
            uint256 before = cohortAt(generation).locked;
            unlockOf(start + 10 * (i - 1) + 30, 9 + i, 0, 0);
            assertEq(cohortAt(generation).locked, before - 9 - i);
        }
        assertEq(pool().locked, 0);
        assertBooks();
    }

    function test_lock_opensSixtyFourGenerationsAndOneMoreADay() external {
        back(alice, 10_000);
        for (uint256 i = 0; i < 70; i++) _lockAndLeave();
        assertEq(pool().generation, 64);
        assertEq(cohortAt(64).locked, 6);

        vm.warp((block.timestamp / 1 days + 1) * 1 days);
        _lockAndLeave();
        _lockAndLeave();
        assertEq(pool().generation, 65);
        assertEq(pool().generationDay, block.timestamp / 1 days);
        assertSolvent();
    }

    function test_lock_opensAsManyAgainOnceTheFirstAreOver() external {
        back(alice, 10_000);
        uint256 start = block.timestamp;
        for (uint256 i = 0; i < 65; i++) _lockAndLeave();
        for (uint256 i = 1; i <= 10; i++) unlockOf(start + i + 30, 1, 0, 0);
        for (uint256 i = 0; i < 20; i++) _lockAndLeave();
        assertEq(pool().firstOpen, 10);
        assertEq(pool().generation, 74);
        assertEq(cohortAt(74).locked, 11);
    }

    // ---------------------------------------------------------------- withdrawExit

    function test_withdrawExit_refusesWhoHasNoClaim() external {
        back(alice, 100);
        expectNoClaim(alice, 0);
        withdraw(alice, 0);
        requestExit(alice, 50 * SHARES);
        expectNoClaim(bob, 0);
        withdraw(bob, 0);
        expectNoClaim(alice, 1);
        withdraw(alice, 1);
        withdraw(alice, 0);
        expectNoClaim(alice, 0);
        withdraw(alice, 0);
    }

    function test_withdrawExit_refusesWhileALotOfItsGenerationRuns() external {
        back(alice, 2 * BACKED);
        Lot memory lot = submitted(1);
        requestExit(alice, BACKED * SHARES);
        assertEq(backers.maxWithdraw(provider, 0, alice), 0);
        expectStillLocked(0, BACKED);
        withdraw(alice, 0);
        accept(lot);
        assertEq(backers.maxWithdraw(provider, 0, alice), BACKED);
        assertEq(withdraw(alice, 0), BACKED);
    }

    function test_withdrawExit_refusesWhileALotOfAnEarlierGenerationRuns() external {
        back(alice, 3 * BACKED);
        Lot memory first = submitted(1);
        requestExit(alice, SHARES);
        vm.warp(block.timestamp + 1);
        Lot memory second = submitted(2);
        (uint24 cohort, ) = requestExit(alice, 5 * SHARES);
        assertEq(cohort, 1);
        accept(second);
        expectStillLocked(0, BACKED);
        withdraw(alice, 1);
        accept(first);
        assertEq(withdraw(alice, 1), 5);
        assertEq(withdraw(alice, 0), 1);
        assertEq(pool().firstOpen, 1);
        assertBooks();
    }

    function test_withdrawExit_doesNotWaitForLaterLots() external {
        back(alice, 3 * BACKED);
        Lot memory lot = submitted(1);
        requestExit(alice, BACKED * SHARES);
        vm.warp(block.timestamp + 1);
        _open(2, 1);
        accept(lot);
        assertEq(withdraw(alice, 0), BACKED);
        assertEq(pool().firstOpen, 1);
        assertEq(pool().locked, BACKED);
        assertBooks();
    }

    function test_withdrawExit_paysAtOnceWhereNothingRuns() external {
        back(alice, 100);
        requestExit(alice, 70 * SHARES);
        assertEq(backers.maxWithdraw(provider, 0, alice), 70);
        assertEq(backers.maxWithdraw(provider, 0, bob), 0);
        assertEq(backers.maxWithdraw(provider, 1, alice), 0);
        vm.expectEmit(address(backers));
        emit IBackers.ExitWithdrawn(provider, alice, 0, 70);
        assertEq(withdraw(alice, 0), 70);

        assertEq(backers.claimOf(provider, 0, alice), 0);
        assertEq(cohortAt(0).assets, 0);
        assertEq(cohortAt(0).claims, 0);
        assertEq(backers.sharesOf(provider, alice), 30 * SHARES);
        assertEq(pool().firstOpen, 0);
        assertAccount(alice, Defaults.DEPOSIT - 30, 0);
        assertPool(30, 0);
    }

    function test_withdrawExit_paysEachTheirPartOfACohort() external {
        back(alice, 3 * BACKED);
        back(bob, BACKED);
        Lot memory lot = submitted(1);
        exitWithAll(alice);
        exitWithAll(bob);
        slashed(lot);
        assertEq(withdraw(bob, 0), (3 * BACKED) / 4);
        assertEq(withdraw(alice, 0), 3 * BACKED - BACKED - (3 * BACKED) / 4 + BACKED);
        assertEq(cohortAt(0).assets, 0);
        assertBooks();
    }

    function test_withdrawExit_ofAWipedClaimPaysNothing() external {
        back(alice, BACKED);
        Lot memory lot = submitted(1);
        exitWithAll(alice);
        slashed(lot);
        assertEq(backers.maxWithdraw(provider, 0, alice), 0);
        assertEq(withdraw(alice, 0), 0);
        assertEq(backers.sharesOf(provider, alice), 0);
        expectNoClaim(alice, 0);
        withdraw(alice, 0);
    }

    // ---------------------------------------------------------------- helpers

    /// @dev A default lot, or none for want of collateral.
    function _open(uint256 nonce, uint256 count) private {
        vm.recordLogs();
        JobRequest memory request = Defaults.request();
        request.nonce = nonce;
        Offer memory offer = Defaults.offer(provider);
        offer.salt = uint64(nonce);
        post(offer);
        vm.prank(buyer);
        market.openJob(buyer, request, fillsOf(offer, Defaults.ITEMS));
        assertEq(assignedLots().length, count, "lots");
    }

    /// @dev A second on, a lot that runs, and someone leaves.
    function _lockAndLeave() private {
        vm.warp(block.timestamp + 1);
        assertEq(lockFor(block.timestamp + 30, 1), true);
        requestExit(alice, SHARES);
    }

    function _expectInsufficient(uint256 shares, uint256 needed) private {
        vm.expectRevert(
            abi.encodeWithSelector(IBackers.Backers_InsufficientShares.selector, provider, alice, shares, needed)
        );
    }
}
