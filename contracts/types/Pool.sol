// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice What backs one provider. Amounts are base units of the asset. Three slots, the first of which is all that a
/// new lot touches here.
struct Pool {
    /// @dev Of those who stay, earnings that have not vested among them. Without what is on its way out.
    uint96 assets;
    /// @dev By all lots that run.
    uint96 locked;
    /// @dev The number of the cohort that leaves now, and of the lots that it still answers for.
    uint24 generation;
    /// @dev The latest end of a grace of any lot so far.
    uint40 lastGraceEndsAt;
    /// @dev Of the present epoch.
    uint128 shares;
    /// @dev How often the pool was wiped out. Shares of earlier epochs are void.
    uint32 epoch;
    /// @dev What the provider keeps of the backers' part of what it earns.
    uint16 commissionBps;
    bool isOpen;
    /// @dev No earlier generation has lots that run.
    uint24 firstOpen;
    /// @dev On which the present generation began.
    uint24 generationDay;
    /// @dev Earnings that had not vested at `vestingFrom`. They vest evenly until `vestingUntil`.
    uint96 vesting;
    uint40 vestingFrom;
    uint40 vestingUntil;
}

/// @notice One generation of a pool: the lots taken between two exits, and those who left after them. They answer for
/// these and for earlier ones that still run, and for no later one. Two slots.
struct Cohort {
    /// @dev By this generation's lots that run.
    uint96 locked;
    /// @dev This generation's lots have later ends of their graces than this, earlier ones' have not.
    uint40 startsAfter;
    /// @dev Whether anyone left in this generation.
    bool isLeaving;
    /// @dev What those who left still have, together.
    uint96 assets;
    /// @dev What they had when they left.
    uint96 claims;
}

/// @notice What one account has in a pool. One slot.
struct Position {
    /// @dev Void if the pool is in a later epoch.
    uint128 shares;
    /// @dev Claims of all cohorts that were not withdrawn.
    uint96 exiting;
    uint32 epoch;
}

using Pools for Pool global;

/// @title A pool's arithmetic
library Pools {
    using SafeCast for uint256;

    /// @notice Shares that nobody has, which are worth one unit: who inflates the first share loses to them a million times
    /// what a rounding can take from the next backer.
    uint256 internal constant VIRTUAL_SHARES = 1e6;
    uint256 internal constant VIRTUAL_ASSETS = 1;
    /// @notice So that nobody comes for a payment and leaves with it: who stays an hour gets an hour's part.
    uint256 internal constant VESTING_SECONDS = 7 days;

    /// @notice What all shares are worth together: assets without the earnings that have not vested.
    function vested(Pool storage self) internal view returns (uint256) {
        return self.assets - unvested(self);
    }

    function unvested(Pool storage self) internal view returns (uint256) {
        uint256 until = self.vestingUntil;
        if (block.timestamp >= until) return 0;
        return Math.mulDiv(self.vesting, until - block.timestamp, until - self.vestingFrom, Math.Rounding.Ceil);
    }

    /// @notice Rounded down.
    function toShares(Pool storage self, uint256 assets) internal view returns (uint256) {
        return Math.mulDiv(assets, self.shares + VIRTUAL_SHARES, vested(self) + VIRTUAL_ASSETS);
    }

    /// @notice Rounded down: less than what is vested and one unit, so never more than what is vested.
    function toAssets(Pool storage self, uint256 shares) internal view returns (uint256) {
        return Math.mulDiv(shares, vested(self) + VIRTUAL_ASSETS, self.shares + VIRTUAL_SHARES);
    }

    /// @notice Adds earnings, which vest from now on. What vests already goes on at the mean of both times: a small payment
    /// does not hold up a large one.
    function earn(Pool storage self, uint256 amount) internal {
        uint256 before = unvested(self);
        uint256 left = before == 0 ? 0 : self.vestingUntil - block.timestamp;
        uint256 total = before + amount;
        self.assets = (self.assets + amount).toUint96();
        // Part of the assets.
        self.vesting = uint96(total);
        self.vestingFrom = uint40(block.timestamp);
        // Within VESTING_SECONDS from now: 40 bits hold seconds for 34,000 years.
        self.vestingUntil = uint40(block.timestamp + (before * left + amount * VESTING_SECONDS) / total);
    }

    /// @notice Takes a loss, of those who stay. With nothing left, their shares are void, and an epoch begins.
    /// @return isWiped Whether that happened.
    function lose(Pool storage self, uint256 amount) internal returns (bool isWiped) {
        uint256 before = self.assets;
        uint256 left = before - amount;
        // Both at most what they were.
        self.assets = uint96(left);
        if (before != 0) self.vesting = uint96(Math.mulDiv(self.vesting, left, before));
        isWiped = left == 0 && self.shares != 0;
        if (isWiped) {
            self.shares = 0;
            self.epoch++;
        }
    }
}
