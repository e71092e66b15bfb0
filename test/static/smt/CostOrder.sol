// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pricing} from "../../../contracts/libraries/Pricing.sol";

/// @notice A lot's cost grows with each of its four factors: at caps and limits it is the highest, so the escrow, which
/// is that, covers whatever becomes due.
contract CostOrder {
    function checkPromptTokens(uint64 low, uint64 high, uint64 tokens, uint64 price, uint64 outputPrice) external pure {
        require(low <= high);
        assert(Pricing.costUp(low, tokens, price, outputPrice) <= Pricing.costUp(high, tokens, price, outputPrice));
    }

    function checkOutputTokens(uint64 low, uint64 high, uint64 tokens, uint64 price, uint64 outputPrice) external pure {
        require(low <= high);
        assert(Pricing.costUp(tokens, low, price, outputPrice) <= Pricing.costUp(tokens, high, price, outputPrice));
    }

    function checkPromptPrice(uint64 low, uint64 high, uint64 tokens, uint64 output, uint64 price) external pure {
        require(low <= high);
        assert(Pricing.costUp(tokens, output, low, price) <= Pricing.costUp(tokens, output, high, price));
    }

    function checkOutputPrice(uint64 low, uint64 high, uint64 tokens, uint64 output, uint64 price) external pure {
        require(low <= high);
        assert(Pricing.costUp(tokens, output, price, low) <= Pricing.costUp(tokens, output, price, high));
    }
}
