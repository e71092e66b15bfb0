// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pricing} from "../../../contracts/libraries/Pricing.sol";
import {CaseKind, CaseStatus, Verdict} from "../../../contracts/types/Case.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Totals} from "../../../contracts/types/Receipt.sol";
import {CourtModel} from "./CourtModel.sol";
import {CourtRules} from "./CourtRules.sol";

/// @title The second bookkeeping's money: what verdicts and endings cost, and whom
abstract contract CourtReckoning is CourtModel {
    // ---------------------------------------------------------------- verdicts

    /// @notice The jury has had its time: it decides, or is drawn again, or fails for good.
    function judge(Entry storage e) internal {
        Suit storage suit = e.suit;
        Jury storage jury = benchOf(e);
        (Verdict verdict, int16 median) = CourtRules.decide(votesOf(jury), suit.kind == CaseKind.Delivery);
        if (verdict != Verdict.None) {
            (suit.verdict, suit.median) = (verdict, median);
            advanceTo(e, CaseStatus.Decided);
            return;
        }
        CourtRules.Pot memory pot;
        CourtRules.Final memory end;
        _settleJury(e, jury, end, pot, true, false);
        dues[vault] += pot.penalties - pot.fees;
        if (suit.redraws == 2) {
            advanceTo(e, CaseStatus.Failed);
        } else {
            suit.redraws++;
            arm(e);
        }
    }

    // ---------------------------------------------------------------- endings

    /// @notice Ends a case of a lot that is held, or of one that was settled meanwhile.
    function conclude(Entry storage e) internal {
        if (e.status != LotStatus.Challenged) {
            if (isDemand(e)) _forgetDemand(e);
            else _cutOff(e, 0, false);
            return;
        }
        if (isDemand(e)) {
            bool isFailed = isIn(e, CaseStatus.Demanded);
            if (isFailed) slash(e, e.suit.challenger, 0);
            else _resume(e);
            _forgetDemand(e);
            return;
        }
        (CourtRules.Pot memory pot, Verdict verdict) = _reckon(e);
        if (verdict == Verdict.Fault) {
            pot.cost = _costOf(pot, 1);
            if (pot.cost > e.lot.collateral) pot.cost = e.lot.collateral;
            slash(e, e.suit.challenger, pot.cost);
        } else {
            _resume(e);
        }
        _payOut(e, pot, verdict);
    }

    function concludeItem(Entry storage e) internal {
        (CourtRules.Pot memory pot, Verdict verdict) = _reckon(e);
        pot.cost = pay(e, e.suit.index, _costOf(pot, 2));
        _payOut(e, pot, verdict);
    }

    /// @notice A fault that anyone can prove ends the case and slashes the lot.
    function preempt(Entry storage e, address prover) internal {
        uint256 cost;
        if (isDemand(e)) _forgetDemand(e);
        else if (!isIn(e, CaseStatus.None)) cost = _cutOff(e, e.lot.collateral, true);
        slash(e, prover, cost);
    }

    /// @dev Settles the jurors of a case that has run its course, and returns a bond for which nobody was heard.
    function _reckon(Entry storage e) private returns (CourtRules.Pot memory pot, Verdict verdict) {
        Suit storage suit = e.suit;
        verdict = verdictOf(e);
        bool isUnheard = isIn(e, CaseStatus.Drawing) || isIn(e, CaseStatus.Failed);
        if (isUnheard && suit.round != 0) {
            if (suit.isProviders) {
                suit.providerBonds -= suit.lastBond;
                dues[e.lot.provider] += suit.lastBond;
            } else {
                suit.challengerBonds -= suit.lastBond;
                dues[suit.challenger] += suit.lastBond;
            }
        }
        CourtRules.Final memory end = CourtRules.Final(
            verdict,
            isIn(e, CaseStatus.Decided) || (isUnheard && suit.round != 0),
            suit.median
        );
        _settleAll(e, end, pot, false);
    }

    /// @dev Ends a case without a verdict. `most` is what a slash may pay for its jurors.
    function _cutOff(Entry storage e, uint256 most, bool arePaid) private returns (uint256 cost) {
        CourtRules.Pot memory pot;
        CourtRules.Final memory end;
        _settleAll(e, end, pot, arePaid);
        if (pot.fees > pot.penalties) cost = pot.fees - pot.penalties;
        // Whole fees of the collateral, up to 255.
        uint256 covered = most / e.terms.jurorFee;
        if (covered > 255) covered = 255;
        if (cost > covered * e.terms.jurorFee) cost = covered * e.terms.jurorFee;
        pot.cost = cost;
        _payOut(e, pot, Verdict.None);
    }

    /// @param arePaid Whether jurors who sit and have revealed nothing yet are paid; else they get nothing.
    function _settleAll(Entry storage e, CourtRules.Final memory end, CourtRules.Pot memory pot, bool arePaid) private {
        Jury[] storage all = juries[caseIdOf(e)];
        for (uint256 i = 0; i < all.length; i++) {
            if (all[i].isSettled) continue;
            bool sits = isSitting(e) && i + 1 == all.length;
            _settleJury(e, all[i], end, pot, !sits, arePaid && sits);
        }
        pot.challengerBonds = e.suit.challengerBonds;
        pot.providerBonds = e.suit.providerBonds;
    }

    function _settleJury(
        Entry storage e,
        Jury storage jury,
        CourtRules.Final memory end,
        CourtRules.Pot memory pot,
        bool punishes,
        bool pays
    ) private {
        uint256 fee = e.terms.jurorFee;
        uint256 penalty = penaltyOf(e);
        jury.isSettled = true;
        for (uint256 i = 0; i < jury.places.length; i++) {
            Place storage place = jury.places[i];
            Chair storage chair = chairs[place.seatId];
            (bool isPaid, bool isPenalised) = (pays, punishes);
            if (place.hasRevealed) (isPaid, isPenalised) = CourtRules.meritOf(place.plan, end);
            chair.reserved -= penalty;
            if (isPenalised) {
                chair.stake -= penalty;
                pot.penalties += penalty;
            }
            if (isPaid) {
                chair.earnings += fee;
                pot.fees += fee;
            }
        }
    }

    /// @dev What a slash or a void pays of a jury: what wrong jurors and the loser's bonds do not, or a part of that.
    function _costOf(CourtRules.Pot memory pot, uint256 parts) private pure returns (uint256) {
        uint256 paid = pot.penalties + pot.providerBonds;
        return pot.fees > paid ? (pot.fees - paid) / parts : 0;
    }

    function _payOut(Entry storage e, CourtRules.Pot memory pot, Verdict verdict) private {
        (uint256 toChallenger, uint256 toProvider, uint256 toVault) = CourtRules.share(pot, verdict);
        dues[e.suit.challenger] += toChallenger;
        dues[e.lot.provider] += toProvider;
        dues[vault] += toVault;
        delete e.suit;
    }

    function _forgetDemand(Entry storage e) private {
        dues[e.suit.challenger] += e.suit.prepaid;
        delete e.suit;
    }

    // ---------------------------------------------------------------- lots

    function _resume(Entry storage e) private {
        e.status = LotStatus.Submitted;
        e.until = block.timestamp + e.suit.windowLeft;
    }

    /// @notice Takes the collateral. What of it the court gets, it pays to jurors.
    function slash(Entry storage e, address prover, uint256 cost) internal {
        Lot storage lot = e.lot;
        uint256 penalty = lot.collateral - cost;
        if (penalty > lot.penalty) penalty = lot.penalty;
        uint256 bounty = (penalty * lot.bountyBps) / 10_000;
        dues[lot.provider] -= lot.collateral;
        dues[prover] += bounty;
        dues[lot.buyer] += penalty - bounty;
        dues[vault] += lot.collateral - cost - penalty;
        e.status = LotStatus.Open;
        e.until = block.timestamp;
    }

    /// @notice Pays a lot, without one of its items if `voided` is one, which costs the provider up to `cost` and a fine.
    function pay(Entry storage e, uint256 voided, uint256 cost) internal returns (uint256 paidCost) {
        Lot memory lot = e.lot;
        Totals memory totals = submissionOf(e.isLarge, e.isOff).totals;
        Totals memory item;
        if (voided < lot.itemCount) {
            item = totalsAt(e.isLarge, voided);
            if (voided != 0) {
                Totals memory before = totalsAt(e.isLarge, voided - 1);
                item = Totals(
                    item.promptTokens - before.promptTokens,
                    item.outputTokens - before.outputTokens,
                    item.errors - before.errors
                );
            }
        }
        uint256 due = _priceOf(lot, totals.promptTokens - item.promptTokens, totals.outputTokens - item.outputTokens);
        if (due > lot.escrow) due = lot.escrow;
        uint256 errors = totals.errors - item.errors;
        uint256 forfeit = (uint256(lot.penalty) * errors + lot.itemCount - 1) / lot.itemCount;
        uint256 fine = 100 * _priceOf(lot, item.promptTokens, item.outputTokens);
        uint256 left = lot.collateral - forfeit;
        paidCost = cost < left ? cost : left;
        if (fine > left - paidCost) fine = left - paidCost;
        uint256 fee = (due * lot.feeBps) / 10_000;
        dues[lot.buyer] = dues[lot.buyer] + forfeit - due;
        dues[lot.provider] = dues[lot.provider] + due - fee - forfeit - paidCost - fine;
        dues[vault] += fee + fine;
        e.status = LotStatus.None;
        e.until = 0;
    }

    function _priceOf(Lot memory lot, uint256 prompt, uint256 output) private pure returns (uint256) {
        return Pricing.costUp(prompt, output, lot.promptPricePerMillion, lot.outputPricePerMillion);
    }
}
