// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IArbiter} from "./interfaces/IArbiter.sol";
import {IBackers} from "./interfaces/IBackers.sol";
import {IMarket} from "./interfaces/IMarket.sol";
import {Pricing} from "./libraries/Pricing.sol";
import {Cohort, Pool, Position} from "./types/Pool.sol";

/// @title Delegated collateral, implemented; what it promises is in IBackers
/// @dev All assets of pools and cohorts are free credit of this contract in the Market. The Market is trusted, and calls
/// nobody from here: nothing can be re-entered by a party.
///
/// That every lot can be slashed in full: let A be the pool's assets, L(g) what generation g has locked and T(g) all that
/// answers for it, A and the cohorts from g on. For every g
///
///   Σ L(i) / T(i) over i < g  +  Σ L(i) over i ≥ g  /  T(g)  ≤  1.
///
/// A lock keeps it, being allowed only while all locks are at most A, which is at most each T. An exit changes no T. A slash
/// of ℓ of generation k takes ℓ from T(i) of i ≤ k, a share ℓ / T(k) from those after, and ℓ from L(k): each sum falls by
/// as much as its divisors make it grow. A cohort is paid when no L up to it is left. And so L(g) ≤ T(g).
contract Backers is IBackers {
    using SafeCast for uint256;

    /// @dev What one slash may have to look at, but for one more a day.
    uint256 private constant MAX_OPEN_GENERATIONS = 64;

    /// @inheritdoc IBackers
    IMarket public market;

    mapping(address provider => Pool) private _pools;
    mapping(address provider => mapping(uint256 generation => Cohort)) private _cohorts;
    mapping(address provider => mapping(address backer => Position)) private _positions;
    mapping(address provider => mapping(uint256 cohort => mapping(address backer => uint256))) private _claims;

    /// @inheritdoc IArbiter
    function bind() external {
        require(address(market) == address(0), Arbiter_AlreadyBound(address(market)));
        market = IMarket(msg.sender);
    }

    // ---------------------------------------------------------------- providers

    /// @inheritdoc IBackers
    function openPool(uint16 commissionBps) external {
        Pool storage pool = _pools[msg.sender];
        require(!pool.isOpen, Backers_PoolAlreadyOpen(msg.sender));
        uint256 maximum = pool.shares == 0 ? Pricing.BPS : pool.commissionBps;
        require(commissionBps <= maximum, Backers_CommissionTooHigh(commissionBps, maximum));
        pool.isOpen = true;
        pool.commissionBps = commissionBps;
        emit PoolOpened(msg.sender, commissionBps);
        market.setBacked(msg.sender, true);
    }

    /// @inheritdoc IBackers
    function closePool() external {
        Pool storage pool = _pools[msg.sender];
        require(pool.isOpen, Backers_PoolNotOpen(msg.sender));
        pool.isOpen = false;
        emit PoolClosed(msg.sender);
        market.setBacked(msg.sender, false);
    }

    // ---------------------------------------------------------------- backers

    /// @inheritdoc IBackers
    function back(address provider, uint256 assets) external returns (uint256 shares) {
        Pool storage pool = _pools[provider];
        require(pool.isOpen, Backers_PoolNotOpen(provider));
        shares = pool.toShares(assets);
        require(shares != 0, Backers_ZeroShares());
        pool.assets = (pool.assets + assets).toUint96();
        pool.shares = (pool.shares + shares).toUint128();
        Position memory position = positionOf(provider, msg.sender);
        // Part of all shares.
        position.shares += uint128(shares);
        _positions[provider][msg.sender] = position;
        emit Backed(provider, msg.sender, assets, shares);
        market.take(msg.sender, msg.sender, assets);
    }

    /// @inheritdoc IBackers
    function requestExit(address provider, uint256 shares) external returns (uint24 cohort, uint256 assets) {
        Pool storage pool = _pools[provider];
        Position memory position = positionOf(provider, msg.sender);
        require(shares != 0, Backers_ZeroShares());
        require(shares <= position.shares, Backers_InsufficientShares(provider, msg.sender, position.shares, shares));
        uint256 all = pool.shares;
        if (shares == all) {
            assets = pool.assets;
            pool.vesting = 0;
        } else {
            assets = pool.toAssets(shares);
        }
        // Parts of all shares and of all assets.
        unchecked {
            pool.shares = uint128(all - shares);
            pool.assets -= uint96(assets);
            position.shares -= uint128(shares);
        }

        cohort = pool.generation;
        Cohort storage leaving = _cohorts[provider][cohort];
        if (leaving.assets < leaving.claims && _mayBegin(provider, pool)) {
            leaving = _begin(provider, pool);
            cohort = pool.generation;
        }
        // Where slashes took some of what they answer, and no generation may begin, claims come at their worth.
        uint256 claim = leaving.assets == 0 ? assets : Math.mulDiv(assets, leaving.claims, leaving.assets);
        leaving.isLeaving = true;
        leaving.assets = (leaving.assets + assets).toUint96();
        leaving.claims = (leaving.claims + claim).toUint96();
        _claims[provider][cohort][msg.sender] += claim;
        position.exiting = (position.exiting + claim).toUint96();
        _positions[provider][msg.sender] = position;
        emit ExitRequested(provider, msg.sender, cohort, shares, assets);
    }

    /// @inheritdoc IBackers
    function withdrawExit(address provider, uint24 cohort) external returns (uint256 assets) {
        uint256 claim = _claims[provider][cohort][msg.sender];
        require(claim != 0, Backers_NoClaim(provider, msg.sender, cohort));
        Pool storage pool = _pools[provider];
        uint24 locked = _firstLocked(provider, pool, cohort);
        require(locked > cohort, Backers_StillLocked(provider, locked, _cohorts[provider][locked].locked));
        // The present generation stays open.
        uint24 firstOpen = locked > pool.generation ? pool.generation : locked;
        if (firstOpen > pool.firstOpen) pool.firstOpen = firstOpen;

        Cohort storage leaving = _cohorts[provider][cohort];
        assets = Math.mulDiv(leaving.assets, claim, leaving.claims);
        delete _claims[provider][cohort][msg.sender];
        // Parts of the cohort's, and the claim of all of the account's: 96 bits wide each.
        leaving.assets -= uint96(assets);
        leaving.claims -= uint96(claim);
        _positions[provider][msg.sender].exiting -= uint96(claim);
        emit ExitWithdrawn(provider, msg.sender, cohort, assets);
        if (assets != 0) market.give(msg.sender, assets);
    }

    // ---------------------------------------------------------------- for the Market

    /// @inheritdoc IBackers
    function lock(address provider, uint40 graceEndsAt, uint256 amount) external returns (bool isLocked) {
        _requireMarket();
        Pool storage pool = _pools[provider];
        if (pool.locked + amount > pool.assets) return false;
        Cohort storage cohort = _cohorts[provider][pool.generation];
        if (cohort.isLeaving && _mayBegin(provider, pool)) cohort = _begin(provider, pool);
        if (graceEndsAt <= cohort.startsAfter) return false;
        // At most the pool's assets.
        pool.locked += uint96(amount);
        cohort.locked += uint96(amount);
        if (graceEndsAt > pool.lastGraceEndsAt) pool.lastGraceEndsAt = graceEndsAt;
        return true;
    }

    /// @inheritdoc IBackers
    function unlock(
        address provider,
        uint40 graceEndsAt,
        uint256 amount,
        uint256 lost,
        uint256 earned
    ) external returns (uint256 share) {
        _requireMarket();
        Pool storage pool = _pools[provider];
        uint24 generation = _generationOf(provider, pool, graceEndsAt);
        // Part of what was locked.
        pool.locked -= uint96(amount);
        _cohorts[provider][generation].locked -= uint96(amount);
        if (lost != 0) _slash(provider, pool, generation, lost);
        // With nobody to share with, the pay is the provider's. And no payment fails because a pool is full.
        if (earned != 0 && pool.shares != 0) {
            share = Pricing.shareDown(earned, Pricing.BPS - pool.commissionBps);
            share = Math.min(share, type(uint96).max - pool.assets);
            if (share != 0) {
                pool.earn(share);
                emit PoolEarned(provider, share);
            }
        }
    }

    // ---------------------------------------------------------------- internals

    function _requireMarket() private view {
        require(msg.sender == address(market), Backers_NotMarket(msg.sender));
    }

    /// @dev Takes `lost` from all who answer for a generation, pro rata.
    function _slash(address provider, Pool storage pool, uint24 generation, uint256 lost) private {
        uint24 last = pool.generation;
        uint256 total = pool.assets;
        for (uint256 i = generation; i <= last; i++) total += _cohorts[provider][i].assets;
        uint256 rest = lost;
        for (uint256 i = generation; i <= last; i++) {
            Cohort storage cohort = _cohorts[provider][i];
            uint256 assets = cohort.assets;
            if (assets == 0) continue;
            // Rounded up, so that what is left for the pool never exceeds its part. `lost` is at most `total`: see above.
            uint256 part = Math.min(Math.mulDiv(lost, assets, total, Math.Rounding.Ceil), rest);
            rest -= part;
            // Part of what it had.
            cohort.assets = uint96(assets - part);
        }
        bool isWiped = pool.lose(rest);
        emit PoolSlashed(provider, generation, lost);
        if (isWiped) emit PoolWiped(provider, pool.epoch);
    }

    /// @dev A generation begins. Who left stays behind.
    function _begin(address provider, Pool storage pool) private returns (Cohort storage cohort) {
        cohort = _cohorts[provider][++pool.generation];
        cohort.startsAfter = pool.lastGraceEndsAt;
        pool.generationDay = _today();
    }

    /// @dev One more a day in any case: else a cohort could be made to wait for ever.
    function _mayBegin(address provider, Pool storage pool) private returns (bool) {
        uint24 generation = pool.generation;
        if (generation - pool.firstOpen < MAX_OPEN_GENERATIONS || pool.generationDay < _today()) return true;
        uint24 firstOpen = _firstLocked(provider, pool, generation);
        // The present generation stays open.
        if (firstOpen > generation) firstOpen = generation;
        pool.firstOpen = firstOpen;
        return generation - firstOpen < MAX_OPEN_GENERATIONS;
    }

    /// @dev The first generation that has lots which run, or the one after `last` if all up to that have none.
    function _firstLocked(address provider, Pool storage pool, uint24 last) private view returns (uint24 generation) {
        generation = pool.firstOpen;
        while (generation <= last && _cohorts[provider][generation].locked == 0) generation++;
    }

    /// @dev Of a lot that runs.
    function _generationOf(address provider, Pool storage pool, uint40 graceEndsAt) private view returns (uint24) {
        // The lot is of one of these, most often of the last.
        uint256 low = pool.firstOpen;
        uint256 high = pool.generation;
        uint256 middle = high;
        while (low < high) {
            if (_cohorts[provider][middle].startsAfter < graceEndsAt) low = middle;
            else high = middle - 1;
            middle = Math.ceilDiv(low + high, 2);
        }
        // Numbers of generations are 24 bits wide.
        return uint24(low);
    }

    /// @dev 24 bits hold days for 45,000 years.
    function _today() private view returns (uint24) {
        return uint24(block.timestamp / 1 days);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IBackers
    function poolOf(address provider) external view returns (Pool memory) {
        return _pools[provider];
    }

    /// @inheritdoc IBackers
    function cohortOf(address provider, uint24 cohort) external view returns (Cohort memory) {
        return _cohorts[provider][cohort];
    }

    /// @inheritdoc IBackers
    function claimOf(address provider, uint24 cohort, address backer) external view returns (uint256) {
        return _claims[provider][cohort][backer];
    }

    /// @inheritdoc IBackers
    function sharesOf(address provider, address account) external view returns (uint256) {
        Position memory position = _positions[provider][account];
        // Juries ask for each of their own, who hardly ever have any: no pool is read for them.
        if (position.shares == 0 || position.epoch != _pools[provider].epoch) return position.exiting;
        return uint256(position.shares) + position.exiting;
    }

    /// @inheritdoc IBackers
    function positionOf(address provider, address account) public view returns (Position memory position) {
        position = _positions[provider][account];
        uint32 epoch = _pools[provider].epoch;
        if (position.epoch != epoch) (position.shares, position.epoch) = (0, epoch);
    }

    /// @inheritdoc IBackers
    function totalAssets(address provider) external view returns (uint256) {
        return _pools[provider].vested();
    }

    /// @inheritdoc IBackers
    function unlockedAssets(address provider) external view returns (uint256) {
        return Math.saturatingSub(_pools[provider].assets, _pools[provider].locked);
    }

    /// @inheritdoc IBackers
    function convertToShares(address provider, uint256 assets) external view returns (uint256) {
        return _pools[provider].toShares(assets);
    }

    /// @inheritdoc IBackers
    function convertToAssets(address provider, uint256 shares) external view returns (uint256) {
        return _pools[provider].toAssets(shares);
    }

    /// @inheritdoc IBackers
    function maxWithdraw(address provider, uint24 cohort, address backer) external view returns (uint256) {
        Cohort memory leaving = _cohorts[provider][cohort];
        if (leaving.claims == 0 || _firstLocked(provider, _pools[provider], cohort) <= cohort) return 0;
        return Math.mulDiv(leaving.assets, _claims[provider][cohort][backer], leaving.claims);
    }
}
