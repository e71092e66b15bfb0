// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParameters} from "../../contracts/interfaces/IParameters.sol";
import {ParametersBounds} from "./helpers/ParametersBounds.sol";
import {ParametersFixture} from "./helpers/ParametersFixture.sol";
import {vm} from "./helpers/Vm.sol";

contract ParametersPauseTest is ParametersFixture {
    // ---------------------------------------------------------------- the guardian

    function test_setGuardian_refusesEveryoneButTheTimelock() external {
        address[3] memory others = [guardian, stranger, address(this)];
        for (uint256 i = 0; i < others.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(IParameters.Parameters_NotTimelock.selector, others[i]));
            vm.prank(others[i]);
            parameters.setGuardian(others[i]);
        }
        assertEq(parameters.guardian(), guardian);
    }

    function test_setGuardian_replacesTheGuardian() external {
        vm.expectEmit(address(parameters));
        emit IParameters.GuardianChanged(guardian, stranger);
        vm.prank(timelock);
        parameters.setGuardian(stranger);

        assertEq(parameters.guardian(), stranger);
        assertNewest(1, ParametersBounds.standard());
        _expectNotGuardian(guardian);
        parameters.pause();
        vm.prank(stranger);
        parameters.pause();
        assertPaused(true);
    }

    function test_setGuardian_takesZeroForNobody() external {
        vm.prank(timelock);
        parameters.setGuardian(address(0));
        assertEq(parameters.guardian(), address(0));
        _expectNotGuardian(guardian);
        parameters.pause();
    }

    function test_setGuardian_leavesARunningPause() external {
        vm.prank(guardian);
        parameters.pause();
        vm.prank(timelock);
        parameters.setGuardian(stranger);
        assertEq(parameters.pausedUntil(), START + PAUSE);
        assertPaused(true);
    }

    // ---------------------------------------------------------------- pause

    function test_pause_refusesEveryoneButTheGuardian() external {
        address[3] memory others = [timelock, stranger, address(this)];
        for (uint256 i = 0; i < others.length; i++) {
            _expectNotGuardian(others[i]);
            parameters.pause();
        }
        assertPaused(false);
    }

    function test_pause_lastsToTheSecondAndAnnouncesIt() external {
        vm.expectEmit(address(parameters));
        emit IParameters.Paused(guardian, uint40(START + PAUSE));
        vm.prank(guardian);
        parameters.pause();

        assertEq(parameters.pausedUntil(), START + PAUSE);
        assertEq(parameters.guardian(), guardian);
        assertNewest(1, ParametersBounds.standard());
        assertPaused(true);
        vm.warp(START + PAUSE - 1);
        assertPaused(true);
        vm.warp(START + PAUSE);
        assertPaused(false);
    }

    function test_pause_refusesToBeRenewedWhileItLasts() external {
        vm.prank(guardian);
        parameters.pause();
        _expectPausedRecently(START, START + PAUSE + COOLDOWN);
        vm.warp(START + PAUSE - 1);
        _expectPausedRecently(START + PAUSE - 1, START + PAUSE + COOLDOWN);
        assertEq(parameters.pausedUntil(), START + PAUSE);
    }

    function test_pause_refusesUntilTheCooldownIsOver() external {
        vm.prank(guardian);
        parameters.pause();
        vm.warp(START + PAUSE);
        _expectPausedRecently(START + PAUSE, START + PAUSE + COOLDOWN);
        vm.warp(START + PAUSE + COOLDOWN - 1);
        _expectPausedRecently(START + PAUSE + COOLDOWN - 1, START + PAUSE + COOLDOWN);
        assertPaused(false);

        vm.warp(START + PAUSE + COOLDOWN);
        vm.prank(guardian);
        parameters.pause();
        assertEq(parameters.pausedUntil(), START + 2 * PAUSE + COOLDOWN);
        assertPaused(true);
    }

    /// @dev A majority that names a new guardian for each pause would hold up new business for ever.
    function test_attack_newGuardianDoesNotEndTheCooldown() external {
        vm.prank(guardian);
        parameters.pause();
        vm.warp(START + PAUSE);
        vm.prank(timelock);
        parameters.setGuardian(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(
                IParameters.Parameters_PausedRecently.selector,
                START + PAUSE,
                START + PAUSE + COOLDOWN
            )
        );
        vm.prank(stranger);
        parameters.pause();
        assertPaused(false);
    }

    // ---------------------------------------------------------------- unpause

    function test_unpause_refusesStrangers() external {
        vm.prank(guardian);
        parameters.pause();
        _expectNotGuardian(stranger);
        parameters.unpause();
        assertPaused(true);
    }

    function test_unpause_byGuardianOrTimelockOpensAtOnce() external {
        address[2] memory allowed = [guardian, timelock];
        for (uint256 i = 0; i < allowed.length; i++) {
            parameters = deploy(PHASE, ParametersBounds.standard());
            vm.warp(START);
            vm.prank(guardian);
            parameters.pause();
            vm.warp(START + PAUSE - 1);
            vm.expectEmit(address(parameters));
            emit IParameters.Unpaused(allowed[i], uint40(START + PAUSE));
            vm.prank(allowed[i]);
            parameters.unpause();

            assertPaused(false);
            assertEq(parameters.pausedUntil(), START + PAUSE - 1);
            assertEq(parameters.guardian(), guardian);
            assertNewest(1, ParametersBounds.standard());
        }
    }

    function test_unpause_startsTheCooldown() external {
        vm.prank(guardian);
        parameters.pause();
        vm.warp(START + 1);
        vm.prank(guardian);
        parameters.unpause();

        vm.warp(START + COOLDOWN);
        _expectPausedRecently(START + COOLDOWN, START + 1 + COOLDOWN);
        vm.warp(START + 1 + COOLDOWN);
        vm.prank(guardian);
        parameters.pause();
        assertPaused(true);
    }

    function test_unpause_inTheSecondOfThePauseLeavesNone() external {
        vm.prank(guardian);
        parameters.pause();
        vm.prank(guardian);
        parameters.unpause();
        assertPaused(false);
        _expectPausedRecently(START, START + COOLDOWN);
    }

    /// @dev A vote that unpauses and names another guardian goes through though the old one unpaused just before.
    function test_attack_guardianCannotUnpauseAheadOfTheVoteAgainstThem() external {
        vm.prank(guardian);
        parameters.pause();
        vm.warp(START + 1 days);
        vm.prank(guardian);
        parameters.unpause();

        vm.recordLogs();
        vm.prank(timelock);
        parameters.unpause();
        assertEq(vm.getRecordedLogs().length, 0);
        vm.prank(timelock);
        parameters.setGuardian(stranger);
        assertEq(parameters.guardian(), stranger);
    }

    /// @dev Or the timelock could keep a guardian from ever pausing, and a guardian their successor.
    function test_attack_unpausingNothingDoesNotPutTheNextPauseOff() external {
        vm.prank(timelock);
        parameters.unpause();
        assertEq(parameters.pausedUntil(), 0);
        vm.prank(guardian);
        parameters.pause();

        vm.warp(START + PAUSE);
        vm.prank(timelock);
        parameters.unpause();
        vm.warp(START + PAUSE + COOLDOWN - 1);
        vm.prank(guardian);
        parameters.unpause();
        assertEq(parameters.pausedUntil(), START + PAUSE);
        vm.warp(START + PAUSE + COOLDOWN);
        vm.prank(guardian);
        parameters.pause();
        assertPaused(true);
    }

    // ---------------------------------------------------------------- helpers

    /// @dev The next call is by `caller`.
    function _expectNotGuardian(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IParameters.Parameters_NotGuardian.selector, caller));
        vm.prank(caller);
    }

    function _expectPausedRecently(uint256 timestamp, uint256 nextPauseAt) private {
        vm.expectRevert(abi.encodeWithSelector(IParameters.Parameters_PausedRecently.selector, timestamp, nextPauseAt));
        vm.prank(guardian);
        parameters.pause();
    }
}
