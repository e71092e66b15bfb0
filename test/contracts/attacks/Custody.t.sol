// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Market} from "../../../contracts/Market.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {FalseReturningAsset, ReentrantAsset} from "../mocks/HostileAssets.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Attempts at tokens that are someone else's, or locked.
contract CustodyAttacksTest is MarketFixture {
    function test_attack_withdrawLockedCollateral() external {
        openFilled();
        uint256 free = Defaults.DEPOSIT - Defaults.COLLATERAL;
        expectInsufficientFree(provider, free, free + 1);
        vm.prank(provider);
        market.withdraw(provider, free + 1);
    }

    function test_attack_withdrawLockedEscrow() external {
        openBid();
        uint256 free = Defaults.DEPOSIT - Defaults.ESCROW;
        expectInsufficientFree(buyer, free, Defaults.DEPOSIT);
        vm.prank(buyer);
        market.withdraw(buyer, Defaults.DEPOSIT);
    }

    function test_attack_lockOneCollateralForTwoLots() external {
        Job memory job = openBid();
        fund(stranger, 10_000);
        claim(stranger, job, 5);
        expectInsufficientFree(stranger, 0, 10_000);
        vm.prank(stranger);
        market.claim(stranger, job, 5, Defaults.PROVIDER_KEY);
    }

    function test_attack_frontRunThePermit() external {
        (address holder, uint256 key) = makeAccount("holder");
        asset.mint(holder, 100);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(holder, key, 100, block.timestamp);
        vm.prank(stranger);
        asset.permit(holder, address(market), 100, block.timestamp, v, r, s);
        vm.prank(holder);
        market.depositWithPermit(holder, 100, block.timestamp, v, r, s);
        assertAccount(holder, 100, 0);
    }

    /// @dev Neither the allowance nor the permit of someone else can be spent.
    function test_attack_depositWithAnothersPermit() external {
        (address holder, uint256 key) = makeAccount("holder");
        asset.mint(holder, 100);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(holder, key, 100, block.timestamp);
        vm.prank(holder);
        asset.approve(address(market), 100);
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC20InsufficientAllowance(address,uint256,uint256)",
                address(market),
                uint256(0),
                uint256(100)
            )
        );
        vm.prank(stranger);
        market.depositWithPermit(stranger, 100, block.timestamp, v, r, s);
        assertEq(asset.balanceOf(holder), 100);
    }

    /// @dev The credit comes before the transfer, so a callback may spend it; then the transfer must still happen.
    function test_attack_reentrantDepositSpendsItsOwnCreditOnly() external {
        (ReentrantAsset hostile, Market target) = _reentrant();
        hostile.mint(address(this), 50);
        hostile.approve(address(target), 50);
        // Calls come from the asset, so it is the asset's account that is credited.
        hostile.arm(address(target), abi.encodeCall(ILedger.withdraw, (address(this), 50)));
        target.deposit(address(hostile), 50);
        assertEq(hostile.reentered(), true);
        assertEq(hostile.balanceOf(address(this)), 50, "richer by the attack");
        _assertHolds(hostile, target, address(hostile), 0);
    }

    function test_attack_reentrantDepositCannotSpendMore() external {
        (ReentrantAsset hostile, Market target) = _reentrant();
        hostile.mint(address(this), 50);
        hostile.approve(address(target), 50);
        hostile.arm(address(target), abi.encodeCall(ILedger.withdraw, (address(this), 51)));
        target.deposit(address(hostile), 50);
        assertEq(hostile.reentered(), false);
        _assertHolds(hostile, target, address(hostile), 50);
    }

    function test_attack_reentrantWithdrawCannotPayTwice() external {
        (ReentrantAsset hostile, Market target) = _reentrant();
        hostile.mint(address(this), 50);
        hostile.approve(address(target), 50);
        target.deposit(address(hostile), 50);
        hostile.arm(address(target), abi.encodeCall(ILedger.withdraw, (stranger, 50)));
        vm.prank(address(hostile));
        target.withdraw(stranger, 50);
        assertEq(hostile.reentered(), false);
        assertEq(hostile.balanceOf(stranger), 50);
        _assertHolds(hostile, target, address(hostile), 0);
    }

    function test_attack_assetThatReturnsFalse() external {
        FalseReturningAsset liar = new FalseReturningAsset();
        Market target = newMarket(liar);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(liar)));
        vm.prank(buyer);
        target.deposit(buyer, 10);
        assertEq(target.accountOf(buyer).free, 0);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(liar)));
        vm.prank(buyer);
        target.withdraw(buyer, 0);
    }

    /// @dev Tokens sent past the ledger belong to nobody; they never become somebody's credit.
    function test_attack_donationChangesNoAccount() external {
        asset.mint(stranger, 500);
        vm.prank(stranger);
        asset.transfer(address(market), 500);
        assertAccount(stranger, 0, 0);
        expectInsufficientFree(stranger, 0, 500);
        vm.prank(stranger);
        market.withdraw(stranger, 500);
    }

    // ---------------------------------------------------------------- multicall

    function test_attack_multicallActsAsItsCallerOnly() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(IMarket.accept, (Defaults.terms(lot), settlements(lot)));
        expectNotBuyer(stranger);
        vm.prank(stranger);
        market.multicall(calls);
    }

    function test_attack_multicallDepositsOncePerToken() external {
        asset.mint(stranger, 100);
        vm.prank(stranger);
        asset.approve(address(market), 100);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(ILedger.deposit, (stranger, 100));
        calls[1] = abi.encodeCall(ILedger.deposit, (stranger, 100));
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC20InsufficientAllowance(address,uint256,uint256)",
                address(market),
                uint256(0),
                uint256(100)
            )
        );
        vm.prank(stranger);
        market.multicall(calls);
        assertAccount(stranger, 0, 0);
    }

    function test_attack_multicallIsAllOrNothing() external {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(ILedger.withdraw, (provider, 10));
        calls[1] = abi.encodeCall(ILedger.withdraw, (provider, Defaults.DEPOSIT));
        expectInsufficientFree(provider, Defaults.DEPOSIT - 10, Defaults.DEPOSIT);
        vm.prank(provider);
        market.multicall(calls);
        assertEq(asset.balanceOf(provider), 0);
    }

    function test_attack_multicallInsideMulticallActsAsItsCallerOnly() external {
        bytes[] memory inner = new bytes[](1);
        inner[0] = abi.encodeCall(ILedger.withdraw, (stranger, 1));
        bytes[] memory outer = new bytes[](1);
        outer[0] = abi.encodeCall(market.multicall, (inner));
        expectInsufficientFree(stranger, 0, 1);
        vm.prank(stranger);
        market.multicall(outer);
    }

    // ---------------------------------------------------------------- helpers

    /// @dev A market in a hostile asset, in which the buyer holds 1,000.
    function _reentrant() private returns (ReentrantAsset hostile, Market target) {
        hostile = new ReentrantAsset();
        target = newMarket(hostile);
        hostile.mint(buyer, 1_000);
        vm.startPrank(buyer);
        hostile.approve(address(target), 1_000);
        target.deposit(buyer, 1_000);
        vm.stopPrank();
    }

    function _assertHolds(IERC20 hostile, Market target, address attacker, uint256 attackerFree) private view {
        assertEq(target.accountOf(attacker).free, attackerFree, "attacker");
        assertEq(target.accountOf(buyer).free, 1_000, "buyer");
        assertEq(hostile.balanceOf(address(target)), 1_000 + attackerFree, "conservation");
    }
}
