// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CourtParameters} from "../types/CourtParameters.sol";
import {MarketParameters} from "../types/MarketParameters.sol";

/// @title The governed numbers
/// @notice Each vote appends a version; what was opened under an older one keeps it. Bounds are in the code, so that no
/// vote can pass them. The guardian can pause the opening of jobs and offers for a bounded time, and nothing else.
/// @dev Warning: within the bounds a vote can make new business unattractive (a tenth in fees, collateral of ten times
/// the value), and a job opens under whatever version is then in force. The timelock's delay is everyone's notice.
interface IParameters {
    event ParametersAppended(uint32 indexed version, MarketParameters market, CourtParameters court);
    event GuardianChanged(address indexed previous, address indexed next);
    /// @param until The first second that is open again.
    event Paused(address indexed guardian, uint40 until);
    /// @param previousUntil When the pause would have lapsed.
    event Unpaused(address indexed by, uint40 previousUntil);

    error Parameters_NotTimelock(address caller);
    error Parameters_NotGuardian(address caller);
    error Parameters_ZeroAddress();
    /// @param field Which number is out of its bounds, as it is named in MarketParameters, in CourtParameters or in the constructor.
    error Parameters_OutOfBounds(string field, uint256 value, uint256 minimum, uint256 maximum);
    error Parameters_UnknownVersion(uint32 version);
    error Parameters_PausedRecently(uint256 timestamp, uint256 nextPauseAt);

    /// @notice Appends a version, in force for jobs opened from now on. Only the timelock. Emits ParametersAppended.
    function append(MarketParameters calldata market, CourtParameters calldata court) external returns (uint32 version);

    /// @notice Names who may pause; zero for nobody. Only the timelock. Emits GuardianChanged.
    /// @dev A running pause and the cool-down stay as they are: no row of guardians pauses more than one would.
    function setGuardian(address next) external;

    /// @notice Stops the opening of jobs and offers for three days. Only the guardian, and not again before fourteen days
    /// after it lapsed or was ended. Exits, claims and settlement go on. Emits Paused.
    function pause() external;

    /// @notice Ends a pause early. The guardian or the timelock. Emits Unpaused, or nothing where nothing is paused: so
    /// a guardian who ends their own pause cannot make a vote fail that ends it and replaces them.
    function unpause() external;

    /// @notice The version in force, its numbers but the court's, and whether opening is paused.
    function current() external view returns (uint32 version, bool isPaused, MarketParameters memory parameters);

    /// @notice The numbers of a version but the court's; versions count from 1.
    function ofVersion(uint32 version) external view returns (MarketParameters memory parameters);

    /// @notice The court's numbers of a version: what jobs opened under it are judged by.
    function courtOfVersion(uint32 version) external view returns (CourtParameters memory parameters);

    /// @notice Whether opening is paused now.
    function paused() external view returns (bool);

    /// @notice When the last pause lapsed, was ended, or lapses; zero if there never was one.
    function pausedUntil() external view returns (uint40);

    /// @notice Who may pause; zero for nobody.
    function guardian() external view returns (address);

    /// @notice Who may append; for good.
    function timelock() external view returns (address);

    /// @notice The chain's force-inclusion delay: for so long its sequencer may keep a transaction out. Nobody is ever
    /// given less time to object or to answer.
    function minPhaseSeconds() external view returns (uint32);
}
