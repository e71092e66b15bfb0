// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketClaimTest is MarketFixture {
    // ---------------------------------------------------------------- refusals

    function test_claim_refusesTermsThatAreNotTheJobs() external {
        Job memory job = openBid();
        job.request.promptLimitPerMillion++;
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
        _claim(job, 5);
    }

    function test_claim_refusesAJobNeverOpened() external {
        Job memory job = Defaults.job(buyer, Defaults.request());
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
        _claim(job, 5);
    }

    function test_claim_refusesABidTooOld() external {
        Job memory job = openBid();
        uint256 deadline = Defaults.START + 30 days;
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_BidExpired.selector, deadline + 1, deadline));
        _claim(job, 5);
    }

    function test_claim_takesABidInItsLastSecond() external {
        Job memory job = openBid();
        vm.warp(Defaults.START + 30 days);
        _claim(job, 5);
    }

    function test_claim_refusesAnEmptyBid() external {
        Job memory job = openBid();
        _claim(job, 10);
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_NothingToClaim.selector, jobId));
        _claim(job, 1);
    }

    function test_claim_refusesAWithdrawnBid() external {
        Job memory job = openBid();
        vm.prank(buyer);
        market.close(job, noLots());
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_NothingToClaim.selector, jobId));
        _claim(job, 5);
    }

    function test_claim_refusesFewerThanTheLeastLot() external {
        Job memory job = openBid();
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_LotTooSmall.selector, uint32(1), uint32(2)));
        _claim(job, 1);
    }

    function test_claim_refusesNoItems() external {
        JobRequest memory request = Defaults.request();
        request.minLotItems = 0;
        (Job memory job, ) = open(request, noFills());
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_LotTooSmall.selector, uint32(0), uint32(0)));
        _claim(job, 0);
    }

    function test_claim_refusesAnyoneButTheProvider() external {
        Job memory job = openBid();
        expectNotProvider(stranger);
        vm.prank(stranger);
        market.claim(provider, job, 5, Defaults.PROVIDER_KEY);
    }

    /// @dev At half the limit an item is worth 1,000.
    function test_claim_refusesALotOfTooLittleValue() external {
        Job memory job = _openOfLeastValue(4_001);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_LotValueTooLow.selector, 4_000, 4_001));
        _claim(job, 4);
    }

    function test_claim_takesALotOfTheLeastValue() external {
        Job memory job = _openOfLeastValue(4_000);
        _claim(job, 4);
    }

    function test_claim_takesASmallerLotOnceTheRampGivesItTheValue() external {
        Job memory job = _openOfLeastValue(4_000);
        vm.warp(Defaults.START + 1_000);
        _claim(job, 2);
    }

    function test_claim_takesAllThatIsLeftWhateverItsValue() external {
        Job memory job = _openOfLeastValue(7_000);
        _claim(job, 7);
        _claim(job, 3);
        assertEq(market.jobState(jobIdOf(job)).openItems, 0);
    }

    function test_claim_refusesWithoutCollateral() external {
        Job memory job = openBid();
        fund(stranger, 11_111);
        // At half the limit, ten items are worth 10,000; the way up to the limit is as much, over 90 % of it.
        expectInsufficientFree(stranger, 11_111, 11_112);
        vm.prank(stranger);
        market.claim(stranger, job, 10, Defaults.PROVIDER_KEY);
    }

    // ---------------------------------------------------------------- success

    function test_claim_takesTheNextItems() external {
        Job memory job = openBid();
        bytes32 jobId = jobIdOf(job);
        Lot memory lot = Lot({
            jobId: jobId,
            buyer: buyer,
            provider: provider,
            firstItem: 0,
            itemCount: 6,
            attempt: 0,
            promptPricePerMillion: 500_000,
            outputPricePerMillion: 1_000_000,
            escrow: 12_000,
            collateral: 10_000,
            penalty: 6_667,
            releaseCharge: 60,
            graceEndsAt: uint40(Defaults.START + 30),
            deadline: uint40(Defaults.START + 635),
            windowSeconds: 60,
            feeBps: 100,
            bountyBps: 1_000
        });
        bytes32 expected = Hashes.lotId(lot);
        bytes32 key = keccak256("the key of this claim");
        vm.expectEmit(address(market));
        emit IMarket.LotAssigned(expected, jobId, provider, lot, bytes32(0), key);
        vm.prank(provider);
        assertEq(market.claim(provider, job, 6, key), expected);

        assertStatus(lot, LotStatus.Assigned);
        assertEq(market.jobState(jobId).openFrom, 6);
        assertEq(market.jobState(jobId).openItems, 4);
        assertAccount(provider, Defaults.DEPOSIT - 10_000, 10_000);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW);
        assertConserved();

        Lot memory next = claim(rival, job, 2);
        assertEq(next.firstItem, 6);
        assertEq(next.itemCount, 2);
    }

    function test_claim_takesAllThatIsLeftEvenIfLessThanTheLeastLot() external {
        Job memory job = openBid();
        claim(provider, job, 9);
        Lot memory lot = claim(rival, job, type(uint32).max);
        assertEq(lot.firstItem, 9);
        assertEq(lot.itemCount, 1);
        assertEq(market.jobState(jobIdOf(job)).openItems, 0);
    }

    function test_claim_takesTheRestOfAJobWithFills() external {
        post(Defaults.offer(provider));
        (Job memory job, ) = open(Defaults.request(), fillsOf(Defaults.offer(provider), 7));
        Lot memory lot = claim(rival, job, 10);
        assertEq(lot.firstItem, 7);
        assertEq(lot.itemCount, 3);
    }

    function test_claim_byTheBuyerLocksBothSides() external {
        Job memory job = openBid();
        Lot memory lot = claim(buyer, job, 10);
        uint256 locked = Defaults.ESCROW + lot.collateral;
        assertAccount(buyer, Defaults.DEPOSIT - locked, locked);
    }

    // ---------------------------------------------------------------- the ramp

    function test_bidPrice_startsAtItsShareOfTheLimit() external {
        _assertBidPrice(openBid(), 500_000, 1_000_000);
    }

    function test_bidPrice_risesBySeconds() external {
        Job memory job = openBid();
        vm.warp(Defaults.START + 500);
        _assertBidPrice(job, 750_000, 1_500_000);
        vm.warp(Defaults.START + 999);
        _assertBidPrice(job, 999_500, 1_999_000);
    }

    function test_bidPrice_staysAtTheLimit() external {
        Job memory job = openBid();
        vm.warp(Defaults.START + 1_000);
        _assertBidPrice(job, 1_000_000, 2_000_000);
        vm.warp(Defaults.START + 20 days);
        _assertBidPrice(job, 1_000_000, 2_000_000);
    }

    function test_bidPrice_isTheLimitWithoutARamp() external {
        JobRequest memory request = Defaults.request();
        request.rampSeconds = 0;
        (Job memory job, ) = open(request, noFills());
        _assertBidPrice(job, 1_000_000, 2_000_000);
    }

    /// @dev The provider's terms hold from the price of the moment: whatever it is, nothing exceeds what covers it.
    function testFuzz_claim_resolvesWithinTheEscrow(
        uint64 promptLimit,
        uint64 outputLimit,
        uint32 promptCap,
        uint32 outputCap,
        uint16 startBps,
        uint32 items,
        uint32 elapsed
    ) external {
        JobRequest memory request = Defaults.request();
        // Up to where an account of 112 bits can pay for it all.
        request.promptLimitPerMillion = uint64(bound(promptLimit, 0, 1e15));
        request.outputLimitPerMillion = uint64(bound(outputLimit, 0, 1e15));
        request.promptTokensCap = uint32(bound(promptCap, 1, 1e6));
        request.outputTokensCap = uint32(bound(outputCap, 1, 1e6));
        request.startBps = uint16(bound(startBps, 0, 10_000));
        request.itemCount = uint32(bound(items, 1, 1e6));
        request.minLotItems = 0;
        fund(buyer, 1e24);
        fund(provider, 1e24);
        (Job memory job, ) = open(request, noFills());
        vm.warp(Defaults.START + bound(elapsed, 0, 2_000));
        Lot memory lot = claim(provider, job, request.itemCount);

        uint256 value =
            (uint256(lot.promptPricePerMillion) * request.promptTokensCap +
                uint256(lot.outputPricePerMillion) * request.outputTokensCap) * lot.itemCount;
        assertLe(value, uint256(lot.escrow) * 1e6, "value above escrow");
        assertLe(lot.penalty, lot.collateral, "penalty above collateral");
        assertLe(lot.releaseCharge, lot.escrow, "charge above escrow");
        assertLe(lot.releaseCharge, lot.collateral, "charge above collateral");
        assertGe(lot.collateral, 10_000, "below the least collateral");
        // After the greatest bounty, the buyer can pay for the whole way up to the limit.
        uint256 compensation = lot.penalty - (uint256(lot.penalty) * 1_000) / 10_000;
        assertGe(compensation + (value + 1e6 - 1) / 1e6, lot.escrow, "the re-run is not covered");
        assertConserved();
    }

    // ---------------------------------------------------------------- helpers

    function _openOfLeastValue(uint96 value) private returns (Job memory job) {
        JobRequest memory request = Defaults.request();
        request.minLotValue = value;
        (job, ) = open(request, noFills());
    }

    function _claim(Job memory job, uint32 items) private {
        vm.prank(provider);
        market.claim(provider, job, items, Defaults.PROVIDER_KEY);
    }

    function _assertBidPrice(Job memory job, uint64 prompt, uint64 output) private view {
        (uint64 promptPrice, uint64 outputPrice) = market.bidPrice(job);
        assertEq(promptPrice, prompt, "prompt price");
        assertEq(outputPrice, output, "output price");
    }
}
