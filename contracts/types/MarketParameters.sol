// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The numbers a job is opened under. A job keeps its version, and a lot has them resolved into itself when it is
/// assigned, so nothing that is voted on later can touch either. Two slots.
struct MarketParameters {
    /// @dev Taken from what the provider earns, in basis points.
    uint16 feeBps;
    /// @dev Collateral as a share of the lot's value at its own price, in basis points.
    uint32 collateralBps;
    /// @dev Least penalty of an expired or slashed lot as a share of its value, in basis points.
    uint16 penaltyBps;
    /// @dev What `release` costs each side, as a share of the lot's escrow, in basis points.
    uint16 releaseBps;
    /// @dev The share of a penalty that goes to who expires the lot or proves its fault, in basis points.
    uint16 bountyBps;
    /// @dev How long a provider may wait for the input before the turnaround starts.
    uint32 graceSeconds;
    /// @dev How long after the turnaround a late `submit` is still safe from `expire`.
    uint32 submitGraceSeconds;
    /// @dev How long the buyer may look at a submitted lot before anyone may settle it.
    uint32 windowSeconds;
    /// @dev How long a bid may be claimed after the job opened.
    uint32 bidSeconds;
    /// @dev Least collateral of any lot, in base units of the asset.
    uint96 minLotCollateral;
    /// @dev What a buyer prepays for the answer to `demandReceipt`, in base units of the asset.
    uint96 receiptFee;
    /// @dev How long a provider has for that answer.
    uint32 answerSeconds;
}
