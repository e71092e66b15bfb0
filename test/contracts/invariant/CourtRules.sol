// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Verdict} from "../../../contracts/types/Case.sol";

/// @title What votes decide and cost, stated once more
/// @notice From RULES.md, by sorting; it shares nothing with the library Votes but its numbers.
library CourtRules {
    int16 internal constant NO_EVIDENCE = type(int16).min;
    int16 internal constant ABSENT = type(int16).min + 1;
    uint256 internal constant LAST_ROUND = 2;

    /// @notice What all votes are judged by in the end.
    struct Final {
        Verdict verdict;
        /// @dev Whether jurors can be told apart by a median.
        bool isJudged;
        int16 median;
    }

    /// @notice What is shared out, in base units.
    struct Pot {
        uint256 challengerBonds;
        uint256 providerBonds;
        uint256 fees;
        uint256 penalties;
        uint256 cost;
    }

    function sizeOf(uint256 round) internal pure returns (uint256) {
        return [uint256(5), 11, 23][round];
    }

    /// @notice What a juror can lose, in base units.
    function penaltyOf(uint256 seatStake, uint256 fee) internal pure returns (uint256) {
        uint256 fees = seatStake / 5 / fee;
        return (fees < 4 ? 4 : fees) * fee;
    }

    /// @notice The verdict of a jury, of which those who revealed nothing are ABSENT.
    function decide(int16[] memory votes, bool isDelivery) internal pure returns (Verdict verdict, int16 median) {
        int256[] memory sorted = new int256[](votes.length);
        uint256 count;
        for (uint256 i = 0; i < votes.length; i++) {
            if (votes[i] == ABSENT) continue;
            int256 value = votes[i];
            // Against who owed the evidence.
            if (votes[i] == NO_EVIDENCE) value = isDelivery ? type(int256).max : type(int256).min;
            uint256 place = count++;
            for (; place != 0 && sorted[place - 1] > value; place--) sorted[place] = sorted[place - 1];
            sorted[place] = value;
        }
        if (count * 2 <= votes.length) return (Verdict.None, ABSENT);
        int256 middle = sorted[(count - 1) / 2];
        if (middle == type(int256).max) return (Verdict.Fault, NO_EVIDENCE);
        if (middle == type(int256).min) return (Verdict.Rejected, NO_EVIDENCE);
        if (middle >= 37) verdict = Verdict.Fault;
        else verdict = middle <= -64 ? Verdict.Rejected : Verdict.Inconclusive;
        // It is one of the votes.
        median = int16(middle);
    }

    /// @notice Whether a vote that was revealed earns the fee, and whether it costs the penalty.
    function meritOf(int16 vote, Final memory end) internal pure returns (bool isPaid, bool isPenalised) {
        if (!end.isJudged || end.verdict == Verdict.Inconclusive || end.verdict == Verdict.None) return (true, false);
        bool isSilent = end.median == NO_EVIDENCE;
        if (vote == NO_EVIDENCE) return (isSilent, false);
        int256 off = isSilent ? int256(0) : int256(vote) - end.median;
        if (off < 0) off = -off;
        if (!isSilent && off <= 32) return (true, false);
        bool saysFault = vote >= 37;
        bool saysNone = vote <= -64;
        if (end.verdict == Verdict.Fault) return (false, saysNone || (off > 128 && !saysFault));
        return (false, saysFault || (off > 128 && !saysNone));
    }

    /// @notice Who gets what is left when the jurors are paid.
    function share(
        Pot memory pot,
        Verdict verdict
    ) internal pure returns (uint256 toChallenger, uint256 toProvider, uint256 toVault) {
        uint256 bonds = pot.challengerBonds + pot.providerBonds;
        uint256 left = bonds + pot.penalties + pot.cost - pot.fees;
        if (verdict == Verdict.Rejected) return left < bonds ? (0, left, 0) : (0, bonds, left - bonds);
        if (verdict == Verdict.Fault) {
            toChallenger = left < pot.challengerBonds ? left : pot.challengerBonds;
            return (toChallenger, 0, left - toChallenger);
        }
        uint256 back = left < bonds ? left : bonds;
        if (bonds != 0) toChallenger = (back * pot.challengerBonds) / bonds;
        return (toChallenger, back - toChallenger, left - back);
    }
}
