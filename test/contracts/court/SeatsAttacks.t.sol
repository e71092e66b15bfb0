// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISeats} from "../../../contracts/interfaces/ISeats.sol";
import {Seats} from "../../../contracts/Seats.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {SeatsFixture} from "./SeatsFixture.sol";

/// @dev What one might try with seats of one's own, to choose who judges or to have nobody judge.
contract SeatsAttacksTest is SeatsFixture {
    uint256 private constant HONEST = 30;

    /// @dev The entropy is known, and the attacker has seats to give up: the others stay drawn, in their order.
    function testFuzz_attack_leavingDropsOnesOwnSeatAlone(bytes32 seed, uint256 which) external {
        takeMany(0, HONEST);
        Seats.Draw memory draw = drawOf(11);
        draw.seed = seed;
        vm.warp(block.timestamp + 1);
        uint32[] memory expected = _preview(draw);
        // One of those drawn, or another one.
        uint32 leaving = which % 2 == 0 ? expected[(which / 2) % 11] : uint32(1 + ((which / 2) % HONEST));
        giveUp(leaving);

        uint32[] memory jury = seats.drawJury(draw);
        uint256 kept;
        for (uint256 i = 0; i < expected.length; i++) {
            if (expected[i] == leaving) continue;
            assertEq(jury[kept++], expected[i], "another juror");
        }
        assertTrue(!contains(jury, leaving), "drawn though it left");
    }

    /// @dev Also in the very second in which the job is opened, and whoever moves around in the list.
    function testFuzz_attack_whoComesAfterTheJobIsOpenedChangesNothing(bytes32 seed, uint256 count) external {
        takeMany(0, HONEST);
        uint32 spare = takeMany(HONEST, 3);
        Seats.Draw memory draw = drawOf(11);
        draw.seed = seed;
        uint256 id = vm.snapshotState();
        // In the other world the spare seats just leave.
        for (uint32 i = 0; i < 3; i++) giveUp(spare + i);
        uint32[] memory expected = seats.drawJury(draw);
        vm.revertToState(id);

        for (uint32 i = 0; i < 3; i++) {
            giveUp(spare + 2 - i);
            for (uint256 j = 0; j < bound(count, 1, 20); j++) take(owner, owner);
        }
        vm.warp(block.timestamp + 30 days);
        uint32[] memory jury = seats.drawJury(draw);
        for (uint256 i = 0; i < 11; i++) assertEq(jury[i], expected[i], "another juror");
    }

    /// @dev Were positions left empty, one could make the list long and hollow for the price of its last seat, and no
    /// jury would ever be found again.
    function test_attack_manySeatsThatLeaveDoNotThinTheList() external {
        takeMany(0, 5);
        takeMany(5, 400);
        takeMany(405, 1);
        for (uint32 seatId = 6; seatId <= 405; seatId++) giveUp(seatId);
        assertSeats(6, 6 * STAKE);
        vm.warp(block.timestamp + 1);
        Seats.Draw memory draw = drawOf(6);
        for (uint256 i = 0; i < 50; i++) {
            draw.caseId = draw.seed = keccak256(abi.encode("hollow", i));
            uint32[] memory jury = seats.drawJury(draw);
            for (uint256 j = 0; j < 6; j++) seats.settleSeat(jury[j], PENALTY, 0, 0);
        }
    }

    /// @dev Borrowed for one block, a seat counts for no draw and cannot be returned.
    function test_attack_aFlashLoanedSeatCannotLeave() external {
        uint32 seatId = takeOwn();
        uint40 activeAt = seats.seat(seatId).activeAt;
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_NotActive.selector, seatId, block.timestamp, activeAt));
        vm.prank(owner);
        seats.leaveSeat(seatId);
    }

    /// @dev A sybil that comes when it knows which job will be judged is no juror of it, however long the case takes.
    function test_attack_seatsTakenForOneJobDoNotJudgeIt() external {
        takeMany(0, 5);
        Seats.Draw memory draw = drawOf(5);
        takeMany(5, 100);
        vm.warp(block.timestamp + 30 days);
        uint32[] memory jury = seats.drawJury(draw);
        for (uint256 i = 0; i < 5; i++) assertLe(jury[i], 5, "a sybil");
    }

    /// @dev Ten newcomers to each seat that can be drawn: some ninety tries for five jurors, of 320.
    function test_attack_freshSeatsThinADrawBySharesOnly() external {
        takeMany(0, 23);
        for (uint256 i = 0; i < 230; i++) take(owner, owner);
        vm.warp(block.timestamp + 1);
        Seats.Draw memory draw = drawOf(5);
        for (uint256 i = 0; i < 50; i++) {
            draw.caseId = draw.seed = keccak256(abi.encode("thin", i));
            uint32[] memory jury = seats.drawJury(draw);
            for (uint256 j = 0; j < 5; j++) {
                assertLe(jury[j], 23, "a newcomer");
                seats.settleSeat(jury[j], PENALTY, 0, 0);
            }
        }
    }

    /// @dev A stake that a case may still take stays here, whoever wants it out.
    function test_attack_aJurorCannotLeaveBeforeThePenalty() external {
        takeMany(0, 5);
        uint32[] memory jury = seats.drawJury(drawOf(5));
        append(40_000, 2_600);
        for (uint256 i = 0; i < 5; i++) {
            vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_InCase.selector, jury[i], PENALTY));
            vm.prank(stranger);
            seats.leaveSeat(jury[i]);
            seats.settleSeat(jury[i], PENALTY, PENALTY, 0);
        }
        assertSeats(5, 5 * (STAKE - PENALTY));
    }

    /// @dev A seat that lost most of its stake still cannot promise one penalty to two cases.
    function test_attack_noPenaltyIsPromisedTwice() external {
        takeOwn();
        activate();
        Seats.Draw memory draw = drawOf(1);
        draw.reserve = 6_000;
        seats.drawJury(draw);
        draw.caseId = keccak256("second case");
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_NotEnough.selector, 0, 1));
        seats.drawJury(draw);
        seats.settleSeat(1, 6_000, 6_000, 0);
        vm.expectRevert(abi.encodeWithSelector(ISeats.Seats_NotEnough.selector, 0, 1));
        seats.drawJury(draw);
    }

    /// @dev One owner with two seats may sit twice: each is a stake of its own. One seat never does, though it moves.
    function testFuzz_attack_aMovedSeatIsNotDrawnTwice(bytes32 seed) external {
        takeMany(0, 12);
        Seats.Draw memory draw = drawOf(11);
        draw.seed = seed;
        vm.warp(block.timestamp + 1);
        // The last moves to the front, for whoever looks at the list of today.
        giveUp(1);
        uint32[] memory jury = seats.drawJury(draw);
        for (uint256 i = 0; i < 11; i++) {
            for (uint256 j = 0; j < i; j++) assertTrue(jury[i] != jury[j], "twice");
        }
        assertTrue(contains(jury, 12), "lost on its way");
    }

    function _preview(Seats.Draw memory draw) private returns (uint32[] memory jury) {
        uint256 id = vm.snapshotState();
        jury = seats.drawJury(draw);
        vm.revertToState(id);
    }
}
