// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Backers} from "../../../contracts/Backers.sol";
import {Faults} from "../../../contracts/Faults.sol";
import {Market} from "../../../contracts/Market.sol";
import {Seats} from "../../../contracts/Seats.sol";
import {CourtParameters} from "../../../contracts/types/CourtParameters.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";
import {SeatsHarness} from "./SeatsHarness.sol";

/// @title A market whose court has seats, and jurors who can pay for one
abstract contract SeatsFixture is MarketFixture {
    uint256 internal constant STAKE = 10_000;
    uint256 internal constant FEE = 500;
    uint96 internal constant PENALTY = 2_000;
    uint40 internal constant ACTIVATION = 60;
    bytes32 internal constant CASE = keccak256("case");
    bytes32 internal constant JUROR_KEY = keccak256("juror's encryption key");

    SeatsHarness internal seats;
    address internal owner;
    address internal voter;
    address internal auditor;
    address internal challenger;

    function setUp() public virtual override {
        fixture();
        owner = makeAddr("owner");
        voter = makeAddr("voter");
        auditor = makeAddr("auditor");
        challenger = makeAddr("challenger");
        backers = new Backers();
        seats = new SeatsHarness(backers);
        market = new Market(asset, parameters, vault, new Faults(), seats.asCourt(), backers);
        fund(owner, Defaults.DEPOSIT);
    }

    // ---------------------------------------------------------------- steps

    function jurorAt(uint256 i) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("juror", i)))));
    }

    function take(address by, address votes) internal returns (uint32 seatId) {
        vm.prank(by);
        return seats.takeSeat(by, votes, Defaults.MODEL, JUROR_KEY);
    }

    function takeOwn() internal returns (uint32 seatId) {
        return take(owner, voter);
    }

    /// @notice `count` seats of as many jurors, from `from` on, each its own voter, active when this returns.
    function takeMany(uint256 from, uint256 count) internal returns (uint32 first) {
        for (uint256 i = 0; i < count; i++) {
            address juror = jurorAt(from + i);
            fund(juror, STAKE);
            uint32 seatId = take(juror, juror);
            if (i == 0) first = seatId;
        }
        activate();
    }

    function activate() internal {
        vm.warp(block.timestamp + ACTIVATION);
    }

    function giveUp(uint32 seatId) internal {
        address by = seats.seat(seatId).owner;
        vm.prank(by);
        seats.leaveSeat(seatId);
    }

    /// @notice What draws a jury for a job that opens now.
    function drawOf(uint256 size) internal view returns (Seats.Draw memory draw) {
        address[] memory parties = new address[](3);
        (parties[0], parties[1], parties[2]) = (buyer, auditor, challenger);
        return
            Seats.Draw({
                modelId: Defaults.MODEL,
                seed: keccak256("seed"),
                size: size,
                activeBefore: uint40(block.timestamp),
                reserve: PENALTY,
                parties: parties,
                provider: provider,
                caseId: CASE
            });
    }

    /// @notice From now on seats cost, and pay, so much.
    function append(uint96 stake, uint96 fee) internal {
        CourtParameters memory next = Defaults.courtParameters();
        (next.seatStake, next.jurorFee) = (stake, fee);
        MarketParameters memory nextMarket = Defaults.parameters();
        if (fee * 10 > nextMarket.minLotCollateral) nextMarket.minLotCollateral = fee * 10;
        vm.prank(timelock);
        parameters.append(nextMarket, next);
    }

    // ---------------------------------------------------------------- expectations

    function assertPurse(uint32 seatId, uint256 stake, uint256 reserved, uint256 earnings) internal view {
        assertEq(seats.seat(seatId).stake, stake, "stake");
        assertEq(seats.seat(seatId).reserved, reserved, "reserved");
        assertEq(seats.seat(seatId).earnings, earnings, "earnings");
    }

    function assertSeats(uint256 count, uint256 stake) internal view {
        (uint32 count_, uint128 stake_) = seats.seatsOf(Defaults.MODEL);
        assertEq(count_, count, "seats");
        assertEq(stake_, stake, "stake of all");
    }

    function contains(uint32[] memory ids, uint32 seatId) internal pure returns (bool) {
        for (uint256 i = 0; i < ids.length; i++) if (ids[i] == seatId) return true;
        return false;
    }

    function free(address account) internal view returns (uint256) {
        return market.accountOf(account).free;
    }
}
