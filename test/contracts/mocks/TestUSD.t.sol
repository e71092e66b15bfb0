// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestUSD} from "../../../contracts/mocks/TestUSD.sol";
import {Test} from "../helpers/Test.sol";
import {vm} from "../helpers/Vm.sol";

contract TestUSDTest is Test {
    function test_testUSD_looksLikeUSDC() external {
        TestUSD asset = new TestUSD();
        assertEq(asset.decimals(), 6);
        assertEq(asset.symbol(), "TestUSD");
        assertEq(asset.totalSupply(), 0);
    }

    function test_mint_isForAnyone() external {
        TestUSD asset = new TestUSD();
        vm.prank(makeAddr("anyone"));
        asset.mint(address(7), 5);
        assertEq(asset.balanceOf(address(7)), 5);
    }
}
