// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title The owner of everything governed
/// @notice Calls what was voted for, after a delay; anyone may execute it then. The delay is fixed, as a vote's other
/// times are: the cooldown of staked MILL, fixed as well, is no shorter than all of them together.
contract MillraceTimelock is TimelockController {
    uint256 private constant MAX_DELAY = 30 days;

    error Timelock_DelayOutOfBounds(uint256 delay, uint256 max);
    error Timelock_DelayFixed();

    /// @param delay In seconds: 1 to 30 days' worth.
    /// @param admin May name the proposer and must then renounce DEFAULT_ADMIN_ROLE, in the same deployment.
    constructor(uint256 delay, address admin) TimelockController(delay, new address[](0), _anyone(), admin) {
        require(delay != 0 && delay <= MAX_DELAY, Timelock_DelayOutOfBounds(delay, MAX_DELAY));
    }

    /// @notice Refused, to everyone.
    function updateDelay(uint256) public pure override {
        revert Timelock_DelayFixed();
    }

    /// @dev TimelockController's way to say that a role is open.
    function _anyone() private pure returns (address[] memory executors) {
        executors = new address[](1);
    }
}
