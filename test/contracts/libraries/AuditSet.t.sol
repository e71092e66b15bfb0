// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuditSet} from "../../../contracts/libraries/AuditSet.sol";
import {PositionalTree} from "../../../contracts/libraries/PositionalTree.sol";
import {VectorsTest} from "../helpers/VectorsTest.sol";
import {vm} from "../helpers/Vm.sol";

contract AuditSetTest is VectorsTest {
    function setUp() external {
        load("auditSet");
    }

    // ---------------------------------------------------------------- vectors

    function test_constants_matchTheirVectors() external view {
        assertEq(AuditSet.POSITIONS, readUint(".positions", ""));
        assertEq(AuditSet.ATTEMPTS, readUint(".attempts", ""));
    }

    function test_itemAt_matchesEveryVector() external view {
        uint256 sets = lengthOf(".sets");
        assertEq(sets, 8);
        for (uint256 i = 0; i < sets; i++) {
            string memory set = item(".sets", i);
            bytes32 seed = AuditSet.seedOf(readHash(set, ".secret"), readHash(set, ".commitment"));
            assertEq(seed, readHash(set, ".seed"));
            uint256 itemCount = readUint(set, ".itemCount");
            string memory items = string.concat(set, ".items");
            uint256 length = lengthOf(items);
            assertEq(AuditSet.lengthOf(itemCount), length);
            for (uint256 position = 0; position < length; position++) {
                assertEq(AuditSet.itemAt(seed, itemCount, position), readUint(item(items, position), ""), items);
            }
        }
    }

    function test_verify_acceptsEveryVector() external view {
        uint256 trees = lengthOf(".trees");
        assertEq(trees, 4);
        uint256 lots;
        for (uint256 t = 0; t < trees; t++) {
            string memory tree = item(".trees", t);
            uint256 length = lengthOf(string.concat(tree, ".lots"));
            for (uint256 i = 0; i < length; i++) {
                string memory lot = item(string.concat(tree, ".lots"), i);
                bool isProven = this.verify(
                    readHash(tree, ".auditRoot"),
                    readUint(tree, ".itemCount"),
                    readUint(lot, ".firstItem"),
                    readUint(lot, ".attempt"),
                    readHash(lot, ".secret"),
                    readHashes(lot, ".path")
                );
                assertTrue(isProven, lot);
                lots++;
            }
        }
        assertEq(lots, 3 * (1 + 2 + 5 + 5));
    }

    // ---------------------------------------------------------------- positions

    function testFuzz_itemAt_givesEveryItemOfASmallLotOnce(bytes32 seed, uint256 itemCount) external pure {
        itemCount = bound(itemCount, 1, 128);
        assertEq(AuditSet.lengthOf(itemCount), itemCount);
        for (uint256 i = 0; i < itemCount; i++) assertEq(AuditSet.itemAt(seed, itemCount, i), i);
    }

    function testFuzz_itemAt_isAnItemOfTheLot(bytes32 seed, uint256 itemCount, uint256 position) external pure {
        itemCount = bound(itemCount, 129, type(uint32).max);
        position = bound(position, 0, 127);
        uint256 index = AuditSet.itemAt(seed, itemCount, position);
        assertLe(index + 1, itemCount, "beyond the lot");
        assertEq(index, uint256(keccak256(bytes.concat(seed, bytes32(position)))) % itemCount);
    }

    function testFuzz_itemAt_refusesAPositionThatThereIsNot(bytes32 seed, uint256 count, uint256 position) external {
        count = bound(count, 0, type(uint32).max);
        uint256 length = count < 128 ? count : 128;
        position = bound(position, length, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(AuditSet.AuditSet_OutOfRange.selector, position, length));
        this.itemAt(seed, count, position);
    }

    function testFuzz_seedOf_bindsSecretAndCommitment(bytes32 secret, bytes32 commitment, uint256 bit) external pure {
        bytes32 flip = bytes32(1 << (bit % 256));
        bytes32 seed = AuditSet.seedOf(secret, commitment);
        assertEq(seed, keccak256(bytes.concat(secret, commitment)));
        assertTrue(AuditSet.seedOf(secret ^ flip, commitment) != seed, "another secret");
        assertTrue(AuditSet.seedOf(secret, commitment ^ flip) != seed, "another commitment");
    }

    /// @dev Chi-squared with 9 degrees of freedom: below 33.7 in all but one of 10,000 honest draws; the seeds are fixed.
    function test_itemAt_drawsEveryPartOfALotAlike() external pure {
        uint256[10] memory counts;
        for (uint256 i = 0; i < 100; i++) {
            for (uint256 j = 0; j < 128; j++) counts[AuditSet.itemAt(keccak256(abi.encode(i)), 1_000, j) / 100]++;
        }
        uint256 squares;
        for (uint256 i = 0; i < 10; i++) squares += (counts[i] * 10) ** 2;
        // Σ (count − 1,280)² ÷ 1,280 = Σ count² ÷ 1,280 − 12,800.
        assertLe(squares / 1_280, 1_280_000 + 3_370, "chi-squared");
    }

    // ---------------------------------------------------------------- secrets

    function testFuzz_leafOf_isTheEndOfTheChain(bytes32 start, uint256 attempt) external pure {
        attempt = bound(attempt, 0, 7);
        bytes32 secret = _secretOf(start, attempt);
        bytes32 leaf = keccak256(bytes.concat(_secretOf(start, 0)));
        assertEq(AuditSet.leafOf(secret, attempt), leaf);
    }

    /// @dev What a challenge of one assignment shows is no secret of any later one, nor leads to it.
    function testFuzz_attack_aSecretOfAnEarlierAssignment(bytes32 start, uint256 attempt, uint256 shown) external view {
        attempt = bound(attempt, 1, 7);
        shown = bound(shown, 0, attempt - 1);
        bytes32 root = AuditSet.leafOf(_secretOf(start, 0), 0);
        bytes32 secret = _secretOf(start, shown);
        for (uint256 i = 0; i <= 8; i++) {
            assertTrue(!this.verify(root, 1, 0, attempt, secret, new bytes32[](0)), "an earlier secret");
            secret = keccak256(bytes.concat(secret));
        }
    }

    function testFuzz_verify_acceptsOnlyTheTruth(
        bytes32 start,
        uint256 lot,
        uint256 attempt,
        bytes32 corrupted,
        uint256 which
    ) external view {
        (lot, attempt) = (bound(lot, 0, 3), bound(attempt, 0, 7));
        bytes32 secret = _secretOf(keccak256(abi.encode(start, lot)), attempt);
        (bytes32 root, bytes32[] memory path) = _treeOfFour(start, lot);
        assertTrue(this.verify(root, 4, lot, attempt, secret, path), "truth refused");
        assertTrue(this.verify(root, 3, lot, attempt, secret, path) == (lot < 3), "another count");

        assertTrue(!this.verify(corrupted, 4, lot, attempt, secret, path) || corrupted == root, "any root");
        assertTrue(!this.verify(root, 4, lot, attempt, corrupted, path) || corrupted == secret, "any secret");
        assertTrue(!this.verify(root, 4, (lot + 1 + (which % 3)) % 4, attempt, secret, path), "any item");
        assertTrue(!this.verify(root, 4, lot, (attempt + 1 + (which % 7)) % 8, secret, path), "any assignment");
        bytes32 sibling = path[which % 2];
        path[which % 2] = corrupted;
        assertTrue(!this.verify(root, 4, lot, attempt, secret, path) || corrupted == sibling, "any path");
        assertTrue(!this.verify(root, 4, lot, attempt, secret, new bytes32[](1)), "a short path");
    }

    /// @dev Also where its leaf was made of a longer chain than there may be.
    function testFuzz_verify_knowsNoAssignmentBeyondTheEighth(bytes32 secret, uint256 attempt) external view {
        uint256 last = 7;
        bytes32 root = AuditSet.leafOf(secret, last);
        assertTrue(this.verify(root, 1, 0, last, secret, new bytes32[](0)), "the eighth");
        root = AuditSet.leafOf(secret, last + 1);
        assertTrue(!this.verify(root, 1, 0, last + 1, secret, new bytes32[](0)), "the ninth");
        // In no time: there is no chain to follow.
        attempt = bound(attempt, 8, type(uint256).max);
        assertTrue(!this.verify{gas: 50_000}(root, 1, 0, attempt, secret, new bytes32[](0)), "any later one");
    }

    // ---------------------------------------------------------------- helpers

    /// @notice Calls the library with calldata.
    function verify(
        bytes32 auditRoot,
        uint256 jobItems,
        uint256 firstItem,
        uint256 attempt,
        bytes32 secret,
        bytes32[] calldata path
    ) external pure returns (bool) {
        return AuditSet.verify(auditRoot, jobItems, firstItem, attempt, secret, path);
    }

    /// @notice Calls the library so that it can revert.
    function itemAt(bytes32 seed, uint256 itemCount, uint256 position) external pure returns (uint256) {
        return AuditSet.itemAt(seed, itemCount, position);
    }

    /// @dev Of a chain of eight that begins with `start`, whose last link is the first assignment's.
    function _secretOf(bytes32 start, uint256 attempt) private pure returns (bytes32 secret) {
        secret = start;
        for (uint256 i = attempt; i < 7; i++) secret = keccak256(bytes.concat(secret));
    }

    /// @dev The tree over four chains, each of which begins with a hash of `start`.
    function _treeOfFour(bytes32 start, uint256 index) private pure returns (bytes32 root, bytes32[] memory path) {
        bytes32[4] memory leaves;
        for (uint256 i = 0; i < 4; i++) {
            leaves[i] = keccak256(bytes.concat(_secretOf(keccak256(abi.encode(start, i)), 0)));
        }
        bytes32[2] memory nodes = [
            PositionalTree.hashNode(leaves[0], leaves[1]),
            PositionalTree.hashNode(leaves[2], leaves[3])
        ];
        path = new bytes32[](2);
        (path[0], path[1]) = (leaves[index ^ 1], nodes[(index >> 1) ^ 1]);
        root = PositionalTree.hashNode(nodes[0], nodes[1]);
    }
}
