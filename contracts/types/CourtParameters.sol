// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The numbers a lot is judged under: those of its job's version. Two slots.
struct CourtParameters {
    /// @dev What a new seat stakes, in base units of the asset. A seat keeps the stake it was taken with.
    uint96 seatStake;
    /// @dev What a juror earns in one round, in base units of the asset. Bonds and penalties are multiples of it.
    uint96 jurorFee;
    /// @dev With fewer seats of its model a lot is not court-protected.
    uint16 minSeats;
    /// @dev How much a lot may be worth to be court-protected, as a share of all that its model's seats stake, in basis
    /// points.
    uint32 kappaBps;
    /// @dev How long after it was taken a seat is drawn first.
    uint32 activationSeconds;
    /// @dev How long any party of a case has for what it has to do.
    uint32 phaseSeconds;
}
