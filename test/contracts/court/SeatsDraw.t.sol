// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {ISeats} from "../../../contracts/interfaces/ISeats.sol";
import {Faults} from "../../../contracts/Faults.sol";
import {Market} from "../../../contracts/Market.sol";
import {Seats} from "../../../contracts/Seats.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {SeatsFixture} from "./SeatsFixture.sol";
import {SeatsHarness} from "./SeatsHarness.sol";

/// @dev Who is drawn, and who is not.
contract SeatsDrawTest is SeatsFixture {
    // ---------------------------------------------------------------- how many

    function test_drawJury_refusesAModelWithoutSeats() external {
        _expectNotEnough(0, 1);
        seats.drawJury(drawOf(1));
    }

    function test_drawJury_refusesTooFewAndChangesNothing() external {
        takeMany(0, 4);
        _expectNotEnough(4, 5);
        seats.drawJury(drawOf(5));
        for (uint32 seatId = 1; seatId <= 4; seatId++) assertPurse(seatId, STAKE, 0, 0);
        assertEq(seats.drawnCount(CASE), 0);
    }

    function test_drawJury_reservesThePenaltyOfEach() external {
        takeMany(0, 5);
        uint32[] memory jury = seats.drawJury(drawOf(4));
        assertEq(jury.length, 4);
        assertEq(seats.drawnCount(CASE), 4);
        for (uint256 i = 0; i < 4; i++) {
            assertEq(seats.drawnAt(CASE, i), jury[i]);
            assertPurse(jury[i], STAKE, PENALTY, 0);
        }
        assertEq(seats.drawnAt(CASE, 4), 0);
        for (uint32 seatId = 1; seatId <= 5; seatId++) {
            if (!contains(jury, seatId)) assertPurse(seatId, STAKE, 0, 0);
        }
        assertSeats(5, 5 * STAKE);
        assertAccount(address(seats), 5 * STAKE, 0);
    }

    function test_drawJury_findsAWholeSmallList() external {
        takeMany(0, 23);
        uint32[] memory jury = seats.drawJury(drawOf(23));
        for (uint32 seatId = 1; seatId <= 23; seatId++) assertTrue(contains(jury, seatId), "left out");
    }

    /// @dev Anyone can redo a draw from what the views show.
    function testFuzz_drawJury_followsFromTheSeedAndTheList(bytes32 seed, uint256 count, uint256 size) external {
        count = bound(count, 1, 12);
        size = bound(size, 1, count);
        takeMany(0, count);
        Seats.Draw memory draw = drawOf(size);
        draw.seed = seed;
        uint32[] memory jury = seats.drawJury(draw);
        uint256 found;
        for (uint256 i = 0; found < size; i++) {
            uint32 position = uint32(uint256(keccak256(abi.encode(seed, i))) % count);
            uint32 seatId = seats.seatAt(Defaults.MODEL, position, draw.activeBefore - 1);
            bool again = false;
            for (uint256 j = 0; j < found; j++) again = again || jury[j] == seatId;
            if (!again) assertEq(jury[found++], seatId, "another seat");
        }
    }

    // ---------------------------------------------------------------- since when

    function test_drawJury_takesSeatsFromTheSecondTheyAreActive() external {
        takeOwn();
        uint40 takenAt = uint40(block.timestamp);
        Seats.Draw memory draw = drawOf(1);
        vm.warp(takenAt + 1 days);
        draw.activeBefore = takenAt + ACTIVATION - 1;
        _expectNotEnough(0, 1);
        seats.drawJury(draw);
        draw.activeBefore = takenAt + ACTIVATION;
        assertEq(seats.drawJury(draw)[0], 1);
    }

    function test_drawJury_forAnOldJobKnowsOnlyOldSeats() external {
        takeMany(0, 3);
        Seats.Draw memory draw = drawOf(3);
        takeMany(3, 20);
        vm.warp(block.timestamp + 30 days);
        uint32[] memory jury = seats.drawJury(draw);
        for (uint256 i = 0; i < 3; i++) assertLe(jury[i], 3, "a newcomer");
    }

    function test_drawJury_passesOverSeatsThatLeft() external {
        takeMany(0, 5);
        Seats.Draw memory draw = drawOf(4);
        giveUp(2);
        uint32[] memory jury = seats.drawJury(draw);
        assertTrue(!contains(jury, 2), "drawn though it left");

        draw.caseId = keccak256("second case");
        draw.size = 5;
        _expectNotEnough(4, 5);
        seats.drawJury(draw);
    }

    // ---------------------------------------------------------------- with what stake

    function test_drawJury_putsASeatInAsManyCasesAsItsStakeCovers() external {
        takeOwn();
        activate();
        Seats.Draw memory draw = drawOf(1);
        for (uint256 i = 1; i <= 5; i++) {
            draw.caseId = bytes32(i);
            seats.drawJury(draw);
            assertPurse(1, STAKE, i * PENALTY, 0);
        }
        draw.caseId = bytes32(uint256(6));
        draw.reserve = 1;
        _expectNotEnough(0, 1);
        seats.drawJury(draw);

        seats.settleSeat(1, PENALTY, 1, 0);
        draw.reserve = PENALTY;
        _expectNotEnough(0, 1);
        seats.drawJury(draw);
        draw.reserve = PENALTY - 1;
        assertEq(seats.drawJury(draw)[0], 1);
        assertPurse(1, STAKE - 1, STAKE - 1, 0);
    }

    // ---------------------------------------------------------------- whose

    function test_drawJury_excludesThePartiesAsOwnersAndAsVoters() external {
        address[4] memory parties = [buyer, auditor, challenger, provider];
        for (uint256 i = 0; i < parties.length; i++) {
            fund(parties[i], 2 * STAKE);
            take(parties[i], parties[i]);
            take(parties[i], voter);
            take(owner, parties[i]);
        }
        uint32 neutral = takeOwn();
        activate();
        assertEq(seats.drawJury(drawOf(1))[0], neutral);
        Seats.Draw memory draw = drawOf(2);
        draw.caseId = keccak256("second case");
        _expectNotEnough(1, 2);
        seats.drawJury(draw);
    }

    function test_drawJury_excludesWhoBacksTheProvider() external {
        takeOwn();
        activate();
        Seats.Draw memory draw = drawOf(1);
        vm.prank(provider);
        backers.openPool(0);
        vm.prank(owner);
        uint256 shares = backers.back(provider, 1);
        _expectNotEnough(0, 1);
        seats.drawJury(draw);

        vm.prank(owner);
        (uint24 cohort, ) = backers.requestExit(provider, shares);
        _expectNotEnough(0, 1);
        seats.drawJury(draw);

        vm.prank(owner);
        backers.withdrawExit(provider, cohort);
        fund(voter, 1);
        vm.prank(voter);
        backers.back(provider, 1);
        _expectNotEnough(0, 1);
        seats.drawJury(draw);

        // Of another provider they may.
        draw.provider = rival;
        assertEq(seats.drawJury(draw)[0], 1);
    }

    function test_drawJury_asksNobodyWhereThereAreNoBackers() external {
        seats = new SeatsHarness(IBackers(address(0)));
        market = new Market(asset, parameters, vault, new Faults(), seats.asCourt(), IBackers(address(0)));
        fund(owner, STAKE);
        takeOwn();
        activate();
        assertEq(seats.drawJury(drawOf(1))[0], 1);
    }

    // ---------------------------------------------------------------- how often

    function test_drawJury_drawsNoSeatTwiceInACase() external {
        takeMany(0, 39);
        uint256[3] memory sizes = [uint256(5), 11, 23];
        bool[40] memory seen;
        uint256 count;
        for (uint256 i = 0; i < sizes.length; i++) {
            Seats.Draw memory draw = drawOf(sizes[i]);
            uint32[] memory jury = seats.drawJury(draw);
            for (uint256 j = 0; j < jury.length; j++) {
                assertTrue(!seen[jury[j]], "twice");
                seen[jury[j]] = true;
                assertEq(seats.drawnAt(CASE, count++), jury[j]);
            }
            assertEq(seats.drawnCount(CASE), count);
        }
        // Nobody is left, even once all have been settled.
        for (uint32 seatId = 1; seatId <= 39; seatId++) seats.settleSeat(seatId, PENALTY, 0, 0);
        _expectNotEnough(0, 1);
        seats.drawJury(drawOf(1));
        Seats.Draw memory other = drawOf(23);
        other.caseId = keccak256("second case");
        assertEq(seats.drawJury(other).length, 23);
    }

    /// @dev Pearson's statistic of 2,000 juries of five out of thirty: 29 degrees of freedom (and less spread, without
    /// replacement) exceed 58 once in a thousand. The seeds are fixed, so this passes always or never.
    function test_drawJury_isUniform() external {
        takeMany(0, 30);
        uint256[31] memory counts;
        Seats.Draw memory draw = drawOf(5);
        for (uint256 i = 0; i < 2_000; i++) {
            draw.seed = keccak256(abi.encode("uniform", i));
            draw.caseId = draw.seed;
            uint32[] memory jury = seats.drawJury(draw);
            for (uint256 j = 0; j < 5; j++) {
                counts[jury[j]]++;
                seats.settleSeat(jury[j], PENALTY, 0, 0);
            }
        }
        uint256 expected = 333;
        uint256 sum;
        for (uint256 seatId = 1; seatId <= 30; seatId++) {
            uint256 off = counts[seatId] > expected ? counts[seatId] - expected : expected - counts[seatId];
            sum += off * off;
        }
        assertLe(sum / expected, 58, "not uniform");
    }

    function _expectNotEnough(uint256 found, uint256 size) private {
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_NotEnough.selector, found, size));
    }
}
