// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {AuditProof, CaseKind, CaseStatus, Verdict} from "../../../contracts/types/Case.sol";
import {PlacedLeaf} from "../../../contracts/types/Fault.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";
import {CourtReckoning} from "./CourtReckoning.sol";
import {CourtRules} from "./CourtRules.sol";

/// @title What buyers, providers and auditors may do, at random
abstract contract CourtParties is CourtReckoning {
    bytes32 internal constant CHALLENGER_SECRET = keccak256("challenger's secret");
    bytes32 internal constant PROVIDER_SECRET = keccak256("provider's secret");

    // ---------------------------------------------------------------- lots

    /// @notice A new lot where one is over. The buyer may be the provider, and the auditor either.
    function openLot(uint256 which, uint256 roles, uint256 dice) external {
        for (uint256 i = 0; i < TABLES; i++) {
            if (_open(entries[((which % TABLES) + i) % TABLES], roles, dice)) return;
        }
    }

    function settle(uint256 by, uint256 which) external {
        Entry storage e = _pickDue(which);
        bool isDue = (e.status == LotStatus.Submitted || e.status == LotStatus.Challenged) && block.timestamp > e.until;
        _settle("settle", e, actors[by % actors.length], isDue, abi.encodeWithSelector(IMarket.settle.selector));
    }

    function accept(uint256 by, uint256 which) external {
        // Rarely: what is accepted cannot be disputed.
        if (which % 4 != 0) return;
        Entry storage e = entries[(which / 4) % TABLES];
        if (e.lotId == 0) return;
        address actor = callerFor(by, e.lot.buyer);
        bool isDue = e.status == LotStatus.Submitted && spendsFor(actor, e.lot.buyer);
        _settle("accept", e, actor, isDue, abi.encodeWithSelector(IMarket.accept.selector));
    }

    /// @notice Proves the fault that some lots have, whether the court holds them or not.
    function prove(uint256 by, uint256 which) external {
        if (which % 4 != 0) return;
        Entry storage e = entries[(which / 4) % TABLES];
        if (e.lotId == 0) return;
        bool isDue = e.isOff && (e.status == LotStatus.Submitted || e.status == LotStatus.Challenged);
        bytes memory call = abi.encodeCall(
            IFaults.proveLotTotals,
            (e.lot, submissionOf(e.isLarge, e.isOff), leafAt(e.isLarge, e.lot.itemCount - 1))
        );
        address actor = actors[by % actors.length];
        bool hasCase = !isIn(e, CaseStatus.None);
        if (act(hasCase ? "proveInCase" : "prove", actor, address(faults), call, isDue)) preempt(e, actor);
    }

    // ---------------------------------------------------------------- challenges

    function challenge(uint256 by, uint256 which, uint256 index, uint256 proof) external {
        Entry storage e = _pick(which, CaseStatus.None);
        if (e.lotId == 0) return;
        _challenge(e, _challengerFor(by, e), index, proof);
    }

    function answer(uint256 by, uint256 which) external {
        Entry storage e = _pick(which, CaseStatus.Answer);
        if (e.lotId != 0) _answer(e, callerFor(by, e.lot.provider));
    }

    function openEvidence(uint256 by, uint256 which, uint256 secret) external {
        Entry storage e = _pick(which, which % 2 == 0 ? CaseStatus.Answer : CaseStatus.Evidence);
        if (e.lotId != 0) _openEvidence(e, callerFor(by, e.suit.challenger), secret);
    }

    function appeal(uint256 by, uint256 which) external {
        Entry storage e = _pick(which, CaseStatus.Decided);
        if (e.lotId == 0) return;
        _appeal(e, callerFor(by, e.suit.verdict == Verdict.Fault ? e.lot.provider : e.suit.challenger));
    }

    // ---------------------------------------------------------------- delivery

    function demandDelivery(uint256 by, uint256 which) external {
        Entry storage e = _pick(which, CaseStatus.None);
        if (e.lotId != 0) _demandDelivery(e, callerFor(by, e.lot.buyer));
    }

    function answerDelivery(uint256 by, uint256 which) external {
        Entry storage e = _pick(which, CaseStatus.Demanded);
        if (e.lotId != 0) _answerDelivery(e, callerFor(by, e.lot.provider));
    }

    function objectDelivery(uint256 by, uint256 which) external {
        Entry storage e = _pick(which, CaseStatus.Answered);
        if (e.lotId != 0) _objectDelivery(e, callerFor(by, e.lot.buyer));
    }

    // ---------------------------------------------------------------- internals: lots

    function _open(Entry storage e, uint256 roles, uint256 dice) internal returns (bool) {
        if (e.status == LotStatus.Submitted || e.status == LotStatus.Challenged || !isIn(e, CaseStatus.None)) {
            return false;
        }
        _closeOpen(e);
        delete e.job;
        address by = roles % 3 == 0 ? patron : buyer;
        address for_ = [provider, rival, patron][(roles / 3) % 3];
        address audits = [address(0), auditor, auditor, by, for_][(roles / 9) % 5];
        if (free(by) < 50_000 || free(for_) < 50_000) return false;

        (e.isLarge, e.isOff, e.dice) = (dice % 3 == 0, (dice / 3) % 4 == 0, dice / 12);
        (e.job, e.lot) = newLot(by, for_, audits, e.isLarge, e.isOff);
        e.lotId = Hashes.lotId(e.lot);
        e.terms = current;
        e.seats = seatedAtOpening();
        e.status = LotStatus.Submitted;
        e.until = block.timestamp + e.lot.windowSeconds;
        (e.challenges, e.demands) = (0, 0);
        _count("openLot", true);
        return true;
    }

    /// @notice What was slashed the buyer takes back.
    function _closeOpen(Entry storage e) internal {
        if (e.status != LotStatus.Open) return;
        vm.prank(e.lot.buyer);
        market.close(e.job, listOf(e.lot));
        e.status = LotStatus.None;
    }

    function _settle(string memory name, Entry storage e, address by, bool isDue, bytes memory selector) internal {
        if (e.lotId == 0) return;
        Lot memory lot = e.lot;
        bytes memory call = bytes.concat(
            selector,
            abi.encode(Defaults.terms(lot), settlements(lot, submissionOf(e.isLarge, e.isOff)))
        );
        (bool succeeded, ) = tryTo(name, by, address(market), call);
        // What is not due is passed over.
        bool isSettled = e.status != LotStatus.None && market.lotState(e.lotId).status() == LotStatus.None;
        if (isSettled && !isDue) wrong = name;
        if (isDue && !(succeeded && isSettled)) refused = name;
        if (isDue) pay(e, type(uint256).max, 0);
    }

    // ---------------------------------------------------------------- internals: cases

    function _challengerFor(uint256 dice, Entry storage e) internal view returns (address) {
        address audits = e.job.request.auditor;
        return callerFor(dice, dice % 8 < 4 || audits == address(0) ? e.lot.buyer : audits);
    }

    /// @param proof In eight of sixteen cases of an item of the audit set, in six of one outside it, else wrong.
    function _challenge(Entry storage e, address by, uint256 index, uint256 proof) internal {
        uint256 count_ = e.lot.itemCount;
        // Once in sixteen one that is not there.
        index = index % 16 == 0 ? count_ : (index / 16) % count_;
        AuditProof memory shown;
        bool isRight = true;
        if (proof % 16 < 6) {
            shown.position = OUTSIDE;
        } else {
            shown = auditProof(e.isLarge, uint32((proof / 16) % (e.isLarge ? 128 : count_)));
            if (index < count_ && proof % 16 < 14) index = itemAt(e.lot, e.isOff, shown.position);
            if (proof % 16 == 14) shown.secret = keccak256("another");
            isRight = index < count_ && proof % 16 != 14 && itemAt(e.lot, e.isOff, shown.position) == index;
        }
        address audits = e.job.request.auditor;
        address challenger = by == audits ? by : e.lot.buyer;
        uint256 amount = firstBondOf(e, e.challenges + 1);
        bool isDue = isRight && index < count_ && isOpenToDispute(e) && isProtected(e) && e.challenges < 2;
        isDue = isDue && spendsFor(by, challenger) && free(challenger) >= amount;
        bytes memory call = abi.encodeCall(
            ICourt.challenge,
            (e.job, e.lot, submissionOf(e.isLarge, e.isOff), index, shown, keccak256(abi.encode(CHALLENGER_SECRET)))
        );
        if (!act("challenge", by, call, isDue)) return;

        e.suit.challenger = challenger;
        e.suit.kind = shown.position == OUTSIDE ? CaseKind.Item : CaseKind.Audit;
        e.suit.index = index;
        e.suit.windowLeft = e.until - block.timestamp;
        _begin(e, amount);
    }

    function _begin(Entry storage e, uint256 amount) private {
        e.challenges++;
        hold(e);
        advanceTo(e, CaseStatus.Answer);
        bond(e, false, amount);
        e.suit.lastBond = 0;
    }

    function _answer(Entry storage e, address by) internal {
        bool isDue = isTimely(e, CaseStatus.Answer) && providesFor(by, e.lot.provider);
        if (!act("answer", by, abi.encodeCall(ICourt.answer, (e.lot, PROVIDER_SECRET)), isDue)) return;
        e.suit.isAnswered = true;
        advanceTo(e, CaseStatus.Evidence);
    }

    /// @param secret Once in eight another than was committed to.
    function _openEvidence(Entry storage e, address by, uint256 secret) internal {
        bool isDue = isTimely(e, CaseStatus.Evidence);
        if (isIn(e, CaseStatus.Answer)) {
            uint256 deadline = e.suit.deadline;
            isDue = block.timestamp > deadline && block.timestamp <= deadline + phaseOf(e);
        }
        isDue = isDue && secret % 8 != 0 && spendsFor(by, e.suit.challenger);
        bytes32 told = secret % 16 == 0 ? keccak256("another") : CHALLENGER_SECRET;
        bytes32 other = e.suit.isAnswered != (secret % 16 == 8) ? PROVIDER_SECRET : bytes32(0);
        // Without an answer there is nothing to mistake.
        if (!e.suit.isAnswered && secret % 16 == 8) told = bytes32(0);
        bytes memory call = abi.encodeCall(ICourt.openEvidence, (e.lotId, told, other, keccak256("evidence")));
        if (act("openEvidence", by, call, isDue)) arm(e);
    }

    function _appeal(Entry storage e, address by) internal {
        bool isProviders = e.suit.verdict == Verdict.Fault;
        address appellant = isProviders ? e.lot.provider : e.suit.challenger;
        bool isDue = isTimely(e, CaseStatus.Decided) && e.suit.round < 2 && spendsFor(by, appellant);
        uint256 amount = isDue ? CourtRules.sizeOf(e.suit.round + 1) * e.terms.jurorFee : 0;
        isDue = isDue && free(appellant) >= amount;
        if (!act("appeal", by, abi.encodeCall(ICourt.appeal, (e.lot)), isDue)) return;
        e.suit.round++;
        e.suit.redraws = 0;
        arm(e);
        bond(e, isProviders, amount);
    }

    function _demandDelivery(Entry storage e, address by) internal {
        uint256 fee = e.terms.jurorFee;
        bool isDue = isOpenToDispute(e) && e.demands < 2 && spendsFor(by, e.lot.buyer) && free(e.lot.buyer) >= fee;
        if (!act("demandDelivery", by, abi.encodeCall(ICourt.demandDelivery, (e.job, e.lot)), isDue)) return;
        e.demands++;
        e.suit.kind = CaseKind.Delivery;
        e.suit.challenger = e.lot.buyer;
        e.suit.windowLeft = e.until - block.timestamp;
        e.suit.prepaid = fee;
        dues[e.lot.buyer] -= fee;
        hold(e);
        advanceTo(e, CaseStatus.Demanded);
    }

    function _answerDelivery(Entry storage e, address by) internal {
        bool isDue = isTimely(e, CaseStatus.Demanded) && providesFor(by, e.lot.provider);
        if (!act("answerDelivery", by, abi.encodeCall(ICourt.answerDelivery, (e.lot, "key")), isDue)) return;
        dues[e.lot.provider] += e.suit.prepaid;
        e.suit.prepaid = 0;
        advanceTo(e, CaseStatus.Answered);
    }

    function _objectDelivery(Entry storage e, address by) internal {
        uint256 amount = firstBondOf(e, e.challenges + 1);
        bool isDue = isTimely(e, CaseStatus.Answered) && isProtected(e) && e.challenges < 2;
        isDue = isDue && spendsFor(by, e.lot.buyer) && free(e.lot.buyer) >= amount;
        bytes32 commitment = keccak256(abi.encode(CHALLENGER_SECRET));
        bytes memory call = abi.encodeCall(ICourt.objectDelivery, (e.job, e.lot, commitment));
        if (act("objectDelivery", by, call, isDue)) _begin(e, amount);
    }

    // ---------------------------------------------------------------- internals: choice

    /// @dev A lot at random; mostly, if there is one, in this status.
    function _pick(uint256 which, CaseStatus status) internal view returns (Entry storage e) {
        for (uint256 i = 0; i < TABLES && which % 8 != 0; i++) {
            e = entries[((which / 8) + i) % TABLES];
            if (status == CaseStatus.None ? isOpenToDispute(e) : isIn(e, status)) return e;
        }
        return entries[(which / 8) % TABLES];
    }

    /// @dev The same, with something to settle.
    function _pickDue(uint256 which) private view returns (Entry storage e) {
        for (uint256 i = 0; i < TABLES && which % 8 != 0; i++) {
            e = entries[((which / 8) + i) % TABLES];
            if (e.status != LotStatus.None && e.status != LotStatus.Open && block.timestamp > e.until) return e;
        }
        return entries[(which / 8) % TABLES];
    }
}
