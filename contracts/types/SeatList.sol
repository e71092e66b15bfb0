// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The seats drawn in one case, in order, eight to a word; the lowest place of the first word is their number.
struct SeatList {
    mapping(uint256 word => uint256) words;
}

using SeatLists for SeatList global;

/// @title Packing lists of seats
library SeatLists {
    uint256 private constant IDS_PER_WORD = 8;
    uint256 private constant BITS = 32;

    function length(SeatList storage self) internal view returns (uint256) {
        return uint32(self.words[0]);
    }

    /// @notice The seat drawn as `index`-th, counted from 0 over all juries of the case. Zero beyond the end.
    function get(SeatList storage self, uint256 index) internal view returns (uint32) {
        // Place 0 holds the length.
        uint256 place = index + 1;
        return uint32(self.words[place / IDS_PER_WORD] >> (BITS * (place % IDS_PER_WORD)));
    }

    /// @notice All of them, and room for `more`.
    function load(SeatList storage self, uint256 more) internal view returns (uint32[] memory ids, uint256 count) {
        uint256 word = self.words[0];
        count = uint32(word);
        ids = new uint32[](count + more);
        for (uint256 place = 1; place <= count; place++) {
            word = place % IDS_PER_WORD == 0 ? self.words[place / IDS_PER_WORD] : word >> BITS;
            // Of what is left of the word the lowest place is this one.
            ids[place - 1] = uint32(word);
        }
    }

    /// @notice Writes `ids` from the `from`-th on; those before are as they were loaded.
    function store(SeatList storage self, uint32[] memory ids, uint256 from) internal {
        uint256 last = ids.length / IDS_PER_WORD;
        for (uint256 w = (from + 1) / IDS_PER_WORD; w <= last; w++) self.words[w] = _word(ids, w);
        // The first word has the length, and so changes with every jury.
        if (from + 1 >= IDS_PER_WORD) self.words[0] = _word(ids, 0);
    }

    function _word(uint32[] memory ids, uint256 w) private pure returns (uint256 word) {
        for (uint256 i = 0; i < IDS_PER_WORD; i++) {
            uint256 place = w * IDS_PER_WORD + i;
            if (place > ids.length) break;
            word |= (place == 0 ? ids.length : ids[place - 1]) << (BITS * i);
        }
    }
}
