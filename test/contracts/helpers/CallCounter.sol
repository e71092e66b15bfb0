// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title How often each function of a handler went through, and how often it was refused
abstract contract CallCounter {
    struct Calls {
        uint256 succeeded;
        uint256 reverted;
    }

    string[] public functions;
    mapping(string name => Calls) public calls;

    function functionsCount() external view returns (uint256) {
        return functions.length;
    }

    function _count(string memory name, bool succeeded) internal virtual {
        Calls storage count = calls[name];
        if (count.succeeded + count.reverted == 0) functions.push(name);
        if (succeeded) count.succeeded++;
        else count.reverted++;
    }
}
