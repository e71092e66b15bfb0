// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {FaultKind, PlacedReceipt} from "../../../contracts/types/Fault.sol";
import {Lot, Submission} from "../../../contracts/types/Lot.sol";
import {Receipt} from "../../../contracts/types/Receipt.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {ProofTest} from "./ProofTest.sol";

contract ProveCountTest is ProofTest(FaultKind.Count) {
    /// @dev What `spoil` hides behind a higher count. Of another length than any honest output.
    uint256 private constant FEW = 40;

    function prove(
        Book memory book,
        Lot memory ofLot,
        Submission memory submission,
        uint256 index,
        PlacedReceipt memory placed
    ) internal override {
        bytes memory few = Books.tokenIds(FEW);
        bool spoilt = index >= book.receipts.length || book.receipts[index].outputTokensHash == keccak256(few);
        faults.proveCount(
            ofLot,
            submission,
            index,
            placed,
            spoilt ? few : Books.tokenIds(book.receipts[index].outputTokens)
        );
    }

    function spoil(Book memory book, uint256 index) internal pure override {
        Receipt memory receipt = book.receipts[index];
        receipt.stopReason = Books.STOP;
        receipt.outputTokensHash = keccak256(Books.tokenIds(FEW));
        receipt.outputTokens = uint32(FEW + 1);
        Books.tally(book);
    }

    // ---------------------------------------------------------------- refused

    function testFuzz_refusesOtherTokens(bytes memory other) external {
        Book memory book = faultyBook();
        Receipt memory receipt = book.receipts[INDEX];
        bytes32 hash = keccak256(other);
        vm.assume(hash != receipt.promptTokensHash && hash != receipt.outputTokensHash);
        Submission memory submission = commit(book);
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_OtherTokens.selector, hash));
        faults.proveCount(lot, submission, INDEX, Books.placed(book, INDEX), other);
    }

    function testFuzz_refusesAnHonestPrompt(uint32 count, uint256 seed, uint256 index) external {
        Book memory book = commitHonest(count, seed);
        index = bound(index, 0, book.receipts.length - 1);
        Receipt memory receipt = book.receipts[index];
        // Failed items hash no prompt.
        vm.assume(receipt.stopReason < Books.STOP_ERROR);
        Submission memory submission = Books.submission(book);
        expectNoFault(KIND, index);
        faults.proveCount(lot, submission, index, Books.placed(book, index), Books.tokenIds(receipt.promptTokens));
    }

    /// @dev The same tokens as prompt and as output: each count is held against its own.
    function test_refusesAnOutputThatRepeatsItsPrompt() external {
        Book memory book = honestBook();
        Receipt memory receipt = book.receipts[INDEX];
        receipt.stopReason = Books.STOP;
        (receipt.promptTokens, receipt.outputTokens) = (3, 3);
        receipt.promptTokensHash = receipt.outputTokensHash = keccak256(Books.tokenIds(3));
        Books.tally(book);
        Submission memory submission = commit(book);
        expectNoFault(KIND, INDEX);
        faults.proveCount(lot, submission, INDEX, Books.placed(book, INDEX), Books.tokenIds(3));
    }

    // ---------------------------------------------------------------- proven

    function testFuzz_slashes_anyOtherPromptCount(uint32 claimed, uint8 count) external {
        vm.assume(claimed != count);
        Book memory book = honestBook();
        Receipt memory receipt = book.receipts[INDEX];
        receipt.stopReason = Books.STOP;
        receipt.promptTokens = claimed;
        receipt.promptTokensHash = keccak256(Books.tokenIds(count));
        Books.tally(book);
        _proves(book, Books.tokenIds(count));
    }

    function test_slashes_bytesThatAreNoTokenIds() external {
        Book memory book = honestBook();
        Receipt memory receipt = book.receipts[INDEX];
        receipt.stopReason = Books.STOP;
        receipt.outputTokens = 1;
        receipt.outputTokensHash = keccak256("seven b");
        Books.tally(book);
        _proves(book, "seven b");
    }

    function test_slashes_anOutputThatRepeatsItsPromptButCountsMore() external {
        Book memory book = honestBook();
        Receipt memory receipt = book.receipts[INDEX];
        receipt.stopReason = Books.STOP;
        (receipt.promptTokens, receipt.outputTokens) = (3, 4);
        receipt.promptTokensHash = receipt.outputTokensHash = keccak256(Books.tokenIds(3));
        Books.tally(book);
        _proves(book, Books.tokenIds(3));
    }

    function _proves(Book memory book, bytes memory tokenIds) private {
        Submission memory submission = commit(book);
        expectProven(KIND, INDEX, address(this));
        faults.proveCount(lot, submission, INDEX, Books.placed(book, INDEX), tokenIds);
        assertSlashed(address(this));
    }
}
