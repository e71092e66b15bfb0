// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the Market asks of its arbiters
/// @notice Faults and Court are deployed before their Market and belong to the first that binds them.
interface IArbiter {
    error Arbiter_AlreadyBound(address market);

    /// @notice Makes the caller this arbiter's Market, once. A Market does so in its constructor, and cannot be deployed
    /// with an arbiter that someone else bound.
    function bind() external;
}
