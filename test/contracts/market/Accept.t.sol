// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, LotTerms, Settlement, Submission} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Totals} from "../../../contracts/types/Receipt.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketAcceptTest is MarketFixture {
    function test_accept_refusesAnyoneButTheBuyer() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        expectNotBuyer(provider);
        vm.prank(provider);
        market.accept(Defaults.terms(lot), settlements(lot));
    }

    function test_accept_refusesALotOfAnotherBuyer() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        expectNotBuyer(rival);
        vm.prank(rival);
        market.accept(Defaults.terms(lot), settlements(lot));
    }

    function test_accept_skipsALotNotSubmitted() external {
        (, Lot memory lot) = openFilled();
        expectSkipped(lot, LotStatus.Assigned);
        accept(lot);
        assertStatus(lot, LotStatus.Assigned);
        assertEq(market.accountOf(buyer).locked, Defaults.ESCROW);
    }

    function test_accept_skipsALotNeverAssigned() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        lot.feeBps = 0;
        expectSkipped(lot, LotStatus.None);
        accept(lot);
    }

    function test_accept_skipsAnotherResult() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        Settlement[] memory list = settlements(lot);
        list[0].resultsDigest = keccak256("other results");
        expectSkipped(lot, LotStatus.Submitted);
        vm.prank(buyer);
        market.accept(Defaults.terms(lot), list);
        assertStatus(lot, LotStatus.Submitted);
        assertEq(market.accountOf(buyer).locked, Defaults.ESCROW);
    }

    function test_accept_skipsASettledLotAndPaysTheRest() external {
        (, Lot memory first, Lot memory second) = openFilledInTwo();
        submit(first);
        submit(second);
        accept(first);
        uint256 paid = market.accountOf(provider).free;
        expectSkipped(first, LotStatus.None);
        vm.prank(buyer);
        market.accept(Defaults.terms(first), settlements(first, second));
        // Of 10,000 of escrow, which the tokens are worth more than, less a hundredth.
        assertEq(market.accountOf(provider).free, paid + second.collateral + 9_900);
        assertStatus(second, LotStatus.None);
        assertAccount(buyer, Defaults.DEPOSIT - 20_000, 0);
        assertConserved();
    }

    function test_accept_paysTheSumOfManyLotsAtOnce() external {
        (, Lot memory first, Lot memory second) = openFilledInTwo();
        submit(first);
        Submission memory failed = Defaults.submission();
        failed.totals = Totals({promptTokens: 1_000, outputTokens: 500, errors: 4});
        submit(second, failed);
        Settlement[] memory list = new Settlement[](2);
        list[0] = Defaults.settlement(first, Defaults.submission());
        list[1] = Defaults.settlement(second, failed);
        vm.prank(buyer);
        market.accept(Defaults.terms(first), list);
        // 10,000 and 1,600; of the second lot's penalty of 2,223 four fifths are forfeit.
        assertAccount(buyer, Defaults.DEPOSIT - 11_600 + 1_779, 0);
        assertAccount(provider, Defaults.DEPOSIT + 9_900 + 1_584 - 1_779, 0);
        assertAccount(vault, 116, 0);
        assertConserved();
    }

    function test_accept_skipsALotOfOtherTerms() external {
        Job memory job = openBid();
        Lot memory first = claim(provider, job, 5);
        Lot memory other = claim(rival, job, 5);
        submit(first);
        submit(other);
        Lot memory mixed = abi.decode(abi.encode(other), (Lot));
        mixed.provider = provider;
        expectSkipped(mixed, LotStatus.None);
        vm.prank(buyer);
        market.accept(Defaults.terms(first), settlements(first, other));
        assertStatus(first, LotStatus.None);
        assertStatus(other, LotStatus.Submitted);
    }

    function test_accept_paysAtOnce() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        bytes32 lotId = Hashes.lotId(lot);
        uint256 paid = Defaults.DUE - Defaults.FEE;
        uint256 refund = Defaults.ESCROW - Defaults.DUE;
        vm.expectEmit(address(market));
        emit IMarket.LotSettled(lotId, lot.jobId, provider, paid, Defaults.FEE, refund, 0);
        accept(lot);

        assertStatus(lot, LotStatus.None);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.DUE, 0);
        assertAccount(provider, Defaults.DEPOSIT + paid, 0);
        assertAccount(vault, Defaults.FEE, 0);
        assertConserved();
    }

    function test_accept_paysTheForfeitToTheBuyer() external {
        (, Lot memory lot) = openFilled();
        Submission memory submission = Defaults.submission();
        submission.totals.errors = 3;
        submit(lot, submission);
        bytes32 lotId = Hashes.lotId(lot);
        uint256 paid = Defaults.DUE - Defaults.FEE;
        uint256 refund = Defaults.ESCROW - Defaults.DUE;
        vm.expectEmit(address(market));
        emit IMarket.LotSettled(lotId, lot.jobId, provider, paid, Defaults.FEE, refund, 1_334);
        vm.prank(buyer);
        market.accept(Defaults.terms(lot), settlements(lot, submission));

        assertAccount(buyer, Defaults.DEPOSIT - Defaults.DUE + 1_334, 0);
        assertAccount(provider, Defaults.DEPOSIT + paid - 1_334, 0);
        assertConserved();
    }

    function test_accept_ofOnesOwnLotCostsTheFee() external {
        Offer memory offer = Defaults.offer(buyer);
        post(offer);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        submit(lots[0]);
        accept(lots[0]);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.FEE, 0);
        assertAccount(vault, Defaults.FEE, 0);
        assertConserved();
    }

    function test_accept_ofNothingDoesNothing() external {
        LotTerms memory none;
        none.buyer = buyer;
        vm.prank(buyer);
        market.accept(none, new Settlement[](0));
        assertAccount(buyer, Defaults.DEPOSIT, 0);
    }

    // ---------------------------------------------------------------- what is due

    function test_accept_neverPaysMoreThanTheEscrow() external {
        Submission memory submission = Defaults.submission();
        (submission.totals.promptTokens, submission.totals.outputTokens) = (type(uint64).max, type(uint64).max);
        _submitAndAccept(submission);
        uint256 fee = Defaults.ESCROW / 100;
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, 0);
        assertAccount(provider, Defaults.DEPOSIT + Defaults.ESCROW - fee, 0);
        assertAccount(vault, fee, 0);
    }

    function test_accept_forfeitsTheWholePenaltyIfAllFailed() external {
        Submission memory submission = Defaults.submission();
        (submission.totals.promptTokens, submission.totals.outputTokens, submission.totals.errors) = (0, 0, 10);
        _submitAndAccept(submission);
        assertAccount(buyer, Defaults.DEPOSIT + Defaults.PENALTY, 0);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.PENALTY, 0);
    }

    function test_accept_paysNothingForNoTokens() external {
        Submission memory submission = Defaults.submission();
        (submission.totals.promptTokens, submission.totals.outputTokens) = (0, 0);
        _submitAndAccept(submission);
        assertAccount(buyer, Defaults.DEPOSIT, 0);
        assertAccount(provider, Defaults.DEPOSIT, 0);
    }

    function testFuzz_accept_paysWhatTheTokensCost(uint64 promptTokens, uint64 outputTokens, uint32 errors) external {
        errors = uint32(bound(errors, 0, 10));
        Submission memory submission = Defaults.submission();
        submission.totals = Totals({promptTokens: promptTokens, outputTokens: outputTokens, errors: errors});
        _submitAndAccept(submission);
        uint256 cost = uint256(promptTokens) * 800_000 + uint256(outputTokens) * 1_600_000;
        uint256 due = cost / 1e6 + (cost % 1e6 == 0 ? 0 : 1);
        if (due > Defaults.ESCROW) due = Defaults.ESCROW;
        uint256 forfeit = (Defaults.PENALTY * errors + 9) / 10;
        assertAccount(buyer, Defaults.DEPOSIT - due + forfeit, 0);
        assertAccount(provider, Defaults.DEPOSIT + due - due / 100 - forfeit, 0);
        assertAccount(vault, due / 100, 0);
    }

    function _submitAndAccept(Submission memory submission) private {
        (, Lot memory lot) = openFilled();
        submit(lot, submission);
        vm.prank(buyer);
        market.accept(Defaults.terms(lot), settlements(lot, submission));
        assertConserved();
    }
}
