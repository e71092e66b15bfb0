// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ModelSpec} from "./types/ModelSpec.sol";

/// @notice A statement about a model: an evaluation, a calibration, a review of its licence.
struct Attestation {
    /// @dev What it is about, in a word that readers agree on: "calibration", "evaluation", "licence".
    string kind;
    /// @dev sha256 of the document; zero if there is none.
    bytes32 contentHash;
    /// @dev Where the document is, if it is anywhere.
    string uri;
    /// @dev In a sentence, for people.
    string summary;
}

/// @title Published models, and what is said of them
/// @notice Publishing and attesting are permissionless and store nothing: the events are the record. Who publishes or
/// attests proves nothing about a model; clients go by whom they trust.
contract ModelRegistry {
    event ModelPublished(bytes32 indexed modelId, address indexed publisher, ModelSpec spec);
    /// @notice The newest attestation of one kind by one attester is the one that holds.
    event ModelAttested(bytes32 indexed modelId, address indexed attester, Attestation attestation);
    /// @notice What `attester` said of this kind holds no longer.
    event AttestationRevoked(bytes32 indexed modelId, address indexed attester, string kind);

    /// @notice Announces a model. Anyone; repeating it is harmless.
    function publish(ModelSpec calldata spec) external returns (bytes32 modelId) {
        modelId = spec.modelId();
        emit ModelPublished(modelId, msg.sender, spec);
    }

    /// @notice States something about a model, published or not. Anyone, in their own name.
    function attest(bytes32 modelId, Attestation calldata attestation) external {
        emit ModelAttested(modelId, msg.sender, attestation);
    }

    /// @notice Takes back one's own attestation of this kind. Harmless if there is none.
    function revoke(bytes32 modelId, string calldata kind) external {
        emit AttestationRevoked(modelId, msg.sender, kind);
    }

    /// @notice The EIP-712 struct hash of `spec`.
    function modelIdOf(ModelSpec calldata spec) external pure returns (bytes32) {
        return spec.modelId();
    }
}
