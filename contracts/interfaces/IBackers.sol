// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cohort, Pool, Position} from "../types/Pool.sol";
import {IArbiter} from "./IArbiter.sol";
import {IMarket} from "./IMarket.sol";

/// @title Delegated collateral
/// @notice Anyone backs a provider: bears all but the provider's own part of the collateral of its lots, gets that part of
/// what they earn less a commission, and answers for slashes beyond the provider's own part, pro rata. A pool for each
/// provider, all its money free credit of this contract in the Market. Conventions are those of ERC-4626 with the provider
/// named, and rounding for the pool; but shares cannot be transferred, and leaving takes two steps:
///
///   back              requestExit                    withdrawExit
///   ─────▶ share of the pool ─────▶ claim in a cohort ─────▶ credit in the Market
///
/// Who asks to leave earns nothing more and answers for the lots that run, but for none taken later: the lots between two
/// exits are a generation, and a cohort answers for its own generation and those before. It is paid once these are over.
/// @dev Exactly so while at most 64 generations are open. Who opens more by many small exits and lots makes those who leave
/// on the same day answer for each other's lots of that day, and gains nothing.
///
/// Warning: who backs a provider answers for its lots that run already, too.
interface IBackers is IArbiter {
    // ---------------------------------------------------------------- events

    event PoolOpened(address indexed provider, uint16 commissionBps);
    event PoolClosed(address indexed provider);
    event Backed(address indexed provider, address indexed backer, uint256 assets, uint256 shares);
    event ExitRequested(
        address indexed provider,
        address indexed backer,
        uint24 cohort,
        uint256 shares,
        uint256 assets
    );
    event ExitWithdrawn(address indexed provider, address indexed backer, uint24 cohort, uint256 assets);
    /// @notice The pool earned `assets`, which vest over a week, after the provider's commission.
    event PoolEarned(address indexed provider, uint256 assets);
    /// @notice A slash took `assets` from the pool and from the cohorts that answer for `generation`.
    event PoolSlashed(address indexed provider, uint24 generation, uint256 assets);
    /// @notice Nothing is left: all shares are void, and an epoch begins.
    event PoolWiped(address indexed provider, uint32 epoch);

    // ---------------------------------------------------------------- errors

    error Backers_NotMarket(address caller);
    error Backers_PoolNotOpen(address provider);
    error Backers_PoolAlreadyOpen(address provider);
    error Backers_CommissionTooHigh(uint256 commissionBps, uint256 maximum);
    /// @notice What is backed or left is worth no share.
    error Backers_ZeroShares();
    error Backers_InsufficientShares(address provider, address backer, uint256 shares, uint256 needed);
    error Backers_NoClaim(address provider, address backer, uint24 cohort);
    /// @notice A lot that the cohort answers for still runs.
    error Backers_StillLocked(address provider, uint24 generation, uint256 locked);

    // ---------------------------------------------------------------- providers

    /// @notice Opens the caller's pool: from now on others have to bear their part of every lot the caller takes. While the
    /// caller has nothing locked in the Market.
    /// @param commissionBps What the caller keeps of the backers' part of what lots earn. Fixed until the pool is closed,
    /// and not above what it was before while anyone has shares.
    function openPool(uint16 commissionBps) external;

    /// @notice Closes the caller's pool: lots are the caller's alone again, nobody backs it any more, and whoever did can
    /// leave. While the caller has nothing locked in the Market.
    function closePool() external;

    // ---------------------------------------------------------------- backers

    /// @notice Puts `assets` of what the caller has free in the Market into the pool of `provider`. Shares are the caller's
    /// alone: nobody becomes anyone's backer without their own call.
    function back(address provider, uint256 assets) external returns (uint256 shares);

    /// @notice Takes shares out of the pool. What they are worth now is the caller's claim in the present cohort; the last
    /// shares are worth all that there is.
    function requestExit(address provider, uint256 shares) external returns (uint24 cohort, uint256 assets);

    /// @notice Pays the caller's claim in a cohort, as far as slashes left it, once the lots that it answers for are over.
    function withdrawExit(address provider, uint24 cohort) external returns (uint256 assets);

    // ---------------------------------------------------------------- for the Market

    /// @notice Locks `amount` of a pool for a lot of its provider. Only the Market.
    /// @return isLocked False if the pool has too little that is not locked, or a cohort that left already might have to
    /// answer for the lot because its grace ends so early.
    function lock(address provider, uint40 graceEndsAt, uint256 amount) external returns (bool isLocked);

    /// @notice Ends locks of lots with the same end of their grace. Only the Market, which then takes `lost` from this
    /// contract's credit, and adds what is returned.
    /// @param lost What slashes take of `amount`.
    /// @param earned The pool's part of what the lots were paid, before the commission.
    /// @return share What of it the pool gets.
    function unlock(
        address provider,
        uint40 graceEndsAt,
        uint256 amount,
        uint256 lost,
        uint256 earned
    ) external returns (uint256 share);

    // ---------------------------------------------------------------- views

    function market() external view returns (IMarket);

    function poolOf(address provider) external view returns (Pool memory);

    function cohortOf(address provider, uint24 cohort) external view returns (Cohort memory);

    /// @notice What `backer` claims of a cohort's assets, as part of all its claims: base units when it left, unless the
    /// cohort was slashed before and no other could begin.
    function claimOf(address provider, uint24 cohort, address backer) external view returns (uint256);

    /// @notice The shares that `account` has in the pool of `provider`, and its claims of those on their way out.
    /// @dev Whoever has any is no juror where that provider is judged.
    function sharesOf(address provider, address account) external view returns (uint256);

    /// @notice What `account` has in the pool; shares of an earlier epoch are none.
    function positionOf(address provider, address account) external view returns (Position memory);

    /// @notice What all shares of a pool are worth.
    function totalAssets(address provider) external view returns (uint256);

    /// @notice The most that lots can still lock.
    function unlockedAssets(address provider) external view returns (uint256);

    /// @notice What backing with `assets` gives now. Rounded down.
    function convertToShares(address provider, uint256 assets) external view returns (uint256);

    /// @notice What `shares` of the pool are worth, if they are not all. Rounded down.
    function convertToAssets(address provider, uint256 shares) external view returns (uint256);

    /// @notice What `withdrawExit` would pay now; 0 while a lot that the cohort answers for still runs.
    function maxWithdraw(address provider, uint24 cohort, address backer) external view returns (uint256);
}
