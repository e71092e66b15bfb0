// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketAcceptTest is MarketFixture {
    function test_accept_refusesAnyoneButTheBuyer() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        expectNotBuyer(provider);
        vm.prank(provider);
        market.accept(listOf(lot));
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

    function test_accept_skipsASettledLotAndPaysTheRest() external {
        Job memory job = openBid();
        Lot memory first = claim(provider, job, 5);
        Lot memory second = claim(rival, job, 5);
        submit(first);
        submit(second);
        accept(first);
        uint256 paid = market.accountOf(provider).free;
        expectSkipped(first, LotStatus.Settled);
        vm.prank(buyer);
        market.accept(listOf(first, second));
        assertEq(market.accountOf(provider).free, paid);
        assertStatus(second, LotStatus.Settled);
        assertAccount(buyer, market.accountOf(buyer).free, 0);
        assertConserved();
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

        assertStatus(lot, LotStatus.Settled);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.DUE, 0);
        assertAccount(provider, Defaults.DEPOSIT + paid, 0);
        assertAccount(vault, Defaults.FEE, 0);
        assertConserved();
    }

    function test_accept_paysTheForfeitToTheBuyer() external {
        (, Lot memory lot) = openFilled();
        Submission memory submission = Defaults.submission();
        submission.errors = 3;
        submit(lot, submission);
        bytes32 lotId = Hashes.lotId(lot);
        uint256 paid = Defaults.DUE - Defaults.FEE;
        uint256 refund = Defaults.ESCROW - Defaults.DUE;
        vm.expectEmit(address(market));
        emit IMarket.LotSettled(lotId, lot.jobId, provider, paid, Defaults.FEE, refund, 1_334);
        accept(lot);

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
        market.accept(noLots());
    }
}
