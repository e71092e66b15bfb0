// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PositionalTree} from "../../../contracts/libraries/PositionalTree.sol";
import {VectorsTest} from "../helpers/VectorsTest.sol";

contract PositionalTreeTest is VectorsTest {
    function setUp() external {
        load("tree");
    }

    // ---------------------------------------------------------------- vectors

    function test_constants_matchTheirVectors() external view {
        assertEq(PositionalTree.NODE, readHash(".node", ""));
        assertEq(PositionalTree.PAD, readHash(".pad", ""));
        assertEq(PositionalTree.EMPTY, readHash(".empty", ""));
        assertTrue(PositionalTree.EMPTY != PositionalTree.PAD, "leaving out is not provable");
    }

    function test_verify_acceptsEveryVector() external view {
        uint256 trees = lengthOf(".trees");
        assertEq(trees, 10);
        uint256 paths;
        for (uint256 t = 0; t < trees; t++) {
            string memory tree = item(".trees", t);
            uint256 count = readUint(tree, ".count");
            bytes32 root = readHash(tree, ".root");
            assertEq(root, _rootOf(count), "root");
            uint256 length = lengthOf(string.concat(tree, ".paths"));
            for (uint256 i = 0; i < length; i++) {
                string memory key = item(string.concat(tree, ".paths"), i);
                uint256 index = readUint(key, ".index");
                bytes32 leaf = readHash(key, ".leaf");
                assertEq(leaf, _leafAt(index));
                assertTrue(this.verify(root, count, leaf, index, readHashes(key, ".path")), key);
                paths++;
            }
        }
        assertEq(paths, 45 + 7);
    }

    // ---------------------------------------------------------------- depth

    function test_depthOf_isTheCeilingOfTheLogarithm() external pure {
        uint8[10] memory depths = [0, 1, 2, 2, 3, 3, 3, 3, 4, 4];
        for (uint256 i = 0; i < depths.length; i++) assertEq(PositionalTree.depthOf(i + 1), depths[i]);
        assertEq(PositionalTree.depthOf(type(uint32).max), 32);
    }

    // ---------------------------------------------------------------- corruption

    function testFuzz_verify_acceptsOnlyTheTruth(
        uint256 count,
        uint256 index,
        bytes32 corrupted,
        uint256 which
    ) external view {
        count = bound(count, 1, 70);
        index = bound(index, 0, count - 1);
        bytes32 root = _rootOf(count);
        bytes32 leaf = _leafAt(index);
        bytes32[] memory path = _pathOf(count, index);
        assertTrue(this.verify(root, count, leaf, index, path), "truth refused");

        assertTrue(!this.verify(corrupted, count, leaf, index, path) || corrupted == root, "any root");
        assertTrue(!this.verify(root, count, corrupted, index, path) || corrupted == leaf, "any leaf");
        uint256 otherIndex = which % count;
        assertTrue(!this.verify(root, count, leaf, otherIndex, path) || otherIndex == index, "any index");
        assertTrue(!this.verify(root, count, leaf, count + (which % 100), path), "beyond the count");
        if (path.length > 0) {
            bytes32 sibling = path[which % path.length];
            path[which % path.length] = corrupted;
            assertTrue(!this.verify(root, count, leaf, index, path) || corrupted == sibling, "any path");
        }
    }

    function testFuzz_verify_refusesPathsOfAnotherLength(uint256 count, uint256 index, bytes32 extra) external view {
        count = bound(count, 2, 70);
        index = bound(index, 0, count - 1);
        bytes32 root = _rootOf(count);
        bytes32[] memory path = _pathOf(count, index);
        bytes32[] memory longer = new bytes32[](path.length + 1);
        bytes32[] memory shorter = new bytes32[](path.length - 1);
        for (uint256 i = 0; i < path.length; i++) longer[i] = path[i];
        for (uint256 i = 0; i < shorter.length; i++) shorter[i] = path[i];
        longer[path.length] = extra;
        assertTrue(!this.verify(root, count, _leafAt(index), index, longer), "longer");
        assertTrue(!this.verify(root, count, _leafAt(index), index, shorter), "shorter");
    }

    /// @dev Padding is not an item: an index beyond the count is refused even with a true path to it.
    function test_verify_refusesPadding() external view {
        assertTrue(!this.verify(_rootOf(3), 3, PositionalTree.PAD, 3, _pathOf(3, 3)), "padding as an item");
    }

    /// @dev An inner node is not a leaf: its path is too short for the count.
    function test_verify_refusesAnInnerNodeAsALeaf() external view {
        bytes32 inner = PositionalTree.hashNode(_leafAt(0), _leafAt(1));
        bytes32[] memory path = new bytes32[](1);
        path[0] = PositionalTree.hashNode(_leafAt(2), _leafAt(3));
        assertEq(PositionalTree.hashNode(inner, path[0]), _rootOf(4));
        assertTrue(!this.verify(_rootOf(4), 4, inner, 0, path), "inner node as a leaf");
    }

    function test_verify_takesOneLeafAsItsOwnRoot() external view {
        assertTrue(this.verify(_leafAt(0), 1, _leafAt(0), 0, new bytes32[](0)), "one leaf");
    }

    // ---------------------------------------------------------------- helpers

    function verify(
        bytes32 root,
        uint256 count,
        bytes32 leaf,
        uint256 index,
        bytes32[] calldata path
    ) external pure returns (bool) {
        return PositionalTree.verify(root, count, leaf, index, path);
    }

    function _leafAt(uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode(index));
    }

    /// @dev One level of the padded tree above `nodes`.
    function _above(bytes32[] memory nodes) private pure returns (bytes32[] memory parents) {
        parents = new bytes32[](nodes.length / 2);
        for (uint256 i = 0; i < parents.length; i++) {
            parents[i] = keccak256(abi.encode(PositionalTree.NODE, nodes[2 * i], nodes[2 * i + 1]));
        }
    }

    function _bottom(uint256 count) private pure returns (bytes32[] memory nodes) {
        uint256 width = 1;
        while (width < count) width *= 2;
        nodes = new bytes32[](width);
        for (uint256 i = 0; i < width; i++) nodes[i] = i < count ? _leafAt(i) : PositionalTree.PAD;
    }

    function _rootOf(uint256 count) private pure returns (bytes32) {
        bytes32[] memory nodes = _bottom(count);
        while (nodes.length > 1) nodes = _above(nodes);
        return nodes[0];
    }

    function _pathOf(uint256 count, uint256 index) private pure returns (bytes32[] memory path) {
        path = new bytes32[](PositionalTree.depthOf(count));
        bytes32[] memory nodes = _bottom(count);
        for (uint256 level = 0; level < path.length; level++) {
            path[level] = nodes[(index >> level) ^ 1];
            nodes = _above(nodes);
        }
    }
}
