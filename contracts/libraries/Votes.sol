// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Verdict} from "../types/Case.sol";

/// @notice What all votes of a case are judged by.
struct Judgement {
    Verdict verdict;
    /// @dev Without, nobody can be told apart by their vote.
    bool isJudged;
    /// @dev Of the last jury that decided; NO_EVIDENCE where that won.
    int16 median;
}

/// @notice What a vote is worth.
enum Merit {
    None,
    Paid,
    Penalised
}

/// @notice What is shared out at the end of a case. Amounts are in base units.
struct Pot {
    Verdict verdict;
    /// @dev A fault costs both sides the same.
    bool isShared;
    uint256 challengerBonds;
    uint256 providerBonds;
    /// @dev What the jurors have earned.
    uint256 fees;
    /// @dev What other jurors have lost.
    uint256 penalties;
}

/// @title Numbers as votes, and what follows from them
/// @notice A vote is 64 × log2 R, rounded: R compares what was claimed with what the juror computed, and 1 is the line
/// that the model's tolerance draws. Between R = 0.5 and R = 1.5 nobody is punished for anything.
library Votes {
    /// @notice The juror could not get at the evidence, or it does not open to the commitment.
    int16 internal constant NO_EVIDENCE = type(int16).min;
    /// @notice Not revealed. Nobody can vote it.
    int16 internal constant ABSENT = type(int16).min + 1;
    /// @notice R = 1.5; from here on it is a fault.
    int16 internal constant FAULT_FROM = 37;
    /// @notice R = 0.5; down from here it is none.
    int16 internal constant REJECT_TO = -64;
    /// @notice Half an octave: how far from the median honest machines may be.
    int256 internal constant BAND = 32;
    /// @notice Two octaves: further from the median than honest machines are.
    int256 internal constant FAR = 128;
    /// @notice Juries of 5, then of 11, then of 23.
    uint256 internal constant LAST_ROUND = 2;
    /// @notice The least that an absent juror loses, or one on the wrong side, in fees. What the jurors of a wrong verdict
    /// lose pays the jury that sets it right: see `share`.
    uint256 internal constant PENALTY_FEES = 4;
    /// @notice And a fifth of what a seat stakes: what lots are protected by is what a lie puts at stake.
    uint256 internal constant PENALTIES_PER_STAKE = 5;
    /// @notice What challenging a lot first takes, in fees; the second time it is twice as much.
    uint256 internal constant BOND_FEES = 10;

    /// @notice Jurors of a round, and what appealing to it takes, in fees.
    function sizeOf(uint256 round) internal pure returns (uint256) {
        if (round == 0) return 5;
        return round == 1 ? 11 : 23;
    }

    /// @notice What an absent juror loses, or one on the wrong side, in fees. Rounded down.
    /// @param seatStake What a seat stakes, and `jurorFee` the fee: of the same version, in base units.
    function penaltyFees(uint256 seatStake, uint256 jurorFee) internal pure returns (uint256) {
        return Math.max(PENALTY_FEES, seatStake / (PENALTIES_PER_STAKE * jurorFee));
    }

    function countRevealed(int16[] memory votes) internal pure returns (uint256 revealed) {
        for (uint256 i = 0; i < votes.length; i++) if (votes[i] != ABSENT) revealed++;
    }

    /// @notice What a jury says: the median of the revealed votes, of an even number the lower one, as what is in doubt is
    /// paid. Without a quorum of more than half: nothing, and the median is ABSENT.
    ///
    /// Votes without evidence count for the side that did not owe it: below all numbers, or in a case of delivery above.
    /// Were they left out, who owes the evidence could send useless keys to nearly half of the jury and need a majority of
    /// the others alone.
    /// @param votes One for each juror.
    function decide(int16[] memory votes, bool isDelivery) internal pure returns (Verdict verdict, int16 median) {
        uint256 revealed = countRevealed(votes);
        if (revealed <= votes.length / 2) return (Verdict.None, ABSENT);
        uint256 numbers = _countUpTo(votes, type(int16).max);
        uint256 below = isDelivery ? 0 : revealed - numbers;
        uint256 middle = (revealed - 1) / 2;
        if (middle < below || middle - below >= numbers) {
            return (isDelivery ? Verdict.Fault : Verdict.Rejected, NO_EVIDENCE);
        }
        // The least number that so many do not exceed.
        median = type(int16).max;
        for (uint256 i = 0; i < votes.length; i++) {
            int16 vote = votes[i];
            if (vote > ABSENT && vote < median && below + _countUpTo(votes, vote) > middle) median = vote;
        }
        if (median >= FAULT_FROM) return (Verdict.Fault, median);
        return (median <= REJECT_TO ? Verdict.Rejected : Verdict.Inconclusive, median);
    }

    /// @notice What one vote, of any round, is worth in the end. To have revealed none at all is another matter.
    function meritOf(int16 vote, Judgement memory final_) internal pure returns (Merit) {
        if (!final_.isJudged || final_.verdict == Verdict.None || final_.verdict == Verdict.Inconclusive) {
            return Merit.Paid;
        }
        if (vote == NO_EVIDENCE) return final_.median == NO_EVIDENCE ? Merit.Paid : Merit.None;
        // The zone is wider than the band: nobody near the median is on the other side.
        int256 distance = int256(vote) - final_.median;
        if (final_.median != NO_EVIDENCE && distance <= BAND && distance >= -BAND) return Merit.Paid;
        bool isFault = final_.verdict == Verdict.Fault;
        if (isFault ? vote >= FAULT_FROM : vote <= REJECT_TO) return Merit.None;
        // Who is bribed and fears the penalty votes just inside the zone.
        bool isFar = final_.median != NO_EVIDENCE && (distance > FAR || distance < -FAR);
        bool isOpposite = isFault ? vote <= REJECT_TO : vote >= FAULT_FROM;
        return isOpposite || isFar ? Merit.Penalised : Merit.None;
    }

    /// @notice What is asked of the provider's collateral, beside the challenger's bonds, for the jury of a fault: what
    /// wrong jurors and the provider's own bonds do not pay; of a single item, half of that.
    function costOf(Pot memory pot) internal pure returns (uint256 cost) {
        if (pot.verdict != Verdict.Fault) return 0;
        cost = Math.saturatingSub(pot.fees, pot.penalties + pot.providerBonds);
        if (pot.isShared) cost /= 2;
    }

    /// @notice Shares the pot out, to the unit: bonds, penalties and `cost` are fees and the three amounts returned.
    ///
    /// The pot always suffices for the fees: each jury has as many jurors as its bond has fees (the first one half as
    /// many), so that fees ≤ challengerBonds + providerBonds. After them come
    /// - Rejected: the provider, up to all bonds, then the vault: whose jurors win by a majority do not get what the others
    ///   lose. That is their own bonds at least. They bond only against verdicts of Fault, and in each of those at least 3 of 5 or 6 of 11 jurors are penalised now or absent, and the others alone may
    ///   be paid: in fees, 10 + 3 × 4 ≥ 2 + 11, and 10 + 3 × 4 + 6 × 4 ≥ 2 + 5 + 23. (Not of a delivery: jurors who have had
    ///   no evidence are never penalised, and the bonds of a provider who won bear what is missing.)
    /// - Fault: the challenger, up to their bonds, then the vault. Only where the collateral does not pay `costOf` whole
    ///   do the bonds bear a part.
    /// - else: both sides, up to their bonds, of which the fees that nobody else paid are taken pro rata; then the vault.
    function share(
        Pot memory pot,
        uint256 cost
    ) internal pure returns (uint256 toChallenger, uint256 toProvider, uint256 toVault) {
        uint256 bonds = pot.challengerBonds + pot.providerBonds;
        uint256 rest = bonds + pot.penalties + cost - pot.fees;
        if (pot.verdict == Verdict.Rejected) {
            toProvider = Math.min(bonds, rest);
            return (0, toProvider, rest - toProvider);
        }
        if (pot.verdict == Verdict.Fault) {
            toChallenger = Math.min(pot.challengerBonds, rest);
            return (toChallenger, 0, rest - toChallenger);
        }
        uint256 returned = Math.min(bonds, rest);
        // Rounded for the provider.
        toChallenger = bonds == 0 ? 0 : (pot.challengerBonds * returned) / bonds;
        toProvider = returned - toChallenger;
        toVault = rest - returned;
    }

    /// @dev How many votes are numbers, and not above `vote`.
    function _countUpTo(int16[] memory votes, int16 vote) private pure returns (uint256 count) {
        for (uint256 i = 0; i < votes.length; i++) if (votes[i] > ABSENT && votes[i] <= vote) count++;
    }
}
