// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a model is. Immutable: its hash is its id.
struct ModelSpec {
    string name;
    /// @dev sha256 of the GGUF file.
    bytes32 weightsHash;
    uint64 sizeBytes;
    string quantization;
    uint32 contextTokens;
    /// @dev sha256 of the chat template's UTF-8 bytes, zero if the file has none.
    bytes32 chatTemplateHash;
    string licence;
    /// @dev Hash of engine, sampler and tolerances (PROOF.md, "Class").
    bytes32 classHash;
}

/// @title Published models
/// @notice Publishing is permissionless and stores nothing: the event is the record. Who publishes proves nothing about
/// a model; clients go by what they trust.
contract ModelRegistry {
    event ModelPublished(bytes32 indexed modelId, address indexed publisher, ModelSpec spec);

    bytes32 private constant MODEL_SPEC_TYPEHASH = keccak256(
        "ModelSpec(string name,bytes32 weightsHash,uint64 sizeBytes,string quantization,uint32 contextTokens,bytes32 chatTemplateHash,string licence,bytes32 classHash)"
    );

    /// @notice Announces a model. Anyone; repeating it is harmless.
    function publish(ModelSpec calldata spec) external returns (bytes32 modelId) {
        modelId = modelIdOf(spec);
        emit ModelPublished(modelId, msg.sender, spec);
    }

    /// @notice The EIP-712 struct hash of `spec`.
    function modelIdOf(ModelSpec calldata spec) public pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    MODEL_SPEC_TYPEHASH,
                    keccak256(bytes(spec.name)),
                    spec.weightsHash,
                    spec.sizeBytes,
                    keccak256(bytes(spec.quantization)),
                    spec.contextTokens,
                    spec.chatTemplateHash,
                    keccak256(bytes(spec.licence)),
                    spec.classHash
                )
            );
    }
}
