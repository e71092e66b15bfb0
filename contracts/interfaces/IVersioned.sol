// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The first that IParameters.current returns
/// @notice To read the rest as well takes half a kilobyte of code.
interface IVersioned {
    /// @notice The version in force.
    function current() external view returns (uint32 version);
}
