// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParameters} from "../../../contracts/interfaces/IParameters.sol";
import {CourtParameters} from "../../../contracts/types/CourtParameters.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {CourtBounds} from "../helpers/CourtBounds.sol";
import {InvariantTest} from "../helpers/InvariantTest.sol";
import {ParametersBounds} from "../helpers/ParametersBounds.sol";
import {ParametersHandler} from "./ParametersHandler.sol";

/// @notice The invariants of README.md beside this file that are about the governed numbers, one test each.
contract ParametersInvariantTest is InvariantTest {
    using CourtBounds for CourtParameters;
    using ParametersBounds for MarketParameters;

    ParametersHandler private _handler;
    IParameters private _parameters;

    function setUp() external {
        _handler = new ParametersHandler();
        _parameters = _handler.parameters();
        bytes4[] memory selectors = new bytes4[](5);
        selectors[0] = ParametersHandler.append.selector;
        selectors[1] = ParametersHandler.setGuardian.selector;
        selectors[2] = ParametersHandler.pause.selector;
        selectors[3] = ParametersHandler.unpause.selector;
        selectors[4] = ParametersHandler.pass.selector;
        target(address(_handler), selectors);
    }

    function afterInvariant() external {
        report("Parameters", _handler);
    }

    function invariant_versionsNeverChange() external view {
        uint256 count = _handler.versionsCount();
        for (uint32 i = 1; i <= count; i++) {
            bytes memory numbers = abi.encode(_parameters.ofVersion(i), _parameters.courtOfVersion(i));
            assertEq(keccak256(numbers), _handler.versions(i - 1), "a version changed");
        }
        (uint32 version, , MarketParameters memory inForce) = _parameters.current();
        assertEq(version, count, "not the newest version is in force");
        assertEq(
            keccak256(abi.encode(inForce)),
            keccak256(abi.encode(_parameters.ofVersion(version))),
            "other numbers are in force"
        );
        assertTrue(_isUnknown(0) && _isUnknown(version + 1), "a version that nobody appended");
    }

    function invariant_everyVersionIsWithinBounds() external view {
        uint96 firstCollateral = _parameters.ofVersion(1).minLotCollateral;
        uint96 firstFee = _parameters.courtOfVersion(1).jurorFee;
        for (uint32 i = 1; i <= _handler.versionsCount(); i++) {
            MarketParameters memory market = _parameters.ofVersion(i);
            assertTrue(market.within(_handler.PHASE(), firstCollateral), "out of bounds");
            CourtParameters memory court = _parameters.courtOfVersion(i);
            assertTrue(court.within(_handler.PHASE(), firstFee, market.minLotCollateral), "out of the court's bounds");
        }
    }

    function invariant_nobodyDoesWhatIsNotTheirs() external view {
        assertEq(_handler.trespasser(), address(0));
        assertEq(_parameters.guardian(), _handler.guardian());
        assertEq(_parameters.timelock(), _handler.timelock());
    }

    function invariant_pausesAreShortAndFarApart() external view {
        ParametersHandler.Pause[] memory pauses = _handler.pauses();
        bool expected = false;
        for (uint256 i = 0; i < pauses.length; i++) {
            assertLe(pauses[i].end - pauses[i].start, 3 days, "a long pause");
            if (i > 0) assertGe(pauses[i].start, pauses[i - 1].end + 14 days, "pauses close together");
            if (block.timestamp >= pauses[i].start && block.timestamp < pauses[i].end) expected = true;
        }
        (, bool isPaused, ) = _parameters.current();
        assertEq(isPaused, expected);
        assertEq(_parameters.paused(), expected);
    }

    function _isUnknown(uint32 version) private view returns (bool) {
        try _parameters.ofVersion(version) {
            return false;
        } catch (bytes memory reason) {
            bytes memory expected = abi.encodeWithSelector(IParameters.Parameters_UnknownVersion.selector, version);
            return keccak256(reason) == keccak256(expected);
        }
    }
}
