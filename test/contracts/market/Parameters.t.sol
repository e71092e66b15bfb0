// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Market} from "../../../contracts/Market.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketParametersTest is MarketFixture {
    function test_constructor_refusesAssetZero() external {
        vm.expectRevert(abi.encodeWithSelector(ILedger.Ledger_ZeroAddress.selector));
        new Market(IERC20(address(0)), Defaults.parameters(vault));
    }

    function test_constructor_refusesVaultZero() external {
        _expectRefused(Defaults.parameters(address(0)));
    }

    function test_constructor_refusesFeeAboveTenPercent() external {
        MarketParameters memory p = Defaults.parameters(vault);
        p.feeBps = 1_001;
        _expectRefused(p);
    }

    function test_constructor_refusesCollateralBelowHalfTheValue() external {
        MarketParameters memory p = Defaults.parameters(vault);
        p.collateralBps = 4_999;
        _expectRefused(p);
    }

    function test_constructor_refusesPenaltyBelowTenPercent() external {
        MarketParameters memory p = Defaults.parameters(vault);
        p.penaltyBps = 999;
        _expectRefused(p);
    }

    function test_constructor_refusesPenaltyAboveTheValue() external {
        MarketParameters memory p = Defaults.parameters(vault);
        p.penaltyBps = 10_001;
        _expectRefused(p);
    }

    function test_constructor_refusesReleaseChargeAboveTenPercent() external {
        MarketParameters memory p = Defaults.parameters(vault);
        p.releaseBps = 1_001;
        _expectRefused(p);
    }

    function test_constructor_refusesBountyAboveHalfThePenalty() external {
        MarketParameters memory p = Defaults.parameters(vault);
        p.bountyBps = 5_001;
        _expectRefused(p);
    }

    function test_constructor_takesEveryBoundItself() external {
        MarketParameters memory p = Defaults.parameters(vault);
        (p.feeBps, p.collateralBps, p.penaltyBps, p.releaseBps, p.bountyBps) = (1_000, 5_000, 10_000, 1_000, 5_000);
        _assertParameters(new Market(asset, p), p);
        (p.feeBps, p.collateralBps, p.penaltyBps, p.releaseBps, p.bountyBps) = (0, type(uint16).max, 1_000, 0, 0);
        _assertParameters(new Market(asset, p), p);
    }

    function test_parameters_areThoseOfTheConstructor() external view {
        _assertParameters(market, Defaults.parameters(vault));
        assertEq(address(market.asset()), address(asset));
    }

    function _expectRefused(MarketParameters memory p) private {
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_InvalidParameters.selector));
        new Market(asset, p);
    }

    function _assertParameters(Market deployed, MarketParameters memory p) private view {
        assertEq(keccak256(abi.encode(deployed.parameters())), keccak256(abi.encode(p)));
    }
}
