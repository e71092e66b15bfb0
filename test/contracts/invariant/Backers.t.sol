// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Backers} from "../../../contracts/Backers.sol";
import {Cohort, Pool, Position} from "../../../contracts/types/Pool.sol";
import {InvariantTest} from "../helpers/InvariantTest.sol";
import {BackersHandler} from "./BackersHandler.sol";

/// @notice The invariants of README.md beside this file, one test each.
contract BackersInvariantTest is InvariantTest {
    uint256 private constant ACTORS = 5;

    BackersHandler private _handler;
    Backers private _backers;

    function setUp() external {
        _handler = new BackersHandler();
        _handler.populate();
        _backers = _handler.backersHandled();
        bytes4[] memory selectors = new bytes4[](9);
        selectors[0] = BackersHandler.openPool.selector;
        selectors[1] = BackersHandler.closePool.selector;
        selectors[2] = BackersHandler.back.selector;
        selectors[3] = BackersHandler.requestExit.selector;
        selectors[4] = BackersHandler.withdrawExit.selector;
        selectors[5] = BackersHandler.usurp.selector;
        selectors[6] = BackersHandler.open.selector;
        selectors[7] = BackersHandler.end.selector;
        selectors[8] = BackersHandler.pass.selector;
        target(address(_handler), selectors);
    }

    function afterInvariant() external {
        report("Backers", _handler);
    }

    function invariant_creditIsThatOfPoolsAndCohorts() external view {
        uint256 held = _handler.donated();
        for (uint256 p = 0; p < 2; p++) {
            address whose = _handler.providerAt(p);
            Pool memory pool = _backers.poolOf(whose);
            held += pool.assets;
            for (uint24 i = 0; i <= pool.generation; i++) held += _backers.cohortOf(whose, i).assets;
        }
        assertEq(_handler.free(address(_backers)), held);
    }

    function invariant_lotsThatRunAreLockedOnBothSides() external view {
        for (uint256 p = 0; p < 2; p++) {
            address whose = _handler.providerAt(p);
            (uint256 own, uint256 backed) = _handler.collateralOf(whose);
            assertEq(_handler.lockedOf(whose), own, "own");
            Pool memory pool = _backers.poolOf(whose);
            assertEq(pool.locked, backed, "backed");
            uint256 locked;
            for (uint24 i = 0; i <= pool.generation; i++) {
                uint256 ofGeneration = _backers.cohortOf(whose, i).locked;
                locked += ofGeneration;
                assertTrue(i >= pool.firstOpen || ofGeneration == 0, "before the first that is open");
            }
            assertEq(locked, backed, "generations");
        }
    }

    function invariant_whoAnswersForLotsHasEnoughForThem() external view {
        for (uint256 p = 0; p < 2; p++) {
            address whose = _handler.providerAt(p);
            Pool memory pool = _backers.poolOf(whose);
            uint256 answering = pool.assets;
            uint256 locked;
            for (uint256 i = uint256(pool.generation) + 1; i > 0; i--) {
                Cohort memory cohort = _backers.cohortOf(whose, uint24(i - 1));
                answering += cohort.assets;
                locked += cohort.locked;
                assertLe(locked, answering, "not enough");
            }
        }
    }

    function invariant_sharesAndClaimsAreThoseOfTheirOwners() external view {
        for (uint256 p = 0; p < 2; p++) {
            address whose = _handler.providerAt(p);
            Pool memory pool = _backers.poolOf(whose);
            uint256[ACTORS] memory exiting;
            for (uint24 i = 0; i <= pool.generation; i++) {
                uint256 claims;
                for (uint256 j = 0; j < ACTORS; j++) {
                    uint256 claim = _backers.claimOf(whose, i, _handler.actorAt(j));
                    claims += claim;
                    exiting[j] += claim;
                }
                Cohort memory cohort = _backers.cohortOf(whose, i);
                assertEq(cohort.claims, claims, "claims");
                assertLe(cohort.assets, cohort.claims, "more than was left with");
            }
            uint256 shares;
            for (uint256 j = 0; j < ACTORS; j++) {
                Position memory position = _backers.positionOf(whose, _handler.actorAt(j));
                shares += position.shares;
                assertEq(position.exiting, exiting[j], "exiting");
            }
            assertEq(pool.shares, shares, "shares");
            assertTrue(shares != 0 || pool.assets == 0, "assets of nobody");
        }
    }

    /// @notice First losses, gifts, others' calls, payments: what the handler looks at as it goes.
    function invariant_noCallDoesWhatNoneMay() external view {
        assertEq(_handler.wrong(), "");
    }

    /// @dev What it changes is undone by the runner.
    function invariant_everyShareHasAnExit() external {
        _handler.endAll();
        assertEq(_handler.wrong(), "");
        assertEq(_handler.free(address(_backers)), _handler.donated(), "a share without an exit");
        for (uint256 p = 0; p < 2; p++) {
            for (uint256 j = 0; j < ACTORS; j++) {
                assertEq(_backers.sharesOf(_handler.providerAt(p), _handler.actorAt(j)), 0, "left over");
            }
        }
    }
}
