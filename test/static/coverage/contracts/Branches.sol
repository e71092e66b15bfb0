// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

error TooLarge(uint256 value);

/// @notice Every form of branch, for the test of our measure of coverage.
contract Branches {
    uint256 public stored;

    modifier small(uint256 value) {
        require(value < 100, TooLarge(value));
        _;
    }

    function skip(uint256 count) external pure small(count) returns (uint256 sum) {
        for (uint256 i = 0; i < count; i++) {
            if (i == 2) continue;
            if (i == 200) continue;
            if (i == 4) break;
            sum += i;
        }
    }

    function choose(uint256 value, bool flag) external returns (uint256) {
        if (flag) stored = 1;
        if (value == 11) {
            stored += 3;
        } else if (value == 10) {
            stored = 4;
        } else {
            stored = 5;
        }
        if (value > 0) if (value == 9) return 9;
        return value == 10 || !(flag && value == 12) ? value : 0;
    }

    function attempt(address target) external pure returns (bool) {
        try Branches(target).skip(1) returns (uint256) {
            return true;
        } catch {
            return false;
        }
    }

    function unused() external pure returns (uint256) {
        return 1;
    }
}

library Untouched {
    function double(uint256 value) internal pure returns (uint256) {
        return 2 * value;
    }
}
