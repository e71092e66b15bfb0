// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {Market} from "../../contracts/Market.sol";
import {Lot} from "../../contracts/types/Lot.sol";
import {SilentAsset} from "./mocks/HostileAssets.sol";
import {Defaults} from "./helpers/Defaults.sol";
import {MarketFixture} from "./helpers/MarketFixture.sol";
import {vm} from "./helpers/Vm.sol";

contract LedgerTest is MarketFixture {
    // ---------------------------------------------------------------- deposit

    function test_deposit_refusesAccountZero() external {
        vm.expectRevert(abi.encodeWithSelector(ILedger.Ledger_ZeroAddress.selector));
        vm.prank(buyer);
        market.deposit(address(0), 1);
    }

    function test_deposit_refusesWithoutAllowance() external {
        asset.mint(stranger, 5);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(market), 0, 5)
        );
        vm.prank(stranger);
        market.deposit(stranger, 5);
    }

    function test_deposit_refusesMoreThanABalanceHolds() external {
        vm.expectRevert(
            abi.encodeWithSignature(
                "SafeCastOverflowedUintDowncast(uint8,uint256)",
                112,
                uint256(type(uint112).max) + 1
            )
        );
        market.deposit(stranger, uint256(type(uint112).max) + 1);
    }

    function test_deposit_refusesToWrapABalance() external {
        uint256 most = type(uint112).max;
        asset.mint(address(this), most + 1);
        asset.approve(address(market), most + 1);
        market.deposit(stranger, most);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        market.deposit(stranger, 1);
    }

    function test_deposit_creditsWhomItIsFor() external {
        asset.mint(stranger, 70);
        vm.startPrank(stranger);
        asset.approve(address(market), 70);
        vm.expectEmit(address(market));
        emit ILedger.Deposited(buyer, stranger, 70);
        market.deposit(buyer, 70);
        vm.stopPrank();
        assertAccount(buyer, Defaults.DEPOSIT + 70, 0);
        assertAccount(stranger, 0, 0);
        assertEq(asset.balanceOf(stranger), 0);
        assertConserved();
    }

    // ---------------------------------------------------------------- depositWithPermit

    function test_depositWithPermit_refusesAWrongSignature() external {
        (address holder, uint256 key) = _holder();
        (uint8 v, bytes32 r, bytes32 s) = _permit(holder, key, 99);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(market), 0, 100)
        );
        vm.prank(holder);
        market.depositWithPermit(holder, 100, block.timestamp, v, r, s);
    }

    function test_depositWithPermit_refusesAnExpiredOne() external {
        (address holder, uint256 key) = _holder();
        uint256 deadline = block.timestamp;
        (uint8 v, bytes32 r, bytes32 s) = _permit(holder, key, 100);
        vm.warp(deadline + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(market), 0, 100)
        );
        vm.prank(holder);
        market.depositWithPermit(holder, 100, deadline, v, r, s);
    }

    function test_depositWithPermit_deposits() external {
        (address holder, uint256 key) = _holder();
        (uint8 v, bytes32 r, bytes32 s) = _permit(holder, key, 100);
        vm.expectEmit(address(market));
        emit ILedger.Deposited(buyer, holder, 100);
        vm.prank(holder);
        market.depositWithPermit(buyer, 100, block.timestamp, v, r, s);
        assertAccount(buyer, Defaults.DEPOSIT + 100, 0);
        assertEq(asset.balanceOf(holder), 0);
        assertEq(asset.allowance(holder, address(market)), 0);
    }

    // ---------------------------------------------------------------- withdraw

    function test_withdraw_refusesMoreThanFree() external {
        expectInsufficientFree(buyer, Defaults.DEPOSIT, Defaults.DEPOSIT + 1);
        vm.prank(buyer);
        market.withdraw(buyer, Defaults.DEPOSIT + 1);
    }

    function test_withdraw_refusesToNobodyAndToTheMarket() external {
        vm.startPrank(buyer);
        vm.expectRevert(abi.encodeWithSelector(ILedger.Ledger_ZeroAddress.selector));
        market.withdraw(address(0), 1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.Ledger_ZeroAddress.selector));
        market.withdraw(address(market), 1);
        vm.stopPrank();
    }

    function test_withdraw_sendsToAnyone() external {
        vm.expectEmit(address(market));
        emit ILedger.Withdrawn(buyer, stranger, 70);
        vm.prank(buyer);
        market.withdraw(stranger, 70);
        assertAccount(buyer, Defaults.DEPOSIT - 70, 0);
        assertEq(asset.balanceOf(stranger), 70);
        assertConserved();
    }

    function test_withdraw_sendsAllThatIsNotLocked() external {
        openFilled();
        vm.prank(provider);
        market.withdraw(provider, Defaults.DEPOSIT - Defaults.COLLATERAL);
        assertAccount(provider, 0, Defaults.COLLATERAL);
        assertConserved();
    }

    function test_withdraw_sendsTheVaultItsFees() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        accept(lot);
        vm.prank(vault);
        market.withdraw(vault, Defaults.FEE);
        assertEq(asset.balanceOf(vault), Defaults.FEE);
        assertConserved();
    }

    function testFuzz_withdraw_returnsWhatWasDeposited(uint112 amount) external {
        fund(stranger, amount);
        assertAccount(stranger, amount, 0);
        vm.prank(stranger);
        market.withdraw(stranger, amount);
        assertAccount(stranger, 0, 0);
        assertEq(asset.balanceOf(stranger), amount);
    }

    function test_ledger_worksWithAnAssetThatReturnsNothing() external {
        SilentAsset silent = new SilentAsset();
        Market silentMarket = newMarket(IERC20(address(silent)));
        silent.mint(buyer, 10);
        vm.startPrank(buyer);
        silentMarket.deposit(buyer, 10);
        silentMarket.withdraw(buyer, 4);
        vm.stopPrank();
        assertEq(silent.balanceOf(buyer), 4);
        assertEq(silentMarket.accountOf(buyer).free, 6);
    }

    // ---------------------------------------------------------------- helpers

    function _holder() private returns (address holder, uint256 key) {
        (holder, key) = makeAccount("holder");
        asset.mint(holder, 100);
    }

    function _permit(address holder, uint256 key, uint256 amount) private view returns (uint8, bytes32, bytes32) {
        return signPermit(holder, key, amount, block.timestamp);
    }
}
