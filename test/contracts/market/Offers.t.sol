// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
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

    function test_postOffer_refusesWhilePaused() external {
        vm.prank(guardian);
        parameters.pause();
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_Paused.selector));
        vm.prank(provider);
        market.postOffer(Defaults.offer(provider));
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
        emit IOffers.OfferPosted(expected, provider, Defaults.MODEL, offer);
        bytes32 offerId = post(offer);

        assertEq(offerId, expected);
        _assertState(offerId, OfferState({postedBy: provider, cancelled: false, filledItems: 0}));
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
        emit IOffers.OfferCancelled(offerId, provider);
        vm.prank(provider);
        market.cancelOffer(offer);
        _assertState(offerId, OfferState({postedBy: provider, cancelled: true, filledItems: 0}));
    }

    function test_cancelOffer_isHarmlessToRepeat() external {
        Offer memory offer = Defaults.offer(provider);
        vm.startPrank(provider);
        market.cancelOffer(offer);
        market.cancelOffer(offer);
        vm.stopPrank();
        _assertState(offerIdOf(offer), OfferState({postedBy: address(0), cancelled: true, filledItems: 0}));
    }

    // ---------------------------------------------------------------- replacing one by another

    function test_multicall_replacesAnOffer() external {
        Offer memory previous = Defaults.offer(provider);
        bytes32 previousId = post(previous);
        Offer memory next = Defaults.offer(provider);
        next.promptPricePerMillion = 1;
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IOffers.cancelOffer, (previous));
        calls[1] = abi.encodeCall(IOffers.postOffer, (next));
        vm.expectEmit(address(market));
        emit IOffers.OfferCancelled(previousId, provider);
        vm.expectEmit(address(market));
        emit IOffers.OfferPosted(offerIdOf(next), provider, Defaults.MODEL, next);
        vm.prank(provider);
        market.multicall(calls);

        _assertState(previousId, OfferState({postedBy: provider, cancelled: true, filledItems: 0}));
        _assertState(offerIdOf(next), OfferState({postedBy: provider, cancelled: false, filledItems: 0}));
    }

    function test_multicall_refusesToReplaceAnOfferByItself() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IOffers.cancelOffer, (offer));
        calls[1] = abi.encodeCall(IOffers.postOffer, (offer));
        _expectExists(offerId);
        vm.prank(provider);
        market.multicall(calls);
    }

    // ---------------------------------------------------------------- cancelAllOffers

    function test_cancelAllOffers_refusesAnotherProvidersOffers() external {
        expectNotProvider(rival);
        vm.prank(rival);
        market.cancelAllOffers(provider);
    }

    function test_cancelAllOffers_opensAnotherEpoch() external {
        vm.expectEmit(address(market));
        emit IOffers.OffersCancelled(provider, 1);
        vm.prank(provider);
        market.cancelAllOffers(provider);
        assertEq(market.accountOf(provider).offerEpoch, 1);
        assertEq(market.accountOf(rival).offerEpoch, 0);

        _expectInvalid(Defaults.offer(provider));
        Offer memory next = Defaults.offer(provider);
        next.epoch = 1;
        post(next);
    }

    // ---------------------------------------------------------------- helpers

    function _expectInvalid(Offer memory offer) private {
        vm.expectRevert(abi.encodeWithSelector(IOffers.Offers_InvalidOffer.selector));
        vm.prank(provider);
        market.postOffer(offer);
    }

    function _expectExists(bytes32 offerId) private {
        vm.expectRevert(abi.encodeWithSelector(IOffers.Offers_OfferExists.selector, offerId));
    }

    function _assertState(bytes32 offerId, OfferState memory state) private view {
        assertEq(keccak256(abi.encode(market.offerState(offerId))), keccak256(abi.encode(state)));
    }
}
