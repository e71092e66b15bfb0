// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes as Pairs} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Endings} from "./Endings.sol";
import {Seats} from "./Seats.sol";
import {IBackers} from "./interfaces/IBackers.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {IMarket} from "./interfaces/IMarket.sol";
import {AuditSet} from "./libraries/AuditSet.sol";
import {Hashes} from "./libraries/Hashes.sol";
import {PositionalTree} from "./libraries/PositionalTree.sol";
import {Pricing} from "./libraries/Pricing.sol";
import {Merit, Pot, Votes} from "./libraries/Votes.sol";
import {AuditProof, Case, CaseKind, CaseStatus, Docket, Verdict} from "./types/Case.sol";
import {CourtParameters} from "./types/CourtParameters.sol";
import {PlacedLeaf} from "./types/Fault.sol";
import {Job, JobRequest} from "./types/Job.sol";
import {Lot, LotStatus, Submission} from "./types/Lot.sol";
import {Totals} from "./types/Receipt.sol";

/// @title The court, implemented; what it promises is in ICourt
contract Court is Endings {
    /// @dev As long as the Market lets. The longest case has forty phases, of two days at most.
    uint256 private constant HOLD_SECONDS = 90 days;
    uint256 private constant MAX_CHALLENGES = 2;
    uint256 private constant MAX_DEMANDS = 2;
    uint32 private constant OUTSIDE_AUDIT_SET = type(uint32).max;

    constructor(IBackers backers_) Seats(backers_) {}

    // ---------------------------------------------------------------- challenges

    /// @inheritdoc ICourt
    function challenge(
        Job calldata job,
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        AuditProof calldata proof,
        bytes32 commitment
    ) external {
        Case memory c = _newCase(job, lot);
        require(index < lot.itemCount, Court_NoSuchItem(index, lot.itemCount));
        // An item of a lot: 32 bits.
        c.index = index;
        c.kind = CaseKind.Item;
        if (proof.position != OUTSIDE_AUDIT_SET) {
            _requireInAuditSet(job.request, lot, _requireCommitted(c.lotId, submission), index, proof);
            c.kind = CaseKind.Audit;
        }
        if (msg.sender == job.request.auditor) c.challenger = msg.sender;
        // A window has 30 days at most.
        c.windowLeft = _hold(lot) - block.timestamp;
        _open(job, lot, c, proof.position, commitment);
    }

    /// @inheritdoc ICourt
    function answer(Lot calldata lot, bytes32 secret) external {
        Case memory c = _timely(Hashes.lotIdCalldata(lot), CaseStatus.Answer);
        _requireProvider(lot.provider);
        _advance(c, CaseStatus.Evidence);
        Docket storage docket = _dockets[c.lotId];
        docket.seed = Pairs.efficientKeccak256(docket.seed, secret);
        emit CaseAnswered(c.lotId, secret, c.deadline);
    }

    /// @inheritdoc ICourt
    function openEvidence(
        bytes32 lotId,
        bytes32 challengerSecret,
        bytes32 providerSecret,
        bytes32 evidenceHash
    ) external {
        Docket storage docket = _dockets[lotId];
        Case memory c = docket.readHead(lotId);
        bytes32 committed = keccak256(abi.encode(challengerSecret));
        if (c.status == CaseStatus.Answer) {
            // By itself, once the time for an answer is over.
            _requireOver(c.deadline);
            _requireInTime(c.deadline + c.phaseSeconds);
        } else {
            _requireStatus(c, CaseStatus.Evidence);
            _requireInTime(c.deadline);
            committed = Pairs.efficientKeccak256(committed, providerSecret);
        }
        _requireChallenger(c.challenger);
        require(docket.seed == committed, Court_WrongSecret());

        docket.seed = Pairs.efficientKeccak256(challengerSecret, providerSecret);
        docket.readTerms(c);
        emit EvidenceOpened(lotId, evidenceHash);
        _arm(c);
    }

    /// @inheritdoc ICourt
    function appeal(Lot calldata lot) external {
        Case memory c = _timely(Hashes.lotIdCalldata(lot), CaseStatus.Decided);
        require(c.round != Votes.LAST_ROUND, Court_LastRound());
        Docket storage docket = _dockets[c.lotId];
        docket.readTerms(c);
        address appellant = c.challenger;
        if (c.verdict == Verdict.Fault) {
            appellant = lot.provider;
            docket.provider = appellant;
        }
        c.round++;
        uint256 bond = Votes.sizeOf(c.round) * c.jurorFee;
        emit CaseAppealed(c.lotId, appellant, c.round, bond);
        _arm(c);
        _take(appellant, bond);
    }

    /// @inheritdoc ICourt
    function conclude(Lot calldata lot) external {
        Case memory c = _read(Hashes.lotIdCalldata(lot));
        bool isHeld = market.lotState(c.lotId).status() == LotStatus.Challenged;
        if (_isDemand(c)) {
            if (isHeld) _requireOver(c.deadline);
            bool isFailed = isHeld && c.status == CaseStatus.Demanded;
            _endDemand(c, isFailed);
            if (isFailed) _slash(lot, c, 0);
            else if (isHeld) _resume(lot, c);
            return;
        }
        Ending memory ending = isHeld ? _endingOf(c) : _cutOff(c, Merit.None);
        Pot memory pot = _end(c, ending);
        uint256 cost = 0;
        if (pot.verdict == Verdict.Fault) {
            require(!pot.isShared, Court_ItemNeeded(c.lotId));
            // As the Market caps it.
            cost = Math.min(Votes.costOf(pot), lot.collateral);
            _slash(lot, c, cost);
        } else if (isHeld) {
            _resume(lot, c);
        }
        _pay(c, lot.provider, pot, ending.voidBond, cost);
    }

    /// @inheritdoc ICourt
    function concludeItem(
        Lot calldata lot,
        Submission calldata submission,
        PlacedLeaf calldata previous,
        PlacedLeaf calldata placed
    ) external {
        Case memory c = _read(Hashes.lotIdCalldata(lot));
        Ending memory ending = _endingOf(c);
        Pot memory pot = _end(c, ending);
        require(pot.isShared && pot.verdict == Verdict.Fault, Court_WrongStatus(c.lotId, c.status));
        Totals memory before;
        if (c.index != 0) {
            _requireInTree(lot, submission, c.index - 1, previous);
            before = previous.totals;
        }
        _requireInTree(lot, submission, c.index, placed);
        Totals calldata totals = placed.totals;
        // Reverts unless the lot is committed to this submission, and held.
        uint256 cost = _forward(
            IMarket.void.selector,
            _raw(lot),
            abi.encode(
                _digestOf(submission),
                submission.totals,
                // Totals that shrink are a fault that anyone can prove.
                totals.promptTokens - before.promptTokens,
                totals.outputTokens - before.outputTokens,
                totals.errors - before.errors,
                Votes.costOf(pot)
            )
        );
        _pay(c, lot.provider, pot, ending.voidBond, cost);
    }

    // ---------------------------------------------------------------- delivery

    /// @inheritdoc ICourt
    function demandDelivery(Job calldata job, Lot calldata lot) external {
        Case memory c = _newCase(job, lot);
        require(c.demands < MAX_DEMANDS, Court_TooManyDemands(c.demands));
        c.demands++;
        c.kind = CaseKind.Delivery;
        _setTerms(job, lot, c);
        // Fits, as in `challenge`.
        c.windowLeft = _hold(lot) - block.timestamp;
        _dockets[c.lotId].writeTerms(c);
        _advance(c, CaseStatus.Demanded);
        emit DeliveryDemanded(c.lotId, lot.jobId, lot.provider, c.jurorFee, c.deadline);
        _take(c.challenger, c.jurorFee);
    }

    /// @inheritdoc ICourt
    function answerDelivery(Lot calldata lot, bytes calldata wrappedKey) external {
        Case memory c = _timely(Hashes.lotIdCalldata(lot), CaseStatus.Demanded);
        _requireProvider(lot.provider);
        _dockets[c.lotId].readTerms(c);
        _advance(c, CaseStatus.Answered);
        emit DeliveryAnswered(c.lotId, wrappedKey, c.deadline);
        _give(lot.provider, c.jurorFee);
    }

    /// @inheritdoc ICourt
    function objectDelivery(Job calldata job, Lot calldata lot, bytes32 commitment) external {
        Case memory c = _timely(_requireJobOf(lot, job), CaseStatus.Answered);
        _dockets[c.lotId].readTerms(c);
        // From now on; the window stays as it was when it stopped.
        _hold(lot);
        _open(job, lot, c, OUTSIDE_AUDIT_SET, commitment);
    }

    // ---------------------------------------------------------------- for the Market

    /// @inheritdoc ICourt
    function preempt(bytes32 lotId) external returns (uint256 cost) {
        require(msg.sender == address(market), Court_NotMarket(msg.sender));
        Case memory c = _read(lotId);
        // Nothing keeps a proof from its effect.
        if (c.status == CaseStatus.None) return 0;
        if (_isDemand(c)) {
            _endDemand(c, false);
            return 0;
        }
        address provider = _dockets[lotId].provider;
        Pot memory pot = _end(c, _cutOff(c, Merit.Paid));
        // Never more than the collateral, so that the Market credits as much as is paid out here.
        cost = Math.min(Math.saturatingSub(pot.fees, pot.penalties), c.coveredFees * c.jurorFee);
        _pay(c, provider, pot, 0, cost);
    }

    // ---------------------------------------------------------------- internals: opening

    /// @dev A case of a lot that has none, by its buyer.
    function _newCase(Job calldata job, Lot calldata lot) private returns (Case memory c) {
        bytes32 lotId = _requireJobOf(lot, job);
        c = _dockets[lotId].readHead(lotId);
        _requireStatus(c, CaseStatus.None);
        c.challenger = lot.buyer;
    }

    /// @dev Keeps the lot for as long as it takes. Returns the end of its window.
    function _hold(Lot calldata lot) private returns (uint256 windowEnd) {
        return _forward(IMarket.hold.selector, _raw(lot), abi.encode(block.timestamp + HOLD_SECONDS));
    }

    function _resume(Lot calldata lot, Case memory c) private {
        _forward(IMarket.resume.selector, _raw(lot), abi.encode(block.timestamp + c.windowLeft));
    }

    function _slash(Lot calldata lot, Case memory c, uint256 cost) private {
        _forward(IMarket.slash.selector, _raw(lot), abi.encode(c.challenger, cost));
    }

    function _setTerms(
        Job calldata job,
        Lot calldata lot,
        Case memory c
    ) private view returns (CourtParameters memory parameters) {
        parameters = _parametersOf(job.parametersVersion);
        c.jurorFee = parameters.jurorFee;
        // A seat stakes 10,000 fees at most.
        c.penaltyFees = Votes.penaltyFees(parameters.seatStake, parameters.jurorFee);
        // Two days at most.
        c.phaseSeconds = parameters.phaseSeconds;
        c.coveredFees = Math.min(lot.collateral / parameters.jurorFee, type(uint8).max);
    }

    /// @dev Begins a case of a lot that is held: takes the bond, and lets the provider answer.
    function _open(Job calldata job, Lot calldata lot, Case memory c, uint256 position, bytes32 commitment) private {
        require(c.challenges < MAX_CHALLENGES, Court_TooManyChallenges(c.challenges));
        (uint256 seats, uint256 stake, bool isProtected) = _protectionOf(job, lot, _setTerms(job, lot, c));
        require(isProtected, Court_NotProtected(seats, stake));
        c.challenges++;
        Docket storage docket = _dockets[c.lotId];
        docket.writeTerms(c);
        docket.seed = commitment;
        _advance(c, CaseStatus.Answer);
        _logOpened(lot.jobId, c, position, commitment);
        _take(c.challenger, _firstBond(c));
    }

    function _logOpened(bytes32 jobId, Case memory c, uint256 position, bytes32 commitment) private {
        emit CaseOpened(c.lotId, jobId, c.challenger, c.kind, c.index, position, _firstBond(c), commitment, c.deadline);
    }

    /// @dev Reverts unless the lot is committed to this submission. Returns the whole of the commitment.
    function _requireCommitted(
        bytes32 lotId,
        Submission calldata submission
    ) private view returns (bytes32 commitment) {
        commitment = Hashes.commitmentCalldata(lotId, _digestOf(submission), submission.totals);
        require(market.lotState(lotId).commitment() == bytes26(commitment), Court_OtherSubmission(lotId));
    }

    /// @dev Hashes.resultsDigest, without a copy of the totals.
    function _digestOf(Submission calldata submission) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(Hashes.RESULTS_TYPEHASH, submission.root, submission.resultsHash, submission.resultsKeyHash)
            );
    }

    /// @dev Reverts unless the item is where `proof` says in the lot's audit set.
    function _requireInAuditSet(
        JobRequest calldata request,
        Lot calldata lot,
        bytes32 commitment,
        uint256 index,
        AuditProof calldata proof
    ) private pure {
        require(
            AuditSet.verify(request.auditRoot, request.itemCount, lot.firstItem, lot.attempt, proof.secret, proof.path),
            Court_NotAuditSecret(proof.secret)
        );
        bytes32 seed = AuditSet.seedOf(proof.secret, commitment);
        require(
            AuditSet.itemAt(seed, lot.itemCount, proof.position) == index,
            Court_NotInAuditSet(index, proof.position)
        );
    }

    function _requireInTree(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedLeaf calldata placed
    ) private pure {
        bytes32 leaf = Hashes.hashReceiptLeaf(placed.receiptHash, placed.totals);
        require(
            PositionalTree.verify(submission.root, lot.itemCount, leaf, index, placed.path),
            Court_NotInTree(index)
        );
    }

    function _protectionOf(
        Job calldata job,
        Lot calldata lot,
        CourtParameters memory parameters
    ) private view returns (uint256 seats, uint256 stake, bool isProtected) {
        (seats, stake) = seatsOf(job.request.modelId);
        // Juries are drawn from those who were there when the job was opened: who came later protects nothing.
        seats = Math.min(seats, seatCountAt(job.request.modelId, job.openedAt - 1));
        stake = Math.min(stake, seats * parameters.seatStake);
        uint256 worth = uint256(lot.escrow) + lot.collateral;
        isProtected = seats >= parameters.minSeats && worth * Pricing.BPS <= stake * parameters.kappaBps;
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc ICourt
    function docketOf(bytes32 lotId) external view returns (Docket memory) {
        return _dockets[lotId];
    }

    /// @inheritdoc ICourt
    function protectionOf(
        Job calldata job,
        Lot calldata lot
    ) external view returns (uint256 seats, uint256 stake, bool isProtected) {
        return _protectionOf(job, lot, _parametersOf(job.parametersVersion));
    }
}
