// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Receipt, Totals} from "./Receipt.sol";

/// @notice What can be wrong with a commitment, so that hashes alone prove it.
enum FaultKind {
    /// A leaf's running totals are not those of the leaf before it plus what its receipt says.
    Totals,
    /// The last leaf's running totals are not the submission's.
    LotTotals,
    /// There is no receipt at an item's place.
    EmptyLeaf,
    /// A receipt is for another job or item, of an unknown version or stop reason, or counts tokens of a failed item.
    Statement,
    /// A receipt binds another input than the job's at that index.
    Input,
    /// A receipt counts more tokens than its item's caps.
    Cap,
    /// A receipt names another class than the job's model.
    Class,
    /// A receipt counts another number of tokens than it hashes.
    Count,
    /// A receipt was demanded and not shown in time.
    NoAnswer
}

/// @notice A receipt where it stands in its lot's tree.
struct PlacedReceipt {
    Receipt receipt;
    /// @dev Running totals up to and including it.
    Totals totals;
    /// @dev Siblings, lowest first.
    bytes32[] path;
}

/// @notice The same, of which only the hash is told.
struct PlacedLeaf {
    bytes32 receiptHash;
    Totals totals;
    bytes32[] path;
}

/// @notice The demands for receipts of one lot. One slot.
struct DemandState {
    /// @dev How many wait for an answer now.
    uint8 open;
    /// @dev How many were ever made.
    uint8 total;
    /// @dev Seconds that were left of the window when the first of those open was made.
    uint40 windowLeft;
    /// @dev Prepaid for each that is open, in base units; the same for all of a lot, as its job's parameters are.
    uint96 fee;
}
