// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Offer, OfferState} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketOffersTest is MarketFixture {
    // ---------------------------------------------------------------- postOffer

    function test_postOffer_refusesAnotherProvidersOffer() external {
        expectNotProvider(stranger);
        vm.prank(stranger);
        market.postOffer(Defaults.offer(provider));
    }

    function test_postOffer_refusesNoCapacity() external {
        Offer memory offer = Defaults.offer(provider);
        offer.capacityItems = 0;
        _expectInvalid(offer);
    }

    function test_postOffer_refusesLeastLotAboveLargest() external {
        Offer memory offer = Defaults.offer(provider);
        (offer.minLotItems, offer.maxLotItems) = (11, 10);
        _expectInvalid(offer);
    }

    function test_postOffer_refusesLargestLotZero() external {
        Offer memory offer = Defaults.offer(provider);
        (offer.minLotItems, offer.maxLotItems) = (0, 0);
        _expectInvalid(offer);
    }

    function test_postOffer_refusesAnotherEpoch() external {
        Offer memory offer = Defaults.offer(provider);
        offer.epoch = 1;
        _expectInvalid(offer);
    }

    function test_postOffer_refusesAnExpiredOne() external {
        Offer memory offer = Defaults.offer(provider);
        vm.warp(offer.validUntil + 1);
        _expectInvalid(offer);
    }

    function test_postOffer_refusesTheSameTwice() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        _expectExists(offerId);
        vm.prank(provider);
        market.postOffer(offer);
    }

    function test_postOffer_refusesACancelledOne() external {
        Offer memory offer = Defaults.offer(provider);
        vm.prank(provider);
        market.cancelOffer(offer);
        bytes32 offerId = offerIdOf(offer);
        _expectExists(offerId);
        vm.prank(provider);
        market.postOffer(offer);
    }

    function test_postOffer_records() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 expected = offerIdOf(offer);
        vm.expectEmit(address(market));
        emit IMarket.OfferPosted(expected, provider, Defaults.MODEL, offer);
        bytes32 offerId = post(offer);

        assertEq(offerId, expected);
        _assertState(offerId, OfferState({posted: true, cancelled: false, filledItems: 0}));
        assertAccount(provider, Defaults.DEPOSIT, 0);
    }

    function test_postOffer_takesTheLastSecond() external {
        Offer memory offer = Defaults.offer(provider);
        vm.warp(offer.validUntil);
        post(offer);
    }

    function test_postOffer_tellsEqualOffersApartBySalt() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 first = post(offer);
        offer.salt = 1;
        assertTrue(post(offer) != first, "one id for two offers");
    }

    // ---------------------------------------------------------------- cancelOffer

    function test_cancelOffer_refusesAnotherProvidersOffer() external {
        expectNotProvider(stranger);
        vm.prank(stranger);
        market.cancelOffer(Defaults.offer(provider));
    }

    function test_cancelOffer_voids() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        vm.expectEmit(address(market));
        emit IMarket.OfferCancelled(offerId, provider);
        vm.prank(provider);
        market.cancelOffer(offer);
        _assertState(offerId, OfferState({posted: true, cancelled: true, filledItems: 0}));
    }

    function test_cancelOffer_isHarmlessToRepeat() external {
        Offer memory offer = Defaults.offer(provider);
        vm.startPrank(provider);
        market.cancelOffer(offer);
        market.cancelOffer(offer);
        vm.stopPrank();
        _assertState(offerIdOf(offer), OfferState({posted: false, cancelled: true, filledItems: 0}));
    }

    // ---------------------------------------------------------------- updateOffer

    function test_updateOffer_refusesAnotherProvidersPrevious() external {
        expectNotProvider(rival);
        vm.prank(rival);
        market.updateOffer(Defaults.offer(provider), Defaults.offer(rival));
    }

    function test_updateOffer_refusesAnotherProvidersNext() external {
        expectNotProvider(rival);
        vm.prank(rival);
        market.updateOffer(Defaults.offer(rival), Defaults.offer(provider));
    }

    function test_updateOffer_refusesTheSameAgain() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        _expectExists(offerId);
        vm.prank(provider);
        market.updateOffer(offer, offer);
    }

    function test_updateOffer_replaces() external {
        Offer memory previous = Defaults.offer(provider);
        bytes32 previousId = post(previous);
        Offer memory next = Defaults.offer(provider);
        next.promptPricePerMillion = 1;
        vm.expectEmit(address(market));
        emit IMarket.OfferCancelled(previousId, provider);
        vm.expectEmit(address(market));
        emit IMarket.OfferPosted(offerIdOf(next), provider, Defaults.MODEL, next);
        vm.prank(provider);
        bytes32 nextId = market.updateOffer(previous, next);

        assertEq(nextId, offerIdOf(next));
        _assertState(previousId, OfferState({posted: true, cancelled: true, filledItems: 0}));
        _assertState(nextId, OfferState({posted: true, cancelled: false, filledItems: 0}));
    }

    // ---------------------------------------------------------------- cancelAllOffers

    function test_cancelAllOffers_opensAnotherEpoch() external {
        vm.expectEmit(address(market));
        emit IMarket.OffersCancelled(provider, 1);
        vm.prank(provider);
        market.cancelAllOffers();
        assertEq(market.accountOf(provider).offerEpoch, 1);
        assertEq(market.accountOf(rival).offerEpoch, 0);

        _expectInvalid(Defaults.offer(provider));
        Offer memory next = Defaults.offer(provider);
        next.epoch = 1;
        post(next);
    }

    // ---------------------------------------------------------------- helpers

    function _expectInvalid(Offer memory offer) private {
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_InvalidOffer.selector));
        vm.prank(provider);
        market.postOffer(offer);
    }

    function _expectExists(bytes32 offerId) private {
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_OfferExists.selector, offerId));
    }

    function _assertState(bytes32 offerId, OfferState memory state) private view {
        assertEq(keccak256(abi.encode(market.offerState(offerId))), keccak256(abi.encode(state)));
    }
}
