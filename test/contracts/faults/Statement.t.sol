// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultKind, PlacedReceipt} from "../../../contracts/types/Fault.sol";
import {Lot, Submission} from "../../../contracts/types/Lot.sol";
import {Receipt} from "../../../contracts/types/Receipt.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {ProofTest} from "./ProofTest.sol";

contract ProveStatementTest is ProofTest(FaultKind.Statement) {
    function prove(
        Book memory,
        Lot memory ofLot,
        Submission memory submission,
        uint256 index,
        PlacedReceipt memory placed
    ) internal override {
        faults.proveStatement(ofLot, submission, index, placed);
    }

    function spoil(Book memory book, uint256 index) internal pure override {
        book.receipts[index].jobId = keccak256("another job");
        Books.seal(book);
    }

    function test_slashes_anotherVersion() external {
        Book memory book = honestBook();
        book.receipts[INDEX].version = 0;
        _proves(book);
    }

    function test_slashes_anotherItem() external {
        Book memory book = honestBook();
        book.receipts[INDEX].itemIndex++;
        _proves(book);
    }

    function test_slashes_anIndexThatCountsFromTheLot() external {
        Book memory book = honestBook();
        book.receipts[INDEX].itemIndex = uint32(INDEX);
        _proves(book);
    }

    function test_slashes_aStopReasonThatDoesNotExist() external {
        Book memory book = honestBook();
        Receipt memory receipt = book.receipts[INDEX];
        // Without tokens, for a failure that counts some is a fault already.
        (receipt.stopReason, receipt.promptTokens, receipt.outputTokens) = (5, 0, 0);
        _proves(book);
    }

    function test_slashes_failuresThatCountTokens() external {
        for (uint8 reason = Books.STOP_ERROR; reason <= Books.STOP_INVALID_INPUT; reason++) {
            Book memory book = honestBook();
            Receipt memory receipt = book.receipts[INDEX];
            (receipt.stopReason, receipt.promptTokens, receipt.outputTokens) = (reason, 1, 0);
            uint256 snapshot = vm.snapshotState();
            _proves(book);
            vm.revertToState(snapshot);
            (receipt.promptTokens, receipt.outputTokens) = (0, 1);
            _proves(book);
            vm.revertToState(snapshot);
        }
    }

    function test_refusesFailuresWithoutTokens() external {
        for (uint8 reason = Books.STOP_ERROR; reason <= Books.STOP_INVALID_INPUT; reason++) {
            Book memory book = honestBook();
            Receipt memory receipt = book.receipts[INDEX];
            (receipt.stopReason, receipt.promptTokens, receipt.outputTokens) = (reason, 0, 0);
            Books.tally(book);
            uint256 snapshot = vm.snapshotState();
            Submission memory submission = commit(book);
            expectNoFault(KIND, INDEX);
            prove(book, submission);
            vm.revertToState(snapshot);
        }
    }

    function _proves(Book memory book) private {
        Books.tally(book);
        Submission memory submission = commit(book);
        expectProven(KIND, INDEX, address(this));
        prove(book, submission);
        assertSlashed(address(this));
    }
}
