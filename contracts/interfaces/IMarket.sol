// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Fill, Job, JobRequest, JobState} from "../types/Job.sol";
import {Delivery, Lot, LotState, LotStatus, LotTerms, Settlement, Submission} from "../types/Lot.sol";
import {Totals} from "../types/Receipt.sol";
import {IArbiter} from "./IArbiter.sol";
import {IBackers} from "./IBackers.sol";
import {ICourt} from "./ICourt.sol";
import {ILedger} from "./ILedger.sol";
import {IOffers} from "./IOffers.sol";
import {IOperators} from "./IOperators.sol";
import {IParameters} from "./IParameters.sol";

/// @title The market: offers, jobs, lots, settlement
/// @notice Jobs, lots and offers are named by the hash of what was agreed; the Market stores their state alone, and
/// callers bring the terms along (they are in the events). Deadlines are inclusive: act at t ≤ deadline, time out after.
/// "Only the buyer", "only the provider": or an operator of theirs, within its limits.
interface IMarket is ILedger, IOperators, IOffers {
    // ---------------------------------------------------------------- events

    event JobOpened(bytes32 indexed jobId, address indexed buyer, bytes32 indexed modelId, Job job);
    /// @notice The job's limit prices rose to these, and `amount` was locked for that; its other terms are as they were.
    event JobToppedUp(
        bytes32 indexed jobId,
        uint64 promptLimitPerMillion,
        uint64 outputLimitPerMillion,
        uint256 amount
    );
    /// @notice The bid is withdrawn; `refund` left the buyer's escrow.
    event JobClosed(bytes32 indexed jobId, uint32 firstItem, uint32 itemCount, uint256 refund);

    /// @param offerId The offer taken, or zero for a claim.
    /// @param encryptionKey The provider's X25519 public key for this lot's input.
    event LotAssigned(
        bytes32 indexed lotId,
        bytes32 indexed jobId,
        address indexed provider,
        Lot lot,
        bytes32 offerId,
        bytes32 encryptionKey
    );
    event LotSubmitted(
        bytes32 indexed lotId,
        bytes32 indexed jobId,
        address indexed provider,
        Submission submission,
        uint40 windowEnd
    );
    /// @param paid What the provider earned, after `fee` and before `forfeit`.
    /// @param refund What of the escrow returned to the buyer, without `forfeit`.
    /// @param forfeit What errors cost the provider, to the buyer.
    event LotSettled(
        bytes32 indexed lotId,
        bytes32 indexed jobId,
        address indexed provider,
        uint256 paid,
        uint256 fee,
        uint256 refund,
        uint256 forfeit
    );
    /// @param buyerCharge What the buyer paid to the vault, out of the lot's escrow.
    /// @param providerCharge What the provider paid to the vault.
    event LotReleased(bytes32 indexed lotId, bytes32 indexed jobId, uint256 buyerCharge, uint256 providerCharge);
    /// @param compensation To the buyer, out of the provider's collateral.
    /// @param bounty To `caller`, out of the provider's collateral.
    event LotExpired(
        bytes32 indexed lotId,
        bytes32 indexed jobId,
        address indexed caller,
        uint256 compensation,
        uint256 bounty
    );
    /// @notice A reopened lot was claimed again (`refund` 0) or withdrawn by the buyer.
    event LotClosed(bytes32 indexed lotId, bytes32 indexed jobId, uint256 refund);
    /// @notice A reopened lot was topped up with its job; `escrow` is locked for its items now.
    event LotToppedUp(bytes32 indexed lotId, bytes32 indexed jobId, uint256 escrow);
    /// @notice A batch call left this lot as it was: it is not in the state for it, or the window is not over, or the
    /// commitment is another.
    event LotSkipped(bytes32 indexed lotId, LotStatus status);

    /// @notice An arbiter holds a lot: nobody may settle it until `until` is over.
    event LotHeld(bytes32 indexed lotId, LotStatus status, uint40 until);
    /// @notice An arbiter let a lot go; its window ends at `windowEnd`.
    event LotResumed(bytes32 indexed lotId, uint40 windowEnd);
    /// @notice The whole collateral of a lot was taken, and its items are open again.
    /// @param cost To the court, for its jurors.
    /// @param compensation To the buyer.
    /// @param bounty To who brought it about.
    /// @param rest To the vault.
    event LotSlashed(
        bytes32 indexed lotId,
        bytes32 indexed jobId,
        address indexed provider,
        uint256 cost,
        uint256 compensation,
        uint256 bounty,
        uint256 rest
    );

