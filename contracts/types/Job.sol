// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Offer} from "./Offer.sol";

/// @notice What a buyer asks for: a batch of items for one model.
struct JobRequest {
    /// @dev Chosen by the buyer, never used before by them. Makes opening idempotent: a retry cannot open twice.
    uint256 nonce;
    bytes32 modelId;
    /// @dev Root of the positional tree over the item leaves.
    bytes32 inputRoot;
    /// @dev Root over the buyer's audit secrets (RULES.md, "Audit set").
    bytes32 auditRoot;
    /// @dev The buyer's X25519 public key, to which results keys are wrapped.
    bytes32 encryptionKey;
    /// @dev Who may challenge the computation beside the buyer; zero for nobody.
    address auditor;
    uint32 itemCount;
    /// @dev Per-item caps; no item leaf exceeds them.
    uint32 promptTokensCap;
    uint32 outputTokensCap;
    /// @dev The most the buyer pays, in base units per 10⁶ tokens.
    uint64 promptLimitPerMillion;
    uint64 outputLimitPerMillion;
    /// @dev Where the bid's ramp starts, as a share of the limits in basis points.
    uint16 startBps;
    uint32 rampSeconds;
    uint32 turnaroundSeconds;
    /// @dev A lot has at least so many items, or all that are left.
    uint32 minLotItems;
    /// @dev Least value of a lot at its caps and its own price, in base units, unless it takes all that are left.
    uint96 minLotValue;
}

/// @notice A job's terms, fixed when it opens but for the limit prices, which `topUp` can raise. The Market stores their
/// hash; callers bring the terms along.
struct Job {
    address buyer;
    uint40 openedAt;
    uint32 parametersVersion;
    JobRequest request;
}

/// @notice What the Market keeps of a job.
struct JobState {
    bytes32 termsHash;
    /// @dev First item not yet given to anyone; 0 when all of them were, at opening (then the slot stays empty).
    uint32 openFrom;
    /// @dev Items from `openFrom` that can still be claimed.
    uint32 openItems;
}

/// @notice One offer to take at opening: for each of `lotItems` a lot of the next so many items of the job.
struct Fill {
    Offer offer;
    /// @dev The provider's or their operator's EIP-712 signature; empty if the offer is posted.
    bytes signature;
    uint32[] lotItems;
}
