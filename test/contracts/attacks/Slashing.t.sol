// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Attempts to gain by a slash, or to keep a lot from its end.
contract SlashingAttacksTest is MarketFixture {
    /// @dev Provider, buyer and challenger are one party: whatever the court's cost, a slash only costs them.
    function test_attack_slashOnesOwnLot(uint256 cost, uint16 startBps) external {
        JobRequest memory request = Defaults.request();
        request.startBps = uint16(bound(startBps, 0, 10_000));
        (Job memory job, ) = open(request, noFills());
        Lot memory lot = claim(provider, job, 10);
        submit(lot);
        uint256 before = _party();
        holdLot(lot, block.timestamp + 10);
        slashLot(lot, stranger, cost);
        assertLe(_party(), before, "gained by a slash");
        uint256 outside = uint256(market.accountOf(address(court)).free) + market.accountOf(vault).free;
        assertEq(before - _party(), outside, "someone else paid");
        assertLe(outside, lot.collateral, "more than the collateral");
        assertConserved();
    }

    /// @dev What buyer and challenger get together is the penalty: the way to the re-run's price and a bounded part
    /// beside it, and never more than the collateral.
    function test_attack_buyerMakesAProviderFailForProfit(uint256 cost, uint16 startBps) external {
        JobRequest memory request = Defaults.request();
        request.startBps = uint16(bound(startBps, 0, 10_000));
        (Job memory job, ) = open(request, noFills());
        Lot memory lot = claim(provider, job, 10);
        submit(lot);
        holdLot(lot, block.timestamp + 10);
        uint256 before = market.accountOf(buyer).free;
        slashLot(lot, stranger, cost);
        uint256 gained = market.accountOf(buyer).free - before + market.accountOf(stranger).free;
        assertLe(gained, lot.penalty, "more than the penalty");
        assertLe(lot.penalty, lot.collateral, "more than the collateral");
    }

    /// @dev The items go to the next provider with the whole escrow.
    function test_attack_slashTakesTheBuyersEscrow() external {
        (Job memory job, Lot memory lot) = openFilled();
        submit(lot);
        holdLot(lot, block.timestamp + 10);
        slashLot(lot, stranger, type(uint256).max);
        Lot memory next = claimReopened(rival, job, lot);
        assertEq(next.escrow, Defaults.ESCROW);
        assertEq(next.attempt, 1);
    }

    function test_attack_slashTwice() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        holdLot(lot, block.timestamp + 10);
        slashLot(lot, stranger, 0);
        expectWrongStatus(lot, LotStatus.Open);
        slashLot(lot, stranger, 0);
        expectWrongStatus(lot, LotStatus.Open);
        vm.prank(address(faults));
        market.slash(lot, stranger, 0);
    }

    /// @dev A lot that was slashed is not expired as well, nor released.
    function test_attack_slashAndExpire() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        holdLot(lot, block.timestamp + 10);
        slashLot(lot, stranger, 0);
        vm.warp(lot.deadline + 1);
        expectWrongStatus(lot, LotStatus.Open);
        market.expire(lot);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.COLLATERAL, 0);
    }

    /// @dev No arbiter touches a lot before there is something to judge.
    function test_attack_slashBeforeASubmission() external {
        (, Lot memory lot) = openFilled();
        expectWrongStatus(lot, LotStatus.Assigned);
        holdLot(lot, block.timestamp + 10);
        expectWrongStatus(lot, LotStatus.Assigned);
        vm.prank(address(faults));
        market.slash(lot, stranger, 0);
    }

    /// @dev The court holds for at most ninety days, then silence pays the provider, whoever asks.
    function test_attack_courtThatNeverDecides() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        uint256 until = block.timestamp + 90 days;
        holdLot(lot, until);
        vm.warp(until + 1);
        vm.prank(stranger);
        market.settle(Defaults.terms(lot), settlements(lot));
        assertAccount(provider, Defaults.DEPOSIT + Defaults.DUE - Defaults.FEE, 0);
        // And a hold that lapsed cannot be taken up again.
        expectWrongStatus(lot, LotStatus.None);
        holdLot(lot, block.timestamp + 1);
    }

    /// @dev A hold that is over is no longer the court's to move: only to end by a verdict, until someone settles.
    function test_attack_courtRenewsALapsedHold() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        uint256 until = block.timestamp + 100;
        holdLot(lot, until);
        vm.warp(until + 1);
        expectWrongStatus(lot, LotStatus.Challenged);
        holdLot(lot, block.timestamp + 100);
    }

    /// @dev One arbiter cannot let go, nor move, what the other holds.
    function test_attack_arbitersInEachOthersWay() external {
        (, Lot memory held) = openFilled();
        submit(held);
        holdLot(held, block.timestamp + 10);
        vm.startPrank(address(faults));
        expectWrongStatus(held, LotStatus.Challenged);
        market.hold(held, uint40(block.timestamp + 20));
        expectWrongStatus(held, LotStatus.Challenged);
        market.resume(held, uint40(block.timestamp));
        vm.stopPrank();

        (Job memory job, Lot memory demanded) = openFilledAs(2);
        submit(demanded);
        vm.prank(buyer);
        faults.demandReceipt(job, demanded, 0);
        expectWrongStatus(demanded, LotStatus.Demanded);
        holdLot(demanded, block.timestamp + 20);
        expectWrongStatus(demanded, LotStatus.Demanded);
        resumeLot(demanded, block.timestamp);
        expectWrongStatus(demanded, LotStatus.Demanded);
        slashLot(demanded, buyer, 0);
    }

    /// @dev An arbiter gives of its own only.
    function test_attack_courtGivesWhatItDoesNotHave() external {
        expectInsufficientFree(address(court), 0, 1);
        giveTo(stranger, 1);
    }

    /// @dev Nobody's money is held by the market's own address.
    function test_attack_slashToTheMarketItself() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        holdLot(lot, block.timestamp + 10);
        slashLot(lot, address(market), 0);
        // The bounty is lost to whoever named a wrong prover, and to nobody else.
        assertEq(market.accountOf(address(market)).free, Defaults.BOUNTY);
        assertEq(uint256(market.lotState(Hashes.lotId(lot)).status()), uint256(LotStatus.Open));
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_NotArbiter.selector, address(market)));
        vm.prank(address(market));
        market.give(stranger, Defaults.BOUNTY);
    }

    function _party() private view returns (uint256 sum) {
        address[3] memory party = [provider, buyer, stranger];
        for (uint256 i = 0; i < party.length; i++) {
            sum += market.accountOf(party[i]).free;
            sum += market.accountOf(party[i]).locked;
        }
    }
}
