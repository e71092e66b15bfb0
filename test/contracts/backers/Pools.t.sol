// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArbiter} from "../../../contracts/interfaces/IArbiter.sol";
import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Lot} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {BackersFixture} from "./BackersFixture.sol";

contract BackersPoolsTest is BackersFixture {
    // ---------------------------------------------------------------- bind

    function test_bind_refusesASecondMarket() external {
        vm.expectRevert(abi.encodeWithSelector(IArbiter.Arbiter_AlreadyBound.selector, address(market)));
        backers.bind();
    }

    // ---------------------------------------------------------------- openPool, closePool

    function test_openPool_refusesAnOpenPool() external {
        vm.expectRevert(abi.encodeWithSelector(IBackers.Backers_PoolAlreadyOpen.selector, provider));
        vm.prank(provider);
        backers.openPool(0);
    }

    function test_openPool_refusesACommissionAboveAll() external {
        _expectCommissionTooHigh(10_001, 10_000);
        vm.prank(rival);
        backers.openPool(10_001);
        vm.prank(rival);
        backers.openPool(10_000);
    }

    function test_openPool_refusesWhileSomethingIsLocked() external {
        vm.prank(provider);
        backers.closePool();
        submitted(1);
        _expectStillLocked(Defaults.COLLATERAL);
        vm.prank(provider);
        backers.openPool(0);
    }

    function test_openPool_refusesAHigherCommissionWhileSomeoneHasShares() external {
        uint256 shares = back(alice, 100);
        vm.prank(provider);
        backers.closePool();
        _expectCommissionTooHigh(COMMISSION_BPS + 1, COMMISSION_BPS);
        vm.prank(provider);
        backers.openPool(COMMISSION_BPS + 1);

        requestExit(alice, shares);
        vm.prank(provider);
        backers.openPool(COMMISSION_BPS + 1);
        assertEq(pool().commissionBps, COMMISSION_BPS + 1);
    }

    function test_openPool_opensIt() external {
        assertEq(backers.poolOf(rival).isOpen, false);
        assertEq(market.accountOf(rival).isBacked, false);
        vm.expectEmit(address(backers));
        emit IBackers.PoolOpened(rival, 250);
        vm.prank(rival);
        backers.openPool(250);
        assertEq(backers.poolOf(rival).isOpen, true);
        assertEq(backers.poolOf(rival).commissionBps, 250);
        assertEq(market.accountOf(rival).isBacked, true);
        assertAccount(rival, Defaults.DEPOSIT, 0);
    }

    function test_closePool_refusesAPoolThatIsNotOpen() external {
        vm.expectRevert(abi.encodeWithSelector(IBackers.Backers_PoolNotOpen.selector, rival));
        vm.prank(rival);
        backers.closePool();
    }

    function test_closePool_refusesWhileSomethingIsLocked() external {
        back(alice, BACKED);
        Lot memory lot = submitted(1);
        _expectStillLocked(OWN);
        vm.prank(provider);
        backers.closePool();
        accept(lot);
        vm.prank(provider);
        backers.closePool();
    }

    function test_closePool_leavesLotsToTheProviderAndExitsToItsBackers() external {
        uint256 shares = back(alice, 100);
        vm.expectEmit(address(backers));
        emit IBackers.PoolClosed(provider);
        vm.prank(provider);
        backers.closePool();
        assertEq(pool().isOpen, false);
        assertEq(market.accountOf(provider).isBacked, false);

        submitted(1);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.COLLATERAL, Defaults.COLLATERAL);
        expectNotOpen();
        back(alice, 100);
        (uint24 cohort, ) = requestExit(alice, shares);
        assertEq(withdraw(alice, cohort), 100);
        assertAccount(alice, Defaults.DEPOSIT, 0);
        assertBooks();
    }

    // ---------------------------------------------------------------- the Market's part

    function test_setBacked_isForBackersAlone() external {
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_NotArbiter.selector, stranger));
        vm.prank(stranger);
        market.setBacked(provider, false);

        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_NotArbiter.selector, address(court)));
        vm.prank(address(court));
        market.setBacked(provider, false);
    }

    function test_setBacked_keepsWhatElseTheAccountHas() external {
        vm.prank(provider);
        market.cancelAllOffers(provider);
        vm.prank(provider);
        backers.closePool();
        assertEq(market.accountOf(provider).offerEpoch, 1);
        assertAccount(provider, Defaults.DEPOSIT, 0);
    }

    function test_lockAndUnlock_areForTheMarketAlone() external {
        back(alice, 100);
        _expectNotMarket();
        vm.prank(stranger);
        backers.lock(provider, uint40(block.timestamp), 1);
        _expectNotMarket();
        vm.prank(stranger);
        backers.unlock(provider, uint40(block.timestamp), 0, 0, 1);
    }

    // ---------------------------------------------------------------- back

    function test_back_refusesAPoolThatIsNotOpen() external {
        vm.expectRevert(abi.encodeWithSelector(IBackers.Backers_PoolNotOpen.selector, rival));
        vm.prank(alice);
        backers.back(rival, 1);
    }

    function test_back_refusesNothing() external {
        vm.expectRevert(abi.encodeWithSelector(IBackers.Backers_ZeroShares.selector));
        back(alice, 0);
    }

    function test_back_refusesMoreThanIsFree() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.Ledger_InsufficientFree.selector,
                alice,
                Defaults.DEPOSIT,
                Defaults.DEPOSIT + 1
            )
        );
        back(alice, Defaults.DEPOSIT + 1);
    }

    function test_back_givesSharesForCredit() external {
        vm.expectEmit(address(backers));
        emit IBackers.Backed(provider, alice, 600, 600 * SHARES);
        assertEq(back(alice, 600), 600 * SHARES);
        assertEq(back(bob, 400), 400 * SHARES);

        assertEq(backers.sharesOf(provider, alice), 600 * SHARES);
        assertEq(backers.sharesOf(provider, bob), 400 * SHARES);
        assertEq(backers.totalAssets(provider), 1_000);
        assertEq(backers.unlockedAssets(provider), 1_000);
        assertEq(backers.convertToShares(provider, 7), 7 * SHARES);
        assertEq(backers.convertToAssets(provider, 7 * SHARES), 7);
        assertAccount(alice, Defaults.DEPOSIT - 600, 0);
        assertAccount(address(backers), 1_000, 0);
        assertPool(1_000, 0);
    }

    function test_back_byTheProviderItself() external {
        back(provider, BACKED);
        Lot memory lot = submitted(1);
        assertAccount(provider, Defaults.DEPOSIT - BACKED - OWN, OWN);
        accept(lot);
        assertBooks();
    }

    function _expectCommissionTooHigh(uint256 bps, uint256 maximum) private {
        vm.expectRevert(abi.encodeWithSelector(IBackers.Backers_CommissionTooHigh.selector, bps, maximum));
    }

    function _expectStillLocked(uint256 locked) private {
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_StillLocked.selector, provider, locked));
    }

    function _expectNotMarket() private {
        vm.expectRevert(abi.encodeWithSelector(IBackers.Backers_NotMarket.selector, stranger));
    }
}
