// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Attestation, ModelRegistry, ModelSpec} from "../../contracts/ModelRegistry.sol";
import {Test} from "./helpers/Test.sol";
import {vm} from "./helpers/Vm.sol";

contract ModelRegistryTest is Test {
    ModelRegistry private _registry;

    function setUp() external {
        _registry = new ModelRegistry();
    }

    function test_publish_announcesTheModel() external {
        address publisher = makeAddr("publisher");
        bytes32 expected = _registry.modelIdOf(_spec());
        vm.expectEmit(address(_registry));
        emit ModelRegistry.ModelPublished(expected, publisher, _spec());
        vm.prank(publisher);
        assertEq(_registry.publish(_spec()), expected);
    }

    function test_publish_isHarmlessToRepeat() external {
        assertEq(_registry.publish(_spec()), _registry.publish(_spec()));
    }

    function test_attest_isInTheAttestersName() external {
        bytes32 modelId = _registry.modelIdOf(_spec());
        address attester = makeAddr("attester");
        vm.expectEmit(address(_registry));
        emit ModelRegistry.ModelAttested(modelId, attester, _attestation());
        vm.prank(attester);
        _registry.attest(modelId, _attestation());
    }

    function test_revoke_takesBackOnesOwn() external {
        bytes32 modelId = _registry.modelIdOf(_spec());
        address attester = makeAddr("attester");
        vm.expectEmit(address(_registry));
        emit ModelRegistry.AttestationRevoked(modelId, attester, "calibration");
        vm.prank(attester);
        _registry.revoke(modelId, "calibration");
    }

    function test_modelIdOf_bindsEveryField() external view {
        bytes32[9] memory ids;
        ModelSpec memory spec = _spec();
        ids[0] = _registry.modelIdOf(spec);
        spec.name = "another";
        ids[1] = _registry.modelIdOf(spec);
        spec.weightsHash = keccak256("other weights");
        ids[2] = _registry.modelIdOf(spec);
        spec.sizeBytes++;
        ids[3] = _registry.modelIdOf(spec);
        spec.quantization = "F16";
        ids[4] = _registry.modelIdOf(spec);
        spec.contextTokens++;
        ids[5] = _registry.modelIdOf(spec);
        spec.chatTemplateHash = keccak256("other template");
        ids[6] = _registry.modelIdOf(spec);
        spec.licence = "MIT";
        ids[7] = _registry.modelIdOf(spec);
        spec.classHash = keccak256("other class");
        ids[8] = _registry.modelIdOf(spec);
        for (uint256 i = 0; i < ids.length; i++) {
            for (uint256 j = 0; j < i; j++) assertTrue(ids[i] != ids[j], "one id for two models");
        }
    }

    /// @dev Strings are hashed one by one: moving a letter across a border makes another model.
    function test_modelIdOf_keepsStringsApart() external view {
        ModelSpec memory spec = _spec();
        (spec.name, spec.quantization) = ("ab", "c");
        bytes32 first = _registry.modelIdOf(spec);
        (spec.name, spec.quantization) = ("a", "bc");
        assertTrue(first != _registry.modelIdOf(spec), "one id for two models");
    }

    function _spec() private pure returns (ModelSpec memory) {
        return
            ModelSpec({
                name: "model",
                weightsHash: keccak256("weights"),
                sizeBytes: 1,
                quantization: "Q8_0",
                contextTokens: 512,
                chatTemplateHash: keccak256("template"),
                licence: "Apache-2.0",
                classHash: keccak256("class")
            });
    }

    function _attestation() private pure returns (Attestation memory) {
        return
            Attestation({
                kind: "calibration",
                contentHash: keccak256("report"),
                uri: "ipfs://report",
                summary: "Honest spread over five CPUs; 0 of 2,000 held-out items above the thresholds."
            });
    }
}
