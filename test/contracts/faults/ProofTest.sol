// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {FaultKind, PlacedReceipt} from "../../../contracts/types/Fault.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {Receipt, Totals} from "../../../contracts/types/Receipt.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {FaultsFixture} from "./FaultsFixture.sol";

/// @title What holds for every proof about one receipt
/// @notice Whoever inherits says which proof it is, and how a book comes to have that fault.
abstract contract ProofTest is FaultsFixture {
    uint256 internal constant INDEX = 4;

    FaultKind internal immutable KIND;

    constructor(FaultKind kind) {
        KIND = kind;
    }

    /// @notice Calls the proof, for what lies in `book` besides the receipt.
    function prove(
        Book memory book,
        Lot memory ofLot,
        Submission memory submission,
        uint256 index,
        PlacedReceipt memory placed
    ) internal virtual;

    /// @notice Makes the receipt at `index` have the fault, and no other.
    function spoil(Book memory book, uint256 index) internal view virtual;

    // ---------------------------------------------------------------- refused

    function test_refusesALotThatIsNotSubmitted() external {
        Book memory book = faultyBook();
        Submission memory submission = Books.submission(book);
        expectNotCommitted(lot, LotStatus.Assigned);
        prove(book, submission);
    }

    function test_refusesALotThatIsSettled() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        vm.warp(block.timestamp + WINDOW_SECONDS + 1);
        settle(lot, submission);
        expectNotCommitted(lot, LotStatus.None);
        prove(book, submission);
    }

    function test_refusesALotThatIsSlashed() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        prove(book, submission);
        expectNotCommitted(lot, LotStatus.Open);
        prove(book, submission);
    }

    function test_refusesAnotherLot() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        for (uint256 word = 0; word < 17; word++) {
            Lot memory other = abi.decode(flip(abi.encode(lot), word), (Lot));
            expectNotCommitted(other, LotStatus.None);
            prove(book, other, submission, INDEX, Books.placed(book, INDEX));
        }
    }

    function test_refusesAnotherSubmission() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        for (uint256 word = 0; word < 6; word++) {
            Submission memory other = abi.decode(flip(abi.encode(submission), word), (Submission));
            vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_OtherSubmission.selector, Hashes.lotId(lot)));
            prove(book, lot, other, INDEX, Books.placed(book, INDEX));
        }
    }

    function test_refusesAnotherReceipt() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        for (uint256 word = 0; word < 12; word++) {
            PlacedReceipt memory placed = Books.placed(book, INDEX);
            placed.receipt = abi.decode(flip(abi.encode(placed.receipt), word), (Receipt));
            expectNotInTree(INDEX);
            prove(book, lot, submission, INDEX, placed);
        }
    }

    function test_refusesOtherTotals() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        for (uint256 word = 0; word < 3; word++) {
            PlacedReceipt memory placed = Books.placed(book, INDEX);
            placed.totals = abi.decode(flip(abi.encode(placed.totals), word), (Totals));
            expectNotInTree(INDEX);
            prove(book, lot, submission, INDEX, placed);
        }
    }

    function test_refusesAnotherIndex() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        uint256[5] memory others = [INDEX - 1, INDEX + 1, INDEX + 8, INDEX + (1 << 32), type(uint256).max];
        for (uint256 i = 0; i < others.length; i++) {
            expectNotInTree(others[i]);
            prove(book, lot, submission, others[i], Books.placed(book, INDEX));
        }
    }

    function test_refusesAnotherPath() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        for (uint256 level = 0; level < 3; level++) {
            PlacedReceipt memory placed = Books.placed(book, INDEX);
            placed.path[level] ^= bytes32(uint256(1));
            expectNotInTree(INDEX);
            prove(book, lot, submission, INDEX, placed);
        }
        for (uint256 length = 0; length < 5; length++) {
            if (length == 3) continue;
            PlacedReceipt memory placed = Books.placed(book, INDEX);
            placed.path = resized(placed.path, length);
            expectNotInTree(INDEX);
            prove(book, lot, submission, INDEX, placed);
        }
    }

    /// @dev Every other receipt of the same lot is in order.
    function test_refusesReceiptsInOrder() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        for (uint256 i = 0; i < LOT_ITEMS; i++) {
            if (i == INDEX) continue;
            expectNoFault(KIND, i);
            prove(book, lot, submission, i, Books.placed(book, i));
        }
    }

    function testFuzz_refusesAnHonestCommitment(uint32 count, uint256 seed) external {
        Book memory book = commitHonest(count, seed);
        Submission memory submission = Books.submission(book);
        // Eight in a row, round the end.
        for (uint256 step = 0; step < 8; step++) {
            uint256 i = ((seed % lot.itemCount) + step) % lot.itemCount;
            expectNoFault(KIND, i);
            prove(book, lot, submission, i, Books.placed(book, i));
        }
        assertStatus(lot, LotStatus.Submitted);
    }

    // ---------------------------------------------------------------- proven

    function test_slashes() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        expectProven(KIND, INDEX, stranger);
        vm.recordLogs();
        vm.prank(stranger);
        prove(book, submission);
        assertSlashed(stranger);
        // The proof and the slash: there are no demands of which to say anything.
        assertEq(vm.getRecordedLogs().length, 2, "events");
    }

    function test_slashes_aLotWhoseWindowIsOverButNotSettled() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        vm.warp(block.timestamp + 365 days);
        expectProven(KIND, INDEX, address(this));
        prove(book, submission);
        assertSlashed(address(this));
    }

    function testFuzz_slashes_atAnyIndexOfAnyLot(uint32 count, uint256 seed, uint256 index) external {
        reopen(count, seed);
        Book memory book = honestBook();
        index = bound(index, 0, book.receipts.length - 1);
        spoil(book, index);
        Submission memory submission = commit(book);
        expectProven(KIND, index, address(this));
        prove(book, lot, submission, index, Books.placed(book, index));
        assertSlashed(address(this));
    }

    // ---------------------------------------------------------------- steps

    /// @notice A book with the fault at INDEX.
    function faultyBook() internal view returns (Book memory book) {
        book = honestBook();
        spoil(book, INDEX);
    }

    function prove(Book memory book, Submission memory submission) internal {
        prove(book, lot, submission, INDEX, Books.placed(book, INDEX));
    }
}
