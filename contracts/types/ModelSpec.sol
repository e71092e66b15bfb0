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

using ModelSpecs for ModelSpec global;

/// @title A model's id
library ModelSpecs {
    bytes32 private constant MODEL_SPEC_TYPEHASH = keccak256(
        "ModelSpec(string name,bytes32 weightsHash,uint64 sizeBytes,string quantization,uint32 contextTokens,bytes32 chatTemplateHash,string licence,bytes32 classHash)"
    );

    /// @notice The EIP-712 struct hash of a spec.
    function modelId(ModelSpec calldata self) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    MODEL_SPEC_TYPEHASH,
                    keccak256(bytes(self.name)),
                    self.weightsHash,
                    self.sizeBytes,
                    keccak256(bytes(self.quantization)),
                    self.contextTokens,
                    self.chatTemplateHash,
                    keccak256(bytes(self.licence)),
                    self.classHash
                )
            );
    }
}
