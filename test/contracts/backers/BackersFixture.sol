// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {Lot, Submission} from "../../../contracts/types/Lot.sol";
import {Cohort, Pool} from "../../../contracts/types/Pool.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @title A provider with a pool, and two who back it
/// @notice Of a default lot 4,445 are the provider's own (its penalty is more than a quarter), 11,555 its backers'.
abstract contract BackersFixture is MarketFixture {
    uint16 internal constant COMMISSION_BPS = 1_000;
    uint256 internal constant OWN = Defaults.PENALTY;
    uint256 internal constant BACKED = Defaults.COLLATERAL - Defaults.PENALTY;
    uint256 internal constant PAID = Defaults.DUE - Defaults.FEE;
    /// @dev Of what a default lot pays: 90 % of floor(11,088 × 11,555 ÷ 16,000).
    uint256 internal constant EARNED = 7_206;
    /// @dev As many shares as one base unit buys first.
    uint256 internal constant SHARES = 1e6;

    address internal alice;
    address internal bob;

    function setUp() public virtual override {
        fixture();
        alice = makeAddr("alice");
        bob = makeAddr("bob");
        fund(alice, Defaults.DEPOSIT);
        fund(bob, Defaults.DEPOSIT);
        vm.prank(provider);
        backers.openPool(COMMISSION_BPS);
    }

    function back(address who, uint256 assets) internal returns (uint256 shares) {
        vm.prank(who);
        return backers.back(provider, assets);
    }

    function requestExit(address who, uint256 shares) internal returns (uint24 cohort, uint256 assets) {
        vm.prank(who);
        return backers.requestExit(provider, shares);
    }

    function exitWithAll(address who) internal returns (uint24 cohort, uint256 assets) {
        return requestExit(who, backers.positionOf(provider, who).shares);
    }

    function withdraw(address who, uint24 cohort) internal returns (uint256 assets) {
        vm.prank(who);
        return backers.withdrawExit(provider, cohort);
    }

    /// @notice A default lot, submitted.
    function submitted(uint256 nonce) internal returns (Lot memory lot) {
        (, lot) = openFilledAs(nonce);
        submit(lot);
    }

    /// @notice Takes a submitted lot's whole collateral.
    function slashed(Lot memory lot) internal {
        holdLot(lot, block.timestamp + 1 days);
        slashLot(lot, stranger, 0);
    }

    /// @notice A lot of any size, as the Market tells of it; its own part is elsewhere.
    function lockFor(uint256 graceEndsAt, uint256 amount) internal returns (bool isLocked) {
        vm.prank(address(market));
        return backers.lock(provider, uint40(graceEndsAt), amount);
    }

    /// @notice Its end.
    function unlockOf(uint256 graceEndsAt, uint256 amount, uint256 lost, uint256 earned) internal returns (uint256) {
        vm.prank(address(market));
        return backers.unlock(provider, uint40(graceEndsAt), amount, lost, earned);
    }

    function pool() internal view returns (Pool memory) {
        return backers.poolOf(provider);
    }

    function cohortAt(uint24 number) internal view returns (Cohort memory) {
        return backers.cohortOf(provider, number);
    }

    // ---------------------------------------------------------------- expectations

    /// @notice Whoever answers for a generation's lots, or for later ones', has enough for all of them.
    /// @return held What pool and cohorts have.
    function assertSolvent() internal view returns (uint256 held) {
        Pool memory now_ = pool();
        held = now_.assets;
        uint256 locked;
        uint256 behind = now_.assets;
        uint256 open;
        for (uint256 i = uint256(now_.generation) + 1; i > 0; i--) {
            Cohort memory cohort = cohortAt(uint24(i - 1));
            held += cohort.assets;
            locked += cohort.locked;
            // Who answers for this generation and later ones, and what they answer for.
            behind += cohort.assets;
            open += cohort.locked;
            assertLe(open, behind, "more is locked than is there");
        }
        assertEq(now_.locked, locked, "locked");
        return held;
    }

    /// @notice The pool's books cover its credit to the base unit, and everything that is locked.
    function assertBooks() internal view {
        assertEq(market.accountOf(address(backers)).free, assertSolvent(), "credit");
        assertEq(market.accountOf(address(backers)).locked, 0, "no lock in the ledger");

        address[10] memory accounts = [
            buyer,
            provider,
            rival,
            stranger,
            vault,
            alice,
            bob,
            address(faults),
            address(court),
            address(backers)
        ];
        uint256 sum;
        for (uint256 i = 0; i < accounts.length; i++) {
            sum += market.accountOf(accounts[i]).free;
            sum += market.accountOf(accounts[i]).locked;
        }
        assertEq(asset.balanceOf(address(market)), sum, "conservation");
    }

    function assertPool(uint256 assets, uint256 locked) internal view {
        assertEq(pool().assets, assets, "assets");
        assertEq(pool().locked, locked, "locked");
        assertBooks();
    }

    function expectNotOpen() internal {
        vm.expectRevert(abi.encodeWithSelector(IBackers.Backers_PoolNotOpen.selector, provider));
    }

    function expectStillLocked(uint24 generation, uint256 locked) internal {
        vm.expectRevert(abi.encodeWithSelector(IBackers.Backers_StillLocked.selector, provider, generation, locked));
    }

    function expectNoClaim(address who, uint24 cohort) internal {
        vm.expectRevert(abi.encodeWithSelector(IBackers.Backers_NoClaim.selector, provider, who, cohort));
    }

    function withErrors(uint32 errors) internal pure returns (Submission memory submission) {
        submission = Defaults.submission();
        submission.totals.errors = errors;
    }
}
