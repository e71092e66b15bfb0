// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pricing} from "../../../contracts/libraries/Pricing.sol";

/// @notice Nothing in a ramp's price overflows or divides by zero, and it stays between the ramp's ends.
contract Ramp {
    function check(uint64 from, uint64 to, uint32 elapsed, uint32 rampSeconds) external pure {
        uint64 price = Pricing.ramp(from, to, elapsed, rampSeconds);
        assert(price <= to && (price >= from || from > to));
    }
}
