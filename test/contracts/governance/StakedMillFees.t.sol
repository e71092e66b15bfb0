// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IStakedMill} from "../../../contracts/interfaces/IStakedMill.sol";
import {TestUSD} from "../../../contracts/mocks/TestUSD.sol";
import {vm} from "../helpers/Vm.sol";
import {BareLedger, GovernanceFixture} from "./GovernanceFixture.sol";

contract StakedMillFeesTest is GovernanceFixture {
    // ---------------------------------------------------------------- collect

    function test_collect_sharesOutTheCredit() external {
        stake(alice, 100e18);
        stake(bob, 300e18);
        payFee(1_000);
        assertClaimable(alice, 0);
        vm.expectEmit(address(staked));
        emit IStakedMill.FeesReceived(1_000, 400e18);
        vm.prank(stranger);
        assertEq(staked.collect(ledger), 1_000);
        assertClaimable(alice, 250);
        assertClaimable(bob, 750);
        assertEq(asset.balanceOf(address(staked)), 1_000);
        assertEq(ledger.accountOf(address(staked)).free, 0);
    }

    function test_collect_doesNothingTwice() external {
        stake(alice, 100e18);
        payAndCollect(1_000);
        assertEq(staked.collect(ledger), 0);
        assertClaimable(alice, 1_000);
    }

    function test_collect_sharesOutWhatWasSentHere() external {
        stake(alice, 100e18);
        asset.mint(address(staked), 30);
        payFee(12);
        assertEq(staked.collect(ledger), 42);
        assertClaimable(alice, 42);
    }

    function test_collect_takesFromOtherLedgersToo() external {
        stake(alice, 100e18);
        BareLedger other = new BareLedger(asset);
        _pay(other, 30);
        assertEq(staked.collect(other), 30);
        assertClaimable(alice, 30);
    }

    function test_collect_givesTheOwnerWhatComesWhileNothingIsStaked() external {
        payFee(1_000);
        vm.expectEmit(address(staked));
        emit IStakedMill.FeesReceived(1_000, 0);
        staked.collect(ledger);
        assertClaimable(address(timelock), 1_000);
        stake(alice, 1);
        assertClaimable(alice, 0);
        assertEq(claim(address(timelock)), 1_000);
        assertEq(asset.balanceOf(address(timelock)), 1_000);
    }

    function test_collect_countsAUnitAmongAllMill() external {
        mill.transfer(alice, SUPPLY - 3 * HOLDING);
        stake(alice, mill.balanceOf(alice));
        stake(bob, HOLDING);
        stake(carol, HOLDING);
        assertEq(staked.totalSupply(), SUPPLY);
        for (uint256 i = 0; i < 10; i++) payAndCollect(1);
        assertClaimable(alice, 8);
        assertClaimable(bob, 1);
        assertClaimable(carol, 1);
    }

    // ---------------------------------------------------------------- who shares

    function test_stake_sharesNothingThatWasPaidBefore() external {
        stake(alice, 100e18);
        payFee(500);
        stake(bob, 100e18);
        assertClaimable(alice, 500);
        assertClaimable(bob, 0);
        payAndCollect(500);
        assertClaimable(alice, 750);
        assertClaimable(bob, 250);
    }

    function test_beginExit_endsTheShareAndKeepsWhatWasEarned() external {
        stake(alice, 100e18);
        stake(bob, 100e18);
        payFee(500);
        beginExit(alice, 100e18);
        payAndCollect(40);
        skip(COOLDOWN + 1);
        withdraw(alice);
        payAndCollect(60);
        assertClaimable(alice, 250);
        assertClaimable(bob, 350);
        assertEq(claim(alice), 250);
    }

    function test_beginExit_endsTheShareOfAPart() external {
        stake(alice, 100e18);
        stake(bob, 100e18);
        beginExit(alice, 50e18);
        payAndCollect(300);
        assertClaimable(alice, 100);
        assertClaimable(bob, 200);
    }

    function test_cancelExit_sharesOnlyWhatComesAfterwards() external {
        stake(alice, 100e18);
        stake(bob, 100e18);
        beginExit(alice, 100e18);
        payFee(500);
        vm.prank(alice);
        staked.cancelExit();
        assertClaimable(alice, 0);
        assertClaimable(bob, 500);
        payAndCollect(10);
        assertClaimable(alice, 5);
    }

    // ---------------------------------------------------------------- claim

    function test_claim_paysWhatIsNotYetCollectedToo() external {
        stake(alice, 100e18);
        payAndCollect(1_000);
        payFee(70);
        vm.expectEmit(address(staked));
        emit IStakedMill.FeesClaimed(alice, stranger, 1_070);
        vm.prank(alice);
        assertEq(staked.claim(stranger), 1_070);
        assertEq(asset.balanceOf(stranger), 1_070);
        assertClaimable(alice, 0);
        assertEq(claim(alice), 0);
    }

    function test_claim_leavesOthersTheirs() external {
        stake(alice, 100e18);
        stake(bob, 300e18);
        payAndCollect(1_000);
        claim(alice);
        assertClaimable(bob, 750);
        payAndCollect(100);
        assertClaimable(alice, 25);
        assertClaimable(bob, 825);
        assertEq(claim(bob), 825);
        assertEq(asset.balanceOf(address(staked)), 25);
    }

    function test_claim_paysNothingToWhoHasNothing() external {
        stake(alice, 100e18);
        payAndCollect(1_000);
        assertEq(claim(stranger), 0);
        assertClaimable(alice, 1_000);
    }

    // ---------------------------------------------------------------- rounding

    function test_rounding_isSharedOutWithTheNextFees() external {
        stake(alice, 1);
        stake(bob, 2);
        payAndCollect(10);
        assertClaimable(alice, 3);
        assertClaimable(bob, 6);
        // Alice leaves a third of a unit behind, and bob, who has two thirds, gets it with the next.
        beginExit(alice, 1);
        payAndCollect(1);
        assertClaimable(alice, 3);
        assertClaimable(bob, 8);
        claim(alice);
        claim(bob);
        assertEq(asset.balanceOf(address(staked)), 0);
    }

    /// @dev Each step one account stakes, leaves, returns or claims, and a fee comes in or waits on the ledger.
    function testFuzz_fees_areConserved(uint256[18] calldata steps) external {
        address[3] memory actors = [alice, bob, carol];
        uint256 paid;
        uint256 claimed;
        for (uint256 i = 0; i < steps.length; i++) {
            address actor = actors[i % 3];
            uint256 amount = bound(steps[i] >> 16, 1, HOLDING / 6);
            uint256 what = steps[i] % 5;
            if (what < 2) stake(actor, what == 0 ? amount : (amount % 10) + 1);
            if (what == 2 && staked.balanceOf(actor) >= amount) beginExit(actor, amount);
            if (what == 3) claimed += claim(actor);
            uint256 fee = (steps[i] >> 8) % 3 == 0 ? amount % 1e15 : amount % 100;
            payFee(fee);
            paid += fee;
            if (what == 4) staked.collect(ledger);
        }
        // With one more unit, whatever rounding left is shared out, and what is left then are fractions of four shares.
        stake(alice, 1);
        payAndCollect(1);
        claimed += claim(alice) + claim(bob) + claim(carol) + claim(address(timelock));
        uint256 left = asset.balanceOf(address(staked));
        assertEq(left, paid + 1 - claimed, "what came in is what went out and what is left");
        assertLe(left, 3, "no more is left than rounding explains");
        assertEq(asset.balanceOf(address(ledger)), 0);
    }

    function testFuzz_fees_areSharedByStake(uint96 first, uint96 second, uint112 fee) external {
        uint256 one = bound(first, 1, HOLDING);
        uint256 two = bound(second, 1, HOLDING);
        stake(alice, one);
        stake(bob, two);
        payAndCollect(fee);
        uint256 exact = (uint256(fee) * one) / (one + two);
        uint256 got = staked.claimableOf(alice);
        assertLe(got, exact, "rounded down");
        assertGe(got + 1, exact, "by a unit at most");
        assertLe(got + staked.claimableOf(bob), fee, "no more than came in");
    }

    // ---------------------------------------------------------------- setLedger

    function test_setLedger_refusesOthersThanTheOwner() external {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        staked.setLedger(ledger);
    }

    function test_setLedger_refusesAnotherAsset() external {
        TestUSD other = new TestUSD();
        BareLedger next = new BareLedger(other);
        vm.expectRevert(abi.encodeWithSelector(IStakedMill.StakedMill_InvalidAsset.selector, other));
        vm.prank(address(timelock));
        staked.setLedger(next);
    }

    function test_setLedger_collectsFromTheOldOneFirst() external {
        stake(alice, 100e18);
        payFee(500);
        BareLedger next = new BareLedger(asset);
        vm.expectEmit(address(staked));
        emit IStakedMill.LedgerSet(ledger, next);
        vm.prank(address(timelock));
        staked.setLedger(next);
        assertEq(address(staked.ledger()), address(next));
        assertClaimable(alice, 500);
        _pay(next, 70);
        stake(bob, 100e18);
        assertClaimable(alice, 570);
        assertClaimable(bob, 0);
    }

    // ---------------------------------------------------------------- helpers

    function _pay(BareLedger to, uint256 amount) private {
        asset.mint(address(this), amount);
        asset.approve(address(to), amount);
        to.deposit(address(staked), amount);
    }
}
