// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {FaultKind, PlacedLeaf} from "../../../contracts/types/Fault.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {Totals} from "../../../contracts/types/Receipt.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {FaultsFixture} from "./FaultsFixture.sol";

contract ProveLotTotalsTest is FaultsFixture {
    uint256 private constant LAST = LOT_ITEMS - 1;

    // ---------------------------------------------------------------- refused

    function test_refusesALotThatIsNotSubmitted() external {
        (Book memory book, Submission memory submission) = _overstated();
        expectNotCommitted(lot, LotStatus.Assigned);
        faults.proveLotTotals(lot, submission, Books.placedLeaf(book, LAST));
    }

    function test_refusesAnotherLot() external {
        (Book memory book, Submission memory submission) = _overstated();
        submit(lot, submission);
        for (uint256 word = 0; word < 17; word++) {
            Lot memory other = abi.decode(flip(abi.encode(lot), word), (Lot));
            expectNotCommitted(other, LotStatus.None);
            faults.proveLotTotals(other, submission, Books.placedLeaf(book, LAST));
        }
    }

    function test_refusesAnotherSubmission() external {
        (Book memory book, Submission memory submission) = _overstated();
        submit(lot, submission);
        for (uint256 word = 0; word < 6; word++) {
            Submission memory other = abi.decode(flip(abi.encode(submission), word), (Submission));
            vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_OtherSubmission.selector, Hashes.lotId(lot)));
            faults.proveLotTotals(lot, other, Books.placedLeaf(book, LAST));
        }
    }

    function test_refusesAnotherLeaf() external {
        (Book memory book, Submission memory submission) = _overstated();
        submit(lot, submission);
        for (uint256 i = 0; i < LAST; i++) {
            expectNotInTree(LAST);
            faults.proveLotTotals(lot, submission, Books.placedLeaf(book, i));
        }
        for (uint256 word = 0; word < 4; word++) {
            PlacedLeaf memory last = Books.placedLeaf(book, LAST);
            bytes memory words = flip(abi.encode(last.receiptHash, last.totals), word);
            (last.receiptHash, last.totals) = abi.decode(words, (bytes32, Totals));
            expectNotInTree(LAST);
            faults.proveLotTotals(lot, submission, last);
        }
    }

    function test_refusesAnotherPath() external {
        (Book memory book, Submission memory submission) = _overstated();
        submit(lot, submission);
        for (uint256 level = 0; level < 3; level++) {
            PlacedLeaf memory last = Books.placedLeaf(book, LAST);
            last.path[level] ^= bytes32(uint256(1));
            expectNotInTree(LAST);
            faults.proveLotTotals(lot, submission, last);
        }
        for (uint256 length = 2; length < 5; length += 2) {
            PlacedLeaf memory last = Books.placedLeaf(book, LAST);
            last.path = resized(last.path, length);
            expectNotInTree(LAST);
            faults.proveLotTotals(lot, submission, last);
        }
    }

    function testFuzz_refusesAnHonestCommitment(uint32 count, uint256 seed) external {
        Book memory book = commitHonest(count, seed);
        Submission memory submission = Books.submission(book);
        uint256 last = book.receipts.length - 1;
        // Eight at most before the last.
        for (uint256 i = last < 8 ? 0 : last - 8; i < last; i++) {
            expectNotInTree(last);
            faults.proveLotTotals(lot, submission, Books.placedLeaf(book, i));
        }
        expectNoFault(FaultKind.LotTotals, last);
        faults.proveLotTotals(lot, submission, Books.placedLeaf(book, last));
        assertStatus(lot, LotStatus.Submitted);
    }

    // ---------------------------------------------------------------- proven

    function testFuzz_slashes_anyOtherTotals(uint32 count, uint256 seed, Totals memory totals) external {
        reopen(count, seed);
        Book memory book = honestBook();
        Submission memory submission = Books.submission(book);
        vm.assume(keccak256(abi.encode(totals)) != keccak256(abi.encode(submission.totals)));
        // The Market refuses more errors than items.
        totals.errors = uint32(bound(totals.errors, 0, lot.itemCount));
        submission.totals = totals;
        submit(lot, submission);
        uint256 last = book.receipts.length - 1;
        expectProven(FaultKind.LotTotals, last, address(this));
        faults.proveLotTotals(lot, submission, Books.placedLeaf(book, last));
        assertSlashed(address(this));
    }

    function test_slashes_eachTotalAlone() external {
        uint256 snapshot = vm.snapshotState();
        for (uint256 word = 3; word < 6; word++) {
            Book memory book = honestBook();
            Submission memory submission = Books.submission(book);
            submission = abi.decode(flip(abi.encode(submission), word), (Submission));
            submit(lot, submission);
            expectProven(FaultKind.LotTotals, LAST, address(this));
            faults.proveLotTotals(lot, submission, Books.placedLeaf(book, LAST));
            assertSlashed(address(this));
            vm.revertToState(snapshot);
        }
    }

    function _overstated() private view returns (Book memory book, Submission memory submission) {
        book = honestBook();
        submission = Books.submission(book);
        submission.totals.outputTokens += 100;
    }
}
