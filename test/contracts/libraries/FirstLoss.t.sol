// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FirstLoss} from "../../../contracts/libraries/FirstLoss.sol";
import {Test} from "../helpers/Test.sol";

contract FirstLossTest is Test {
    function test_ownPart_isAQuarterRoundedUpButThePenaltyAtLeast() external pure {
        assertEq(FirstLoss.ownPart(0, 0), 0);
        assertEq(FirstLoss.ownPart(100, 25), 25);
        assertEq(FirstLoss.ownPart(101, 25), 26);
        assertEq(FirstLoss.ownPart(100, 26), 26);
    }

    function testFuzz_ownPart_coversThePenaltyAndIsPartOfTheCollateral(
        uint96 collateral,
        uint96 penalty
    ) external pure {
        if (penalty > collateral) (collateral, penalty) = (penalty, collateral);
        uint256 own = FirstLoss.ownPart(collateral, penalty);
        assertLe(penalty, own, "the penalty is within it");
        assertLe(own, collateral, "it is a part");
        assertLe(collateral, own * 4, "a quarter");
    }
}
