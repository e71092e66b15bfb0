// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, LotView} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketReleaseTest is MarketFixture {
    function test_release_refusesAnyoneButTheProvider() external {
        (, Lot memory lot) = openFilled();
        expectNotProvider(buyer);
        vm.prank(buyer);
        market.release(lot);
    }

    function test_release_refusesAfterTheGrace() external {
        (, Lot memory lot) = openFilled();
        vm.warp(Defaults.START + 31);
        vm.expectRevert(
            abi.encodeWithSelector(IMarket.Market_GraceOver.selector, Defaults.START + 31, Defaults.START + 30)
        );
        _release(lot);
    }

    function test_release_refusesALotNeverAssigned() external {
        (, Lot memory lot) = openFilled();
        lot.releaseCharge = 0;
        expectWrongStatus(lot, LotStatus.None);
        _release(lot);
    }

    function test_release_refusesASubmittedLot() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        expectWrongStatus(lot, LotStatus.Submitted);
        _release(lot);
    }

    function test_release_refusesTwice() external {
        (, Lot memory lot) = openFilled();
        _release(lot);
        expectWrongStatus(lot, LotStatus.Open);
        _release(lot);
    }

    function test_release_chargesBothSidesTheSame() external {
        (, Lot memory lot) = openFilled();
        bytes32 lotId = Hashes.lotId(lot);
        vm.expectEmit(address(market));
        emit IMarket.LotReleased(lotId, lot.jobId, Defaults.RELEASE_CHARGE, Defaults.RELEASE_CHARGE);
        _release(lot);

        LotView memory state = market.lotState(lotId).unpack();
        assertStatus(lot, LotStatus.Open);
        assertEq(state.timestamp, Defaults.START);
        assertEq(state.escrow, Defaults.ESCROW - Defaults.RELEASE_CHARGE);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW - Defaults.RELEASE_CHARGE);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.RELEASE_CHARGE, 0);
        assertAccount(vault, 2 * Defaults.RELEASE_CHARGE, 0);
        assertConserved();
    }

    function test_release_inTheLastSecondOfTheGrace() external {
        (, Lot memory lot) = openFilled();
        vm.warp(lot.graceEndsAt);
        _release(lot);
        assertStatus(lot, LotStatus.Open);
    }

    function test_release_chargesTheBuyerForThreeAttemptsAlone() external {
        Job memory job = openBid();
        Lot memory lot = claim(provider, job, 10);
        for (uint256 attempt = 0; attempt < 5; attempt++) {
            assertEq(lot.attempt, attempt);
            uint256 locked = market.accountOf(buyer).locked;
            uint256 free = market.accountOf(provider).free + lot.collateral;
            uint256 buyerCharge = attempt < 3 ? lot.releaseCharge : 0;
            vm.expectEmit(address(market));
            emit IMarket.LotReleased(Hashes.lotId(lot), lot.jobId, buyerCharge, lot.releaseCharge);
            _release(lot);
            assertEq(market.accountOf(buyer).locked, locked - buyerCharge);
            assertEq(market.accountOf(provider).free, free - lot.releaseCharge);
            assertEq(market.lotState(Hashes.lotId(lot)).escrow(), lot.escrow - buyerCharge);
            lot = claimReopened(provider, job, lot);
        }
        assertConserved();
    }

    function test_release_ofOnesOwnJobCostsBothCharges() external {
        Job memory job = openBid();
        Lot memory lot = claim(buyer, job, 10);
        _release(lot);
        uint256 charge = lot.releaseCharge;
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW - charge, Defaults.ESCROW - charge);
        assertAccount(vault, 2 * charge, 0);
        assertConserved();
    }

    function _release(Lot memory lot) private {
        vm.prank(lot.provider);
        market.release(lot);
    }
}
