// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SeatList} from "../../../contracts/types/SeatList.sol";
import {Purse, Purses} from "../../../contracts/types/Seat.sol";
import {Test} from "../helpers/Test.sol";

/// @dev The packing of what cases keep of seats.
contract SeatPackingTest is Test {
    SeatList private _list;
    uint32[] private _plain;

    function testFuzz_seatList_keepsWhatIsAdded(uint256 seed, uint8[6] calldata lengths) external {
        for (uint256 i = 0; i < lengths.length; i++) {
            uint256 more = lengths[i] % 30;
            (uint32[] memory ids, uint256 count) = _list.load(more);
            assertEq(count, _plain.length);
            assertEq(ids.length, count + more);
            for (uint256 j = 0; j < count; j++) assertEq(ids[j], _plain[j], "loaded");
            for (uint256 j = 0; j < more; j++) {
                uint32 id = uint32(uint256(keccak256(abi.encode(seed, i, j)))) | 1;
                ids[count + j] = id;
                _plain.push(id);
            }
            _list.store(ids, count);
            assertEq(_list.length(), _plain.length);
            for (uint256 j = 0; j < _plain.length; j++) assertEq(_list.get(j), _plain[j], "stored");
            assertEq(_list.get(_plain.length), 0);
        }
    }

    function testFuzz_purse_keepsItsParts(uint80 stake, uint80 reserved, uint96 earnings) external pure {
        (uint256 s, uint256 r, uint256 e) = Purses.pack(stake, reserved, earnings).unpack();
        assertEq(s, stake);
        assertEq(r, reserved);
        assertEq(e, earnings);
        Purse swapped = Purses.pack(r, s, e);
        assertTrue(Purse.unwrap(swapped) != Purse.unwrap(Purses.pack(s, r, e)) || s == r, "parts overlap");
    }
}
