// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A number, and what it was at the end of every second before.
/// @dev OpenZeppelin's Checkpoints would do, but for their assembly: it is not marked as memory-safe, and with it the
/// compiler keeps all of the Court's variables on the stack, where there is no room for them.
struct History {
    uint32 value;
    /// @dev When it became that. Zero: it was never set, and is 0.
    uint40 since;
    /// @dev How many there were before.
    uint32 count;
    /// @dev From the lowest bits up: 32 of value, then when it became that. Rising in time.
    mapping(uint256 index => uint256) past;
}

using Histories for History global;

/// @title Numbers that remember
library Histories {
    uint256 private constant TIME_OFFSET = 32;

    function set(History storage self, uint32 value) internal {
        (uint32 previous, uint40 since) = (self.value, self.since);
        // Of a second only the last value counts.
        if (since != 0 && since != block.timestamp) {
            self.past[self.count++] = (uint256(since) << TIME_OFFSET) | previous;
        }
        // 40 bits hold seconds for 34,000 years.
        (self.value, self.since) = (value, uint40(block.timestamp));
    }

    /// @notice What it was at the end of the second `time`, once that is over.
    function valueAt(History storage self, uint40 time) internal view returns (uint32) {
        if (self.since <= time) return self.value;
        uint256 low = 0;
        uint256 high = self.count;
        uint256 found = 0;
        // Below `low` nothing is later, and `found` is the last of that; from `high` on everything is.
        while (low < high) {
            uint256 middle = (low + high) / 2;
            uint256 entry = self.past[middle];
            if (entry >> TIME_OFFSET > time) high = middle;
            else (low, found) = (middle + 1, entry);
        }
        // The lowest 32 bits.
        return uint32(found);
    }
}
