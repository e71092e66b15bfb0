// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "./Test.sol";

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
}
