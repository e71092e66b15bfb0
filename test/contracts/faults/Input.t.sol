// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {FaultKind, PlacedReceipt} from "../../../contracts/types/Fault.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {ProofTest} from "./ProofTest.sol";

contract ProveInputTest is ProofTest(FaultKind.Input) {
    function prove(
        Book memory,
        Lot memory ofLot,
        Submission memory submission,
        uint256 index,
        PlacedReceipt memory placed
    ) internal override {
        // Other indices than the lot's are refused before the input is read.
        uint256 item = index < LOT_ITEMS || index < lot.itemCount ? lot.firstItem + index : 0;
        faults.proveInput(job, ofLot, submission, index, placed, inputLeaves[item], Books.pathOf(inputLeaves, item));
    }

    function spoil(Book memory book, uint256 index) internal pure override {
        book.receipts[index].inputLeaf = keccak256("a cheaper item");
        Books.seal(book);
    }

    // ---------------------------------------------------------------- refused

    function test_refusesOtherTermsOfTheJob() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        for (uint256 word = 0; word < 19; word++) {
            Job memory other = abi.decode(flip(abi.encode(job), word), (Job));
            bytes32 jobId = market.jobIdOf(other.buyer, other.request.nonce);
            vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
            _prove(book, submission, other, inputLeaves[FIRST_ITEM + INDEX], FIRST_ITEM + INDEX);
        }
    }

    function test_attack_anotherJobOfTheSameBuyer() external {
        Book memory book = honestBook();
        Submission memory submission = commit(book);
        openJob(JOB_ITEMS, SEED + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IFaults.Faults_OtherJob.selector,
                lot.jobId,
                market.jobIdOf(buyer, job.request.nonce)
            )
        );
        _prove(book, submission, job, inputLeaves[FIRST_ITEM + INDEX], FIRST_ITEM + INDEX);
    }

    function test_refusesAnotherItemsLeafOrPath() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        for (uint256 item = 0; item < JOB_ITEMS; item++) {
            if (item == FIRST_ITEM + INDEX) continue;
            expectNotInTree(FIRST_ITEM + INDEX);
            _prove(book, submission, job, inputLeaves[item], item);
            expectNotInTree(FIRST_ITEM + INDEX);
            _prove(book, submission, job, inputLeaves[FIRST_ITEM + INDEX], item);
        }
        expectNotInTree(FIRST_ITEM + INDEX);
        _prove(book, submission, job, keccak256("no item"), FIRST_ITEM + INDEX);
    }

    /// @dev The buyer proves that another item stands in another place of its own tree, which is true, and no fault.
    function testFuzz_attack_noLeafOfTheInputTreeSlashesAnHonestProvider(
        uint32 count,
        uint256 seed,
        uint256 index,
        uint256 item
    ) external {
        Book memory book = commitHonest(count, seed);
        Submission memory submission = Books.submission(book);
        index = bound(index, 0, lot.itemCount - 1);
        item = bound(item, 0, inputLeaves.length - 1);
        if (item == lot.firstItem + index) expectNoFault(KIND, index);
        else expectNotInTree(lot.firstItem + index);
        faults.proveInput(
            job,
            lot,
            submission,
            index,
            Books.placed(book, index),
            inputLeaves[item],
            Books.pathOf(inputLeaves, item)
        );
        assertStatus(lot, LotStatus.Submitted);
    }

    // ---------------------------------------------------------------- proven

    function test_slashes_anotherItemOfTheJob() external {
        Book memory book = honestBook();
        book.receipts[INDEX].inputLeaf = inputLeaves[FIRST_ITEM];
        Books.seal(book);
        Submission memory submission = commit(book);
        expectProven(KIND, INDEX, address(this));
        prove(book, submission);
        assertSlashed(address(this));
    }

    function test_slashes_underTermsThatWereToppedUp() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        vm.prank(buyer);
        market.topUp(job, job.request.promptLimitPerMillion + 1, job.request.outputLimitPerMillion, new Lot[](0));
        job.request.promptLimitPerMillion++;
        expectProven(KIND, INDEX, address(this));
        prove(book, submission);
        assertSlashed(address(this));
    }

    function _prove(
        Book memory book,
        Submission memory submission,
        Job memory ofJob,
        bytes32 leaf,
        uint256 item
    ) private {
        faults.proveInput(
            ofJob,
            lot,
            submission,
            INDEX,
            Books.placed(book, INDEX),
            leaf,
            Books.pathOf(inputLeaves, item)
        );
    }
}
