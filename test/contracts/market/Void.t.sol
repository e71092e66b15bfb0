// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {Totals} from "../../../contracts/types/Receipt.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketVoidTest is MarketFixture {
    /// @dev Of the voided item: 20 × 0.8 + 10 × 1.6.
    uint256 private constant PRICE = 32;
    /// @dev Of the rest: 5,980 × 0.8 + 3,990 × 1.6.
    uint256 private constant DUE = 11_168;
    uint256 private constant FEE = 111;

    // ---------------------------------------------------------------- failures

    function test_void_refusesWhoIsNoArbiter() external {
        (Lot memory lot, Submission memory submission) = _challenged(0);
        bytes32 digest = Hashes.resultsDigest(submission);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_NotArbiter.selector, stranger));
        vm.prank(stranger);
        market.void(lot, digest, submission.totals, _item(), 0);
    }

    function test_void_refusesLotsThatItDoesNotHold() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        expectWrongStatus(lot, LotStatus.Submitted);
        _void(lot, Defaults.submission(), _item(), 0);

        vm.prank(address(faults));
        market.hold(lot, uint40(block.timestamp + 1 days));
        expectWrongStatus(lot, LotStatus.Demanded);
        _void(lot, Defaults.submission(), _item(), 0);
    }

    function test_void_refusesALotTwice() external {
        (Lot memory lot, Submission memory submission) = _challenged(0);
        _void(lot, submission, _item(), 0);
        expectWrongStatus(lot, LotStatus.None);
        _void(lot, submission, _item(), 0);
    }

    function testFuzz_void_refusesAnotherSubmission(uint8 field) external {
        (Lot memory lot, Submission memory submission) = _challenged(1);
        field = uint8(bound(field, 0, 3));
        if (field == 0) submission.root = keccak256("other");
        if (field == 1) submission.totals.promptTokens--;
        if (field == 2) submission.totals.outputTokens++;
        if (field == 3) submission.totals.errors--;
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_OtherSubmission.selector, Hashes.lotId(lot)));
        _void(lot, submission, Totals(0, 0, 0), 0);
    }

    function testFuzz_void_refusesMoreThanWasSubmitted(uint8 field) external {
        (Lot memory lot, Submission memory submission) = _challenged(1);
        Totals memory all = submission.totals;
        Totals memory voided = Totals(all.promptTokens, all.outputTokens, all.errors);
        field = uint8(bound(field, 0, 2));
        if (field == 0) voided.promptTokens++;
        if (field == 1) voided.outputTokens++;
        if (field == 2) voided.errors++;
        // Arithmetic underflow.
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        _void(lot, submission, voided, 0);
    }

    // ---------------------------------------------------------------- success

    function test_void_paysTheRestAndFinesTheProvider() external {
        (Lot memory lot, Submission memory submission) = _challenged(0);
        bytes32 lotId = Hashes.lotId(lot);
        vm.expectEmit(address(market));
        emit IMarket.LotSettled(lotId, lot.jobId, provider, DUE - FEE, FEE, Defaults.ESCROW - DUE, 0);
        vm.expectEmit(address(market));
        emit IMarket.LotVoided(lotId, lot.jobId, provider, 500, 100 * PRICE);
        assertEq(_void(lot, submission, _item(), 500), 500);

        assertStatus(lot, LotStatus.None);
        assertAccount(buyer, Defaults.DEPOSIT - DUE, 0);
        assertAccount(provider, Defaults.DEPOSIT + DUE - FEE - 500 - 100 * PRICE, 0);
        assertAccount(address(court), 500, 0);
        assertAccount(vault, FEE + 100 * PRICE, 0);
        assertConserved();
    }

    function test_void_leavesOutTheForfeitOfAVoidedError() external {
        (Lot memory lot, Submission memory submission) = _challenged(1);
        Totals memory voided = _item();
        voided.errors = 1;
        _void(lot, submission, voided, 0);
        assertAccount(buyer, Defaults.DEPOSIT - DUE, 0);
        assertConserved();
    }

    function test_void_takesTheCostFirst() external {
        (Lot memory lot, Submission memory submission) = _challenged(0);
        uint256 cost = Defaults.COLLATERAL - 100;
        assertEq(_void(lot, submission, _item(), cost), cost);
        assertAccount(address(court), cost, 0);
        assertAccount(vault, FEE + 100, 0);
        assertConserved();
    }

    function testFuzz_void_takesNoMoreThanTheCollateral(uint256 cost, uint32 errors, Totals memory voided) external {
        errors = uint32(bound(errors, 0, Defaults.ITEMS));
        (Lot memory lot, Submission memory submission) = _challenged(errors);
        voided.promptTokens = uint64(bound(voided.promptTokens, 0, submission.totals.promptTokens));
        voided.outputTokens = uint64(bound(voided.outputTokens, 0, submission.totals.outputTokens));
        voided.errors = uint32(bound(voided.errors, 0, errors));
        uint256 paid = _void(lot, submission, voided, cost);

        // ceil(4,445 × errors ÷ 10)
        uint256 forfeit = (Defaults.PENALTY * (errors - voided.errors) + Defaults.ITEMS - 1) / Defaults.ITEMS;
        uint256 left = Defaults.COLLATERAL - forfeit;
        assertEq(paid, cost < left ? cost : left);
        assertAccount(address(court), paid, 0);
        assertGe(market.accountOf(provider).free, Defaults.DEPOSIT - Defaults.COLLATERAL, "more than the collateral");
        assertEq(market.accountOf(provider).locked, 0);
        assertEq(market.accountOf(buyer).locked, 0);
        assertConserved();
    }

    function _challenged(uint32 errors) private returns (Lot memory lot, Submission memory submission) {
        (, lot) = openFilled();
        submission = Defaults.submission();
        submission.totals.errors = errors;
        submit(lot, submission);
        holdLot(lot, block.timestamp + 1 days);
    }

    function _void(
        Lot memory lot,
        Submission memory submission,
        Totals memory voided,
        uint256 cost
    ) private returns (uint256) {
        return voidItem(lot, submission, voided, cost);
    }

    function _item() private pure returns (Totals memory) {
        return Totals({promptTokens: 20, outputTokens: 10, errors: 0});
    }
}
