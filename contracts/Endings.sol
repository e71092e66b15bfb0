// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Juries} from "./Juries.sol";
import {Judgement, Merit, Pot, Votes} from "./libraries/Votes.sol";
import {Case, CaseKind, CaseStatus, Docket, Verdict} from "./types/Case.sol";

/// @title How cases end, and who is paid what
abstract contract Endings is Juries {
    /// @dev How a case ends, as its status and the clock say.
    struct Ending {
        Judgement judgement;
        /// @dev Of how many rounds the jurors are to be settled.
        uint256 juries;
        /// @dev What those of the last one get who revealed nothing.
        Merit absentees;
        /// @dev Of an appeal that was not heard, in base units; it returns to who bonded it.
        uint256 voidBond;
    }

    /// @dev How a case of a held lot ends now. Reverts if it does not.
    function _endingOf(Case memory c) internal view returns (Ending memory ending) {
        uint256 deadline = c.deadline;
        bool isJudged;
        ending.absentees = Merit.Penalised;
        ending.juries = c.round;
        if (c.status == CaseStatus.Answer || c.status == CaseStatus.Evidence) {
            // No evidence. The challenger had a phase for it after the one in which the provider might have answered.
            if (c.status == CaseStatus.Answer) deadline += c.phaseSeconds;
            ending.judgement.verdict = Verdict.Rejected;
        } else if (c.status == CaseStatus.Keys) {
            // Its jurors could do nothing.
            ending.juries++;
            ending.absentees = Merit.None;
            ending.judgement.verdict = c.kind == CaseKind.Delivery ? Verdict.Fault : Verdict.Rejected;
        } else if (c.status == CaseStatus.Decided) {
            if (c.round == Votes.LAST_ROUND) deadline = 0;
            ending.juries++;
            isJudged = true;
        } else {
            // The verdict before stands, if there was one.
            if (c.status == CaseStatus.Failed) deadline = 0;
            else _requireStatus(c, CaseStatus.Drawing);
            isJudged = c.round != 0;
            if (isJudged) ending.voidBond = _bondOf(c, c.round);
        }
        _requireOver(deadline);
        if (isJudged) {
            int16[] memory votes = _votesOf(c, ending.juries - 1);
            (Verdict verdict, int16 median) = Votes.decide(votes, c.kind == CaseKind.Delivery);
            ending.judgement = Judgement({verdict: verdict, isJudged: true, median: median});
        }
    }

    /// @dev How a case ends that the lot does not wait for any more: without a verdict.
    /// @param absentees What jurors get whose time to reveal was not over.
    function _cutOff(Case memory c, Merit absentees) internal pure returns (Ending memory ending) {
        require(c.status != CaseStatus.None, Court_WrongStatus(c.lotId, c.status));
        bool isSitting = c.status == CaseStatus.Keys || c.status == CaseStatus.Commit || c.status == CaseStatus.Reveal;
        ending.absentees = isSitting ? absentees : Merit.Penalised;
        ending.juries = c.round;
        if (isSitting || c.status == CaseStatus.Decided) ending.juries++;
    }

    /// @dev Adds up what was bonded, settles the jurors, and forgets the case.
    function _end(Case memory c, Ending memory ending) internal returns (Pot memory pot) {
        pot.verdict = ending.judgement.verdict;
        pot.isShared = c.kind == CaseKind.Item;
        pot.challengerBonds = _firstBond(c);
        for (uint256 round = 0; round < ending.juries; round++) {
            (uint256 fees, uint256 penalties, int16[] memory votes) = _settleJury(
                c,
                round,
                ending.judgement,
                round + 1 == ending.juries ? ending.absentees : Merit.Penalised
            );
            pot.fees += fees;
            pot.penalties += penalties;
            // Bonds of appeals that were heard. Who appealed is whom the verdict before was against.
            if (round == c.round || (round + 1 == c.round && ending.voidBond != 0)) continue;
            (Verdict verdict, ) = Votes.decide(votes, c.kind == CaseKind.Delivery);
            if (verdict == Verdict.Fault) pot.providerBonds += _bondOf(c, round + 1);
            else pot.challengerBonds += _bondOf(c, round + 1);
        }
        _forget(c);
    }

    /// @dev All but how often the lot was challenged and its delivery demanded.
    function _forget(Case memory c) internal {
        Docket storage docket = _dockets[c.lotId];
        if (docket.provider != address(0)) delete docket.provider;
        delete docket.terms;
        delete docket.seed;
        Case memory counts;
        counts.challenges = c.challenges;
        counts.demands = c.demands;
        docket.writeHead(counts);
    }

    /// @dev Shares out the pot of a case that is over.
    function _pay(Case memory c, address provider, Pot memory pot, uint256 voidBond, uint256 cost) internal {
        (uint256 toChallenger, uint256 toProvider, uint256 toVault) = Votes.share(pot, cost);
        if (c.verdict == Verdict.Fault) toProvider += voidBond;
        else toChallenger += voidBond;
        emit CaseConcluded(c.lotId, pot.verdict, pot.fees, pot.penalties, cost, toChallenger, toProvider, toVault);
        _give(c.challenger, toChallenger);
        _give(provider, toProvider);
        if (toVault != 0) _give(market.vault(), toVault);
    }

    /// @dev What was prepaid for a delivery returns unless it was earned.
    function _endDemand(Case memory c, bool isFailed) internal {
        uint256 fee = c.status == CaseStatus.Demanded ? c.jurorFee : 0;
        _forget(c);
        emit DeliveryConcluded(c.lotId, isFailed, fee);
        _give(c.challenger, fee);
    }

    function _read(bytes32 lotId) internal view returns (Case memory c) {
        c = _dockets[lotId].readHead(lotId);
        _dockets[lotId].readTerms(c);
    }

    function _isDemand(Case memory c) internal pure returns (bool) {
        return c.status == CaseStatus.Demanded || c.status == CaseStatus.Answered;
    }

    function _firstBond(Case memory c) internal pure returns (uint256) {
        return Votes.BOND_FEES * c.challenges * c.jurorFee;
    }

    /// @dev Of the appeal to that round.
    function _bondOf(Case memory c, uint256 round) internal pure returns (uint256) {
        return Votes.sizeOf(round) * c.jurorFee;
    }
}
