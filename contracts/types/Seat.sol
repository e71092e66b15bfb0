// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {History} from "./History.sol";

/// @notice A juror's place for one model, as it is stored. Three slots, and a fourth where owner and voter differ.
struct Seat {
    /// @dev Commits and reveals votes.
    address voter;
    /// @dev From then on it may leave, and is drawn for jobs that are opened.
    uint40 activeAt;
    /// @dev Where it is in the list of its model.
    uint32 position;
    /// @dev Or `owner` is not written: most draws then read a slot less.
    bool isOwnersVoter;
    Purse purse;
    bytes32 modelId;
    address owner;
}

/// @notice A seat, as it is shown.
struct SeatView {
    bytes32 modelId;
    /// @dev Whose stake it is. Zero: there is no such seat.
    address owner;
    address voter;
    uint40 activeAt;
    uint32 position;
    /// @dev In base units of the asset, as are the next two.
    uint80 stake;
    /// @dev What of the stake may be taken by cases that are not over.
    uint80 reserved;
    uint96 earnings;
}

/// @notice The seats of one model.
struct Bench {
    /// @dev All that its seats stake, in base units.
    uint128 stake;
    History count;
    /// @dev Holds for positions below the count of the same time.
    mapping(uint256 position => History) seatAt;
}

/// @notice What of a seat a draw and a settlement write. From the lowest bits up: 80 bits stake, 80 reserved, 96 earnings.
type Purse is uint256;

using Purses for Purse global;

/// @title Packing purses
library Purses {
    uint256 private constant RESERVED_OFFSET = 80;
    uint256 private constant EARNINGS_OFFSET = 160;

    /// @dev The caller shows that the values fit their bits.
    function pack(uint256 stake, uint256 reserved, uint256 earnings) internal pure returns (Purse) {
        return Purse.wrap(stake | (reserved << RESERVED_OFFSET) | (earnings << EARNINGS_OFFSET));
    }

    function unpack(Purse self) internal pure returns (uint256 stake, uint256 reserved, uint256 earnings) {
        uint256 word = Purse.unwrap(self);
        stake = word & type(uint80).max;
        reserved = (word >> RESERVED_OFFSET) & type(uint80).max;
        earnings = word >> EARNINGS_OFFSET;
    }
}
