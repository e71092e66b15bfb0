// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParameters} from "../../../contracts/interfaces/IParameters.sol";
import {Parameters} from "../../../contracts/Parameters.sol";
import {CourtParameters} from "../../../contracts/types/CourtParameters.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {CallCounter} from "../helpers/CallCounter.sol";
import {CourtBounds} from "../helpers/CourtBounds.sol";
import {ParametersBounds} from "../helpers/ParametersBounds.sol";
import {Test} from "../helpers/Test.sol";
import {vm} from "../helpers/Vm.sol";

/// @title Everything that anyone may do to the governed numbers, at random
/// @notice By the timelock, by whoever is guardian or was or may become it, and by a stranger. A call that is refused is
/// counted and forgotten: only what went through can break an invariant.
contract ParametersHandler is Test, CallCounter {
    using CourtBounds for CourtParameters;
    using ParametersBounds for MarketParameters;

    /// @notice A time in which opening was paused: from `start` on, before `end`.
    struct Pause {
        uint256 start;
        uint256 end;
    }

    uint32 public constant PHASE = 12 hours;

    Parameters public immutable parameters;
    address public immutable timelock = makeAddr("timelock");
    address[] private _actors;

    /// @notice Hashes of the versions as they were appended, the first at 0.
    bytes32[] public versions;
    /// @notice Whom the timelock named last.
    address public guardian;
    Pause[] private _pauses;
    /// @notice Who did what they may not do, or nobody.
    address public trespasser;

    constructor() {
        vm.warp(1_800_000_000);
        string[3] memory names = ["guardian", "rival", "stranger"];
        _actors.push(timelock);
        for (uint256 i = 0; i < names.length; i++) _actors.push(makeAddr(names[i]));
        guardian = _actors[1];
        MarketParameters memory market = ParametersBounds.standard();
        CourtParameters memory court = CourtBounds.standard(market.minLotCollateral);
        parameters = new Parameters(timelock, guardian, PHASE, market, court);
        versions.push(keccak256(abi.encode(market, court)));
    }

    /// @dev Of the numbers one or none stays as wild as it is, or once in eight all do.
    function append(
        uint256 by,
        MarketParameters calldata rawMarket,
        CourtParameters calldata rawCourt,
        uint256 kept
    ) external {
        address actor = _mostly(timelock, by);
        MarketParameters memory market = rawMarket;
        CourtParameters memory court = rawCourt;
        if (by % 8 != 1) {
            uint256 firstCollateral = ParametersBounds.standard().minLotCollateral;
            uint256 firstFee = CourtBounds.standard(firstCollateral).jurorFee;
            // Of the Market's twelve and the court's six, or none; of 24 choices six leave no number wild.
            kept = kept % 24;
            market = market.tamed(kept, PHASE, firstCollateral);
            court = court.tamed(kept < 12 ? kept + 6 : kept - 12, PHASE, firstFee, market.minLotCollateral);
        }
        if (!_act("append", actor, abi.encodeCall(IParameters.append, (market, court)))) return;
        versions.push(keccak256(abi.encode(market, court)));
        if (actor != timelock) trespasser = actor;
    }

    function setGuardian(uint256 by, uint256 whom) external {
        address actor = _mostly(timelock, by);
        // Now and then nobody.
        address next = whom % 8 == 0 ? address(0) : _actor(whom);
        if (!_act("setGuardian", actor, abi.encodeCall(IParameters.setGuardian, (next)))) return;
        guardian = next;
        if (actor != timelock) trespasser = actor;
    }

    function pause(uint256 by) external {
        address actor = _mostly(guardian, by);
        if (!_act("pause", actor, abi.encodeCall(IParameters.pause, ()))) return;
        _pauses.push(Pause({start: block.timestamp, end: parameters.pausedUntil()}));
        if (actor != guardian) trespasser = actor;
    }

    function unpause(uint256 by) external {
        address actor = _mostly(by % 2 == 0 ? timelock : guardian, by / 2);
        if (!_act("unpause", actor, abi.encodeCall(IParameters.unpause, ()))) return;
        uint256 count = _pauses.length;
        if (count != 0 && block.timestamp < _pauses[count - 1].end) _pauses[count - 1].end = block.timestamp;
        if (actor != guardian && actor != timelock) trespasser = actor;
    }

    /// @dev From no time at all to more than a pause; often to the second where something ends, or one before it.
    function pass(uint256 time) external {
        uint256 count = _pauses.length;
        uint256 end = count == 0 ? 0 : _pauses[count - 1].end;
        uint256 edge = block.timestamp < end ? end : end + 14 days;
        if (time % 4 == 0 && edge > block.timestamp) vm.warp(edge - ((time / 4) % 2));
        else vm.warp(block.timestamp + bound(time, 0, 5 days));
        _count("pass", true);
    }

    function versionsCount() external view returns (uint256) {
        return versions.length;
    }

    function pauses() external view returns (Pause[] memory) {
        return _pauses;
    }

    function _act(string memory name, address by, bytes memory call) private returns (bool succeeded) {
        vm.prank(by);
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, ) = address(parameters).call(call);
        _count(name, succeeded);
    }

    /// @dev Whom a call is for, and once in eight, or where that is nobody, someone else.
    function _mostly(address right, uint256 seed) private view returns (address) {
        return seed % 8 == 0 || right == address(0) ? _actor(seed / 8) : right;
    }

    function _actor(uint256 seed) private view returns (address) {
        return _actors[seed % _actors.length];
    }
}
