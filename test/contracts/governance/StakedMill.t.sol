// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {StakedMill} from "../../../contracts/governance/StakedMill.sol";
import {IStakedMill} from "../../../contracts/interfaces/IStakedMill.sol";
import {Vm, vm} from "../helpers/Vm.sol";
import {GovernanceFixture} from "./GovernanceFixture.sol";

/// @notice Staking, leaving and votes; fees are StakedMillFees.t.sol's.
contract StakedMillTest is GovernanceFixture {
    // ---------------------------------------------------------------- constructor

    function test_constructor_refusesNoAssetAndMillItself() external {
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_InvalidAsset.selector, address(0)));
        new StakedMill(mill, IERC20(address(0)), COOLDOWN, address(this));
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_InvalidAsset.selector, mill));
        new StakedMill(mill, mill, COOLDOWN, address(this));
    }

    function test_constructor_refusesACooldownOutOfBounds() external {
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_CooldownOutOfBounds.selector, 0, 90 days));
        new StakedMill(mill, asset, 0, address(this));
        vm.expectRevert(
            abi.encodeWithSelector(IStakedMill.StakedMill_CooldownOutOfBounds.selector, 90 days + 1, 90 days)
        );
        new StakedMill(mill, asset, 90 days + 1, address(this));
    }

    function test_constructor_takesTheCooldownsInBounds() external {
        assertEq(new StakedMill(mill, asset, 1, address(this)).cooldown(), 1);
        assertEq(new StakedMill(mill, asset, 90 days, address(this)).cooldown(), 90 days);
    }

    function test_constructor_setsWhatItIsGiven() external view {
        assertEq(staked.name(), "Staked Millrace");
        assertEq(staked.symbol(), "sMILL");
        assertEq(address(staked.mill()), address(mill));
        assertEq(address(staked.asset()), address(asset));
        assertEq(staked.cooldown(), COOLDOWN);
        assertEq(address(staked.ledger()), address(ledger));
        assertEq(staked.owner(), address(timelock));
    }

    function test_clock_isSeconds() external {
        assertEq(staked.clock(), block.timestamp);
        skip(5);
        assertEq(staked.clock(), block.timestamp);
        assertEq(staked.CLOCK_MODE(), "mode=timestamp");
    }

    // ---------------------------------------------------------------- stake

    function test_stake_refusesNothing() external {
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_ZeroAmount.selector));
        stake(alice, 0);
    }

    function test_stake_refusesMoreThanOneHas() external {
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, HOLDING, HOLDING + 1)
        );
        stake(alice, HOLDING + 1);
    }

    function test_stake_refusesWithoutAllowance() external {
        mill.transfer(stranger, 5);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(staked), 0, 5)
        );
        stake(stranger, 5);
    }

    function test_stake_givesVotesForMill() external {
        vm.expectEmit(address(staked));
        emit IVotes.DelegateChanged(alice, address(0), alice);
        vm.expectEmit(address(staked));
        emit IVotes.DelegateVotesChanged(alice, 0, 70);
        vm.expectEmit(address(staked));
        emit IStakedMill.Staked(alice, 70);
        stake(alice, 70);
        assertEq(staked.balanceOf(alice), 70);
        assertEq(staked.totalSupply(), 70);
        assertEq(staked.getVotes(alice), 70);
        assertEq(mill.balanceOf(alice), HOLDING - 70);
        assertEq(mill.balanceOf(address(staked)), 70);
    }

    function test_stake_adds() external {
        stake(alice, 70);
        stake(alice, 5);
        stake(bob, 8);
        assertEq(staked.balanceOf(alice), 75);
        assertEq(staked.getVotes(alice), 75);
        assertEq(staked.totalSupply(), 83);
    }

    function test_stake_keepsTheDelegateThatOneChose() external {
        vm.prank(alice);
        staked.delegate(carol);
        stake(alice, 70);
        assertEq(staked.delegates(alice), carol);
        assertEq(staked.getVotes(alice), 0);
        assertEq(staked.getVotes(carol), 70);
    }

    // ---------------------------------------------------------------- stakeWithPermit

    function test_stakeWithPermit_refusesAWrongSignature() external {
        _disapprove();
        (uint8 v, bytes32 r, bytes32 s) = signPermit(99, block.timestamp);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(staked), 0, 100)
        );
        vm.prank(alice);
        staked.stakeWithPermit(100, block.timestamp, v, r, s);
    }

    function test_stakeWithPermit_stakes() external {
        _disapprove();
        (uint8 v, bytes32 r, bytes32 s) = signPermit(100, block.timestamp);
        vm.expectEmit(address(staked));
        emit IStakedMill.Staked(alice, 100);
        vm.prank(alice);
        staked.stakeWithPermit(100, block.timestamp, v, r, s);
        assertEq(staked.balanceOf(alice), 100);
        assertEq(staked.getVotes(alice), 100);
        assertEq(mill.allowance(alice, address(staked)), 0);
    }

    function test_attack_frontRunPermit_doesNotStopTheStake() external {
        _disapprove();
        uint256 deadline = block.timestamp;
        (uint8 v, bytes32 r, bytes32 s) = signPermit(100, deadline);
        vm.prank(stranger);
        mill.permit(alice, address(staked), 100, deadline, v, r, s);
        vm.prank(alice);
        staked.stakeWithPermit(100, deadline, v, r, s);
        assertEq(staked.balanceOf(alice), 100);
    }

    // ---------------------------------------------------------------- not transferable

    function test_transfer_isRefused() external {
        stake(alice, 70);
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_NotTransferable.selector));
        vm.prank(alice);
        staked.transfer(bob, 1);
        vm.prank(alice);
        staked.approve(bob, 70);
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_NotTransferable.selector));
        vm.prank(bob);
        staked.transferFrom(alice, bob, 1);
    }

    // ---------------------------------------------------------------- beginExit

    function test_beginExit_refusesNothing() external {
        stake(alice, 70);
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_ZeroAmount.selector));
        beginExit(alice, 0);
    }

    function test_beginExit_refusesMoreThanOneStaked() external {
        stake(alice, 70);
        stake(bob, 70);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, 70, 71));
        beginExit(alice, 71);
    }

    function test_beginExit_endsVotesAtOnce() external {
        stake(alice, 70);
        vm.expectEmit(address(staked));
        emit IVotes.DelegateVotesChanged(alice, 70, 20);
        vm.expectEmit(address(staked));
        emit IStakedMill.ExitBegun(alice, 50, block.timestamp + COOLDOWN);
        beginExit(alice, 50);
        assertEq(staked.balanceOf(alice), 20);
        assertEq(staked.totalSupply(), 20);
        assertEq(staked.getVotes(alice), 20);
        assertExit(alice, 50, block.timestamp + COOLDOWN);
        assertEq(mill.balanceOf(address(staked)), 70);
    }

    function test_beginExit_takesVotesFromTheDelegate() external {
        stake(alice, 70);
        vm.prank(alice);
        staked.delegate(carol);
        beginExit(alice, 50);
        assertEq(staked.getVotes(carol), 20);
    }

    function test_beginExit_paysAnExitOfOneWei() external {
        stake(alice, 70);
        beginExit(alice, 1);
        skip(COOLDOWN + 1);
        beginExit(alice, 5);
        assertExit(alice, 5, block.timestamp + COOLDOWN);
        assertEq(mill.balanceOf(alice), HOLDING - 69);
    }

    function test_beginExit_withdrawsNothingTheFirstTime() external {
        stake(alice, 70);
        vm.recordLogs();
        beginExit(alice, 50);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; i++) {
            assertTrue(logs[i].topics[0] != IStakedMill.Withdrawn.selector, "nothing was withdrawn");
        }
    }

    function test_beginExit_restartsTheClockOfWhatStillCools() external {
        stake(alice, 70);
        beginExit(alice, 50);
        // The last second of the cooldown.
        skip(COOLDOWN);
        beginExit(alice, 5);
        assertExit(alice, 55, block.timestamp + COOLDOWN);
        assertEq(mill.balanceOf(alice), HOLDING - 70);
    }

    function test_beginExit_paysWhatHasCooled() external {
        stake(alice, 70);
        beginExit(alice, 50);
        skip(COOLDOWN + 1);
        vm.expectEmit(address(staked));
        emit IStakedMill.Withdrawn(alice, 50);
        beginExit(alice, 5);
        assertExit(alice, 5, block.timestamp + COOLDOWN);
        assertEq(mill.balanceOf(alice), HOLDING - 20);
    }

    // ---------------------------------------------------------------- cancelExit

    function test_cancelExit_refusesWithoutExit() external {
        stake(alice, 70);
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_NothingCooling.selector, alice));
        vm.prank(alice);
        staked.cancelExit();
    }

    function test_cancelExit_stakesAgain() external {
        stake(alice, 70);
        beginExit(alice, 50);
        vm.expectEmit(address(staked));
        emit IStakedMill.ExitCancelled(alice, 50);
        vm.prank(alice);
        staked.cancelExit();
        assertEq(staked.balanceOf(alice), 70);
        assertEq(staked.getVotes(alice), 70);
        assertExit(alice, 0, 0);
        assertEq(mill.balanceOf(address(staked)), 70);
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_NothingCooling.selector, alice));
        withdraw(alice);
    }

    function test_cancelExit_worksAfterTheCooldownToo() external {
        stake(alice, 70);
        beginExit(alice, 50);
        skip(COOLDOWN + 1);
        vm.prank(alice);
        staked.cancelExit();
        assertEq(staked.balanceOf(alice), 70);
    }

    // ---------------------------------------------------------------- withdraw

    function test_withdraw_refusesWithoutExit() external {
        stake(alice, 70);
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_NothingCooling.selector, alice));
        withdraw(alice);
    }

    function test_withdraw_refusesInTheLastSecondOfTheCooldown() external {
        stake(alice, 70);
        beginExit(alice, 50);
        uint256 until = block.timestamp + COOLDOWN;
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_StillCooling.selector, alice, until));
        withdraw(alice);
    }

    function test_withdraw_paysASecondLater() external {
        stake(alice, 70);
        beginExit(alice, 50);
        skip(COOLDOWN + 1);
        vm.expectEmit(address(staked));
        emit IStakedMill.Withdrawn(alice, 50);
        assertEq(withdraw(alice), 50);
        assertEq(mill.balanceOf(alice), HOLDING - 20);
        assertEq(mill.balanceOf(address(staked)), 20);
        assertExit(alice, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_NothingCooling.selector, alice));
        withdraw(alice);
    }

    function test_withdraw_leavesTheExitsOfOthers() external {
        stake(alice, 70);
        stake(bob, 30);
        beginExit(alice, 70);
        beginExit(bob, 30);
        skip(COOLDOWN + 1);
        withdraw(alice);
        assertExit(bob, 30, block.timestamp - 1);
        assertEq(withdraw(bob), 30);
        assertEq(mill.balanceOf(address(staked)), 0);
    }

    function testFuzz_exit_returnsEveryWei(uint256 amount, uint256 first, uint256 pause) external {
        amount = bound(amount, 2, HOLDING);
        first = bound(first, 1, amount - 1);
        stake(alice, amount);
        beginExit(alice, first);
        skip(bound(pause, 0, 2 * COOLDOWN));
        beginExit(alice, amount - first);
        skip(COOLDOWN + 1);
        withdraw(alice);
        assertEq(mill.balanceOf(alice), HOLDING);
        assertEq(mill.balanceOf(address(staked)), 0);
        assertEq(staked.getVotes(alice), 0);
    }

    // ---------------------------------------------------------------- votes

    function test_delegate_movesVotesNotFees() external {
        stake(alice, 50);
        vm.prank(alice);
        staked.delegate(carol);
        payAndCollect(100);
        assertEq(staked.getVotes(alice), 0);
        assertEq(staked.getVotes(carol), 50);
        assertClaimable(alice, 100);
        assertClaimable(carol, 0);
    }

    function test_delegateBySig_delegates() external {
        stake(alice, 70);
        (uint8 v, bytes32 r, bytes32 s) = _signDelegation(carol, 0);
        staked.delegateBySig(carol, 0, block.timestamp, v, r, s);
        assertEq(staked.getVotes(carol), 70);
    }

    function test_getPastVotes_remembersEachSecond() external {
        uint256 start = block.timestamp;
        stake(alice, 70);
        skip(10);
        beginExit(alice, 50);
        // In the same second as the exit, so that only the last word of that second counts.
        stake(alice, 1);
        skip(10);
        assertEq(staked.getPastVotes(alice, start - 1), 0);
        assertEq(staked.getPastVotes(alice, start), 70);
        assertEq(staked.getPastVotes(alice, start + 9), 70);
        assertEq(staked.getPastVotes(alice, start + 10), 21);
        assertEq(staked.getPastTotalSupply(start + 9), 70);
        assertEq(staked.getPastTotalSupply(start + 10), 21);
    }

    /// @dev Three accounts, five steps each: stake, exit, return, delegate.
    function testFuzz_votes_neverExceedTheStake(uint256[15] calldata steps) external {
        address[3] memory actors = [alice, bob, carol];
        for (uint256 i = 0; i < steps.length; i++) {
            address actor = actors[i % 3];
            uint256 amount = bound(steps[i] >> 8, 1, HOLDING / 5);
            uint256 what = steps[i] % 4;
            if (what == 0) stake(actor, amount);
            if (what == 1 && staked.balanceOf(actor) >= amount) beginExit(actor, amount);
            if (what == 2) _tryCancelExit(actor);
            if (what == 3) {
                vm.prank(actor);
                staked.delegate(actors[amount % 3]);
            }
            skip(steps[i] % 7);
        }
        uint256 votes = staked.getVotes(alice) + staked.getVotes(bob) + staked.getVotes(carol);
        assertEq(votes, staked.totalSupply(), "everyone has a delegate among the three");
        (uint256 first, ) = staked.exitOf(alice);
        (uint256 second, ) = staked.exitOf(bob);
        (uint256 third, ) = staked.exitOf(carol);
        assertEq(mill.balanceOf(address(staked)), staked.totalSupply() + first + second + third);
    }

    // ---------------------------------------------------------------- helpers

    function _disapprove() private {
        vm.prank(alice);
        mill.approve(address(staked), 0);
    }

    function _tryCancelExit(address actor) private {
        (uint256 cooling, ) = staked.exitOf(actor);
        if (cooling == 0) return;
        vm.prank(actor);
        staked.cancelExit();
    }

    function _signDelegation(address to, uint256 nonce) private view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Staked Millrace"),
                keccak256("1"),
                block.chainid,
                address(staked)
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)"),
                to,
                nonce,
                block.timestamp
            )
        );
        return vm.sign(aliceKey, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
    }
}
