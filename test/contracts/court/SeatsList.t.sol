// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {SeatsFixture} from "./SeatsFixture.sol";

/// @dev The list of one model against a plain one: a copy of the whole array for each second.
contract SeatsListTest is SeatsFixture {
    uint32[] private _list;
    uint40[] private _times;
    mapping(uint256 time => uint32[]) private _past;

    /// @param calls Each: take, leave, or let time pass.
    function testFuzz_theListIsAlwaysThatOfASimpleModel(uint256[48] calldata calls) external {
        for (uint256 i = 0; i < calls.length; i++) {
            uint256 call = calls[i];
            uint256 kind = call % 8;
            if (kind < 3) {
                _list.push(take(owner, voter));
            } else if (kind < 6) {
                if (_list.length == 0) continue;
                uint256 position = (call / 8) % _list.length;
                if (seats.seat(_list[position]).activeAt > block.timestamp) continue;
                giveUp(_list[position]);
                _list[position] = _list[_list.length - 1];
                _list.pop();
            } else {
                _remember();
                vm.warp(block.timestamp + bound(call / 8, 1, kind == 6 ? 3 : 2 * ACTIVATION));
            }
        }
        _remember();
        for (uint256 i = 0; i < _times.length; i++) {
            // Also as it stayed until the next change.
            uint40 next = i + 1 < _times.length ? _times[i + 1] - 1 : _times[i] + 100;
            _assertList(_times[i], _past[_times[i]]);
            _assertList(next, _past[_times[i]]);
        }
        _assertList(uint40(Defaults.START - 1), new uint32[](0));
        assertSeats(_list.length, _list.length * STAKE);
        for (uint32 i = 0; i < _list.length; i++) assertEq(seats.seat(_list[i]).position, i, "position");
        assertAccount(address(seats), _list.length * STAKE, 0);
    }

    function _remember() private {
        _times.push(uint40(block.timestamp));
        _past[block.timestamp] = _list;
    }

    function _assertList(uint40 time, uint32[] memory list) private view {
        assertEq(seats.seatCountAt(Defaults.MODEL, time), list.length, "count");
        for (uint32 j = 0; j < list.length; j++) {
            assertEq(seats.seatAt(Defaults.MODEL, j, time), list[j], "seat");
        }
        assertEq(seats.seatAt(Defaults.MODEL, uint32(list.length), time), 0, "beyond the end");
    }
}
