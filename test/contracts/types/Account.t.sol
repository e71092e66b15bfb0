// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Account, Accounts} from "../../../contracts/types/Account.sol";
import {Test} from "../helpers/Test.sol";
import {vm} from "../helpers/Vm.sol";

contract AccountsTest is Test {
    using Accounts for Account;

    Account private _account;
    Account private _neighbour;

    function testFuzz_write_refusesFreeBeyondItsField(uint256 free) external {
        free = bound(free, uint256(type(uint112).max) + 1, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, uint8(112), free));
        this.write(free, 0, 0);
    }

    function testFuzz_write_refusesLockedBeyondItsField(uint256 locked) external {
        locked = bound(locked, uint256(type(uint112).max) + 1, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, uint8(112), locked));
        this.write(0, locked, 0);
    }

    function testFuzz_write_isReadByFieldAndAtOnce(uint112 free, uint112 locked, uint24 epoch, bool isBacked) external {
        uint256 rest = (isBacked ? 1 << 24 : 0) | uint256(epoch);
        _account.write(free, locked, rest);
        assertEq(_account.free, free);
        assertEq(_account.locked, locked);
        assertEq(_account.offerEpoch, epoch);
        assertEq(_account.isBacked, isBacked);
        (uint256 freeRead, uint256 lockedRead, uint256 restRead) = _account.read();
        assertEq(freeRead, free);
        assertEq(lockedRead, locked);
        assertEq(restRead, rest);
        assertEq(_neighbour.free, 0);
    }

    function testFuzz_read_isWhatTheFieldsSay(uint112 free, uint112 locked, uint24 epoch, bool isBacked) external {
        _account = Account({free: free, locked: locked, offerEpoch: epoch, isBacked: isBacked});
        (uint256 freeRead, uint256 lockedRead, uint256 rest) = _account.read();
        assertEq(freeRead, free);
        assertEq(lockedRead, locked);
        assertEq(uint24(rest), epoch);
        assertEq(Accounts.isBacked(rest), isBacked);
    }

    function write(uint256 free, uint256 locked, uint256 rest) external {
        _account.write(free, locked, rest);
    }
}
