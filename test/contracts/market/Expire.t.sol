// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, LotView} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketExpireTest is MarketFixture {
    function test_expire_refusesInTheLastSecond() external {
        (, Lot memory lot) = openFilled();
        vm.warp(lot.deadline);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_NotExpired.selector, lot.deadline, lot.deadline));
        market.expire(lot);
    }

    function test_expire_refusesALotNeverAssigned() external {
        (, Lot memory lot) = openFilled();
        lot.deadline = uint40(Defaults.START - 1);
        expectWrongStatus(lot, LotStatus.None);
        market.expire(lot);
    }

    function test_expire_refusesASubmittedLot() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        vm.warp(lot.deadline + 1);
        expectWrongStatus(lot, LotStatus.Submitted);
        market.expire(lot);
    }

    function test_expire_refusesTwice() external {
        (, Lot memory lot) = openExpired();
        expectWrongStatus(lot, LotStatus.Open);
        market.expire(lot);
    }

    function test_expire_paysTheBuyerAndTheCallerFromTheCollateral() external {
        (, Lot memory lot) = openFilled();
        bytes32 lotId = Hashes.lotId(lot);
        vm.warp(lot.deadline + 1);
        vm.expectEmit(address(market));
        emit IMarket.LotExpired(lotId, lot.jobId, stranger, Defaults.PENALTY - Defaults.BOUNTY, Defaults.BOUNTY);
        vm.prank(stranger);
        market.expire(lot);

        LotView memory state = market.lotState(lotId).unpack();
        assertStatus(lot, LotStatus.Open);
        assertEq(state.timestamp, lot.deadline + 1);
        assertEq(state.escrow, Defaults.ESCROW);
        uint256 compensation = Defaults.PENALTY - Defaults.BOUNTY;
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW + compensation, Defaults.ESCROW);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.PENALTY, 0);
        assertAccount(stranger, Defaults.BOUNTY, 0);
        assertAccount(vault, 0, 0);
        assertConserved();
    }

    function test_expire_byTheBuyerGivesThemTheWholePenalty() external {
        (, Lot memory lot) = openFilled();
        expire(buyer, lot);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW + Defaults.PENALTY, Defaults.ESCROW);
        assertConserved();
    }

    function test_expire_ofOnesOwnJobMovesNothingButTheLock() external {
        Job memory job = openBid();
        Lot memory lot = claim(buyer, job, 10);
        expire(buyer, lot);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW);
        assertConserved();
    }
}
