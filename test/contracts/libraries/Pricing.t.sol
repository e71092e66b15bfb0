// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pricing} from "../../../contracts/libraries/Pricing.sol";
import {VectorsTest} from "../helpers/VectorsTest.sol";

contract PricingTest is VectorsTest {
    function setUp() external {
        load("pricing");
    }

    // ---------------------------------------------------------------- vectors

    function test_costUp_matchesItsVectors() external view {
        for (uint256 i = 0; i < 8; i++) {
            string memory key = item(".costUp", i);
            uint256 cost = Pricing.costUp(
                readUint(key, ".promptTokens"),
                readUint(key, ".outputTokens"),
                uint64(readUint(key, ".promptPricePerMillion")),
                uint64(readUint(key, ".outputPricePerMillion"))
            );
            assertEq(cost, readUint(key, ".cost"), key);
        }
        assertEq(lengthOf(".costUp"), 8);
    }

    function test_share_matchesItsVectors() external view {
        for (uint256 i = 0; i < 7; i++) {
            string memory key = item(".share", i);
            (uint256 amount, uint256 bps) = (readUint(key, ".amount"), readUint(key, ".bps"));
            assertEq(Pricing.shareUp(amount, bps), readUint(key, ".up"), key);
            assertEq(Pricing.shareDown(amount, bps), readUint(key, ".down"), key);
        }
        assertEq(lengthOf(".share"), 7);
    }

    function test_ramp_matchesItsVectors() external view {
        for (uint256 i = 0; i < 11; i++) {
            string memory key = item(".ramp", i);
            uint64 price = Pricing.ramp(
                uint64(readUint(key, ".from")),
                uint64(readUint(key, ".to")),
                readUint(key, ".elapsed"),
                uint32(readUint(key, ".rampSeconds"))
            );
            assertEq(price, readUint(key, ".price"), key);
        }
        assertEq(lengthOf(".ramp"), 11);
    }

    // ---------------------------------------------------------------- properties

    function testFuzz_costUp_isTheLeastThatCovers(uint64 prompt, uint64 output, uint64 a, uint64 b) external pure {
        uint256 exact = uint256(prompt) * a + uint256(output) * b;
        uint256 cost = Pricing.costUp(prompt, output, a, b);
        assertGe(cost * 1e6, exact, "does not cover");
        if (cost > 0) assertLe((cost - 1) * 1e6, exact, "not the least");
    }

    /// @dev What makes an escrow counted by the item always cover a lot's value.
    function testFuzz_costUp_ofTheWholeIsAtMostTheSumOfItsItems(
        uint32 items,
        uint32 prompt,
        uint32 output,
        uint64 a,
        uint64 b
    ) external pure {
        uint256 whole = Pricing.costUp(uint256(items) * prompt, uint256(items) * output, a, b);
        assertLe(whole, uint256(items) * Pricing.costUp(prompt, output, a, b), "above the sum");
    }

    function testFuzz_share_roundsApartByOneAtMost(uint96 amount, uint16 bps) external pure {
        uint256 up = Pricing.shareUp(amount, bps);
        uint256 down = Pricing.shareDown(amount, bps);
        assertLe(down, up, "down above up");
        assertLe(up, down + 1, "apart");
        assertEq(up == down, (uint256(amount) * bps) % 10_000 == 0);
    }

    function testFuzz_ramp_climbsFromStartToLimit(
        uint64 from,
        uint64 to,
        uint256 early,
        uint256 late,
        uint32 rampSeconds
    ) external pure {
        if (from > to) (from, to) = (to, from);
        late = bound(late, 0, 2 * uint256(type(uint32).max));
        early = bound(early, 0, late);
        uint64 before = Pricing.ramp(from, to, early, rampSeconds);
        uint64 afterwards = Pricing.ramp(from, to, late, rampSeconds);
        assertGe(before, from, "below its start");
        assertLe(before, afterwards, "falls");
        assertLe(afterwards, to, "above its limit");
        assertEq(Pricing.ramp(from, to, rampSeconds, rampSeconds), to);
    }
}
