// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GovernanceFixture} from "./GovernanceFixture.sol";

contract StakedMillTest is GovernanceFixture {
    function test_claim_paysPassedFees() external {
        stake(alice, 100e18);
        stake(bob, 300e18);
        payFee(1_000);
        assertClaimable(alice, 0);
        staked.collect(ledger);
        assertClaimable(alice, 250);
        assertClaimable(bob, 750);
        assertEq(claim(alice), 250);
        assertEq(asset.balanceOf(alice), 250);
    }
}
