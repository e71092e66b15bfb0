// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Mill} from "../../../contracts/governance/Mill.sol";
import {MillraceGovernor} from "../../../contracts/governance/MillraceGovernor.sol";
import {MillraceTimelock} from "../../../contracts/governance/MillraceTimelock.sol";
import {StakedMill} from "../../../contracts/governance/StakedMill.sol";
import {Ledger} from "../../../contracts/Ledger.sol";
import {TestUSD} from "../../../contracts/mocks/TestUSD.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {Test} from "../helpers/Test.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice A market's ledger without its market: whoever deposits for the stakers pays a fee.
contract BareLedger is Ledger {
    constructor(IERC20 asset_) Ledger(asset_) {}
}

/// @notice What a vote does.
struct Proposal {
    address[] targets;
    uint256[] values;
    bytes[] calldatas;
    string description;
}

/// @title Governance deployed as on a real chain, with some holders of MILL
abstract contract GovernanceFixture is Test {
    uint256 internal constant VOTING_DELAY = 1 days;
    uint256 internal constant VOTING_PERIOD = 7 days;
    uint256 internal constant TIMELOCK_DELAY = 2 days;
    uint256 internal constant COOLDOWN = 10 days;
    uint256 internal constant THRESHOLD = 1_000_000e18;
    uint256 internal constant QUORUM = 40_000_000e18;
    uint256 internal constant SUPPLY = 1_000_000_000e18;
    /// @dev What alice, bob and carol have each.
    uint256 internal constant HOLDING = 100_000_000e18;

    TestUSD internal asset;
    BareLedger internal ledger;
    Mill internal mill;
    StakedMill internal staked;
    MillraceTimelock internal timelock;
    MillraceGovernor internal governor;
    address internal alice;
    uint256 internal aliceKey;
    address internal bob;
    address internal carol;
    /// @dev Holds nothing.
    address internal stranger;

    function setUp() public virtual {
        fixture();
    }

    function fixture() internal {
        vm.warp(Defaults.START);
        (alice, aliceKey) = makeAccount("alice");
        bob = makeAddr("bob");
        carol = makeAddr("carol");
        stranger = makeAddr("stranger");
        asset = new TestUSD();
        ledger = new BareLedger(asset);
        deployGovernance();
        address[3] memory holders = [alice, bob, carol];
        for (uint256 i = 0; i < holders.length; i++) {
            mill.transfer(holders[i], HOLDING);
            vm.prank(holders[i]);
            mill.approve(address(staked), type(uint256).max);
        }
    }

    /// @notice In the order of a deployment; at its end nobody but a vote can change anything.
    function deployGovernance() internal {
        mill = new Mill(address(this));
        timelock = new MillraceTimelock(TIMELOCK_DELAY, address(this));
        staked = new StakedMill(mill, asset, COOLDOWN, address(this));
        governor = new MillraceGovernor(staked, timelock, VOTING_DELAY, VOTING_PERIOD, THRESHOLD);
        // The market is deployed here, with `staked` as its vault.
        staked.setLedger(ledger);
        staked.transferOwnership(address(timelock));
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(governor));
        timelock.grantRole(timelock.CANCELLER_ROLE(), address(governor));
        timelock.renounceRole(timelock.DEFAULT_ADMIN_ROLE(), address(this));
    }

    // ---------------------------------------------------------------- staking and fees

    function stake(address by, uint256 amount) internal {
        vm.prank(by);
        staked.stake(amount);
    }

    function beginExit(address by, uint256 amount) internal {
        vm.prank(by);
        staked.beginExit(amount);
    }

    function withdraw(address by) internal returns (uint256 amount) {
        vm.prank(by);
        return staked.withdraw();
    }

    function claim(address by) internal returns (uint256 amount) {
        vm.prank(by);
        return staked.claim(by);
    }

    /// @notice Credits the stakers on `ledger`, as a settlement does.
    function payFee(uint256 amount) internal {
        asset.mint(address(this), amount);
        asset.approve(address(ledger), amount);
        ledger.deposit(address(staked), amount);
    }

    /// @notice A fee that the stakers have received.
    function payAndCollect(uint256 amount) internal {
        payFee(amount);
        staked.collect(ledger);
    }

    function assertClaimable(address account, uint256 amount) internal view {
        assertEq(staked.claimableOf(account), amount, "claimable");
    }

    function assertExit(address account, uint256 amount, uint256 until) internal view {
        (uint256 cooling, uint256 coolingUntil) = staked.exitOf(account);
        assertEq(cooling, amount, "cooling");
        if (amount != 0) assertEq(coolingUntil, until, "cooling until");
    }

    /// @notice Alice's permit for `staked`.
    function signPermit(uint256 amount, uint256 deadline) internal view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 typeHash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 structHash = keccak256(
            abi.encode(typeHash, alice, address(staked), amount, mill.nonces(alice), deadline)
        );
        return vm.sign(aliceKey, keccak256(abi.encodePacked(hex"1901", mill.DOMAIN_SEPARATOR(), structHash)));
    }

    // ---------------------------------------------------------------- votes

    /// @notice Sends `amount` of the timelock's MILL to `to`.
    function grantOf(address to, uint256 amount) internal view returns (Proposal memory) {
        return proposalOf(address(mill), abi.encodeCall(IERC20.transfer, (to, amount)));
    }

    function proposalOf(address target, bytes memory data) internal pure returns (Proposal memory proposal) {
        proposal.targets = new address[](1);
        proposal.targets[0] = target;
        proposal.values = new uint256[](1);
        proposal.calldatas = new bytes[](1);
        proposal.calldatas[0] = data;
        proposal.description = "A proposal";
    }

    /// @dev Votes count from the second after a stake.
    function propose(address by, Proposal memory proposal) internal returns (uint256 proposalId) {
        vm.prank(by);
        return governor.propose(proposal.targets, proposal.values, proposal.calldatas, proposal.description);
    }

    function vote(address by, uint256 proposalId, uint8 support) internal returns (uint256 weight) {
        vm.prank(by);
        return governor.castVote(proposalId, support);
    }

    function queue(Proposal memory proposal) internal {
        governor.queue(proposal.targets, proposal.values, proposal.calldatas, descriptionHash(proposal));
    }

    function execute(Proposal memory proposal) internal {
        governor.execute(proposal.targets, proposal.values, proposal.calldatas, descriptionHash(proposal));
    }

    function cancel(address by, Proposal memory proposal) internal {
        vm.prank(by);
        governor.cancel(proposal.targets, proposal.values, proposal.calldatas, descriptionHash(proposal));
    }

    /// @notice Carries `proposal` from `by`, who alone has a quorum, to its execution.
    function pass(address by, Proposal memory proposal) internal {
        uint256 proposalId = propose(by, proposal);
        warpIntoVote(proposalId);
        vote(by, proposalId, 1);
        warpBehindVote(proposalId);
        queue(proposal);
        vm.warp(governor.proposalEta(proposalId));
        execute(proposal);
    }

    function assertState(uint256 proposalId, IGovernor.ProposalState state) internal view {
        assertEq(uint256(governor.state(proposalId)), uint256(state), "state");
    }

    function expectUnexpectedState(
        uint256 proposalId,
        IGovernor.ProposalState state,
        IGovernor.ProposalState needed
    ) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernor.GovernorUnexpectedProposalState.selector,
                proposalId,
                state,
                bytes32(1 << uint8(needed))
            )
        );
    }

    function warpIntoVote(uint256 proposalId) internal {
        vm.warp(governor.proposalSnapshot(proposalId) + 1);
    }

    function warpBehindVote(uint256 proposalId) internal {
        vm.warp(governor.proposalDeadline(proposalId) + 1);
    }

    function descriptionHash(Proposal memory proposal) internal pure returns (bytes32) {
        return keccak256(bytes(proposal.description));
    }

    function skip(uint256 elapsed) internal {
        vm.warp(block.timestamp + elapsed);
    }
}
