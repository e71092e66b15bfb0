// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {StakedMill} from "../../../contracts/governance/StakedMill.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IStakedMill} from "../../../contracts/interfaces/IStakedMill.sol";
import {vm} from "../helpers/Vm.sol";
import {ReentrantAsset} from "../mocks/HostileAssets.sol";
import {BareLedger, GovernanceFixture} from "./GovernanceFixture.sol";
import {BurningLedger, FakeLedger, IssuedAsset, MuteLedger} from "./HostileParts.sol";

contract StakedMillAttacksTest is GovernanceFixture {
    // ---------------------------------------------------------------- fees without having staked

    function test_attack_stakeJustBeforeCollect_sharesNothing() external {
        stake(alice, 1e18);
        payFee(1_000_000);
        stake(bob, HOLDING);
        staked.collect(ledger);
        beginExit(bob, HOLDING);
        assertEq(claim(bob), 0);
        assertEq(claim(alice), 1_000_000);
    }

    function test_attack_stakeBeforeSharingOutATransfer_sharesNothing() external {
        stake(alice, 1e18);
        asset.mint(address(staked), 1_000_000);
        stake(bob, HOLDING);
        staked.collect(ledger);
        assertClaimable(bob, 0);
        assertClaimable(alice, 1_000_000);
    }

    function test_attack_cancelExitJustBeforeCollect_sharesNothing() external {
        stake(alice, 1e18);
        stake(bob, HOLDING);
        beginExit(bob, HOLDING);
        payFee(1_000_000);
        vm.prank(bob);
        staked.cancelExit();
        staked.collect(ledger);
        assertClaimable(bob, 0);
        assertClaimable(alice, 1_000_000);
    }

    /// @dev The one wei would be all there is staked when the fees are shared out.
    function test_attack_firstStakerOfOneWei_getsNothingOfEarlierFees() external {
        payFee(1_000_000);
        stake(bob, 1);
        staked.collect(ledger);
        assertEq(claim(bob), 0);
        assertClaimable(address(timelock), 1_000_000);
    }

    /// @dev Fees per share are then as large as they get, and everyone's later ones still fit.
    function test_attack_hugeFeeForOneWei_blocksNobody() external {
        stake(bob, 1);
        payAndCollect(type(uint112).max);
        mill.transfer(alice, SUPPLY - 4 * HOLDING);
        stake(alice, SUPPLY - 3 * HOLDING);
        payAndCollect(type(uint112).max);
        beginExit(alice, staked.balanceOf(alice));
        beginExit(bob, 1);
        // Of the second fee bob has a part in 7e26.
        uint256 bobs = claim(bob);
        assertEq(bobs, type(uint112).max + uint256(type(uint112).max) / (SUPPLY - 3 * HOLDING + 1));
        assertGe(bobs + claim(alice) + 1, 2 * uint256(type(uint112).max), "less than came in");
    }

    /// @dev However little gas a staker gives, a stake that goes through has collected first.
    function testFuzz_attack_littleGas_cannotSkipTheCollection(uint256 gasGiven) external {
        gasGiven = bound(gasGiven, 30_000, 600_000);
        stake(alice, 1e18);
        stake(bob, 1e18);
        payFee(1_000_000);
        vm.prank(bob);
        // solhint-disable-next-line avoid-low-level-calls
        (bool succeeded, ) = address(staked).call{gas: gasGiven}(abi.encodeCall(IStakedMill.stake, (HOLDING / 2)));
        if (succeeded) assertEq(ledger.accountOf(address(staked)).free, 0);
        staked.collect(ledger);
        assertClaimable(bob, 500_000);
    }

    /// @dev What IStakedMill warns of: nobody had collected from another ledger, and who joins shares in it.
    function test_stake_sharesWhatNobodyCollectedFromOtherLedgers() external {
        BareLedger other = new BareLedger(asset);
        stake(alice, 1e18);
        asset.mint(address(this), 2_000);
        asset.approve(address(other), 2_000);
        other.deposit(address(staked), 1_000);
        staked.collect(other);
        stake(bob, 1e18);
        other.deposit(address(staked), 1_000);
        staked.collect(other);
        assertClaimable(alice, 1_500);
        assertClaimable(bob, 500);
    }

    // ---------------------------------------------------------------- false ledgers

    function test_attack_fakeLedger_gainsNothing() external {
        FakeLedger fake = _fakeStaker();
        stake(alice, 1e18);
        payAndCollect(1_000);
        fake.attack();
        assertClaimable(address(fake), 500);
        assertClaimable(alice, 500);
        assertEq(asset.balanceOf(address(staked)), 1_000);
    }

    function test_attack_fakeLedger_gainsNothingByReentering() external {
        FakeLedger fake = _fakeStaker();
        stake(alice, 1e18);
        payFee(1_000);
        bytes[] memory calls = new bytes[](7);
        calls[0] = abi.encodeCall(IStakedMill.collect, (ledger));
        calls[1] = abi.encodeCall(IStakedMill.claim, (address(fake)));
        calls[2] = abi.encodeCall(IStakedMill.beginExit, (1e18));
        calls[3] = abi.encodeCall(IStakedMill.cancelExit, ());
        calls[4] = abi.encodeCall(IStakedMill.stake, (1e18));
        calls[5] = abi.encodeCall(IStakedMill.collect, (ILedger(address(fake))));
        calls[6] = abi.encodeCall(IStakedMill.claim, (address(fake)));
        fake.arm(calls);
        fake.attack();
        assertEq(fake.reentered(), calls.length);
        fake.claim(address(fake));
        assertEq(asset.balanceOf(address(fake)), 500, "its share and no more");
        assertEq(claim(alice), 500);
        assertEq(asset.balanceOf(address(staked)), 0);
    }

    /// @dev A ledger gives from inside its withdrawal, so that the fee is shared out twice if anything counts it twice.
    function test_attack_fakeLedger_cannotHaveAFeeCountedTwice() external {
        FakeLedger fake = _fakeStaker();
        stake(alice, 1e18);
        asset.mint(address(staked), 1_000);
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(IStakedMill.collect, (ledger));
        fake.arm(calls);
        fake.attack();
        assertEq(fake.reentered(), 1);
        assertClaimable(address(fake), 500);
        assertClaimable(alice, 500);
    }

    function test_attack_ledgerOfAnotherAsset_bringsNoFees() external {
        IssuedAsset other = new IssuedAsset();
        BareLedger otherLedger = new BareLedger(other);
        other.mint(address(this), 1_000);
        other.approve(address(otherLedger), 1_000);
        otherLedger.deposit(address(staked), 1_000);
        stake(alice, 1e18);
        assertEq(staked.collect(otherLedger), 0);
        assertClaimable(alice, 0);
    }

    // ---------------------------------------------------------------- ledgers and assets that fail

    /// @dev Else a majority could shut newcomers out, or holders in.
    function test_attack_ledgerThatBurnsGas_stopsNeitherStakeNorExit() external {
        _setLedger(address(new BurningLedger(asset)));
        _stakeAndLeave(staked, 16_000_000);
    }

    function test_attack_ledgerThatAnswersNothing_stopsNeitherStakeNorExit() external {
        _setLedger(address(new MuteLedger(asset)));
        _stakeAndLeave(staked, 1_000_000);
    }

    function test_attack_stakeWhileTheLedgerFails_sharesNothingThatIsHere() external {
        stake(alice, 1e18);
        _setLedger(address(new MuteLedger(asset)));
        asset.mint(address(staked), 1_000);
        stake(bob, 1e18);
        assertClaimable(alice, 1_000);
        assertClaimable(bob, 0);
    }

    function test_attack_ledgerThatReenters_stopsNothingAndGainsNothing() external {
        FakeLedger fake = _fakeStaker();
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IStakedMill.claim, (address(fake)));
        calls[1] = abi.encodeCall(IStakedMill.beginExit, (1e18));
        stake(alice, 1e18);
        payAndCollect(1_000);
        _setLedger(address(fake));
        fake.arm(calls);
        assertEq(claim(alice), 500);
        assertEq(fake.reentered(), 2);
        assertEq(asset.balanceOf(address(fake)), 500);
        assertEq(asset.balanceOf(address(staked)), 0);
        beginExit(alice, 1e18);
        assertEq(staked.totalSupply(), 0);
    }

    function test_attack_frozenAsset_stopsFeesAlone() external {
        (StakedMill other, BareLedger otherLedger, IssuedAsset issued) = _issuedAssetFixture();
        issued.freeze(address(other), true);
        _stakeAndLeave(other, 1_000_000);
        assertEq(otherLedger.accountOf(address(other)).free, 1_000);
        issued.freeze(address(other), false);
        assertEq(other.collect(otherLedger), 1_000);
    }

    function test_attack_seizedAsset_stopsFeesAlone() external {
        (StakedMill other, BareLedger otherLedger, IssuedAsset issued) = _issuedAssetFixture();
        vm.prank(bob);
        mill.approve(address(other), 1e18);
        vm.prank(bob);
        other.stake(1e18);
        other.collect(otherLedger);
        issued.seize(address(other), 600);
        _stakeAndLeave(other, 1_000_000);
        vm.expectRevert(
            abi.encodeWithSignature("ERC20InsufficientBalance(address,uint256,uint256)", address(other), 400, 1_000)
        );
        vm.prank(address(this));
        other.claim(address(this));
    }

    /// @dev The asset calls back before it moves what is claimed, when that is still here.
    function test_attack_claimReenteredByTheAsset_sharesNothingTwice() external {
        ReentrantAsset hostile = new ReentrantAsset();
        StakedMill other = new StakedMill(mill, hostile, COOLDOWN, address(this));
        BareLedger otherLedger = new BareLedger(hostile);
        other.setLedger(otherLedger);
        address[2] memory stakers = [alice, bob];
        for (uint256 i = 0; i < stakers.length; i++) {
            vm.startPrank(stakers[i]);
            mill.approve(address(other), 1e18);
            other.stake(1e18);
            vm.stopPrank();
        }
        hostile.mint(address(other), 1_000);
        other.collect(otherLedger);
        hostile.arm(address(other), abi.encodeCall(IStakedMill.collect, (otherLedger)));
        vm.prank(alice);
        assertEq(other.claim(alice), 500);
        assertTrue(hostile.reentered(), "not reentered");
        assertEq(other.claimableOf(alice), 0);
        assertEq(other.claimableOf(bob), 500);
        vm.prank(bob);
        assertEq(other.claim(bob), 500);
        assertEq(hostile.balanceOf(address(other)), 0);
    }

    // ---------------------------------------------------------------- votes twice

    function test_attack_exitAndStakeElsewhere_votesOnce() external {
        stake(alice, QUORUM);
        skip(1);
        uint256 proposalId = propose(alice, grantOf(alice, 1));
        warpIntoVote(proposalId);
        assertEq(vote(alice, proposalId, 1), QUORUM);
        beginExit(alice, QUORUM);
        vm.expectRevert(
            abi.encodeWithSelector(IStakedMill.StakedMill_StillCooling.selector, alice, block.timestamp + COOLDOWN)
        );
        withdraw(alice);
        vm.prank(alice);
        staked.cancelExit();
        vm.prank(alice);
        staked.delegate(bob);
        assertEq(vote(bob, proposalId, 1), 0);
    }

    /// @dev The cooldown equals the sum of a vote's times here, the least that the governor allows.
    function test_attack_voteAndLeave_isStillCoolingAtTheExecution() external {
        mill.transfer(address(timelock), 1);
        stake(alice, QUORUM);
        skip(1);
        uint256 proposalId = propose(alice, grantOf(stranger, 1));
        // The first second after the snapshot: whoever left before has no vote.
        warpIntoVote(proposalId);
        vote(alice, proposalId, 1);
        beginExit(alice, QUORUM);
        warpBehindVote(proposalId);
        queue(grantOf(stranger, 1));
        vm.warp(governor.proposalEta(proposalId));
        execute(grantOf(stranger, 1));
        (, uint256 until) = staked.exitOf(alice);
        assertGe(until, block.timestamp, "out of the cooldown");
    }

    // ---------------------------------------------------------------- helpers

    /// @dev A ledger of falsehoods that has staked as much as alice is going to.
    function _fakeStaker() private returns (FakeLedger fake) {
        fake = new FakeLedger(staked);
        mill.transfer(address(fake), 2e18);
        fake.stake(1e18);
    }

    function _setLedger(address next) private {
        vm.prank(address(timelock));
        staked.setLedger(ILedger(next));
    }

    /// @dev With 1,000 on its ledger, uncollected.
    function _issuedAssetFixture() private returns (StakedMill other, BareLedger otherLedger, IssuedAsset issued) {
        issued = new IssuedAsset();
        other = new StakedMill(mill, issued, COOLDOWN, address(this));
        otherLedger = new BareLedger(issued);
        other.setLedger(otherLedger);
        issued.mint(address(this), 1_000);
        issued.approve(address(otherLedger), 1_000);
        otherLedger.deposit(address(other), 1_000);
    }

    function _stakeAndLeave(StakedMill in_, uint256 gasGiven) private {
        uint256 before = mill.balanceOf(alice);
        vm.startPrank(alice);
        mill.approve(address(in_), 1e18);
        in_.stake{gas: gasGiven}(1e18);
        assertEq(in_.getVotes(alice), 1e18);
        in_.beginExit{gas: gasGiven}(1e18);
        skip(COOLDOWN + 1);
        in_.withdraw();
        vm.stopPrank();
        assertEq(mill.balanceOf(alice), before);
    }
}
