// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Doing twice, late or in bulk what may be done once and in time.
contract ReplayAttacksTest is MarketFixture {
    function test_attack_reuseAJobsNonce() external {
        Job memory job = openBid();
        vm.prank(buyer);
        market.close(job, noLots());
        // Closed, but never forgotten.
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_JobExists.selector, jobId));
        vm.prank(buyer);
        market.openJob(buyer, Defaults.request(), noFills());
    }

    function test_attack_submitAgainWithOtherResults() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        Submission memory dearer = Defaults.submission();
        dearer.totals.outputTokens = 5_000;
        vm.warp(lot.graceEndsAt);
        submit(lot, dearer);
        assertEq(market.lotState(Hashes.lotId(lot)).timestamp(), Defaults.START + 60, "the window began anew");
        vm.warp(block.timestamp + 61);
        market.settle(Defaults.terms(lot), settlements(lot, dearer));
        assertStatus(lot, LotStatus.Submitted);
        market.settle(Defaults.terms(lot), settlements(lot));
        assertAccount(provider, Defaults.DEPOSIT + Defaults.DUE - Defaults.FEE, 0);
    }

    function test_attack_acceptAndSettleTwiceInOneCall() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        vm.prank(buyer);
        market.accept(Defaults.terms(lot), settlements(lot, lot));
        vm.warp(block.timestamp + 61);
        market.settle(Defaults.terms(lot), settlements(lot, lot));
        assertAccount(provider, Defaults.DEPOSIT + Defaults.DUE - Defaults.FEE, 0);
        assertAccount(vault, Defaults.FEE, 0);
        assertConserved();
    }

    function test_attack_submitAfterExpiry() external {
        (Job memory job, Lot memory failed) = openExpired();
        submit(failed);
        assertStatus(failed, LotStatus.Open);
        Lot memory next = claimReopened(rival, job, failed);
        submit(failed);
        assertStatus(failed, LotStatus.None);
        assertStatus(next, LotStatus.Assigned);
    }

    function test_attack_expireASubmittedOrSettledLot() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        vm.warp(lot.deadline + 1);
        expectWrongStatus(lot, LotStatus.Submitted);
        market.expire(lot);
        accept(lot);
        expectWrongStatus(lot, LotStatus.None);
        market.expire(lot);
    }

    function test_attack_releaseAfterSubmit() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        expectWrongStatus(lot, LotStatus.Submitted);
        vm.prank(provider);
        market.release(lot);
    }

    function test_attack_closeUnderAProvider() external {
        Job memory job = openBid();
        Lot memory lot = claim(provider, job, 10);
        vm.prank(buyer);
        market.close(job, listOf(lot));
        assertStatus(lot, LotStatus.Assigned);
        submit(lot);
        vm.warp(block.timestamp + 61);
        market.settle(Defaults.terms(lot), settlements(lot));
        assertStatus(lot, LotStatus.None);
    }

    function test_attack_settleWithinTheWindow() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        vm.prank(provider);
        market.settle(Defaults.terms(lot), settlements(lot));
        assertStatus(lot, LotStatus.Submitted);
    }

    function test_attack_repostACancelledOffer() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        vm.startPrank(provider);
        market.cancelOffer(offer);
        vm.expectRevert(abi.encodeWithSelector(IOffers.Offers_OfferExists.selector, offerId));
        market.postOffer(offer);
        vm.stopPrank();
    }

    /// @dev An epoch shares its slot with the balances: whatever moves them, cancelled offers stay void.
    function test_attack_reviveCancelledOffersByMovingMoney() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        vm.prank(provider);
        market.cancelAllOffers(provider);

        fund(provider, 5);
        Job memory job = openBid();
        Lot memory lot = claim(provider, job, 5);
        vm.prank(provider);
        market.release(lot);
        lot = claim(provider, job, 5);
        submit(lot);
        accept(lot);
        vm.prank(provider);
        market.withdraw(provider, 5);

        assertEq(market.accountOf(provider).offerEpoch, 1);
        (, Lot[] memory lots) = openSecond(fillsOf(offer, 10));
        assertEq(lots.length, 0);
    }

    function test_attack_takeAnOfferBeyondItsCapacity() external {
        Offer memory offer = Defaults.offer(provider);
        offer.capacityItems = 15;
        bytes32 offerId = post(offer);
        open(Defaults.request(), fillsOf(offer, 10));
        openSecond(fillsOf(offer, 10));
        assertEq(market.offerState(offerId).filledItems, 15);
        assertEq(market.jobState(market.jobIdOf(buyer, 2)).openItems, 5);
    }
}
