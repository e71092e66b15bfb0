// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MarketParameters} from "../types/MarketParameters.sol";

/// @title The governed numbers
/// @notice Each vote appends a version; what was opened under an older one keeps it. Bounds are in the code, so that no
/// vote can pass them. The guardian can pause the opening of jobs and offers for a bounded time, and nothing else.
interface IParameters {
    event ParametersAppended(uint32 indexed version, MarketParameters parameters);
    event GuardianChanged(address indexed previous, address indexed next);
    event Paused(address indexed guardian, uint40 until);
    event Unpaused(address indexed by);

    error Parameters_NotTimelock(address caller);
    error Parameters_NotGuardian(address caller);
    error Parameters_ZeroAddress();
    /// @param field Which number is out of its bounds, as it is named in MarketParameters.
    error Parameters_OutOfBounds(string field, uint256 value, uint256 minimum, uint256 maximum);
    error Parameters_UnknownVersion(uint32 version);
    error Parameters_PausedRecently(uint256 timestamp, uint256 nextPauseAt);

    /// @notice Appends a version, in force for jobs opened from now on. Only the timelock.
    function append(MarketParameters calldata next) external returns (uint32 version);

    /// @notice Names who may pause; zero for nobody. Only the timelock.
    function setGuardian(address next) external;

    /// @notice Stops the opening of jobs and offers until `PAUSE_SECONDS` from now. Only the guardian, and not again
    /// before `PAUSE_COOLDOWN_SECONDS` have passed since it lapsed. Exits, claims and settlement go on.
    function pause() external;

    /// @notice Ends a pause early. The guardian or the timelock.
    function unpause() external;

    /// @notice The version in force, its numbers, and whether opening is paused.
    function current() external view returns (uint32 version, bool paused, MarketParameters memory parameters);

    /// @notice The numbers of a version; versions count from 1.
    function ofVersion(uint32 version) external view returns (MarketParameters memory parameters);

    /// @notice Whether opening is paused now.
    function paused() external view returns (bool);
}
