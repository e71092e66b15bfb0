// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArbiter} from "./IArbiter.sol";

/// @title What the Market asks of the court
interface ICourt is IArbiter {
    /// @notice An objective fault decided a lot that the court holds: its case is over, bonds return.
    /// @return cost What jurors already drawn are owed from the slash, in base units. The Market credits it to the court,
    /// up to the lot's collateral.
    function preempt(bytes32 lotId) external returns (uint256 cost);
}
