// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
import {Fill, Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {FillSkip, Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice What openJob takes of an offer of which several lots are asked for.
contract MarketFillsInLotsTest is MarketFixture {
    function test_fill_takesSeveralLotsOfOneOffer() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), _lots(offer, 3, 2, 4));
        assertEq(lots.length, 3);
        _assertRun(lots[0], provider, 0, 3);
        _assertRun(lots[1], provider, 3, 2);
        _assertRun(lots[2], provider, 5, 4);
        assertEq(market.offerState(offerId).filledItems, 9);
        assertEq(market.jobState(jobIdOf(job)).openFrom, 9);
        assertEq(market.jobState(jobIdOf(job)).openItems, 1);
        uint256 locked = lots[0].collateral + lots[1].collateral + lots[2].collateral;
        assertAccount(provider, Defaults.DEPOSIT - locked, locked);
        assertConserved();
    }

    function test_fill_ofNoLotsTakesNothingAndSaysNothing() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        Fill[] memory fills = fillsOf(offer, 10);
        fills[0].lotItems = new uint32[](0);
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), fills);
        assertEq(lots.length, 0);
        assertEq(market.jobState(jobIdOf(job)).openItems, 10);
    }

    function test_fill_cutsTheLotAtWhichTheCapacityEnds() external {
        Offer memory offer = Defaults.offer(provider);
        offer.capacityItems = 5;
        bytes32 offerId = post(offer);
        // One of the second lot, and the third.
        _expectSkip(offerId, 1 + 4, FillSkip.NoCapacity);
        (, Lot[] memory lots) = open(Defaults.request(), _lots(offer, 3, 3, 4));
        assertEq(lots.length, 2);
        _assertRun(lots[1], provider, 3, 2);
        assertEq(market.offerState(offerId).filledItems, 5);
    }

    function test_fill_leavesWhatFollowsAFullOffer() external {
        Offer memory offer = Defaults.offer(provider);
        offer.capacityItems = 6;
        bytes32 offerId = post(offer);
        _expectSkip(offerId, 4, FillSkip.NoCapacity);
        (, Lot[] memory lots) = open(Defaults.request(), _lots(offer, 3, 3, 4));
        assertEq(lots.length, 2);
    }

    function test_fill_cutsTheLotAtWhichTheJobEnds() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        _expectSkip(offerId, 2 + 1, FillSkip.NoItemsLeft);
        (, Lot[] memory lots) = open(Defaults.request(), _lots(offer, 6, 6, 1));
        assertEq(lots.length, 2);
        _assertRun(lots[1], provider, 6, 4);
    }

    function test_fill_stopsAtALotOutOfRange() external {
        Offer memory offer = Defaults.offer(provider);
        (offer.minLotItems, offer.maxLotItems) = (2, 3);
        bytes32 offerId = post(offer);
        _expectSkip(offerId, 4 + 3, FillSkip.LotSizeOutOfRange);
        (, Lot[] memory lots) = open(Defaults.request(), _lots(offer, 3, 4, 3));
        assertEq(lots.length, 1);
        assertEq(market.offerState(offerId).filledItems, 3);
    }

    function test_fill_stopsAtALotCutBelowTheOffersLeast() external {
        Offer memory offer = Defaults.offer(provider);
        (offer.minLotItems, offer.capacityItems) = (3, 5);
        bytes32 offerId = post(offer);
        _expectSkip(offerId, 3 + 3, FillSkip.LotSizeOutOfRange);
        (, Lot[] memory lots) = open(Defaults.request(), _lots(offer, 3, 3, 3));
        assertEq(lots.length, 1);
    }

    function test_fill_stopsAtALotOfNoItems() external {
        Offer memory offer = Defaults.offer(provider);
        offer.minLotItems = 0;
        bytes32 offerId = post(offer);
        _expectSkip(offerId, 4, FillSkip.LotSizeOutOfRange);
        (, Lot[] memory lots) = open(Defaults.request(), _lots(offer, 3, 0, 4));
        assertEq(lots.length, 1);
    }

    function test_fill_stopsAtALotOfTooLittleValue() external {
        Offer memory offer = Defaults.offer(provider);
        // An item is worth 1,600 at this price.
        offer.minLotValue = 3 * 1_600;
        bytes32 offerId = post(offer);
        _expectSkip(offerId, 2 + 5, FillSkip.LotValueTooLow);
        (, Lot[] memory lots) = open(Defaults.request(), _lots(offer, 3, 2, 5));
        assertEq(lots.length, 1);
    }

    function test_fill_takesALotOfTheLeastValue() external {
        Offer memory offer = Defaults.offer(provider);
        offer.minLotValue = 3 * 1_600;
        post(offer);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 3));
        assertEq(lots.length, 1);
    }

    /// @dev Also where the job has no more: a provider's least holds at its end too.
    function test_fill_skipsTheRestOfAJobBelowTheLeastValue() external {
        Offer memory offer = Defaults.offer(provider);
        offer.minLotValue = uint96(Defaults.VALUE + 1);
        bytes32 offerId = post(offer);
        _expectSkip(offerId, 10, FillSkip.LotValueTooLow);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots.length, 0);
    }

    function test_fill_stopsWhereTheCollateralEnds() external {
        Offer memory offer = Defaults.offer(stranger);
        // Each of these lots takes the least collateral.
        fund(stranger, 2 * 10_000 + 9_999);
        bytes32 offerId = post(offer);
        _expectSkip(offerId, 2, FillSkip.NoCollateral);
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), _lots(offer, 3, 2, 2));
        assertEq(lots.length, 2);
        assertAccount(stranger, 9_999, 20_000);
        assertEq(market.jobState(jobIdOf(job)).openItems, 5);
        assertEq(market.offerState(offerId).filledItems, 5);
    }

    function test_fill_stopsWhereAnOperatorsCapEnds() external {
        vm.prank(provider);
        market.setProviderOperator(rival, 29_999);
        Offer memory offer = Defaults.offer(provider);
        vm.prank(rival);
        bytes32 offerId = market.postOffer(offer);
        _expectSkip(offerId, 2, FillSkip.NoCollateral);
        (, Lot[] memory lots) = open(Defaults.request(), _lots(offer, 3, 2, 2));
        assertEq(lots.length, 2);
    }

    /// @dev A skipped lot leaves the items to the next fill, in order.
    function test_fill_goesOnWithTheNextOffer() external {
        Offer memory first = Defaults.offer(provider);
        first.capacityItems = 4;
        Offer memory second = Defaults.offer(rival);
        post(first);
        post(second);
        Fill[] memory fills = new Fill[](2);
        fills[0] = _lots(first, 3, 3, 3)[0];
        fills[1] = _lots(second, 2, 2, 5)[0];
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), fills);
        assertEq(lots.length, 5);
        _assertRun(lots[1], provider, 3, 1);
        _assertRun(lots[2], rival, 4, 2);
        _assertRun(lots[3], rival, 6, 2);
        _assertRun(lots[4], rival, 8, 2);
        assertEq(market.jobState(jobIdOf(job)).openItems, 0);
    }

    /// @dev What is left over is counted without wrapping, whatever was wanted.
    function test_fill_countsTheMostThatCanBeLeft() external {
        Offer memory offer = Defaults.offer(provider);
        uint32 most = type(uint32).max;
        _expectSkip(offerIdOf(offer), 3 * uint256(most), FillSkip.NotAuthorised);
        (, Lot[] memory lots) = open(Defaults.request(), _lots(offer, most, most, most));
        assertEq(lots.length, 0);
    }

    /// @dev However a fill is cut into lots, they follow one another without a gap, within every limit.
    function testFuzz_fill_takesOneRunAfterTheOther(uint32[3] memory wanted, uint32 capacity, uint32 most) external {
        Offer memory offer = Defaults.offer(provider);
        offer.capacityItems = uint32(bound(capacity, 1, 14));
        offer.maxLotItems = uint32(bound(most, 1, 12));
        bytes32 offerId = post(offer);
        for (uint256 i = 0; i < 3; i++) wanted[i] = uint32(bound(wanted[i], 0, 12));
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), _lots(offer, wanted[0], wanted[1], wanted[2]));
        uint256 next;
        for (uint256 i = 0; i < lots.length; i++) {
            assertEq(lots[i].firstItem, next, "a gap");
            assertLe(lots[i].itemCount, wanted[i], "more than was wanted");
            assertLe(lots[i].itemCount, offer.maxLotItems, "more than one lot holds");
            next += lots[i].itemCount;
        }
        assertLe(next, offer.capacityItems, "beyond the capacity");
        assertEq(market.offerState(offerId).filledItems, next);
        assertEq(market.jobState(jobIdOf(job)).openItems, 10 - next);
        assertConserved();
    }

    // ---------------------------------------------------------------- helpers

    /// @dev Three lots of one offer.
    function _lots(Offer memory offer, uint32 a, uint32 b, uint32 c) private pure returns (Fill[] memory fills) {
        fills = fillsOf(offer, a);
        fills[0].lotItems = new uint32[](3);
        (fills[0].lotItems[0], fills[0].lotItems[1], fills[0].lotItems[2]) = (a, b, c);
    }

    function _expectSkip(bytes32 offerId, uint256 items, FillSkip reason) private {
        bytes32 jobId = market.jobIdOf(buyer, 1);
        vm.expectEmit(address(market));
        emit IOffers.FillSkipped(jobId, offerId, items, reason);
    }

    function _assertRun(Lot memory lot, address by, uint32 first, uint32 items) private view {
        assertEq(lot.provider, by);
        assertEq(lot.firstItem, first, "first item");
        assertEq(lot.itemCount, items, "items");
        assertStatus(lot, LotStatus.Assigned);
    }
}
