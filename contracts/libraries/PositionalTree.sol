// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The positional Merkle tree of items and receipts
/// @notice Depth = ceil(log2 n). The bits of a leaf's index say left or right at each level, so a path proves a
/// position, not only membership. Leaves at indices ≥ n are PAD. Matched by `protocol/src/tree.ts` and by
/// `protocol/vectors/tree.json`.
library PositionalTree {
    /// @dev Node preimages start with this word and leaf preimages with a type hash: neither passes for the other.
    bytes32 internal constant NODE = keccak256("millrace.tree.node.v1");
    bytes32 internal constant PAD = keccak256("millrace.tree.pad.v1");
    /// @dev An item for which there is no receipt. Distinct from PAD, so leaving out is provable.
    bytes32 internal constant EMPTY = keccak256("millrace.tree.empty.v1");

    /// @notice Levels above the leaves of a tree of `count` ≥ 1 leaves. One leaf is its own root.
    function depthOf(uint256 count) internal pure returns (uint256 depth) {
        while ((uint256(1) << depth) < count) depth++;
    }

    function hashNode(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return keccak256(abi.encode(NODE, left, right));
    }

    /// @notice The root that `leaf` at `index` leads to along `path` (siblings, lowest first).
    function rootOf(bytes32 leaf, uint256 index, bytes32[] calldata path) internal pure returns (bytes32 root) {
        root = leaf;
        for (uint256 level = 0; level < path.length; level++) {
            root = (index >> level) & 1 == 0 ? hashNode(root, path[level]) : hashNode(path[level], root);
        }
    }

    /// @notice Whether `leaf` stands at `index` of the tree of `count` leaves with this `root`.
    function verify(
        bytes32 root,
        uint256 count,
        bytes32 leaf,
        uint256 index,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        return index < count && path.length == depthOf(count) && rootOf(leaf, index, path) == root;
    }
}
