// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Faults} from "../../../contracts/Faults.sol";
import {Market} from "../../../contracts/Market.sol";
import {Parameters} from "../../../contracts/Parameters.sol";
import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IParameters} from "../../../contracts/interfaces/IParameters.sol";
import {Fill, Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Delivery, Lot, Settlement} from "../../../contracts/types/Lot.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {Vm, vm} from "../helpers/Vm.sol";
import {GovernanceFixture, Proposal} from "./GovernanceFixture.sol";

/// @notice Votes on a real market's parameters, and its fees all the way to who staked.
contract CycleTest is GovernanceFixture {
    /// @dev Of the default submission at the default limit prices: 6,000 × 1 + 4,000 × 2.
    uint256 private constant DUE = 14_000;

    Parameters private _parameters;
    Market private _market;
    address private _buyer;
    address private _provider;

    function setUp() public override {
        super.setUp();
        _parameters = new Parameters(
            address(timelock),
            address(0),
            5,
            Defaults.parameters(),
            Defaults.courtParameters()
        );
        _market = new Market(
            asset,
            _parameters,
            address(staked),
            new Faults(),
            ICourt(address(0)),
            IBackers(address(0))
        );
        vm.prank(address(timelock));
        staked.setLedger(_market);
        _buyer = makeAddr("buyer");
        _provider = makeAddr("provider");
        address[2] memory parties = [_buyer, _provider];
        for (uint256 i = 0; i < parties.length; i++) {
            asset.mint(address(this), Defaults.DEPOSIT);
            asset.approve(address(_market), Defaults.DEPOSIT);
            _market.deposit(parties[i], Defaults.DEPOSIT);
        }
        stake(alice, QUORUM);
        stake(bob, (3 * QUORUM) / 2);
        skip(1);
    }

    function test_append_isRefusedToAllButTheTimelock() external {
        address[3] memory others = [address(this), alice, address(governor)];
        for (uint256 i = 0; i < others.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(IParameters.Parameters_NotTimelock.selector, others[i]));
            vm.prank(others[i]);
            _parameters.append(Defaults.parameters(), Defaults.courtParameters());
        }
    }

    function test_vote_changesTheParametersOfLaterJobsOnly() external {
        Job memory older = _open(1);
        assertEq(older.parametersVersion, 1);
        _voteFee(200);
        (uint32 version, , MarketParameters memory current) = _parameters.current();
        assertEq(version, 2);
        assertEq(current.feeBps, 200);
        Job memory newer = _open(2);
        assertEq(newer.parametersVersion, 2);
        // Both jobs at their limit price now.
        skip(newer.request.rampSeconds);

        _deliver(older);
        assertEq(_credit(), DUE / 100);
        _deliver(newer);
        assertEq(_credit(), DUE / 100 + DUE / 50);
    }

    function test_vote_cannotPassTheBounds() external {
        MarketParameters memory next = Defaults.parameters();
        next.feeBps = 1_001;
        Proposal memory proposal = proposalOf(
            address(_parameters),
            abi.encodeCall(IParameters.append, (next, Defaults.courtParameters()))
        );
        uint256 proposalId = propose(alice, proposal);
        warpIntoVote(proposalId);
        vote(alice, proposalId, 1);
        warpBehindVote(proposalId);
        queue(proposal);
        skip(TIMELOCK_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IParameters.Parameters_OutOfBounds.selector, "feeBps", 1_001, 0, 1_000));
        execute(proposal);
    }

    function test_fees_reachTheStakers() external {
        Job memory job = _open(1);
        skip(job.request.rampSeconds);
        _deliver(job);
        // The newcomer's stake collects for the others first.
        stake(carol, HOLDING);
        assertEq(_credit(), 0);
        assertEq(claim(alice), 56);
        assertEq(claim(bob), 84);
        assertEq(claim(carol), 0);
    }

    function test_attack_settleAfterStaking_sharesOnlyThatFee() external {
        Job memory job = _open(1);
        skip(job.request.rampSeconds);
        _deliver(job);
        Job memory second = _open(2);
        skip(second.request.rampSeconds);
        stake(carol, HOLDING);
        _deliver(second);
        // A half of the second fee, nothing of the first: what IStakedMill says a newcomer can share.
        assertEq(claim(carol), 70);
        assertEq(claim(alice) + claim(bob), 2 * (DUE / 100) - 70);
    }

    // ---------------------------------------------------------------- helpers

    function _voteFee(uint16 feeBps) private {
        MarketParameters memory next = Defaults.parameters();
        next.feeBps = feeBps;
        pass(
            alice,
            proposalOf(address(_parameters), abi.encodeCall(IParameters.append, (next, Defaults.courtParameters())))
        );
    }

    function _credit() private view returns (uint256) {
        return _market.accountOf(address(staked)).free;
    }

    /// @dev All of it as a bid, under whatever version is in force.
    function _open(uint64 nonce) private returns (Job memory job) {
        JobRequest memory request = Defaults.request();
        request.nonce = nonce;
        vm.recordLogs();
        vm.prank(_buyer);
        _market.openJob(_buyer, request, new Fill[](0));
        job = abi.decode(_dataOf(IMarket.JobOpened.selector), (Job));
    }

    /// @dev The provider takes all of a job and is paid for it.
    function _deliver(Job memory job) private {
        vm.recordLogs();
        vm.prank(_provider);
        _market.claim(_provider, job, job.request.itemCount, Defaults.PROVIDER_KEY);
        (Lot memory lot, , ) = abi.decode(_dataOf(IMarket.LotAssigned.selector), (Lot, bytes32, bytes32));
        Delivery[] memory deliveries = new Delivery[](1);
        deliveries[0] = Defaults.delivery(lot, Defaults.submission());
        vm.prank(_provider);
        _market.submit(Defaults.terms(lot), deliveries);
        Settlement[] memory settlements = new Settlement[](1);
        settlements[0] = Defaults.settlement(lot, Defaults.submission());
        vm.prank(_buyer);
        _market.accept(Defaults.terms(lot), settlements);
    }

    /// @dev Of the one such event since `vm.recordLogs`.
    function _dataOf(bytes32 topic) private returns (bytes memory) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; i++) if (logs[i].topics[0] == topic) return logs[i].data;
        revert("no such event");
    }
}
