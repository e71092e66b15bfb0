// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Prices and what follows from them
/// @notice Amounts are base units of the asset; prices are base units per 10⁶ tokens. Rounds up whatever is due to a
/// provider or held back for them: the buyer's escrow, at the limit, always covers it.
library Pricing {
    uint256 internal constant TOKENS_PER_PRICE = 1e6;
    uint256 internal constant BPS = 10_000;

    /// @notice ceil((prompt × promptPrice + output × outputPrice) / 10⁶). Inputs are at most 64 bits wide each, so no
    /// product or sum overflows.
    function costUp(
        uint256 promptTokens,
        uint256 outputTokens,
        uint64 promptPrice,
        uint64 outputPrice
    ) internal pure returns (uint256) {
        unchecked {
            return Math.ceilDiv(promptTokens * promptPrice + outputTokens * outputPrice, TOKENS_PER_PRICE);
        }
    }

    /// @notice `amount` × `bps` / 10⁴, rounded up. Amounts are at most 112 bits wide and shares 32: no product overflows.
    function shareUp(uint256 amount, uint256 bps) internal pure returns (uint256) {
        unchecked {
            return Math.ceilDiv(amount * bps, BPS);
        }
    }

    /// @notice `amount` × `bps` / 10⁴, rounded down. No product overflows, as above.
    function shareDown(uint256 amount, uint256 bps) internal pure returns (uint256) {
        unchecked {
            return (amount * bps) / BPS;
        }
    }

    /// @notice A Dutch auction's price `elapsed` seconds after its start: linear from `from` to `to`, then `to`.
    function ramp(uint64 from, uint64 to, uint256 elapsed, uint32 rampSeconds) internal pure returns (uint64) {
        if (elapsed >= rampSeconds || from >= to) return to;
        // Below `to`, which is 64 bits wide, as elapsed < rampSeconds.
        return uint64(from + (uint256(to - from) * elapsed) / rampSeconds);
    }
}
