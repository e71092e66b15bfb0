// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pricing} from "../../../contracts/libraries/Pricing.sol";

/// @notice A lot's cost is the exact one, rounded up, and nothing in it overflows.
contract CostRounding {
    function check(uint64 promptTokens, uint64 outputTokens, uint64 promptPrice, uint64 outputPrice) external pure {
        uint256 exact = uint256(promptTokens) * promptPrice + uint256(outputTokens) * outputPrice;
        uint256 cost = Pricing.costUp(promptTokens, outputTokens, promptPrice, outputPrice);
        assert(cost * 1e6 >= exact && cost * 1e6 - exact < 1e6);
    }
}
