// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

/// @notice A number, and what it was at the end of every second before.
/// @dev The last change is apart from the checkpoints: while it is the only one that matters, it costs one slot.
struct History {
    uint32 value;
    /// @dev When it became that. Zero: it was never set, and is 0.
    uint40 since;
    Checkpoints.Trace208 past;
}

using Histories for History global;

/// @title Numbers that remember
library Histories {
    using Checkpoints for Checkpoints.Trace208;

    function set(History storage self, uint32 value) internal {
        (uint32 previous, uint40 since) = (self.value, self.since);
        // Of a second only the last value counts.
        if (since != 0 && since != block.timestamp) self.past.push(since, previous);
        // 40 bits hold seconds for 34,000 years.
        (self.value, self.since) = (value, uint40(block.timestamp));
    }

    /// @notice What it was at the end of the second `time`, once that is over.
    function valueAt(History storage self, uint40 time) internal view returns (uint32) {
        if (self.since <= time) return self.value;
        // Was pushed as 32 bits.
        return uint32(self.past.upperLookupRecent(time));
    }
}
