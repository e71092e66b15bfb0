// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {FillSkip, Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Attempts at a better price than was agreed, and at pay for nothing.
contract PricingAttacksTest is MarketFixture {
    /// @dev The sybil is `rival` and `stranger`, one party with `provider`. Whenever it claims and however long it
    /// waits, it never ends up better off than with the price it first claimed at, nor the buyer worse off.
    function test_attack_claimLowExpireReclaimHigh(uint16 startBps, uint32 wait) external {
        JobRequest memory request = Defaults.request();
        request.startBps = uint16(bound(startBps, 0, 10_000));
        (Job memory job, ) = open(request, noFills());
        uint256 sybilBefore = _sybil();
        uint256 buyerBefore = _total(buyer);

        Lot memory low = claim(provider, job, 10);
        uint256 honest =
            (uint256(low.promptPricePerMillion) * 10_000 + uint256(low.outputPricePerMillion) * 5_000) / 1e6;
        expire(stranger, low);
        vm.warp(block.timestamp + bound(wait, 0, 2_000));
        Lot memory high = claimReopened(rival, job, low);
        _payForAllTokens(high);

        assertLe(_sybil() + market.accountOf(vault).free, sybilBefore + honest + 1, "the attack paid");
        assertGe(_total(buyer) + honest + 1, buyerBefore, "the buyer paid for the attack");
        assertConserved();
    }

    /// @dev The same through an offer, whose price the buyer named.
    function test_attack_offerLowExpireReclaimHigh() external {
        (Job memory job, Lot memory low) = openFilled();
        uint256 sybilBefore = _sybil();
        expire(stranger, low);
        vm.warp(block.timestamp + 1_000);
        Lot memory high = claimReopened(rival, job, low);
        assertEq(high.promptPricePerMillion, 1_000_000);
        _payForAllTokens(high);
        assertLe(_sybil() + market.accountOf(vault).free, sybilBefore + Defaults.VALUE, "the attack paid");
    }

    function test_attack_expireOwnLotForTheBounty() external {
        (, Lot memory lot) = openFilled();
        uint256 before = _sybil();
        expire(stranger, lot);
        assertEq(_sybil(), before - (Defaults.PENALTY - Defaults.BOUNTY), "cost of expiring one's own lot");
        assertGe(Defaults.PENALTY - Defaults.BOUNTY, Defaults.ESCROW - Defaults.VALUE, "the re-run is not covered");
    }

    function test_attack_raiseThePriceInFrontOfAFill() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 offerId = post(offer);
        Offer memory raised = Defaults.offer(provider);
        raised.promptPricePerMillion = 1_000_000;
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IOffers.cancelOffer, (offer));
        calls[1] = abi.encodeCall(IOffers.postOffer, (raised));
        vm.prank(provider);
        market.multicall(calls);

        bytes32 jobId = market.jobIdOf(buyer, 1);
        vm.expectEmit(address(market));
        emit IOffers.FillSkipped(jobId, offerId, 10, FillSkip.Cancelled);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots.length, 0);
    }

    function test_attack_cancelInFrontOfAFillLeavesTheBuyerABid() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        vm.prank(provider);
        market.cancelAllOffers(provider);
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots.length, 0);
        assertEq(market.jobState(jobIdOf(job)).openItems, 10);
    }

    function test_attack_withdrawInFrontOfAFillLeavesTheBuyerABid() external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        vm.prank(provider);
        market.withdraw(provider, Defaults.DEPOSIT);
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots.length, 0);
        assertEq(market.jobState(jobIdOf(job)).openItems, 10);
    }

    function test_attack_claimTokensThatCostMoreThanTheEscrow() external {
        (, Lot memory lot) = openFilled();
        Submission memory submission = Defaults.submission();
        (submission.totals.promptTokens, submission.totals.outputTokens) = (type(uint64).max, type(uint64).max);
        _submitAndAccept(lot, submission);
        assertEq(_total(buyer), Defaults.DEPOSIT - Defaults.ESCROW, "more than the escrow left the buyer");
        assertConserved();
    }

    function test_attack_errorsAreNoFreeOption() external {
        (, Lot memory lot) = openFilled();
        Submission memory submission = Defaults.submission();
        (submission.totals.promptTokens, submission.totals.outputTokens, submission.totals.errors) = (0, 0, 10);
        _submitAndAccept(lot, submission);
        // As dear as letting it expire.
        assertEq(_total(provider), Defaults.DEPOSIT - Defaults.PENALTY);
    }

    /// @dev A release costs whoever provokes it at least as much as the other side, however often it is repeated.
    function test_attack_claimAndReleaseCostsTheGrieferAsMuch() external {
        _claimAndReleaseTenTimes(Defaults.request());
    }

    /// @dev A ramp that starts at nothing makes lots of no value; releasing them is not free all the same.
    function test_attack_claimAndReleaseOfAFreeStartCostsToo() external {
        JobRequest memory request = Defaults.request();
        request.startBps = 0;
        _claimAndReleaseTenTimes(request);
    }

    /// @dev One who owns the vault, and so is paid the charges, takes three of them from a buyer and no more.
    function test_attack_claimAndReleaseEscrowIntoOnesOwnVault() external {
        Job memory job = openBid();
        fund(vault, Defaults.DEPOSIT);
        Lot memory lot = claim(vault, job, 10);
        for (uint256 i = 0; i < 20; i++) {
            vm.prank(vault);
            market.release(lot);
            lot = claimReopened(vault, job, lot);
        }
        assertEq(Defaults.DEPOSIT - _total(buyer), 299);
        assertEq(_total(vault), Defaults.DEPOSIT + 299);
        assertEq(lot.attempt, 20);
        assertConserved();
    }

    function _claimAndReleaseTenTimes(JobRequest memory request) private {
        (Job memory job, ) = open(request, noFills());
        Lot memory lot = claim(rival, job, 10);
        uint256 charges;
        uint256 buyerCharges;
        for (uint256 i = 0; i < 10; i++) {
            assertGe(lot.releaseCharge, 1, "a free release");
            charges += lot.releaseCharge;
            if (i < 3) buyerCharges += lot.releaseCharge;
            vm.prank(rival);
            market.release(lot);
            lot = claimReopened(rival, job, lot);
        }
        assertEq(Defaults.DEPOSIT - _total(rival), charges);
        assertEq(Defaults.DEPOSIT - _total(buyer), buyerCharges);
        assertEq(_total(vault), charges + buyerCharges);
    }

    function test_attack_selfDealingAlwaysCostsTheFee() external {
        Offer memory offer = Defaults.offer(buyer);
        post(offer);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        _payForAllTokens(lots[0]);
        assertEq(_total(buyer), Defaults.DEPOSIT - (Defaults.VALUE * 100) / 10_000);
        assertStatus(lots[0], LotStatus.None);
    }

    function _payForAllTokens(Lot memory lot) private {
        Submission memory submission = Defaults.submission();
        (submission.totals.promptTokens, submission.totals.outputTokens) = (10_000, 5_000);
        _submitAndAccept(lot, submission);
    }

    function _submitAndAccept(Lot memory lot, Submission memory submission) private {
        submit(lot, submission);
        vm.prank(lot.buyer);
        market.accept(Defaults.terms(lot), settlements(lot, submission));
    }

    function _total(address account) private view returns (uint256) {
        return uint256(market.accountOf(account).free) + market.accountOf(account).locked;
    }

    function _sybil() private view returns (uint256) {
        return _total(provider) + _total(rival) + _total(stranger);
    }
}
