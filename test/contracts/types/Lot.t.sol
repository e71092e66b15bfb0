// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LotState, LotStates, LotStatus, LotView} from "../../../contracts/types/Lot.sol";
import {Test} from "../helpers/Test.sol";

contract LotStatesTest is Test {
    function test_none_isAnEmptySlot() external pure {
        assertEq(LotState.unwrap(LotStates.none()), 0);
        assertTrue(LotStates.none().status() == LotStatus.None, "status");
        assertEq(LotStates.none().isCommitted(), false);
    }

    function test_assigned_keepsNothingElse() external pure {
        LotState state = LotStates.assigned();
        assertTrue(state.status() == LotStatus.Assigned, "status");
        assertEq(state.timestamp(), 0);
        assertEq(state.escrow(), 0);
        assertEq(state.isCommitted(), false);
    }

    function testFuzz_open_keepsWhatItIsGiven(uint40 timestamp, uint96 escrow) external pure {
        LotState state = LotStates.open(timestamp, escrow);
        assertTrue(state.status() == LotStatus.Open, "status");
        assertEq(state.timestamp(), timestamp);
        assertEq(state.escrow(), escrow);
        assertEq(state.isCommitted(), false);

        LotView memory unpacked = state.unpack();
        assertTrue(unpacked.status == LotStatus.Open, "status");
        assertEq(unpacked.timestamp, timestamp);
        assertEq(unpacked.escrow, escrow);
        assertEq(bytes32(unpacked.commitment), 0);
    }

    function testFuzz_committed_keepsWhatItIsGiven(uint8 which, uint40 timestamp, bytes26 commitment) external pure {
        LotStatus status = [LotStatus.Submitted, LotStatus.Demanded, LotStatus.Challenged][which % 3];
        LotState state = LotStates.committed(status, timestamp, commitment);
        assertTrue(state.status() == status, "status");
        assertEq(state.timestamp(), timestamp);
        assertEq(bytes32(state.commitment()), commitment);
        assertEq(state.isCommitted(), true);

        LotView memory unpacked = state.unpack();
        assertTrue(unpacked.status == status, "status");
        assertEq(unpacked.timestamp, timestamp);
        assertEq(bytes32(unpacked.commitment), commitment);
        assertEq(unpacked.escrow, 0);
    }
}
