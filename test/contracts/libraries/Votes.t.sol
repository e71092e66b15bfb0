// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Judgement, Merit, Pot, Votes} from "../../../contracts/libraries/Votes.sol";
import {Verdict} from "../../../contracts/types/Case.sol";
import {Test} from "../helpers/Test.sol";
import {vm} from "../helpers/Vm.sol";

contract VotesTest is Test {
    function test_decide_needsMoreThanHalf() external pure {
        assertDecided(list(60, 60, Votes.ABSENT, Votes.ABSENT, Votes.ABSENT), false, Verdict.None, Votes.ABSENT);
        assertDecided(list(60, 60, 60, Votes.ABSENT, Votes.ABSENT), false, Verdict.Fault, 60);
    }

    function test_decide_knowsTheZone() external pure {
        assertDecided(list(37, 37, 37, 36, 36), false, Verdict.Fault, 37);
        assertDecided(list(36, 36, 36, 37, 37), false, Verdict.Inconclusive, 36);
        assertDecided(list(-63, -63, -63, -64, -64), false, Verdict.Inconclusive, -63);
        assertDecided(list(-64, -64, -64, 99, 99), false, Verdict.Rejected, -64);
    }

    function test_decide_takesTheLowerOfTwoInTheMiddle() external pure {
        assertDecided(list(-80, 0, 60, 70, Votes.ABSENT), false, Verdict.Inconclusive, 0);
    }

    function test_decide_countsNoEvidenceAgainstWhoOwedIt() external pure {
        int16 none = Votes.NO_EVIDENCE;
        assertDecided(list(none, none, 60, 60, 60), false, Verdict.Fault, 60);
        assertDecided(list(none, none, -80, 60, 60), false, Verdict.Rejected, -80);
        assertDecided(list(none, none, none, 60, 60), false, Verdict.Rejected, none);
        assertDecided(list(none, none, none, -80, -80), true, Verdict.Fault, none);
        assertDecided(list(none, none, -80, -80, -80), true, Verdict.Rejected, -80);
        assertDecided(list(none, none, 60, -80, -80), true, Verdict.Fault, 60);
    }

    /// @notice Two useless keys of five, and two bought jurors, do not slash.
    function test_attack_uselessKeysDoNotMakeAMinorityDecide() external pure {
        assertDecided(list(Votes.NO_EVIDENCE, Votes.NO_EVIDENCE, -80, 60, 60), false, Verdict.Rejected, -80);
    }

    /// @dev Against a list that is sorted.
    function testFuzz_decide_isTheLowerMedian(int16[23] calldata dice, uint256 size, bool isDelivery) external pure {
        size = bound(size, 0, 2);
        int16[] memory votes = new int16[](Votes.sizeOf(size));
        for (uint256 i = 0; i < votes.length; i++) votes[i] = voteOf(dice[i]);
        (Verdict verdict, int16 median) = Votes.decide(votes, isDelivery);
        int256[] memory sorted = new int256[](votes.length);
        uint256 count;
        for (uint256 i = 0; i < votes.length; i++) {
            if (votes[i] == Votes.ABSENT) continue;
            int256 value = votes[i] == Votes.NO_EVIDENCE && isDelivery ? int256(type(int16).max) + 1 : votes[i];
            uint256 j = count++;
            for (; j != 0 && sorted[j - 1] > value; j--) sorted[j] = sorted[j - 1];
            sorted[j] = value;
        }
        if (count <= votes.length / 2) {
            assertTrue(verdict == Verdict.None && median == Votes.ABSENT, "quorum");
            return;
        }
        int256 middle = sorted[(count - 1) / 2];
        if (middle == Votes.NO_EVIDENCE || middle > type(int16).max) {
            assertTrue(verdict == (isDelivery ? Verdict.Fault : Verdict.Rejected), "no evidence");
            assertTrue(median == Votes.NO_EVIDENCE, "median without evidence");
            return;
        }
        assertTrue(median == middle, "median");
        assertTrue((verdict == Verdict.Fault) == (middle >= 37), "fault");
        assertTrue((verdict == Verdict.Rejected) == (middle <= -64), "rejected");
    }

    function test_penaltyFees_isAFifthOfAStakeButFourFeesAtLeast() external pure {
        assertEq(Votes.penaltyFees(8 * 500, 500), 4);
        assertEq(Votes.penaltyFees(25 * 500 - 1, 500), 4);
        assertEq(Votes.penaltyFees(25 * 500, 500), 5);
        assertEq(Votes.penaltyFees(500 * 500, 500), 100);
        assertEq(Votes.penaltyFees(10_000 * uint256(type(uint64).max), type(uint64).max), 2_000);
    }

    function test_meritOf_paysWithinHalfAnOctave() external pure {
        Judgement memory fault = Judgement(Verdict.Fault, true, 60);
        assertMerit(28, fault, Merit.Paid);
        assertMerit(27, fault, Merit.None);
        assertMerit(92, fault, Merit.Paid);
        assertMerit(93, fault, Merit.None);
        assertMerit(-63, fault, Merit.None);
        assertMerit(-64, fault, Merit.Penalised);
        assertMerit(Votes.NO_EVIDENCE, fault, Merit.None);
        Judgement memory rejected = Judgement(Verdict.Rejected, true, -80);
        assertMerit(36, rejected, Merit.None);
        assertMerit(37, rejected, Merit.Penalised);
        assertMerit(Votes.NO_EVIDENCE, rejected, Merit.None);
        Judgement memory none = Judgement(Verdict.Rejected, true, Votes.NO_EVIDENCE);
        assertMerit(Votes.NO_EVIDENCE, none, Merit.Paid);
        assertMerit(-80, none, Merit.None);
        assertMerit(37, none, Merit.Penalised);
        assertMerit(99, Judgement(Verdict.Inconclusive, true, 0), Merit.Paid);
        assertMerit(99, Judgement(Verdict.Rejected, false, 0), Merit.Paid);
        assertMerit(99, Judgement(Verdict.None, true, 0), Merit.Paid);
    }

    /// @notice Between the lines, but further from the median than honest machines are: bribed to be of no verdict's side.
    function test_attack_voteJustInsideTheZone() external pure {
        Judgement memory fault = Judgement(Verdict.Fault, true, 140);
        assertMerit(12, fault, Merit.None);
        assertMerit(11, fault, Merit.Penalised);
        assertMerit(36, fault, Merit.None);
        assertMerit(269, fault, Merit.None);
        Judgement memory rejected = Judgement(Verdict.Rejected, true, -96);
        assertMerit(32, rejected, Merit.None);
        assertMerit(33, rejected, Merit.Penalised);
        assertMerit(-300, rejected, Merit.None);
        assertMerit(36, Judgement(Verdict.Rejected, true, Votes.NO_EVIDENCE), Merit.None);
    }

    /// @notice Who votes with the verdict, or between the lines and not far, is never penalised; nor is who had no evidence.
    function testFuzz_meritOf_penalisesTheOppositeSideAndFarVotesAlone(
        int16 vote,
        int16[5] calldata dice,
        bool d
    ) external pure {
        vm.assume(vote != Votes.ABSENT);
        (Verdict verdict, int16 median) = Votes.decide(listOf(dice), d);
        Merit merit = Votes.meritOf(vote, Judgement(verdict, true, median));
        if (merit != Merit.Penalised) return;
        assertTrue(vote != Votes.NO_EVIDENCE, "no evidence");
        bool isFar = median != Votes.NO_EVIDENCE && (vote > median + 128 || vote < median - 128);
        if (verdict == Verdict.Fault) assertTrue(vote <= -64 || (vote < 37 && isFar), "against a fault");
        else assertTrue(verdict == Verdict.Rejected && (vote >= 37 || (vote > -64 && isFar)), "against none");
    }

    /// @notice What comes in goes out, to the unit, and the fees are always there: bonds have as many as juries have jurors.
    function testFuzz_share_paysOutWhatCameIn(
        uint96 challengerBonds,
        uint96 providerBonds,
        uint96 fees,
        uint96 penalties,
        uint96 collateral,
        uint8 verdict,
        bool isShared
    ) external pure {
        uint256 bonds = uint256(challengerBonds) + providerBonds;
        Pot memory pot = Pot({
            verdict: Verdict(verdict % 4),
            isShared: isShared,
            challengerBonds: challengerBonds,
            providerBonds: providerBonds,
            fees: bound(fees, 0, bonds),
            penalties: penalties
        });
        uint256 cost = Votes.costOf(pot);
        if (cost > collateral) cost = collateral;
        (uint256 toChallenger, uint256 toProvider, uint256 toVault) = Votes.share(pot, cost);
        assertEq(toChallenger + toProvider + toVault + pot.fees, bonds + pot.penalties + cost);
        assertLe(toChallenger, pot.challengerBonds, "a challenger never has more than bonded");
        if (pot.verdict == Verdict.Fault) assertEq(toProvider, 0);
        if (pot.verdict == Verdict.Rejected) {
            assertEq(toChallenger, 0);
            assertLe(toProvider, bonds, "nobody gains by the jurors they outvote");
            if (toVault != 0) assertEq(toProvider, bonds, "the vault comes last");
        }
        if (pot.verdict == Verdict.Fault && !isShared && cost < collateral) {
            assertEq(toChallenger, pot.challengerBonds, "who was right has all back");
        }
    }

    function test_share_givesTheVaultWhatNobodyBonded() external pure {
        Pot memory pot;
        pot.penalties = 7;
        (uint256 toChallenger, uint256 toProvider, uint256 toVault) = Votes.share(pot, 0);
        assertEq(toChallenger, 0);
        assertEq(toProvider, 0);
        assertEq(toVault, 7);
    }

    /// @notice A provider who wins in the end gets at least what they bonded, whatever anyone voted (but in a delivery).
    function testFuzz_share_returnsTheBondsOfAProviderWhoWins(uint256 seed) external pure {
        int16[][3] memory rounds;
        Verdict[3] memory verdicts;
        int16 median;
        uint256 last;
        for (uint256 round = 0; round < 3; round++) {
            rounds[round] = new int16[](Votes.sizeOf(round));
            for (uint256 i = 0; i < rounds[round].length; i++) {
                seed = uint256(keccak256(abi.encode(seed)));
                rounds[round][i] = voteOf(int16(uint16(seed)));
            }
            (verdicts[round], median) = Votes.decide(rounds[round], false);
            last = round;
            // The appeal is never heard without a verdict; sometimes nobody appeals.
            if (verdicts[round] == Verdict.None) return;
            if ((seed >> 16) % 3 == 0) break;
        }
        if (verdicts[last] != Verdict.Rejected) return;
        Pot memory pot;
        pot.verdict = Verdict.Rejected;
        pot.challengerBonds = Votes.BOND_FEES;
        for (uint256 round = 0; round <= last; round++) {
            if (round != 0) {
                if (verdicts[round - 1] == Verdict.Fault) pot.providerBonds += Votes.sizeOf(round);
                else pot.challengerBonds += Votes.sizeOf(round);
            }
            for (uint256 i = 0; i < rounds[round].length; i++) {
                int16 vote = rounds[round][i];
                Merit merit =
                    vote == Votes.ABSENT
                        ? Merit.Penalised
                        : Votes.meritOf(vote, Judgement(Verdict.Rejected, true, median));
                if (merit == Merit.Paid) pot.fees++;
                if (merit == Merit.Penalised) pot.penalties += Votes.PENALTY_FEES;
            }
        }
        (, uint256 toProvider, ) = Votes.share(pot, 0);
        assertGe(toProvider, pot.providerBonds, "bonds of the winner");
    }

    // ---------------------------------------------------------------- shapes

    /// @dev Mostly near the zone, some absent, some without evidence.
    function voteOf(int16 dice) private pure returns (int16) {
        uint256 kind = uint16(dice) % 16;
        if (kind < 2) return Votes.ABSENT;
        if (kind < 4) return Votes.NO_EVIDENCE;
        return int16((int256(dice) >> 4) % 120);
    }

    function listOf(int16[5] memory dice) private pure returns (int16[] memory votes) {
        votes = new int16[](5);
        for (uint256 i = 0; i < 5; i++) votes[i] = voteOf(dice[i]);
    }

    function list(int16 a, int16 b, int16 c, int16 d, int16 e) private pure returns (int16[] memory votes) {
        votes = new int16[](5);
        (votes[0], votes[1], votes[2], votes[3], votes[4]) = (a, b, c, d, e);
    }

    function assertDecided(int16[] memory votes, bool isDelivery, Verdict verdict, int16 median) private pure {
        (Verdict said, int16 middle) = Votes.decide(votes, isDelivery);
        assertEq(uint256(said), uint256(verdict), "verdict");
        assertTrue(middle == median, "median");
    }

    function assertMerit(int16 vote, Judgement memory final_, Merit merit) private pure {
        assertEq(uint256(Votes.meritOf(vote, final_)), uint256(merit), "merit");
    }
}
