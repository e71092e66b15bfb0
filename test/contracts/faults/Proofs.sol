// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {PositionalTree} from "../../../contracts/libraries/PositionalTree.sol";
import {FaultKind, PlacedLeaf} from "../../../contracts/types/Fault.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, Submission} from "../../../contracts/types/Lot.sol";
import {ModelSpec} from "../../../contracts/types/ModelSpec.sol";
import {Item, Receipt} from "../../../contracts/types/Receipt.sol";
import {Book, Books} from "./Books.sol";

/// @notice A lot with all that there is to know about it.
struct Case {
    Job job;
    Lot lot;
    Submission submission;
    Book book;
    /// @dev Of the whole job.
    Item[] items;
    ModelSpec spec;
}

/// @title Faults by their kind: having one, and proving one
library Proofs {
    /// @dev Every kind but NoAnswer.
    uint256 internal constant COUNT = uint256(FaultKind.NoAnswer);
    /// @dev Longer than any honest output of these tests.
    uint256 internal constant FEW = 40;

    /// @notice The call that proves a fault of this kind at `index`, if there is one.
    function encode(FaultKind kind, Case memory c, uint256 index) internal pure returns (bytes memory) {
        Book memory book = c.book;
        if (kind == FaultKind.LotTotals) {
            PlacedLeaf memory last = Books.placedLeaf(book, book.leaves.length - 1);
            return abi.encodeCall(IFaults.proveLotTotals, (c.lot, c.submission, last));
        }
        if (kind == FaultKind.EmptyLeaf) {
            bytes32[] memory path = Books.pathOf(book.leaves, index);
            return abi.encodeCall(IFaults.proveEmptyLeaf, (c.lot, c.submission, index, book.leaves[index], path));
        }
        if (kind == FaultKind.Totals) {
            PlacedLeaf memory previous = index == 0 ? Books.noLeaf() : Books.placedLeaf(book, index - 1);
            return
                abi.encodeCall(IFaults.proveTotals, (c.lot, c.submission, index, previous, Books.placed(book, index)));
        }
        if (kind == FaultKind.Statement) {
            return abi.encodeCall(IFaults.proveStatement, (c.lot, c.submission, index, Books.placed(book, index)));
        }
        uint256 item = c.lot.firstItem + index;
        if (kind == FaultKind.Input) {
            bytes32[] memory leaves = inputLeavesOf(c.items);
            bytes32[] memory path = Books.pathOf(leaves, item);
            return
                abi.encodeCall(
                    IFaults.proveInput,
                    (c.job, c.lot, c.submission, index, Books.placed(book, index), leaves[item], path)
                );
        }
        if (kind == FaultKind.Cap) {
            return
                abi.encodeCall(
                    IFaults.proveCap,
                    (c.lot, c.submission, index, Books.placed(book, index), c.items[item])
                );
        }
        if (kind == FaultKind.Class) {
            return
                abi.encodeCall(
                    IFaults.proveClass,
                    (c.job, c.lot, c.submission, index, Books.placed(book, index), c.spec)
                );
        }
        Receipt memory receipt = book.receipts[index];
        bytes memory few = Books.tokenIds(FEW);
        bytes memory tokenIds = receipt.outputTokensHash == keccak256(few) ? few : Books.tokenIds(receipt.outputTokens);
        return abi.encodeCall(IFaults.proveCount, (c.lot, c.submission, index, Books.placed(book, index), tokenIds));
    }

    /// @notice Gives an honest case a fault of this kind at `index`, or at the last index if it can only be there.
    function spoil(FaultKind kind, Case memory c, uint256 index) internal pure {
        Book memory book = c.book;
        Receipt memory receipt = book.receipts[index];
        if (kind == FaultKind.Totals) {
            // From here on, so that the step from `index` to the next is in order.
            for (uint256 i = index; i < book.totals.length; i++) book.totals[i].outputTokens++;
            Books.seal(book);
        }
        if (kind == FaultKind.Statement) receipt.jobId = keccak256("another job");
        if (kind == FaultKind.Input) receipt.inputLeaf = keccak256("a cheaper item");
        if (kind == FaultKind.Class) receipt.classHash = keccak256("a cheaper class");
        if (kind == FaultKind.Cap) {
            receipt.stopReason = Books.STOP;
            receipt.outputTokens = c.items[c.lot.firstItem + index].outputTokensCap + 1;
        }
        if (kind == FaultKind.Count) {
            receipt.stopReason = Books.STOP;
            receipt.outputTokensHash = keccak256(Books.tokenIds(FEW));
            receipt.outputTokens = uint32(FEW + 1);
        }
        if (kind != FaultKind.Totals) Books.tally(book);
        if (kind == FaultKind.EmptyLeaf) book.leaves[index] = PositionalTree.EMPTY;
        c.submission = Books.submission(book);
        if (kind == FaultKind.LotTotals) c.submission.totals.outputTokens++;
    }

    function inputLeavesOf(Item[] memory items) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](items.length);
        for (uint256 i = 0; i < items.length; i++) leaves[i] = Hashes.hashItem(items[i]);
    }
}
