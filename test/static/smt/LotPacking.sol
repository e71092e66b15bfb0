// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LotState, LotStates, LotStatus} from "../../../contracts/types/Lot.sol";

/// @notice What is packed into a lot's state comes out again.
contract LotPacking {
    function check(uint40 timestamp, uint96 escrow) external pure {
        LotState state = LotStates.open(timestamp, escrow);
        assert(state.status() == LotStatus.Open && state.timestamp() == timestamp && state.escrow() == escrow);
    }
}
