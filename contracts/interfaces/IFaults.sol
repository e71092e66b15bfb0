// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DemandState, FaultKind, PlacedLeaf, PlacedReceipt} from "../types/Fault.sol";
import {Job} from "../types/Job.sol";
import {Lot, LotStatus, Submission} from "../types/Lot.sol";
import {ModelSpec} from "../types/ModelSpec.sol";
import {Item} from "../types/Receipt.sol";
import {IArbiter} from "./IArbiter.sol";
import {IMarket} from "./IMarket.sol";

/// @title Objective faults, and demands for receipts
/// @notice Anyone who holds the preimages proves by hashes alone that a commitment cannot be honest, until its lot is
/// settled: the whole collateral goes at once, also from under a case of the court. A buyer can demand to see a receipt:
/// a provider who does not show it in time loses the same way. Each proof is one or two paths of the lot's tree.
/// `index` counts from 0 within the lot.
///
/// An honest provider cannot lose by any of this, given that it
/// - computes only what the input's range proof shows to stand at its items' indices under the job's input root, and
///   hashes each item into its leaf by itself;
/// - keeps to the caps of each item as they are in its leaf (the job's caps do not count here, and may be lower or
///   higher); an item that does not fit them is `invalid-input`;
/// - takes jobs only for a model whose published spec it has, and writes the class hash of that spec;
/// - runs every check here on its own commitment before it submits (`findFault` of protocol/src/faults.ts);
/// - keeps the receipts until the lot is settled, and answers demands.
interface IFaults is IArbiter {
    // ---------------------------------------------------------------- events

    /// @param prover Who proved it, and earns the bounty.
    event FaultProven(
        bytes32 indexed lotId,
        bytes32 indexed jobId,
        address indexed provider,
        address prover,
        FaultKind kind,
        uint256 index
    );
    /// @param deadline Last second in which the answer is in time.
    /// @param fee Prepaid by the buyer, in base units.
    event ReceiptDemanded(
        bytes32 indexed lotId,
        bytes32 indexed jobId,
        address indexed provider,
        uint256 index,
        uint40 deadline,
        uint256 fee
    );
    /// @notice Whoever reads it has the preimages, should the receipt itself be faulty.
    /// @param fee To the provider, in base units.
    event ReceiptAnswered(
        bytes32 indexed lotId,
        bytes32 indexed jobId,
        address indexed provider,
        uint256 index,
        PlacedReceipt placed,
        uint256 fee
    );
    /// @notice Demands will not be answered any more: what was prepaid for them returned to the buyer.
    event DemandsReturned(bytes32 indexed lotId, address indexed buyer, uint256 amount);

    // ---------------------------------------------------------------- errors

    /// @notice Nothing is committed to for this lot, or no longer.
    error Faults_NotCommitted(bytes32 lotId, LotStatus status);
    error Faults_OtherSubmission(bytes32 lotId);
    /// @notice The path does not lead from this leaf at this index to the root.
    error Faults_NotInTree(uint256 index);
    error Faults_OtherJob(bytes32 lotJobId, bytes32 jobId);
    /// @notice The item is not the one whose hash the receipt binds.
    error Faults_OtherItem(bytes32 leaf, bytes32 expected);
    /// @notice The spec is not that of the job's model.
    error Faults_OtherModel(bytes32 modelId, bytes32 expected);
    /// @notice These bytes are not the tokens whose hash the receipt binds.
    error Faults_OtherTokens(bytes32 hash);
    /// @notice What was shown is as it should be.
    error Faults_NoFault(FaultKind kind, uint256 index);
    error Faults_NoSuchReceipt(uint256 index, uint256 itemCount);
    error Faults_AlreadyDemanded(uint256 index);
    error Faults_TooManyDemands(uint256 count, uint256 maximum);
    error Faults_NotDemanded(uint256 index);
    error Faults_AnswerTooLate(uint256 timestamp, uint256 deadline);
    error Faults_AnswerNotDue(uint256 timestamp, uint256 deadline);
    error Faults_NothingToReclaim(bytes32 lotId);

    // ---------------------------------------------------------------- proofs: all by anyone, until the lot is settled

    /// @notice The running totals at `index` are not those before it plus what the receipt there says: its tokens, and
    /// one error if it stopped by `error`. `previous` is the leaf before; it is not read for the first leaf, whose totals
    /// are what its receipt says.
    function proveTotals(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedLeaf calldata previous,
        PlacedReceipt calldata placed
    ) external;

    /// @notice The running totals of the last leaf are not the submission's.
    function proveLotTotals(Lot calldata lot, Submission calldata submission, PlacedLeaf calldata last) external;

    /// @notice Where a receipt should be there is the hash for none, or that of the padding behind the last.
    function proveEmptyLeaf(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata path
    ) external;

    /// @notice A receipt of another version, for another job or another item, with a stop reason that does not exist, or
    /// of a failed item (`error`, `invalid-input`) that counts tokens.
    function proveStatement(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed
    ) external;

    /// @notice A receipt that binds another input than `inputLeaf`, which `inputPath` shows to be the job's there.
    function proveInput(
        Job calldata job,
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed,
        bytes32 inputLeaf,
        bytes32[] calldata inputPath
    ) external;

    /// @notice A receipt that counts more prompt or output tokens than `item`, whose hash it binds, allows.
    function proveCap(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed,
        Item calldata item
    ) external;

    /// @notice A receipt that names another class than `spec`, whose hash is the job's model.
    function proveClass(
        Job calldata job,
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed,
        ModelSpec calldata spec
    ) external;

    /// @notice A receipt whose count of prompt or output tokens is not the number of `tokenIds` (little-endian uint32)
    /// whose hash it binds. Costs grow with the item's tokens.
    function proveCount(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed,
        bytes calldata tokenIds
    ) external;

    // ---------------------------------------------------------------- demands

    /// @notice Demands to see the receipt at `index`. Only the buyer or, within the allowance, an operator of theirs;
    /// until the window is over. Takes `receiptFee` from what the buyer has free, and stops the window until all that is
    /// demanded was answered. At most three are open at once, and as many in all as the lot's tree has levels, leaves and
    /// root included: enough to follow, path by path, where a tree departs from what was delivered.
    function demandReceipt(Job calldata job, Lot calldata lot, uint256 index) external;

    /// @notice Shows a receipt that is demanded. Anyone, until its deadline; the fee is the provider's. The last answer
    /// lets the window go on.
    function answerReceipt(
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        PlacedReceipt calldata placed
    ) external;

    /// @notice A receipt was not shown in time. Anyone, after its deadline, until the lot is settled: which can happen
    /// once as much time again has passed since. All that was prepaid returns to the buyer, the lot is slashed.
    function failDemand(Lot calldata lot, uint256 index) external;

    /// @notice Returns to the buyer what was prepaid for demands of a lot that is over or reopened, because it was
    /// settled with the answers neither given nor missed. Anyone.
    function reclaim(Lot calldata lot) external;

    // ---------------------------------------------------------------- views

    /// @notice Zero until it is bound.
    function market() external view returns (IMarket);

    function demandsOf(bytes32 lotId) external view returns (DemandState memory);

    /// @notice Last second in which a demanded receipt can be shown; zero if none is demanded at `index`.
    function answerDeadlineOf(bytes32 lotId, uint256 index) external view returns (uint40);
}
