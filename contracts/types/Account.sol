// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One address's balance in the Market, in base units of the asset. One slot.
struct Account {
    /// @dev Withdrawable now.
    uint112 free;
    /// @dev A buyer's escrow and a provider's collateral.
    uint112 locked;
    /// @dev Offers of an earlier epoch are void.
    uint32 offerEpoch;
}
