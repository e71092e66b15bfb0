// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CallCounter} from "./CallCounter.sol";
import {Test} from "./Test.sol";
import {vm} from "./Vm.sol";

/// @title Base of invariant tests
/// @dev The runner asks `targetContracts` and `targetSelectors` what it may call; without them it calls everything.
abstract contract InvariantTest is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    FuzzSelector[] private _targets;

    function targetContracts() external view returns (address[] memory contracts) {
        contracts = new address[](_targets.length);
        for (uint256 i = 0; i < contracts.length; i++) contracts[i] = _targets[i].addr;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory) {
        return _targets;
    }

    /// @notice Has the runner call these functions of `handler`, and nothing else.
    function target(address handler, bytes4[] memory selectors) internal {
        _targets.push(FuzzSelector({addr: handler, selectors: selectors}));
    }

    /// @notice Adds what a run called to the report of `npm run fuzz`, in one line; other runs may not write, and do not mind.
    function report(string memory prefix, CallCounter handler) internal {
        string memory line;
        for (uint256 i = 0; i < handler.functionsCount(); i++) {
            string memory name = handler.functions(i);
            (uint256 succeeded, uint256 reverted) = handler.calls(name);
            string memory counts = string.concat(vm.toString(succeeded), " ", vm.toString(reverted));
            line = string.concat(line, prefix, ".", name, " ", counts, ";");
        }
        try vm.writeLine("cache/tests/fuzz/calls.txt", line) {} catch {}
    }
}
