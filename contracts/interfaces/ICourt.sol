// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuditProof, CaseKind, CaseStatus, Docket, Verdict} from "../types/Case.sol";
import {PlacedLeaf} from "../types/Fault.sol";
import {Job} from "../types/Job.sol";
import {Lot, Submission} from "../types/Lot.sol";
import {IArbiter} from "./IArbiter.sol";

/// @title Bonded challenges, and the juries that decide them
/// @notice Whether an item was computed as agreed is decided by jurors who compute it again. They commit and reveal
/// numbers (Votes.sol), and the median decides. Silence pays the provider at every step; what stands still is ended by
/// `decide` and `conclude`, which anyone may call. Terms of use are those of the job's version of the parameters.
///
/// Money: all that the court has free in the Market's ledger is its seats' stakes and earnings, the bonds of live cases,
/// and what is prepaid for deliveries. A case pays out what was paid in for it, to the unit: see Votes.share.
///
/// "The challenger": the account that bonded, or a buyer operator of it. "The provider": the lot's, or for what costs
/// nothing a provider operator of theirs.
///
/// @dev Warning: the keys to the evidence are told to the jurors alone, so the evidence is as private as they keep it. The
/// challenger puts together the evidence, and who shares it late is out: jurors who cannot open it vote NO_EVIDENCE.
/// @dev Warning: who builds the block that a draw hangs on knows all else that it hangs on. They can look at as many blocks
/// as they can make, and publish the one whose draw they like; docs/economics.md says what that comes to. Parties who build
/// none get one draw.
interface ICourt is IArbiter {
    // ---------------------------------------------------------------- events

    /// @param position The item's place in the audit set.
    /// @param commitment The hash of the challenger's secret.
    event CaseOpened(
        bytes32 indexed lotId,
        bytes32 indexed jobId,
        address indexed challenger,
        CaseKind kind,
        uint256 index,
        uint256 position,
        uint256 bond,
        bytes32 commitment,
        uint256 deadline
    );
    event CaseAnswered(bytes32 indexed lotId, bytes32 secret, uint256 deadline);
    event EvidenceOpened(bytes32 indexed lotId, bytes32 evidenceHash);
    /// @notice The hash of the block after `armedBlock` draws the next jury.
    event JuryArmed(bytes32 indexed lotId, uint256 round, uint256 redraws, uint256 armedBlock, uint256 deadline);
    event JuryDrawn(bytes32 indexed lotId, uint256 round, uint256 redraws, uint32[] seatIds, uint256 deadline);
    /// @param wrappedKeys One for each juror, in their order, each encrypted to that seat's key.
    event KeysShared(bytes32 indexed lotId, bytes[] wrappedKeys, uint256 deadline);
    event VoteCommitted(bytes32 indexed lotId, uint32 indexed seatId, uint256 place, bytes32 commitment);
    /// @notice All have committed.
    event RevealOpened(bytes32 indexed lotId, uint256 deadline);
    event VoteRevealed(bytes32 indexed lotId, uint32 indexed seatId, uint256 place, int16 vote);
    /// @notice Too few revealed. Those who did are paid out of what the others lose, `rest` went to the vault.
    event JuryFailed(bytes32 indexed lotId, uint256 round, uint256 redraws, uint256 revealed, uint256 rest);
    /// @param median In 1/64 octaves; NO_EVIDENCE where that won.
    /// @param deadline Last second to appeal.
    event CaseDecided(bytes32 indexed lotId, uint256 round, Verdict verdict, int16 median, uint256 deadline);
    event CaseAppealed(bytes32 indexed lotId, address indexed appellant, uint256 round, uint256 bond);
    /// @notice A case is over. Amounts are in base units.
    /// @param fees To the jurors, from what else is named here.
    /// @param penalties From jurors.
    /// @param cost From the provider's collateral.
    event CaseConcluded(
        bytes32 indexed lotId,
        Verdict verdict,
        uint256 fees,
        uint256 penalties,
        uint256 cost,
        uint256 toChallenger,
        uint256 toProvider,
        uint256 toVault
    );

