// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Fill, Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Delivery, Lot, LotStatus, Settlement} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice One element of a batch that does not apply spoils no other, and costs a bounded amount.
contract BatchAttacksTest is MarketFixture {
    uint256 private constant COUNT = 20;
    /// @dev What an element that is skipped may cost.
    uint256 private constant SKIP_GAS = 12_000;

    function test_attack_oneExpiredLotSpoilsABatchOfSubmits() external {
        (, Lot[] memory lots) = _openLots();
        expire(stranger, lots[7]);
        Delivery[] memory list = new Delivery[](COUNT);
        for (uint256 i = 0; i < COUNT; i++) list[i] = Defaults.delivery(lots[i], Defaults.submission());
        expectSkipped(lots[7], LotStatus.Open);
        vm.prank(provider);
        market.submit(Defaults.terms(lots[0]), list);
        for (uint256 i = 0; i < COUNT; i++) assertStatus(lots[i], i == 7 ? LotStatus.Open : LotStatus.Submitted);
    }

    /// @dev A stranger settles the first lot of a batch in front of it; another is held by the court; one has results
    /// that nobody submitted.
    function test_attack_spoiltLotsInABatchOfSettlements() external {
        Lot[] memory lots = _submitLots();
        holdLot(lots[3], block.timestamp + 1_000);
        vm.warp(block.timestamp + 61);
        vm.prank(stranger);
        market.settle(Defaults.terms(lots[0]), settlements(lots[0]));
        Settlement[] memory list = _settlements(lots);
        list[5].totals.outputTokens++;
        market.settle(Defaults.terms(lots[0]), list);
        for (uint256 i = 0; i < COUNT; i++) {
            LotStatus expected = LotStatus.None;
            if (i == 3) expected = LotStatus.Challenged;
            if (i == 5) expected = LotStatus.Submitted;
            assertStatus(lots[i], expected);
        }
        assertEq(market.accountOf(provider).locked, uint256(lots[3].collateral) + lots[5].collateral);
        assertConserved();
    }

    function test_attack_spoiltLotsInABatchOfAccepts() external {
        Lot[] memory lots = _submitLots();
        holdLot(lots[3], block.timestamp + 1_000);
        accept(lots[0]);
        Settlement[] memory list = _settlements(lots);
        list[5].resultsDigest = keccak256("other results");
        vm.prank(buyer);
        market.accept(Defaults.terms(lots[0]), list);
        assertStatus(lots[3], LotStatus.Challenged);
        assertStatus(lots[5], LotStatus.Submitted);
        assertEq(market.accountOf(provider).locked, uint256(lots[3].collateral) + lots[5].collateral);
        assertConserved();
    }

    function test_attack_lotsTakenInFrontOfAClose() external {
        (Job memory job, Lot[] memory lots) = _openLots();
        for (uint256 i = 0; i < COUNT; i++) expire(stranger, lots[i]);
        Lot memory taken = claimReopened(rival, job, lots[4]);
        expectSkipped(lots[4], LotStatus.None);
        vm.prank(buyer);
        market.close(job, lots);
        assertStatus(taken, LotStatus.Assigned);
        assertEq(market.accountOf(buyer).locked, taken.escrow);
        assertConserved();
    }

    /// @dev Every offer of a whole order book fails, each for its own reason: the job opens as a bid.
    function test_attack_noFillOfManyIsGood() external {
        Fill[] memory fills = new Fill[](COUNT);
        for (uint256 i = 0; i < COUNT; i++) {
            Offer memory offer = Defaults.offer(i % 2 == 0 ? provider : stranger);
            offer.salt = uint64(i);
            if (i % 5 != 0) post(offer);
            if (i % 5 == 1) {
                vm.prank(offer.provider);
                market.cancelOffer(offer);
            }
            fills[i] = fillOf(offer, i % 5 == 2 ? 60 : 10);
            if (i % 5 > 1 && offer.provider == provider) fills[i].lotItems[0] = 0;
        }
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), fills);
        assertEq(lots.length, 0);
        assertEq(market.jobState(jobIdOf(job)).openItems, 10);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW);
    }

    function test_attack_skippedLotsCostABoundedAmount() external {
        Lot[] memory lots = _submitLots();
        Settlement[] memory list = _settlements(lots);
        uint256 before = gasleft();
        market.settle(Defaults.terms(lots[0]), list);
        assertLe(before - gasleft(), (COUNT + 5) * SKIP_GAS, "settlements skipped");
        assertEq(market.accountOf(buyer).locked, COUNT * 2 * Defaults.ITEM_ESCROW);

        Delivery[] memory again = new Delivery[](COUNT);
        for (uint256 i = 0; i < COUNT; i++) again[i] = Defaults.delivery(lots[i], Defaults.submission());
        vm.prank(provider);
        before = gasleft();
        market.submit(Defaults.terms(lots[0]), again);
        assertLe(before - gasleft(), (COUNT + 5) * SKIP_GAS, "submits skipped");
    }

    /// @dev The same lot fifty times is paid once.
    function test_attack_oneLotFillsABatch() external {
        Lot[] memory lots = _submitLots();
        for (uint256 i = 1; i < COUNT; i++) lots[i] = lots[0];
        vm.prank(buyer);
        market.accept(Defaults.terms(lots[0]), _settlements(lots));
        assertEq(market.accountOf(buyer).locked, (COUNT - 1) * 2 * Defaults.ITEM_ESCROW);
        assertConserved();
    }

    /// @dev A multicall is all or nothing by design; the batches in it still skip.
    function test_attack_aSpoiltBatchInAMulticall() external {
        Lot[] memory lots = _submitLots();
        (, Lot memory other) = openFilledAs(9);
        vm.warp(block.timestamp + 61);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IMarket.settle, (Defaults.terms(other), settlements(other)));
        calls[1] = abi.encodeCall(IMarket.settle, (Defaults.terms(lots[0]), _settlements(lots)));
        market.multicall(calls);
        assertStatus(other, LotStatus.Assigned);
        assertStatus(lots[0], LotStatus.None);
    }

    // ---------------------------------------------------------------- helpers

    /// @dev Many lots of two items of one offer.
    function _openLots() private returns (Job memory job, Lot[] memory lots) {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        JobRequest memory request = Defaults.request();
        request.itemCount = uint32(2 * COUNT);
        Fill[] memory fills = fillsOf(offer, 2);
        fills[0].lotItems = new uint32[](COUNT);
        for (uint256 i = 0; i < COUNT; i++) fills[0].lotItems[i] = 2;
        return open(request, fills);
    }

    function _submitLots() private returns (Lot[] memory lots) {
        (, lots) = _openLots();
        for (uint256 i = 0; i < COUNT; i++) submit(lots[i]);
    }

    function _settlements(Lot[] memory lots) private pure returns (Settlement[] memory list) {
        list = new Settlement[](lots.length);
        for (uint256 i = 0; i < lots.length; i++) list[i] = Defaults.settlement(lots[i], Defaults.submission());
    }
}
