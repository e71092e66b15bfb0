// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes, Item, Receipt, Totals} from "../../../contracts/libraries/Hashes.sol";
import {ModelRegistry, ModelSpec} from "../../../contracts/ModelRegistry.sol";
import {Market} from "../../../contracts/Market.sol";
import {TestUSD} from "../../../contracts/mocks/TestUSD.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, Submission} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {VectorsTest} from "../helpers/VectorsTest.sol";
import {vm} from "../helpers/Vm.sol";

contract HashesTest is VectorsTest {
    /// @dev Stands at the address and on the chain of the vectors' domain.
    Market private _market;

    function setUp() external {
        load("hashes");
        vm.chainId(readUint(".domain", ".chainId"));
        Market deployed = new Market(new TestUSD(), Defaults.parameters(address(1)));
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
        }
    }

    function test_lotId_matchesItsVectors() external view {
        for (uint256 i = 0; i < _casesOf(".lot", 3); i++) {
            Lot memory lot = abi.decode(_input(".lot", i), (Lot));
            _assertHash(Hashes.lotId(lot), ".lot", i);
        }
    }

    function test_offerId_matchesItsVectors() external view {
        for (uint256 i = 0; i < _casesOf(".offer", 3); i++) {
            Offer memory offer = abi.decode(_input(".offer", i), (Offer));
            _assertHash(_digest(this.hashOffer(offer)), ".offer", i);
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
            _assertHash(_digest(this.hashCommitment(lot, submission)), ".commitment", i);
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

    function hashCommitment(Lot calldata lot, Submission calldata submission) external pure returns (bytes32) {
        return Hashes.hashCommitment(Hashes.lotId(lot), lot, submission);
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
