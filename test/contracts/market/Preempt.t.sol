// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice A fault that hashes prove, while the court looks at the same lot.
contract MarketPreemptTest is MarketFixture {
    Lot private _lot;

    function setUp() public override {
        fixture();
        (, _lot) = openFilled();
        submit(_lot);
    }

    function test_preempt_endsTheCourtsCaseAndPaysItsJurors() external {
        _challenge(1_000);
        expectPreempt(_lot, 1);
        uint256 bounty = Defaults.BOUNTY;
        uint256 rest = Defaults.COLLATERAL - 1_000 - Defaults.PENALTY;
        vm.expectEmit(address(market));
        emit IMarket.LotSlashed(
            Hashes.lotId(_lot),
            _lot.jobId,
            provider,
            1_000,
            Defaults.PENALTY - bounty,
            bounty,
            rest
        );
        _prove();

        assertStatus(_lot, LotStatus.Open);
        assertEq(market.lotState(Hashes.lotId(_lot)).escrow(), Defaults.ESCROW);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.COLLATERAL, 0);
        assertAccount(address(court), 1_000, 0);
        assertAccount(stranger, bounty, 0);
        assertAccount(vault, rest, 0);
        assertConserved();
    }

    /// @dev The court's word for its cost binds up to the collateral: the buyer then gets nothing, but nobody loses more.
    function test_preempt_paysNoMoreThanTheCollateral() external {
        _challenge(type(uint256).max);
        _prove();
        assertAccount(address(court), Defaults.COLLATERAL, 0);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.COLLATERAL, 0);
        assertAccount(stranger, 0, 0);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW);
        assertConserved();
    }

    function test_preempt_leavesTheBuyerWhatTheCostLeaves() external {
        _challenge(Defaults.COLLATERAL - 100);
        _prove();
        assertAccount(stranger, 10, 0);
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW + 90, Defaults.ESCROW);
        assertAccount(vault, 0, 0);
        assertConserved();
    }

    function test_preempt_doesNotAskTheCourtAboutWhatItDoesNotHold() external {
        sayCost(5_000);
        expectPreempt(_lot, 0);
        _prove();
        assertAccount(address(court), 0, 0);
    }

    function test_preempt_doesNotAskTheCourtAboutItsOwnSlash() external {
        _challenge(5_000);
        expectPreempt(_lot, 0);
        slashLot(_lot, stranger, 7);
        assertAccount(address(court), 7, 0);
    }

    function test_preempt_takesTheCaseAwayFromTheCourt() external {
        _challenge(0);
        _prove();
        expectWrongStatus(_lot, LotStatus.Open);
        slashLot(_lot, stranger, 1);
        expectWrongStatus(_lot, LotStatus.Open);
        resumeLot(_lot, block.timestamp);
        expectWrongStatus(_lot, LotStatus.Open);
        holdLot(_lot, block.timestamp);
    }

    function test_preempt_worksUntilTheLotIsSettled() external {
        _challenge(0);
        vm.warp(block.timestamp + 101);
        // The hold is over, but nobody settled yet.
        _prove();
        assertStatus(_lot, LotStatus.Open);
    }

    function test_preempt_comesTooLateOnceTheLotIsSettled() external {
        accept(_lot);
        expectWrongStatus(_lot, LotStatus.None);
        _prove();
    }

    // ---------------------------------------------------------------- helpers

    function _challenge(uint256 cost) private {
        sayCost(cost);
        holdLot(_lot, block.timestamp + 100);
    }

    /// @dev As Faults does once it saw a proof.
    function _prove() private {
        vm.prank(address(faults));
        market.slash(_lot, stranger, 0);
    }
}
