// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {JobRequest, Job} from "../../../contracts/types/Job.sol";
import {Lot} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {BackersFixture} from "./BackersFixture.sol";

contract BackersAttacksTest is BackersFixture {
    // ---------------------------------------------------------------- robbing the backers

    /// @dev A provider who is its own buyer and prover pays at least what it gets, whatever the lot's prices.
    function testFuzz_attack_robTheBackersByASlashOfOnesOwn(
        uint64 limit,
        uint16 startBps,
        uint256 elapsed,
        uint256 cost
    ) external {
        back(alice, Defaults.DEPOSIT);
        Lot memory lot = _claimed(limit, startBps, elapsed);
        submit(lot);
        uint256 before = _conspirators();
        holdLot(lot, block.timestamp + 1 days);
        slashLot(lot, rival, bound(cost, 0, 2 * uint256(lot.collateral)));
        assertLe(_conspirators() + lot.collateral / 4, before + lot.penalty, "less than a quarter was its own");
        assertLe(_conspirators(), before, "robbed");
        assertBooks();
    }

    /// @dev Neither by late lots, nor by releases, nor by errors.
    function testFuzz_attack_robTheBackersByOtherEnds(
        uint64 limit,
        uint16 startBps,
        uint256 elapsed,
        uint32 errors
    ) external {
        back(alice, Defaults.DEPOSIT);
        Lot memory lot = _claimed(limit, startBps, elapsed);
        uint256 id = vm.snapshotState();
        expire(rival, lot);
        assertGe(pool().assets, Defaults.DEPOSIT, "lost by an expiry");
        vm.revertToState(id);
        vm.prank(provider);
        market.release(lot);
        assertGe(pool().assets, Defaults.DEPOSIT, "lost by a release");
        vm.revertToState(id);
        errors = uint32(bound(errors, 0, lot.itemCount));
        submit(lot, withErrors(errors));
        vm.prank(buyer);
        market.accept(Defaults.terms(lot), settlements(lot, withErrors(errors)));
        assertGe(pool().assets, Defaults.DEPOSIT, "lost by errors");
    }

    function test_attack_raiseTheCommissionOnBackers() external {
        back(alice, 100);
        vm.startPrank(provider);
        backers.closePool();
        vm.expectRevert(
            abi.encodeWithSelector(IBackers.Backers_CommissionTooHigh.selector, COMMISSION_BPS + 1, COMMISSION_BPS)
        );
        backers.openPool(COMMISSION_BPS + 1);
        backers.openPool(COMMISSION_BPS);
        vm.stopPrank();
    }

    // ---------------------------------------------------------------- escaping a slash

    function test_attack_leaveInFrontOfASlash() external {
        back(alice, 4 * BACKED);
        back(bob, 4 * BACKED);
        Lot memory lot = submitted(1);
        holdLot(lot, block.timestamp + 1 days);
        uint256 id = vm.snapshotState();
        slashLot(lot, stranger, 0);
        (, uint256 stayed) = exitWithAll(alice);
        vm.revertToState(id);

        exitWithAll(alice);
        expectStillLocked(0, BACKED);
        withdraw(alice, 0);
        slashLot(lot, stranger, 0);
        assertLe(withdraw(alice, 0), stayed, "left with more");
    }

    function test_attack_closeThePoolInFrontOfASlash() external {
        back(alice, BACKED);
        Lot memory lot = submitted(1);
        holdLot(lot, block.timestamp + 1 days);
        vm.prank(provider);
        // solhint-disable-next-line avoid-low-level-calls
        (bool closed, ) = address(backers).call(abi.encodeCall(IBackers.closePool, ()));
        assertEq(closed, false);
        slashLot(lot, stranger, 0);
        assertPool(0, 0);
    }

    /// @dev A slash looks at every generation of the lots that run. There are no more for it than on any day.
    function test_attack_makeASlashTooDearByManyExitsAndSlashes() external {
        back(alice, 1_000_000);
        uint256 start = block.timestamp;
        lockFor(start + 30, 500_000);
        requestExit(alice, SHARES);
        for (uint256 i = 1; i <= 200; i++) {
            vm.warp(start + i);
            lockFor(block.timestamp + 30, 1);
            requestExit(alice, SHARES);
            unlockOf(block.timestamp + 30, 1, 1, 0);
            requestExit(alice, SHARES);
        }
        assertLe(pool().generation - pool().firstOpen, 64, "generations");
        uint256 gas = gasleft();
        unlockOf(start + 30, 500_000, 500_000, 0);
        assertLe(gas - gasleft(), 1_500_000, "gas");
        assertEq(pool().locked, 0);
        assertSolvent();
    }

    // ---------------------------------------------------------------- others' shares

    /// @dev An empty pool's first backer, who makes a share dear, loses far more than the next.
    function test_attack_inflateTheFirstShare() external {
        uint256 donated = 1_000_000_000;
        uint256 own = back(bob, 1);
        // Of its own pay, and with no commission taken off: the dearest it could.
        unlockOf(block.timestamp + 30, 0, 0, (donated * 10) / 9);
        vm.warp(block.timestamp + 7 days);
        uint256 assets = Defaults.DEPOSIT;
        uint256 shares = back(alice, assets);
        (, uint256 got) = requestExit(alice, shares);
        assertGe(got + donated / 1e6, assets, "the next backer lost more than a millionth");
        (, got) = requestExit(bob, own / 2);
        assertLe(got, donated / 3, "half of what was given is nobody's");
    }

    function test_attack_inflateTheFirstShareByADeposit() external {
        back(bob, 1);
        vm.prank(rival);
        market.withdraw(rival, 1_000);
        vm.startPrank(rival);
        asset.approve(address(market), 1_000);
        market.deposit(address(backers), 1_000);
        vm.stopPrank();
        assertEq(backers.totalAssets(provider), 1);
        assertEq(back(alice, 7), 7 * SHARES);
    }

    function test_attack_comeForAPaymentAndLeaveWithIt() external {
        back(alice, BACKED);
        Lot memory lot = submitted(1);
        back(bob, 100 * BACKED);
        accept(lot);
        (uint24 cohort, uint256 assets) = exitWithAll(bob);
        assertLe(assets, 100 * BACKED, "left with the payment");
        assertLe(withdraw(bob, cohort), 100 * BACKED, "left with the payment");
        vm.warp(block.timestamp + 7 days);
        assertGe(backers.totalAssets(provider), BACKED + EARNED - 1, "who stayed lost it");
    }

    /// @dev Juries leave out whoever backs a provider: nobody can make another one of them.
    function test_attack_makeAJurorABacker() external {
        vm.prank(rival);
        market.withdraw(rival, 2_000);
        vm.startPrank(rival);
        asset.approve(address(market), 2_000);
        market.deposit(stranger, 1_000);
        market.deposit(address(backers), 1_000);
        vm.stopPrank();
        vm.prank(rival);
        backers.back(provider, 1_000);
        assertEq(backers.sharesOf(provider, stranger), 0);
        assertEq(backers.sharesOf(provider, rival), 1_000 * SHARES);
    }

    /// @dev And who backs one stays left out until they are paid.
    function test_attack_leaveToBeAJuror() external {
        back(alice, 2 * BACKED);
        Lot memory lot = submitted(1);
        exitWithAll(alice);
        assertTrue(backers.sharesOf(provider, alice) != 0, "a juror over a lot that they answer for");
        accept(lot);
        withdraw(alice, 0);
        assertEq(backers.sharesOf(provider, alice), 0);
    }

    function test_attack_useSharesOfAnEpochThatIsOver() external {
        uint256 shares = back(alice, BACKED);
        slashed(submitted(1));
        back(bob, BACKED);
        vm.expectRevert(
            abi.encodeWithSelector(IBackers.Backers_InsufficientShares.selector, provider, alice, 0, shares)
        );
        requestExit(alice, shares);
    }

    // ---------------------------------------------------------------- holding up an exit

    function test_attack_holdUpAnExitByEverNewLots() external {
        back(alice, 10 * BACKED);
        back(bob, 10 * BACKED);
        Lot memory lot = submitted(1);
        (uint24 cohort, ) = exitWithAll(alice);
        for (uint256 i = 2; i < 12; i++) {
            vm.warp(block.timestamp + 1);
            Lot memory next = submitted(i);
            accept(lot);
            lot = next;
        }
        assertEq(withdraw(alice, cohort), 10 * BACKED);
        assertPool(10 * BACKED + 10 * EARNED, BACKED);
    }

    function test_attack_holdUpAnExitByFillingTheDaysGenerations() external {
        back(alice, 10_000);
        back(bob, 10_000);
        uint256 start = block.timestamp;
        for (uint256 i = 0; i <= 70; i++) {
            vm.warp(start + i);
            lockFor(block.timestamp + 30, 1);
            requestExit(bob, SHARES);
        }
        (uint24 cohort, uint256 assets) = exitWithAll(alice);
        // From the next day on no lot is the cohort's any more.
        vm.warp((block.timestamp / 1 days + 1) * 1 days);
        lockFor(block.timestamp + 30, 1);
        assertEq(pool().generation, cohort + 1);
        for (uint256 i = 0; i <= 70; i++) unlockOf(start + i + 30, 1, 0, 0);
        assertEq(withdraw(alice, cohort), assets);
    }

    /// @dev Leaving by the smallest part keeps no later lot away, but for those of the same second.
    function test_attack_leaveInDustToKeepLotsAway() external {
        back(alice, 3 * BACKED);
        submitted(1);
        requestExit(alice, 1);
        vm.warp(block.timestamp + 1);
        submitted(2);
        assertEq(pool().locked, 2 * BACKED);
    }

    // ---------------------------------------------------------------- helpers

    /// @dev A lot of the buyer's, at whatever price, taken by the provider.
    function _claimed(uint64 limit, uint16 startBps, uint256 elapsed) private returns (Lot memory lot) {
        JobRequest memory request = Defaults.request();
        request.promptLimitPerMillion = uint64(bound(limit, 1, 100_000_000));
        request.outputLimitPerMillion = 2 * request.promptLimitPerMillion;
        request.startBps = uint16(bound(startBps, 0, 10_000));
        (Job memory job, ) = open(request, noFills());
        vm.warp(block.timestamp + bound(elapsed, 0, request.rampSeconds));
        return claim(provider, job, Defaults.ITEMS);
    }

    function _conspirators() private view returns (uint256 sum) {
        address[3] memory accounts = [provider, buyer, rival];
        for (uint256 i = 0; i < accounts.length; i++) {
            sum += market.accountOf(accounts[i]).free;
            sum += market.accountOf(accounts[i]).locked;
        }
    }
}