    /// @param fee Prepaid by the buyer.
    event DeliveryDemanded(
        bytes32 indexed lotId,
        bytes32 indexed jobId,
        address indexed provider,
        uint256 fee,
        uint256 deadline
    );
    /// @param wrappedKey The key that opens the results, encrypted to the buyer's.
    /// @param deadline Last second to object.
    event DeliveryAnswered(bytes32 indexed lotId, bytes wrappedKey, uint256 deadline);
    /// @notice A demand is over: not answered, which slashes the lot; or answered without objection; or overtaken.
    /// @param fee What of it returned to the buyer.
    event DeliveryConcluded(bytes32 indexed lotId, bool isFailed, uint256 fee);

    // ---------------------------------------------------------------- errors

    error Court_WrongStatus(bytes32 lotId, CaseStatus status);
    error Court_NotMarket(address caller);
    error Court_TooLate(uint256 timestamp, uint256 deadline);
    /// @notice The deadline is not over.
    error Court_TooEarly(uint256 timestamp, uint256 deadline);
    error Court_OtherJob(bytes32 lotJobId, bytes32 jobId);
    error Court_OtherSubmission(bytes32 lotId);
    error Court_NotParty(address caller, address party);
    error Court_NoSuchItem(uint256 index, uint256 count);
    error Court_NoSuchPlace(uint256 place, uint256 count);
    /// @notice It is not the one that the buyer committed to for this assignment of the lot.
    error Court_NotAuditSecret(bytes32 secret);
    error Court_NotInAuditSet(uint256 index, uint256 position);
    error Court_NotInTree(uint256 index);
    /// @notice The model has too few seats, or they stake too little, for what the lot is worth.
    error Court_NotProtected(uint256 seats, uint256 stake);
    error Court_TooManyChallenges(uint256 count);
    error Court_TooManyDemands(uint256 count);
    error Court_WrongSecret();
    /// @notice The block that decides the draw is not there yet, or its hash is gone: then `rearm`.
    error Court_NoEntropy(uint256 blockNumber);
    error Court_EntropyAtHand(uint256 blockNumber);
    error Court_WrongKeyCount(uint256 count, uint256 expected);
    error Court_InvalidCommitment();
    error Court_AlreadyCommitted(uint256 place);
    error Court_NotAllCommitted(uint256 place);
    error Court_WrongReveal(uint256 place);
    error Court_LastRound();
    /// @notice The item has to be shown: `concludeItem`.
    error Court_ItemNeeded(bytes32 lotId);

    // ---------------------------------------------------------------- challenges

    /// @notice Disputes the item at `index` of a submitted lot, within its window. Only the job's auditor, or the buyer or
    /// an operator of theirs within the allowance. Takes a bond of ten fees, of twenty the second time, from who
    /// challenges; there is no third. The lot has to be court-protected (`protectionOf`).
    /// @param submission What the lot's commitment is of.
    /// @param proof That the item is in the audit set; or the highest position, for one that is not.
    /// @param commitment The hash of a secret of the challenger's: keccak256(secret), new and unguessable.
    function challenge(
        Job calldata job,
        Lot calldata lot,
        Submission calldata submission,
        uint256 index,
        AuditProof calldata proof,
        bytes32 commitment
    ) external;

    /// @notice Adds a secret of the provider's to the draw, in clear. Only the provider. One that does not trusts the
    /// challenger's secret and a block's hash.
    function answer(Lot calldata lot, bytes32 secret) external;

    /// @notice Tells the challenger's secret, and the hash of the evidence, which is at the job's relays. Only the
    /// challenger: once the provider has answered, or for one phase after they did not.
    /// @param providerSecret What the provider answered; zero if nothing.
    function openEvidence(
        bytes32 lotId,
        bytes32 challengerSecret,
        bytes32 providerSecret,
        bytes32 evidenceHash
    ) external;

