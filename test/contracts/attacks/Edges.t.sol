// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Single base units, nothing at all, and as much as fields hold.
contract EdgeAttacksTest is MarketFixture {
    uint256 private constant MOST = type(uint112).max;

    // ---------------------------------------------------------------- one unit

    function test_attack_depositAndWithdrawOneUnit() external {
        fund(stranger, 1);
        assertAccount(stranger, 1, 0);
        expectInsufficientFree(stranger, 1, 2);
        vm.prank(stranger);
        market.withdraw(stranger, 2);
        vm.prank(stranger);
        market.withdraw(stranger, 1);
        assertAccount(stranger, 0, 0);
    }

    function test_attack_depositAndWithdrawNothing() external {
        vm.startPrank(stranger);
        market.deposit(buyer, 0);
        market.withdraw(provider, 0);
        vm.stopPrank();
        assertAccount(buyer, Defaults.DEPOSIT, 0);
        assertEq(asset.balanceOf(provider), 0);
    }

    /// @dev Each item costs a millionth of a unit: rounded up item by item, the escrow covers what a provider is due.
    function test_attack_itemsBelowOneUnit() external {
        JobRequest memory request = _dust();
        (Job memory job, ) = open(request, noFills());
        assertEq(market.accountOf(buyer).locked, 1_000_000);
        vm.warp(Defaults.START + 1_000);
        Lot memory lot = claim(provider, job, 1_000_000);
        assertEq(lot.escrow, 1_000_000);
        Submission memory submission = Defaults.submission();
        (submission.totals.promptTokens, submission.totals.outputTokens) = (1_000_000, 0);
        submit(lot, submission);
        vm.prank(buyer);
        market.accept(Defaults.terms(lot), settlements(lot, submission));
        assertAccount(buyer, Defaults.DEPOSIT - 1, 0);
        assertAccount(provider, Defaults.DEPOSIT + 1, 0);
        assertConserved();
    }

    /// @dev A million lots would round up a million times; each is paid from its own escrow, which did so too.
    function test_attack_cutAJobIntoLotsThatRoundUp() external {
        JobRequest memory request = _dust();
        request.itemCount = 5;
        (Job memory job, ) = open(request, noFills());
        vm.warp(Defaults.START + 1_000);
        for (uint256 i = 0; i < 5; i++) {
            Lot memory lot = claim(provider, job, 1);
            Submission memory submission = Defaults.submission();
            (submission.totals.promptTokens, submission.totals.outputTokens) = (1, 1);
            submit(lot, submission);
            vm.prank(buyer);
            market.accept(Defaults.terms(lot), settlements(lot, submission));
        }
        assertAccount(buyer, Defaults.DEPOSIT - 5, 0);
        assertConserved();
    }

    /// @dev A fee below a unit is none; a release charge below one is one.
    function test_attack_roundFeesAndChargesAway() external {
        JobRequest memory request = _dust();
        request.itemCount = 99;
        (Job memory job, ) = open(request, noFills());
        Lot memory lot = claim(provider, job, 99);
        assertEq(lot.releaseCharge, 1);
        vm.prank(provider);
        market.release(lot);
        assertAccount(vault, 2, 0);
        lot = claimReopened(rival, job, lot);
        assertEq(lot.escrow, 98);
        submit(lot);
        accept(lot);
        // Of 98 a hundredth is nothing.
        assertAccount(vault, 2, 0);
        assertConserved();
    }

    /// @dev A job that pays nothing locks a provider's collateral all the same, and ends by every way.
    function test_attack_jobOfNoValue() external {
        JobRequest memory request = Defaults.request();
        (request.promptLimitPerMillion, request.outputLimitPerMillion) = (0, 0);
        (Job memory job, ) = open(request, noFills());
        Lot memory lot = claim(provider, job, 10);
        assertEq(lot.collateral, 10_000);
        expire(stranger, lot);
        assertAccount(provider, Defaults.DEPOSIT, 0);
        lot = claimReopened(provider, job, lot);
        submit(lot);
        holdLot(lot, block.timestamp + 10);
        slashLot(lot, stranger, 0);
        // There is no penalty to share: all of it is the vault's.
        assertAccount(vault, 10_000, 0);
        assertAccount(stranger, 0, 0);
        lot = claimReopened(rival, job, lot);
        submit(lot);
        accept(lot);
        assertAccount(buyer, Defaults.DEPOSIT, 0);
        assertConserved();
    }

    // ---------------------------------------------------------------- the most

    function test_attack_wrapABalanceByDeposits() external {
        fund(stranger, MOST);
        asset.mint(rival, 1);
        vm.startPrank(rival);
        asset.approve(address(market), 1);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        market.deposit(stranger, 1);
        vm.stopPrank();
        assertAccount(stranger, MOST, 0);
    }

    /// @dev `free` and `locked` share a slot: neither carries into the other, nor into the epoch.
    function test_attack_carryFromOneFieldIntoAnother() external {
        fund(stranger, MOST);
        vm.startPrank(stranger);
        market.cancelAllOffers(stranger);
        JobRequest memory request = Defaults.request();
        market.openJob(stranger, request, noFills());
        assertAccount(stranger, MOST - Defaults.ESCROW, Defaults.ESCROW);
        Job memory job = Defaults.job(stranger, request);
        market.close(job, noLots());
        vm.stopPrank();
        assertAccount(stranger, MOST, 0);
        assertEq(market.accountOf(stranger).offerEpoch, 1);
    }

    /// @dev Token counts at their most cost no more than the escrow, and nothing wraps on the way.
    function test_attack_settleTheMostTokensAtTheHighestPrice() external {
        JobRequest memory request = Defaults.request();
        (request.promptLimitPerMillion, request.outputLimitPerMillion) = (type(uint64).max, type(uint64).max);
        (request.promptTokensCap, request.outputTokensCap) = (1, 1);
        request.startBps = 10_000;
        fund(buyer, MOST - Defaults.DEPOSIT);
        fund(provider, MOST - Defaults.DEPOSIT);
        (Job memory job, ) = open(request, noFills());
        Lot memory lot = claim(provider, job, 10);
        Submission memory submission = Defaults.submission();
        (submission.totals.promptTokens, submission.totals.outputTokens) = (type(uint64).max, type(uint64).max);
        submit(lot, submission);
        uint256 before = market.accountOf(provider).free + uint256(lot.collateral);
        vm.expectRevert(
            abi.encodeWithSignature("SafeCastOverflowedUintDowncast(uint8,uint256)", 112, before + _paid(lot))
        );
        vm.prank(buyer);
        market.accept(Defaults.terms(lot), settlements(lot, submission));
        // An account that is full takes no more; once its owner made room it is paid.
        vm.prank(provider);
        market.withdraw(stranger, _paid(lot));
        vm.prank(buyer);
        market.accept(Defaults.terms(lot), settlements(lot, submission));
        assertAccount(provider, MOST, 0);
        assertConserved();
    }

    function test_attack_claimBeyondAllItems() external {
        Job memory job = openBid();
        Lot memory lot = claim(provider, job, type(uint32).max);
        assertEq(lot.itemCount, 10);
        assertEq(market.jobState(jobIdOf(job)).openItems, 0);
        assertEq(market.jobState(jobIdOf(job)).openFrom, 10);
    }

    function test_attack_moreErrorsThanItems(uint32 errors) external {
        (, Lot memory lot) = openFilled();
        Submission memory submission = Defaults.submission();
        submission.totals.errors = uint32(bound(errors, 11, type(uint32).max));
        vm.expectRevert(
            abi.encodeWithSelector(IMarket.Market_TooManyErrors.selector, submission.totals.errors, uint32(10))
        );
        vm.prank(provider);
        market.submit(Defaults.terms(lot), deliveries(lot, submission));
    }

    /// @dev A lot of all 2³² − 1 items a job can have.
    function test_attack_lotOfAllItemsThereCanBe() external {
        JobRequest memory request = Defaults.request();
        request.itemCount = type(uint32).max;
        (request.promptLimitPerMillion, request.outputLimitPerMillion) = (1, 1);
        Offer memory offer = Defaults.offer(provider);
        (offer.capacityItems, offer.maxLotItems) = (type(uint32).max, type(uint32).max);
        (offer.promptPricePerMillion, offer.outputPricePerMillion) = (1, 1);
        post(offer);
        fund(buyer, 1e10);
        fund(provider, 1e10);
        fund(rival, 1e10);
        (Job memory job, Lot[] memory lots) = open(request, fillsOf(offer, type(uint32).max));
        assertEq(lots[0].itemCount, type(uint32).max);
        assertEq(lots[0].escrow, type(uint32).max);
        assertEq(market.jobState(jobIdOf(job)).openItems, 0);
        expire(stranger, lots[0]);
        Lot memory lot = claimReopened(rival, job, lots[0]);
        assertEq(uint256(market.lotState(Hashes.lotId(lot)).status()), uint256(LotStatus.Assigned));
        assertConserved();
    }

    // ---------------------------------------------------------------- helpers

    /// @dev A million items of one prompt and one output token, at one unit a million.
    function _dust() private pure returns (JobRequest memory request) {
        request = Defaults.request();
        request.itemCount = 1_000_000;
        (request.promptTokensCap, request.outputTokensCap) = (1, 1);
        (request.promptLimitPerMillion, request.outputLimitPerMillion) = (1, 0);
        request.minLotItems = 1;
    }

    function _paid(Lot memory lot) private pure returns (uint256) {
        return lot.escrow - (uint256(lot.escrow) * lot.feeBps) / 10_000;
    }
}
