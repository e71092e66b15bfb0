// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PositionalTree} from "./PositionalTree.sol";

/// @title The items of a lot that can slash it
/// @notice Fixed by a secret that the buyer committed to when the job opened and by the provider's commitment together:
/// neither knows the set while they can still choose. Matched by `protocol/src/auditSet.ts` and by
/// `protocol/vectors/auditSet.json`.
///
/// A set has a position for each item of a lot of at most 128; else 128 positions, each with an item drawn anew. Drawn with
/// replacement: k looks at positions miss a share f of wrong items with probability (1 − f)^k exactly, and any position's
/// item is known by one hash.
///
/// A job's `auditRoot` is a positional tree with a leaf for each item that a lot may begin with. Lots come and go: a
/// leaf is the end of a chain of hashes, of which each assignment of the same first item has a link of its own, from the
/// end backwards. So the secret that a challenge shows tells nothing of those of later assignments.
library AuditSet {
    error AuditSet_OutOfRange(uint256 position, uint256 length);

    uint256 internal constant POSITIONS = 128;
    /// @dev Links of a chain. A lot whose `attempt` is not below has no audit set.
    uint256 internal constant ATTEMPTS = 8;

    /// @notice How many positions the audit set of a lot of `itemCount` items has.
    function lengthOf(uint256 itemCount) internal pure returns (uint256) {
        return itemCount < POSITIONS ? itemCount : POSITIONS;
    }

    /// @param secret The lot's link.
    /// @param commitment In full, all 32 bytes; see Hashes.
    function seedOf(bytes32 secret, bytes32 commitment) internal pure returns (bytes32) {
        return keccak256(abi.encode(secret, commitment));
    }

    /// @notice Which item of the lot (counted from 0) is at `position` of the audit set with this seed.
    function itemAt(bytes32 seed, uint256 itemCount, uint256 position) internal pure returns (uint256 index) {
        uint256 length = lengthOf(itemCount);
        require(position < length, AuditSet_OutOfRange(position, length));
        if (itemCount <= POSITIONS) return position;
        return uint256(keccak256(abi.encode(seed, position))) % itemCount;
    }

    /// @notice The leaf to which the secret of the assignment number `attempt` (from 0) leads.
    function leafOf(bytes32 secret, uint256 attempt) internal pure returns (bytes32 leaf) {
        leaf = secret;
        for (uint256 i = 0; i <= attempt; i++) leaf = keccak256(abi.encode(leaf));
    }

    /// @notice Whether `secret` is that of a lot that begins with `firstItem`, as its job's buyer committed to.
    /// @param jobItems How many items the job has.
    function verify(
        bytes32 auditRoot,
        uint256 jobItems,
        uint256 firstItem,
        uint256 attempt,
        bytes32 secret,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        if (attempt >= ATTEMPTS) return false;
        return PositionalTree.verify(auditRoot, jobItems, leafOf(secret, attempt), firstItem, path);
    }
}
