// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuditSet} from "../../../contracts/libraries/AuditSet.sol";

/// @notice Whatever its hash, each position of an audit set is an item of the lot, and no set has more than 128.
contract AuditPositions {
    function check(bytes32 seed, uint32 itemCount, uint256 position) external pure {
        uint256 length = AuditSet.lengthOf(itemCount);
        assert(length <= 128 && length <= itemCount);
        if (position >= length) return;
        assert(AuditSet.itemAt(seed, itemCount, position) < itemCount);
    }
}
