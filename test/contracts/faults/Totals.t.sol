// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultKind, PlacedLeaf, PlacedReceipt} from "../../../contracts/types/Fault.sol";
import {Lot, Submission} from "../../../contracts/types/Lot.sol";
import {Totals} from "../../../contracts/types/Receipt.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {ProofTest} from "./ProofTest.sol";

contract ProveTotalsTest is ProofTest(FaultKind.Totals) {
    function prove(
        Book memory book,
        Lot memory ofLot,
        Submission memory submission,
        uint256 index,
        PlacedReceipt memory placed
    ) internal override {
        bool hasNeighbour = index > 0 && index <= book.receipts.length;
        PlacedLeaf memory previous = hasNeighbour ? Books.placedLeaf(book, index - 1) : Books.noLeaf();
        faults.proveTotals(ofLot, submission, index, previous, placed);
    }

    /// @dev From here on, so that the step from `index` to the next is in order.
    function spoil(Book memory book, uint256 index) internal pure override {
        for (uint256 i = index; i < book.totals.length; i++) book.totals[i].outputTokens++;
        Books.seal(book);
    }

    // ---------------------------------------------------------------- refused

    function test_refusesAnotherNeighbour() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        PlacedReceipt memory placed = Books.placed(book, INDEX);
        for (uint256 word = 0; word < 4; word++) {
            PlacedLeaf memory previous = Books.placedLeaf(book, INDEX - 1);
            bytes memory words = flip(abi.encode(previous.receiptHash, previous.totals), word);
            (previous.receiptHash, previous.totals) = abi.decode(words, (bytes32, Totals));
            expectNotInTree(INDEX - 1);
            faults.proveTotals(lot, submission, INDEX, previous, placed);
        }
        for (uint256 level = 0; level < 3; level++) {
            PlacedLeaf memory previous = Books.placedLeaf(book, INDEX - 1);
            previous.path[level] ^= bytes32(uint256(1));
            expectNotInTree(INDEX - 1);
            faults.proveTotals(lot, submission, INDEX, previous, placed);
        }
        for (uint256 i = 0; i < LOT_ITEMS; i++) {
            if (i == INDEX - 1) continue;
            expectNotInTree(INDEX - 1);
            faults.proveTotals(lot, submission, INDEX, Books.placedLeaf(book, i), placed);
        }
        expectNotInTree(INDEX - 1);
        faults.proveTotals(lot, submission, INDEX, Books.noLeaf(), placed);
    }

    function test_refusesTheFirstLeafWhateverIsPutBeforeIt() external {
        Book memory book = honestBook();
        Submission memory submission = commit(book);
        for (uint256 i = 0; i < LOT_ITEMS; i++) {
            expectNoFault(KIND, 0);
            faults.proveTotals(lot, submission, 0, Books.placedLeaf(book, i), Books.placed(book, 0));
        }
    }

    // ---------------------------------------------------------------- proven

    function test_slashes_eachTotalThatIsTooHighOrTooLow() external {
        uint256 snapshot = vm.snapshotState();
        for (uint256 word = 0; word < 3; word++) {
            for (uint256 up = 0; up < 2; up++) {
                Book memory book = honestBook();
                // So that no total is zero.
                (book.receipts[0].promptTokens, book.receipts[0].outputTokens) = (1, 1);
                book.receipts[1].stopReason = Books.STOP_ERROR;
                (book.receipts[1].promptTokens, book.receipts[1].outputTokens) = (0, 0);
                Books.tally(book);
                bytes memory words = abi.encode(book.totals[INDEX]);
                uint8 lowest = uint8(words[32 * word + 31]);
                words[32 * word + 31] = bytes1(up == 1 ? lowest + 1 : lowest - 1);
                book.totals[INDEX] = abi.decode(words, (Totals));
                Books.seal(book);
                _proves(book, INDEX);
                vm.revertToState(snapshot);
            }
        }
    }

    function test_slashes_anErrorThatIsNotCounted() external {
        Book memory book = honestBook();
        book.receipts[INDEX].stopReason = Books.STOP_ERROR;
        Books.seal(book);
        _proves(book, INDEX);
    }

    function test_slashes_anInvalidInputThatIsCountedAsAnError() external {
        Book memory book = honestBook();
        book.receipts[INDEX].stopReason = Books.STOP_ERROR;
        (book.receipts[INDEX].promptTokens, book.receipts[INDEX].outputTokens) = (0, 0);
        Books.tally(book);
        book.receipts[INDEX].stopReason = Books.STOP_INVALID_INPUT;
        Books.seal(book);
        _proves(book, INDEX);
    }

    function test_slashes_theFirstLeaf() external {
        Book memory book = honestBook();
        spoil(book, 0);
        _proves(book, 0);
    }

    /// @dev Starting at almost 2⁶⁴ would make the lot's totals small again.
    function test_attack_totalsThatWrapAround() external {
        Book memory book = honestBook();
        book.receipts[INDEX].outputTokens = 5;
        Books.tally(book);
        book.totals[INDEX - 1].outputTokens = type(uint64).max - 2;
        book.totals[INDEX].outputTokens = 2;
        Books.seal(book);
        _proves(book, INDEX);
    }

    function test_attack_errorsThatWrapAround() external {
        Book memory book = honestBook();
        book.receipts[INDEX].stopReason = Books.STOP_ERROR;
        (book.receipts[INDEX].promptTokens, book.receipts[INDEX].outputTokens) = (0, 0);
        Books.tally(book);
        book.totals[INDEX - 1].errors = type(uint32).max;
        book.totals[INDEX].errors = 0;
        Books.seal(book);
        _proves(book, INDEX);
    }

    function _proves(Book memory book, uint256 index) private {
        Submission memory submission = commit(book);
        expectProven(KIND, index, address(this));
        prove(book, lot, submission, index, Books.placed(book, index));
        assertSlashed(address(this));
    }
}
