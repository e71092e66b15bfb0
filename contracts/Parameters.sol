// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IParameters} from "./interfaces/IParameters.sol";
import {CourtParameters} from "./types/CourtParameters.sol";
import {MarketParameters} from "./types/MarketParameters.sol";

/// @title The governed numbers, implemented; what they promise is in IParameters
/// @dev There is no owner: what the timelock may do, it may do for ever, and nothing can be handed over.
contract Parameters is IParameters {
    /// @notice What each call of `current` reads beside the numbers. One slot.
    struct State {
        uint32 version;
        uint40 pausedUntil;
        address guardian;
    }

    /// @notice What one vote appends.
    struct Version {
        MarketParameters market;
        CourtParameters court;
    }

    /// @notice How long a pause lasts: enough for people to look at a fault, too short for a vote to be needed to end it.
    uint40 public constant PAUSE_SECONDS = 3 days;
    /// @notice From a pause's end to the next: a stolen guardian key, or a hostile one, costs at worst 3 of 17 days.
    uint40 public constant PAUSE_COOLDOWN_SECONDS = 14 days;

    /// @dev A provider keeps at least nine tenths of what they earn.
    uint256 private constant MAX_FEE_BPS = 1_000;
    /// @dev With less, the release charge might exceed it, and a lot be worth more broken than kept.
    uint256 private constant MIN_COLLATERAL_BPS = 5_000;
    /// @dev No slash of an account, and no lock of an offer's provider, goes beyond ten times the lot's value.
    uint256 private constant MAX_COLLATERAL_BPS = 100_000;
    /// @dev A slash or an expiry pays the buyer something for the time lost.
    uint256 private constant MIN_PENALTY_BPS = 1_000;
    /// @dev Beyond the difference to a re-run a buyer gains no more, or they would gain by making providers fail.
    uint256 private constant MAX_PENALTY_BPS = 2_000;
    /// @dev What a slash pays beside the difference to a re-run stays within a quarter of the collateral, which is always
    /// the provider's own: a provider and their own buyer gain nothing from those who back them.
    uint256 private constant COLLATERAL_PER_PENALTY = 4;
    /// @dev Were release free, one could hold bids up all day by claiming and releasing them.
    uint256 private constant MIN_RELEASE_BPS = 10;
    /// @dev Either side can inflict it on the other, and the vault gains: it has to stay small.
    uint256 private constant MAX_RELEASE_BPS = 100;
    /// @dev The penalty is grossed up by 1 ÷ (1 − bounty): at most doubled.
    uint256 private constant MAX_BOUNTY_BPS = 5_000;
    /// @dev The grace is at least this part of the force-inclusion delay: a minute or two where that is a day. Without
    /// any, a buyer who holds the input back would collect the penalty of every provider.
    uint256 private constant PHASE_PER_GRACE = 720;
    /// @dev A lot that its provider sits on is held back by no more than a day on either side of its turnaround, which
    /// buyer and provider chose themselves. A day, so that also a release can be forced in.
    uint256 private constant MAX_GRACE_SECONDS = 1 days;
    /// @dev A provider waits no longer for their pay and collateral.
    uint256 private constant MAX_WINDOW_SECONDS = 30 days;
    /// @dev A job lives no longer: dust jobs cannot keep old parameters alive.
    uint256 private constant MAX_BID_SECONDS = 30 days;
    /// @dev What a demand may add to the window; no hold by the Market may be shorter.
    uint256 private constant MAX_ANSWER_SECONDS = 7 days;
    /// @dev How far `minLotCollateral` may move from the first version's, both ways: by so much gas has moved against
    /// money. Amounts know no other scale: the asset has no price here. Less would not pay a jury; more would let nobody
    /// claim small lots, and lock all that the provider of a standing offer has.
    uint256 private constant LOT_COLLATERAL_RANGE = 100;
    /// @dev `receiptFee` is at least this part of `minLotCollateral`: were it nothing, a buyer could demand receipts until
    /// answering them costs the provider more gas than the lot earns.
    uint256 private constant LOT_COLLATERAL_PER_RECEIPT = 1_000;

    /// @dev How far `jurorFee` may move from the first version's, both ways, as `minLotCollateral` may. Less would not pay
    /// for judging; more would put a challenge out of a buyer's reach.
    uint256 private constant JUROR_FEE_RANGE = 100;
    /// @dev The least collateral covers a first jury and as much again, the bond of a first challenge.
    uint256 private constant JUROR_FEES_PER_LOT = 10;
    /// @dev A seat's stake covers two penalties, of four fees or of a fifth of it: it outlives one.
    uint256 private constant MIN_JUROR_FEES_PER_SEAT = 8;
    /// @dev Dearer seats would be out of reach for all but the rich, who would then judge alone.
    uint256 private constant MAX_JUROR_FEES_PER_SEAT = 10_000;
    /// @dev The smallest jury.
    uint256 private constant MIN_SEATS = 5;
    /// @dev Beyond it no model might ever be court-protected.
    uint256 private constant MAX_SEATS = 1_000;
    /// @dev Beyond it hardly a lot might be court-protected.
    uint256 private constant MIN_KAPPA_BPS = 100;
    /// @dev Half of a model's seats bought for one lot cost at least a tenth of what it is worth to them.
    uint256 private constant MAX_KAPPA_BPS = 50_000;
    /// @dev Seats are drawn for jobs opened after they became active: more would keep newcomers from judging.
    uint256 private constant MAX_ACTIVATION_SECONDS = 30 days;
    /// @dev The longest case has forty phases at most, which have to fit into the 90 days for which the Market lets the
    /// court hold a lot.
    uint256 private constant MAX_PHASE_SECONDS = 2 days;

    /// @inheritdoc IParameters
    address public immutable timelock;
    /// @inheritdoc IParameters
    uint32 public immutable minPhaseSeconds;

    State private _state;
    mapping(uint32 number => Version) private _versions;

    constructor(
        address timelock_,
        address guardian_,
        uint32 minPhaseSeconds_,
        MarketParameters memory firstMarket,
        CourtParameters memory firstCourt
    ) {
        require(timelock_ != address(0), Parameters_ZeroAddress());
        // Beyond the upper bound no version could be appended.
        _checkBounds("minPhaseSeconds", minPhaseSeconds_, 1, MAX_PHASE_SECONDS);
        timelock = timelock_;
        minPhaseSeconds = minPhaseSeconds_;
        _checkMarket(firstMarket, minPhaseSeconds_, firstMarket.minLotCollateral);
        _checkCourt(firstCourt, minPhaseSeconds_, firstCourt.jurorFee, firstMarket.minLotCollateral);
        _setGuardian(guardian_);
        _append(firstMarket, firstCourt);
    }

    // ---------------------------------------------------------------- the timelock

    /// @inheritdoc IParameters
    function append(
        MarketParameters calldata market,
        CourtParameters calldata court
    ) external returns (uint32 version) {
        require(msg.sender == timelock, Parameters_NotTimelock(msg.sender));
        Version storage first = _versions[1];
        _checkMarket(market, minPhaseSeconds, first.market.minLotCollateral);
        _checkCourt(court, minPhaseSeconds, first.court.jurorFee, market.minLotCollateral);
        return _append(market, court);
    }

    /// @inheritdoc IParameters
    function setGuardian(address next) external {
        require(msg.sender == timelock, Parameters_NotTimelock(msg.sender));
        _setGuardian(next);
    }

    // ---------------------------------------------------------------- the guardian

    /// @inheritdoc IParameters
    function pause() external {
        State memory state = _state;
        require(msg.sender == state.guardian, Parameters_NotGuardian(msg.sender));
        uint256 nextPauseAt = state.pausedUntil + PAUSE_COOLDOWN_SECONDS;
        require(block.timestamp >= nextPauseAt, Parameters_PausedRecently(block.timestamp, nextPauseAt));
        // 40 bits hold seconds for 34,000 years.
        uint40 until = uint40(block.timestamp) + PAUSE_SECONDS;
        _state.pausedUntil = until;
        emit Paused(msg.sender, until);
    }

    /// @inheritdoc IParameters
    function unpause() external {
        State memory state = _state;
        require(msg.sender == state.guardian || msg.sender == timelock, Parameters_NotGuardian(msg.sender));
        if (block.timestamp >= state.pausedUntil) return;
        // Fits, as above.
        _state.pausedUntil = uint40(block.timestamp);
        emit Unpaused(msg.sender, state.pausedUntil);
    }

    // ---------------------------------------------------------------- internals

    function _append(MarketParameters memory market, CourtParameters memory court) private returns (uint32 version) {
        version = ++_state.version;
        _versions[version] = Version({market: market, court: court});
        emit ParametersAppended(version, market, court);
    }

    function _setGuardian(address next) private {
        address previous = _state.guardian;
        _state.guardian = next;
        emit GuardianChanged(previous, next);
    }

    /// @dev Sums of these spans and a timestamp fit in 40 bits whatever they are: none needs a bound for that.
    function _checkMarket(MarketParameters memory p, uint256 phase, uint256 firstLotCollateral) private pure {
        _checkBounds("feeBps", p.feeBps, 0, MAX_FEE_BPS);
        _checkBounds("collateralBps", p.collateralBps, MIN_COLLATERAL_BPS, MAX_COLLATERAL_BPS);
        uint256 maxPenalty = Math.min(MAX_PENALTY_BPS, p.collateralBps / COLLATERAL_PER_PENALTY);
        _checkBounds("penaltyBps", p.penaltyBps, MIN_PENALTY_BPS, maxPenalty);
        _checkBounds("releaseBps", p.releaseBps, MIN_RELEASE_BPS, MAX_RELEASE_BPS);
        _checkBounds("bountyBps", p.bountyBps, 0, MAX_BOUNTY_BPS);

        _checkBounds("graceSeconds", p.graceSeconds, Math.ceilDiv(phase, PHASE_PER_GRACE), MAX_GRACE_SECONDS);
        _checkBounds("submitGraceSeconds", p.submitGraceSeconds, 0, MAX_GRACE_SECONDS);
        _checkBounds("windowSeconds", p.windowSeconds, phase, MAX_WINDOW_SECONDS);
        // As long as a claim can be kept out, or one who orders transactions takes every bid for themselves.
        _checkBounds("bidSeconds", p.bidSeconds, phase, MAX_BID_SECONDS);
        // A demand holds the pay up for no longer than a window does.
        _checkBounds("answerSeconds", p.answerSeconds, phase, Math.min(MAX_ANSWER_SECONDS, p.windowSeconds));

        uint256 minCollateral = Math.max(1, Math.ceilDiv(firstLotCollateral, LOT_COLLATERAL_RANGE));
        uint256 maxCollateral = firstLotCollateral * LOT_COLLATERAL_RANGE;
        _checkBounds("minLotCollateral", p.minLotCollateral, minCollateral, maxCollateral);
        uint256 minFee = Math.ceilDiv(p.minLotCollateral, LOT_COLLATERAL_PER_RECEIPT);
        // To see a receipt costs no more than the smallest lot stakes.
        _checkBounds("receiptFee", p.receiptFee, minFee, p.minLotCollateral);
    }

    function _checkCourt(
        CourtParameters memory p,
        uint256 phase,
        uint256 firstJurorFee,
        uint256 minLotCollateral
    ) private pure {
        uint256 minFee = Math.max(1, Math.ceilDiv(firstJurorFee, JUROR_FEE_RANGE));
        uint256 maxFee = Math.min(firstJurorFee * JUROR_FEE_RANGE, minLotCollateral / JUROR_FEES_PER_LOT);
        _checkBounds("jurorFee", p.jurorFee, minFee, maxFee);
        uint256 minStake = MIN_JUROR_FEES_PER_SEAT * p.jurorFee;
        _checkBounds("seatStake", p.seatStake, minStake, MAX_JUROR_FEES_PER_SEAT * p.jurorFee);
        _checkBounds("minSeats", p.minSeats, MIN_SEATS, MAX_SEATS);
        _checkBounds("kappaBps", p.kappaBps, MIN_KAPPA_BPS, MAX_KAPPA_BPS);
        _checkBounds("activationSeconds", p.activationSeconds, phase, MAX_ACTIVATION_SECONDS);
        _checkBounds("phaseSeconds", p.phaseSeconds, phase, MAX_PHASE_SECONDS);
    }

    function _checkBounds(string memory field, uint256 value, uint256 minimum, uint256 maximum) private pure {
        require(value >= minimum && value <= maximum, Parameters_OutOfBounds(field, value, minimum, maximum));
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IParameters
    function current() external view returns (uint32 version, bool isPaused, MarketParameters memory parameters) {
        State memory state = _state;
        return (state.version, block.timestamp < state.pausedUntil, _versions[state.version].market);
    }

    /// @inheritdoc IParameters
    function ofVersion(uint32 version) external view returns (MarketParameters memory parameters) {
        parameters = _versions[version].market;
        // Every version has collateral, so this tells without a third slot read.
        require(parameters.collateralBps != 0, Parameters_UnknownVersion(version));
    }

    /// @inheritdoc IParameters
    function courtOfVersion(uint32 version) external view returns (CourtParameters memory parameters) {
        parameters = _versions[version].court;
        // As no juror works for nothing.
        require(parameters.jurorFee != 0, Parameters_UnknownVersion(version));
    }

    /// @inheritdoc IParameters
    function paused() external view returns (bool) {
        return block.timestamp < _state.pausedUntil;
    }

    /// @inheritdoc IParameters
    function pausedUntil() external view returns (uint40) {
        return _state.pausedUntil;
    }

    /// @inheritdoc IParameters
    function guardian() external view returns (address) {
        return _state.guardian;
    }
}
