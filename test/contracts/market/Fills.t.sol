// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Fill, Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {FillSkip, Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice What openJob takes of the offers that it is given.
contract MarketFillsTest is MarketFixture {
    // ---------------------------------------------------------------- fills taken

    function test_fill_takesAFillAtTheOffersPrice() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        Lot memory lot = Lot({
            jobId: market.jobIdOf(buyer, 1),
            buyer: buyer,
            provider: provider,
            firstItem: 0,
            itemCount: 10,
            attempt: 0,
            promptPricePerMillion: 800_000,
            outputPricePerMillion: 1_600_000,
            escrow: 20_000,
            collateral: 16_000,
            penalty: 4_445,
            releaseCharge: 100,
            graceEndsAt: uint40(Defaults.START + 30),
            deadline: uint40(Defaults.START + 30 + 600 + 5),
            windowSeconds: 60,
            feeBps: 100,
            bountyBps: 1_000
        });
        bytes32 lotId = Hashes.lotId(lot);
        vm.expectEmit(address(market));
        emit IMarket.LotAssigned(lotId, lot.jobId, provider, lot, offerId, Defaults.PROVIDER_KEY);
        vm.prank(buyer);
        market.openJob(buyer, Defaults.request(), fillsOf(offer, 10));

        assertStatus(lot, LotStatus.Assigned);
        assertEq(market.offerState(offerId).filledItems, 10);
        assertEq(market.jobState(lot.jobId).openItems, 0);
        assertAccount(buyer, Defaults.DEPOSIT - 20_000, 20_000);
        assertAccount(provider, Defaults.DEPOSIT - 16_000, 16_000);
        assertConserved();
    }

    function test_fill_takesFillsInOrderAndLeavesTheRestAsABid() external {
        Offer memory first = Defaults.offer(provider);
        Offer memory second = Defaults.offer(rival);
        post(first);
        post(second);
        Fill[] memory fills = new Fill[](2);
        fills[0] = fillOf(first, 3);
        fills[1] = fillOf(second, 4);
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), fills);

        assertEq(lots.length, 2);
        _assertRun(lots[0], provider, 0, 3);
        _assertRun(lots[1], rival, 3, 4);
        assertEq(market.jobState(jobIdOf(job)).openFrom, 7);
        assertEq(market.jobState(jobIdOf(job)).openItems, 3);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW);
        assertConserved();
    }

    function test_fill_takesOneOfferTwice() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        Fill[] memory fills = new Fill[](2);
        fills[0] = fillOf(offer, 3);
        fills[1] = fillOf(offer, 7);
        (, Lot[] memory lots) = open(Defaults.request(), fills);
        _assertRun(lots[0], provider, 0, 3);
        _assertRun(lots[1], provider, 3, 7);
        assertEq(market.offerState(offerId).filledItems, 10);
    }

    function test_fill_takesWhatCapacityIsLeft() external {
        Offer memory offer = Defaults.offer(provider);
        offer.capacityItems = 6;
        bytes32 offerId = post(offer);
        JobRequest memory request = Defaults.request();
        _expectSkip(offerId, 4, FillSkip.NoCapacity);
        vm.prank(buyer);
        market.openJob(buyer, request, fillsOf(offer, 10));
        assertEq(market.offerState(offerId).filledItems, 6);
        assertEq(market.jobState(market.jobIdOf(buyer, 1)).openItems, 4);

        request.nonce = 2;
        bytes32 jobId = market.jobIdOf(buyer, 2);
        vm.expectEmit(address(market));
        emit IOffers.FillSkipped(jobId, offerId, 10, FillSkip.NoCapacity);
        vm.prank(buyer);
        market.openJob(buyer, request, fillsOf(offer, 10));
        assertEq(market.jobState(jobId).openItems, 10);
    }

    function test_fill_takesAnOfferInItsLastSecond() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        vm.warp(offer.validUntil);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots.length, 1);
    }

    function test_fill_takesAnOfferAtTheLimit() external {
        Offer memory offer = Defaults.offer(provider);
        (offer.promptPricePerMillion, offer.outputPricePerMillion) = (1_000_000, 2_000_000);
        post(offer);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots[0].escrow, 20_000);
        // Ten per cent of the value, as there is no way from the price up to the limit.
        assertEq(lots[0].penalty, 2_000);
        assertEq(lots[0].collateral, 20_000);
    }

    function test_fill_locksTheLeastCollateralOfASmallLot() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 1));
        assertEq(lots[0].collateral, 10_000);
        assertEq(lots[0].escrow, Defaults.ITEM_ESCROW);
    }

    // ---------------------------------------------------------------- fills skipped

    function test_fill_skipsAnOfferNotPosted() external {
        _assertSkipped(Defaults.offer(provider), FillSkip.NotAuthorised);
    }

    function test_fill_skipsAnOfferChangedInAnyField() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        offer.maxOutputTokens++;
        _assertSkipped(offer, FillSkip.NotAuthorised);
    }

    function test_fill_skipsACancelledOffer() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        vm.prank(provider);
        market.cancelOffer(offer);
        _assertSkipped(offer, FillSkip.Cancelled);
    }

    function test_fill_skipsAnOfferOfAnEarlierEpoch() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        vm.prank(provider);
        market.cancelAllOffers(provider);
        _assertSkipped(offer, FillSkip.Cancelled);
    }

    function test_fill_skipsAnExpiredOffer() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        vm.warp(offer.validUntil + 1);
        _assertSkipped(offer, FillSkip.Expired);
    }

    function test_fill_skipsAnotherModel() external {
        Offer memory offer = Defaults.offer(provider);
        offer.modelId = keccak256("another model");
        post(offer);
        _assertSkipped(offer, FillSkip.OtherModel);
    }

    function test_fill_skipsAPromptPriceAboveTheLimit() external {
        Offer memory offer = Defaults.offer(provider);
        offer.promptPricePerMillion = 1_000_001;
        post(offer);
        _assertSkipped(offer, FillSkip.PriceAboveLimit);
    }

    function test_fill_skipsAnOutputPriceAboveTheLimit() external {
        Offer memory offer = Defaults.offer(provider);
        offer.outputPricePerMillion = 2_000_001;
        post(offer);
        _assertSkipped(offer, FillSkip.PriceAboveLimit);
    }

    function test_fill_skipsAnOfferOfShorterPrompts() external {
        Offer memory offer = Defaults.offer(provider);
        offer.maxPromptTokens = 999;
        post(offer);
        _assertSkipped(offer, FillSkip.TokensAboveOffer);
    }

    function test_fill_skipsAnOfferOfShorterOutputs() external {
        Offer memory offer = Defaults.offer(provider);
        offer.maxOutputTokens = 499;
        post(offer);
        _assertSkipped(offer, FillSkip.TokensAboveOffer);
    }

    function test_fill_skipsASlowerOffer() external {
        Offer memory offer = Defaults.offer(provider);
        offer.minTurnaroundSeconds = 601;
        post(offer);
        _assertSkipped(offer, FillSkip.TurnaroundTooShort);
    }

    function test_fill_skipsALotBelowTheOffersLeast() external {
        Offer memory offer = Defaults.offer(provider);
        offer.minLotItems = 11;
        post(offer);
        _assertSkipped(offer, FillSkip.LotSizeOutOfRange);
    }

    function test_fill_skipsALotAboveTheOffersLargest() external {
        Offer memory offer = Defaults.offer(provider);
        offer.maxLotItems = 9;
        post(offer);
        _assertSkipped(offer, FillSkip.LotSizeOutOfRange);
    }

    function test_fill_skipsAFillOfNoItems() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 0));
        assertEq(lots.length, 0);
        assertEq(market.jobState(jobIdOf(job)).openItems, 10);
    }

    function test_fill_skipsAProviderWithoutCollateral() external {
        Offer memory offer = Defaults.offer(stranger);
        fund(stranger, Defaults.COLLATERAL - 1);
        post(offer);
        _assertSkipped(offer, FillSkip.NoCollateral);
        assertAccount(stranger, Defaults.COLLATERAL - 1, 0);
    }

    function test_fill_skipsFillsAfterTheLastItem() external {
        Offer memory first = Defaults.offer(provider);
        Offer memory second = Defaults.offer(rival);
        post(first);
        bytes32 secondId = post(second);
        Fill[] memory fills = new Fill[](2);
        fills[0] = fillOf(first, 10);
        fills[1] = fillOf(second, 5);
        _expectSkip(secondId, 5, FillSkip.NoItemsLeft);
        vm.prank(buyer);
        market.openJob(buyer, Defaults.request(), fills);
        assertAccount(rival, Defaults.DEPOSIT, 0);
    }

    function test_fill_cutsAFillToTheItemsLeft() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        _expectSkip(offerId, 2, FillSkip.NoItemsLeft);
        vm.prank(buyer);
        market.openJob(buyer, Defaults.request(), fillsOf(offer, 12));
        assertEq(market.offerState(offerId).filledItems, 10);
    }

    // ---------------------------------------------------------------- self-dealing

    function test_fill_lockBothSidesOfSelfDealing() external {
        Offer memory offer = Defaults.offer(buyer);
        post(offer);
        open(Defaults.request(), fillsOf(offer, 10));
        uint256 locked = Defaults.ESCROW + Defaults.COLLATERAL;
        assertAccount(buyer, Defaults.DEPOSIT - locked, locked);
        assertConserved();
    }

    function test_fill_skipsSelfDealingWithoutFundsForBothSides() external {
        Offer memory offer = Defaults.offer(stranger);
        fund(stranger, Defaults.ESCROW + Defaults.COLLATERAL - 1);
        bytes32 offerId = post(offer);
        bytes32 jobId = market.jobIdOf(stranger, 1);
        vm.expectEmit(address(market));
        emit IOffers.FillSkipped(jobId, offerId, 10, FillSkip.NoCollateral);
        vm.prank(stranger);
        market.openJob(stranger, Defaults.request(), fillsOf(offer, 10));
        assertAccount(stranger, Defaults.COLLATERAL - 1, Defaults.ESCROW);
    }

    // ---------------------------------------------------------------- helpers

    function _expectSkip(bytes32 offerId, uint256 items, FillSkip reason) private {
        bytes32 jobId = market.jobIdOf(buyer, 1);
        vm.expectEmit(address(market));
        emit IOffers.FillSkipped(jobId, offerId, items, reason);
    }

    /// @dev All ten items fall into the bid, and the provider's collateral stays free.
    function _assertSkipped(Offer memory offer, FillSkip reason) private {
        _expectSkip(offerIdOf(offer), 10, reason);
        vm.prank(buyer);
        market.openJob(buyer, Defaults.request(), fillsOf(offer, 10));
        assertEq(market.jobState(market.jobIdOf(buyer, 1)).openItems, 10);
        assertEq(market.accountOf(offer.provider).locked, 0, "collateral locked");
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW);
    }

    function _assertRun(Lot memory lot, address by, uint32 first, uint32 items) private view {
        assertEq(lot.provider, by);
        assertEq(lot.firstItem, first, "first item");
        assertEq(lot.itemCount, items, "items");
        assertStatus(lot, LotStatus.Assigned);
    }
}
