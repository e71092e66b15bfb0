// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {MillraceTimelock} from "../../../contracts/governance/MillraceTimelock.sol";
import {vm} from "../helpers/Vm.sol";
import {GovernanceFixture, Proposal} from "./GovernanceFixture.sol";

contract MillraceTimelockTest is GovernanceFixture {
    function test_constructor_refusesADelayOutOfBounds() external {
        vm.expectRevert(abi.encodeWithSelector(MillraceTimelock.Timelock_DelayOutOfBounds.selector, 0, 30 days));
        new MillraceTimelock(0, address(this));
        vm.expectRevert(
            abi.encodeWithSelector(MillraceTimelock.Timelock_DelayOutOfBounds.selector, 30 days + 1, 30 days)
        );
        new MillraceTimelock(30 days + 1, address(this));
    }

    function test_constructor_takesTheDelaysInBounds() external {
        assertEq(new MillraceTimelock(1, address(this)).getMinDelay(), 1);
        assertEq(new MillraceTimelock(30 days, address(this)).getMinDelay(), 30 days);
    }

    function test_roles_areTheGovernorsAlone() external view {
        bytes32 proposer = timelock.PROPOSER_ROLE();
        bytes32 canceller = timelock.CANCELLER_ROLE();
        bytes32 executor = timelock.EXECUTOR_ROLE();
        bytes32 admin = timelock.DEFAULT_ADMIN_ROLE();
        assertTrue(timelock.hasRole(proposer, address(governor)), "the governor proposes");
        assertTrue(timelock.hasRole(canceller, address(governor)), "the governor cancels");
        assertTrue(timelock.hasRole(executor, address(0)), "anyone executes");
        assertTrue(timelock.hasRole(admin, address(timelock)), "it governs itself");
        assertEq(timelock.hasRole(proposer, address(0)), false);
        bytes32[4] memory roles = [proposer, canceller, executor, admin];
        for (uint256 i = 0; i < roles.length; i++) {
            assertEq(timelock.hasRole(roles[i], address(this)), false);
            assertEq(timelock.getRoleAdmin(roles[i]), admin);
        }
    }

    function test_schedule_refusesOthersThanTheGovernor() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector,
                address(this),
                timelock.PROPOSER_ROLE()
            )
        );
        timelock.schedule(address(mill), 0, "", 0, 0, TIMELOCK_DELAY);
    }

    function test_grantRole_refusesTheDeployer() external {
        bytes32 proposer = timelock.PROPOSER_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector,
                address(this),
                timelock.DEFAULT_ADMIN_ROLE()
            )
        );
        timelock.grantRole(proposer, address(this));
    }

    function test_schedule_refusesLessThanTheDelay() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                TimelockController.TimelockInsufficientDelay.selector,
                TIMELOCK_DELAY - 1,
                TIMELOCK_DELAY
            )
        );
        vm.prank(address(governor));
        timelock.schedule(address(mill), 0, "", 0, 0, TIMELOCK_DELAY - 1);
    }

    function test_updateDelay_isRefusedToAVoteToo() external {
        vm.expectRevert(abi.encodeWithSelector(MillraceTimelock.Timelock_DelayFixed.selector));
        timelock.updateDelay(TIMELOCK_DELAY);

        stake(alice, QUORUM);
        skip(1);
        Proposal memory proposal = proposalOf(
            address(timelock),
            abi.encodeCall(TimelockController.updateDelay, (TIMELOCK_DELAY))
        );
        uint256 proposalId = propose(alice, proposal);
        warpIntoVote(proposalId);
        vote(alice, proposalId, 1);
        warpBehindVote(proposalId);
        queue(proposal);
        skip(TIMELOCK_DELAY);
        vm.expectRevert(abi.encodeWithSelector(MillraceTimelock.Timelock_DelayFixed.selector));
        execute(proposal);
        assertEq(timelock.getMinDelay(), TIMELOCK_DELAY);
    }
}
