// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketSettleTest is MarketFixture {
    function test_settle_skipsInTheLastSecondOfTheWindow() external {
        Lot memory lot = _submitted();
        vm.warp(Defaults.START + 60);
        expectSkipped(lot, LotStatus.Submitted);
        _settle(lot);
        assertStatus(lot, LotStatus.Submitted);
    }

    function test_settle_skipsALotNotSubmitted() external {
        (, Lot memory lot) = openFilled();
        vm.warp(lot.deadline + 1);
        expectSkipped(lot, LotStatus.Assigned);
        _settle(lot);
        assertStatus(lot, LotStatus.Assigned);
    }

    function test_settle_skipsALotNeverAssigned() external {
        Lot memory lot = _submitted();
        vm.warp(Defaults.START + 61);
        lot.collateral++;
        expectSkipped(lot, LotStatus.None);
        _settle(lot);
    }

    function test_settle_skipsASettledLot() external {
        Lot memory lot = _submitted();
        vm.warp(Defaults.START + 61);
        _settle(lot);
        uint256 paid = market.accountOf(provider).free;
        expectSkipped(lot, LotStatus.None);
        _settle(lot);
        assertEq(market.accountOf(provider).free, paid);
    }

    function test_settle_paysByAnyoneAfterTheWindow() external {
        Lot memory lot = _submitted();
        bytes32 lotId = Hashes.lotId(lot);
        vm.warp(Defaults.START + 61);
        uint256 paid = Defaults.DUE - Defaults.FEE;
        uint256 refund = Defaults.ESCROW - Defaults.DUE;
        vm.expectEmit(address(market));
        emit IMarket.LotSettled(lotId, lot.jobId, provider, paid, Defaults.FEE, refund, 0);
        _settle(lot);

        assertStatus(lot, LotStatus.None);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.DUE, 0);
        assertAccount(provider, Defaults.DEPOSIT + paid, 0);
        assertAccount(vault, Defaults.FEE, 0);
        assertConserved();
    }

    function test_settle_paysInOneCallWhatIsDueAndSkipsTheRest() external {
        (, Lot memory early, Lot memory late) = openFilledInTwo();
        submit(early);
        vm.warp(Defaults.START + 30);
        submit(late);
        vm.warp(Defaults.START + 61);
        expectSkipped(late, LotStatus.Submitted);
        vm.prank(stranger);
        market.settle(Defaults.terms(early), settlements(early, late));
        assertStatus(early, LotStatus.None);
        assertStatus(late, LotStatus.Submitted);
        vm.warp(Defaults.START + 91);
        expectSkipped(early, LotStatus.None);
        market.settle(Defaults.terms(early), settlements(early, late));
        assertStatus(late, LotStatus.None);
        assertEq(market.accountOf(provider).locked, 0);
        assertConserved();
    }

    function _submitted() private returns (Lot memory lot) {
        (, lot) = openFilled();
        submit(lot);
    }

    function _settle(Lot memory lot) private {
        vm.prank(stranger);
        market.settle(Defaults.terms(lot), settlements(lot));
    }
}