    /// @notice Appeals to a jury twice as large: a bond of one fee for each of its jurors. Only who the verdict is against:
    /// the provider after Fault, else the challenger. Not against the last round's.
    function appeal(Lot calldata lot) external;

    /// @notice Ends a case that is decided and not appealed, or of which a deadline lapsed that `decide` is not for, and
    /// pays everyone. Anyone. A case whose lot was settled meanwhile ends without a verdict.
    function conclude(Lot calldata lot) external;

    /// @notice The same for a case that voids one item. Anyone.
    /// @param placed The leaf of its receipt; with `previous`, the leaf before, it tells what the item counts. That is not
    /// read for the first leaf.
    function concludeItem(
        Lot calldata lot,
        Submission calldata submission,
        PlacedLeaf calldata previous,
        PlacedLeaf calldata placed
    ) external;

    // ---------------------------------------------------------------- juries

    /// @notice Draws the jury. Anyone, from the block after the next on, while that one's hash is known. Reverts if too
    /// few seats are left: the case then lapses.
    function draw(Job calldata job, Lot calldata lot) external;

    /// @notice Lets another block decide a draw that nobody made in time. Anyone; the deadline stays.
    function rearm(bytes32 lotId) external;

    /// @notice Hands the jurors the key to the evidence, each encrypted to their seat's. Only the challenger; of a
    /// delivery, only the provider. Who owes it and does not loses.
    function shareKeys(Lot calldata lot, bytes[] calldata wrappedKeys) external;

    /// @notice Commits the juror at `place` to a vote. Only their seat's voter.
    /// @param commitment keccak256(abi.encode(juryId, seatId, vote, salt)), where juryId is keccak256(abi.encode(
    /// keccak256(abi.encode(lotId, number of the challenge)), how many seats were drawn for the case before this jury)).
    function commitVote(bytes32 lotId, uint256 place, bytes32 commitment) external;

    /// @notice Opens a commitment: anyone who can, once all have committed or that deadline is over.
    function revealVote(bytes32 lotId, uint256 place, int16 vote, bytes32 salt) external;

    /// @notice Counts the votes. Anyone, once all are revealed or the time for that is over.
    function decide(bytes32 lotId) external;

    // ---------------------------------------------------------------- delivery

    /// @notice Demands the results once more. Only the buyer or, within the allowance, an operator of theirs, who prepay a
    /// juror's fee; within the window, which stops; twice for a lot at most.
    function demandDelivery(Job calldata job, Lot calldata lot) external;

    /// @notice Says that the results are at the job's relays, and hands the buyer the key. Only the provider, who earns
    /// the fee.
    function answerDelivery(Lot calldata lot, bytes calldata wrappedKey) external;

    /// @notice Disputes that the results can be had and opened: a challenge of that. Only the buyer or an operator of
    /// theirs.
    function objectDelivery(Job calldata job, Lot calldata lot, bytes32 commitment) external;

    // ---------------------------------------------------------------- for the Market

    /// @notice An objective fault decided a lot that the court holds: its case is over, bonds return. Only the Market.
    /// @return cost What jurors already drawn are owed from the slash, in base units: never more than the lot's
    /// collateral, or the bonds pay the rest. The Market credits it to the court.
    function preempt(bytes32 lotId) external returns (uint256 cost);

    // ---------------------------------------------------------------- views

    /// @notice What the court knows of a lot, packed as types/Case.sol lays it out.
    function docketOf(bytes32 lotId) external view returns (Docket memory);

    /// @notice The jurors of a round of the live case, and what they revealed: Votes.ABSENT for nothing.
    function juryOf(bytes32 lotId, uint256 round) external view returns (uint32[] memory seatIds, int16[] memory votes);

    /// @notice Whether the court would hear a challenge of this lot now, and why: its model's seats, and what they stake.
    /// Only as many count as there were when the job was opened, each with a new seat's stake at most: juries are drawn from
    /// those. Does not check that there are such a job and lot.
    function protectionOf(
        Job calldata job,
        Lot calldata lot
    ) external view returns (uint256 seats, uint256 stake, bool isProtected);
}
