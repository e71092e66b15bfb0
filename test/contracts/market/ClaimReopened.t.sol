// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketClaimReopenedTest is MarketFixture {
    // ---------------------------------------------------------------- refusals

    function test_claimReopened_refusesTermsThatAreNotTheJobs() external {
        (Job memory job, Lot memory failed) = openExpired();
        job.request.itemCount++;
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
        _claim(job, failed);
    }

    function test_claimReopened_refusesABidTooOld() external {
        (Job memory job, Lot memory failed) = openExpired();
        uint256 deadline = Defaults.START + 30 days;
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_BidExpired.selector, deadline + 1, deadline));
        _claim(job, failed);
    }

    function test_claimReopened_takesTheLastSecondOfTheBid() external {
        (Job memory job, Lot memory failed) = openExpired();
        vm.warp(Defaults.START + 30 days);
        _claim(job, failed);
    }

    function test_claimReopened_refusesALotOfAnotherJob() external {
        (Job memory job, ) = openExpired();
        JobRequest memory request = Defaults.request();
        request.nonce = 2;
        (, Lot[] memory lots) = open(request, fillsOf(Defaults.offer(provider), 10));
        expire(stranger, lots[0]);
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_OtherJob.selector, lots[0].jobId, jobId));
        _claim(job, lots[0]);
    }

    function test_claimReopened_refusesALotThatIsNotOpen() external {
        (Job memory job, Lot memory lot) = openFilled();
        expectWrongStatus(lot, LotStatus.Assigned);
        _claim(job, lot);

        submit(lot);
        expectWrongStatus(lot, LotStatus.Submitted);
        _claim(job, lot);

        accept(lot);
        expectWrongStatus(lot, LotStatus.None);
        _claim(job, lot);
    }

    function test_claimReopened_refusesALotTwice() external {
        (Job memory job, Lot memory failed) = openExpired();
        _claim(job, failed);
        expectWrongStatus(failed, LotStatus.None);
        _claim(job, failed);
    }

    function test_claimReopened_refusesALotChangedInAnyField() external {
        (Job memory job, Lot memory failed) = openExpired();
        failed.promptPricePerMillion++;
        expectWrongStatus(failed, LotStatus.None);
        _claim(job, failed);
    }

    function test_claimReopened_refusesWithoutCollateral() external {
        (Job memory job, Lot memory failed) = openExpired();
        fund(stranger, 15_555);
        // Beside the bounty of 444.
        expectInsufficientFree(stranger, 15_999, Defaults.COLLATERAL);
        vm.prank(stranger);
        market.claimReopened(stranger, job, failed, Defaults.PROVIDER_KEY);
    }

    // ---------------------------------------------------------------- success

    function test_claimReopened_takesTheWholeRangeAsANewLot() external {
        (Job memory job, Lot memory failed) = openExpired();
        bytes32 failedId = Hashes.lotId(failed);
        Lot memory lot = abi.decode(abi.encode(failed), (Lot));
        lot.provider = rival;
        lot.attempt = 1;
        lot.graceEndsAt = uint40(block.timestamp + 30);
        lot.deadline = uint40(block.timestamp + 635);
        bytes32 lotId = Hashes.lotId(lot);

        vm.expectEmit(address(market));
        emit IMarket.LotClosed(failedId, failed.jobId, 0);
        vm.expectEmit(address(market));
        emit IMarket.LotAssigned(lotId, failed.jobId, rival, lot, bytes32(0), Defaults.PROVIDER_KEY);
        vm.prank(rival);
        assertEq(market.claimReopened(rival, job, failed, Defaults.PROVIDER_KEY), lotId);

        assertStatus(failed, LotStatus.None);
        assertStatus(lot, LotStatus.Assigned);
        assertAccount(rival, Defaults.DEPOSIT - Defaults.COLLATERAL, Defaults.COLLATERAL);
        assertEq(market.accountOf(buyer).locked, Defaults.ESCROW);
        assertConserved();
    }

    function test_claimReopened_countsAttempts() external {
        (Job memory job, Lot memory lot) = openExpired();
        for (uint256 attempt = 1; attempt < 4; attempt++) {
            lot = claimReopened(rival, job, lot);
            assertEq(lot.attempt, attempt);
            expire(stranger, lot);
        }
    }

    function test_claimReopened_byTheFailedProviderAgain() external {
        (Job memory job, Lot memory failed) = openExpired();
        Lot memory lot = claimReopened(provider, job, failed);
        submit(lot);
        accept(lot);
        assertConserved();
    }

    // ---------------------------------------------------------------- the ramp

    function test_reopenedPrice_startsAtTheFailedLots() external {
        (Job memory job, Lot memory failed) = openExpired();
        _assertPrice(job, failed, 800_000, 1_600_000);
    }

    function test_reopenedPrice_risesSinceItReopened() external {
        (Job memory job, Lot memory failed) = openExpired();
        vm.warp(block.timestamp + 500);
        _assertPrice(job, failed, 900_000, 1_800_000);
        vm.warp(block.timestamp + 500);
        _assertPrice(job, failed, 1_000_000, 2_000_000);
        vm.warp(block.timestamp + 10 days);
        _assertPrice(job, failed, 1_000_000, 2_000_000);
    }

    function test_reopenedPrice_isBoundByTheEscrowLeft() external {
        (Job memory job, Lot memory lot) = openFilled();
        vm.prank(provider);
        market.release(lot);
        vm.warp(block.timestamp + 1_000);
        // 100 of 20,000 went to the vault: 0.5 % less.
        _assertPrice(job, lot, 995_000, 1_990_000);
    }

    function test_reopenedPrice_ofAFreeJobIsZero() external {
        JobRequest memory request = Defaults.request();
        (request.promptLimitPerMillion, request.outputLimitPerMillion) = (0, 0);
        (Job memory job, ) = open(request, noFills());
        Lot memory lot = claim(provider, job, 10);
        vm.prank(provider);
        market.release(lot);
        _assertPrice(job, lot, 0, 0);
        lot = claimReopened(rival, job, lot);
        assertEq(lot.escrow, 0);
        assertEq(lot.penalty, 0);
        assertEq(lot.releaseCharge, 0);
    }

    /// @dev Release charges eat the escrow; what a reopened lot costs at most always fits in what is left of it.
    function testFuzz_claimReopened_staysWithinTheEscrowAfterManyReleases(
        uint64 promptLimit,
        uint64 outputLimit,
        uint32 promptCap,
        uint32 outputCap,
        uint32 items,
        uint32 wait
    ) external {
        JobRequest memory request = Defaults.request();
        request.promptLimitPerMillion = uint64(bound(promptLimit, 0, 1e12));
        request.outputLimitPerMillion = uint64(bound(outputLimit, 0, 1e12));
        request.promptTokensCap = uint32(bound(promptCap, 1, 1e5));
        request.outputTokensCap = uint32(bound(outputCap, 1, 1e5));
        request.itemCount = uint32(bound(items, 1, 1e4));
        request.minLotItems = 0;
        fund(buyer, 1e21);
        fund(provider, 1e22);
        (Job memory job, ) = open(request, noFills());
        Lot memory lot = claim(provider, job, request.itemCount);
        for (uint256 i = 0; i < 12; i++) {
            vm.prank(provider);
            market.release(lot);
            vm.warp(block.timestamp + bound(wait, 0, 1_100));
            uint96 left = lot.escrow - (lot.attempt < 3 ? lot.releaseCharge : 0);
            lot = claimReopened(provider, job, lot);
            assertEq(lot.escrow, left, "escrow");
            uint256 value =
                (uint256(lot.promptPricePerMillion) * request.promptTokensCap +
                    uint256(lot.outputPricePerMillion) * request.outputTokensCap) * lot.itemCount;
            assertLe(value, uint256(left) * 1e6, "value above escrow");
        }
        expire(stranger, lot);
        assertConserved();
    }

    // ---------------------------------------------------------------- helpers

    function _claim(Job memory job, Lot memory failed) private {
        vm.prank(rival);
        market.claimReopened(rival, job, failed, Defaults.PROVIDER_KEY);
    }

    function _assertPrice(Job memory job, Lot memory failed, uint64 prompt, uint64 output) private view {
        (uint64 promptPrice, uint64 outputPrice) = market.reopenedPrice(job, failed);
        assertEq(promptPrice, prompt, "prompt price");
        assertEq(outputPrice, output, "output price");
    }
}
