// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISeats} from "../../../contracts/interfaces/ISeats.sol";
import {Votes} from "../../../contracts/libraries/Votes.sol";
import {Case, CaseKind, CaseStatus, Verdict} from "../../../contracts/types/Case.sol";
import {LotStatus} from "../../../contracts/types/Lot.sol";
import {Books} from "../faults/Books.sol";
import {vm} from "../helpers/Vm.sol";
import {CourtFixture} from "./CourtFixture.sol";

/// @title Cases at random, to their end
/// @dev The court's money is counted after every step: seats' stakes and earnings, and the bonds of the case.
contract CaseFuzzTest is CourtFixture {
    uint256 private _dice;

    /// @notice Whatever jurors vote and parties appeal, every unit is accounted for, and nothing stays behind.
    function testFuzz_case_endsWithEveryUnitPaidOut(uint256 seed) external {
        _dice = seed;
        CaseKind kind = CaseKind(roll(3));
        toCommit(kind);
        uint256 bonds = 10;
        assertBooks(bonds * UNIT);
        while (true) {
            Case memory c = caseOf();
            if (c.status == CaseStatus.Drawing) {
                // Sometimes nobody draws, or too few seats are left for it.
                if (roll(8) == 0 || !tryDraw()) break;
                shareKeys();
            } else if (c.status == CaseStatus.Commit) {
                vote(someVotes(c.round));
                decide();
            } else if (c.status == CaseStatus.Decided && c.round < 2 && roll(3) != 0) {
                appeal(c.verdict == Verdict.Fault ? provider : buyer);
                bonds += Votes.sizeOf(c.round + 1);
            } else {
                break;
            }
            assertBooks(bonds * UNIT);
        }
        vm.warp(caseOf().deadline + 1);
        Verdict verdict = caseOf().verdict;
        if (kind == CaseKind.Item && verdict == Verdict.Fault) {
            court.concludeItem(lot, submission, Books.placedLeaf(book(), INDEX - 1), Books.placedLeaf(book(), INDEX));
            assertLotStatus(LotStatus.None);
        } else {
            conclude();
            assertLotStatus(verdict == Verdict.Fault ? LotStatus.Open : LotStatus.Submitted);
        }
        assertOver(1, kind == CaseKind.Delivery ? 1 : 0);
    }

    /// @notice A majority of the only jury that votes on the same side of the line neither loses a stake nor the case.
    function testFuzz_invariant_anHonestMajorityKeepsItsStake(uint256 seed, bool isFaulty) external {
        _dice = seed;
        int16[] memory votes = someVotes(0);
        for (uint256 i = 0; i < 3; i++) {
            int16 vote_ = int16(int256(37 + roll(30)));
            votes[i] = isFaulty ? vote_ : int16(-27) - vote_;
        }
        toDecided(votes);
        (uint32[] memory seatIds, ) = court.juryOf(lotId, 0);
        concludeLate();
        for (uint256 i = 0; i < 3; i++) assertEq(court.seat(seatIds[i]).stake, STAKE, "stake");
        assertLotStatus(isFaulty ? LotStatus.Open : LotStatus.Submitted);
    }

    function tryDraw() private returns (bool) {
        mine(2);
        try court.draw(job, lot) {
            return true;
        } catch (bytes memory reason) {
            assertEq(bytes32(bytes4(reason)), bytes32(ISeats.Seats_NotEnough.selector));
            return false;
        }
    }

    function someVotes(uint256 round) private returns (int16[] memory votes) {
        votes = new int16[](Votes.sizeOf(round));
        // Whole juries lean one way.
        int256 lean = int256(roll(3)) * 80 - 80;
        uint256 absence = 2 + roll(12);
        for (uint256 i = 0; i < votes.length; i++) {
            if (roll(absence) == 0) votes[i] = Votes.ABSENT;
            else if (roll(8) == 0) votes[i] = Votes.NO_EVIDENCE;
            else votes[i] = int16(lean + int256(roll(120)) - 60);
        }
    }

    function roll(uint256 sides) private returns (uint256) {
        _dice = uint256(keccak256(abi.encode(_dice)));
        return _dice % sides;
    }
}
