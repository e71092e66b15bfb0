// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Fill, Job, JobRequest, JobState} from "../types/Job.sol";
import {Lot, LotState, LotStatus, Submission} from "../types/Lot.sol";
import {MarketParameters} from "../types/MarketParameters.sol";
import {FillSkip, Offer, OfferState} from "../types/Offer.sol";
import {ILedger} from "./ILedger.sol";

/// @title The market: offers, jobs, lots, settlement
/// @notice Jobs, lots and offers are named by the hash of what was agreed; the Market stores their state alone, and
/// callers bring the terms along (they are in the events). Deadlines are inclusive: act at t ≤ deadline, time out after.
interface IMarket is ILedger {
    // ---------------------------------------------------------------- events

    event OfferPosted(bytes32 indexed offerId, address indexed provider, bytes32 indexed modelId, Offer offer);
    event OfferCancelled(bytes32 indexed offerId, address indexed provider);
    /// @notice Every offer of an earlier epoch is void.
    event OffersCancelled(address indexed provider, uint32 epoch);

    event JobOpened(bytes32 indexed jobId, address indexed buyer, bytes32 indexed modelId, Job job);
    /// @notice A fill could not be taken whole; the items it did not take went to the next fill or into the bid.
    event FillSkipped(bytes32 indexed jobId, bytes32 indexed offerId, uint32 itemCount, FillSkip reason);
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
        bytes32 commitment,
        Submission submission,
        uint256 due
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
    /// @param charge What each side paid to the vault.
    event LotReleased(bytes32 indexed lotId, bytes32 indexed jobId, uint256 charge);
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
    /// @notice A batch call left this lot as it was.
    event LotSkipped(bytes32 indexed lotId, LotStatus status);

    // ---------------------------------------------------------------- errors

    error Market_NotProvider(address caller, address provider);
    error Market_NotBuyer(address caller, address buyer);
    error Market_InvalidParameters();
    error Market_InvalidOffer();
    error Market_OfferExists(bytes32 offerId);
    error Market_InvalidRequest();
    error Market_JobExists(bytes32 jobId);
    error Market_WrongTerms(bytes32 jobId);
    error Market_BidExpired(uint256 timestamp, uint256 deadline);
    error Market_NothingToClaim(bytes32 jobId);
    error Market_LotTooSmall(uint32 items, uint32 minimum);
    error Market_WrongStatus(bytes32 lotId, LotStatus status);
    error Market_OtherJob(bytes32 lotJobId, bytes32 jobId);
    error Market_GraceOver(uint256 timestamp, uint256 graceEndsAt);
    error Market_NotExpired(uint256 timestamp, uint256 deadline);
    error Market_LengthMismatch(uint256 lots, uint256 submissions);
    error Market_TooManyErrors(uint32 errors, uint32 itemCount);

    // ---------------------------------------------------------------- offers

    /// @notice Posts an ask. Only its provider.
    function postOffer(Offer calldata offer) external returns (bytes32 offerId);

    /// @notice Voids one offer. Only its provider. Harmless to repeat.
    function cancelOffer(Offer calldata offer) external;

    /// @notice Cancels one offer and posts another, in one step.
    function updateOffer(Offer calldata previous, Offer calldata next) external returns (bytes32 offerId);

    /// @notice Voids every offer of the caller that exists so far.
    function cancelAllOffers() external;

    // ---------------------------------------------------------------- jobs

    /// @notice Opens a job: locks its escrow at the limit price, takes the named offers at their own prices in order,
    /// and leaves the remaining items as a bid. A fill that no longer fits falls into the bid.
    /// @dev Requirements: nonce unused; at least one item; caps above zero; the buyer's free balance covers
    /// itemCount × ceil(value of one item at its caps and the limit).
    function openJob(JobRequest calldata request, Fill[] calldata fills) external returns (bytes32 jobId);

    /// @notice Takes the next `items` items of a bid, or as many as are left, at the ramp's present price.
    /// @param encryptionKey The caller's X25519 public key for this lot.
    function claim(Job calldata job, uint32 items, bytes32 encryptionKey) external returns (bytes32 lotId);

    /// @notice Takes a reopened lot whole. Its ramp runs from the failed lot's price, since it reopened, to the limit or
    /// what its escrow still affords.
    function claimReopened(
        Job calldata job,
        Lot calldata failed,
        bytes32 encryptionKey
    ) external returns (bytes32 lotId);

    /// @notice Withdraws what nobody has taken: the bid and those of `lots` that are Open; others are skipped. Only the
    /// buyer, at any time.
    function close(Job calldata job, Lot[] calldata lots) external;

    // ---------------------------------------------------------------- lots

    /// @notice Gives a lot back because its input never came, within the grace. Only the provider. Both sides pay the
    /// same small charge to the vault, so that griefing costs the griefer as much.
    function release(Lot calldata lot) external;

    /// @notice Reopens a lot that was not submitted in time. Anyone, after its deadline. The penalty goes from the
    /// collateral to the buyer, less the caller's bounty.
    function expire(Lot calldata lot) external;

    /// @notice Commits to results. Only the provider; valid until someone expires the lot. Starts the window.
    function submit(Lot[] calldata lots, Submission[] calldata submissions) external;

    /// @notice Pays submitted lots at once. Only their buyer. Final.
    function accept(Lot[] calldata lots) external;

    /// @notice Pays submitted lots whose window is over. Anyone.
    function settle(Lot[] calldata lots) external;

    // ---------------------------------------------------------------- views

    function parameters() external view returns (MarketParameters memory);

    function offerState(bytes32 offerId) external view returns (OfferState memory);

    function jobState(bytes32 jobId) external view returns (JobState memory);

    function lotState(bytes32 lotId) external view returns (LotState memory);

    /// @notice The EIP-712 digest that the provider committed to, or zero.
    function commitmentOf(bytes32 lotId) external view returns (bytes32);

    /// @notice The id of the job that `buyer` opens with `nonce`.
    function jobIdOf(address buyer, uint256 nonce) external view returns (bytes32);

    /// @notice The price a claim of this bid pays now, in base units per 10⁶ tokens.
    function bidPrice(Job calldata job) external view returns (uint64 promptPrice, uint64 outputPrice);

    /// @notice The price a claim of this reopened lot pays now, in base units per 10⁶ tokens.
    function reopenedPrice(
        Job calldata job,
        Lot calldata failed
    ) external view returns (uint64 promptPrice, uint64 outputPrice);
}
