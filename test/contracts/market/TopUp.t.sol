// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @dev With prompt tokens at 1.5 instead of 1.0, an item's escrow is 2,500 instead of 2,000.
contract MarketTopUpTest is MarketFixture {
    uint64 private constant PROMPT_LIMIT = 1_500_000;
    uint64 private constant OUTPUT_LIMIT = 2_000_000;

    // ---------------------------------------------------------------- refusals

    function test_topUp_refusesAnyoneButTheBuyer() external {
        Job memory job = openBid();
        expectNotBuyer(stranger);
        vm.prank(stranger);
        market.topUp(job, PROMPT_LIMIT, OUTPUT_LIMIT, noLots());
    }

    function test_topUp_refusesTermsThatAreNotTheJobs() external {
        Job memory job = openBid();
        job.request.outputLimitPerMillion++;
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
        _topUp(job, noLots());
    }

    function test_topUp_refusesToLowerEitherPrice() external {
        Job memory job = openBid();
        vm.startPrank(buyer);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_PriceNotRaised.selector));
        market.topUp(job, 999_999, 3_000_000, noLots());
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_PriceNotRaised.selector));
        market.topUp(job, 2_000_000, 1_999_999, noLots());
        vm.stopPrank();
    }

    function test_topUp_refusesToChangeNeitherPrice() external {
        Job memory job = openBid();
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_PriceNotRaised.selector));
        vm.prank(buyer);
        market.topUp(job, 1_000_000, 2_000_000, noLots());
    }

    function test_topUp_refusesMoreThanAJobMayEscrow() external {
        // Whole units and no output: an item costs as many as its price, and the job 2⁸⁸ − 1 at most.
        JobRequest memory request = Defaults.request();
        request.itemCount = 1 << 24;
        request.promptTokensCap = 1e6;
        request.promptLimitPerMillion = 1;
        request.outputLimitPerMillion = 0;
        request.startBps = 10_000;
        fund(buyer, 1 << 88);
        (Job memory job, ) = open(request, noFills());
        vm.startPrank(buyer);
        // 2²⁴ items at 2⁶⁴ − 1 are 2⁸⁸ − 2²⁴, and the 500 tokens of output at 10⁶ are 500 each.
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_InvalidRequest.selector));
        market.topUp(job, type(uint64).max, 1_000_000, noLots());
        market.topUp(job, type(uint64).max, 0, noLots());
        assertEq(market.accountOf(buyer).locked, (uint256(1) << 88) - (1 << 24));
    }

    function test_topUp_refusesMoreThanIsFree() external {
        Job memory job = openBid();
        vm.startPrank(buyer);
        market.withdraw(buyer, market.accountOf(buyer).free - 4_999);
        expectInsufficientFree(buyer, 4_999, 5_000);
        market.topUp(job, PROMPT_LIMIT, OUTPUT_LIMIT, noLots());
    }

    function test_topUp_refusesALotOfAnotherJob() external {
        (Job memory job, ) = openExpired();
        (, Lot[] memory lots) = openSecond(fillsOf(Defaults.offer(provider), 10));
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_OtherJob.selector, lots[0].jobId, jobId));
        _topUp(job, lots);
    }

    // ---------------------------------------------------------------- success

    function test_topUp_raisesTheBid() external {
        Job memory job = openBid();
        bytes32 jobId = jobIdOf(job);
        vm.expectEmit(address(market));
        emit IMarket.JobToppedUp(jobId, PROMPT_LIMIT, OUTPUT_LIMIT, 5_000);
        _topUp(job, noLots());

        assertAccount(buyer, Defaults.DEPOSIT - 25_000, 25_000);
        assertEq(market.jobState(jobId).openItems, Defaults.ITEMS);
        Job memory raised = _raised(job);
        vm.warp(Defaults.START + 1_000);
        (uint64 promptPrice, uint64 outputPrice) = market.bidPrice(raised);
        assertEq(promptPrice, PROMPT_LIMIT);
        assertEq(outputPrice, OUTPUT_LIMIT);
        Lot memory lot = claim(provider, raised, Defaults.ITEMS);
        assertEq(lot.escrow, 25_000);
        assertConserved();
    }

    function test_topUp_raisesTheOutputPriceAlone() external {
        Job memory job = openBid();
        vm.prank(buyer);
        market.topUp(job, 1_000_000, 2_000_001, noLots());
        // One item is 1,000 + 1,000.0005, rounded up.
        assertAccount(buyer, Defaults.DEPOSIT - 20_010, 20_010);
    }

    function test_topUp_replacesTheTerms() external {
        Job memory job = openBid();
        _topUp(job, noLots());
        bytes32 jobId = jobIdOf(job);
        assertEq(market.requireTerms(_raised(job)), jobId);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
        market.requireTerms(job);
    }

    function test_topUp_leavesAssignedLotsAsTheyWere() external {
        post(Defaults.offer(provider));
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), fillsOf(Defaults.offer(provider), 4));
        expectSkipped(lots[0], LotStatus.Assigned);
        _topUp(job, lots);
        // Four items at 2,000 and six at 2,500.
        assertAccount(buyer, Defaults.DEPOSIT - 23_000, 23_000);

        submit(lots[0]);
        accept(lots[0]);
        assertAccount(buyer, Defaults.DEPOSIT - 15_000 - 8_000, 15_000);
        assertConserved();
    }

    function test_topUp_raisesReopenedLots() external {
        (Job memory job, Lot memory failed) = openExpired();
        uint256 free = market.accountOf(buyer).free;
        bytes32 failedId = Hashes.lotId(failed);
        uint40 reopenedAt = uint40(block.timestamp);
        vm.warp(reopenedAt + 100);
        vm.expectEmit(address(market));
        emit IMarket.LotToppedUp(failedId, failed.jobId, 25_000);
        _topUp(job, listOf(failed));

        assertStatus(failed, LotStatus.Open);
        assertEq(market.lotState(failedId).escrow(), 25_000);
        // Its ramp goes on where it was.
        assertEq(market.lotState(failedId).timestamp(), reopenedAt);
        assertAccount(buyer, free - 5_000, 25_000);

        Lot memory lot = claimReopened(rival, _raised(job), failed);
        assertEq(lot.escrow, 25_000);
        assertConserved();
    }

    function test_topUp_refillsWhatAReleaseTook() external {
        (Job memory job, Lot memory lot) = openFilled();
        vm.prank(provider);
        market.release(lot);
        assertEq(market.accountOf(buyer).locked, 19_900);
        _topUp(job, listOf(lot));
        assertEq(market.accountOf(buyer).locked, 25_000);
        assertConserved();
    }

    function test_topUp_countsALotNamedTwiceOnce() external {
        (Job memory job, Lot memory failed) = openExpired();
        _topUp(job, listOf(failed, failed));
        assertEq(market.accountOf(buyer).locked, 25_000);
        assertConserved();
    }

    function test_topUp_ofAClosedJobLocksNothing() external {
        Job memory job = openBid();
        vm.prank(buyer);
        market.cancelRemainder(job);
        _topUp(job, noLots());
        assertAccount(buyer, Defaults.DEPOSIT, 0);
    }

    function test_topUp_goesOnWhilePaused() external {
        Job memory job = openBid();
        vm.prank(guardian);
        parameters.pause();
        _topUp(job, noLots());
        assertEq(market.accountOf(buyer).locked, 25_000);
    }

    function _topUp(Job memory job, Lot[] memory lots) private {
        vm.prank(buyer);
        market.topUp(job, PROMPT_LIMIT, OUTPUT_LIMIT, lots);
    }

    function _raised(Job memory job) private pure returns (Job memory raised) {
        raised = abi.decode(abi.encode(job), (Job));
        raised.request.promptLimitPerMillion = PROMPT_LIMIT;
        raised.request.outputLimitPerMillion = OUTPUT_LIMIT;
    }
}
