// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {IArbiter} from "./interfaces/IArbiter.sol";
import {IBackers} from "./interfaces/IBackers.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {IMarket} from "./interfaces/IMarket.sol";
import {IParameters} from "./interfaces/IParameters.sol";
import {Ledger} from "./Ledger.sol";
import {Offers} from "./Offers.sol";
import {FirstLoss} from "./libraries/FirstLoss.sol";
import {Hashes} from "./libraries/Hashes.sol";
import {Pricing} from "./libraries/Pricing.sol";
import {Account, Accounts} from "./types/Account.sol";
import {Fill, Job, JobRequest, JobState} from "./types/Job.sol";
import {Delivery, Lot, LotState, LotStates, LotStatus, LotTerms, Settlement, Submission} from "./types/Lot.sol";
import {MarketParameters} from "./types/MarketParameters.sol";
import {FillSkip, Offer, OfferState} from "./types/Offer.sol";
import {Totals} from "./types/Receipt.sol";

/// @title The market, implemented; what it promises is in IMarket
contract Market is IMarket, Offers, Multicall {
    using Accounts for Account;

    /// @dev What opening a job needs along the way.
    struct Opening {
        bytes32 jobId;
        uint256 itemEscrow;
        /// First item not yet given away.
        uint32 next;
        Job job;
        MarketParameters parameters;
        /// Of the present fill.
        Taking taking;
    }

    /// @dev What LotAssigned tells beside the lot.
    struct Taking {
        bytes32 offerId;
        bytes32 encryptionKey;
    }

    /// @dev What becomes of collateral whose lock ends.
    struct Ending {
        uint256 collateral;
        /// What of it is the provider's own if they are backed.
        uint256 own;
        uint256 taken;
        /// What its provider is paid beside.
        uint256 earned;
    }

    /// @dev What the lots of one settlement add up to.
    struct Sums {
        uint256 escrow;
        uint256 toBuyer;
        uint256 fees;
        Ending ending;
    }

    /// @dev Of a whole job. Every amount of a lot then fits its 96 bits: collateral is at most ten times the value, the
    /// penalty at most twice the escrow.
    uint256 private constant MAX_ESCROW = type(uint88).max;
    /// @dev Longer than any case of a court: a lot that is held for longer is settled.
    uint256 private constant MAX_HOLD_SECONDS = 90 days;
    /// @dev What a voided item costs the provider beside its pay, in prices of that item: what a lie gains when one of so
    /// many is found out.
    uint256 private constant FINE_PER_PRICE = 100;
    /// @dev So that a lot is over within what the parameters, seats and backers reckon with.
    uint256 private constant MAX_TURNAROUND_SECONDS = 30 days;
    /// @dev How often a buyer pays for a release of the same items.
    uint256 private constant CHARGED_ATTEMPTS = 3;

    /// @inheritdoc IMarket
    IParameters public immutable parameters;
    /// @inheritdoc IMarket
    address public immutable vault;
    /// @inheritdoc IMarket
    IArbiter public immutable faults;
    /// @inheritdoc IMarket
    ICourt public immutable court;
    /// @inheritdoc IMarket
    IBackers public immutable backers;

    mapping(bytes32 jobId => JobState) private _jobs;
    mapping(bytes32 lotId => LotState) private _lots;

    /// @param court_ Zero for a Market without one, and so is `backers_`.
    constructor(
        IERC20 asset_,
        IParameters parameters_,
        address vault_,
        IArbiter faults_,
        ICourt court_,
        IBackers backers_
    ) Ledger(asset_) EIP712("Millrace", "1") {
        require(address(parameters_) != address(0) && vault_ != address(0), Market_ZeroAddress());
        parameters = parameters_;
        vault = vault_;
        faults = faults_;
        court = court_;
        backers = backers_;
        faults_.bind();
        if (address(court_) != address(0)) court_.bind();
        if (address(backers_) != address(0)) backers_.bind();
    }

    // ---------------------------------------------------------------- jobs

    /// @inheritdoc IMarket
    function openJob(
        address buyer,
        JobRequest calldata request,
        Fill[] calldata fills
    ) external returns (bytes32 jobId) {
        (uint32 version, bool paused, MarketParameters memory p) = parameters.current();
        require(!paused, Market_Paused());
        Job memory job = Job({
            buyer: buyer,
            openedAt: uint40(block.timestamp),
            parametersVersion: version,
            request: request
        });
        JobRequest memory r = job.request;
        require(
            r.itemCount != 0 &&
                r.promptTokensCap != 0 &&
                r.outputTokensCap != 0 &&
                r.startBps <= Pricing.BPS &&
                r.turnaroundSeconds <= MAX_TURNAROUND_SECONDS &&
                r.minLotItems <= r.itemCount,
            Market_InvalidRequest()
        );
        jobId = Hashes.jobId(address(this), buyer, r.nonce);
        require(_jobs[jobId].termsHash == 0, Market_JobExists(jobId));
        Opening memory opening = Opening({
            jobId: jobId,
            itemEscrow: _itemEscrow(r),
            next: 0,
            job: job,
            parameters: p,
            taking: Taking({offerId: 0, encryptionKey: 0})
        });
        uint256 escrow = opening.itemEscrow * r.itemCount;
        require(escrow <= MAX_ESCROW, Market_InvalidRequest());

        _jobs[jobId].termsHash = Hashes.hashJob(job);
        _spend(buyer, msg.sender, escrow);
        _lock(buyer, escrow);
        _logOpened(jobId, job);

        for (uint256 i = 0; i < fills.length; i++) _take(opening, fills[i]);

        uint32 next = opening.next;
        if (next < r.itemCount) {
            _jobs[jobId].openFrom = next;
            _jobs[jobId].openItems = r.itemCount - next;
        }
    }

    /// @inheritdoc IMarket
    function topUp(
        Job calldata job,
        uint64 promptLimitPerMillion,
        uint64 outputLimitPerMillion,
        Lot[] calldata lots
    ) external {
        _requireBuyer(job.buyer);
        bytes32 jobId = requireTerms(job);
        JobRequest memory old = _requestOf(job);
        require(
            promptLimitPerMillion >= old.promptLimitPerMillion &&
                outputLimitPerMillion >= old.outputLimitPerMillion &&
                (promptLimitPerMillion != old.promptLimitPerMillion ||
                    outputLimitPerMillion != old.outputLimitPerMillion),
            Market_PriceNotRaised()
        );
        uint256 itemEscrow = Pricing.costUp(
            old.promptTokensCap,
            old.outputTokensCap,
            promptLimitPerMillion,
            outputLimitPerMillion
        );
        require(itemEscrow * old.itemCount <= MAX_ESCROW, Market_InvalidRequest());

        JobState storage state = _jobs[jobId];
        state.termsHash = Hashes.hashJobRaised(job, promptLimitPerMillion, outputLimitPerMillion);
        uint256 amount = (itemEscrow - _itemEscrow(old)) * state.openItems;
        for (uint256 i = 0; i < lots.length; i++) amount += _topUpLot(jobId, lots[i], itemEscrow);
        _spend(job.buyer, msg.sender, amount);
        _lock(job.buyer, amount);
        emit JobToppedUp(jobId, promptLimitPerMillion, outputLimitPerMillion, amount);
    }

    /// @inheritdoc IMarket
    function claim(
        address provider,
        Job calldata job,
        uint32 items,
        bytes32 encryptionKey
    ) external returns (bytes32 lotId) {
        uint256 cap = _requireProvider(provider);
        bytes32 jobId = requireTerms(job);
        JobRequest memory request = _requestOf(job);
        MarketParameters memory p = _checkBidOpen(job);
        JobState storage state = _jobs[jobId];
        uint32 open = state.openItems;
        require(open != 0, Market_NothingToClaim(jobId));
        if (items > open) items = open;
        require(
            items == open || (items != 0 && items >= request.minLotItems),
            Market_LotTooSmall(items, request.minLotItems)
        );
        uint32 first = state.openFrom;
        state.openFrom = first + items;
        state.openItems = open - items;

        Lot memory lot = _newLot(jobId, job.buyer, provider, first, items);
        (lot.promptPricePerMillion, lot.outputPricePerMillion) = _bidPrice(request, job.openedAt);
        // At most MAX_ESCROW, as in _takeLot.
        lot.escrow = uint96(_itemEscrow(request) * items);
        uint256 value = _value(lot, request);
        require(items == open || value >= request.minLotValue, Market_LotValueTooLow(value, request.minLotValue));
        _resolve(lot, value, p, request.turnaroundSeconds);
        return _claim(lot, cap, encryptionKey);
    }

    /// @inheritdoc IMarket
    function claimReopened(
        address provider,
        Job calldata job,
        Lot calldata failed,
        bytes32 encryptionKey
    ) external returns (bytes32 lotId) {
        uint256 cap = _requireProvider(provider);
        bytes32 jobId = requireTerms(job);
        MarketParameters memory p = _checkBidOpen(job);
        JobRequest memory request = _requestOf(job);
        (bytes32 failedId, Lot memory old) = _load(failed);
        Lot memory lot = _newLot(jobId, job.buyer, provider, old.firstItem, old.itemCount);
        (lot.promptPricePerMillion, lot.outputPricePerMillion) = _reopenedPrice(jobId, request, failedId, old);
        lot.attempt = old.attempt + 1;
        lot.escrow = _lots[failedId].escrow();
        _lots[failedId] = LotStates.none();
        emit LotClosed(failedId, jobId, 0);
        _resolve(lot, _value(lot, request), p, request.turnaroundSeconds);
        return _claim(lot, cap, encryptionKey);
    }

    /// @inheritdoc IMarket
    function cancelRemainder(Job calldata job) external {
        _requireBuyer(job.buyer);
        bytes32 jobId = requireTerms(job);
        uint256 refund = _cancelRemainder(jobId, job);
        _unlock(job.buyer, refund, refund);
    }

    /// @inheritdoc IMarket
    function close(Job calldata job, Lot[] calldata lots) external {
        _requireBuyer(job.buyer);
        bytes32 jobId = requireTerms(job);
        uint256 refund = _cancelRemainder(jobId, job);
        for (uint256 i = 0; i < lots.length; i++) {
            require(lots[i].jobId == jobId, Market_OtherJob(lots[i].jobId, jobId));
            bytes32 lotId = Hashes.lotIdCalldata(lots[i]);
            LotState state = _lots[lotId];
            if (state.status() != LotStatus.Open) {
                emit LotSkipped(lotId, state.status());
                continue;
            }
            _lots[lotId] = LotStates.none();
            refund += state.escrow();
            emit LotClosed(lotId, jobId, state.escrow());
        }
        _unlock(job.buyer, refund, refund);
    }

    // ---------------------------------------------------------------- lots

    /// @inheritdoc IMarket
    function release(Lot calldata given) external {
        _requireProvider(given.provider);
        (bytes32 lotId, Lot memory lot) = _loadAssigned(given);
        require(block.timestamp <= lot.graceEndsAt, Market_GraceOver(block.timestamp, lot.graceEndsAt));
        uint256 charge = lot.releaseCharge;
        // The charge is at most the escrow (and the collateral) by construction of the lot.
        uint96 buyerCharge = lot.attempt < CHARGED_ATTEMPTS ? lot.releaseCharge : 0;
        _lots[lotId] = LotStates.open(uint40(block.timestamp), lot.escrow - buyerCharge);
        _unlock(lot.buyer, buyerCharge, 0);
        _endLock(lot, charge);
        _credit(vault, buyerCharge + charge);
        emit LotReleased(lotId, lot.jobId, buyerCharge, charge);
    }

    /// @inheritdoc IMarket
    function expire(Lot calldata given) external {
        (bytes32 lotId, Lot memory lot) = _loadAssigned(given);
        require(block.timestamp > lot.deadline, Market_NotExpired(block.timestamp, lot.deadline));
        _lots[lotId] = LotStates.open(uint40(block.timestamp), lot.escrow);
        uint256 bounty = Pricing.shareDown(lot.penalty, lot.bountyBps);
        _endLock(lot, lot.penalty);
        _credit(lot.buyer, lot.penalty - bounty);
        _credit(msg.sender, bounty);
        emit LotExpired(lotId, lot.jobId, msg.sender, lot.penalty - bounty, bounty);
    }

    /// @inheritdoc IMarket
    function submit(LotTerms calldata terms, Delivery[] calldata deliveries) external {
        _requireProvider(terms.provider);
        bytes memory preimage = Hashes.preimage(terms);
        // 40 bits hold seconds for 34,000 years: the sum with a 32-bit span cannot overflow.
        uint40 windowEnd = uint40(block.timestamp) + terms.windowSeconds;
        for (uint256 i = 0; i < deliveries.length; i++) {
            // Copied, which checks every word: a total wider than its type could be committed to and never be settled.
            Submission memory submission = deliveries[i].submission;
            uint32 itemCount = deliveries[i].range.itemCount;
            uint32 errors = submission.totals.errors;
            require(errors <= itemCount, Market_TooManyErrors(errors, itemCount));
            bytes32 lotId = Hashes.lotIdOf(preimage, deliveries[i].range);
            LotStatus status = _lots[lotId].status();
            if (status != LotStatus.Assigned) {
                emit LotSkipped(lotId, status);
                continue;
            }
            bytes32 commitment = Hashes.commitment(lotId, Hashes.resultsDigest(submission), submission.totals);
            _lots[lotId] = LotStates.committed(LotStatus.Submitted, windowEnd, bytes26(commitment));
            emit LotSubmitted(lotId, terms.jobId, terms.provider, submission, windowEnd);
        }
    }

    /// @inheritdoc IMarket
    function accept(LotTerms calldata terms, Settlement[] calldata settlements) external {
        _requireBuyer(terms.buyer);
        _settle(terms, settlements, true);
    }

    /// @inheritdoc IMarket
    function settle(LotTerms calldata terms, Settlement[] calldata settlements) external {
        _settle(terms, settlements, false);
    }

    // ---------------------------------------------------------------- for the arbiters

    /// @inheritdoc IMarket
    function hold(Lot calldata lot, uint40 until) external returns (uint40 windowEnd) {
        LotStatus held = _heldByCaller();
        bytes32 lotId = Hashes.lotIdCalldata(lot);
        LotState state = _lots[lotId];
        LotStatus status = state.status();
        windowEnd = state.timestamp();
        require(
            (status == LotStatus.Submitted || status == held) && block.timestamp <= windowEnd,
            Market_WrongStatus(lotId, status)
        );
        uint256 maximum = block.timestamp + MAX_HOLD_SECONDS;
        require(until <= maximum, Market_HoldTooLong(until, maximum));
        _lots[lotId] = LotStates.committed(held, until, state.commitment());
        emit LotHeld(lotId, held, until);
    }

    /// @inheritdoc IMarket
    function resume(Lot calldata given, uint40 windowEnd) external {
        (bytes32 lotId, Lot memory lot, LotState state) = _loadHeld(given);
        uint256 maximum = block.timestamp + lot.windowSeconds;
        require(windowEnd <= maximum, Market_HoldTooLong(windowEnd, maximum));
        _lots[lotId] = LotStates.committed(LotStatus.Submitted, windowEnd, state.commitment());
        emit LotResumed(lotId, windowEnd);
    }

    /// @inheritdoc IMarket
    function slash(Lot calldata given, address prover, uint256 cost) external {
        LotStatus held = _heldByCaller();
        (bytes32 lotId, Lot memory lot) = _load(given);
        LotStatus status = _lots[lotId].status();
        bool isChallenged = status == LotStatus.Challenged;
        require(
            isChallenged || (held == LotStatus.Demanded && _lots[lotId].isCommitted()),
            Market_WrongStatus(lotId, status)
        );
        _lots[lotId] = LotStates.open(uint40(block.timestamp), lot.escrow);
        if (isChallenged && held == LotStatus.Demanded) cost = court.preempt(lotId);

        cost = Math.min(cost, lot.collateral);
        uint256 penalty = Math.min(lot.penalty, lot.collateral - cost);
        uint256 bounty = Pricing.shareDown(penalty, lot.bountyBps);
        uint256 rest = lot.collateral - cost - penalty;
        _endLock(lot, lot.collateral);
        if (cost != 0) _credit(address(court), cost);
        _credit(lot.buyer, penalty - bounty);
        _credit(prover, bounty);
        _credit(vault, rest);
        emit LotSlashed(lotId, lot.jobId, lot.provider, cost, penalty - bounty, bounty, rest);
    }

    /// @inheritdoc IMarket
    function void(
        Lot calldata given,
        bytes32 resultsDigest,
        Totals calldata totals,
        Totals calldata voided,
        uint256 cost
    ) external returns (uint256 paidCost) {
        (bytes32 lotId, Lot memory lot, LotState state) = _loadHeld(given);
        bytes32 commitment = Hashes.commitmentCalldata(lotId, resultsDigest, totals);
        require(state.commitment() == bytes26(commitment), Market_OtherSubmission(lotId));
        _lots[lotId] = LotStates.none();

        Sums memory sums;
        uint256 left = lot.collateral - _payRest(lotId, lot, totals, voided, sums);
        paidCost = Math.min(cost, left);
        uint256 price = _price(lot, voided.promptTokens, voided.outputTokens);
        uint256 fine = Math.min(FINE_PER_PRICE * price, left - paidCost);
        sums.ending.taken += paidCost + fine;
        sums.fees += fine;
        _credit(msg.sender, paidCost);
        _payOut(lot, sums);
        emit LotVoided(lotId, lot.jobId, lot.provider, paidCost, fine);
    }

    /// @inheritdoc IMarket
    function take(address account, address by, uint256 amount) external {
        _requireTrusted();
        _spend(account, by, amount);
        _move(account, msg.sender, amount);
    }

    /// @inheritdoc IMarket
    function give(address account, uint256 amount) external {
        _requireTrusted();
        _move(msg.sender, account, amount);
    }

    /// @inheritdoc IMarket
    function setBacked(address provider, bool isBacked) external {
        require(msg.sender == address(backers), Market_NotArbiter(msg.sender));
        Account storage account = _accounts[provider];
        require(account.locked == 0, Market_StillLocked(provider, account.locked));
        account.isBacked = isBacked;
    }

    // ---------------------------------------------------------------- internals: jobs

    /// @dev emit JobOpened(jobId, job.buyer, job.request.modelId, job), without the encoder, which takes a Job field by
    /// field: its 3 words and the 16 of its request lie in memory as they are logged. Only scratch is used.
    function _logOpened(bytes32 jobId, Job memory job) private {
        bytes32 topic = JobOpened.selector;
        bytes32 modelId = job.request.modelId;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mcopy(free, job, 0x60)
            mcopy(add(free, 0x60), mload(add(job, 0x60)), 0x200)
            log4(free, 0x260, topic, jobId, mload(job), modelId)
        }
    }

    /// @dev Takes as many lots of a fill as fit, from the next item on.
    function _take(Opening memory opening, Fill calldata fill) private {
        bytes32 offerId = offerIdOf(fill.offer);
        OfferState memory state = _offers[offerId];
        (FillSkip skip, uint256 cap) = _checkFill(offerId, state, fill, opening.job.request);
        opening.taking = Taking({offerId: offerId, encryptionKey: fill.offer.encryptionKey});
        uint32 filled = state.filledItems;
        uint256 left = 0;
        for (uint256 i = 0; i < fill.lotItems.length; i++) {
            uint32 wanted = fill.lotItems[i];
            uint32 items = 0;
            if (skip == FillSkip.None) {
                (items, skip) = _takeLot(opening, fill.offer, wanted, filled, cap);
                filled += items;
            }
            left += wanted - items;
        }
        if (filled != state.filledItems) _offers[offerId].filledItems = filled;
        if (skip != FillSkip.None) emit FillSkipped(opening.jobId, offerId, left, skip);
    }

    /// @dev Takes one lot of at most `wanted` items of an offer of which `filled` are taken. Returns how many it took, and
    /// why not more.
    function _takeLot(
        Opening memory opening,
        Offer calldata offer,
        uint32 wanted,
        uint32 filled,
        uint256 cap
    ) private returns (uint32 items, FillSkip skip) {
        uint32 rest = opening.job.request.itemCount - opening.next;
        // `filled` never passes the capacity.
        uint32 capacity = offer.capacityItems - filled;
        if (rest == 0) return (0, FillSkip.NoItemsLeft);
        if (capacity == 0) return (0, FillSkip.NoCapacity);
        // The least of three 32-bit numbers.
        items = uint32(Math.min(wanted, Math.min(rest, capacity)));
        if (items == 0 || items < offer.minLotItems || items > offer.maxLotItems) {
            return (0, FillSkip.LotSizeOutOfRange);
        }
        Lot memory lot = _newLot(opening.jobId, opening.job.buyer, offer.provider, opening.next, items);
        lot.promptPricePerMillion = offer.promptPricePerMillion;
        lot.outputPricePerMillion = offer.outputPricePerMillion;
        // At most the whole job's escrow, which is at most MAX_ESCROW.
        lot.escrow = uint96(opening.itemEscrow * items);
        uint256 value = _value(lot, opening.job.request);
        if (value < offer.minLotValue) return (0, FillSkip.LotValueTooLow);
        _resolve(lot, value, opening.parameters, opening.job.request.turnaroundSeconds);
        if (!_assign(lot, cap, opening.taking)) return (0, FillSkip.NoCollateral);
        opening.next += items;
        if (items < wanted) skip = items == rest ? FillSkip.NoItemsLeft : FillSkip.NoCapacity;
    }

    /// @dev Raises the escrow of a lot that is Open to what its items need. Returns by how much.
    function _topUpLot(bytes32 jobId, Lot calldata given, uint256 itemEscrow) private returns (uint256 amount) {
        (bytes32 lotId, Lot memory lot) = _load(given);
        require(lot.jobId == jobId, Market_OtherJob(lot.jobId, jobId));
        LotState state = _lots[lotId];
        if (state.status() != LotStatus.Open) {
            emit LotSkipped(lotId, state.status());
            return 0;
        }
        // At most MAX_ESCROW, and never below what is there: that was the same items at lower prices.
        uint96 escrow = uint96(itemEscrow * lot.itemCount);
        amount = escrow - state.escrow();
        _lots[lotId] = LotStates.open(state.timestamp(), escrow);
        emit LotToppedUp(lotId, jobId, escrow);
    }

    /// @dev Of a job whose terms were checked: its words are what they were in `openJob`, each within its type.
    function _requestOf(Job calldata job) private pure returns (JobRequest memory request) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // After the 3 words of the job itself come the 16 of its request.
            calldatacopy(request, add(job, 0x60), 0x200)
        }
    }

    function _bidPrice(
        JobRequest memory r,
        uint256 openedAt
    ) private view returns (uint64 promptPrice, uint64 outputPrice) {
        uint256 elapsed = block.timestamp - openedAt;
        // startBps ≤ 10⁴: at most the 64-bit limits.
        uint64 promptStart = uint64(Pricing.shareDown(r.promptLimitPerMillion, r.startBps));
        uint64 outputStart = uint64(Pricing.shareDown(r.outputLimitPerMillion, r.startBps));
        promptPrice = Pricing.ramp(promptStart, r.promptLimitPerMillion, elapsed, r.rampSeconds);
        outputPrice = Pricing.ramp(outputStart, r.outputLimitPerMillion, elapsed, r.rampSeconds);
    }

    function _reopenedPrice(
        bytes32 jobId,
        JobRequest memory r,
        bytes32 failedId,
        Lot memory failed
    ) private view returns (uint64 promptPrice, uint64 outputPrice) {
        require(failed.jobId == jobId, Market_OtherJob(failed.jobId, jobId));
        LotState state = _lots[failedId];
        require(state.status() == LotStatus.Open, Market_WrongStatus(failedId, state.status()));

        uint256 elapsed = block.timestamp - state.timestamp();
        promptPrice = Pricing.ramp(failed.promptPricePerMillion, r.promptLimitPerMillion, elapsed, r.rampSeconds);
        outputPrice = Pricing.ramp(failed.outputPricePerMillion, r.outputLimitPerMillion, elapsed, r.rampSeconds);
        // Release charges came out of the escrow, and a top-up may have left it behind; a price never exceeds what there
        // is. Rounded down, so that the lot's value, rounded up from these, is at most the escrow. Zero-priced limits
        // have nothing to scale.
        uint256 full = _itemEscrow(r) * failed.itemCount;
        uint256 escrow = state.escrow();
        if (escrow < full) {
            // Scaled limits are below the 64-bit limits.
            promptPrice = uint64(Math.min(promptPrice, (uint256(r.promptLimitPerMillion) * escrow) / full));
            outputPrice = uint64(Math.min(outputPrice, (uint256(r.outputLimitPerMillion) * escrow) / full));
        }
    }

    /// @dev Ends the bid. The caller unlocks what is returned.
    function _cancelRemainder(bytes32 jobId, Job calldata job) private returns (uint256 refund) {
        JobState storage state = _jobs[jobId];
        uint32 open = state.openItems;
        if (open == 0) return 0;
        state.openItems = 0;
        refund = _itemEscrow(_requestOf(job)) * open;
        emit JobClosed(jobId, state.openFrom, open, refund);
    }

    // ---------------------------------------------------------------- internals: lots

    function _newLot(
        bytes32 jobId,
        address buyer,
        address provider,
        uint32 first,
        uint32 items
    ) private pure returns (Lot memory lot) {
        lot.jobId = jobId;
        lot.buyer = buyer;
        lot.provider = provider;
        lot.firstItem = first;
        lot.itemCount = items;
    }

    /// @dev What the lot's items cost at their caps and the lot's own price.
    function _value(Lot memory lot, JobRequest memory request) private pure returns (uint256) {
        return
            Pricing.costUp(
                uint256(lot.itemCount) * request.promptTokensCap,
                uint256(lot.itemCount) * request.outputTokensCap,
                lot.promptPricePerMillion,
                lot.outputPricePerMillion
            );
    }

    /// @dev Fixes what follows from value and parameters. What the bounty leaves of the penalty covers the way from the
    /// lot's price up to the limit: who claims low, expires it and claims high under other names gains nothing.
    function _resolve(Lot memory lot, uint256 value, MarketParameters memory p, uint32 turnaround) private view {
        uint256 rerun = Math.ceilDiv((lot.escrow - value) * Pricing.BPS, Pricing.BPS - p.bountyBps);
        uint256 penalty = Math.max(Pricing.shareUp(value, p.penaltyBps), rerun);
        uint256 collateral = Math.max(Pricing.shareUp(value, p.collateralBps), p.minLotCollateral);
        // All at most 96 bits wide; see MAX_ESCROW.
        lot.penalty = uint96(penalty);
        lot.collateral = uint96(Math.max(collateral, penalty));
        // Of the escrow, not of the value: a bid that starts at nothing could else be claimed and released for nothing.
        // At most a tenth of the escrow, and the collateral is at least a third: max(value / 2, escrow - value).
        lot.releaseCharge = uint96(Pricing.shareUp(lot.escrow, p.releaseBps));
        // 40 bits hold seconds for 34,000 years: these sums of 32-bit spans cannot overflow.
        lot.graceEndsAt = uint40(block.timestamp) + p.graceSeconds;
        lot.deadline = lot.graceEndsAt + turnaround + p.submitGraceSeconds;
        lot.windowSeconds = p.windowSeconds;
        lot.feeBps = p.feeBps;
        lot.bountyBps = p.bountyBps;
    }

    /// @dev Ends the lock of a lot's collateral, of which `taken` is credited elsewhere.
    function _endLock(Lot memory lot, uint256 taken) private {
        _endLock(
            lot,
            Ending({
                collateral: lot.collateral,
                own: FirstLoss.ownPart(lot.collateral, lot.penalty),
                taken: taken,
                earned: 0
            })
        );
    }

    /// @dev Ends the lock of the collateral of lots that have their terms in common. The provider's own is taken first.
    function _endLock(Lot memory lot, Ending memory ending) private {
        Account storage account = _accounts[lot.provider];
        (uint256 free, uint256 locked, uint256 rest) = account.read();
        uint256 backed = ending.collateral - ending.own;
        if (backed != 0 && Accounts.isBacked(rest)) {
            uint256 lost = Math.saturatingSub(ending.taken, ending.own);
            // Nobody earns with collateral that nobody locked: it is not zero.
            uint256 earned = (ending.earned * backed) / ending.collateral;
            uint256 share = backers.unlock(lot.provider, lot.graceEndsAt, backed, lost, earned);
            _debit(address(backers), lost);
            _credit(address(backers), share);
            ending.collateral = ending.own;
            ending.taken -= lost;
            ending.earned -= share;
        }
        account.write(free + ending.collateral + ending.earned - ending.taken, locked - ending.collateral, rest);
    }

    /// @dev Records a lot that its provider takes themselves.
    function _claim(Lot memory lot, uint256 cap, bytes32 encryptionKey) private returns (bytes32 lotId) {
        if (!_assign(lot, cap, Taking({offerId: 0, encryptionKey: encryptionKey}))) {
            Account memory account = _accounts[lot.provider];
            uint256 locked = account.locked + lot.collateral;
            require(locked <= cap, Operators_CollateralCapExceeded(msg.sender, locked, cap));
            revert Ledger_InsufficientFree(lot.provider, account.free, lot.collateral);
        }
        return Hashes.lotId(lot);
    }

    /// @dev Locks the collateral and records the lot, or returns false if too little is free, or more than `cap` would be
    /// locked, or the backers cannot bear their part. The lotId is new: no two lots share job, first item and attempt.
    function _assign(Lot memory lot, uint256 cap, Taking memory taking) private returns (bool isAssigned) {
        (bool isLocked, uint256 backed) = _tryLock(lot.provider, lot.collateral, lot.penalty, cap);
        if (!isLocked) return false;
        if (backed != 0 && !backers.lock(lot.provider, lot.graceEndsAt, backed)) {
            uint256 own = lot.collateral - backed;
            _unlock(lot.provider, own, own);
            return false;
        }
        bytes32 lotId = Hashes.lotId(lot);
        _lots[lotId] = LotStates.assigned();
        isAssigned = true;
        // emit LotAssigned(lotId, lot.jobId, lot.provider, lot, offerId, encryptionKey), without the encoder, which takes
        // a Lot field by field: its 17 words lie in memory as they are logged, then the two others. Only scratch is used.
        bytes32 topic = LotAssigned.selector;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mcopy(free, lot, 0x220)
            mcopy(add(free, 0x220), taking, 0x40)
            log4(free, 0x260, topic, lotId, mload(lot), mload(add(lot, 0x40))) // jobId, provider
        }
    }

    /// @dev Pays those of the lots that are due: submitted ones if the buyer `accepts`, else those whose time is over.
    function _settle(LotTerms calldata terms, Settlement[] calldata settlements, bool accepts) private {
        bytes memory preimage = Hashes.preimage(terms);
        // Each lot in turn: its range is written where its id is hashed.
        Lot memory lot = Hashes.lotIn(preimage);
        Sums memory sums;
        for (uint256 i = 0; i < settlements.length; i++) {
            Settlement calldata settlement = settlements[i];
            Totals calldata totals = settlement.totals;
            bytes32 lotId = Hashes.lotIdOf(preimage, settlement.range);
            LotState state = _lots[lotId];
            bool isDue =
                accepts
                    ? state.status() == LotStatus.Submitted
                    : state.isCommitted() && block.timestamp > state.timestamp();
            bytes32 commitment = Hashes.commitmentCalldata(lotId, settlement.resultsDigest, totals);
            if (!isDue || state.commitment() != bytes26(commitment)) {
                emit LotSkipped(lotId, state.status());
                continue;
            }
            _lots[lotId] = LotStates.none();
            uint256 price = _price(lot, totals.promptTokens, totals.outputTokens);
            _pay(lotId, lot, price, totals.errors, sums);
        }
        _payOut(lot, sums);
    }

    /// @dev What so many tokens cost at a lot's price.
    function _price(Lot memory lot, uint64 promptTokens, uint64 outputTokens) private pure returns (uint256) {
        return Pricing.costUp(promptTokens, outputTokens, lot.promptPricePerMillion, lot.outputPricePerMillion);
    }

    /// @dev Adds to the sums what one lot pays, of which so many tokens are worth `price`.
    function _pay(
        bytes32 lotId,
        Lot memory lot,
        uint256 price,
        uint256 errors,
        Sums memory sums
    ) private returns (uint256 forfeit) {
        uint256 due = Math.min(lot.escrow, price);
        // At most the penalty, as errors ≤ itemCount, and so at most the collateral.
        forfeit = Math.ceilDiv(uint256(lot.penalty) * errors, lot.itemCount);
        uint256 fee = Pricing.shareDown(due, lot.feeBps);
        // Amounts of lots are at most 96 bits wide, and there are fewer than 2³² of them: no sum overflows. The
        // differences are of parts and what they are parts of.
        unchecked {
            uint256 refund = lot.escrow - due;
            uint256 paid = due - fee;
            sums.escrow += lot.escrow;
            sums.toBuyer += refund + forfeit;
            sums.fees += fee;
            Ending memory ending = sums.ending;
            ending.collateral += lot.collateral;
            ending.own += FirstLoss.ownPart(lot.collateral, lot.penalty);
            ending.taken += forfeit;
            ending.earned += paid;
            emit LotSettled(lotId, lot.jobId, lot.provider, paid, fee, refund, forfeit);
        }
    }

    /// @dev Adds to the sums what a lot pays without what is voided.
    function _payRest(
        bytes32 lotId,
        Lot memory lot,
        Totals calldata totals,
        Totals calldata voided,
        Sums memory sums
    ) private returns (uint256 forfeit) {
        uint256 price = _price(
            lot,
            totals.promptTokens - voided.promptTokens,
            totals.outputTokens - voided.outputTokens
        );
        return _pay(lotId, lot, price, totals.errors - voided.errors, sums);
    }

    /// @dev Ends the locks of lots with these lot.
    function _payOut(Lot memory lot, Sums memory sums) private {
        _unlock(lot.buyer, sums.escrow, sums.toBuyer);
        _endLock(lot, sums.ending);
        _credit(vault, sums.fees);
    }

    // ---------------------------------------------------------------- internals: checks and money

    function _requireNotPaused() internal view override {
        require(!parameters.paused(), Market_Paused());
    }

    /// @dev How a lot is held by the calling arbiter. Reverts for everyone else.
    function _heldByCaller() private view returns (LotStatus) {
        if (msg.sender == address(faults)) return LotStatus.Demanded;
        require(msg.sender == address(court), Market_NotArbiter(msg.sender));
        return LotStatus.Challenged;
    }

    /// @dev Only an arbiter, for lots that it holds.
    function _loadHeld(Lot calldata given) private view returns (bytes32 lotId, Lot memory lot, LotState state) {
        LotStatus held = _heldByCaller();
        (lotId, lot) = _load(given);
        state = _lots[lotId];
        require(state.status() == held, Market_WrongStatus(lotId, state.status()));
    }

    /// @dev Only arbiters and the backers' contract move credits.
    function _requireTrusted() private view {
        if (msg.sender != address(backers)) _heldByCaller();
    }

    function _checkBidOpen(Job calldata job) private view returns (MarketParameters memory p) {
        p = parameters.ofVersion(job.parametersVersion);
        uint256 deadline = uint256(job.openedAt) + p.bidSeconds;
        require(block.timestamp <= deadline, Market_BidExpired(block.timestamp, deadline));
    }

    /// @dev A lot as a caller brought it along. Its words are as they were sent: one with bits beyond its type makes an id
    /// that no lot has, so they are in order as soon as the state of this id is known not to be None.
    function _load(Lot calldata given) private pure returns (bytes32 lotId, Lot memory lot) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // A Lot is 17 words.
            calldatacopy(lot, given, 0x220)
        }
        lotId = Hashes.lotId(lot);
    }

    function _loadAssigned(Lot calldata given) private view returns (bytes32 lotId, Lot memory lot) {
        (lotId, lot) = _load(given);
        LotStatus status = _lots[lotId].status();
        require(status == LotStatus.Assigned, Market_WrongStatus(lotId, status));
    }

    /// @dev Escrow is counted by the item, so that a lot and the rest of its bid always add up to the whole.
    function _itemEscrow(JobRequest memory request) private pure returns (uint256) {
        return
            Pricing.costUp(
                request.promptTokensCap,
                request.outputTokensCap,
                request.promptLimitPerMillion,
                request.outputLimitPerMillion
            );
    }

    /// @dev free → free of another account
    function _move(address from, address to, uint256 amount) private {
        _debit(from, amount);
        _credit(to, amount);
        emit CreditMoved(from, to, amount);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IMarket
    function requireTerms(Job calldata job) public view returns (bytes32 jobId) {
        jobId = Hashes.jobId(address(this), job.buyer, job.request.nonce);
        require(_jobs[jobId].termsHash == Hashes.hashJobCalldata(job), Market_WrongTerms(jobId));
    }

    /// @inheritdoc IMarket
    function bidPrice(Job calldata job) external view returns (uint64 promptPrice, uint64 outputPrice) {
        requireTerms(job);
        return _bidPrice(_requestOf(job), job.openedAt);
    }

    /// @inheritdoc IMarket
    function reopenedPrice(
        Job calldata job,
        Lot calldata failed
    ) external view returns (uint64 promptPrice, uint64 outputPrice) {
        bytes32 jobId = requireTerms(job);
        (bytes32 failedId, Lot memory old) = _load(failed);
        return _reopenedPrice(jobId, _requestOf(job), failedId, old);
    }

    /// @inheritdoc IMarket
    function jobState(bytes32 jobId) external view returns (JobState memory) {
        return _jobs[jobId];
    }

    /// @inheritdoc IMarket
    function lotState(bytes32 lotId) external view returns (LotState) {
        return _lots[lotId];
    }

    /// @inheritdoc IMarket
    function jobIdOf(address buyer, uint256 nonce) external view returns (bytes32) {
        return Hashes.jobId(address(this), buyer, nonce);
    }
}