    /// @notice An item outside the audit set was found wrong: the lot is settled without it (LotSettled came first), and
    /// its provider paid `cost` to the court and `fine` to the vault, out of the collateral.
    event LotVoided(bytes32 indexed lotId, bytes32 indexed jobId, address indexed provider, uint256 cost, uint256 fine);

    // ---------------------------------------------------------------- errors

    error Market_ZeroAddress();
    error Market_NotArbiter(address caller);
    error Market_Paused();
    error Market_InvalidRequest();
    error Market_JobExists(bytes32 jobId);
    error Market_WrongTerms(bytes32 jobId);
    /// @notice A top-up lowers a price, or changes neither.
    error Market_PriceNotRaised();
    error Market_BidExpired(uint256 timestamp, uint256 deadline);
    error Market_NothingToClaim(bytes32 jobId);
    error Market_LotTooSmall(uint32 items, uint32 minimum);
    error Market_LotValueTooLow(uint256 value, uint256 minimum);
    error Market_WrongStatus(bytes32 lotId, LotStatus status);
    /// @notice The lot is committed to another submission.
    error Market_OtherSubmission(bytes32 lotId);
    error Market_OtherJob(bytes32 lotJobId, bytes32 jobId);
    error Market_GraceOver(uint256 timestamp, uint256 graceEndsAt);
    error Market_NotExpired(uint256 timestamp, uint256 deadline);
    error Market_TooManyErrors(uint32 errors, uint32 itemCount);
    /// @notice Collateral or escrow of the account is locked.
    error Market_StillLocked(address account, uint256 locked);
    error Market_HoldTooLong(uint256 until, uint256 maximum);

    // ---------------------------------------------------------------- jobs

    /// @notice Opens a job for `buyer`: locks its escrow at the limit price, takes the named offers at their own prices
    /// in order, and leaves the remaining items as a bid. A fill, or the part of one, that no longer fits falls into the
    /// bid. Only `buyer`. Not while paused.
    /// @dev Requirements: nonce unused; at least one item; caps above zero; a turnaround of at most 30
    /// days; the buyer's free balance covers
    /// itemCount × ceil(value of one item at its caps and the limit), and so does an operator's allowance.
    function openJob(
        address buyer,
        JobRequest calldata request,
        Fill[] calldata fills
    ) external returns (bytes32 jobId);

    /// @notice Raises the limit prices of what nobody has taken: the bid and those of `lots` that are Open (others are
    /// skipped), and locks the difference. Prices only rise. Only the buyer.
    function topUp(
        Job calldata job,
        uint64 promptLimitPerMillion,
        uint64 outputLimitPerMillion,
        Lot[] calldata lots
    ) external;

    /// @notice Takes the next `items` items of a bid, or as many as are left, for `provider`, at the ramp's present
    /// price. Only `provider`.
    /// @param encryptionKey The provider's X25519 public key for this lot.
    function claim(
        address provider,
        Job calldata job,
        uint32 items,
        bytes32 encryptionKey
    ) external returns (bytes32 lotId);

    /// @notice Takes a reopened lot whole, for `provider`. Its ramp runs from the failed lot's price, since it reopened,
    /// to the limit or what its escrow still affords. Only `provider`.
    function claimReopened(
        address provider,
        Job calldata job,
        Lot calldata failed,
        bytes32 encryptionKey
    ) external returns (bytes32 lotId);

    /// @notice Withdraws the bid. Only the buyer, at any time; harmless to repeat.
    function cancelRemainder(Job calldata job) external;

    /// @notice Withdraws all that nobody has taken: the bid and those of `lots` that are Open; others are skipped. Only
    /// the buyer, at any time.
    function close(Job calldata job, Lot[] calldata lots) external;

    // ---------------------------------------------------------------- lots

    /// @notice Gives a lot back because its input never came, within the grace. Only the provider. Both sides pay the
    /// same small charge to the vault, so that griefing costs the griefer as much. The buyer pays it for the first three
    /// attempts at the same items alone: who owns much of the vault could else claim and release escrow into it for ever.
    function release(Lot calldata lot) external;

