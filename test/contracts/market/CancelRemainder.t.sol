// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketCancelRemainderTest is MarketFixture {
    function test_cancelRemainder_refusesAnyoneButTheBuyer() external {
        Job memory job = openBid();
        expectNotBuyer(provider);
        vm.prank(provider);
        market.cancelRemainder(job);
    }

    function test_cancelRemainder_refusesTermsThatAreNotTheJobs() external {
        Job memory job = openBid();
        job.request.itemCount--;
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
        _cancel(job);
    }

    function test_cancelRemainder_refusesAJobNeverOpened() external {
        Job memory job = Defaults.job(buyer, Defaults.request());
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
        _cancel(job);
    }

    function test_cancelRemainder_returnsTheEscrowOfTheBid() external {
        Job memory job = openBid();
        Lot memory lot = claim(provider, job, 4);
        bytes32 jobId = jobIdOf(job);
        vm.expectEmit(address(market));
        emit IMarket.JobClosed(jobId, 4, 6, 6 * Defaults.ITEM_ESCROW);
        _cancel(job);

        assertEq(market.jobState(jobId).openFrom, 4);
        assertEq(market.jobState(jobId).openItems, 0);
        assertStatus(lot, LotStatus.Assigned);
        assertAccount(buyer, Defaults.DEPOSIT - lot.escrow, lot.escrow);
        assertConserved();
    }

    function test_cancelRemainder_leavesReopenedLots() external {
        (Job memory job, Lot memory failed) = openExpired();
        _cancel(job);
        assertStatus(failed, LotStatus.Open);
        assertEq(market.accountOf(buyer).locked, Defaults.ESCROW);
        claimReopened(rival, job, failed);
    }

    function test_cancelRemainder_isHarmlessToRepeat() external {
        Job memory job = openBid();
        _cancel(job);
        _cancel(job);
        assertAccount(buyer, Defaults.DEPOSIT, 0);
        assertConserved();
    }

    function test_cancelRemainder_ofAJobWithoutABidReturnsNothing() external {
        (Job memory job, ) = openFilled();
        _cancel(job);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW);
    }

    function test_cancelRemainder_returnsWhatATopUpAdded() external {
        Job memory job = openBid();
        vm.startPrank(buyer);
        market.topUp(job, 1_500_000, 2_000_000, noLots());
        job.request.promptLimitPerMillion = 1_500_000;
        market.cancelRemainder(job);
        vm.stopPrank();
        assertAccount(buyer, Defaults.DEPOSIT, 0);
        assertConserved();
    }

    function test_cancelRemainder_worksAtAnyTimeAndWhilePaused() external {
        Job memory job = openBid();
        vm.warp(Defaults.START + 3_650 days);
        vm.prank(guardian);
        parameters.pause();
        _cancel(job);
        assertAccount(buyer, Defaults.DEPOSIT, 0);
    }

    function _cancel(Job memory job) private {
        vm.prank(buyer);
        market.cancelRemainder(job);
    }
}
