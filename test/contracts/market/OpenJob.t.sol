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

contract MarketOpenJobTest is MarketFixture {
    uint32 private constant ITEMS_OF_LARGEST = uint32(
        uint256(type(uint88).max) / ((uint256(type(uint32).max) * 1e16) / 1e6)
    );

    // ---------------------------------------------------------------- refusals

    function test_openJob_refusesNoItems() external {
        JobRequest memory request = Defaults.request();
        request.itemCount = 0;
        request.minLotItems = 0;
        _expectInvalid(request);
    }

    function test_openJob_refusesAnyoneButTheBuyer() external {
        expectNotBuyer(stranger);
        vm.prank(stranger);
        market.openJob(buyer, Defaults.request(), noFills());
    }

    function test_openJob_refusesWhilePaused() external {
        vm.prank(guardian);
        parameters.pause();
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_Paused.selector));
        vm.prank(buyer);
        market.openJob(buyer, Defaults.request(), noFills());
    }

    function test_openJob_refusesNoPromptTokens() external {
        JobRequest memory request = Defaults.request();
        request.promptTokensCap = 0;
        _expectInvalid(request);
    }

    function test_openJob_refusesNoOutputTokens() external {
        JobRequest memory request = Defaults.request();
        request.outputTokensCap = 0;
        _expectInvalid(request);
    }

    function test_openJob_refusesARampFromAboveTheLimit() external {
        JobRequest memory request = Defaults.request();
        request.startBps = 10_001;
        _expectInvalid(request);
    }

    function test_openJob_refusesALeastLotAboveTheJob() external {
        JobRequest memory request = Defaults.request();
        request.minLotItems = request.itemCount + 1;
        _expectInvalid(request);
    }

    function test_openJob_refusesMoreThanTheBuyerHas() external {
        uint256 escrow = Defaults.ESCROW;
        fund(stranger, escrow - 1);
        expectInsufficientFree(stranger, escrow - 1, escrow);
        vm.prank(stranger);
        market.openJob(stranger, Defaults.request(), noFills());
    }

    function test_openJob_refusesAUsedNonce() external {
        Job memory job = openBid();
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_JobExists.selector, jobId));
        vm.prank(buyer);
        market.openJob(buyer, Defaults.request(), noFills());
    }

    // ---------------------------------------------------------------- as a bid

    function test_openJob_withoutFillsRestsAsABid() external {
        JobRequest memory request = Defaults.request();
        Job memory job = Defaults.job(buyer, request);
        bytes32 expected = keccak256(abi.encode(block.chainid, address(market), buyer, request.nonce));
        vm.expectEmit(address(market));
        emit IMarket.JobOpened(expected, buyer, Defaults.MODEL, job);
        vm.prank(buyer);
        bytes32 jobId = market.openJob(buyer, request, noFills());

        assertEq(jobId, expected);
        assertEq(market.jobState(jobId).termsHash, Hashes.hashJob(job));
        assertEq(market.jobState(jobId).openFrom, 0);
        assertEq(market.jobState(jobId).openItems, Defaults.ITEMS);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW);
        assertConserved();
    }

    function test_openJob_takesEachBuyersNoncesApart() external {
        openBid();
        fund(stranger, Defaults.ESCROW);
        vm.prank(stranger);
        market.openJob(stranger, Defaults.request(), noFills());
        assertAccount(stranger, 0, Defaults.ESCROW);
    }

    function test_openJob_locksNothingAtAFreeLimit() external {
        JobRequest memory request = Defaults.request();
        (request.promptLimitPerMillion, request.outputLimitPerMillion) = (0, 0);
        open(request, noFills());
        assertAccount(buyer, Defaults.DEPOSIT, 0);
    }

    // ---------------------------------------------------------------- fills taken

    function test_openJob_takesAFillAtTheOffersPrice() external {
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

    function test_openJob_takesFillsInOrderAndLeavesTheRestAsABid() external {
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

    function test_openJob_takesOneOfferTwice() external {
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

    function test_openJob_takesWhatCapacityIsLeft() external {
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

    function test_openJob_takesAnOfferInItsLastSecond() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        vm.warp(offer.validUntil);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots.length, 1);
    }

    function test_openJob_takesAnOfferAtTheLimit() external {
        Offer memory offer = Defaults.offer(provider);
        (offer.promptPricePerMillion, offer.outputPricePerMillion) = (1_000_000, 2_000_000);
        post(offer);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots[0].escrow, 20_000);
        // Ten per cent of the value, as there is no way from the price up to the limit.
        assertEq(lots[0].penalty, 2_000);
        assertEq(lots[0].collateral, 20_000);
    }

    function test_openJob_locksTheLeastCollateralOfASmallLot() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 1));
        assertEq(lots[0].collateral, 10_000);
        assertEq(lots[0].escrow, Defaults.ITEM_ESCROW);
    }

    // ---------------------------------------------------------------- fills skipped

    function test_openJob_skipsAnOfferNotPosted() external {
        _assertSkipped(Defaults.offer(provider), FillSkip.NotAuthorised);
    }

    function test_openJob_skipsAnOfferChangedInAnyField() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        offer.maxOutputTokens++;
        _assertSkipped(offer, FillSkip.NotAuthorised);
    }

    function test_openJob_skipsACancelledOffer() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        vm.prank(provider);
        market.cancelOffer(offer);
        _assertSkipped(offer, FillSkip.Cancelled);
    }

    function test_openJob_skipsAnOfferOfAnEarlierEpoch() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        vm.prank(provider);
        market.cancelAllOffers(provider);
        _assertSkipped(offer, FillSkip.Cancelled);
    }

    function test_openJob_skipsAnExpiredOffer() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        vm.warp(offer.validUntil + 1);
        _assertSkipped(offer, FillSkip.Expired);
    }

    function test_openJob_skipsAnotherModel() external {
        Offer memory offer = Defaults.offer(provider);
        offer.modelId = keccak256("another model");
        post(offer);
        _assertSkipped(offer, FillSkip.OtherModel);
    }

    function test_openJob_skipsAPromptPriceAboveTheLimit() external {
        Offer memory offer = Defaults.offer(provider);
        offer.promptPricePerMillion = 1_000_001;
        post(offer);
        _assertSkipped(offer, FillSkip.PriceAboveLimit);
    }

    function test_openJob_skipsAnOutputPriceAboveTheLimit() external {
        Offer memory offer = Defaults.offer(provider);
        offer.outputPricePerMillion = 2_000_001;
        post(offer);
        _assertSkipped(offer, FillSkip.PriceAboveLimit);
    }

    function test_openJob_skipsAnOfferOfShorterPrompts() external {
        Offer memory offer = Defaults.offer(provider);
        offer.maxPromptTokens = 999;
        post(offer);
        _assertSkipped(offer, FillSkip.TokensAboveOffer);
    }

    function test_openJob_skipsAnOfferOfShorterOutputs() external {
        Offer memory offer = Defaults.offer(provider);
        offer.maxOutputTokens = 499;
        post(offer);
        _assertSkipped(offer, FillSkip.TokensAboveOffer);
    }

    function test_openJob_skipsASlowerOffer() external {
        Offer memory offer = Defaults.offer(provider);
        offer.minTurnaroundSeconds = 601;
        post(offer);
        _assertSkipped(offer, FillSkip.TurnaroundTooShort);
    }

    function test_openJob_skipsALotBelowTheOffersLeast() external {
        Offer memory offer = Defaults.offer(provider);
        offer.minLotItems = 11;
        post(offer);
        _assertSkipped(offer, FillSkip.LotSizeOutOfRange);
    }

    function test_openJob_skipsALotAboveTheOffersLargest() external {
        Offer memory offer = Defaults.offer(provider);
        offer.maxLotItems = 9;
        post(offer);
        _assertSkipped(offer, FillSkip.LotSizeOutOfRange);
    }

    function test_openJob_skipsALotBelowTheOffersLeastValue() external {
        Offer memory offer = Defaults.offer(provider);
        offer.minLotValue = uint96(Defaults.VALUE) + 1;
        post(offer);
        _assertSkipped(offer, FillSkip.LotValueTooLow);
    }

    function test_openJob_takesALotOfTheOffersLeastValue() external {
        Offer memory offer = Defaults.offer(provider);
        offer.minLotValue = uint96(Defaults.VALUE);
        post(offer);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, Defaults.ITEMS));
        assertEq(lots.length, 1);
    }

    function test_openJob_skipsAFillOfNoItems() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 0));
        assertEq(lots.length, 0);
        assertEq(market.jobState(jobIdOf(job)).openItems, 10);
    }

    function test_openJob_skipsAProviderWithoutCollateral() external {
        Offer memory offer = Defaults.offer(stranger);
        fund(stranger, Defaults.COLLATERAL - 1);
        post(offer);
        _assertSkipped(offer, FillSkip.NoCollateral);
        assertAccount(stranger, Defaults.COLLATERAL - 1, 0);
    }

    function test_openJob_skipsFillsAfterTheLastItem() external {
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

    function test_openJob_cutsAFillToTheItemsLeft() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        _expectSkip(offerId, 2, FillSkip.NoItemsLeft);
        vm.prank(buyer);
        market.openJob(buyer, Defaults.request(), fillsOf(offer, 12));
        assertEq(market.offerState(offerId).filledItems, 10);
    }

    // ---------------------------------------------------------------- extremes

    /// @dev Any terms at all, by a buyer and a provider who own as much as an account can hold: either they are refused
    /// or what is locked is exact. Nothing wraps.
    function testFuzz_openJob_locksExactlyOrRefuses(JobRequest memory request, Offer memory offer) external {
        request.itemCount = request.itemCount == 0 ? 1 : request.itemCount;
        request.startBps %= 10_001;
        request.minLotItems %= request.itemCount + (request.itemCount == type(uint32).max ? 0 : 1);
        (offer.provider, offer.modelId, offer.epoch) = (rival, request.modelId, 0);
        offer.validUntil = uint40(bound(offer.validUntil, block.timestamp, type(uint40).max));
        // Half of the prices fit.
        if (offer.salt % 2 == 0) {
            offer.promptPricePerMillion = uint64(bound(offer.promptPricePerMillion, 0, request.promptLimitPerMillion));
            offer.outputPricePerMillion = uint64(bound(offer.outputPricePerMillion, 0, request.outputLimitPerMillion));
        }
        uint256 most = type(uint112).max - Defaults.DEPOSIT;
        fund(buyer, most);
        fund(rival, most);
        vm.prank(rival);
        try market.postOffer(offer) {} catch {}

        vm.prank(buyer);
        try market.openJob(buyer, request, fillsOf(offer, request.itemCount)) {
            uint256 item = uint256(request.promptTokensCap) * request.promptLimitPerMillion;
            item += uint256(request.outputTokensCap) * request.outputLimitPerMillion;
            item = item / 1e6 + (item % 1e6 == 0 ? 0 : 1);
            assertEq(market.accountOf(buyer).locked, item * request.itemCount, "locked");
        } catch {
            assertEq(market.accountOf(buyer).locked, 0, "locked, though refused");
            assertEq(market.accountOf(rival).locked, 0, "locked, though refused");
        }
        assertConserved();
    }

    function test_openJob_refusesMoreEscrowThanAnyLotHolds() external {
        JobRequest memory request = _largest();
        request.itemCount++;
        fund(buyer, type(uint112).max - Defaults.DEPOSIT);
        _expectInvalid(request);
    }

    function test_openJob_takesAsMuchEscrowAsAnyLotHolds() external {
        JobRequest memory request = _largest();
        Offer memory offer = Defaults.offer(provider);
        (offer.capacityItems, offer.maxLotItems) = (type(uint32).max, type(uint32).max);
        (offer.maxPromptTokens, offer.outputPricePerMillion) = (type(uint32).max, 0);
        post(offer);
        fund(buyer, type(uint112).max - Defaults.DEPOSIT);
        fund(provider, type(uint112).max - Defaults.DEPOSIT);
        (, Lot[] memory lots) = open(request, fillsOf(offer, request.itemCount));
        assertEq(lots[0].escrow, ITEMS_OF_LARGEST * ((uint256(type(uint32).max) * 1e16) / 1e6));
        assertEq(market.accountOf(buyer).locked, lots[0].escrow);
        assertGe(lots[0].collateral, lots[0].penalty, "penalty above collateral");
        assertConserved();
    }

    // ---------------------------------------------------------------- self-dealing

    function test_openJob_lockBothSidesOfSelfDealing() external {
        Offer memory offer = Defaults.offer(buyer);
        post(offer);
        open(Defaults.request(), fillsOf(offer, 10));
        uint256 locked = Defaults.ESCROW + Defaults.COLLATERAL;
        assertAccount(buyer, Defaults.DEPOSIT - locked, locked);
        assertConserved();
    }

    function test_openJob_skipsSelfDealingWithoutFundsForBothSides() external {
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

    /// @dev Of the dearest items, as many as a job may lock for: 2⁸⁸ ÷ (2³² × 10¹⁰).
    function _largest() private pure returns (JobRequest memory request) {
        request = Defaults.request();
        request.itemCount = ITEMS_OF_LARGEST;
        (request.promptTokensCap, request.promptLimitPerMillion) = (type(uint32).max, 1e16);
        (request.outputTokensCap, request.outputLimitPerMillion) = (1, 0);
    }

    function _expectInvalid(JobRequest memory request) private {
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_InvalidRequest.selector));
        vm.prank(buyer);
        market.openJob(buyer, request, noFills());
    }

    function _expectSkip(bytes32 offerId, uint32 items, FillSkip reason) private {
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
