// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GovernanceFixture, Proposal} from "./GovernanceFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MillraceGovernorTest is GovernanceFixture {
    function test_vote_passesAndExecutes() external {
        mill.transfer(address(timelock), 5e18);
        stake(alice, QUORUM);
        skip(1);
        pass(alice, grantOf(stranger, 5e18));
        assertEq(mill.balanceOf(stranger), 5e18);
    }
}
