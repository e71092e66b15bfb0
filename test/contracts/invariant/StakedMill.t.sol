// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StakedMill} from "../../../contracts/governance/StakedMill.sol";
import {InvariantTest} from "../helpers/InvariantTest.sol";
import {vm} from "../helpers/Vm.sol";
import {StakedMillHandler} from "./StakedMillHandler.sol";

/// @notice The invariants of staked MILL in README.md beside this file, one test each.
contract StakedMillInvariantTest is InvariantTest {
    StakedMillHandler private _handler;
    StakedMill private _staked;

    function setUp() external {
        _handler = new StakedMillHandler();
        _staked = _handler.stakedHandled();
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = StakedMillHandler.stake.selector;
        selectors[1] = StakedMillHandler.stakeWithPermit.selector;
        selectors[2] = StakedMillHandler.beginExit.selector;
        selectors[3] = StakedMillHandler.cancelExit.selector;
        selectors[4] = StakedMillHandler.withdrawMill.selector;
        selectors[5] = StakedMillHandler.delegate.selector;
        selectors[6] = StakedMillHandler.payFee.selector;
        selectors[7] = StakedMillHandler.collect.selector;
        selectors[8] = StakedMillHandler.collectFake.selector;
        selectors[9] = StakedMillHandler.claimFees.selector;
        selectors[10] = StakedMillHandler.setLedger.selector;
        selectors[11] = StakedMillHandler.passDays.selector;
        target(address(_handler), selectors);
    }

    function afterInvariant() external {
        report("StakedMill", _handler);
    }

    function invariant_votesNeverExceedTheStake() external view {
        uint256 votes;
        uint256 delegated;
        for (uint256 i = 0; i < _handler.actorsCount(); i++) {
            address actor = _handler.actors(i);
            votes += _staked.getVotes(actor);
            if (_staked.delegates(actor) != address(0)) delegated += _staked.balanceOf(actor);
        }
        assertEq(votes, delegated, "votes are not what is delegated");
        assertLe(votes, _staked.totalSupply(), "more votes than stake");
    }

    function invariant_millHeldIsStakedAndCooling() external view {
        uint256 owed = _staked.totalSupply();
        for (uint256 i = 0; i < _handler.actorsCount(); i++) owed += _exiting(_handler.actors(i));
        assertEq(_handler.millHeld(), owed);
    }

    function invariant_feesAreConserved() external view {
        assertEq(_handler.assetHeld() + _handler.credits(), _handler.paid() - _handler.claimed(), "conservation");
        uint256 claimable;
        for (uint256 i = 0; i < _handler.actorsCount(); i++) claimable += _staked.claimableOf(_handler.actors(i));
        assertLe(claimable, _handler.assetHeld(), "more is claimable than is here");
    }

    function invariant_claimableFallsByClaimingOnly() external view {
        assertEq(_handler.robbed(), address(0));
    }

    /// @dev Each call moves a unit at most by rounding.
    function invariant_feesAreSharedByStake() external view {
        for (uint256 i = 0; i < _handler.actorsCount(); i++) {
            address actor = _handler.actors(i);
            uint256 had = _handler.claimedBy(actor) + _staked.claimableOf(actor);
            assertLe(had, _handler.dueOf(actor) + _handler.acts(), "more than its share");
            assertGe(had + _handler.acts() + 1, _handler.dueOf(actor), "less than its share");
        }
    }

    /// @dev What it changes is undone by the runner.
    function invariant_everyoneCanLeaveWithEverything() external {
        uint256 count = _handler.actorsCount();
        _handler.collectAll();
        for (uint256 i = 0; i < count; i++) {
            address actor = _handler.actors(i);
            uint256 balance = _staked.balanceOf(actor);
            vm.prank(actor);
            if (balance != 0) _staked.beginExit(balance);
            else _staked.claim(actor);
        }
        vm.warp(block.timestamp + _staked.cooldown() + 1);
        uint256 before = _handler.assetHeld();
        uint256 got;
        for (uint256 i = 0; i < count; i++) {
            address actor = _handler.actors(i);
            vm.startPrank(actor);
            if (_exiting(actor) != 0) _staked.withdraw();
            got += _staked.claim(actor);
            vm.stopPrank();
        }
        assertEq(_staked.totalSupply(), 0, "still staked");
        assertEq(_handler.millHeld(), 0, "MILL is left");
        assertEq(_handler.assetHeld(), before - got, "claims are not what left");
        assertLe(_handler.assetHeld(), _handler.acts() + count, "more is left than rounding explains");
    }

    function _exiting(address actor) private view returns (uint256 amount) {
        (amount, ) = _staked.exitOf(actor);
    }
}
