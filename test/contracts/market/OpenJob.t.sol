// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
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

    function test_openJob_refusesATurnaroundOfMoreThan30Days() external {
        JobRequest memory request = Defaults.request();
        request.turnaroundSeconds = 30 days + 1;
        _expectInvalid(request);
        request.turnaroundSeconds = 30 days;
        open(request, noFills());
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

    // ---------------------------------------------------------------- extremes

    /// @dev Any terms at all, by a buyer and a provider who own as much as an account can hold: either they are refused
    /// or what is locked is exact. Nothing wraps.
    function testFuzz_openJob_locksExactlyOrRefuses(JobRequest memory request, Offer memory offer) external {
        request.itemCount = request.itemCount == 0 ? 1 : request.itemCount;
        request.startBps %= 10_001;
        request.turnaroundSeconds %= 30 days + 1;
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
}
