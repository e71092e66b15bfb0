// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotState, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketSubmitTest is MarketFixture {
    function test_submit_refusesAnyoneButTheProvider() external {
        (, Lot memory lot) = openFilled();
        expectNotProvider(rival);
        vm.prank(rival);
        market.submit(listOf(lot), listOf(Defaults.submission()));
    }

    function test_submit_refusesMoreErrorsThanItems() external {
        (, Lot memory lot) = openFilled();
        Submission memory submission = Defaults.submission();
        submission.errors = 11;
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_TooManyErrors.selector, uint32(11), uint32(10)));
        vm.prank(provider);
        market.submit(listOf(lot), listOf(submission));
    }

    function test_submit_refusesMoreLotsThanSubmissions() external {
        (, Lot memory lot) = openFilled();
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_LengthMismatch.selector, 2, 1));
        vm.prank(provider);
        market.submit(listOf(lot, lot), listOf(Defaults.submission()));
    }

    function test_submit_refusesMoreSubmissionsThanLots() external {
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_LengthMismatch.selector, 0, 1));
        vm.prank(provider);
        market.submit(noLots(), listOf(Defaults.submission()));
    }

    function test_submit_skipsALotNeverAssigned() external {
        (, Lot memory lot) = openFilled();
        lot.escrow++;
        expectSkipped(lot, LotStatus.None);
        submit(lot);
        assertStatus(lot, LotStatus.None);
    }

    function test_submit_skipsASubmittedLot() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        bytes32 commitment = market.commitmentOf(Hashes.lotId(lot));
        Submission memory other = Defaults.submission();
        other.root = keccak256("other receipts");
        expectSkipped(lot, LotStatus.Submitted);
        submit(lot, other);
        assertEq(market.commitmentOf(Hashes.lotId(lot)), commitment);
    }

    function test_submit_skipsAnExpiredLotAndTakesTheRest() external {
        Job memory job = openBid();
        Lot memory first = claim(provider, job, 5);
        vm.warp(block.timestamp + 10);
        Lot memory second = claim(provider, job, 5);
        expire(stranger, first);
        Submission[] memory submissions = new Submission[](2);
        submissions[0] = Defaults.submission();
        submissions[1] = Defaults.submission();
        expectSkipped(first, LotStatus.Open);
        vm.prank(provider);
        market.submit(listOf(first, second), submissions);
        assertStatus(first, LotStatus.Open);
        assertStatus(second, LotStatus.Submitted);
    }

    function test_submit_commits() external {
        (, Lot memory lot) = openFilled();
        bytes32 lotId = Hashes.lotId(lot);
        vm.warp(Defaults.START + 100);
        bytes32 commitment = _commitmentOf(lot, Defaults.submission());
        vm.expectEmit(address(market));
        emit IMarket.LotSubmitted(lotId, lot.jobId, provider, commitment, Defaults.submission(), Defaults.DUE);
        submit(lot);

        assertEq(market.commitmentOf(lotId), commitment);
        LotState memory state = market.lotState(lotId);
        assertStatus(lot, LotStatus.Submitted);
        assertEq(state.timestamp, Defaults.START + 160);
        assertEq(state.amount, Defaults.DUE);
        assertEq(state.forfeit, 0);
        // Nothing moves before the buyer accepts or the window is over.
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.COLLATERAL, Defaults.COLLATERAL);
    }

    function test_submit_isValidLateUntilSomeoneExpires() external {
        (, Lot memory lot) = openFilled();
        vm.warp(lot.deadline + 1 days);
        submit(lot);
        assertStatus(lot, LotStatus.Submitted);
    }

    function test_submit_neverMakesMoreDueThanTheEscrow() external {
        (, Lot memory lot) = openFilled();
        Submission memory submission = Defaults.submission();
        (submission.promptTokens, submission.outputTokens) = (type(uint64).max, type(uint64).max);
        submit(lot, submission);
        assertEq(market.lotState(Hashes.lotId(lot)).amount, Defaults.ESCROW);
    }

    function test_submit_forfeitsThePenaltyByTheErrorRoundedUp() external {
        (, Lot memory lot) = openFilled();
        Submission memory submission = Defaults.submission();
        submission.errors = 3;
        submit(lot, submission);
        // 4,445 × 3 ÷ 10
        assertEq(market.lotState(Hashes.lotId(lot)).forfeit, 1_334);
    }

    function test_submit_forfeitsTheWholePenaltyIfAllFailed() external {
        (, Lot memory lot) = openFilled();
        Submission memory submission = Defaults.submission();
        (submission.promptTokens, submission.outputTokens, submission.errors) = (0, 0, 10);
        submit(lot, submission);
        LotState memory state = market.lotState(Hashes.lotId(lot));
        assertEq(state.amount, 0);
        assertEq(state.forfeit, Defaults.PENALTY);
    }

    function testFuzz_submit_isDueWhatTheTokensCost(uint64 promptTokens, uint64 outputTokens, uint32 errors) external {
        (, Lot memory lot) = openFilled();
        Submission memory submission = Defaults.submission();
        submission.promptTokens = promptTokens;
        submission.outputTokens = outputTokens;
        submission.errors = uint32(bound(errors, 0, 10));
        submit(lot, submission);
        LotState memory state = market.lotState(Hashes.lotId(lot));
        uint256 cost = uint256(promptTokens) * 800_000 + uint256(outputTokens) * 1_600_000;
        uint256 due = cost / 1e6 + (cost % 1e6 == 0 ? 0 : 1);
        assertEq(state.amount, due < Defaults.ESCROW ? due : Defaults.ESCROW, "due");
        assertLe(state.forfeit, lot.penalty, "forfeit above the penalty");
        accept(lot);
        assertConserved();
    }

    /// @dev Written out again; see offerIdOf.
    function _commitmentOf(Lot memory lot, Submission memory s) private view returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Commitment(bytes32 jobId,bytes32 lotId,address provider,bytes32 root,uint32 itemCount,uint64 promptTokens,uint64 outputTokens,uint32 errors,bytes32 resultsHash,bytes32 resultsKeyHash)"
                ),
                lot.jobId,
                Hashes.lotId(lot),
                lot.provider,
                s.root,
                lot.itemCount,
                s.promptTokens,
                s.outputTokens,
                s.errors,
                s.resultsHash,
                s.resultsKeyHash
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash));
    }
}
