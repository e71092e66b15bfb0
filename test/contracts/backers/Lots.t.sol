// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
import {IOperators} from "../../../contracts/interfaces/IOperators.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {FillSkip, Offer} from "../../../contracts/types/Offer.sol";
import {Totals} from "../../../contracts/types/Receipt.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {BackersFixture} from "./BackersFixture.sol";

/// @dev What becomes of a backed provider's lots, on every way that a lot can go.
contract BackersLotsTest is BackersFixture {
    // ---------------------------------------------------------------- taking

    function test_fill_isSkippedWithoutEnoughBacking() external {
        back(alice, BACKED - 1);
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        bytes32 jobId = market.jobIdOf(buyer, 1);
        vm.expectEmit(address(market));
        emit IOffers.FillSkipped(jobId, offerId, Defaults.ITEMS, FillSkip.NoCollateral);
        JobRequest memory request = Defaults.request();
        vm.prank(buyer);
        market.openJob(buyer, request, fillsOf(offer, Defaults.ITEMS));
        assertAccount(provider, Defaults.DEPOSIT, 0);
        assertPool(BACKED - 1, 0);
    }

    function test_fill_isSkippedWithoutEnoughOfTheProvidersOwn() external {
        back(alice, BACKED);
        vm.prank(provider);
        market.withdraw(provider, Defaults.DEPOSIT - OWN + 1);
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, Defaults.ITEMS));
        assertEq(lots.length, 0);
        assertAccount(provider, OWN - 1, 0);
        assertPool(BACKED, 0);
    }

    function test_fill_locksBothParts() external {
        back(alice, BACKED);
        vm.prank(provider);
        market.withdraw(provider, Defaults.DEPOSIT - OWN);
        (, Lot memory lot) = openFilled();
        assertEq(lot.collateral, Defaults.COLLATERAL);
        assertAccount(provider, 0, OWN);
        assertPool(BACKED, BACKED);
        assertEq(backers.unlockedAssets(provider), 0);
    }

    function test_claim_refusesWithoutEnoughBacking() external {
        back(alice, BACKED - 1);
        Job memory job = openBid();
        vm.warp(Defaults.START + 600);
        // At this price the whole lot is worth what the default one is.
        expectInsufficientFree(provider, Defaults.DEPOSIT, Defaults.COLLATERAL);
        vm.prank(provider);
        market.claim(provider, job, Defaults.ITEMS, Defaults.PROVIDER_KEY);
        back(bob, 1);
        Lot memory lot = claim(provider, job, Defaults.ITEMS);
        assertEq(lot.collateral, Defaults.COLLATERAL);
        assertAccount(provider, Defaults.DEPOSIT - OWN, OWN);
        assertPool(BACKED, BACKED);
    }

    function test_claim_countsTheOwnPartAgainstAnOperatorsCap() external {
        back(alice, BACKED);
        address operator = stranger;
        Job memory job = openBid();
        vm.warp(Defaults.START + 600);
        vm.prank(provider);
        market.setProviderOperator(operator, uint112(OWN - 1));
        vm.expectRevert(
            abi.encodeWithSelector(
                IOperators.Operators_CollateralCapExceeded.selector,
                operator,
                Defaults.COLLATERAL,
                OWN - 1
            )
        );
        vm.prank(operator);
        market.claim(provider, job, Defaults.ITEMS, Defaults.PROVIDER_KEY);

        vm.prank(provider);
        market.setProviderOperator(operator, uint112(OWN));
        vm.prank(operator);
        market.claim(provider, job, Defaults.ITEMS, Defaults.PROVIDER_KEY);
        assertPool(BACKED, BACKED);
    }

    function test_fill_takesNothingOfABuyersEscrowFromItsBackers() external {
        back(alice, BACKED);
        JobRequest memory request = Defaults.request();
        vm.prank(provider);
        market.openJob(provider, request, noFills());
        assertAccount(provider, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW);
        assertPool(BACKED, 0);
    }

    // ---------------------------------------------------------------- ends

    function test_release_chargesTheProviderAlone() external {
        back(alice, BACKED);
        (, Lot memory lot) = openFilled();
        vm.prank(provider);
        market.release(lot);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.RELEASE_CHARGE, 0);
        assertPool(BACKED, 0);
    }

    function test_expire_costsTheProviderAlone() external {
        back(alice, BACKED);
        openExpired();
        assertAccount(provider, Defaults.DEPOSIT - Defaults.PENALTY, 0);
        assertPool(BACKED, 0);
    }

    function test_accept_sharesThePay() external {
        back(alice, 30_000);
        back(bob, 10_000);
        Lot memory lot = submitted(1);
        vm.expectEmit(address(market));
        emit IMarket.LotSettled(
            Hashes.lotId(lot),
            lot.jobId,
            provider,
            PAID,
            Defaults.FEE,
            Defaults.ESCROW - Defaults.DUE,
            0
        );
        vm.expectEmit(address(backers));
        emit IBackers.PoolEarned(provider, EARNED);
        accept(lot);
        assertAccount(provider, Defaults.DEPOSIT + PAID - EARNED, 0);
        assertPool(40_000 + EARNED, 0);

        // Evenly over a week.
        assertEq(backers.totalAssets(provider), 40_000);
        vm.warp(block.timestamp + 3.5 days);
        assertEq(backers.totalAssets(provider), 40_000 + EARNED / 2);
        vm.warp(block.timestamp + 3.5 days);
        assertEq(backers.totalAssets(provider), 40_000 + EARNED);
        assertEq(backers.convertToAssets(provider, 30_000 * SHARES), 30_000 + (EARNED * 3) / 4);
    }

    function test_accept_ofLotsTogetherSharesWhatTheyPayTogether() external {
        back(alice, 2 * BACKED);
        (, Lot memory first, Lot memory second) = openFilledInTwo();
        vm.prank(provider);
        market.submit(Defaults.terms(first), deliveries(first, second));
        vm.prank(buyer);
        market.accept(Defaults.terms(first), settlements(first, second));
        assertEq(pool().locked, 0);
        // Each lot of five has 10,000 of collateral, the least, of which 2,500 are own, and pays half its escrow at most.
        uint256 paid = market.accountOf(provider).free + pool().assets - Defaults.DEPOSIT - 2 * BACKED;
        uint256 part = (paid * 15_000) / 20_000;
        assertEq(pool().assets - 2 * BACKED, (part * 9) / 10);
        assertBooks();
    }

    function test_accept_forfeitsErrorsOfTheProvidersOwn() external {
        back(alice, BACKED);
        (, Lot memory lot) = openFilled();
        submit(lot, withErrors(Defaults.ITEMS));
        vm.prank(buyer);
        market.accept(Defaults.terms(lot), settlements(lot, withErrors(Defaults.ITEMS)));
        assertAccount(provider, Defaults.DEPOSIT + PAID - EARNED - Defaults.PENALTY, 0);
        assertPool(BACKED + EARNED, 0);
    }

    function test_accept_leavesThePayToTheProviderIfNobodyStays() external {
        uint256 shares = back(alice, BACKED);
        Lot memory lot = submitted(1);
        requestExit(alice, shares);
        accept(lot);
        assertAccount(provider, Defaults.DEPOSIT + PAID, 0);
        assertPool(0, 0);
    }

    function test_slash_takesBothParts() external {
        back(alice, BACKED + 5_000);
        Lot memory lot = submitted(1);
        holdLot(lot, block.timestamp + 1 days);
        vm.expectEmit(address(backers));
        emit IBackers.PoolSlashed(provider, 0, BACKED);
        vm.expectEmit(address(market));
        emit IMarket.LotSlashed(Hashes.lotId(lot), lot.jobId, provider, 700, 4_445 - 444, 444, 16_000 - 700 - 4_445);
        slashLot(lot, rival, 700);
        assertStatus(lot, LotStatus.Open);
        assertAccount(provider, Defaults.DEPOSIT - OWN, 0);
        assertAccount(rival, Defaults.DEPOSIT + 444, 0);
        assertAccount(address(court), 700, 0);
        assertAccount(vault, 16_000 - 700 - 4_445, 0);
        assertPool(5_000, 0);
    }

    /// @dev Fined are 100 × 8 × 16 of the item, with a cost of 500 within the provider's own 4,445, and beyond it.
    function test_void_takesTheProvidersOwnFirst() external {
        back(alice, BACKED);
        Lot memory lot = submitted(1);
        holdLot(lot, block.timestamp + 1 days);
        voidItem(lot, Defaults.submission(), Totals({promptTokens: 20, outputTokens: 10, errors: 0}), 500);
        assertEq(pool().locked, 0);
        assertGe(pool().assets, BACKED, "the backers lost");
        assertBooks();
    }

    function test_void_takesTheRestOfTheBackers() external {
        back(alice, 2 * BACKED);
        Lot memory lot = submitted(1);
        holdLot(lot, block.timestamp + 1 days);
        // Of all that was submitted: nothing is paid.
        voidItem(lot, Defaults.submission(), Defaults.submission().totals, 500);
        assertAccount(address(court), 500, 0);
        assertAccount(vault, Defaults.COLLATERAL - 500, 0);
        assertAccount(provider, Defaults.DEPOSIT - OWN, 0);
        assertPool(BACKED, 0);
    }

    // ---------------------------------------------------------------- fuzz

    /// @dev Whatever happens to a lot, provider and backers lose and gain what one of them alone would have.
    function testFuzz_ends_areSharedWithoutALoss(
        uint8 end,
        uint32 errors,
        uint256 cost,
        uint16 commissionBps
    ) external {
        vm.prank(provider);
        backers.closePool();
        uint256 id = vm.snapshotState();
        uint256 alone = _after(end, errors, cost) - Defaults.DEPOSIT;
        vm.revertToState(id);

        vm.prank(provider);
        backers.openPool(uint16(bound(commissionBps, 0, 10_000)));
        back(alice, Defaults.DEPOSIT);
        uint256 together = _after(end, errors, cost) - Defaults.DEPOSIT;
        assertEq(together + pool().assets, alone + Defaults.DEPOSIT);
        assertBooks();
    }

    /// @dev What the provider has in the end, and once more the deposit so that nothing is below zero.
    function _after(uint8 end, uint32 errors, uint256 cost) private returns (uint256) {
        (, Lot memory lot) = openFilled();
        end = uint8(bound(end, 0, 4));
        errors = uint32(bound(errors, 0, Defaults.ITEMS));
        if (end == 0) {
            vm.prank(provider);
            market.release(lot);
        } else if (end == 1) {
            expire(stranger, lot);
        } else {
            submit(lot, withErrors(errors));
            holdLot(lot, block.timestamp + 1 days);
            if (end == 2) slashLot(lot, stranger, cost);
            if (end == 3) voidItem(lot, withErrors(errors), Totals(600, 400, errors / 2), cost);
            if (end == 4) {
                resumeLot(lot, block.timestamp);
                vm.warp(block.timestamp + 1);
                market.settle(Defaults.terms(lot), settlements(lot, withErrors(errors)));
            }
        }
        assertEq(market.accountOf(provider).locked, 0);
        return market.accountOf(provider).free + Defaults.DEPOSIT;
    }
}
