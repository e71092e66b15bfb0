// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketCloseTest is MarketFixture {
    function test_close_refusesAnyoneButTheBuyer() external {
        Job memory job = openBid();
        expectNotBuyer(stranger);
        vm.prank(stranger);
        market.close(job, noLots());
    }

    function test_close_refusesTermsThatAreNotTheJobs() external {
        Job memory job = openBid();
        job.request.promptLimitPerMillion *= 2;
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
        _close(job, noLots());
    }

    function test_close_refusesALotOfAnotherJob() external {
        (Job memory job, ) = openExpired();
        (, Lot[] memory lots) = openSecond(fillsOf(Defaults.offer(provider), 10));
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_OtherJob.selector, lots[0].jobId, jobId));
        _close(job, lots);
    }

    function test_close_withdrawsTheBid() external {
        post(Defaults.offer(provider));
        (Job memory job, ) = open(Defaults.request(), fillsOf(Defaults.offer(provider), 4));
        bytes32 jobId = jobIdOf(job);
        vm.expectEmit(address(market));
        emit IMarket.JobClosed(jobId, 4, 6, 12_000);
        _close(job, noLots());

        assertEq(market.jobState(jobId).openItems, 0);
        assertAccount(buyer, Defaults.DEPOSIT - 8_000, 8_000);
        assertConserved();
    }

    function test_close_withdrawsAReopenedLot() external {
        (Job memory job, Lot memory failed) = openExpired();
        bytes32 lotId = Hashes.lotId(failed);
        vm.expectEmit(address(market));
        emit IMarket.LotClosed(lotId, failed.jobId, Defaults.ESCROW);
        _close(job, listOf(failed));

        assertStatus(failed, LotStatus.None);
        assertAccount(buyer, Defaults.DEPOSIT + Defaults.PENALTY - Defaults.BOUNTY, 0);
        assertConserved();
    }

    function test_close_withdrawsWhatIsLeftOfAReleasedLot() external {
        (Job memory job, Lot memory lot) = openFilled();
        vm.prank(provider);
        market.release(lot);
        _close(job, listOf(lot));
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.RELEASE_CHARGE, 0);
        assertConserved();
    }

    function test_close_skipsLotsThatAreNotOpen() external {
        (Job memory job, Lot memory lot) = openFilled();
        expectSkipped(lot, LotStatus.Assigned);
        _close(job, listOf(lot));
        assertStatus(lot, LotStatus.Assigned);
        assertEq(market.accountOf(buyer).locked, Defaults.ESCROW);
    }

    function test_close_refundsOnce() external {
        (Job memory job, Lot memory failed) = openExpired();
        _close(job, listOf(failed, failed));
        uint256 free = market.accountOf(buyer).free;
        _close(job, listOf(failed));
        assertEq(market.accountOf(buyer).free, free);
        assertEq(market.accountOf(buyer).locked, 0);
        assertConserved();
    }

    function test_close_worksAtAnyTime() external {
        Job memory job = openBid();
        vm.warp(Defaults.START + 3_650 days);
        _close(job, noLots());
        assertAccount(buyer, Defaults.DEPOSIT, 0);
    }

    function _close(Job memory job, Lot[] memory lots) private {
        vm.prank(buyer);
        market.close(job, lots);
    }
}
