// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pricing} from "../../../contracts/libraries/Pricing.sol";

/// @notice A share is the exact one, rounded up or down; the two differ by at most one unit, and no share of at most 100 %
/// exceeds its whole.
contract Shares {
    function check(uint112 amount, uint16 bps) external pure {
        uint256 exact = uint256(amount) * bps;
        uint256 up = Pricing.shareUp(amount, bps);
        uint256 down = Pricing.shareDown(amount, bps);
        assert(down * 1e4 <= exact && exact <= up * 1e4 && up <= down + 1 && (bps > 1e4 || up <= amount));
    }
}
