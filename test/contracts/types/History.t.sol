// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {History} from "../../../contracts/types/History.sol";
import {Test} from "../helpers/Test.sol";
import {vm} from "../helpers/Vm.sol";

/// @dev Against a copy of every second.
contract HistoryTest is Test {
    uint40 private constant SECONDS = 40;

    History private _history;

    function test_history_isZeroBeforeItIsSet() external {
        assertEq(_history.valueAt(0), 0);
        assertEq(_history.valueAt(type(uint40).max), 0);
        vm.warp(1_000);
        _history.set(7);
        assertEq(_history.valueAt(999), 0);
        assertEq(_history.valueAt(1_000), 7);
        assertEq(_history.valueAt(type(uint40).max), 7);
    }

    /// @param dice For each second: how often the number changes in it, mostly never.
    function testFuzz_history_remembersEverySecond(uint8[40] calldata dice, uint32 value) external {
        uint32[SECONDS] memory expected;
        uint32 now_;
        for (uint40 i = 0; i < SECONDS; i++) {
            vm.warp(1_000 + i);
            for (uint256 j = 0; j < dice[i] % 8 && j < 3; j++) {
                unchecked {
                    now_ = value * uint32(dice[i]) + uint32(j);
                }
                _history.set(now_);
            }
            expected[i] = now_;
            assertEq(_history.value, now_, "now");
        }
        for (uint40 i = 0; i < SECONDS; i++) assertEq(_history.valueAt(1_000 + i), expected[i], "then");
    }
}
