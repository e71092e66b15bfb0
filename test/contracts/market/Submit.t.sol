// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Delivery, Lot, LotStatus, LotTerms, LotView, Submission} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketSubmitTest is MarketFixture {
    function test_submit_refusesAnyoneButTheProvider() external {
        (, Lot memory lot) = openFilled();
        expectNotProvider(rival);
        vm.prank(rival);
        market.submit(Defaults.terms(lot), deliveries(lot, Defaults.submission()));
    }

    function test_submit_refusesMoreErrorsThanItems() external {
        (, Lot memory lot) = openFilled();
        Submission memory submission = Defaults.submission();
        submission.totals.errors = 11;
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_TooManyErrors.selector, uint32(11), uint32(10)));
        vm.prank(provider);
        market.submit(Defaults.terms(lot), deliveries(lot, submission));
    }

    /// @dev Under one's own terms there is no such lot.
    function test_submit_skipsSomeoneElsesLotAmongOnesOwn() external {
        Job memory job = openBid();
        Lot memory own = claim(provider, job, 5);
        Lot memory other = claim(rival, job, 5);
        Lot memory mixed = abi.decode(abi.encode(other), (Lot));
        mixed.provider = provider;
        expectSkipped(mixed, LotStatus.None);
        vm.prank(provider);
        market.submit(Defaults.terms(own), deliveries(own, other));
        assertStatus(own, LotStatus.Submitted);
        assertStatus(other, LotStatus.Assigned);
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
        bytes26 commitment = market.lotState(Hashes.lotId(lot)).commitment();
        Submission memory other = Defaults.submission();
        other.root = keccak256("other receipts");
        expectSkipped(lot, LotStatus.Submitted);
        submit(lot, other);
        assertEq(market.lotState(Hashes.lotId(lot)).commitment(), commitment);
    }

    function test_submit_skipsAnExpiredLotAndTakesTheRest() external {
        (, Lot memory first, Lot memory second) = openFilledInTwo();
        expire(stranger, first);
        expectSkipped(first, LotStatus.Open);
        vm.prank(provider);
        market.submit(Defaults.terms(first), deliveries(first, second));
        assertStatus(first, LotStatus.Open);
        assertStatus(second, LotStatus.Submitted);
    }

    function test_submit_commits() external {
        (, Lot memory lot) = openFilled();
        bytes32 lotId = Hashes.lotId(lot);
        vm.warp(Defaults.START + 100);
        bytes26 commitment = bytes26(_commitmentOf(lot, Defaults.submission()));
        vm.expectEmit(address(market));
        emit IMarket.LotSubmitted(lotId, lot.jobId, provider, Defaults.submission(), uint40(Defaults.START + 160));
        submit(lot);

        LotView memory state = market.lotState(lotId).unpack();
        assertStatus(lot, LotStatus.Submitted);
        assertEq(state.commitment, commitment);
        assertEq(state.timestamp, Defaults.START + 160);
        assertEq(state.escrow, 0);
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

    function test_submit_ofSeveralProvidersByAnOperatorOfBoth() external {
        Job memory job = openBid();
        Lot memory first = claim(provider, job, 5);
        Lot memory second = claim(rival, job, 5);
        vm.prank(provider);
        market.setProviderOperator(stranger, 1);
        vm.prank(rival);
        market.setProviderOperator(stranger, 1);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IMarket.submit, (Defaults.terms(first), deliveries(first, Defaults.submission())));
        calls[1] = abi.encodeCall(IMarket.submit, (Defaults.terms(second), deliveries(second, Defaults.submission())));
        vm.prank(stranger);
        market.multicall(calls);
        assertStatus(first, LotStatus.Submitted);
        assertStatus(second, LotStatus.Submitted);
    }

    function test_submit_ofNothingDoesNothing() external {
        LotTerms memory none;
        none.provider = stranger;
        vm.prank(stranger);
        market.submit(none, new Delivery[](0));
    }

    // ---------------------------------------------------------------- helpers

    /// @dev Written out again; see offerIdOf.
    function _commitmentOf(Lot memory lot, Submission memory s) private pure returns (bytes32) {
        bytes32 resultsType = keccak256("Results(bytes32 root,bytes32 resultsHash,bytes32 resultsKeyHash)");
        bytes32 commitmentType = keccak256(
            "Commitment(bytes32 lotId,bytes32 resultsDigest,uint64 promptTokens,uint64 outputTokens,uint32 errors)"
        );
        bytes32 digest = keccak256(abi.encode(resultsType, s.root, s.resultsHash, s.resultsKeyHash));
        return
            keccak256(
                abi.encode(
                    commitmentType,
                    Hashes.lotId(lot),
                    digest,
                    s.totals.promptTokens,
                    s.totals.outputTokens,
                    s.totals.errors
                )
            );
    }
}
