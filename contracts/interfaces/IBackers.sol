// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the court asks of delegated collateral
interface IBackers {
    /// @notice The shares that `account` has in the collateral of `provider`, those on their way out included.
    /// @dev Whoever has any is no juror where that provider is judged: nobody may be given shares without their own call.
    function sharesOf(address provider, address account) external view returns (uint256);
}
