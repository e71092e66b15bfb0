// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PositionalTree} from "../../../contracts/libraries/PositionalTree.sol";

/// @notice The depth of a tree does not overflow.
contract TreeDepth {
    function check(uint32 count) external pure returns (uint256) {
        return PositionalTree.depthOf(count);
    }
}
