// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {PositionalTree} from "../../../contracts/libraries/PositionalTree.sol";
import {PlacedLeaf, PlacedReceipt} from "../../../contracts/types/Fault.sol";
import {Submission} from "../../../contracts/types/Lot.sol";
import {Item, Receipt, Totals} from "../../../contracts/types/Receipt.sol";

/// @notice What a provider wrote about a lot. Honest as `Books.write` makes it; tests then spoil what they are about.
struct Book {
    Receipt[] receipts;
    /// @dev Running totals, one for each receipt.
    Totals[] totals;
    bytes32[] leaves;
}

/// @title Writing books, and the trees over them
/// @notice Slow and plain: the tree is hashed anew for each node that is asked for.
library Books {
    uint8 internal constant STOP = 0;
    uint8 internal constant STOP_ERROR = 3;
    uint8 internal constant STOP_INVALID_INPUT = 4;

    /// @notice An honest book over `count` of the job's `items` from `firstItem` on. `seed` decides how each ended and how
    /// much it took.
    function write(
        bytes32 jobId,
        bytes32 classHash,
        Item[] memory items,
        uint256 firstItem,
        uint256 count,
        uint256 seed
    ) internal pure returns (Book memory book) {
        book.receipts = new Receipt[](count);
        for (uint256 i = 0; i < count; i++) {
            Item memory item = items[firstItem + i];
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            Receipt memory receipt = book.receipts[i];
            receipt.version = 1;
            receipt.jobId = jobId;
            receipt.itemIndex = item.index;
            receipt.classHash = classHash;
            receipt.inputLeaf = Hashes.hashItem(item);
            // Mostly the first three.
            receipt.stopReason = uint8(dice % 8 < 6 ? dice % 3 : STOP_ERROR + (dice % 2));
            receipt.outputTokensHash = keccak256("");
            if (receipt.stopReason < STOP_ERROR) {
                receipt.promptTokens = uint32((dice >> 32) % (uint256(item.promptTokensCap) + 1));
                receipt.outputTokens = uint32((dice >> 64) % (uint256(item.outputTokensCap) + 1));
                receipt.promptTokensHash = keccak256(tokenIds(receipt.promptTokens));
                receipt.outputTokensHash = keccak256(tokenIds(receipt.outputTokens));
            }
            receipt.salt = keccak256(abi.encode("receipt salt", seed, i));
        }
        tally(book);
    }

    /// @notice Adds up the running totals anew, then hashes the leaves.
    function tally(Book memory book) internal pure {
        book.totals = new Totals[](book.receipts.length);
        Totals memory sum;
        for (uint256 i = 0; i < book.receipts.length; i++) {
            Receipt memory receipt = book.receipts[i];
            sum.promptTokens += receipt.promptTokens;
            sum.outputTokens += receipt.outputTokens;
            if (receipt.stopReason == STOP_ERROR) sum.errors++;
            book.totals[i] = Totals(sum.promptTokens, sum.outputTokens, sum.errors);
        }
        seal(book);
    }

    /// @notice Hashes the leaves as receipts and totals now are.
    function seal(Book memory book) internal pure {
        book.leaves = new bytes32[](book.receipts.length);
        for (uint256 i = 0; i < book.leaves.length; i++) {
            book.leaves[i] = Hashes.hashReceiptLeaf(Hashes.hashReceipt(book.receipts[i]), book.totals[i]);
        }
    }

    /// @notice What commits to the book. Its totals are a copy of the last receipt's.
    function submission(Book memory book) internal pure returns (Submission memory) {
        Totals memory last = book.totals[book.totals.length - 1];
        return
            Submission({
                root: rootOf(book.leaves),
                resultsHash: keccak256("results"),
                resultsKeyHash: keccak256("results key"),
                totals: Totals(last.promptTokens, last.outputTokens, last.errors)
            });
    }

    function placed(Book memory book, uint256 index) internal pure returns (PlacedReceipt memory) {
        return PlacedReceipt(book.receipts[index], book.totals[index], pathOf(book.leaves, index));
    }

    function placedLeaf(Book memory book, uint256 index) internal pure returns (PlacedLeaf memory) {
        return PlacedLeaf(Hashes.hashReceipt(book.receipts[index]), book.totals[index], pathOf(book.leaves, index));
    }

    /// @notice For the first leaf, which has none before it.
    function noLeaf() internal pure returns (PlacedLeaf memory leaf) {
        return leaf;
    }

    /// @notice Some `count` token ids, as receipts hash them.
    function tokenIds(uint256 count) internal pure returns (bytes memory ids) {
        ids = new bytes(4 * count);
        for (uint256 i = 0; i < count; i++) ids[4 * i] = bytes1(uint8(i));
    }

    function rootOf(bytes32[] memory leaves) internal pure returns (bytes32) {
        return _node(leaves, PositionalTree.depthOf(leaves.length), 0);
    }

    function pathOf(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory path) {
        path = new bytes32[](PositionalTree.depthOf(leaves.length));
        for (uint256 level = 0; level < path.length; level++) path[level] = _node(leaves, level, (index >> level) ^ 1);
    }

    function _node(bytes32[] memory leaves, uint256 level, uint256 index) private pure returns (bytes32) {
        if (level == 0) return index < leaves.length ? leaves[index] : PositionalTree.PAD;
        return PositionalTree.hashNode(_node(leaves, level - 1, 2 * index), _node(leaves, level - 1, 2 * index + 1));
    }
}
