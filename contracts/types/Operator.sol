// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a hot key may spend for a buyer. One slot.
struct BuyerOperator {
    /// @dev Base units of the asset in each period.
    uint96 allowance;
    /// @dev Zero: not an operator.
    uint32 periodSeconds;
    /// @dev The period that `spent` counts: timestamp ÷ periodSeconds.
    uint32 period;
    uint96 spent;
}