    /// @notice Reopens a lot that was not submitted in time. Anyone, after its deadline. The penalty goes from the
    /// collateral to the buyer, less the caller's bounty.
    function expire(Lot calldata lot) external;

    /// @notice Commits to results, for lots of the same terms. Only the provider; valid until someone expires the lot.
    /// Starts the window.
    function submit(LotTerms calldata terms, Delivery[] calldata deliveries) external;

    /// @notice Pays submitted lots of the same terms at once. Only their buyer. Final.
    function accept(LotTerms calldata terms, Settlement[] calldata settlements) external;

    /// @notice Pays lots of the same terms whose window, or whose hold, is over. Anyone.
    function settle(LotTerms calldata terms, Settlement[] calldata settlements) external;

    // ---------------------------------------------------------------- for the arbiters

    /// @notice Keeps a submitted lot from being settled, or moves the end of one's own hold. Only an arbiter.
    /// @dev If nothing follows until `until`, the lot can be settled: silence pays the provider.
    /// @param until At most MAX_HOLD_SECONDS from now.
    /// @return windowEnd Where the window or the hold ended until now.
    function hold(Lot calldata lot, uint40 until) external returns (uint40 windowEnd);

    /// @notice Makes a held lot Submitted again. Only the arbiter that holds it.
    function resume(Lot calldata lot, uint40 windowEnd) external;

    /// @notice Takes a lot's collateral: `cost` to the calling arbiter, then the penalty to the buyer less the bounty to
    /// `prover`, the rest to the vault; and reopens its items. Only an arbiter: the court for lots that it holds, Faults
    /// for any that is not settled, which ends the court's case.
    function slash(Lot calldata lot, address prover, uint256 cost) external;

    /// @notice Pays a held lot at once, as if `totals` less `voided` had been submitted, and fines its provider: `cost` to
    /// the calling arbiter, then 100 × the price of `voided` to the vault, both together at most what error forfeits leave
    /// of the collateral. Only an arbiter, for lots that it holds.
    /// @param resultsDigest With `totals`, of the submission.
    /// @param voided The tokens and errors of the items that are not paid.
    /// @return paidCost What of `cost` the collateral covered.
    function void(
        Lot calldata lot,
        bytes32 resultsDigest,
        Totals calldata totals,
        Totals calldata voided,
        uint256 cost
    ) external returns (uint256 paidCost);

    // ---------------------------------------------------------------- for the arbiters and the backers

    /// @notice Moves `amount` from what `account` has free to the caller's. Only an arbiter or the backers' contract, on
    /// behalf of `by`, who must be the account or, within the allowance, a buyer operator of it.
    function take(address account, address by, uint256 amount) external;

    /// @notice Moves `amount` from what the caller has free to `account`. Only an arbiter or the backers' contract.
    function give(address account, uint256 amount) external;

    /// @notice From now on others bear, or no longer bear, what of `provider`'s collateral need not be their own: all but
    /// a quarter, or the penalty if that is more. Only the backers' contract, while the provider has nothing locked.
    function setBacked(address provider, bool isBacked) external;

    // ---------------------------------------------------------------- views

    function parameters() external view returns (IParameters);

    /// @notice Who earns fees and charges.
    function vault() external view returns (address);

    /// @notice The arbiter of objective faults.
    function faults() external view returns (IArbiter);

    /// @notice The arbiter of everything else; zero if this Market has none.
    function court() external view returns (ICourt);

    /// @notice Who bears collateral for providers; zero if this Market has none.
    function backers() external view returns (IBackers);

    function jobState(bytes32 jobId) external view returns (JobState memory);

    /// @notice One packed word, as types/Lot.sol lays it out.
    function lotState(bytes32 lotId) external view returns (LotState);

    function jobIdOf(address buyer, uint256 nonce) external view returns (bytes32);

    /// @notice Reverts unless these are a job's terms.
    function requireTerms(Job calldata job) external view returns (bytes32 jobId);

    /// @notice The price a claim of this bid pays now, in base units per 10⁶ tokens.
    function bidPrice(Job calldata job) external view returns (uint64 promptPrice, uint64 outputPrice);

    /// @notice The price a claim of this reopened lot pays now, in base units per 10⁶ tokens.
    function reopenedPrice(
        Job calldata job,
        Lot calldata failed
    ) external view returns (uint64 promptPrice, uint64 outputPrice);
}
