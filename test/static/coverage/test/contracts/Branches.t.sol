// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Branches} from "../../contracts/Branches.sol";

contract BranchesTest {
    function test_branches() external {
        Branches branches = new Branches();
        branches.skip(6);
        branches.choose(10, true);
        branches.choose(11, true);
        branches.attempt(address(branches));
    }
}
