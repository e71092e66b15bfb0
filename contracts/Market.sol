// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {IMarket} from "./interfaces/IMarket.sol";
import {Ledger} from "./Ledger.sol";
import {Hashes} from "./libraries/Hashes.sol";
import {Pricing} from "./libraries/Pricing.sol";
import {Fill, Job, JobRequest, JobState} from "./types/Job.sol";
import {Lot, LotState, LotStates, LotStatus, Submission} from "./types/Lot.sol";
import {MarketParameters} from "./types/MarketParameters.sol";
import {FillSkip, Offer, OfferState} from "./types/Offer.sol";

/// @title The market, implemented; what it promises is in IMarket
contract Market is IMarket, Ledger, EIP712, Multicall {
    using LotStates for LotState;
    using SafeCast for uint256;

    /// @dev Appended versions come with Parameters; until then there is one, fixed at deployment.
    uint32 private constant PARAMETERS_VERSION = 1;

    address private immutable VAULT;
    uint16 private immutable FEE_BPS;
    uint16 private immutable COLLATERAL_BPS;
    uint16 private immutable PENALTY_BPS;
    uint16 private immutable RELEASE_BPS;
    uint16 private immutable BOUNTY_BPS;
    uint32 private immutable GRACE_SECONDS;
    uint32 private immutable SUBMIT_GRACE_SECONDS;
    uint32 private immutable WINDOW_SECONDS;
    uint32 private immutable BID_SECONDS;
    uint96 private immutable MIN_LOT_COLLATERAL;

    mapping(bytes32 offerId => OfferState) private _offers;
    mapping(bytes32 jobId => JobState) private _jobs;
    mapping(bytes32 lotId => LotState) private _lots;
    mapping(bytes32 lotId => bytes32) private _commitments;

    constructor(IERC20 asset_, MarketParameters memory p) Ledger(asset_) EIP712("Millrace", "1") {
        require(
            p.vault != address(0) &&
                p.feeBps <= 1_000 &&
                p.collateralBps >= 5_000 &&
                p.penaltyBps >= 1_000 &&
                p.penaltyBps <= Pricing.BPS &&
                p.releaseBps <= 1_000 &&
                p.bountyBps <= 5_000,
            Market_InvalidParameters()
        );
        VAULT = p.vault;
        FEE_BPS = p.feeBps;
        COLLATERAL_BPS = p.collateralBps;
        PENALTY_BPS = p.penaltyBps;
        RELEASE_BPS = p.releaseBps;
        BOUNTY_BPS = p.bountyBps;
        GRACE_SECONDS = p.graceSeconds;
        SUBMIT_GRACE_SECONDS = p.submitGraceSeconds;
        WINDOW_SECONDS = p.windowSeconds;
        BID_SECONDS = p.bidSeconds;
        MIN_LOT_COLLATERAL = p.minLotCollateral;
    }

    // ---------------------------------------------------------------- offers

    /// @inheritdoc IMarket
    function postOffer(Offer calldata offer) external returns (bytes32 offerId) {
        return _postOffer(offer);
    }

    /// @inheritdoc IMarket
    function cancelOffer(Offer calldata offer) external {
        _cancelOffer(offer);
    }

    /// @inheritdoc IMarket
    function updateOffer(Offer calldata previous, Offer calldata next) external returns (bytes32 offerId) {
        _cancelOffer(previous);
        return _postOffer(next);
    }

    /// @inheritdoc IMarket
    function cancelAllOffers() external {
        uint32 epoch = ++_accounts[msg.sender].offerEpoch;
        emit OffersCancelled(msg.sender, epoch);
    }

    // ---------------------------------------------------------------- jobs

    /// @inheritdoc IMarket
    function openJob(JobRequest calldata request, Fill[] calldata fills) external returns (bytes32 jobId) {
        require(
            request.itemCount != 0 &&
                request.promptTokensCap != 0 &&
                request.outputTokensCap != 0 &&
                request.startBps <= Pricing.BPS &&
                request.minLotItems <= request.itemCount,
            Market_InvalidRequest()
        );
        jobId = Hashes.jobId(address(this), msg.sender, request.nonce);
        require(_jobs[jobId].termsHash == 0, Market_JobExists(jobId));

        Job memory job = Job({
            buyer: msg.sender,
            openedAt: uint40(block.timestamp),
            parametersVersion: PARAMETERS_VERSION,
            request: request
        });
        _jobs[jobId].termsHash = Hashes.hashJob(job);
        uint256 itemEscrow = _itemEscrow(job);
        _lock(msg.sender, itemEscrow * request.itemCount);
        emit JobOpened(jobId, msg.sender, request.modelId, job);

        uint32 next = 0;
        for (uint256 i = 0; i < fills.length; i++) next += _take(jobId, job, itemEscrow, fills[i], next);

        if (next < request.itemCount) {
            _jobs[jobId].openFrom = next;
            _jobs[jobId].openItems = request.itemCount - next;
        }
    }

    /// @inheritdoc IMarket
    function claim(Job calldata job, uint32 items, bytes32 encryptionKey) external returns (bytes32 lotId) {
        bytes32 jobId = _checkTerms(job);
        _checkBidOpen(job);
        JobState storage state = _jobs[jobId];
        uint32 open = state.openItems;
        require(open != 0, Market_NothingToClaim(jobId));
        if (items > open) items = open;
        require(
            items == open || (items != 0 && items >= job.request.minLotItems),
            Market_LotTooSmall(items, job.request.minLotItems)
        );
        uint32 first = state.openFrom;
        state.openFrom = first + items;
        state.openItems = open - items;

        (uint64 promptPrice, uint64 outputPrice) = bidPrice(job);
        Lot memory lot = _newLot(jobId, job, msg.sender, first, items, promptPrice, outputPrice);
        lot.escrow = (_itemEscrow(job) * items).toUint96();
        return _assign(lot, _value(lot, job), bytes32(0), encryptionKey);
    }

    /// @inheritdoc IMarket
    function claimReopened(
        Job calldata job,
        Lot calldata failed,
        bytes32 encryptionKey
    ) external returns (bytes32 lotId) {
        bytes32 jobId = _checkTerms(job);
        _checkBidOpen(job);
        (uint64 promptPrice, uint64 outputPrice) = reopenedPrice(job, failed);
        bytes32 failedId = Hashes.lotIdCalldata(failed);
        Lot memory lot = _newLot(jobId, job, msg.sender, failed.firstItem, failed.itemCount, promptPrice, outputPrice);
        lot.attempt = failed.attempt + 1;
        lot.escrow = _lots[failedId].amount;

        _lots[failedId] = LotState({status: LotStatus.Closed, timestamp: 0, amount: 0, forfeit: 0});
        emit LotClosed(failedId, jobId, 0);
        return _assign(lot, _value(lot, job), bytes32(0), encryptionKey);
    }

    /// @inheritdoc IMarket
    function close(Job calldata job, Lot[] calldata lots) external {
        require(msg.sender == job.buyer, Market_NotBuyer(msg.sender, job.buyer));
        bytes32 jobId = _checkTerms(job);
        JobState storage state = _jobs[jobId];
        uint32 open = state.openItems;
        if (open != 0) {
            state.openItems = 0;
            uint256 refund = _itemEscrow(job) * open;
            _unlock(msg.sender, refund, refund);
            emit JobClosed(jobId, state.openFrom, open, refund);
        }
        for (uint256 i = 0; i < lots.length; i++) {
            require(lots[i].jobId == jobId, Market_OtherJob(lots[i].jobId, jobId));
            bytes32 lotId = Hashes.lotIdCalldata(lots[i]);
            LotState memory lot = _stateOf(lotId);
            if (lot.status != LotStatus.Open) {
                emit LotSkipped(lotId, lot.status);
                continue;
            }
            uint256 refund = lot.amount;
            _lots[lotId] = LotState({status: LotStatus.Closed, timestamp: 0, amount: 0, forfeit: 0});
            _unlock(msg.sender, refund, refund);
            emit LotClosed(lotId, jobId, refund);
        }
    }

    // ---------------------------------------------------------------- lots

    /// @inheritdoc IMarket
    function release(Lot calldata lot) external {
        require(msg.sender == lot.provider, Market_NotProvider(msg.sender, lot.provider));
        bytes32 lotId = _checkAssigned(lot);
        require(block.timestamp <= lot.graceEndsAt, Market_GraceOver(block.timestamp, lot.graceEndsAt));
        uint256 charge = lot.releaseCharge;
        // The charge is at most the escrow (and the collateral) by construction of the lot.
        _reopen(lotId, lot.escrow - lot.releaseCharge);
        _unlock(lot.buyer, charge, 0);
        _unlock(lot.provider, lot.collateral, lot.collateral - charge);
        _credit(VAULT, 2 * charge);
        emit LotReleased(lotId, lot.jobId, charge);
    }

    /// @inheritdoc IMarket
    function expire(Lot calldata lot) external {
        bytes32 lotId = _checkAssigned(lot);
        require(block.timestamp > lot.deadline, Market_NotExpired(block.timestamp, lot.deadline));
        _reopen(lotId, lot.escrow);
        uint256 bounty = Pricing.shareDown(lot.penalty, BOUNTY_BPS);
        _unlock(lot.provider, lot.collateral, lot.collateral - lot.penalty);
        _credit(lot.buyer, lot.penalty - bounty);
        _credit(msg.sender, bounty);
        emit LotExpired(lotId, lot.jobId, msg.sender, lot.penalty - bounty, bounty);
    }

    /// @inheritdoc IMarket
    function submit(Lot[] calldata lots, Submission[] calldata submissions) external {
        require(lots.length == submissions.length, Market_LengthMismatch(lots.length, submissions.length));
        for (uint256 i = 0; i < lots.length; i++) _submit(lots[i], submissions[i]);
    }

    /// @inheritdoc IMarket
    function accept(Lot[] calldata lots) external {
        uint256 unlocked;
        uint256 credited;
        uint256 fees;
        for (uint256 i = 0; i < lots.length; i++) {
            Lot calldata lot = lots[i];
            require(msg.sender == lot.buyer, Market_NotBuyer(msg.sender, lot.buyer));
            bytes32 lotId = Hashes.lotIdCalldata(lot);
            LotState memory state = _stateOf(lotId);
            if (state.status != LotStatus.Submitted) {
                emit LotSkipped(lotId, state.status);
                continue;
            }
            (uint256 returned, uint256 fee) = _settle(lotId, lot, state);
            unlocked += lot.escrow;
            credited += returned;
            fees += fee;
        }
        _unlock(msg.sender, unlocked, credited);
        _credit(VAULT, fees);
    }

    /// @inheritdoc IMarket
    function settle(Lot[] calldata lots) external {
        uint256 fees;
        for (uint256 i = 0; i < lots.length; i++) {
            Lot calldata lot = lots[i];
            bytes32 lotId = Hashes.lotIdCalldata(lot);
            LotState memory state = _stateOf(lotId);
            if (state.status != LotStatus.Submitted || block.timestamp <= state.timestamp) {
                emit LotSkipped(lotId, state.status);
                continue;
            }
            (uint256 returned, uint256 fee) = _settle(lotId, lot, state);
            _unlock(lot.buyer, lot.escrow, returned);
            fees += fee;
        }
        _credit(VAULT, fees);
    }

    // ---------------------------------------------------------------- internals: offers

    function _postOffer(Offer calldata offer) private returns (bytes32 offerId) {
        require(msg.sender == offer.provider, Market_NotProvider(msg.sender, offer.provider));
        require(
            offer.capacityItems != 0 &&
                offer.minLotItems <= offer.maxLotItems &&
                offer.maxLotItems != 0 &&
                offer.epoch == _accounts[msg.sender].offerEpoch &&
                offer.validUntil >= block.timestamp,
            Market_InvalidOffer()
        );
        offerId = _hashTypedDataV4(Hashes.hashOffer(offer));
        OfferState storage state = _offers[offerId];
        require(!state.posted && !state.cancelled, Market_OfferExists(offerId));
        state.posted = true;
        emit OfferPosted(offerId, offer.provider, offer.modelId, offer);
    }

    function _cancelOffer(Offer calldata offer) private {
        require(msg.sender == offer.provider, Market_NotProvider(msg.sender, offer.provider));
        bytes32 offerId = _hashTypedDataV4(Hashes.hashOffer(offer));
        _offers[offerId].cancelled = true;
        emit OfferCancelled(offerId, offer.provider);
    }

    /// @dev Takes as much of a fill as fits, as one lot from `first`. Returns how many items were given away.
    function _take(
        bytes32 jobId,
        Job memory job,
        uint256 itemEscrow,
        Fill calldata fill,
        uint32 first
    ) private returns (uint32 items) {
        Offer calldata offer = fill.offer;
        bytes32 offerId = _hashTypedDataV4(Hashes.hashOffer(offer));
        OfferState storage slot = _offers[offerId];
        OfferState memory state = slot;

        // Both fit in 32 bits: filledItems never passes capacityItems, and `first` never passes itemCount.
        items = uint32(Math.min(fill.itemCount, job.request.itemCount - first));
        items = uint32(Math.min(items, offer.capacityItems - state.filledItems));
        FillSkip skip = _whyNot(state, offer, job.request, items, first);
        if (skip == FillSkip.None) {
            Lot memory lot = _newLot(
                jobId,
                job,
                offer.provider,
                first,
                items,
                offer.promptPricePerMillion,
                offer.outputPricePerMillion
            );
            lot.escrow = (itemEscrow * items).toUint96();
            _resolve(lot, _value(lot, job));
            if (_tryLock(offer.provider, lot.collateral)) {
                slot.filledItems = state.filledItems + items;
                _record(lot, offerId, offer.encryptionKey);
            } else {
                skip = FillSkip.NoCollateral;
            }
        }
        if (skip != FillSkip.None) items = 0;
        if (items < fill.itemCount) {
            if (skip == FillSkip.None) {
                bool all = first + items == job.request.itemCount;
                skip = all ? FillSkip.NoItemsLeft : FillSkip.NoCapacity;
            }
            emit FillSkipped(jobId, offerId, fill.itemCount - items, skip);
        }
    }

    /// @dev The first reason why an offer cannot be taken for `items` items, but for the collateral.
    function _whyNot(
        OfferState memory state,
        Offer calldata offer,
        JobRequest memory request,
        uint32 items,
        uint32 first
    ) private view returns (FillSkip) {
        if (!state.posted) return FillSkip.NotPosted;
        if (state.cancelled || offer.epoch != _accounts[offer.provider].offerEpoch) return FillSkip.Cancelled;
        if (block.timestamp > offer.validUntil) return FillSkip.Expired;
        if (offer.modelId != request.modelId) return FillSkip.OtherModel;
        if (
            offer.promptPricePerMillion > request.promptLimitPerMillion ||
            offer.outputPricePerMillion > request.outputLimitPerMillion
        ) return FillSkip.PriceAboveLimit;
        if (request.promptTokensCap > offer.maxPromptTokens || request.outputTokensCap > offer.maxOutputTokens) {
            return FillSkip.TokensAboveOffer;
        }
        if (request.turnaroundSeconds < offer.minTurnaroundSeconds) return FillSkip.TurnaroundTooShort;
        if (first == request.itemCount) return FillSkip.NoItemsLeft;
        if (items == 0) return FillSkip.NoCapacity;
        if (items < offer.minLotItems || items > offer.maxLotItems) return FillSkip.LotSizeOutOfRange;
        return FillSkip.None;
    }

    // ---------------------------------------------------------------- internals: lots

    function _newLot(
        bytes32 jobId,
        Job memory job,
        address provider,
        uint32 first,
        uint32 items,
        uint64 promptPrice,
        uint64 outputPrice
    ) private view returns (Lot memory lot) {
        lot.jobId = jobId;
        lot.buyer = job.buyer;
        lot.provider = provider;
        lot.firstItem = first;
        lot.itemCount = items;
        lot.promptPricePerMillion = promptPrice;
        lot.outputPricePerMillion = outputPrice;
        // 40 bits hold seconds for 34,000 years: these sums of 32-bit spans cannot overflow.
        lot.graceEndsAt = uint40(block.timestamp + GRACE_SECONDS);
        lot.deadline = lot.graceEndsAt + job.request.turnaroundSeconds + SUBMIT_GRACE_SECONDS;
        lot.windowSeconds = WINDOW_SECONDS;
        lot.feeBps = FEE_BPS;
    }

    /// @dev What the lot's items cost at their caps and the lot's own price.
    function _value(Lot memory lot, Job memory job) private pure returns (uint256) {
        return
            Pricing.costUp(
                uint256(lot.itemCount) * job.request.promptTokensCap,
                uint256(lot.itemCount) * job.request.outputTokensCap,
                lot.promptPricePerMillion,
                lot.outputPricePerMillion
            );
    }

    /// @dev Fixes penalty, charge and collateral. What the bounty leaves of the penalty covers the way from the lot's
    /// price up to the limit: who claims low, expires it and claims high under other names gains nothing.
    function _resolve(Lot memory lot, uint256 value) private view {
        uint256 rerun = Math.ceilDiv((lot.escrow - value) * Pricing.BPS, Pricing.BPS - BOUNTY_BPS);
        uint256 penalty = Math.max(Pricing.shareUp(value, PENALTY_BPS), rerun);
        uint256 collateral = Math.max(Pricing.shareUp(value, COLLATERAL_BPS), MIN_LOT_COLLATERAL);
        lot.penalty = penalty.toUint96();
        lot.collateral = Math.max(collateral, penalty).toUint96();
        // Of the escrow, not of the value: a bid that starts at nothing could else be claimed and released for nothing.
        // At most a tenth of the escrow, and the collateral is at least a third: max(value / 2, escrow - value).
        lot.releaseCharge = uint96(Pricing.shareUp(lot.escrow, RELEASE_BPS));
    }

    function _assign(
        Lot memory lot,
        uint256 value,
        bytes32 offerId,
        bytes32 encryptionKey
    ) private returns (bytes32 lotId) {
        _resolve(lot, value);
        _lock(lot.provider, lot.collateral);
        return _record(lot, offerId, encryptionKey);
    }

    /// @dev The lotId is new: no two lots share job, first item and attempt.
    function _record(Lot memory lot, bytes32 offerId, bytes32 encryptionKey) private returns (bytes32 lotId) {
        lotId = Hashes.lotId(lot);
        _lots[lotId].status = LotStatus.Assigned;
        // emit LotAssigned(lotId, lot.jobId, lot.provider, lot, offerId, encryptionKey), without the encoder, which takes
        // a Lot field by field: its 16 words lie in memory as they are logged, then the two others. Only scratch is used.
        bytes32 topic = LotAssigned.selector;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mcopy(free, lot, 0x200)
            mstore(add(free, 0x200), offerId)
            mstore(add(free, 0x220), encryptionKey)
            log4(free, 0x240, topic, lotId, mload(lot), mload(add(lot, 0x40))) // jobId, provider
        }
    }

    function _submit(Lot calldata lot, Submission calldata submission) private {
        require(msg.sender == lot.provider, Market_NotProvider(msg.sender, lot.provider));
        require(submission.errors <= lot.itemCount, Market_TooManyErrors(submission.errors, lot.itemCount));
        bytes32 lotId = Hashes.lotIdCalldata(lot);
        LotState storage state = _lots[lotId];
        if (state.status != LotStatus.Assigned) {
            emit LotSkipped(lotId, _stateOf(lotId).status);
            return;
        }
        uint256 due = Math.min(
            lot.escrow,
            Pricing.costUp(
                submission.promptTokens,
                submission.outputTokens,
                lot.promptPricePerMillion,
                lot.outputPricePerMillion
            )
        );
        bytes32 commitment = _hashTypedDataV4(Hashes.hashCommitment(lotId, lot, submission));
        // Due is at most the 96-bit escrow, the forfeit at most the 96-bit penalty, as errors ≤ itemCount.
        uint256 forfeit = Math.ceilDiv(uint256(lot.penalty) * submission.errors, lot.itemCount);
        state.writeSubmitted(block.timestamp + lot.windowSeconds, due, forfeit);
        _commitments[lotId] = commitment;
        emit LotSubmitted(lotId, lot.jobId, lot.provider, commitment, submission, due);
    }

    /// @dev Pays the provider. What returns to the buyer, and the fee, the caller credits for all lots at once.
    function _settle(
        bytes32 lotId,
        Lot calldata lot,
        LotState memory state
    ) private returns (uint256 returned, uint256 fee) {
        // What is left of a settled lot is its commitment; see _stateOf.
        delete _lots[lotId];
        fee = Pricing.shareDown(state.amount, lot.feeBps);
        uint256 paid = state.amount - fee;
        uint256 refund = lot.escrow - state.amount;
        returned = refund + state.forfeit;
        _unlock(lot.provider, lot.collateral, lot.collateral + paid - state.forfeit);
        emit LotSettled(lotId, lot.jobId, lot.provider, paid, fee, refund, state.forfeit);
    }

    function _reopen(bytes32 lotId, uint96 escrow) private {
        _lots[lotId] = LotState({
            status: LotStatus.Open,
            timestamp: uint40(block.timestamp),
            amount: escrow,
            forfeit: 0
        });
    }

    // ---------------------------------------------------------------- internals: checks and prices

    function _checkTerms(Job calldata job) private view returns (bytes32 jobId) {
        jobId = Hashes.jobId(address(this), job.buyer, job.request.nonce);
        require(_jobs[jobId].termsHash == Hashes.hashJob(job), Market_WrongTerms(jobId));
    }

    function _checkBidOpen(Job calldata job) private view {
        uint256 deadline = uint256(job.openedAt) + BID_SECONDS;
        require(block.timestamp <= deadline, Market_BidExpired(block.timestamp, deadline));
    }

    /// @dev A settled lot gave its slot back, for the refund of gas; only a settled one has a commitment and no state.
    function _stateOf(bytes32 lotId) private view returns (LotState memory state) {
        state = _lots[lotId];
        if (state.status == LotStatus.None && _commitments[lotId] != 0) state.status = LotStatus.Settled;
    }

    function _checkAssigned(Lot calldata lot) private view returns (bytes32 lotId) {
        lotId = Hashes.lotIdCalldata(lot);
        LotStatus status = _stateOf(lotId).status;
        require(status == LotStatus.Assigned, Market_WrongStatus(lotId, status));
    }

    /// @dev Escrow is counted by the item, so that a lot and the rest of its bid always add up to the whole.
    function _itemEscrow(Job memory job) private pure returns (uint256) {
        return
            Pricing.costUp(
                job.request.promptTokensCap,
                job.request.outputTokensCap,
                job.request.promptLimitPerMillion,
                job.request.outputLimitPerMillion
            );
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IMarket
    function bidPrice(Job calldata job) public view returns (uint64 promptPrice, uint64 outputPrice) {
        JobRequest calldata r = job.request;
        uint256 elapsed = block.timestamp - job.openedAt;
        // startBps ≤ 10⁴: at most the 64-bit limits.
        uint64 promptStart = uint64(Pricing.shareDown(r.promptLimitPerMillion, r.startBps));
        uint64 outputStart = uint64(Pricing.shareDown(r.outputLimitPerMillion, r.startBps));
        promptPrice = Pricing.ramp(promptStart, r.promptLimitPerMillion, elapsed, r.rampSeconds);
        outputPrice = Pricing.ramp(outputStart, r.outputLimitPerMillion, elapsed, r.rampSeconds);
    }

    /// @inheritdoc IMarket
    function reopenedPrice(
        Job calldata job,
        Lot calldata failed
    ) public view returns (uint64 promptPrice, uint64 outputPrice) {
        bytes32 jobId = Hashes.jobId(address(this), job.buyer, job.request.nonce);
        require(failed.jobId == jobId, Market_OtherJob(failed.jobId, jobId));
        bytes32 failedId = Hashes.lotIdCalldata(failed);
        LotState memory state = _stateOf(failedId);
        require(state.status == LotStatus.Open, Market_WrongStatus(failedId, state.status));

        JobRequest calldata r = job.request;
        uint256 elapsed = block.timestamp - state.timestamp;
        promptPrice = Pricing.ramp(failed.promptPricePerMillion, r.promptLimitPerMillion, elapsed, r.rampSeconds);
        outputPrice = Pricing.ramp(failed.outputPricePerMillion, r.outputLimitPerMillion, elapsed, r.rampSeconds);
        // Release charges came out of the escrow; a price never exceeds what is left of it. Rounded down, so that the
        // lot's value, rounded up from these, is at most the escrow. Zero-priced limits have nothing to scale.
        uint256 full = _itemEscrow(job) * failed.itemCount;
        if (state.amount < full) {
            // Scaled limits are below the 64-bit limits.
            promptPrice = uint64(Math.min(promptPrice, (uint256(r.promptLimitPerMillion) * state.amount) / full));
            outputPrice = uint64(Math.min(outputPrice, (uint256(r.outputLimitPerMillion) * state.amount) / full));
        }
    }

    /// @inheritdoc IMarket
    function parameters() external view returns (MarketParameters memory) {
        return
            MarketParameters({
                vault: VAULT,
                feeBps: FEE_BPS,
                collateralBps: COLLATERAL_BPS,
                penaltyBps: PENALTY_BPS,
                releaseBps: RELEASE_BPS,
                bountyBps: BOUNTY_BPS,
                graceSeconds: GRACE_SECONDS,
                submitGraceSeconds: SUBMIT_GRACE_SECONDS,
                windowSeconds: WINDOW_SECONDS,
                bidSeconds: BID_SECONDS,
                minLotCollateral: MIN_LOT_COLLATERAL
            });
    }

    /// @inheritdoc IMarket
    function offerState(bytes32 offerId) external view returns (OfferState memory) {
        return _offers[offerId];
    }

    /// @inheritdoc IMarket
    function jobState(bytes32 jobId) external view returns (JobState memory) {
        return _jobs[jobId];
    }

    /// @inheritdoc IMarket
    function lotState(bytes32 lotId) external view returns (LotState memory) {
        return _stateOf(lotId);
    }

    /// @inheritdoc IMarket
    function commitmentOf(bytes32 lotId) external view returns (bytes32) {
        return _commitments[lotId];
    }

    /// @inheritdoc IMarket
    function jobIdOf(address buyer, uint256 nonce) external view returns (bytes32) {
        return Hashes.jobId(address(this), buyer, nonce);
    }
}
