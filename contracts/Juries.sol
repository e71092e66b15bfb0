// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Hashes as Pairs} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Seats} from "./Seats.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {IMarket} from "./interfaces/IMarket.sol";
import {Hashes} from "./libraries/Hashes.sol";
import {Judgement, Merit, Votes} from "./libraries/Votes.sol";
import {Case, CaseKind, CaseStatus, Docket, Verdict} from "./types/Case.sol";
import {Job} from "./types/Job.sol";
import {Lot} from "./types/Lot.sol";

/// @title Juries: draws, keys, votes and what they say; what they promise is in ICourt
abstract contract Juries is ICourt, Seats {
    using Address for address;

    /// @dev More would let jurors who stay away hold a case up for ever.
    uint256 private constant MAX_REDRAWS = 2;
    uint256 private constant BITS_PER_REDRAWS = 2;
    uint256 private constant ONE_REDRAW = 1;
    uint256 private constant REDRAWS_MASK = 3;
    uint256 private constant BITS_PER_VOTE = 16;
    uint256 private constant VOTES_PER_WORD = 16;

    mapping(bytes32 lotId => Docket) internal _dockets;
    /// @dev What each jury revealed, 16 votes a word; a vote is written as its difference from ABSENT.
    mapping(bytes32 juryId => mapping(uint256 index => uint256 word)) private _votes;
    /// @dev Those that are never opened stay as they are: no jury comes twice.
    mapping(bytes32 juryId => mapping(uint256 place => bytes32)) private _commitments;

    // ---------------------------------------------------------------- the draw

    /// @inheritdoc ICourt
    function draw(Job calldata job, Lot calldata lot) external {
        Case memory c = _timely(_requireJobOf(lot, job), CaseStatus.Drawing);
        Docket storage docket = _dockets[c.lotId];
        docket.readTerms(c);
        uint256 entropyBlock = c.armedBlock + 1;
        bytes32 entropy = blockhash(entropyBlock);
        require(entropy != 0, Court_NoEntropy(entropyBlock));

        uint256 redraws = _redrawsOf(c, c.round);
        // One of them is the challenger.
        address[] memory parties = new address[](2);
        (parties[0], parties[1]) = (lot.buyer, job.request.auditor);
        _advance(c, CaseStatus.Keys);
        uint32[] memory seatIds = _drawJury(
            Draw({
                modelId: job.request.modelId,
                seed: Pairs.efficientKeccak256(Pairs.efficientKeccak256(docket.seed, entropy), _juryId(c, c.round)),
                size: Votes.sizeOf(c.round),
                activeBefore: job.openedAt,
                reserve: _penalty(c),
                parties: parties,
                provider: lot.provider,
                caseId: _caseId(c)
            })
        );
        emit JuryDrawn(c.lotId, c.round, redraws, seatIds, c.deadline);
    }

    /// @inheritdoc ICourt
    function rearm(bytes32 lotId) external {
        Case memory c = _timely(lotId, CaseStatus.Drawing);
        _dockets[lotId].readTerms(c);
        uint256 entropyBlock = c.armedBlock + 1;
        require(block.number > entropyBlock, Court_NoEntropy(entropyBlock));
        require(blockhash(entropyBlock) == 0, Court_EntropyAtHand(entropyBlock));
        _armNow(c);
    }

    /// @dev Lets the hash of the block after this one draw the next jury. The case's terms have been read.
    function _arm(Case memory c) internal {
        _advance(c, CaseStatus.Drawing);
        _armNow(c);
    }

    function _armNow(Case memory c) private {
        // 40 bits hold ten blocks a second for 3,000 years.
        c.armedBlock = block.number;
        _dockets[c.lotId].writeTerms(c);
        emit JuryArmed(c.lotId, c.round, _redrawsOf(c, c.round), c.armedBlock, c.deadline);
    }

    // ---------------------------------------------------------------- votes

    /// @inheritdoc ICourt
    function shareKeys(Lot calldata lot, bytes[] calldata wrappedKeys) external {
        Case memory c = _timely(Hashes.lotIdCalldata(lot), CaseStatus.Keys);
        if (c.kind == CaseKind.Delivery) _requireProvider(lot.provider);
        else _requireChallenger(c.challenger);
        uint256 size = Votes.sizeOf(c.round);
        require(wrappedKeys.length == size, Court_WrongKeyCount(wrappedKeys.length, size));
        _advance(c, CaseStatus.Commit);
        emit KeysShared(c.lotId, wrappedKeys, c.deadline);
    }

    /// @inheritdoc ICourt
    function commitVote(bytes32 lotId, uint256 place, bytes32 commitment) external {
        Case memory c = _timely(lotId, CaseStatus.Commit);
        uint32 seatId = _jurorAt(c, place);
        address voter = _voterOf(seatId);
        require(msg.sender == voter, Court_NotParty(msg.sender, voter));
        require(commitment != 0, Court_InvalidCommitment());
        mapping(uint256 place => bytes32) storage commitments = _commitments[_juryId(c, c.round)];
        require(commitments[place] == 0, Court_AlreadyCommitted(place));

        commitments[place] = commitment;
        emit VoteCommitted(lotId, seatId, place, commitment);
    }

    /// @inheritdoc ICourt
    function revealVote(bytes32 lotId, uint256 place, int16 vote, bytes32 salt) external {
        Case memory c = _dockets[lotId].readHead(lotId);
        uint32 seatId = _jurorAt(c, place);
        bytes32 juryId = _juryId(c, c.round);
        mapping(uint256 place => bytes32) storage commitments = _commitments[juryId];
        _openReveal(c, commitments);
        // No commitment is zero, and nobody has committed to be absent.
        require(
            commitments[place] == keccak256(abi.encode(juryId, seatId, vote, salt)) && vote != Votes.ABSENT,
            Court_WrongReveal(place)
        );

        delete commitments[place];
        uint256 shift = (place % VOTES_PER_WORD) * BITS_PER_VOTE;
        // The bits of the difference, and not zero.
        uint256 written = uint16(vote) ^ uint16(Votes.ABSENT);
        _votes[juryId][place / VOTES_PER_WORD] |= written << shift;
        emit VoteRevealed(lotId, seatId, place, vote);
    }

    /// @inheritdoc ICourt
    function decide(bytes32 lotId) external {
        Case memory c = _dockets[lotId].readHead(lotId);
        uint256 deadline = _revealDeadline(c);
        int16[] memory votes = _votesOf(c, c.round);
        uint256 revealed = Votes.countRevealed(votes);
        if (revealed != votes.length) _requireOver(deadline);
        (Verdict verdict, int16 median) = Votes.decide(votes, c.kind == CaseKind.Delivery);
        if (verdict == Verdict.None) {
            _redraw(c, revealed);
            return;
        }
        c.verdict = verdict;
        _advance(c, CaseStatus.Decided);
        emit CaseDecided(lotId, c.round, verdict, median, c.deadline);
    }

    /// @dev Ends a jury of which too few revealed, and lets another be drawn, unless that happened twice.
    function _redraw(Case memory c, uint256 revealed) private {
        _dockets[c.lotId].readTerms(c);
        // Nobody in it is judged by a verdict that is not theirs.
        Judgement memory none;
        (uint256 fees, uint256 penalties, ) = _settleJury(c, c.round, none, Merit.Penalised);
        // At most half of the jurors are paid, and each of the others loses at least four times as much.
        uint256 rest = penalties - fees;
        uint256 redraws = _redrawsOf(c, c.round);
        emit JuryFailed(c.lotId, c.round, redraws, revealed, rest);
        if (redraws == MAX_REDRAWS) {
            _advance(c, CaseStatus.Failed);
        } else {
            // Two bits of this round: at most 2.
            c.redraws += ONE_REDRAW << (c.round * BITS_PER_REDRAWS);
            _arm(c);
        }
        _give(market.vault(), rest);
    }

    /// @dev Frees a round's jurors, pays and penalises them by what they voted, and forgets that. The case's terms have been
    /// read.
    /// @param absentees What those are given who revealed nothing.
    function _settleJury(
        Case memory c,
        uint256 round,
        Judgement memory final_,
        Merit absentees
    ) internal returns (uint256 fees, uint256 penalties, int16[] memory votes) {
        votes = _votesOf(c, round);
        bytes32 caseId = _caseId(c);
        uint256 first = _firstOf(c, round);
        for (uint256 place = 0; place < votes.length; place++) {
            Merit merit = votes[place] == Votes.ABSENT ? absentees : Votes.meritOf(votes[place], final_);
            uint256 pay = merit == Merit.Paid ? c.jurorFee : 0;
            uint256 penalty = merit == Merit.Penalised ? _penalty(c) : 0;
            fees += pay;
            penalties += penalty;
            _settleSeat(_drawnAt(caseId, first + place), _penalty(c), penalty, pay);
        }
        bytes32 juryId = _juryId(c, round);
        for (uint256 i = 0; i * VOTES_PER_WORD < votes.length; i++) delete _votes[juryId][i];
    }

    // ---------------------------------------------------------------- internals

    /// @dev Reverts unless votes may be revealed now. The first to do so before the deadline of the commitments shows that
    /// all are there, which costs less than to count them as they come.
    function _openReveal(Case memory c, mapping(uint256 place => bytes32) storage commitments) private {
        if (c.status == CaseStatus.Commit && block.timestamp <= c.deadline) {
            uint256 size = Votes.sizeOf(c.round);
            for (uint256 i = 0; i < size; i++) require(commitments[i] != 0, Court_NotAllCommitted(i));
            _advance(c, CaseStatus.Reveal);
            emit RevealOpened(c.lotId, c.deadline);
        } else {
            _requireInTime(_revealDeadline(c));
        }
    }

    /// @dev Last second in which to reveal. Reverts unless votes are revealed now, or were.
    function _revealDeadline(Case memory c) private pure returns (uint256) {
        if (c.status == CaseStatus.Reveal) return c.deadline;
        _requireStatus(c, CaseStatus.Commit);
        // By itself, a phase after the last commitment could be made.
        return c.deadline + c.phaseSeconds;
    }

    /// @dev A case of this status whose deadline is not over.
    function _timely(bytes32 lotId, CaseStatus status) internal view returns (Case memory c) {
        c = _dockets[lotId].readHead(lotId);
        _requireStatus(c, status);
        _requireInTime(c.deadline);
    }

    /// @dev To a status that is left in a phase, or is over.
    function _advance(Case memory c, CaseStatus status) internal {
        c.status = status;
        // 40 bits hold seconds for 34,000 years.
        c.deadline = block.timestamp + c.phaseSeconds;
        _dockets[c.lotId].writeHead(c);
    }

    function _requireStatus(Case memory c, CaseStatus status) internal pure {
        require(c.status == status, Court_WrongStatus(c.lotId, c.status));
    }

    function _requireInTime(uint256 deadline) internal view {
        require(block.timestamp <= deadline, Court_TooLate(block.timestamp, deadline));
    }

    function _requireOver(uint256 deadline) internal view {
        require(block.timestamp > deadline, Court_TooEarly(block.timestamp, deadline));
    }

    function _requireJobOf(Lot calldata lot, Job calldata job) internal returns (bytes32 lotId) {
        bytes32 jobId = bytes32(_forward(IMarket.requireTerms.selector, _raw(job), ""));
        require(jobId == lot.jobId, Court_OtherJob(lot.jobId, jobId));
        return Hashes.lotIdCalldata(lot);
    }

    /// @dev Calls the Market with a struct as it was sent, and `tail` behind it. The Market checks the words that it reads,
    /// and that their hash is what it knows. Encoding them field by field would take two kilobytes of code.
    /// @return result The first word of what it returns, or zero.
    function _forward(bytes4 selector, bytes calldata head, bytes memory tail) internal returns (uint256 result) {
        bytes memory returned = address(market).functionCall(bytes.concat(selector, head, tail));
        if (returned.length != 0) result = abi.decode(returned, (uint256));
    }

    /// @dev A Lot is 17 words.
    function _raw(Lot calldata lot) internal pure returns (bytes calldata words) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            words.offset := lot
            words.length := 0x220
        }
    }

    /// @dev A Job is 19 words.
    function _raw(Job calldata job) private pure returns (bytes calldata words) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            words.offset := job
            words.length := 0x260
        }
    }

    function _requireProvider(address provider) internal view {
        require(
            msg.sender == provider || market.collateralCapOf(provider, msg.sender) != 0,
            Court_NotParty(msg.sender, provider)
        );
    }

    function _requireChallenger(address challenger) internal view {
        require(
            msg.sender == challenger || market.buyerOperatorOf(challenger, msg.sender).periodSeconds != 0,
            Court_NotParty(msg.sender, challenger)
        );
    }

    /// @dev Within a seat's stake, so within 96 bits.
    function _penalty(Case memory c) private pure returns (uint96) {
        return uint96(c.penaltyFees * c.jurorFee);
    }

    /// @dev What a lot's second challenge draws is another case's.
    function _caseId(Case memory c) private pure returns (bytes32) {
        return Pairs.efficientKeccak256(c.lotId, bytes32(c.challenges));
    }

    function _juryId(Case memory c, uint256 round) private pure returns (bytes32) {
        return Pairs.efficientKeccak256(_caseId(c), bytes32(_firstOf(c, round)));
    }

    function _redrawsOf(Case memory c, uint256 round) private pure returns (uint256) {
        return (c.redraws >> (round * BITS_PER_REDRAWS)) & REDRAWS_MASK;
    }

    /// @dev The seat at a place of the present jury.
    function _jurorAt(Case memory c, uint256 place) private view returns (uint32) {
        uint256 size = Votes.sizeOf(c.round);
        require(place < size, Court_NoSuchPlace(place, size));
        return _drawnAt(_caseId(c), _firstOf(c, c.round) + place);
    }

    /// @dev Where a round's jury begins among the seats drawn in the case, those of juries that failed included.
    function _firstOf(Case memory c, uint256 round) private pure returns (uint256 first) {
        first = _redrawsOf(c, round) * Votes.sizeOf(round);
        for (uint256 i = 0; i < round; i++) first += (_redrawsOf(c, i) + 1) * Votes.sizeOf(i);
    }

    function _votesOf(Case memory c, uint256 round) internal view returns (int16[] memory votes) {
        bytes32 juryId = _juryId(c, round);
        votes = new int16[](Votes.sizeOf(round));
        uint256 word;
        for (uint256 place = 0; place < votes.length; place++) {
            if (place % VOTES_PER_WORD == 0) word = _votes[juryId][place / VOTES_PER_WORD];
            // The lowest 16 bits, as `revealVote` wrote them.
            votes[place] = int16(uint16(word) ^ uint16(Votes.ABSENT));
            word >>= BITS_PER_VOTE;
        }
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc ICourt
    function juryOf(
        bytes32 lotId,
        uint256 round
    ) external view returns (uint32[] memory seatIds, int16[] memory votes) {
        Case memory c = _dockets[lotId].readHead(lotId);
        votes = _votesOf(c, round);
        seatIds = new uint32[](votes.length);
        uint256 first = _firstOf(c, round);
        for (uint256 i = 0; i < votes.length; i++) seatIds[i] = _drawnAt(_caseId(c), first + i);
    }
}
