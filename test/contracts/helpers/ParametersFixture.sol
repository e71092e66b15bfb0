// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParameters} from "../../../contracts/interfaces/IParameters.sol";
import {Parameters} from "../../../contracts/Parameters.sol";
import {CourtParameters} from "../../../contracts/types/CourtParameters.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {CourtBounds} from "./CourtBounds.sol";
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

    /// @notice With numbers for the court that fit `first`.
    function deploy(uint32 phase, MarketParameters memory first) internal returns (Parameters) {
        return deploy(phase, first, CourtBounds.standard(first.minLotCollateral));
    }

    function deploy(
        uint32 phase,
        MarketParameters memory market,
        CourtParameters memory court
    ) internal returns (Parameters) {
        return new Parameters(timelock, guardian, phase, market, court);
    }

    /// @notice As the timelock, with numbers for the court that fit `market`.
    function append(MarketParameters memory market) internal returns (uint32 version) {
        return append(market, CourtBounds.standard(market.minLotCollateral));
    }

    /// @notice As the timelock.
    function append(MarketParameters memory market, CourtParameters memory court) internal returns (uint32 version) {
        vm.prank(timelock);
        return parameters.append(market, court);
    }

    function assertNewest(uint32 version, MarketParameters memory market) internal {
        assertNewest(version, market, CourtBounds.standard(market.minLotCollateral));
    }

    function assertNewest(uint32 version, MarketParameters memory market, CourtParameters memory court) internal {
        (uint32 inForce, , MarketParameters memory numbers) = parameters.current();
        assertEq(inForce, version);
        assertSame(numbers, market);
        assertSame(parameters.ofVersion(version), market);
        assertSame(parameters.courtOfVersion(version), court);
        assertUnknown(version + 1);
    }

    function assertUnknown(uint32 version) internal {
        vm.expectRevert(abi.encodeWithSelector(IParameters.Parameters_UnknownVersion.selector, version));
        parameters.ofVersion(version);
        vm.expectRevert(abi.encodeWithSelector(IParameters.Parameters_UnknownVersion.selector, version));
        parameters.courtOfVersion(version);
    }

    function assertPaused(bool expected) internal view {
        (, bool isPaused, ) = parameters.current();
        assertEq(isPaused, expected);
        assertEq(parameters.paused(), expected);
    }

    function assertSame(MarketParameters memory left, MarketParameters memory right) internal pure {
        assertEq(keccak256(abi.encode(left)), keccak256(abi.encode(right)));
    }

    function assertSame(CourtParameters memory left, CourtParameters memory right) internal pure {
        assertEq(keccak256(abi.encode(left)), keccak256(abi.encode(right)));
    }

    function expectOutOfBounds(string memory field, uint256 value, uint256 least, uint256 most) internal {
        vm.expectRevert(abi.encodeWithSelector(IParameters.Parameters_OutOfBounds.selector, field, value, least, most));
    }
}
