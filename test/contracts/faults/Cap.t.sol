// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {FaultKind, PlacedReceipt} from "../../../contracts/types/Fault.sol";
import {Lot, Submission} from "../../../contracts/types/Lot.sol";
import {Item, Receipt} from "../../../contracts/types/Receipt.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {ProofTest} from "./ProofTest.sol";

contract ProveCapTest is ProofTest(FaultKind.Cap) {
    function prove(
        Book memory,
        Lot memory ofLot,
        Submission memory submission,
        uint256 index,
        PlacedReceipt memory placed
    ) internal override {
        // Other indices than the lot's are refused before the item is read.
        uint256 item = index < lot.itemCount ? lot.firstItem + index : 0;
        faults.proveCap(ofLot, submission, index, placed, items[item]);
    }

    function spoil(Book memory book, uint256 index) internal view override {
        Receipt memory receipt = book.receipts[index];
        receipt.stopReason = Books.STOP;
        receipt.outputTokens = items[receipt.itemIndex].outputTokensCap + 1;
        Books.tally(book);
    }

    // ---------------------------------------------------------------- refused

    function test_refusesAnotherItem() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        bytes32 expected = inputLeaves[FIRST_ITEM + INDEX];
        for (uint256 word = 0; word < 7; word++) {
            Item memory other = abi.decode(flip(abi.encode(items[FIRST_ITEM + INDEX]), word), (Item));
            vm.expectRevert(
                abi.encodeWithSelector(IFaults.Faults_OtherItem.selector, Hashes.hashItem(other), expected)
            );
            faults.proveCap(lot, submission, INDEX, Books.placed(book, INDEX), other);
        }
    }

    function test_refusesTokensUpToTheCaps() external {
        Book memory book = honestBook();
        Receipt memory receipt = book.receipts[INDEX];
        receipt.stopReason = Books.STOP;
        receipt.promptTokens = items[receipt.itemIndex].promptTokensCap;
        receipt.outputTokens = items[receipt.itemIndex].outputTokensCap;
        Books.tally(book);
        Submission memory submission = commit(book);
        expectNoFault(KIND, INDEX);
        prove(book, submission);
    }

    /// @dev A buyer may put items into the tree that nobody can serve: with no tokens at all they are within any cap.
    function test_attack_anItemThatAllowsNothing() external {
        Book memory book = honestBook();
        Receipt memory receipt = book.receipts[INDEX];
        Item memory item = items[receipt.itemIndex];
        (item.promptTokensCap, item.outputTokensCap) = (0, 0);
        receipt.inputLeaf = Hashes.hashItem(item);
        receipt.stopReason = Books.STOP_INVALID_INPUT;
        (receipt.promptTokens, receipt.outputTokens) = (0, 0);
        Books.tally(book);
        Submission memory submission = commit(book);
        expectNoFault(KIND, INDEX);
        faults.proveCap(lot, submission, INDEX, Books.placed(book, INDEX), item);
    }

    // ---------------------------------------------------------------- proven

    function test_slashes_onePromptTokenTooMany() external {
        Book memory book = honestBook();
        Receipt memory receipt = book.receipts[INDEX];
        receipt.stopReason = Books.STOP;
        receipt.promptTokens = items[receipt.itemIndex].promptTokensCap + 1;
        Books.tally(book);
        Submission memory submission = commit(book);
        expectProven(KIND, INDEX, address(this));
        prove(book, submission);
        assertSlashed(address(this));
    }
}
