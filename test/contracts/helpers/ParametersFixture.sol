// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParameters} from "../../../contracts/interfaces/IParameters.sol";
import {Parameters} from "../../../contracts/Parameters.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {ParametersBounds} from "./ParametersBounds.sol";
import {Test} from "./Test.sol";
import {vm} from "./Vm.sol";

/// @title Governed numbers for a chain with phases of twelve hours
abstract contract ParametersFixture is Test {
    uint256 internal constant START = 1_800_000_000;
    uint32 internal constant PHASE = 12 hours;
    uint256 internal constant PAUSE = 3 days;
    uint256 internal constant COOLDOWN = 14 days;

    address internal timelock = makeAddr("timelock");
    address internal guardian = makeAddr("guardian");
    address internal stranger = makeAddr("stranger");
    Parameters internal parameters;

    function setUp() external {
        vm.warp(START);
        parameters = deploy(PHASE, ParametersBounds.standard());
    }

    function deploy(uint32 phase, MarketParameters memory first) internal returns (Parameters) {
        return new Parameters(timelock, guardian, phase, first);
    }

    function assertNewest(uint32 version, MarketParameters memory p) internal {
        (uint32 inForce, , MarketParameters memory numbers) = parameters.current();
        assertEq(inForce, version);
        assertSame(numbers, p);
        assertSame(parameters.ofVersion(version), p);
        assertUnknown(version + 1);
    }

    function assertUnknown(uint32 version) internal {
        vm.expectRevert(abi.encodeWithSelector(IParameters.Parameters_UnknownVersion.selector, version));
        parameters.ofVersion(version);
    }

    function assertPaused(bool expected) internal view {
        (, bool isPaused, ) = parameters.current();
        assertEq(isPaused, expected);
        assertEq(parameters.paused(), expected);
    }

    function assertSame(MarketParameters memory left, MarketParameters memory right) internal pure {
        assertEq(keccak256(abi.encode(left)), keccak256(abi.encode(right)));
    }
}
