// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArbiter} from "./interfaces/IArbiter.sol";
import {IFaults} from "./interfaces/IFaults.sol";
import {IMarket} from "./interfaces/IMarket.sol";
import {Hashes} from "./libraries/Hashes.sol";
import {PositionalTree} from "./libraries/PositionalTree.sol";
import {DemandState, FaultKind, PlacedLeaf, PlacedReceipt} from "./types/Fault.sol";
import {Job} from "./types/Job.sol";
import {Lot, LotState, Submission} from "./types/Lot.sol";
import {MarketParameters} from "./types/MarketParameters.sol";
import {ModelSpec} from "./types/ModelSpec.sol";
import {Item, Receipt, Totals} from "./types/Receipt.sol";

/// @title Objective faults and demands, implemented; what they promise is in IFaults
/// @dev The Market is trusted, and calls nobody but the court: nothing here can be re-entered by a party.
contract Faults is IFaults {
    /// @dev As protocol/src/receipts.ts writes it.
    uint8 private constant RECEIPT_VERSION = 1;
    /// @dev The last two stop reasons are the failures.
    uint8 private constant STOP_ERROR = 3;
    uint8 private constant STOP_INVALID_INPUT = 4;
    uint256 private constant TOKEN_ID_BYTES = 4;
    /// @dev More would let a buyer stop a window for the price of one answer's time.
    uint256 private constant MAX_OPEN_DEMANDS = 3;

    /// @inheritdoc IFaults
    IMarket public market;

    mapping(bytes32 lotId => DemandState) private _demands;
    /// @dev Those of lots that are over stay as they are: no lotId comes twice.
    mapping(bytes32 lotId => mapping(uint256 index => uint40)) private _answerDeadlines;

    /// @inheritdoc IArbiter
    function bind() external {
        require(address(market) == address(0), Arbiter_AlreadyBound(address(market)));
        market = IMarket(msg.sender);
    }

    // ---------------------------------------------------------------- proofs

    /// @inheritdoc IFaults
    function proveTotals(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedLeaf calldata previous,
        PlacedReceipt calldata placed
    ) external {
        bytes32 lotId = _requireReceipt(lot, submission, index, placed);
        Totals memory before;
        if (index != 0) {
            _requireLeaf(lot, submission, index - 1, previous);
            before = previous.totals;
        }
        Receipt calldata receipt = placed.receipt;
        Totals calldata totals = placed.totals;
        // In uint256: a sum that leaves its field is no sum.
        require(
            uint256(before.promptTokens) + receipt.promptTokens != totals.promptTokens ||
                uint256(before.outputTokens) + receipt.outputTokens != totals.outputTokens ||
                uint256(before.errors) + (receipt.stopReason == STOP_ERROR ? 1 : 0) != totals.errors,
            Faults_NoFault(FaultKind.Totals, index)
        );
        _slash(lot, lotId, FaultKind.Totals, index);
    }

    /// @inheritdoc IFaults
    function proveLotTotals(Lot calldata lot, Submission calldata submission, PlacedLeaf calldata last) external {
        bytes32 lotId = _requireCommitted(lot, submission);
        uint256 index = uint256(lot.itemCount) - 1;
        _requireLeaf(lot, submission, index, last);
        require(
            last.totals.promptTokens != submission.totals.promptTokens ||
                last.totals.outputTokens != submission.totals.outputTokens ||
                last.totals.errors != submission.totals.errors,
            Faults_NoFault(FaultKind.LotTotals, index)
        );
        _slash(lot, lotId, FaultKind.LotTotals, index);
    }

    /// @inheritdoc IFaults
    function proveEmptyLeaf(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata path
    ) external {
        bytes32 lotId = _requireCommitted(lot, submission);
        require(leaf == PositionalTree.EMPTY || leaf == PositionalTree.PAD, Faults_NoFault(FaultKind.EmptyLeaf, index));
        _requireInTree(submission.root, lot.itemCount, leaf, index, path);
        _slash(lot, lotId, FaultKind.EmptyLeaf, index);
    }

    /// @inheritdoc IFaults
    function proveStatement(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed
    ) external {
        bytes32 lotId = _requireReceipt(lot, submission, index, placed);
        Receipt calldata receipt = placed.receipt;
        bool failed = receipt.stopReason >= STOP_ERROR;
        require(
            receipt.version != RECEIPT_VERSION ||
                receipt.jobId != lot.jobId ||
                receipt.itemIndex != lot.firstItem + index ||
                receipt.stopReason > STOP_INVALID_INPUT ||
                (failed && (receipt.promptTokens != 0 || receipt.outputTokens != 0)),
            Faults_NoFault(FaultKind.Statement, index)
        );
        _slash(lot, lotId, FaultKind.Statement, index);
    }

    /// @inheritdoc IFaults
    function proveInput(
        Job calldata job,
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed,
        bytes32 inputLeaf,
        bytes32[] calldata inputPath
    ) external {
        bytes32 lotId = _requireReceipt(lot, submission, index, placed);
        _requireJobOf(lot, job);
        _requireInTree(job.request.inputRoot, job.request.itemCount, inputLeaf, lot.firstItem + index, inputPath);
        require(placed.receipt.inputLeaf != inputLeaf, Faults_NoFault(FaultKind.Input, index));
        _slash(lot, lotId, FaultKind.Input, index);
    }

    /// @inheritdoc IFaults
    function proveCap(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed,
        Item calldata item
    ) external {
        bytes32 lotId = _requireReceipt(lot, submission, index, placed);
        Receipt calldata receipt = placed.receipt;
        bytes32 leaf = Hashes.hashItem(item);
        require(leaf == receipt.inputLeaf, Faults_OtherItem(leaf, receipt.inputLeaf));
        require(
            receipt.promptTokens > item.promptTokensCap || receipt.outputTokens > item.outputTokensCap,
            Faults_NoFault(FaultKind.Cap, index)
        );
        _slash(lot, lotId, FaultKind.Cap, index);
    }

    /// @inheritdoc IFaults
    function proveClass(
        Job calldata job,
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed,
        ModelSpec calldata spec
    ) external {
        bytes32 lotId = _requireReceipt(lot, submission, index, placed);
        _requireJobOf(lot, job);
        bytes32 modelId = spec.modelId();
        require(modelId == job.request.modelId, Faults_OtherModel(modelId, job.request.modelId));
        require(placed.receipt.classHash != spec.classHash, Faults_NoFault(FaultKind.Class, index));
        _slash(lot, lotId, FaultKind.Class, index);
    }

    /// @inheritdoc IFaults
    function proveCount(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed,
        bytes calldata tokenIds
    ) external {
        bytes32 lotId = _requireReceipt(lot, submission, index, placed);
        Receipt calldata receipt = placed.receipt;
        bytes32 hash = keccak256(tokenIds);
        bool isPrompt = hash == receipt.promptTokensHash;
        bool isOutput = hash == receipt.outputTokensHash;
        require(isPrompt || isOutput, Faults_OtherTokens(hash));
        // Of a whole number of ids or not: each count has one length.
        require(
            (isPrompt && tokenIds.length != TOKEN_ID_BYTES * receipt.promptTokens) ||
                (isOutput && tokenIds.length != TOKEN_ID_BYTES * receipt.outputTokens),
            Faults_NoFault(FaultKind.Count, index)
        );
        _slash(lot, lotId, FaultKind.Count, index);
    }

    // ---------------------------------------------------------------- demands

    /// @inheritdoc IFaults
    function demandReceipt(Job calldata job, Lot calldata lot, uint256 index) external {
        _requireJobOf(lot, job);
        require(index < lot.itemCount, Faults_NoSuchReceipt(index, lot.itemCount));
        bytes32 lotId = Hashes.lotIdCalldata(lot);
        require(_answerDeadlines[lotId][index] == 0, Faults_AlreadyDemanded(index));
        DemandState memory state = _demands[lotId];
        require(state.open < MAX_OPEN_DEMANDS, Faults_TooManyDemands(state.open, MAX_OPEN_DEMANDS));
        uint256 maximum = _maxDemands(lot.itemCount);
        require(state.total < maximum, Faults_TooManyDemands(state.total, maximum));

        MarketParameters memory parameters = market.parameters().ofVersion(job.parametersVersion);
        // 40 bits hold seconds for 34,000 years.
        uint40 deadline = uint40(block.timestamp) + parameters.answerSeconds;
        // As long to call the default as there was to answer. Refused when the window is over.
        uint40 windowEnd = market.hold(lot, deadline + parameters.answerSeconds);
        if (state.open == 0) state.windowLeft = windowEnd - uint40(block.timestamp);
        state.open++;
        state.total++;
        state.fee = parameters.receiptFee;
        _demands[lotId] = state;
        _answerDeadlines[lotId][index] = deadline;
        emit ReceiptDemanded(lotId, lot.jobId, lot.provider, index, deadline, state.fee);
        market.take(lot.buyer, msg.sender, state.fee);
    }

    /// @inheritdoc IFaults
    function answerReceipt(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed
    ) external {
        bytes32 lotId = _requireReceipt(lot, submission, index, placed);
        uint40 deadline = _requireDemanded(lotId, index);
        require(block.timestamp <= deadline, Faults_AnswerTooLate(block.timestamp, deadline));

        delete _answerDeadlines[lotId][index];
        DemandState storage state = _demands[lotId];
        uint256 fee = state.fee;
        uint8 open = --state.open;
        emit ReceiptAnswered(lotId, lot.jobId, lot.provider, index, placed, fee);
        market.give(lot.provider, fee);
        if (open == 0) market.resume(lot, uint40(block.timestamp) + state.windowLeft);
    }

    /// @inheritdoc IFaults
    function failDemand(Lot calldata lot, uint256 index) external {
        bytes32 lotId = Hashes.lotIdCalldata(lot);
        uint40 deadline = _requireDemanded(lotId, index);
        require(block.timestamp > deadline, Faults_AnswerNotDue(block.timestamp, deadline));
        _slash(lot, lotId, FaultKind.NoAnswer, index);
    }

    /// @inheritdoc IFaults
    function reclaim(Lot calldata lot) external {
        bytes32 lotId = Hashes.lotIdCalldata(lot);
        require(_demands[lotId].open != 0 && !market.lotState(lotId).isCommitted(), Faults_NothingToReclaim(lotId));
        _returnFees(lot, lotId);
    }

    // ---------------------------------------------------------------- internals

    /// @dev Takes the collateral. What is prepaid for answers returns first: nobody owes them any more.
    function _slash(Lot calldata lot, bytes32 lotId, FaultKind kind, uint256 index) private {
        emit FaultProven(lotId, lot.jobId, lot.provider, msg.sender, kind, index);
        if (_demands[lotId].open != 0) _returnFees(lot, lotId);
        market.slash(lot, msg.sender, 0);
    }

    function _returnFees(Lot calldata lot, bytes32 lotId) private {
        DemandState storage state = _demands[lotId];
        uint256 amount = uint256(state.open) * state.fee;
        state.open = 0;
        emit DemandsReturned(lotId, lot.buyer, amount);
        market.give(lot.buyer, amount);
    }

    /// @dev Reverts unless the provider is bound to this submission now.
    function _requireCommitted(Lot calldata lot, Submission calldata submission) private view returns (bytes32 lotId) {
        lotId = Hashes.lotIdCalldata(lot);
        LotState state = market.lotState(lotId);
        require(state.isCommitted(), Faults_NotCommitted(lotId, state.status()));
        bytes32 commitment = Hashes.commitment(lotId, Hashes.resultsDigest(submission), submission.totals);
        require(bytes26(commitment) == state.commitment(), Faults_OtherSubmission(lotId));
    }

    /// @dev Reverts unless the provider committed to this receipt at this place.
    function _requireReceipt(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed
    ) private view returns (bytes32 lotId) {
        lotId = _requireCommitted(lot, submission);
        bytes32 leaf = Hashes.hashReceiptLeaf(Hashes.hashReceipt(placed.receipt), placed.totals);
        _requireInTree(submission.root, lot.itemCount, leaf, index, placed.path);
    }

    function _requireLeaf(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedLeaf calldata placed
    ) private pure {
        bytes32 leaf = Hashes.hashReceiptLeaf(placed.receiptHash, placed.totals);
        _requireInTree(submission.root, lot.itemCount, leaf, index, placed.path);
    }

    function _requireInTree(
        bytes32 root,
        uint256 count,
        bytes32 leaf,
        uint256 index,
        bytes32[] calldata path
    ) private pure {
        require(PositionalTree.verify(root, count, leaf, index, path), Faults_NotInTree(index));
    }

    function _requireJobOf(Lot calldata lot, Job calldata job) private view {
        bytes32 jobId = market.requireTerms(job);
        require(jobId == lot.jobId, Faults_OtherJob(lot.jobId, jobId));
    }

    function _requireDemanded(bytes32 lotId, uint256 index) private view returns (uint40 deadline) {
        deadline = _answerDeadlines[lotId][index];
        require(deadline != 0, Faults_NotDemanded(index));
    }

    /// @dev A path shows the hash of everything beside it, so each one that does not end at what was delivered halves
    /// where it departs, at least: after as many as there are levels below the root, one leaf is left, and one more demand
    /// shows it or slashes.
    function _maxDemands(uint256 itemCount) private pure returns (uint256) {
        return PositionalTree.depthOf(itemCount) + 1;
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IFaults
    function demandsOf(bytes32 lotId) external view returns (DemandState memory) {
        return _demands[lotId];
    }

    /// @inheritdoc IFaults
    function answerDeadlineOf(bytes32 lotId, uint256 index) external view returns (uint40) {
        return _answerDeadlines[lotId][index];
    }
}
