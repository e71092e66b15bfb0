// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "./Test.sol";

/// @notice If an assertion could not fail, no other test here would mean anything.
contract TestTest is Test {
    function test_assertTrue_failsOnFalse() external {
        _expectFailure(abi.encodeCall(this.claimTrue, (false)));
    }

    function test_assertEq_failsOnOtherNumber() external {
        _expectFailure(abi.encodeCall(this.claimEqual, (1, 2)));
    }

    function test_assertLe_failsOnGreater() external {
        _expectFailure(abi.encodeCall(this.claimAtMost, (2, 1)));
    }

    function test_assertions_passOnTruth() external view {
        this.claimTrue(true);
        this.claimEqual(2, 2);
        this.claimAtMost(1, 2);
    }

    function testFuzz_bound_staysInRange(uint256 value, uint256 low, uint256 high) external pure {
        if (low > high) (low, high) = (high, low);
        uint256 bounded = bound(value, low, high);
        assertGe(bounded, low, "below");
        assertLe(bounded, high, "above");
    }

    function claimTrue(bool condition) external pure {
        assertTrue(condition, "not true");
    }

    function claimEqual(uint256 left, uint256 right) external pure {
        assertEq(left, right);
    }

    function claimAtMost(uint256 left, uint256 right) external pure {
        assertLe(left, right, "not at most");
    }

    /// @dev Without the assertions under test: a plain revert fails the test too.
    function _expectFailure(bytes memory call) private {
        // Any failure will do; what it says is the runner's affair.
        // solhint-disable-next-line avoid-low-level-calls
        (bool passed, ) = address(this).call(call);
        require(!passed, "the assertion passed");
    }
}
