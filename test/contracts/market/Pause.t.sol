// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice The guardian stops openings, and nothing else.
contract MarketPauseTest is MarketFixture {
    // ---------------------------------------------------------------- what stops

    function test_pause_stopsOpeningsFromItsFirstSecondToItsLast() external {
        _pause();
        _expectPaused();
        _openJob();
        _expectPaused();
        _postOffer();
        vm.warp(parameters.pausedUntil() - 1);
        _expectPaused();
        _openJob();
        _expectPaused();
        _postOffer();
    }

    function test_pause_lapsesByItself() external {
        _pause();
        vm.warp(parameters.pausedUntil());
        _openJob();
    }

    function test_pause_endsEarlyWhereTheGuardianOrAVoteEndsIt() external {
        _pause();
        vm.prank(timelock);
        parameters.unpause();
        _openJob();
        _postOffer();
    }

    /// @dev Nor by a batch of calls in one.
    function test_pause_holdsInAMulticall() external {
        _pause();
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(IMarket.openJob, (buyer, Defaults.request(), noFills()));
        _expectPaused();
        vm.prank(buyer);
        market.multicall(calls);
        calls[0] = abi.encodeCall(IOffers.postOffer, (Defaults.offer(provider)));
        _expectPaused();
        vm.prank(provider);
        market.multicall(calls);
    }

    // ---------------------------------------------------------------- what goes on

    function test_pause_letsALotGoItsWholeWay() external {
        Job memory job = openBid();
        _pause();
        Lot memory lot = claim(provider, job, 5);
        vm.prank(provider);
        market.release(lot);
        lot = claimReopened(rival, job, lot);
        expire(stranger, lot);
        lot = claimReopened(provider, job, lot);
        submit(lot);
        accept(lot);
        lot = claim(rival, job, 5);
        submit(lot);
        vm.warp(block.timestamp + 61);
        market.settle(Defaults.terms(lot), settlements(lot));
        assertEq(parameters.paused(), true);
        assertStatus(lot, LotStatus.None);
        assertEq(market.accountOf(buyer).locked, 0);
        assertConserved();
    }

    function test_pause_letsMoneyInAndOut() external {
        _pause();
        fund(stranger, 70);
        vm.prank(stranger);
        market.withdraw(stranger, 70);
        assertEq(asset.balanceOf(stranger), 70);
    }

    function test_pause_letsBuyersTopUpAndClose() external {
        (Job memory job, Lot memory failed) = openExpired();
        _pause();
        vm.startPrank(buyer);
        market.topUp(job, 1_000_001, 2_000_000, listOf(failed));
        job.request.promptLimitPerMillion++;
        market.cancelRemainder(job);
        market.close(job, listOf(failed));
        vm.stopPrank();
        assertEq(market.accountOf(buyer).locked, 0);
    }

    function test_pause_letsProvidersCancelOffers() external {
        post(Defaults.offer(provider));
        _pause();
        vm.startPrank(provider);
        market.cancelOffer(Defaults.offer(provider));
        market.cancelAllOffers(provider);
        vm.stopPrank();
        assertEq(market.accountOf(provider).offerEpoch, 1);
    }

    function test_pause_letsOwnersRemoveOperators() external {
        vm.prank(provider);
        market.setProviderOperator(stranger, 5);
        _pause();
        vm.prank(provider);
        market.setProviderOperator(stranger, 0);
        vm.prank(buyer);
        market.setBuyerOperator(stranger, 0, 0);
        assertEq(market.collateralCapOf(provider, stranger), 0);
    }

    function test_pause_letsArbitersJudge() external {
        (Job memory job, Lot memory lot) = openFilled();
        submit(lot);
        _pause();
        vm.prank(buyer);
        faults.demandReceipt(job, lot, 0);
        vm.warp(block.timestamp + 21);
        vm.prank(stranger);
        faults.failDemand(lot, 0);
        assertStatus(lot, LotStatus.Open);

        lot = claimReopened(rival, job, lot);
        submit(lot);
        holdLot(lot, block.timestamp + 100);
        takeFrom(buyer, buyer, 50);
        slashLot(lot, buyer, 10);
        giveTo(buyer, 60);
        assertStatus(lot, LotStatus.Open);
        assertConserved();
    }

    // ---------------------------------------------------------------- helpers

    function _pause() private {
        vm.prank(guardian);
        parameters.pause();
    }

    function _expectPaused() private {
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_Paused.selector));
    }

    function _openJob() private {
        vm.prank(buyer);
        market.openJob(buyer, Defaults.request(), noFills());
    }

    function _postOffer() private {
        vm.prank(provider);
        market.postOffer(Defaults.offer(provider));
    }
}
