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

/// @notice Someone sees a call before it is mined, and puts another in front of it.
contract FrontRunningAttacksTest is MarketFixture {
    // ---------------------------------------------------------------- fills

    function test_attack_takeAnOffersCapacityInFrontOfAFill() external {
        Offer memory offer = Defaults.offer(provider);
        offer.capacityItems = 10;
        bytes32 offerId = post(offer);
        fund(stranger, Defaults.ESCROW);
        vm.prank(stranger);
        market.openJob(stranger, Defaults.request(), fillsOf(offer, 8));

        vm.expectEmit(address(market));
        emit IOffers.FillSkipped(market.jobIdOf(buyer, 1), offerId, 8, FillSkip.NoCapacity);
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots[0].itemCount, 2);
        assertEq(market.jobState(jobIdOf(job)).openItems, 8);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW);
    }

    /// @dev Whoever takes a signed offer pays for it themselves: a quote cannot be turned against its provider.
    function test_attack_takeAnothersQuote() external {
        Offer memory offer = Defaults.offer(provider);
        offer.capacityItems = 10;
        (, uint256 key) = makeAccount("provider");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, offerIdOf(offer));
        Fill[] memory fills = fillsOf(offer, 10);
        fills[0].signature = abi.encodePacked(r, s, v);
        fund(stranger, Defaults.ESCROW);
        vm.recordLogs();
        vm.prank(stranger);
        market.openJob(stranger, Defaults.request(), fills);
        Lot memory lot = assignedLots()[0];
        assertEq(lot.buyer, stranger);
        assertEq(lot.promptPricePerMillion, offer.promptPricePerMillion);
        assertAccount(stranger, 0, Defaults.ESCROW);

        (, Lot[] memory lots) = open(Defaults.request(), fills);
        assertEq(lots.length, 0);
    }

    /// @dev A vote in front of an opening: the job has the newer version, whose numbers have bounds, and says so.
    function test_attack_voteInFrontOfAnOpening() external {
        vm.prank(timelock);
        parameters.append(Defaults.parameters(), Defaults.courtParameters());
        Job memory job = Defaults.job(buyer, Defaults.request());
        job.parametersVersion = 2;
        vm.expectEmit(address(market));
        emit IMarket.JobOpened(jobIdOf(job), buyer, Defaults.MODEL, job);
        vm.prank(buyer);
        market.openJob(buyer, Defaults.request(), noFills());
    }

    // ---------------------------------------------------------------- claims

    function test_attack_claimInFrontOfAClaim() external {
        Job memory job = openBid();
        claim(rival, job, 10);
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_NothingToClaim.selector, jobId));
        vm.prank(provider);
        market.claim(provider, job, 10, Defaults.PROVIDER_KEY);
        assertAccount(provider, Defaults.DEPOSIT, 0);
    }

    /// @dev Part of the bid went to another: the claimer gets the next items at no worse a price, with their own key.
    function test_attack_claimPartInFrontOfAClaim() external {
        Job memory job = openBid();
        claim(rival, job, 6);
        Lot memory lot = claim(provider, job, 10);
        assertEq(lot.firstItem, 6);
        assertEq(lot.itemCount, 4);
        assertEq(lot.promptPricePerMillion, 500_000);
    }

    /// @dev A claim never pays less than its sender saw, however long it is kept back: the ramp only rises.
    function test_attack_keepAClaimBack(uint16 earlier, uint16 later) external {
        Job memory job = openBid();
        vm.warp(Defaults.START + earlier);
        (uint64 seenPrompt, uint64 seenOutput) = market.bidPrice(job);
        vm.warp(block.timestamp + later);
        Lot memory lot = claim(provider, job, 10);
        assertGe(lot.promptPricePerMillion, seenPrompt, "a lower price");
        assertGe(lot.outputPricePerMillion, seenOutput, "a lower price");
    }

    function test_attack_topUpInFrontOfAClaim() external {
        Job memory job = openBid();
        vm.prank(buyer);
        market.topUp(job, 1_000_001, 2_000_000, noLots());
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
        vm.prank(provider);
        market.claim(provider, job, 10, Defaults.PROVIDER_KEY);
        job.request.promptLimitPerMillion = 1_000_001;
        Lot memory lot = claim(provider, job, 10);
        assertGe(lot.promptPricePerMillion, 500_000, "a lower price");
    }

    function test_attack_closeInFrontOfAClaim() external {
        Job memory job = openBid();
        vm.prank(buyer);
        market.close(job, noLots());
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_NothingToClaim.selector, jobId));
        vm.prank(provider);
        market.claim(provider, job, 10, Defaults.PROVIDER_KEY);
        assertAccount(provider, Defaults.DEPOSIT, 0);
    }

    /// @dev The key in a claim is its sender's: nobody claims for someone else with a key of their own.
    function test_attack_claimForAnotherWithOnesOwnKey() external {
        Job memory job = openBid();
        expectNotProvider(rival);
        vm.prank(rival);
        market.claim(provider, job, 10, keccak256("the thief's key"));
    }

    // ---------------------------------------------------------------- payments

    /// @dev Whoever settles in front of an accept changes nothing but who paid the gas.
    function test_attack_settleInFrontOfAnAccept() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        vm.warp(block.timestamp + 61);
        vm.prank(stranger);
        market.settle(Defaults.terms(lot), settlements(lot));
        expectSkipped(lot, LotStatus.None);
        accept(lot);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.DUE, 0);
        assertAccount(provider, Defaults.DEPOSIT + Defaults.DUE - Defaults.FEE, 0);
        assertAccount(stranger, 0, 0);
    }

    /// @dev Whoever expires in front of another earns the bounty: once, out of the penalty.
    function test_attack_expireInFrontOfAnExpiry() external {
        (, Lot memory lot) = openFilled();
        expire(rival, lot);
        expectWrongStatus(lot, LotStatus.Open);
        vm.prank(stranger);
        market.expire(lot);
        assertAccount(rival, Defaults.DEPOSIT + Defaults.BOUNTY, 0);
        assertAccount(stranger, 0, 0);
    }

    /// @dev Ids depend on nothing that others do: not on how many jobs, offers or lots there were.
    function test_attack_shiftIdsByOpeningInFront() external {
        bytes32 jobId = market.jobIdOf(buyer, 1);
        bytes32 offerId = offerIdOf(Defaults.offer(provider));
        fund(stranger, 5 * Defaults.ESCROW);
        post(Defaults.offer(rival));
        for (uint256 nonce = 0; nonce < 5; nonce++) {
            JobRequest memory request = Defaults.request();
            request.nonce = nonce;
            vm.prank(stranger);
            market.openJob(stranger, request, fillsOf(Defaults.offer(rival), 2));
        }
        assertEq(post(Defaults.offer(provider)), offerId);
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), fillsOf(Defaults.offer(provider), 10));
        assertEq(jobIdOf(job), jobId);
        assertEq(lots[0].jobId, jobId);
        assertEq(uint256(market.lotState(Hashes.lotId(lots[0])).status()), uint256(LotStatus.Assigned));
    }
}
