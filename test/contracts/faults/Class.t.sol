// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {FaultKind, PlacedReceipt} from "../../../contracts/types/Fault.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, Submission} from "../../../contracts/types/Lot.sol";
import {ModelSpec} from "../../../contracts/types/ModelSpec.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {ProofTest} from "./ProofTest.sol";

contract ProveClassTest is ProofTest(FaultKind.Class) {
    function prove(
        Book memory,
        Lot memory ofLot,
        Submission memory submission,
        uint256 index,
        PlacedReceipt memory placed
    ) internal override {
        faults.proveClass(job, ofLot, submission, index, placed, spec());
    }

    function spoil(Book memory book, uint256 index) internal pure override {
        book.receipts[index].classHash = keccak256("a cheaper class");
        Books.seal(book);
    }

    function test_refusesOtherTermsOfTheJob() external {
        Book memory book = faultyBook();
        Submission memory submission = commit(book);
        for (uint256 word = 0; word < 19; word++) {
            Job memory other = abi.decode(flip(abi.encode(job), word), (Job));
            bytes32 jobId = market.jobIdOf(other.buyer, other.request.nonce);
            vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
            faults.proveClass(other, lot, submission, INDEX, Books.placed(book, INDEX), spec());
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
        faults.proveClass(job, lot, submission, INDEX, Books.placed(book, INDEX), spec());
    }

    /// @dev Anyone can publish a spec with the same name and another class: it is another model.
    function test_attack_aSpecThatDiffersInAnyField() external {
        Book memory book = honestBook();
        Submission memory submission = commit(book);
        for (uint256 field = 0; field < 8; field++) {
            ModelSpec memory other = spec();
            if (field == 0) other.name = "tinY";
            if (field == 1) other.weightsHash = 0;
            if (field == 2) other.sizeBytes++;
            if (field == 3) other.quantization = "";
            if (field == 4) other.contextTokens++;
            if (field == 5) other.chatTemplateHash = 0;
            if (field == 6) other.licence = "MIT";
            if (field == 7) other.classHash = keccak256("another class");
            vm.expectRevert(
                abi.encodeWithSelector(
                    IFaults.Faults_OtherModel.selector,
                    registry.modelIdOf(other),
                    job.request.modelId
                )
            );
            faults.proveClass(job, lot, submission, INDEX, Books.placed(book, INDEX), other);
        }
    }
}
