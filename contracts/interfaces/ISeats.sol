// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SeatView} from "../types/Seat.sol";
import {IArbiter} from "./IArbiter.sol";
import {IBackers} from "./IBackers.sol";
import {IMarket} from "./IMarket.sol";

/// @title Jurors' seats
/// @notice A seat is a staked place in the list of one model's jurors. It belongs to its owner, whose Market account pays
/// and gets back the stake; its voter acts for it in cases, and can do nothing else but give it up.
///
/// A jury is drawn from the list as it stood when the second began in which the judged job was opened, among the seats
/// that were active by then. Nobody can change that list any more: after a job is opened one can but take a seat of one's
/// own out of the draws for it, by giving the seat up. The list has no gaps, whoever comes and goes: a seat that leaves
/// gives its position to the last one, and draws for older jobs still see both where they were.
///
/// @dev Warning: a seat whose stake is reserved for as many cases as it covers is passed over. Who can fill it with other
/// cases, each for a bond, between two draws' entropy and their being made, keeps it out of one of them: seats should
/// cover many cases. Likewise, a seat that is not active yet, or left since, costs a draw a try: to make draws fail takes
/// some sixty times the seats that can be drawn, at the opening of the job.
interface ISeats is IArbiter {
    // ---------------------------------------------------------------- events

    /// @param encryptionKey X25519 public key to which evidence for this juror is wrapped.
    /// @param stake In base units of the asset.
    /// @param activeAt From then on it may leave, and is drawn for jobs that are opened.
    event SeatTaken(
        uint32 indexed seatId,
        bytes32 indexed modelId,
        address indexed owner,
        address voter,
        bytes32 encryptionKey,
        uint256 stake,
        uint40 activeAt
    );
    /// @param amount Stake and earnings, to the owner's Market account.
    event SeatLeft(uint32 indexed seatId, bytes32 indexed modelId, address indexed owner, uint256 amount);
    /// @notice The seat's part in one jury is over.
    /// @param penalty What was taken from its stake.
    /// @param pay What was added to its earnings.
    event SeatSettled(uint32 indexed seatId, uint256 penalty, uint256 pay);
    /// @param amount To the owner's Market account.
    event EarningsCollected(uint32 indexed seatId, address indexed owner, uint256 amount);

    // ---------------------------------------------------------------- errors

    error Seats_ZeroAddress();
    error Seats_UnknownSeat(uint32 seatId);
    error Seats_NotYours(uint32 seatId, address caller);
    error Seats_NotActive(uint32 seatId, uint256 timestamp, uint256 activeAt);
    /// @param reserved What of its stake cases may still take.
    error Seats_InCase(uint32 seatId, uint256 reserved);
    error Seats_NotEnough(uint256 found, uint256 size);

    // ---------------------------------------------------------------- seats

    /// @notice Takes a seat for a model, with the stake of the version in force, from `owner`'s Market account. Only
    /// `owner`, or a buyer operator of theirs within its allowance. Emits SeatTaken.
    /// @param voter May be the owner.
    function takeSeat(
        address owner,
        address voter,
        bytes32 modelId,
        bytes32 encryptionKey
    ) external returns (uint32 seatId);

    /// @notice Gives a seat up: its stake and earnings go to the owner's Market account. Only its owner or its voter, and
    /// anyone where the stake no longer covers one penalty of the version in force. Not before `activeAt`, and not while
    /// it is in a case. Emits SeatLeft.
    function leaveSeat(uint32 seatId) external;

    /// @notice Moves what a seat earned to its owner's Market account. Anyone, at any time. Emits EarningsCollected.
    function collect(uint32 seatId) external;

    // ---------------------------------------------------------------- views

    function market() external view returns (IMarket);

    /// @notice Whose backers are no jurors; zero for a court without.
    function backers() external view returns (IBackers);

    /// @notice All zero for a seat that left or never was.
    function seat(uint32 seatId) external view returns (SeatView memory);

    /// @notice The seats of a model now, and all that they stake, in base units.
    function seatsOf(bytes32 modelId) external view returns (uint32 seats, uint128 stake);

    /// @notice How many seats a model had at the end of that second.
    function seatCountAt(bytes32 modelId, uint40 timestamp) external view returns (uint32);

    /// @notice Which seat was at that position at the end of that second, counted from 0; zero beyond the end of the list.
    function seatAt(bytes32 modelId, uint32 position, uint40 timestamp) external view returns (uint32 seatId);
}
