// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {PositionalTree} from "../../../contracts/libraries/PositionalTree.sol";
import {FaultKind} from "../../../contracts/types/Fault.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {FaultsFixture} from "./FaultsFixture.sol";

contract ProveEmptyLeafTest is FaultsFixture {
    uint256 private constant INDEX = 4;
    bytes32 private constant EMPTY = PositionalTree.EMPTY;
    bytes32 private constant PAD = PositionalTree.PAD;

    // ---------------------------------------------------------------- refused

    function test_refusesALotThatIsNotSubmitted() external {
        Book memory book = _emptied(EMPTY, INDEX);
        Submission memory submission = Books.submission(book);
        expectNotCommitted(lot, LotStatus.Assigned);
        _prove(book, submission, EMPTY, INDEX);
    }

    function test_refusesAnotherLot() external {
        Book memory book = _emptied(EMPTY, INDEX);
        Submission memory submission = commit(book);
        bytes32[] memory path = Books.pathOf(book.leaves, INDEX);
        for (uint256 word = 0; word < 17; word++) {
            Lot memory other = abi.decode(flip(abi.encode(lot), word), (Lot));
            expectNotCommitted(other, LotStatus.None);
            faults.proveEmptyLeaf(other, submission, INDEX, EMPTY, path);
        }
    }

    function test_refusesAnotherSubmission() external {
        Book memory book = _emptied(EMPTY, INDEX);
        Submission memory submission = commit(book);
        for (uint256 word = 0; word < 6; word++) {
            Submission memory other = abi.decode(flip(abi.encode(submission), word), (Submission));
            vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_OtherSubmission.selector, Hashes.lotId(lot)));
            _prove(book, other, EMPTY, INDEX);
        }
    }

    function test_refusesAnotherIndexOrPathOrTheOtherEmptyLeaf() external {
        Book memory book = _emptied(EMPTY, INDEX);
        Submission memory submission = commit(book);
        bytes32[] memory path = Books.pathOf(book.leaves, INDEX);
        expectNotInTree(INDEX);
        faults.proveEmptyLeaf(lot, submission, INDEX, PAD, path);
        expectNotInTree(INDEX + 1);
        faults.proveEmptyLeaf(lot, submission, INDEX + 1, EMPTY, path);
        expectNotInTree(INDEX + 8);
        faults.proveEmptyLeaf(lot, submission, INDEX + 8, EMPTY, path);
        expectNotInTree(INDEX);
        faults.proveEmptyLeaf(lot, submission, INDEX, EMPTY, resized(path, 2));
        expectNotInTree(INDEX);
        faults.proveEmptyLeaf(lot, submission, INDEX, EMPTY, resized(path, 4));
        path[1] ^= bytes32(uint256(1));
        expectNotInTree(INDEX);
        faults.proveEmptyLeaf(lot, submission, INDEX, EMPTY, path);
    }

    /// @dev The eighth leaf of a tree of seven is padding, and so it must be.
    function test_attack_thePaddingBehindTheLastLeafIsNoFault() external {
        Book memory book = honestBook();
        Submission memory submission = commit(book);
        expectNotInTree(LOT_ITEMS);
        _prove(book, submission, PAD, LOT_ITEMS);
    }

    function testFuzz_refusesAnHonestCommitment(uint32 count, uint256 seed, uint256 index, bytes32 leaf) external {
        Book memory book = commitHonest(count, seed);
        Submission memory submission = Books.submission(book);
        // Eight in a row, round the end.
        for (uint256 step = 0; step < 8; step++) {
            uint256 i = ((seed % lot.itemCount) + step) % lot.itemCount;
            expectNoFault(FaultKind.EmptyLeaf, i);
            _prove(book, submission, book.leaves[i], i);
            expectNotInTree(i);
            _prove(book, submission, PAD, i);
            expectNotInTree(i);
            _prove(book, submission, EMPTY, i);
        }
        index = bound(index, book.leaves.length, 200);
        expectNotInTree(index);
        _prove(book, submission, PAD, index);
        expectNoFault(FaultKind.EmptyLeaf, index);
        _prove(book, submission, leaf, index);
        assertStatus(lot, LotStatus.Submitted);
    }

    // ---------------------------------------------------------------- proven

    function testFuzz_slashes_anyLeafOfAnyLot(uint32 count, uint256 seed, uint256 index, bool pad) external {
        reopen(count, seed);
        index = bound(index, 0, lot.itemCount - 1);
        bytes32 leaf = pad ? PAD : EMPTY;
        Book memory book = _emptied(leaf, index);
        Submission memory submission = commit(book);
        expectProven(FaultKind.EmptyLeaf, index, stranger);
        vm.prank(stranger);
        _prove(book, submission, leaf, index);
        assertSlashed(stranger);
    }

    function _emptied(bytes32 leaf, uint256 index) private view returns (Book memory book) {
        book = honestBook();
        book.leaves[index] = leaf;
    }

    function _prove(Book memory book, Submission memory submission, bytes32 leaf, uint256 index) private {
        faults.proveEmptyLeaf(lot, submission, index, leaf, Books.pathOf(book.leaves, index));
    }
}
