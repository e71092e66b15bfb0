// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";

/// @title The bounds of the governed numbers, stated once more
/// @notice In literal numbers and multiplied out, so that it shares nothing with Parameters.
library ParametersBounds {
    error UnknownField(string field);

    /// @notice Numbers for a chain with phases of twelve hours, away from every bound; a unit of the asset is 10⁶.
    function standard() internal pure returns (MarketParameters memory) {
        return
            MarketParameters({
                feeBps: 100,
                collateralBps: 10_000,
                penaltyBps: 1_500,
                releaseBps: 50,
                bountyBps: 1_000,
                graceSeconds: 900,
                submitGraceSeconds: 300,
                windowSeconds: 24 hours,
                bidSeconds: 20 days,
                minLotCollateral: 1_000_000,
                receiptFee: 20_000,
                answerSeconds: 18 hours
            });
    }

    function within(MarketParameters memory p, uint256 phase, uint256 firstLotCollateral) internal pure returns (bool) {
        bool shares = p.feeBps <= 1_000 && p.collateralBps >= 5_000 && p.collateralBps <= 100_000;
        shares = shares && p.penaltyBps >= 1_000 && p.penaltyBps <= 2_000;
        shares = shares && uint256(p.penaltyBps) * 4 <= p.collateralBps;
        shares = shares && p.releaseBps >= 10 && p.releaseBps <= 100 && p.bountyBps <= 5_000;

        bool times = uint256(p.graceSeconds) * 720 >= phase && p.graceSeconds <= 86_400;
        times = times && p.submitGraceSeconds <= 86_400;
        times = times && p.windowSeconds >= phase && p.windowSeconds <= 2_592_000;
        times = times && p.bidSeconds >= phase && p.bidSeconds <= 2_592_000;
        times = times && p.answerSeconds >= phase && p.answerSeconds <= 604_800;
        times = times && p.answerSeconds <= p.windowSeconds;

        uint256 least = p.minLotCollateral;
        bool amounts = least > 0 && least * 100 >= firstLotCollateral && least <= firstLotCollateral * 100;
        amounts = amounts && uint256(p.receiptFee) * 1_000 >= least && p.receiptFee <= least;
        return shares && times && amounts;
    }

    /// @notice A copy of `p` with another number in `field`, which must fit it.
    function with(
        MarketParameters memory p,
        string memory field,
        uint256 value
    ) internal pure returns (MarketParameters memory changed) {
        changed = abi.decode(abi.encode(p), (MarketParameters));
        bytes32 name = keccak256(bytes(field));
        if (name == keccak256("feeBps")) changed.feeBps = uint16(value);
        else if (name == keccak256("collateralBps")) changed.collateralBps = uint32(value);
        else if (name == keccak256("penaltyBps")) changed.penaltyBps = uint16(value);
        else if (name == keccak256("releaseBps")) changed.releaseBps = uint16(value);
        else if (name == keccak256("bountyBps")) changed.bountyBps = uint16(value);
        else if (name == keccak256("graceSeconds")) changed.graceSeconds = uint32(value);
        else if (name == keccak256("submitGraceSeconds")) changed.submitGraceSeconds = uint32(value);
        else if (name == keccak256("windowSeconds")) changed.windowSeconds = uint32(value);
        else if (name == keccak256("bidSeconds")) changed.bidSeconds = uint32(value);
        else if (name == keccak256("minLotCollateral")) changed.minLotCollateral = uint96(value);
        else if (name == keccak256("receiptFee")) changed.receiptFee = uint96(value);
        else if (name == keccak256("answerSeconds")) changed.answerSeconds = uint32(value);
        else revert UnknownField(field);
    }

    /// @notice `raw` with all but one of its numbers brought into bounds: `kept` counts them from 0 as MarketParameters
    /// does; from 12 on there is none.
    function tamed(
        MarketParameters memory raw,
        uint256 kept,
        uint256 phase,
        uint256 firstLotCollateral
    ) internal pure returns (MarketParameters memory p) {
        p = raw;
        if (kept != 0) p.feeBps = uint16(_in(p.feeBps, 0, 1_000));
        if (kept != 1) p.collateralBps = uint32(_in(p.collateralBps, 5_000, 100_000));
        uint256 quarter = p.collateralBps / 4;
        if (kept != 2) p.penaltyBps = uint16(_in(p.penaltyBps, 1_000, quarter < 2_000 ? quarter : 2_000));
        if (kept != 3) p.releaseBps = uint16(_in(p.releaseBps, 10, 100));
        if (kept != 4) p.bountyBps = uint16(_in(p.bountyBps, 0, 5_000));
        if (kept != 5) p.graceSeconds = uint32(_in(p.graceSeconds, (phase + 719) / 720, 86_400));
        if (kept != 6) p.submitGraceSeconds = uint32(_in(p.submitGraceSeconds, 0, 86_400));
        if (kept != 7) p.windowSeconds = uint32(_in(p.windowSeconds, phase, 2_592_000));
        if (kept != 8) p.bidSeconds = uint32(_in(p.bidSeconds, phase, 2_592_000));
        uint256 longest = p.windowSeconds < 604_800 ? p.windowSeconds : 604_800;
        if (kept != 11) p.answerSeconds = uint32(_in(p.answerSeconds, phase, longest));
        uint256 most = firstLotCollateral * 100;
        if (most > type(uint96).max) most = type(uint96).max;
        if (kept != 9) p.minLotCollateral = uint96(_in(p.minLotCollateral, (firstLotCollateral + 99) / 100, most));
        uint256 least = (uint256(p.minLotCollateral) + 999) / 1_000;
        if (kept != 10) p.receiptFee = uint96(_in(p.receiptFee, least, p.minLotCollateral));
    }

    /// @dev An empty range yields its lower end: then the number kept is out of bounds already.
    function _in(uint256 value, uint256 low, uint256 high) private pure returns (uint256) {
        if (high <= low) return low;
        return value >= low && value <= high ? value : low + (value % (high - low + 1));
    }
}
