// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @dev The court is a double that does what it is told; what Faults does is tested in test/contracts/faults.
contract MarketArbitersTest is MarketFixture {
    uint40 private constant WINDOW = 60;

    // ---------------------------------------------------------------- anyone else

    function test_arbiters_areNobodyElse() external {
        Lot memory lot = _openSubmitted();
        vm.startPrank(stranger);
        _expectNotArbiter();
        market.hold(lot, uint40(block.timestamp));
        _expectNotArbiter();
        market.resume(lot, uint40(block.timestamp));
        _expectNotArbiter();
        market.slash(lot, stranger, 0);
        _expectNotArbiter();
        market.take(stranger, stranger, 0);
        _expectNotArbiter();
        market.give(buyer, 0);
    }

    // ---------------------------------------------------------------- hold

    function test_hold_refusesLotsThatAreNotSubmitted() external {
        (, Lot memory lot) = openFilled();
        expectWrongStatus(lot, LotStatus.Assigned);
        holdLot(lot, block.timestamp + 1);

        submit(lot);
        accept(lot);
        expectWrongStatus(lot, LotStatus.None);
        holdLot(lot, block.timestamp + 1);
    }

    function test_hold_refusesOnceTheWindowIsOver() external {
        Lot memory lot = _openSubmitted();
        vm.warp(Defaults.START + WINDOW + 1);
        expectWrongStatus(lot, LotStatus.Submitted);
        holdLot(lot, block.timestamp + 1);
    }

    function test_hold_refusesMoreThanNinetyDays() external {
        Lot memory lot = _openSubmitted();
        uint40 maximum = uint40(Defaults.START + 90 days);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_HoldTooLong.selector, maximum + 1, maximum));
        holdLot(lot, maximum + 1);
        holdLot(lot, maximum);
    }

    function test_hold_takesTheLastSecondOfTheWindow() external {
        Lot memory lot = _openSubmitted();
        vm.warp(Defaults.START + WINDOW);
        uint40 until = uint40(block.timestamp + 1 days);
        bytes32 lotId = Hashes.lotId(lot);
        bytes26 commitment = market.lotState(lotId).commitment();
        vm.expectEmit(address(market));
        emit IMarket.LotHeld(lotId, LotStatus.Challenged, until);
        assertEq(holdLot(lot, until), Defaults.START + WINDOW);

        assertStatus(lot, LotStatus.Challenged);
        assertEq(market.lotState(lotId).timestamp(), until);
        assertEq(bytes32(market.lotState(lotId).commitment()), commitment);
    }

    function test_hold_movesTheEndOfOnesOwn() external {
        Lot memory lot = _openSubmitted();
        uint40 until = uint40(block.timestamp + 1 days);
        holdLot(lot, until);
        vm.warp(until);
        assertEq(holdLot(lot, until + 1 days), until);
        assertEq(market.lotState(Hashes.lotId(lot)).timestamp(), until + 1 days);

        vm.warp(until + 1 days + 1);
        expectWrongStatus(lot, LotStatus.Challenged);
        holdLot(lot, until + 2 days);
    }

    function test_hold_keepsTheLotFromBeingPaid() external {
        Lot memory lot = _openSubmitted();
        uint40 until = uint40(block.timestamp + 1 days);
        holdLot(lot, until);
        expectSkipped(lot, LotStatus.Challenged);
        accept(lot);
        vm.warp(until);
        expectSkipped(lot, LotStatus.Challenged);
        market.settle(Defaults.terms(lot), settlements(lot));
    }

    function test_hold_thatNothingFollowsPaysTheProvider() external {
        Lot memory lot = _openSubmitted();
        uint40 until = uint40(block.timestamp + 1 days);
        holdLot(lot, until);
        vm.warp(until + 1);
        vm.prank(stranger);
        market.settle(Defaults.terms(lot), settlements(lot));
        assertStatus(lot, LotStatus.None);
        assertAccount(provider, Defaults.DEPOSIT + Defaults.DUE - Defaults.FEE, 0);
        assertConserved();
    }

    // ---------------------------------------------------------------- resume

    function test_resume_refusesLotsThatItDoesNotHold() external {
        Lot memory lot = _openSubmitted();
        expectWrongStatus(lot, LotStatus.Submitted);
        resumeLot(lot, block.timestamp);

        holdLot(lot, block.timestamp + 1 days);
        expectWrongStatus(lot, LotStatus.Challenged);
        vm.prank(address(faults));
        market.resume(lot, uint40(block.timestamp));
    }

    function test_resume_refusesMoreThanAWholeWindow() external {
        Lot memory lot = _openSubmitted();
        holdLot(lot, block.timestamp + 1 days);
        vm.warp(Defaults.START + 1 hours);
        uint40 maximum = uint40(block.timestamp) + WINDOW;
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_HoldTooLong.selector, maximum + 1, maximum));
        resumeLot(lot, maximum + 1);
        resumeLot(lot, maximum);
    }

    function test_resume_givesTheRestOfTheWindowBack() external {
        Lot memory lot = _openSubmitted();
        holdLot(lot, block.timestamp + 1 days);
        vm.warp(Defaults.START + 1 hours);
        uint40 windowEnd = uint40(block.timestamp + 10);
        bytes32 lotId = Hashes.lotId(lot);
        vm.expectEmit(address(market));
        emit IMarket.LotResumed(lotId, windowEnd);
        resumeLot(lot, windowEnd);

        assertStatus(lot, LotStatus.Submitted);
        assertEq(market.lotState(lotId).timestamp(), windowEnd);
        accept(lot);
        assertAccount(provider, Defaults.DEPOSIT + Defaults.DUE - Defaults.FEE, 0);
        assertConserved();
    }

    // ---------------------------------------------------------------- slash

    function test_slash_refusesTheCourtWhatItDoesNotHold() external {
        Lot memory lot = _openSubmitted();
        expectWrongStatus(lot, LotStatus.Submitted);
        slashLot(lot, buyer, 0);

        vm.prank(address(faults));
        market.hold(lot, uint40(block.timestamp + 1 days));
        expectWrongStatus(lot, LotStatus.Demanded);
        slashLot(lot, buyer, 0);
    }

    function test_slash_refusesFaultsWhatIsNotCommitted() external {
        (, Lot memory lot) = openFilled();
        expectWrongStatus(lot, LotStatus.Assigned);
        vm.prank(address(faults));
        market.slash(lot, stranger, 0);
    }

    function test_slash_paysTheJuryThenTheBuyerThenTheVault() external {
        Lot memory lot = _openSubmitted();
        holdLot(lot, block.timestamp + 1 days);
        bytes32 lotId = Hashes.lotId(lot);
        vm.expectEmit(address(market));
        emit IMarket.LotSlashed(lotId, lot.jobId, provider, 3_000, 4_445 - 444, 444, 16_000 - 3_000 - 4_445);
        slashLot(lot, rival, 3_000);

        assertStatus(lot, LotStatus.Open);
        assertEq(market.lotState(lotId).timestamp(), block.timestamp);
        assertEq(market.lotState(lotId).escrow(), Defaults.ESCROW);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.COLLATERAL, 0);
        assertAccount(address(court), 3_000, 0);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW + 4_001, Defaults.ESCROW);
        assertAccount(rival, Defaults.DEPOSIT + 444, 0);
        assertAccount(vault, 8_555, 0);
        assertConserved();
    }

    function testFuzz_slash_neverTakesMoreThanTheCollateral(uint256 cost) external {
        Lot memory lot = _openSubmitted();
        holdLot(lot, block.timestamp + 1 days);
        slashLot(lot, rival, cost);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.COLLATERAL, 0);
        uint256 toJury = cost < Defaults.COLLATERAL ? cost : Defaults.COLLATERAL;
        assertAccount(address(court), toJury, 0);
        uint256 left = Defaults.COLLATERAL - toJury;
        uint256 penalty = left < Defaults.PENALTY ? left : Defaults.PENALTY;
        assertAccount(vault, left - penalty, 0);
        assertConserved();
    }

    // ---------------------------------------------------------------- money

    function test_take_refusesOnBehalfOfSomeoneElse() external {
        expectNotAuthorised(stranger, buyer);
        takeFrom(buyer, stranger, 1);
    }

    function test_take_refusesMoreThanIsFree() external {
        openBid();
        expectInsufficientFree(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.DEPOSIT);
        takeFrom(buyer, buyer, Defaults.DEPOSIT);
    }

    function test_takeAndGive_moveWhatIsFree() external {
        takeFrom(buyer, buyer, 700);
        assertAccount(buyer, Defaults.DEPOSIT - 700, 0);
        assertAccount(address(court), 700, 0);

        expectInsufficientFree(address(court), 700, 701);
        giveTo(rival, 701);
        giveTo(rival, 700);
        assertAccount(address(court), 0, 0);
        assertAccount(rival, Defaults.DEPOSIT + 700, 0);
        assertConserved();
    }

    function _openSubmitted() private returns (Lot memory lot) {
        (, lot) = openFilled();
        submit(lot);
    }

    function _expectNotArbiter() private {
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_NotArbiter.selector, stranger));
    }
}
