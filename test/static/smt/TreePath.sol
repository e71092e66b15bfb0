// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PositionalTree} from "../../../contracts/libraries/PositionalTree.sol";

/// @notice Following a path never reads beyond it.
contract TreePath {
    function check(bytes32 leaf, uint256 index, bytes32[] calldata path) external pure returns (bytes32) {
        return PositionalTree.rootOf(leaf, index, path);
    }
}
