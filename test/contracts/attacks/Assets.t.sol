// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
import {Market} from "../../../contracts/Market.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {FeeOnTransferAsset, ReentrantAsset} from "../mocks/HostileAssets.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Tokens that are not what a market expects: what they spoil ends at the market that trades in them.
contract AssetAttacksTest is MarketFixture {
    /// @dev As ILedger warns: such an asset is unsupported. The ledger credits what was sent, not what came; who leaves
    /// last finds too little, is told so, and is credited as before. Nobody is paid twice.
    function test_attack_assetThatKeepsAFee() external {
        FeeOnTransferAsset greedy = new FeeOnTransferAsset();
        Market target = newMarket(greedy);
        address[2] memory holders = [buyer, rival];
        for (uint256 i = 0; i < holders.length; i++) {
            greedy.mint(holders[i], 1_000);
            vm.startPrank(holders[i]);
            greedy.approve(address(target), 1_000);
            target.deposit(holders[i], 1_000);
            vm.stopPrank();
        }
        assertEq(greedy.balanceOf(address(target)), 1_980);
        vm.prank(buyer);
        target.withdraw(buyer, 1_000);
        assertEq(greedy.balanceOf(buyer), 990);
        vm.expectRevert(
            abi.encodeWithSignature("ERC20InsufficientBalance(address,uint256,uint256)", address(target), 980, 1_000)
        );
        vm.prank(rival);
        target.withdraw(rival, 1_000);
        assertEq(target.accountOf(rival).free, 1_000);
        vm.prank(rival);
        target.withdraw(rival, 980);
        // The market in another asset knows nothing of it.
        assertConserved();
    }

    /// @dev Called back in the middle of a withdrawal, the market is as if it were over: nothing is there twice.
    function test_attack_reenterEveryFunctionFromAWithdrawal() external {
        (ReentrantAsset hostile, Market target) = _reentrant();
        address attacker = address(hostile);
        Job memory job = Defaults.job(attacker, Defaults.request());
        bytes[6] memory calls = [
            abi.encodeCall(ILedger.withdraw, (stranger, Defaults.ESCROW)),
            abi.encodeCall(IMarket.openJob, (attacker, Defaults.request(), noFills())),
            abi.encodeCall(IMarket.claim, (attacker, job, 10, Defaults.PROVIDER_KEY)),
            abi.encodeCall(IMarket.close, (job, noLots())),
            abi.encodeCall(IMarket.cancelRemainder, (job)),
            abi.encodeCall(IOffers.cancelAllOffers, (attacker))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            uint256 free = target.accountOf(attacker).free;
            uint256 locked = target.accountOf(attacker).locked;
            uint256 held = hostile.balanceOf(address(target));
            hostile.arm(address(target), calls[i]);
            vm.prank(attacker);
            target.withdraw(stranger, free);
            // Whatever went through meanwhile had nothing free left to work with.
            uint256 total = uint256(target.accountOf(attacker).free) + target.accountOf(attacker).locked;
            assertEq(total, locked, "something is there twice");
            assertEq(hostile.balanceOf(address(target)), held - free, "something left twice");
            _deposit(hostile, target, attacker, Defaults.ESCROW);
            if (i == 0) {
                // The job that the others are about.
                vm.prank(attacker);
                target.openJob(attacker, Defaults.request(), noFills());
                _deposit(hostile, target, attacker, Defaults.ESCROW);
            }
        }
        assertEq(target.accountOf(buyer).free, 1_000, "another's");
    }

    /// @dev A deposit is credited before it is paid. Used at once, it still has to be paid, or all of it never was.
    function test_attack_openAJobWithADepositThatIsNeverPaid() external {
        (ReentrantAsset hostile, Market target) = _reentrant();
        address attacker = address(hostile);
        hostile.mint(address(this), Defaults.ESCROW - 1);
        hostile.approve(address(target), Defaults.ESCROW);
        hostile.arm(address(target), abi.encodeCall(IMarket.openJob, (attacker, Defaults.request(), noFills())));
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC20InsufficientBalance(address,uint256,uint256)",
                address(this),
                Defaults.ESCROW - 1,
                Defaults.ESCROW
            )
        );
        target.deposit(attacker, Defaults.ESCROW);
        assertEq(target.accountOf(attacker).locked, 0);
        assertEq(target.jobState(target.jobIdOf(attacker, 1)).openItems, 0);
        assertEq(hostile.balanceOf(address(target)), 1_000);
    }

    function _reentrant() private returns (ReentrantAsset hostile, Market target) {
        hostile = new ReentrantAsset();
        target = newMarket(hostile);
        _deposit(hostile, target, buyer, 1_000);
    }

    function _deposit(ReentrantAsset hostile, Market target, address account, uint256 amount) private {
        hostile.mint(address(this), amount);
        IERC20(hostile).approve(address(target), amount);
        target.deposit(account, amount);
    }
}
