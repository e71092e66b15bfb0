// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {Faults} from "../../../contracts/Faults.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Market} from "../../../contracts/Market.sol";
import {ModelRegistry} from "../../../contracts/ModelRegistry.sol";
import {Parameters} from "../../../contracts/Parameters.sol";
import {TestUSD} from "../../../contracts/mocks/TestUSD.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, Submission} from "../../../contracts/types/Lot.sol";
import {ModelSpec} from "../../../contracts/types/ModelSpec.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Item, Receipt, Totals} from "../../../contracts/types/Receipt.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {VectorsTest} from "../helpers/VectorsTest.sol";
import {vm} from "../helpers/Vm.sol";

contract HashesTest is VectorsTest {
    /// @dev Stands at the address and on the chain of the vectors' domain.
    Market private _market;

    function setUp() external {
        load("hashes");
        vm.chainId(readUint(".domain", ".chainId"));
        Parameters parameters = new Parameters(
            address(1),
            address(0),
            5,
            Defaults.parameters(),
            Defaults.courtParameters()
        );
        Market deployed = new Market(
            new TestUSD(),
            parameters,
            address(1),
            new Faults(),
            ICourt(address(0)),
            IBackers(address(0))
        );
        _market = Market(vm.parseJsonAddress(json, ".domain.verifyingContract"));
        vm.etch(address(_market), address(deployed).code);
    }

    function test_jobId_matchesItsVectors() external view {
        for (uint256 i = 0; i < _casesOf(".jobId", 3); i++) {
            string memory key = item(".jobId", i);
            address buyer = vm.parseJsonAddress(json, string.concat(key, ".input.buyer"));
            assertEq(_market.jobIdOf(buyer, readUint(key, ".input.nonce")), readHash(key, ".hash"), key);
        }
    }

    function test_hashJob_matchesItsVectors() external view {
        for (uint256 i = 0; i < _casesOf(".job", 3); i++) {
            Job memory job = abi.decode(_input(".job", i), (Job));
            _assertHash(Hashes.hashJob(job), ".job", i);
            _assertHash(this.hashJobCalldata(job), ".job", i);
        }
    }

    /// @dev Only the limits differ, whatever else a job says.
    function testFuzz_hashJobRaised_isTheHashOfTheRaisedJob(
        Job memory job,
        uint64 prompt,
        uint64 output
    ) external view {
        bytes32 hash = this.hashJobRaised(job, prompt, output);
        (job.request.promptLimitPerMillion, job.request.outputLimitPerMillion) = (prompt, output);
        assertEq(hash, Hashes.hashJob(job));
        assertEq(hash, this.hashJobCalldata(job));
    }

    function test_lotId_matchesItsVectors() external view {
        for (uint256 i = 0; i < _casesOf(".lot", 3); i++) {
            Lot memory lot = abi.decode(_input(".lot", i), (Lot));
            _assertHash(Hashes.lotId(lot), ".lot", i);
            _assertHash(this.lotIdCalldata(lot), ".lot", i);
        }
    }

    function testFuzz_lotId_isTheSameFromMemoryAndCalldata(Lot memory lot) external view {
        assertEq(Hashes.lotId(lot), this.lotIdCalldata(lot));
    }

    function test_offerId_matchesItsVectors() external view {
        for (uint256 i = 0; i < _casesOf(".offer", 3); i++) {
            Offer memory offer = abi.decode(_input(".offer", i), (Offer));
            _assertHash(_digest(this.hashOffer(offer)), ".offer", i);
            _assertHash(_market.offerIdOf(offer), ".offer", i);
        }
    }

    function test_postOffer_namesAnOfferAsItsVectorDoes() external {
        Offer memory offer = abi.decode(_input(".offer", 0), (Offer));
        vm.prank(offer.provider);
        _assertHash(_market.postOffer(offer), ".offer", 0);
    }

    function test_hashItem_matchesItsVectors() external view {
        for (uint256 i = 0; i < _casesOf(".item", 3); i++) {
            _assertHash(Hashes.hashItem(abi.decode(_input(".item", i), (Item))), ".item", i);
        }
    }

    function test_hashReceipt_matchesItsVectors() external view {
        for (uint256 i = 0; i < _casesOf(".receipt", 3); i++) {
            _assertHash(Hashes.hashReceipt(abi.decode(_input(".receipt", i), (Receipt))), ".receipt", i);
        }
    }

    function test_hashReceiptLeaf_matchesItsVectors() external view {
        for (uint256 i = 0; i < _casesOf(".receiptLeaf", 3); i++) {
            (bytes32 receipt, Totals memory totals) = abi.decode(_input(".receiptLeaf", i), (bytes32, Totals));
            _assertHash(Hashes.hashReceiptLeaf(receipt, totals), ".receiptLeaf", i);
        }
    }

    function test_commitment_matchesItsVectors() external view {
        for (uint256 i = 0; i < _casesOf(".commitment", 2); i++) {
            string memory key = item(".commitment", i);
            Lot memory lot = abi.decode(readStruct(string.concat(key, ".lot")), (Lot));
            Submission memory submission = abi.decode(readStruct(string.concat(key, ".submission")), (Submission));
            bytes32 digest = Hashes.resultsDigest(submission);
            assertEq(digest, readHash(key, ".resultsDigest"), key);
            _assertHash(Hashes.commitment(Hashes.lotId(lot), digest, submission.totals), ".commitment", i);
        }
    }

    function test_modelId_matchesItsVectors() external {
        ModelRegistry registry = new ModelRegistry();
        for (uint256 i = 0; i < _casesOf(".modelSpec", 3); i++) {
            string memory key = string.concat(item(".modelSpec", i), ".input");
            ModelSpec memory spec = ModelSpec({
                name: vm.parseJsonString(json, string.concat(key, ".name")),
                weightsHash: readHash(key, ".weightsHash"),
                sizeBytes: uint64(readUint(key, ".sizeBytes")),
                quantization: vm.parseJsonString(json, string.concat(key, ".quantization")),
                contextTokens: uint32(readUint(key, ".contextTokens")),
                chatTemplateHash: readHash(key, ".chatTemplateHash"),
                licence: vm.parseJsonString(json, string.concat(key, ".licence")),
                classHash: readHash(key, ".classHash")
            });
            _assertHash(registry.modelIdOf(spec), ".modelSpec", i);
        }
    }

    // ---------------------------------------------------------------- helpers

    function hashOffer(Offer calldata offer) external pure returns (bytes32) {
        return Hashes.hashOffer(offer);
    }

    function hashJobCalldata(Job calldata job) external pure returns (bytes32) {
        return Hashes.hashJobCalldata(job);
    }

    function hashJobRaised(Job calldata job, uint64 prompt, uint64 output) external pure returns (bytes32) {
        return Hashes.hashJobRaised(job, prompt, output);
    }

    function lotIdCalldata(Lot calldata lot) external pure returns (bytes32) {
        return Hashes.lotIdCalldata(lot);
    }

    /// @dev As EIP-712 has it, under the domain that the Market itself reports.
    function _digest(bytes32 structHash) private view returns (bytes32) {
        (, string memory name, string memory version, uint256 chainId, address verifier, , ) = _market.eip712Domain();
        bytes32 typeHash = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        bytes32 domain = keccak256(
            abi.encode(typeHash, keccak256(bytes(name)), keccak256(bytes(version)), chainId, verifier)
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    /// @dev A vector that went missing would pass unseen in a loop.
    function _casesOf(string memory key, uint256 expected) private view returns (uint256) {
        assertEq(lengthOf(key), expected, key);
        return expected;
    }

    function _input(string memory key, uint256 i) private view returns (bytes memory) {
        return readStruct(string.concat(item(key, i), ".input"));
    }

    function _assertHash(bytes32 actual, string memory key, uint256 i) private view {
        assertEq(actual, readHash(item(key, i), ".hash"), item(key, i));
    }
}
