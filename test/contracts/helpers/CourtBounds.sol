// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CourtParameters} from "../../../contracts/types/CourtParameters.sol";

/// @title The bounds of the court's governed numbers, stated once more
/// @notice As ParametersBounds does for the Market's: sharing nothing with Parameters.
library CourtBounds {
    error UnknownField(string field);

    /// @notice Numbers for a chain with phases of twelve hours, away from every bound, beside lots whose least collateral
    /// is `lotCollateral`.
    function standard(uint256 lotCollateral) internal pure returns (CourtParameters memory) {
        // 800, or as much as so small a collateral bears.
        uint96 fee = uint96(lotCollateral < 8_000 ? lotCollateral / 10 : 800);
        return
            CourtParameters({
                seatStake: 100 * fee,
                jurorFee: fee,
                minSeats: 23,
                kappaBps: 10_000,
                activationSeconds: 3 days,
                phaseSeconds: 18 hours
            });
    }

    function within(
        CourtParameters memory p,
        uint256 phase,
        uint256 firstFee,
        uint256 lotCollateral
    ) internal pure returns (bool) {
        uint256 fee = p.jurorFee;
        bool amounts = fee > 0 && fee * 100 >= firstFee && fee <= firstFee * 100 && fee * 10 <= lotCollateral;
        amounts = amounts && p.seatStake >= fee * 8 && p.seatStake <= fee * 10_000;
        bool sizes = p.minSeats >= 5 && p.minSeats <= 1_000 && p.kappaBps >= 100 && p.kappaBps <= 50_000;
        bool times = p.activationSeconds >= phase && p.activationSeconds <= 2_592_000;
        times = times && p.phaseSeconds >= phase && p.phaseSeconds <= 172_800;
        return amounts && sizes && times;
    }

    /// @notice A copy of `p` with another number in `field`, which must fit it.
    function with(
        CourtParameters memory p,
        string memory field,
        uint256 value
    ) internal pure returns (CourtParameters memory changed) {
        changed = abi.decode(abi.encode(p), (CourtParameters));
        bytes32 name = keccak256(bytes(field));
        if (name == keccak256("seatStake")) changed.seatStake = uint96(value);
        else if (name == keccak256("jurorFee")) changed.jurorFee = uint96(value);
        else if (name == keccak256("minSeats")) changed.minSeats = uint16(value);
        else if (name == keccak256("kappaBps")) changed.kappaBps = uint32(value);
        else if (name == keccak256("activationSeconds")) changed.activationSeconds = uint32(value);
        else if (name == keccak256("phaseSeconds")) changed.phaseSeconds = uint32(value);
        else revert UnknownField(field);
    }

    /// @notice `raw` with all but one of its numbers brought into bounds: `kept` counts them from 0 as CourtParameters
    /// does; from 6 on there is none.
    function tamed(
        CourtParameters memory raw,
        uint256 kept,
        uint256 phase,
        uint256 firstFee,
        uint256 lotCollateral
    ) internal pure returns (CourtParameters memory p) {
        p = raw;
        uint256 most = firstFee * 100 < lotCollateral / 10 ? firstFee * 100 : lotCollateral / 10;
        if (kept != 1) p.jurorFee = uint96(_in(p.jurorFee, (firstFee + 99) / 100, most));
        uint256 dearest = uint256(p.jurorFee) * 10_000;
        if (dearest > type(uint96).max) dearest = type(uint96).max;
        if (kept != 0) p.seatStake = uint96(_in(p.seatStake, uint256(p.jurorFee) * 8, dearest));
        if (kept != 2) p.minSeats = uint16(_in(p.minSeats, 5, 1_000));
        if (kept != 3) p.kappaBps = uint32(_in(p.kappaBps, 100, 50_000));
        if (kept != 4) p.activationSeconds = uint32(_in(p.activationSeconds, phase, 2_592_000));
        if (kept != 5) p.phaseSeconds = uint32(_in(p.phaseSeconds, phase, 172_800));
    }

    /// @dev An empty range yields its lower end: then the number kept is out of bounds already.
    function _in(uint256 value, uint256 low, uint256 high) private pure returns (uint256) {
        if (high <= low) return low;
        return value >= low && value <= high ? value : low + (value % (high - low + 1));
    }
}
