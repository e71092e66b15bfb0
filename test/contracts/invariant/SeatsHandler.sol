// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISeats} from "../../../contracts/interfaces/ISeats.sol";
import {Seats} from "../../../contracts/Seats.sol";
import {CourtParameters} from "../../../contracts/types/CourtParameters.sol";
import {SeatView} from "../../../contracts/types/Seat.sol";
import {SeatsFixture} from "../court/SeatsFixture.sol";
import {SeatsHarness} from "../court/SeatsHarness.sol";
import {CallCounter} from "../helpers/CallCounter.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";

/// @title Everything that anyone may do about seats, at random
/// @notice Six accounts own and vote, two of them parties to what is judged, for two models; juries are drawn for jobs
/// that were opened at various times, and settled seat by seat, with penalties and pay of all sizes. A refused call is
/// counted and forgotten.
contract SeatsHandler is SeatsFixture, CallCounter {
    /// @notice One seat's part in a jury that is not over.
    struct Part {
        uint32 seatId;
        uint96 reserve;
    }

    /// @notice A model's list, as it was at the end of a second.
    struct Past {
        bytes32 modelId;
        uint40 time;
        bytes32 hash;
    }

    bytes32[2] private _models = [Defaults.MODEL, keccak256("other model")];
    address[6] private _actors;
    Part[] private _parts;
    Past[] private _pasts;
    bytes32[] private _cases;
    mapping(bytes32 caseId => bytes32) private _modelOf;
    /// @notice The newest seat.
    uint32 public lastSeatId;
    /// @notice What was taken as penalties, and brought in, and not paid yet.
    uint256 public pot;
    /// @notice What a call did that none may, or nothing.
    string public wrong;

    constructor() {
        setUp();
        _actors = [buyer, provider, owner, voter, rival, stranger];
        for (uint256 i = 0; i < _actors.length; i++) {
            if (_actors[i] != owner) fund(_actors[i], Defaults.DEPOSIT);
        }
        pot = 1_000_000;
        fund(address(seats), pot);
    }

    // ---------------------------------------------------------------- seats

    function takeSeat(uint256 by, uint256 for_, uint256 votes, uint256 model) external {
        address actor = _actor(by);
        // Once in eight with somebody else's money.
        address owner_ = for_ % 8 == 0 ? _actor(for_ / 8) : actor;
        bytes memory call = abi.encodeCall(ISeats.takeSeat, (owner_, _actor(votes), _models[model % 2], JUROR_KEY));
        uint256 before = free(owner_);
        if (!_act("takeSeat", actor, call)) return;
        lastSeatId++;
        if (owner_ != actor) wrong = "a seat on another's money";
        if (before - free(owner_) != seats.seat(lastSeatId).stake) wrong = "stake";
    }

    /// @notice A few at once, so that lists get long.
    function takeSome(uint256 by, uint256 count, uint256 model) external {
        for (uint256 i = 0; i < bound(count, 1, 8); i++) {
            address actor = _actor((by % 1_000) + i);
            bytes memory call = abi.encodeCall(ISeats.takeSeat, (actor, actor, _models[model % 2], JUROR_KEY));
            if (_act("takeSome", actor, call)) lastSeatId++;
        }
    }

    function leaveSeat(uint256 by, uint256 which) external {
        if (lastSeatId == 0) return;
        uint32 seatId = _existing(which);
        SeatView memory left = seats.seat(seatId);
        address actor = by % 4 == 0 ? _actor(by / 4) : (by % 2 == 0 ? left.owner : left.voter);
        if (actor == address(0)) actor = stranger;
        uint256 before = free(left.owner);
        bool canPay = left.stake >= _currentPenalty();
        if (!_act("leaveSeat", actor, abi.encodeCall(ISeats.leaveSeat, (seatId)))) return;
        if (canPay && actor != left.owner && actor != left.voter) wrong = "sent away";
        if (left.activeAt > block.timestamp) wrong = "left too early";
        if (left.reserved != 0) wrong = "left a case";
        if (free(left.owner) - before != uint256(left.stake) + left.earnings) wrong = "not all returned";
    }

    function collect(uint256 by, uint256 which) external {
        if (lastSeatId == 0) return;
        _act("collect", _actor(by), abi.encodeCall(ISeats.collect, (_existing(which))));
    }

    // ---------------------------------------------------------------- cases

    /// @notice A jury for a job that was opened some time ago, in a new case or in one that had juries before.
    function drawJury(uint256 seed, uint256 size, uint256 ago, uint256 case_) external {
        Seats.Draw memory draw = drawOf(bound(size, 1, 5));
        draw.seed = bytes32(seed);
        draw.activeBefore = uint40(block.timestamp - bound(ago, 0, 2 * ACTIVATION));
        draw.reserve = uint96(_currentPenalty());
        draw.modelId = _models[seed % 2];
        draw.caseId = keccak256(abi.encode("case", _cases.length));
        if (case_ % 2 == 0 && _cases.length != 0) {
            draw.caseId = _cases[(case_ / 2) % _cases.length];
            draw.modelId = _modelOf[draw.caseId];
        }
        uint256 count = seats.drawnCount(draw.caseId);
        if (!_act("drawJury", address(this), abi.encodeCall(SeatsHarness.drawJury, (draw)))) return;

        if (count == 0) {
            _cases.push(draw.caseId);
            _modelOf[draw.caseId] = draw.modelId;
        }
        if (seats.drawnCount(draw.caseId) != count + draw.size) wrong = "size";
        for (uint256 i = count; i < count + draw.size; i++) {
            uint32 seatId = seats.drawnAt(draw.caseId, i);
            _parts.push(Part(seatId, draw.reserve));
            SeatView memory drawn = seats.seat(seatId);
            if (drawn.modelId != draw.modelId) wrong = "of another model";
            if (drawn.activeAt > draw.activeBefore) wrong = "drawn too early";
            if (_isParty(drawn.owner) || _isParty(drawn.voter)) wrong = "a party was drawn";
            for (uint256 j = 0; j < i; j++) if (seats.drawnAt(draw.caseId, j) == seatId) wrong = "drawn twice";
        }
    }

    /// @notice Must go through.
    function settleSeat(uint256 which, uint256 penalty, uint256 pay) external {
        if (_parts.length == 0) return;
        which = bound(which, 0, _parts.length - 1);
        Part memory part = _parts[which];
        // Mostly none, and now and then all.
        penalty =
            penalty % 3 == 0
                ? bound(penalty, 0, part.reserve)
                : penalty % 3 == 1
                    ? part.reserve
                    : 0;
        pay = bound(pay, 0, pot < FEE ? pot : FEE);
        bytes memory call = abi.encodeCall(SeatsHarness.settleSeat, (part.seatId, part.reserve, penalty, pay));
        if (!_act("settleSeat", address(this), call)) wrong = "a settlement was refused";
        pot = pot + penalty - pay;
        _parts[which] = _parts[_parts.length - 1];
        _parts.pop();
    }

    // ---------------------------------------------------------------- votes and time

    function vote(uint256 stake, uint256 fee) external {
        fee = bound(fee, 5, 5_000);
        append(uint96(fee * bound(stake, 8, 40)), uint96(fee));
        _count("vote", true);
    }

    function pass(uint256 time) external {
        for (uint256 i = 0; i < 2; i++) {
            uint40 now_ = uint40(block.timestamp);
            _pasts.push(Past(_models[i], now_, _hashList(_models[i], now_)));
        }
        vm.warp(block.timestamp + bound(time, 1, ACTIVATION));
        _count("pass", true);
    }

    // ---------------------------------------------------------------- what happened

    function handled() external view returns (SeatsHarness) {
        return seats;
    }

    function modelAt(uint256 i) external view returns (bytes32) {
        return _models[i];
    }

    /// @notice What the court has in the ledger.
    function held() public view returns (uint256) {
        return free(address(seats)) + market.accountOf(address(seats)).locked;
    }

    /// @notice What parts in open cases reserve of a seat.
    function reservedOf(uint32 seatId) external view returns (uint256 reserved) {
        for (uint256 i = 0; i < _parts.length; i++) if (_parts[i].seatId == seatId) reserved += _parts[i].reserve;
    }

    function pastIsUnchanged() external view returns (bool) {
        // The newest forty: as far back as a draw of this handler looks, and further.
        uint256 from = _pasts.length > 40 ? _pasts.length - 40 : 0;
        for (uint256 i = from; i < _pasts.length; i++) {
            if (_hashList(_pasts[i].modelId, _pasts[i].time) != _pasts[i].hash) return false;
        }
        return true;
    }

    /// @notice Ends all cases without pay, and has everyone leave.
    function endAll() external {
        for (uint256 i = 0; i < _parts.length; i++) seats.settleSeat(_parts[i].seatId, _parts[i].reserve, 0, 0);
        delete _parts;
        vm.warp(block.timestamp + ACTIVATION);
        for (uint32 seatId = 1; seatId <= lastSeatId; seatId++) {
            address by = seats.seat(seatId).voter;
            if (by == address(0)) continue;
            vm.prank(by);
            seats.leaveSeat(seatId);
        }
    }

    // ---------------------------------------------------------------- internals

    function _act(string memory name, address by, bytes memory call) private returns (bool succeeded) {
        vm.prank(by);
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, ) = address(seats).call(call);
        _count(name, succeeded);
    }

    function _actor(uint256 seed) private view returns (address) {
        return _actors[seed % _actors.length];
    }

    function _isParty(address account) private view returns (bool) {
        return account == buyer || account == provider;
    }

    /// @dev Four fees, or as many whole ones as a fifth of a new seat's stake has.
    function _currentPenalty() private view returns (uint256) {
        (uint32 version, , ) = parameters.current();
        CourtParameters memory numbers = parameters.courtOfVersion(version);
        uint256 fees = numbers.seatStake / 5 / numbers.jurorFee;
        return numbers.jurorFee * (fees > 4 ? fees : 4);
    }

    /// @dev A seat that is there, from a random one on; once in sixteen whichever it is.
    function _existing(uint256 which) private view returns (uint32 seatId) {
        for (uint256 i = 0; i < lastSeatId; i++) {
            seatId = uint32((((which / 16) % lastSeatId) + i) % lastSeatId) + 1;
            if (which % 16 == 0 || seats.seat(seatId).voter != address(0)) return seatId;
        }
    }

    function _hashList(bytes32 modelId, uint40 time) private view returns (bytes32) {
        uint32[] memory list = new uint32[](seats.seatCountAt(modelId, time));
        for (uint32 i = 0; i < list.length; i++) list[i] = seats.seatAt(modelId, i, time);
        return keccak256(abi.encode(list));
    }
}
