// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Court} from "../../../contracts/Court.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {Market} from "../../../contracts/Market.sol";
import {Lot, Submission} from "../../../contracts/types/Lot.sol";
import {Totals} from "../../../contracts/types/Receipt.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Test} from "./Test.sol";
import {vm} from "./Vm.sol";

/// @title What the court may ask of the Market, asked from its address
/// @notice With terms of the test's choice, also those that the court's code never has: the Market must not depend on it.
abstract contract CourtSeams is Test {
    Court internal court;
    Market internal market;

    function holdLot(Lot memory lot, uint256 until) internal returns (uint40 windowEnd) {
        vm.prank(address(court));
        return market.hold(lot, uint40(until));
    }

    function resumeLot(Lot memory lot, uint256 windowEnd) internal {
        vm.prank(address(court));
        market.resume(lot, uint40(windowEnd));
    }

    function slashLot(Lot memory lot, address prover, uint256 cost) internal {
        vm.prank(address(court));
        market.slash(lot, prover, cost);
    }

    function voidItem(
        Lot memory lot,
        Submission memory submission,
        Totals memory voided,
        uint256 cost
    ) internal returns (uint256 paidCost) {
        bytes32 digest = Hashes.resultsDigest(submission);
        vm.prank(address(court));
        return market.void(lot, digest, submission.totals, voided, cost);
    }

    function takeFrom(address account, address by, uint256 amount) internal {
        vm.prank(address(court));
        market.take(account, by, amount);
    }

    function giveTo(address account, uint256 amount) internal {
        vm.prank(address(court));
        market.give(account, amount);
    }

    /// @notice From now on the court answers so when a fault decides a lot that it holds.
    function sayCost(uint256 cost) internal {
        vm.mockCall(address(court), abi.encodeWithSelector(ICourt.preempt.selector), abi.encode(cost));
    }

    /// @notice This test has the Market tell the court `count` times that a fault decided `lot`.
    function expectPreempt(Lot memory lot, uint64 count) internal {
        vm.expectCall(address(court), abi.encodeCall(ICourt.preempt, (Hashes.lotId(lot))), count);
    }
}
