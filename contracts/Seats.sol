// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes as Pairs} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IArbiter} from "./interfaces/IArbiter.sol";
import {IBackers} from "./interfaces/IBackers.sol";
import {IMarket} from "./interfaces/IMarket.sol";
import {ISeats} from "./interfaces/ISeats.sol";
import {IVersioned} from "./interfaces/IVersioned.sol";
import {Votes} from "./libraries/Votes.sol";
import {CourtParameters} from "./types/CourtParameters.sol";
import {Bench, Purses, Seat, SeatView} from "./types/Seat.sol";
import {SeatList} from "./types/SeatList.sol";

/// @title Jurors' seats, implemented; what they promise is in ISeats
/// @dev All stakes and earnings are free credit of this contract in the Market, beside what a case holds. The Market, the
/// backers and the parameters are trusted and call nobody else: nothing here can be re-entered by a party.
abstract contract Seats is ISeats {
    using SafeCast for uint256;

    /// @notice What a jury is drawn for.
    struct Draw {
        bytes32 modelId;
        /// @dev Of this jury alone: secrets, entropy, round and redraw are mixed into it.
        bytes32 seed;
        uint256 size;
        /// @dev When the job was opened: only seats active by then are drawn.
        uint40 activeBefore;
        /// @dev The most that the case can take of each seat, in base units. Never zero.
        uint96 reserve;
        /// @dev Beside the provider, nobody of these is a juror.
        address[] parties;
        /// @dev Neither is who backs them.
        address provider;
        /// @dev No seat is drawn twice under the same id.
        bytes32 caseId;
    }

    /// @dev Five of a list in which one seat in forty can be drawn are found in nine of ten draws.
    uint256 private constant TRIES_PER_JUROR = 64;

    /// @inheritdoc ISeats
    IBackers public immutable backers;

    /// @inheritdoc ISeats
    IMarket public market;
    uint32 private _lastSeatId;

    mapping(uint32 seatId => Seat) private _seats;
    mapping(bytes32 modelId => Bench) private _benches;
    mapping(bytes32 caseId => SeatList) private _drawn;

    /// @param backers_ Zero for a court of a Market without.
    constructor(IBackers backers_) {
        backers = backers_;
    }

    /// @inheritdoc IArbiter
    function bind() external {
        require(address(market) == address(0), Arbiter_AlreadyBound(address(market)));
        market = IMarket(msg.sender);
    }

    // ---------------------------------------------------------------- seats

    /// @inheritdoc ISeats
    function takeSeat(
        address owner,
        address voter,
        bytes32 modelId,
        bytes32 encryptionKey
    ) external returns (uint32 seatId) {
        require(owner != address(0) && voter != address(0), Seats_ZeroAddress());
        CourtParameters memory parameters = _currentParameters();
        uint256 stake = uint256(parameters.seatStake).toUint80();
        // 40 bits hold seconds for 34,000 years.
        uint40 activeAt = uint40(block.timestamp) + parameters.activationSeconds;

        seatId = ++_lastSeatId;
        Seat storage taken = _seats[seatId];
        Bench storage bench = _benches[modelId];
        uint32 position = bench.count.value;
        taken.voter = voter;
        taken.activeAt = activeAt;
        taken.position = position;
        taken.isOwnersVoter = voter == owner;
        taken.purse = Purses.pack(stake, 0, 0);
        taken.modelId = modelId;
        if (voter != owner) taken.owner = owner;
        // 32 bits of seats with 80 bits each fit 128.
        bench.stake += uint128(stake);
        bench.seatAt[position].set(seatId);
        bench.count.set(position + 1);
        emit SeatTaken(seatId, modelId, owner, voter, encryptionKey, stake, activeAt);
        _take(owner, stake);
    }

    /// @inheritdoc ISeats
    function leaveSeat(uint32 seatId) external {
        Seat storage leaving = _existing(seatId);
        address owner = _ownerOf(leaving);
        (uint256 stake, uint256 reserved, uint256 earnings) = leaving.purse.unpack();
        require(
            msg.sender == owner || msg.sender == leaving.voter || stake < _currentPenalty(),
            Seats_NotYours(seatId, msg.sender)
        );
        // So nobody has a part of a model's stake for a moment, of borrowed money.
        require(block.timestamp >= leaving.activeAt, Seats_NotActive(seatId, block.timestamp, leaving.activeAt));
        require(reserved == 0, Seats_InCase(seatId, reserved));

        bytes32 modelId = leaving.modelId;
        Bench storage bench = _benches[modelId];
        uint32 position = leaving.position;
        uint32 last = bench.count.value - 1;
        if (position != last) {
            uint32 moved = bench.seatAt[last].value;
            _seats[moved].position = position;
            bench.seatAt[position].set(moved);
        }
        bench.count.set(last);
        // It is part of the sum.
        bench.stake -= uint128(stake);
        delete _seats[seatId];
        emit SeatLeft(seatId, modelId, owner, stake + earnings);
        _give(owner, stake + earnings);
    }

    /// @inheritdoc ISeats
    function collect(uint32 seatId) external {
        Seat storage earner = _existing(seatId);
        address owner = _ownerOf(earner);
        (uint256 stake, uint256 reserved, uint256 earnings) = earner.purse.unpack();
        earner.purse = Purses.pack(stake, reserved, 0);
        emit EarningsCollected(seatId, owner, earnings);
        _give(owner, earnings);
    }

    // ---------------------------------------------------------------- for cases

    /// @dev Draws a jury, and reserves `draw.reserve` of each seat's stake until `_settleSeat`. Reverts with
    /// Seats_NotEnough if too few can be found; then nothing has changed.
    function _drawJury(Draw memory draw) internal returns (uint32[] memory seatIds) {
        Bench storage bench = _benches[draw.modelId];
        // The end of the second before: what nobody can change any more. Who was active when the job was opened had
        // taken their seat by then.
        uint40 asOf = draw.activeBefore - 1;
        uint256 length = bench.count.valueAt(asOf);
        (uint32[] memory ids, uint256 earlier) = _drawn[draw.caseId].load(draw.size);
        uint256 count = earlier;
        // Of all the time that a lot of theirs runs: it changes only while nothing of the provider's is locked.
        bool isBacked = market.accountOf(draw.provider).isBacked;
        uint256 tries = length == 0 ? 0 : TRIES_PER_JUROR * draw.size;
        for (uint256 i = 0; i < tries && count < ids.length; i++) {
            // The remainder favours no position by more than 2³² in 2²⁵⁶.
            uint256 position = uint256(Pairs.efficientKeccak256(draw.seed, bytes32(i))) % length;
            uint32 seatId = bench.seatAt[position].valueAt(asOf);
            if (_isAmong(seatId, ids, count) || !_reserve(seatId, draw, isBacked)) continue;
            ids[count++] = seatId;
        }
        require(count == ids.length, Seats_NotEnough(count - earlier, draw.size));

        _drawn[draw.caseId].store(ids, earlier);
        seatIds = new uint32[](draw.size);
        for (uint256 i = 0; i < draw.size; i++) seatIds[i] = ids[earlier + i];
    }

    /// @dev Ends one seat's part in a jury: frees what was reserved, takes `penalty`, at most that, off its stake, and
    /// adds `pay` to its earnings. What is taken belongs to the case; what is paid the case has to have.
    function _settleSeat(uint32 seatId, uint256 reserve, uint256 penalty, uint256 pay) internal {
        Seat storage settled = _seats[seatId];
        (uint256 stake, uint256 reserved, uint256 earnings) = settled.purse.unpack();
        // A penalty within the reserve is within the stake. Earnings beyond 96 bits could be collected by anyone first.
        settled.purse = Purses.pack(stake - penalty, reserved - reserve, (earnings + pay).toUint96());
        // Part of the sum.
        if (penalty != 0) _benches[settled.modelId].stake -= uint128(penalty);
        emit SeatSettled(seatId, penalty, pay);
    }

    /// @dev The seat that was drawn as `index`-th in a case, counted from 0 over all its juries, failed ones too.
    function _drawnAt(bytes32 caseId, uint256 index) internal view returns (uint32) {
        return _drawn[caseId].get(index);
    }

    /// @dev How many seats were drawn in a case, over all its juries.
    function _drawnCount(bytes32 caseId) internal view returns (uint256) {
        return _drawn[caseId].length();
    }

    /// @dev Who votes for a seat; zero for one that left, which none in a case can.
    function _voterOf(uint32 seatId) internal view returns (address) {
        return _seats[seatId].voter;
    }

    // ---------------------------------------------------------------- internals

    /// @dev Reserves `draw.reserve` of a seat's stake, unless it left, came too late, cannot cover that or is a party.
    function _reserve(uint32 seatId, Draw memory draw, bool isBacked) private returns (bool) {
        Seat storage candidate = _seats[seatId];
        address voter = candidate.voter;
        if (voter == address(0) || candidate.activeAt > draw.activeBefore) return false;
        (uint256 stake, uint256 reserved, uint256 earnings) = candidate.purse.unpack();
        if (stake - reserved < draw.reserve) return false;
        address owner = _ownerOf(candidate);
        if (_isExcluded(voter, draw, isBacked)) return false;
        if (owner != voter && _isExcluded(owner, draw, isBacked)) return false;
        // At most the stake.
        candidate.purse = Purses.pack(stake, reserved + draw.reserve, earnings);
        return true;
    }

    function _isExcluded(address account, Draw memory draw, bool isBacked) private view returns (bool) {
        if (account == draw.provider) return true;
        for (uint256 i = 0; i < draw.parties.length; i++) if (account == draw.parties[i]) return true;
        return isBacked && backers.sharesOf(draw.provider, account) != 0;
    }

    function _isAmong(uint32 seatId, uint32[] memory ids, uint256 count) private pure returns (bool) {
        for (uint256 i = 0; i < count; i++) if (ids[i] == seatId) return true;
        return false;
    }

    function _existing(uint32 seatId) private view returns (Seat storage found) {
        found = _seats[seatId];
        require(found.voter != address(0), Seats_UnknownSeat(seatId));
    }

    function _ownerOf(Seat storage owned) private view returns (address) {
        return owned.isOwnersVoter ? owned.voter : owned.owner;
    }

    /// @dev From the caller's account, or from one that the caller may spend for.
    function _take(address account, uint256 amount) internal {
        market.take(account, msg.sender, amount);
    }

    function _give(address account, uint256 amount) internal {
        if (amount != 0) market.give(account, amount);
    }

    /// @dev What a juror of a case about a job that is opened now can lose, in base units.
    function _currentPenalty() private view returns (uint256) {
        CourtParameters memory parameters = _currentParameters();
        return Votes.penaltyFees(parameters.seatStake, parameters.jurorFee) * parameters.jurorFee;
    }

    /// @dev The court's numbers now in force.
    function _currentParameters() private view returns (CourtParameters memory) {
        return _parametersOf(IVersioned(address(market.parameters())).current());
    }

    /// @dev The court's numbers of a version.
    function _parametersOf(uint32 version) internal view returns (CourtParameters memory) {
        return market.parameters().courtOfVersion(version);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc ISeats
    function seat(uint32 seatId) external view returns (SeatView memory shown) {
        Seat storage stored = _seats[seatId];
        shown.owner = _ownerOf(stored);
        shown.voter = stored.voter;
        shown.modelId = stored.modelId;
        shown.activeAt = stored.activeAt;
        shown.position = stored.position;
        (uint256 stake, uint256 reserved, uint256 earnings) = stored.purse.unpack();
        // As wide as they were unpacked.
        (shown.stake, shown.reserved, shown.earnings) = (uint80(stake), uint80(reserved), uint96(earnings));
    }

    /// @inheritdoc ISeats
    function seatsOf(bytes32 modelId) public view returns (uint32 seats, uint128 stake) {
        Bench storage bench = _benches[modelId];
        return (bench.count.value, bench.stake);
    }

    /// @inheritdoc ISeats
    function seatCountAt(bytes32 modelId, uint40 timestamp) public view returns (uint32) {
        return _benches[modelId].count.valueAt(timestamp);
    }

    /// @inheritdoc ISeats
    function seatAt(bytes32 modelId, uint32 position, uint40 timestamp) external view returns (uint32 seatId) {
        if (position >= seatCountAt(modelId, timestamp)) return 0;
        return _benches[modelId].seatAt[position].valueAt(timestamp);
    }
}
