// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One item of a job as the input tree holds it.
struct Item {
    uint32 index;
    /// @dev keccak256 of the exact UTF-8 bytes of the request.
    bytes32 requestHash;
    uint32 promptTokensCap;
    uint32 outputTokensCap;
    bytes32 samplerHash;
    bytes32 requesterSeed;
    /// @dev So that showing one item to jurors tells nothing of the others.
    bytes32 salt;
}

/// @notice A provider's statement about one item.
struct Receipt {
    uint8 version;
    bytes32 jobId;
    uint32 itemIndex;
    bytes32 classHash;
    bytes32 inputLeaf;
    /// @dev keccak256 over little-endian uint32 token ids.
    bytes32 promptTokensHash;
    bytes32 outputTokensHash;
    uint32 promptTokens;
    uint32 outputTokens;
    /// @dev 0 end token, 1 length, 2 stop string, 3 error, 4 invalid input.
    uint8 stopReason;
    bytes32 fingerprintHash;
    bytes32 salt;
}

/// @notice Running totals of a lot, up to and including some receipt.
struct Totals {
    uint64 promptTokens;
    uint64 outputTokens;
    /// @dev Items that failed for a reason other than invalid input.
    uint32 errors;
}
