// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Whose collateral is lost first
library FirstLoss {
    uint256 private constant PARTS_PER_OWN = 4;

    /// @notice What of a lot's collateral is a backed provider's own, and lost first: a quarter at least, and all that
    /// buyer and bounty can get. In base units, rounded up.
    function ownPart(uint256 collateral, uint256 penalty) internal pure returns (uint256) {
        return Math.max(Math.ceilDiv(collateral, PARTS_PER_OWN), penalty);
    }
}
